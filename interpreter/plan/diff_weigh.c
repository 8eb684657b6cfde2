/* What a change means, and the sentence that tells it. */
#include "plan/diff_compare.h"

#include "base/arena.h"
#include "lang/action.h"
#include "lang/value.h"
#include "lang/yaml.h"

#include <string.h>

enum { BRIEF = 90, LABEL = 70 }; /* characters of a value, of a check in a sentence */

/* ---- values in sentences ---- */

/* TEXT in one line, cut at LIMIT characters. */
static const char *brief(struct arena *arena, const char *text, size_t limit)
{
    struct buffer line = {0};
    size_t shown = 0;
    for (; *text != '\0' && shown < limit; text++) {
        bool space = *text == '\n' || *text == '\t';
        shown += ((unsigned char)*text & 0xc0) != 0x80;
        buffer_add(&line, space ? " " : text, 1);
    }
    while (((unsigned char)*text & 0xc0) == 0x80) /* no character in halves */
        buffer_add(&line, text++, 1);
    if (*text != '\0')
        buffer_text(&line, "…");
    const char *copy = arena_copy(arena, line.at ? line.at : "", line.length);
    buffer_free(&line);
    return copy;
}

static const char *joined_labels(struct arena *arena, const struct fact *list, const char *between)
{
    const char *all = "";
    for (uint32_t i = 0; i < list->members.count; i++)
        all = arena_format(arena, "%s%s%s", all, i ? between : "",
                           fact_label(arena, list->members.at[i].value));
    return all;
}

/* "3 steps: a, b, c" */
static const char *step_names(struct arena *arena, const struct fact *steps)
{
    unsigned count = steps->members.count;
    const char *names = "";
    for (uint32_t i = 0; i < count && i < 6; i++)
        names = arena_format(arena, "%s%s%s", names, i ? ", " : "", steps->members.at[i].key);
    return arena_format(arena, "%u step%s: %s%s", count, count == 1 ? "" : "s", names,
                        count > 6 ? " …" : "");
}

const char *fact_label(struct arena *arena, const struct fact *fact)
{
    const struct fact *action = fact_find(fact, "action");
    const struct fact *any = fact_find(fact, "any"), *not = fact_find(fact, "not");
    const struct fact *checks = fact_find(fact, "checks");
    if (fact->kind == FACT_MAP && action != NULL)
        fact = action;
    if (fact->kind == FACT_NODE && fact->text != NULL)
        return arena_format(arena, "%s %s", fact->text,
                            brief(arena, fact_shown(arena, fact), LABEL));
    if (fact->kind == FACT_USE && map_get(&fact->members, "steps") != NULL)
        return arena_format(arena, "a group of %s", step_names(arena, fact_find(fact, "steps")));
    if (fact->kind == FACT_USE && map_get(&fact->members, "checks") != NULL)
        return arena_format(arena, "wait for %s",
                            brief(arena, fact_label(arena, fact_find(fact, "checks")), LABEL));
    if (any != NULL)
        return arena_format(arena, "any of %s",
                            brief(arena, joined_labels(arena, any, "; "), LABEL));
    if (not != NULL)
        return arena_format(arena, "not %s", brief(arena, joined_labels(arena, not, "; "), LABEL));
    if (checks != NULL)
        return joined_labels(arena, checks, "; ");
    if (fact->kind == FACT_STEPS)
        return step_names(arena, fact);
    if (fact->kind == FACT_LIST && fact->members.count > 0)
        return joined_labels(arena, fact, fact_find(fact, "1")->kind == FACT_MAP ? "; " : ", ");
    return brief(arena, fact_shown(arena, fact), LABEL);
}

/* What stands at one side, in a sentence. */
static const char *told(struct arena *arena, const struct fact *fact)
{
    const char *text = fact->kind == FACT_SCALAR
                           ? (fact->text[0] ? brief(arena, fact->text, BRIEF) : "''")
                           : brief(arena, fact_label(arena, fact), BRIEF);
    return fact->standard ? arena_format(arena, "%s (the default)", text) : text;
}

/* ---- which way it went ---- */

static bool ordered(const struct value *a, const struct value *b)
{
    if (a == NULL || b == NULL || a->kind != b->kind)
        return false;
    return a->kind == VALUE_INT || a->kind == VALUE_FLOAT || a->kind == VALUE_DURATION ||
           a->kind == VALUE_SIZE;
}

