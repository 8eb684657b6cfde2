/* git. */
#include "draft/command.h"

#include "base/arena.h"

#include <string.h>

/* FIRST as the step that looks the commit of REF up; where it is read. */
static const char *resolved(struct draft *draft, struct draft_step *first, const char *ref,
                            const char *id)
{
    struct branch *map = order_action(draft, first, "git.resolve", id);
    order_put(draft, map, "ref", ref);
    order_dir(draft, map, "dir");
    first->effect = DRAFT_READS;
    return arena_format(draft->arena, "${steps.%s.commit}", first->id);
}

/* The full id is looked up first: what git.reset takes is a commit, not a name that may move. */
static bool make_reset(struct draft *draft, const struct order *order, struct draft_step *step)
{
    size_t hard = order_has(order, "--hard");
    if (!order_plain(order) || order->sudo || hard != 2 || order->count > 4)
        return false;
    const char *ref = order->count == 4 ? order->words[3] : "HEAD";
    if (!order_named(ref, "_./-"))
        return false;
    const char *title = step->title, *id = step->id;
    step->title = NULL;
    step->id = "";
    draft_note(draft, step,
               "changed: git.reset refuses while there is work that is not committed; git.save "
               "keeps that on a branch");
    const char *commit = resolved(draft, step, ref, "commit to go to");
    struct draft_step *reset = order_more(draft, step);
    reset->title = title;
    reset->id = id;
    struct branch *map = order_action(draft, reset, "git.reset", "git reset");
    order_put(draft, map, "commit", commit);
    order_dir(draft, map, "dir");
    return true;
}

static bool make_push(struct draft *draft, const struct order *order, struct draft_step *step)
{
    const char *names[2] = {NULL, NULL};
    size_t count = 0;
    bool forced = false;
    for (size_t i = 2; i < order->count; i++) {
        const char *word = order->words[i];
        bool force = strcmp(word, "--force-with-lease") == 0 || strcmp(word, "--force") == 0 ||
                     strcmp(word, "-f") == 0;
        forced = forced || force;
        if (!force && (word[0] == '-' || count == 2 || strchr(word, ':') != NULL))
            return false;
        if (!force)
            names[count++] = word;
    }
    if (!order_plain(order) || order->sudo || !forced || count != 2 ||
        !order_named(names[0], "_.-") || !order_named(names[1], "_./-"))
        return false;
    const char *title = step->title, *id = step->id;
    step->title = NULL;
    step->id = "";
    draft_note(draft, step,
               "git.push names the commit at which the remote must stand: a bare lease passes "
               "after any fetch. TODO: is it agreed with the team? If not, `approve`");
    draft->counts.decide++;
    const char *commit = resolved(draft, step, names[1], "commit to push");
    struct draft_step *remote = order_more(draft, step);
    struct branch *map = order_action(draft, remote, "git.remote_commit", "remote stands at");
    order_put(draft, map, "remote", names[0]);
    order_put(draft, map, "branch", names[1]);
    order_dir(draft, map, "dir");
    remote->effect = DRAFT_READS;
    struct draft_step *push = order_more(draft, step);
    push->title = title;
    push->id = id;
    map = order_action(draft, push, "git.push", "git push");
    order_put(draft, map, "commit", commit);
    order_put(draft, map, "expected", arena_format(draft->arena, "${steps.%s.commit}", remote->id));
    order_put(draft, map, "remote", names[0]);
    order_put(draft, map, "branch", names[1]);
    order_dir(draft, map, "dir");
    return true;
}

static bool make_fetch(struct draft *draft, const struct order *order, struct draft_step *step)
{
    bool named = order->count > 2 && order->words[2][0] != '-';
    for (size_t i = named ? 3 : 2; i < order->count; i++)
        if (strcmp(order->words[i], "--tags") != 0)
            return false;
    if (!order_plain(order) || order->sudo || (named && !order_named(order->words[2], "_.-")))
        return false;
    struct branch *map = order_action(draft, step, "git.fetch", "git fetch");
    if (named)
        order_put(draft, map, "remote", order->words[2]);
    order_dir(draft, map, "dir");
    return true;
}

const struct recogniser git_recognisers[] = {
    {"git reset", make_reset},
    {"git push", make_push},
    {"git fetch", make_fetch},
    {NULL, NULL},
};
