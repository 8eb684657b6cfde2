/* Checks where they belong: `verify` of the change before them, or one `wait` for all of them. */
#include "draft/draft_own.h"

#include "base/arena.h"

#include <string.h>

static const char NO_TIME[] = "30s"; /* where the document gives none */

struct folding {
    struct draft *draft;
    struct list steps; /* what there was */
    size_t at;
    struct list *into;
};

static struct draft_step *step_at(const struct folding *folding, size_t at)
{
    return at < folding->steps.count ? folding->steps.at[at] : NULL;
}

/* A check has neither id nor effect; its title, unless SAID, and notes stand above it. */
static struct branch *check_of(struct draft *draft, const struct draft_step *step, const char *said)
{
    struct branch *check = branch_map(draft->arena);
    branch_put(draft->arena, check, step->action, step->argument);
    for (size_t i = 0; i < step->keys->items.count; i++)
        if (strcmp(step->keys->keys.at[i], "effect") != 0)
            branch_put(draft->arena, check, step->keys->keys.at[i], step->keys->items.at[i]);
    if (step->title != NULL && (said == NULL || strcmp(said, step->title) != 0))
        list_add(draft->arena, &check->notes, (void *)(uintptr_t)step->title);
    for (size_t i = 0; i < step->notes.count; i++)
        list_add(draft->arena, &check->notes, step->notes.at[i]);
    return check;
}

/* Takes the checks from here on. */
static struct branch *take_checks(struct folding *folding, const char *said)
{
    struct branch *checks = branch_list(folding->draft->arena);
    for (;;) {
        const struct draft_step *step = step_at(folding, folding->at);
        if (step == NULL || step->role != ROLE_CHECK)
            return checks;
        branch_add(folding->draft->arena, checks, check_of(folding->draft, step, said));
        said = step->title;
        folding->at++;
    }
}

static struct branch *check_block(struct folding *folding, const struct draft_step *sleep,
                                  const char *said)
{
    struct draft *draft = folding->draft;
    struct branch *block = branch_map(draft->arena);
    struct branch *within = branch_put(draft->arena, block, "within",
                                       branch_text(draft->arena, sleep ? sleep->seconds : NO_TIME));
    if (sleep != NULL) {
        for (size_t i = 0; i < sleep->notes.count; i++)
            list_add(draft->arena, &within->notes, sleep->notes.at[i]);
        list_add(draft->arena, &within->notes,
                 (void *)(uintptr_t) "changed: it is asked until it holds, at most that long");
    } else {
        list_add(draft->arena, &within->notes,
                 (void *)(uintptr_t) "TODO: the document gives no time; how long may it take?");
        draft->counts.decide++;
    }
    branch_put(draft->arena, block, "checks", take_checks(folding, said));
    return block;
}

/* A script that is called a test or a check changes nothing that it could be verified of. */
static bool is_test(const struct draft_step *step)
{
    static const char *const words[] = {"test", "check", "verify", "report", "status"};
    const struct branch *argv = step->argument;
    argv = argv->kind == BRANCH_MAP ? branch_get(argv, "argv") : argv;
    const struct branch *first = argv != NULL && argv->kind == BRANCH_LIST && argv->items.count > 0
                                     ? argv->items.at[0]
                                     : NULL;
    for (size_t i = 0; first != NULL && i < sizeof words / sizeof *words; i++)
        if (strcmp(step->action, "exec") == 0 && strstr(first->text, words[i]) != NULL)
            return true;
    return false;
}

/* The change that is being verified: the step right before. */
static struct draft_step *change_before(const struct folding *folding)
{
    struct draft_step *last =
        folding->into->count > 0 ? folding->into->at[folding->into->count - 1] : NULL;
    bool changes = last != NULL && last->role == ROLE_ACTION && last->action != NULL &&
                   last->effect != DRAFT_READS && last->verify == NULL &&
                   last->outer == folding->draft->group && !folding->draft->verifying &&
                   !is_test(last);
    return changes ? last : NULL;
}

static void add_wait(struct folding *folding, const struct draft_step *sleep,
                     struct draft_step *first)
{
    struct draft *draft = folding->draft;
    struct draft_step *wait = draft_step_new(draft);
    wait->id = first->id;
    wait->title = first->title;
    wait->outer = first->outer;
    wait->line = first->line;
    wait->action = "wait";
    wait->effect = DRAFT_READS;
    wait->argument = check_block(folding, sleep, first->title);
    list_add(draft->arena, folding->into, wait);
}