static enum change_kind kind_of(struct comparison *comparison, const struct spot *spot,
                                const struct fact *old, const struct fact *new)
{
    if (old == NULL || new == NULL)
        return old ? CHANGE_REMOVED : CHANGE_ADDED;
    if (spot->trait->judge == JUDGE_EXPECT && old->matcher != NULL && new->matcher != NULL)
        return compare_matchers(comparison->arena, old->matcher, new->matcher);
    if (spot->trait->judge == JUDGE_EFFECT)
        return strcmp(old->text, new->text) != 0 &&
                       (strcmp(new->text, "destroy") == 0 || strcmp(old->text, "read") == 0)
                   ? CHANGE_RAISED
                   : CHANGE_LOWERED;
    if (ordered(old->value, new->value))
        return value_compare(old->value, new->value) < 0 ? CHANGE_RAISED : CHANGE_LOWERED;
    return CHANGE_CHANGED;
}

/* 1: there is more of it; -1: less; 0: it is another. */
static int more_of(enum change_kind kind)
{
    switch (kind) {
    case CHANGE_ADDED:
    case CHANGE_RAISED:
    case CHANGE_TIGHTER:
        return 1;
    case CHANGE_REMOVED:
    case CHANGE_LOWERED:
    case CHANGE_LOOSER:
        return -1;
    case CHANGE_CHANGED:
    case CHANGE_RENAMED:
    case CHANGE_MOVED:
    case CHANGE_BESIDE:
    case CHANGE_WAITS:
        break;
    }
    return 0;
}

static bool is_present(enum change_kind kind)
{
    return kind == CHANGE_ADDED || kind == CHANGE_REMOVED;
}

static enum effect effect_of(const struct spot *spot)
{
    enum effect old = spot->old ? spot->old->effect : EFFECT_READ;
    enum effect new = spot->new ? spot->new->effect : EFFECT_READ;
    return old > new ? old : new;
}

/* Is it there to find out or to keep, so that without it the rest is less safe? */
static bool is_guard(const struct step *step)
{
    const char *action = step->use.action ? step->use.action->name : "";
    const struct expectation *usual = step->use.action ? step->use.action->expect : NULL;
    bool keeps =
        step->protects.count > 0 || (step->use.action && step->use.action->protects.count > 0);
    bool asks = step->effect == EFFECT_READ &&
                (step->verify || step->preconditions ||
                 (step->expect != usual && step->expect && !step->expect->anything));
    return keeps || asks || step->approve || strcmp(action, "assert") == 0 ||
           strcmp(action, "manual") == 0 ||
           (strcmp(action, "wait") == 0 && map_get(&step->use.arguments, "checks") != NULL);
}

/* What is only done at times is weaker where it guards, and stronger where it destroys. */
static int when_safety(const struct spot *spot, enum change_kind kind)
{
    const struct step *step = spot->new ? spot->new : spot->old;
    bool entry = step != NULL && step->holder != NULL;
    if (!entry && effect_of(spot) == EFFECT_DESTROY)
        return kind == CHANGE_ADDED ? 1 : -1;
    return step != NULL && (entry || is_guard(step)) ? -more_of(kind) : 0;
}

static const char *last_key(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot ? dot + 1 : path;
}

/* Is it an element of a list, and not the list as a whole? */
static bool is_element(const struct spot *spot)
{
    const char *last = last_key(spot->path);
    return last != spot->path && last[0] >= '0' && last[0] <= '9';
}

/* 1: safer; -1: less safe; 0: neither, or nobody can tell. */
static int safety_of(const struct spot *spot, enum change_kind kind)
{
    int more = more_of(kind), sense = spot->sense ? spot->sense : 1;
    switch (spot->trait->judge) {
    case JUDGE_GUARD:
        return is_present(kind) ? more : 0;
    case JUDGE_LICENCE:
        return is_present(kind) ? -more : 0;
    case JUDGE_MOST: /* a limit that is new is less than none */
        return (kind == CHANGE_ADDED || kind == CHANGE_REMOVED ? more : -more) * sense;
    case JUDGE_LEAST:
        return more * sense;
    case JUDGE_WIDENS:
        return is_element(spot) ? -more : more;
    case JUDGE_RETRY:
        return effect_of(spot) == EFFECT_READ ? 0 : -more;
    case JUDGE_CHECK:
        return more * sense * (spot->any ? -1 : 1);
    case JUDGE_EXPECT:
        return more * sense;
    case JUDGE_WHEN:
        return when_safety(spot, kind);
    case JUDGE_SOURCE:
        return kind == CHANGE_CHANGED ? -1 : 0;
    case JUDGE_PLAIN:
    case JUDGE_WORDS:
    case JUDGE_NUMBER:
    case JUDGE_DESTROYS:
    case JUDGE_EFFECT:
    case JUDGE_STEPS:
    case JUDGE_STEP:
    case JUDGE_ENTRY:
        break;
    }
    return 0;
}

