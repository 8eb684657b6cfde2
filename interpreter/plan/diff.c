#include "plan/diff_compare.h"

#include "base/arena.h"
#include "lang/action.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *title;
} weights[WEIGHT_COUNT] = {
    [WEIGHT_WEAKENED] = {"weakened", "safety weakened"},
    [WEIGHT_DESTROYS] = {"destroys", "destroys or changes more"},
    [WEIGHT_CHANGED] = {"changed", "done differently"},
    [WEIGHT_STRENGTHENED] = {"strengthened", "safety strengthened"},
    [WEIGHT_WORDS] = {"words", "words only"},
};

const char *weight_name(enum weight weight)
{
    return weights[weight].name;
}

const char *weight_title(enum weight weight)
{
    return weights[weight].title;
}

const char *change_kind_name(enum change_kind kind)
{
    static const char *const names[] = {
        [CHANGE_ADDED] = "added",     [CHANGE_REMOVED] = "removed", [CHANGE_CHANGED] = "changed",
        [CHANGE_RAISED] = "raised",   [CHANGE_LOWERED] = "lowered", [CHANGE_LOOSER] = "looser",
        [CHANGE_TIGHTER] = "tighter", [CHANGE_RENAMED] = "renamed", [CHANGE_MOVED] = "moved",
        [CHANGE_BESIDE] = "beside",   [CHANGE_WAITS] = "waits",
    };
    return names[kind];
}

bool diff_empty(const struct diff *diff)
{
    return diff->changes.count == 0 && diff->findings.count == 0 && diff->destroyed.count == 0 &&
           diff->spared.count == 0;
}

/* ---- what is used ---- */

static const char *names_of(struct arena *arena, const struct list *by)
{
    const char *names = NULL;
    for (uint32_t i = 0; i < by->count && i < 5; i++)
        names = arena_format(arena, "%s%s%s", names ? names : "", names ? ", " : "",
                             (const char *)by->at[i]);
    if (by->count > 5)
        names = arena_format(arena, "%s and %u more", names, by->count - 5);
    return names;
}

static void compare_used(struct comparison *comparison, const char *name, const struct used *used)
{
    struct arena *arena = comparison->arena;
    struct comparison inner = *comparison;
    bool action = used->new_action != NULL;
    if (action && used->old_action->digest != NULL && used->new_action->digest != NULL &&
        strcmp(used->old_action->digest, used->new_action->digest) == 0)
        return;
    inner.scope = name;
    inner.used_by = names_of(arena, &used->by);
    inner.renames = (struct list){0};
    struct spot spot = {.noun = "", .path = "", .sense = 1, .trait = trait_plain(JUDGE_PLAIN)};
    compare_facts(
        &inner, &spot,
        action ? fact_action(arena, used->old_action) : fact_runbook(arena, used->old_runbook),
        action ? fact_action(arena, used->new_action) : fact_runbook(arena, used->new_runbook));
    comparison->uses = inner.uses;
}

/* ---- the order in which it is told ---- */

static int by_weight(const void *a, const void *b)
{
    const struct change *first = *(const struct change *const *)a;
    const struct change *second = *(const struct change *const *)b;
    if (first->weight != second->weight)
        return first->weight < second->weight ? -1 : 1;
    bool one = first->scope != NULL, other = second->scope != NULL;
    if (one != other)
        return one ? 1 : -1;
    int scope = one ? strcmp(first->scope, second->scope) : 0;
    if (scope != 0)
        return scope;
    struct mark m = first->new.source ? first->new : first->old;
    struct mark n = second->new.source ? second->new : second->old;
    if (m.start != n.start)
        return m.start < n.start ? -1 : 1;
    return first < second ? -1 : first > second;
}

static void finish(struct diff *diff)
{
    for (uint32_t i = 0; i < diff->changes.count; i++)
        diff->counts[((const struct change *)diff->changes.at[i])->weight]++;
    if (diff->changes.count > 1)
        qsort(diff->changes.at, diff->changes.count, sizeof(void *), by_weight);
}

const struct diff *diff_make(struct arena *arena, const struct diff_side *old,
                             const struct diff_side *new)
{
    struct diff *diff = arena_alloc(arena, sizeof *diff);
    struct comparison comparison = {.arena = arena, .diff = diff};
    struct spot spot = {.noun = "", .path = "", .sense = 1, .trait = trait_plain(JUDGE_PLAIN)};
    diff->old = *old;
    diff->new = *new;
    if (old->runbook != NULL && new->runbook != NULL)
        compare_facts(&comparison, &spot, fact_runbook(arena, old->runbook),
                      fact_runbook(arena, new->runbook));
    for (uint32_t i = 0; i < comparison.uses.count; i++)
        compare_used(&comparison, comparison.uses.at[i].key, comparison.uses.at[i].value);
    compare_proofs(arena, diff);
    finish(diff);
    return diff;
}