/* What is probably waited for: the services that were started last. */
static const char *awaited(struct draft *draft, const struct list *before)
{
    const struct draft_step *last = before->count > 0 ? before->at[before->count - 1] : NULL;
    bool up = last != NULL && last->action != NULL && strcmp(last->action, "compose.up") == 0;
    const struct branch *services = up ? branch_get(last->argument, "services") : NULL;
    struct buffer names = {0};
    if (services == NULL)
        return "…";
    for (size_t i = 0; i < services->items.count; i++)
        buffer_format(&names, "%s%s", i > 0 ? ", " : "",
                      ((const struct branch *)services->items.at[i])->text);
    const char *made = arena_format(draft->arena, "{compose.healthy: {project: …, services: [%s]}}",
                                    names.at ? names.at : "");
    buffer_free(&names);
    return made;
}

static void take_sleep(struct folding *folding)
{
    struct draft *draft = folding->draft;
    struct draft_step *sleep = step_at(folding, folding->at);
    struct draft_step *next = step_at(folding, folding->at + 1);
    struct draft_step *change = change_before(folding);
    if (next == NULL || next->role != ROLE_CHECK) {
        draft_todo(draft, sleep,
                   "a time is a hope: what is waited for? wait: {within: %s, checks: [%s]}",
                   sleep->seconds, awaited(draft, folding->into));
        list_add(draft->arena, folding->into, sleep);
        folding->at++;
        return;
    }
    folding->at++;
    if (change != NULL)
        change->verify = check_block(folding, sleep, change->title);
    else
        add_wait(folding, sleep, next);
}

static void take_check(struct folding *folding)
{
    struct draft *draft = folding->draft;
    struct draft_step *check = step_at(folding, folding->at);
    struct draft_step *next = step_at(folding, folding->at + 1);
    struct draft_step *change = change_before(folding);
    bool several = next != NULL && next->role == ROLE_CHECK;
    if (change != NULL) {
        change->verify = check_block(folding, NULL, change->title);
    } else if (several || draft->verifying) {
        add_wait(folding, NULL, check);
    } else {
        list_add(draft->arena, folding->into, check);
        folding->at++;
    }
}

/* Steps with one title are told apart by their number. */
static void number_run(struct draft *draft, const struct list *run)
{
    for (size_t i = 0; run->count > 1 && i < run->count; i++) {
        struct draft_step *step = run->at[i];
        step->title = arena_format(draft->arena, "%s (%zu of %u)", step->title, i + 1, run->count);
    }
}

static void number_titles(struct draft *draft, const struct list *steps)
{
    struct list run = {0};
    for (size_t i = 0; i < steps->count; i++) {
        struct draft_step *step = steps->at[i];
        const struct draft_step *first = run.count > 0 ? run.at[0] : NULL;
        if (step->role == ROLE_NOTE)
            continue;
        bool same = first != NULL && step->title != NULL && strcmp(first->title, step->title) == 0;
        if (!same) {
            number_run(draft, &run);
            run.count = 0;
        }
        if (step->title != NULL)
            list_add(draft->arena, &run, step);
    }
    number_run(draft, &run);
}

void draft_fold(struct draft *draft, struct draft_step *group, size_t first)
{
    struct folding folding = {.draft = draft, .into = &group->inner};
    for (size_t i = first; i < group->inner.count; i++)
        list_add(draft->arena, &folding.steps, group->inner.at[i]);
    group->inner.count = (uint32_t)first;
    /* What stands before the block was not done a moment ago. */
    struct list own = {0};
    folding.into = &own;
    while (folding.at < folding.steps.count) {
        struct draft_step *step = step_at(&folding, folding.at);
        if (step->role == ROLE_SLEEP)
            take_sleep(&folding);
        else if (step->role == ROLE_CHECK)
            take_check(&folding);
        else {
            list_add(draft->arena, &own, step);
            folding.at++;
        }
    }
    number_titles(draft, &own);
    for (size_t i = 0; i < own.count; i++)
        list_add(draft->arena, &group->inner, own.at[i]);
}