static enum weight weight_of(const struct spot *spot, enum change_kind kind)
{
    enum judge judge = spot->trait->judge;
    if (judge == JUDGE_WORDS || (judge == JUDGE_LICENCE && kind == CHANGE_CHANGED))
        return WEIGHT_WORDS;
    if (judge == JUDGE_EFFECT || judge == JUDGE_DESTROYS)
        return more_of(kind) < 0 ? WEIGHT_STRENGTHENED : WEIGHT_DESTROYS;
    int safety = safety_of(spot, kind);
    if (safety == 0)
        return WEIGHT_CHANGED;
    return safety < 0 ? WEIGHT_WEAKENED : WEIGHT_STRENGTHENED;
}

/* ---- sentences ---- */

static const struct {
    const char *key;
    const char *added, *removed; /* %s: what it says */
} phrases[] = {
    {"tolerate", "its failure is now tolerated: %s", "its failure is no longer tolerated"},
    {"accept_loss", "what it destroys needs no copy any more: %s",
     "what it destroys needs a copy again"},
    {"irreversible", "is now a point of no return: %s", "is no point of no return any more"},
    {"idempotent", "may now be done twice", "may no longer be done twice"},
    {"when", "is now done only when %s", "is now done always; before, only when %s"},
    {"approve", "a person is now asked: %s", "nobody is asked any more; before: %s"},
    {"by", "only %s may answer now", "whoever runs it may answer now; before, only %s"},
    {"type", "has to be typed back now: %s", "nothing has to be typed back any more; before: %s"},
    {"count", "so many must say yes now: %s", "one person is enough now; before: %s"},
    {"verify", "is now verified: %s", "is no longer verified; before: %s"},
    {"undo", "can now be taken back: %s", "can no longer be taken back; before: %s"},
    {"release", "gives back what it holds now: %s",
     "no longer gives back what it holds; before: %s"},
    {"done_if", "is now passed over when it is done already: %s",
     "is no longer passed over when it is done already: %s"},
    {"target", "the target is now asked for: %s", "the target is no longer asked for; before: %s"},
    {"lock", "one run at a time now: lock %s", "several runs at a time now: lock %s is gone"},
    {"on_failure", "what is done after a failure is new: %s",
     "nothing is done after a failure any more; before: %s"},
    {"destroys", "now destroys %s", "no longer destroys %s"},
    {"protects", "now keeps a copy of %s", "no longer keeps a copy of %s"},
    {"empty", "an empty list is now all right", "an empty list is no longer all right"},
};

/* The list that an element stands in: "destroys" of "destroys.2". */
static const char *key_of(struct arena *arena, const struct spot *spot)
{
    const char *last = last_key(spot->path);
    if (!is_element(spot))
        return last;
    return last_key(arena_copy(arena, spot->path, (size_t)(last - spot->path - 1)));
}

static const char *phrase(struct arena *arena, const struct spot *spot, enum change_kind kind,
                          const struct fact *one)
{
    const char *key = key_of(arena, spot);
    bool own = spot->trait->mapping == MAPPING_STEP || spot->trait->mapping == MAPPING_RUNBOOK ||
               spot->trait->mapping == MAPPING_ACTION || spot->trait->mapping == MAPPING_FOREACH ||
               spot->trait->mapping == MAPPING_CONDITION || spot->trait->mapping == MAPPING_APPROVE;
    size_t length = strlen(spot->noun), end = strlen(key) + 2;
    const char *around =
        length > end ? arena_format(arena, "%.*s: ", (int)(length - end), spot->noun) : "";
    if (is_present(kind) && is_element(spot) && spot->trait->mapping == MAPPING_APPROVE)
        return arena_format(arena, "%s%s %s", around, told(arena, one),
                            kind == CHANGE_ADDED ? "may answer now too" : "may no longer answer");
    for (size_t i = 0; own && is_present(kind) && i < sizeof phrases / sizeof *phrases; i++) {
        const char *form = kind == CHANGE_ADDED ? phrases[i].added : phrases[i].removed;
        const char *hole = strstr(form, "%s");
        if (strcmp(phrases[i].key, key) != 0)
            continue;
        const struct fact *ask = fact_find(one, "ask");
        if (hole != NULL && one->kind == FACT_SCALAR && strcmp(one->text, "true") == 0)
            return arena_format(arena, "%s%.*s", around, (int)strcspn(form, ";:"), form);
        return hole ? arena_format(arena, "%s%.*s%s%s", around, (int)(hole - form), form,
                                   told(arena, ask ? ask : one), hole + 2)
                    : arena_format(arena, "%s%s", around, form);
    }
    return NULL;
}

