/* What the checker says of one side and not of the other, and what one of them destroys. */
#include "plan/diff_compare.h"

#include "base/arena.h"
#include "base/diagnostic.h"
#include "lang/value.h"
#include "plan/plan.h"

#include <string.h>

/* ---- findings ---- */

/* A place is no part of what is said: a step that stands some lines further down is as it was. */
static bool same_finding(const struct diagnostic *a, const struct diagnostic *b)
{
    return a->code == b->code && strcmp(a->message, b->message) == 0;
}

static size_t count_of(const struct diagnostics *diagnostics, const struct diagnostic *finding,
                       size_t until)
{
    size_t count = 0;
    for (size_t i = 0; i < until; i++)
        count += same_finding(diagnostics->list.at[i], finding);
    return count;
}

/* Those of ALL that OTHER has less often. */
static void alone(struct arena *arena, const struct diagnostics *all,
                  const struct diagnostics *other, struct list *into)
{
    for (uint32_t i = 0; all != NULL && i < all->list.count; i++) {
        struct diagnostic *finding = all->list.at[i];
        size_t there = other ? count_of(other, finding, other->list.count) : 0;
        if (count_of(all, finding, i) >= there)
            list_add(arena, into, finding);
    }
}

/* ---- what is destroyed ---- */

struct gathering {
    struct arena *arena;
    struct map resources; /* text to the step's name */
};

static void gather(void *context, struct plan_step *step)
{
    struct gathering *gathering = context;
    const struct value *all = step->when != 0 ? step->destroys : NULL;
    if (all == NULL || all->kind != VALUE_LIST)
        return;
    for (size_t i = 0; i < all->list.count; i++)
        map_put(gathering->arena, &gathering->resources,
                value_print(gathering->arena, all->list.at[i]), (void *)(uintptr_t)step->name);
}

static struct map destroyed_by(struct arena *arena, const struct plan *plan)
{
    struct gathering gathering = {.arena = arena};
    plan_visit(&plan->steps, gather, &gathering);
    plan_visit(&plan->on_failure, gather, &gathering);
    return gathering.resources;
}

static void only_in(struct arena *arena, const struct map *all, const struct map *other,
                    struct list *into)
{
    for (uint32_t i = 0; i < all->count; i++)
        if (map_get(other, all->at[i].key) == NULL)
            list_add(
                arena, into,
                arena_format(arena, "%s, by %s", all->at[i].key, (const char *)all->at[i].value));
}

void compare_proofs(struct arena *arena, struct diff *diff)
{
    alone(arena, diff->new.diagnostics, diff->old.diagnostics, &diff->found);
    alone(arena, diff->old.diagnostics, diff->new.diagnostics, &diff->gone);
    if (diff->old.plan == NULL || diff->new.plan == NULL)
        return;
    struct map was = destroyed_by(arena, diff->old.plan), is = destroyed_by(arena, diff->new.plan);
    only_in(arena, &is, &was, &diff->destroyed);
    only_in(arena, &was, &is, &diff->spared);
}
