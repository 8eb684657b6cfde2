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

static void compare_inside(struct comparison *inner, const struct used *used)
{
    struct arena *arena = inner->arena;
    struct spot spot = {.noun = "", .path = "", .sense = 1, .trait = trait_plain(JUDGE_PLAIN)};
    bool action = used->new_action != NULL;
    compare_facts(
        inner, &spot,
        action ? fact_action(arena, used->old_action) : fact_runbook(arena, used->old_runbook),
        action ? fact_action(arena, used->new_action) : fact_runbook(arena, used->new_runbook));
}

/* Of one that is told by itself: that it changed, as gravely as its gravest change. */
static void tell_apart(struct comparison *comparison, const char *by, const struct used *used)
{
    struct diff scratch = {0};
    struct comparison inner = *comparison;
    struct spot spot = {.noun = "", .path = "", .trait = trait_plain(JUDGE_PLAIN)};
    enum weight gravest = WEIGHT_WORDS;
    inner.diff = &scratch;
    inner.uses = (struct map){0};
    compare_inside(&inner, used);
    for (uint32_t i = 0; i < scratch.changes.count; i++) {
        const struct change *change = scratch.changes.at[i];
        gravest = change->weight < gravest ? change->weight : gravest;
    }
    if (gravest == WEIGHT_WORDS)
        return;
    struct change *change =
        change_add(comparison, &spot, CHANGE_CHANGED, gravest,
                   arena_format(comparison->arena, "%s, called by %s, is changed: see there",
                                source_name(used->new_runbook->source), by));
    change->path = "call";
    change->old = used->old_runbook->mark;
    change->new = used->new_runbook->mark;
}

static bool is_same_action(const struct used *used)
{
    const struct action *old = used->old_action, *new = used->new_action;
    return new != NULL &&
           old->digest != NULL &&new->digest != NULL &&strcmp(old->digest, new->digest) == 0;
}

static void compare_used(struct comparison *comparison, const char *name, const struct used *used)
{
    struct comparison inner = *comparison;
    const char *by = names_of(comparison->arena, &used->by);
    if (is_same_action(used))
        return;
    inner.renames = inner.gone = inner.fresh = (struct list){0};
    if (used->new_runbook != NULL && comparison->apart != NULL &&
        map_get(comparison->apart, source_name(used->new_runbook->source)) != NULL) {
        tell_apart(&inner, by, used);
        return;
    }
    inner.scope = name;
    inner.used_by = by;
    compare_inside(&inner, used);
    compare_moved(&inner);
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
    uint32_t kept = 0;
    for (uint32_t i = 0; i < diff->changes.count; i++) {
        struct change *change = diff->changes.at[i];
        if (change->weight == WEIGHT_COUNT)
            continue;
        diff->changes.at[kept++] = change;
        diff->counts[change->weight]++;
    }
    diff->changes.count = kept;
    if (diff->changes.count > 1)
        qsort(diff->changes.at, diff->changes.count, sizeof(void *), by_weight);
}

const struct diff *diff_make(struct arena *arena, const struct diff_side *old,
                             const struct diff_side *new, const struct map *apart)
{
    struct diff *diff = arena_alloc(arena, sizeof *diff);
    struct comparison comparison = {.arena = arena, .diff = diff, .apart = apart};
    struct spot spot = {.noun = "", .path = "", .sense = 1, .trait = trait_plain(JUDGE_PLAIN)};
    diff->old = *old;
    diff->new = *new;
    if (old->runbook != NULL && new->runbook != NULL)
        compare_facts(&comparison, &spot, fact_runbook(arena, old->runbook),
                      fact_runbook(arena, new->runbook));
    compare_moved(&comparison);
    for (uint32_t i = 0; i < comparison.uses.count; i++)
        compare_used(&comparison, comparison.uses.at[i].key, comparison.uses.at[i].value);
    compare_proofs(arena, diff);
    finish(diff);
    return diff;
}