static const char *noun_of(const struct spot *spot)
{
    return spot->noun[0] ? spot->noun : "what is done";
}

static const char *of_check(struct arena *arena, const struct spot *spot, enum change_kind kind,
                            const struct fact *one)
{
    const char *noun = spot->noun[0] ? spot->noun : "it";
    if (spot->any)
        return arena_format(arena, "%s %s %s", noun,
                            kind == CHANGE_ADDED ? "now holds also when" : "no longer holds when",
                            fact_label(arena, one));
    return arena_format(arena, "%s %s %s", noun,
                        kind == CHANGE_ADDED ? "now also asks" : "no longer asks",
                        fact_label(arena, one));
}

static const char *of_expect(struct arena *arena, const struct spot *spot, enum change_kind kind,
                             const struct fact *old, const struct fact *new)
{
    if (kind == CHANGE_ADDED)
        return arena_format(arena, "%s: now also that %s", noun_of(spot), told(arena, new));
    if (kind == CHANGE_REMOVED)
        return arena_format(arena, "%s: no longer that %s", noun_of(spot), told(arena, old));
    const char *how = kind == CHANGE_LOOSER    ? "accepts more"
                      : kind == CHANGE_TIGHTER ? "accepts less"
                                               : "wants something else";
    return arena_format(arena, "%s %s: %s; before: %s", noun_of(spot), how, told(arena, new),
                        told(arena, old));
}

static const char *of_pair(struct arena *arena, const struct spot *spot, enum change_kind kind,
                           const struct fact *old, const struct fact *new, bool *detailed)
{
    const char *noun = noun_of(spot);
    if (spot->trait->judge == JUDGE_EFFECT)
        return arena_format(arena, "its effect %s from %s to %s",
                            kind == CHANGE_RAISED ? "grew" : "shrank", old->text, new->text);
    const char *whose =
        spot->trait->mapping == MAPPING_DEFAULTS ? ", wherever nothing is said" : "";
    if (kind == CHANGE_RAISED || kind == CHANGE_LOWERED)
        return arena_format(arena, "%s %s from %s to %s%s", noun,
                            kind == CHANGE_RAISED ? "raised" : "lowered", told(arena, old),
                            told(arena, new), whose);
    if (new->kind == FACT_USE || old->kind == FACT_USE)
        return arena_format(arena, "%s%sdone by another action: %s; before: %s", spot->noun,
                            spot->noun[0] ? ": " : "", told(arena, new), told(arena, old));
    *detailed = true;
    return arena_format(arena, "%s changed", noun);
}

static const char *sentence(struct arena *arena, const struct spot *spot, enum change_kind kind,
                            const struct fact *old, const struct fact *new, bool *detailed)
{
    const struct fact *one = new ? new : old;
    const char *own = phrase(arena, spot, kind, one);
    bool element = is_element(spot) && spot->noun[0] && one->trait->judge == JUDGE_PLAIN;
    if (own != NULL)
        return own;
    if (spot->trait->judge == JUDGE_SOURCE && kind == CHANGE_CHANGED) {
        *detailed = true;
        return arena_format(arena, "%s is read from elsewhere", noun_of(spot));
    }
    if (spot->trait->judge == JUDGE_EXPECT)
        return of_expect(arena, spot, kind, old, new);
    if (spot->trait->judge == JUDGE_CHECK && is_present(kind))
        return of_check(arena, spot, kind, one);
    if (spot->trait->judge == JUDGE_ENTRY && is_present(kind))
        return arena_format(arena, "%s %s: %s", spot->noun,
                            kind == CHANGE_ADDED ? "now also does" : "no longer does",
                            told(arena, one));
    if (kind == CHANGE_ADDED)
        return arena_format(arena, element ? "%s: now also %s" : "%s is new: %s", noun_of(spot),
                            told(arena, new));
    if (kind == CHANGE_REMOVED && element)
        return arena_format(arena, "%s: no longer %s", noun_of(spot), told(arena, old));
    if (kind == CHANGE_REMOVED)
        return arena_format(arena, "%s is gone; before: %s", noun_of(spot), told(arena, old));
    return of_pair(arena, spot, kind, old, new, detailed);
}

/* ---- adding ---- */

struct change *change_add(struct comparison *comparison, const struct spot *spot,
                          enum change_kind kind, enum weight weight, const char *says)
{
    struct change *change = arena_alloc(comparison->arena, sizeof *change);
    change->kind = kind;
    change->weight = weight;
    change->scope = comparison->scope;
    change->used_by = comparison->used_by;
    change->step = spot->step;
    change->path = spot->path;
    change->says = says;
    list_add(comparison->arena, &comparison->diff->changes, change);
    return change;
}

static void place(struct comparison *comparison, struct change *change, const struct fact *old,
                  const struct fact *new)
{
    if (old != NULL) {
        change->was = fact_shown(comparison->arena, old);
        change->old = old->mark;
    }
    if (new != NULL) {
        change->is = fact_shown(comparison->arena, new);
        change->new = new->mark;
    }
}

void weigh_change(struct comparison *comparison, const struct spot *spot, const struct fact *old,
                  const struct fact *new)
{
    bool detailed = false;
    enum change_kind kind = kind_of(comparison, spot, old, new);
    const char *says = sentence(comparison->arena, spot, kind, old, new, &detailed);
    struct change *change = change_add(comparison, spot, kind, weight_of(spot, kind), says);
    place(comparison, change, old, new);
    change->detailed = detailed;
}

/* Where a step that is new or gone stands among the others. */
static const char *standing(struct arena *arena, const struct step *step)
{
    const char *names = NULL;
    if (step->needs.count == 0)
        return step->index == 0 ? "first" : "starts at once";
    for (uint32_t i = 0; i < step->needs.count && i < 3; i++)
        names = arena_format(arena, "%s%s'%s'", names ? names : "after ", names ? ", " : "",
                             ((const struct step *)step->needs.at[i])->id);
    return step->needs.count > 3 ? arena_format(arena, "%s …", names) : names;
}

/* What else a reader has to know of a step that is new or gone. */
static const char *besides(struct arena *arena, const struct fact *step)
{
    static const struct {
        const char *key, *form;
    } notes[] = {{"when", "only when"},
                 {"approve", "asks"},
                 {"foreach", "for each"},
                 {"tolerate", "its failure is tolerated"}};
    const char *all = "";
    for (size_t i = 0; i < sizeof notes / sizeof *notes; i++) {
        const struct fact *fact = fact_find(step, notes[i].key);
        const struct fact *ask = fact_find(fact, "ask"), *in = fact_find(fact, "in");
        if (fact != NULL && strcmp(notes[i].key, "tolerate") == 0)
            all = arena_format(arena, "%s; %s", all, notes[i].form);
        else if (fact != NULL)
            all = arena_format(arena, "%s; %s %s", all, notes[i].form,
                               told(arena, ask  ? ask
                                           : in ? in
                                                : fact));
    }
    return all;
}

void weigh_step(struct comparison *comparison, const struct spot *spot, const struct fact *old,
                const struct fact *new)
{
    struct arena *arena = comparison->arena;
    const struct fact *one = new ? new : old;
    const struct step *step = one->step;
    enum weight weight = WEIGHT_CHANGED;
    if (is_guard(step))
        weight = new ? WEIGHT_STRENGTHENED : WEIGHT_WEAKENED;
    if (step->effect == EFFECT_DESTROY)
        weight = new ? WEIGHT_DESTROYS : weight;
    const char *destroys =
        step->effect == EFFECT_DESTROY ? (new ? ", and it destroys" : ", which destroyed") : "";
    const char *says = new ? arena_format(arena, "new, %s%s: %s%s", standing(arena, step), destroys,
                                          fact_label(arena, one), besides(arena, one))
                           : arena_format(arena, "gone%s; before: %s%s", destroys,
                                          fact_label(arena, one), besides(arena, one));
    struct change *change =
        change_add(comparison, spot, new ? CHANGE_ADDED : CHANGE_REMOVED, weight, says);
    place(comparison, change, old, new);
    moved_note(comparison, one, new != NULL, change);
}
