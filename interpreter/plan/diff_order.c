/* What comes before what, of the steps that both sides have. Told is what really changed in the
 * graph, by the least that explains it: a step that was put in between changes what the next one
 * needs, and nothing else. */
#include "plan/diff_compare.h"

#include "base/arena.h"
#include "base/graph.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_PAIRS = 4 * 1000 * 1000 }; /* of steps that are looked at one by one */

struct order {
    struct comparison *comparison;
    const struct spot *spot;
    const struct steps *old, *new;
    const struct step *const *match; /* place in old to step of new */
    const struct step **back;        /* place in new to step of old, or NULL */
    bool *moved;                     /* by place in new: it left its place among the others */
};

static bool before_in(const struct steps *steps, const struct step *a, const struct step *b)
{
    return graph_before(steps->graph, a->index, b->index);
}

/* ---- who moved: all but a longest run of steps that kept their order ---- */

static size_t place_for(const size_t *tops, size_t length, const size_t *at, size_t value)
{
    size_t low = 0, high = length;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (at[tops[middle]] < value)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void find_moved(struct order *order)
{
    struct arena *arena = order->comparison->arena;
    size_t count = order->old->order.count, length = 0;
    size_t *at = arena_alloc(arena, (count + 1) * sizeof *at);
    size_t *tops = arena_alloc(arena, (count + 1) * sizeof *tops);
    size_t *previous = arena_alloc(arena, (count + 1) * sizeof *previous);
    for (size_t i = 0; i < count; i++) {
        if (order->match[i] == NULL)
            continue;
        at[i] = order->match[i]->index;
        order->moved[at[i]] = true;
        size_t place = place_for(tops, length, at, at[i]);
        previous[i] = place > 0 ? tops[place - 1] : SIZE_MAX;
        tops[place] = i;
        length = place == length ? length + 1 : length;
    }
    for (size_t i = length ? tops[length - 1] : SIZE_MAX; i != SIZE_MAX; i = previous[i])
        order->moved[at[i]] = false;
}

/* ---- what a step needs, of those that both sides have ---- */

struct wanted {
    bool *seen; /* by place in its own steps */
    struct list steps;
};

static void collect(struct order *order, const struct step *step, bool old, struct wanted *wanted)
{
    struct list stack = {0};
    struct arena *arena = order->comparison->arena;
    list_add(arena, &stack, (void *)(uintptr_t)step);
    while (stack.count > 0) {
        const struct step *at = stack.at[--stack.count];
        for (uint32_t i = 0; i < at->needs.count; i++) {
            const struct step *need = at->needs.at[i];
            if (wanted->seen[need->index])
                continue;
            wanted->seen[need->index] = true;
            bool common =
                old ? order->match[need->index] != NULL : order->back[need->index] != NULL;
            list_add(arena, common ? &wanted->steps : &stack, (void *)(uintptr_t)need);
        }
    }
}

static struct wanted needs_of(struct order *order, const struct step *step, bool old)
{
    size_t count = old ? order->old->order.count : order->new->order.count;
    struct wanted wanted = {.seen = calloc(count + 1, sizeof(bool))};
    if (wanted.seen == NULL)
        memory_exhausted(count);
    collect(order, step, old, &wanted);
    free(wanted.seen);
    return wanted;
}

static bool needs_same(const struct order *order, const struct step *old, const struct step *new)
{
    if (old->needs.count != new->needs.count)
        return false;
    for (uint32_t i = 0; i < old->needs.count; i++) {
        const struct step *now = order->match[((const struct step *)old->needs.at[i])->index];
        bool found = false;
        for (uint32_t j = 0; j < new->needs.count; j++)
            found = found || new->needs.at[j] == now;
        if (now == NULL || !found)
            return false;
    }
    return true;
}

/* ---- telling ---- */

static void tell(struct order *order, const struct step *old, const struct step *new,
                 enum change_kind kind, enum weight weight, const char *says)
{
    struct arena *arena = order->comparison->arena;
    const char *outer = order->spot->step;
    struct spot spot = {.step = outer ? arena_format(arena, "%s/%s", outer, new->id) : new->id,
                        .old = old,
                        .new = new,
                        .noun = "",
                        .path = "needs",
                        .trait = order->spot->trait};
    struct change *change = change_add(order->comparison, &spot, kind, weight, says);
    change->old = old->mark;
    change->new = new->mark;
}

/* FIRST now runs before SECOND, which ran before it. */
static void tell_reversed(struct order *order, const struct step *first, const struct step *second)
{
    struct arena *arena = order->comparison->arena;
    bool destroys = first->effect == EFFECT_DESTROY;
    enum weight weight = destroys ? WEIGHT_WEAKENED : WEIGHT_CHANGED;
    if (order->moved[first->index] && !order->moved[second->index])
        tell(order, order->back[first->index], first, CHANGE_MOVED, weight,
             arena_format(arena, "now runs before '%s'; it ran after it%s", second->id,
                          destroys ? ", and it destroys" : ""));
    else
        tell(order, order->back[second->index], second, CHANGE_MOVED, weight,
             arena_format(arena, "now runs after '%s'%s; it ran before it", first->id,
                          destroys ? ", which destroys" : ""));
}

static void tell_gained(struct order *order, const struct step *old, const struct step *new)
{
    struct wanted wanted = needs_of(order, new, false);
    struct arena *arena = order->comparison->arena;
    const char *names = NULL;
    for (uint32_t i = 0; i < wanted.steps.count; i++) {
        const struct step *need = wanted.steps.at[i], *was = order->back[need->index];
        if (before_in(order->old, was, old))
            continue;
        if (before_in(order->old, old, was))
            tell_reversed(order, need, new);
        else
            names = names ? arena_format(arena, "%s, '%s'", names, need->id)
                          : arena_format(arena, "'%s'", need->id);
    }
    if (names != NULL)
        tell(order, old, new, CHANGE_WAITS, WEIGHT_STRENGTHENED,
             arena_format(arena, "now waits for %s; they could run at the same time", names));
}

/* Does something that OLD waited for directly no longer come before? */
static bool lost_one(struct order *order, const struct step *old, const struct step *new)
{
    struct wanted wanted = needs_of(order, old, true);
    for (uint32_t i = 0; i < wanted.steps.count; i++) {
        const struct step *need = wanted.steps.at[i], *now = order->match[need->index];
        if (!before_in(order->new, now, new) && !before_in(order->new, new, now))
            return true;
    }
    return false;
}

static void tell_lost(struct order *order, const struct step *old, const struct step *new)
{
    struct arena *arena = order->comparison->arena;
    const char *names = NULL;
    size_t count = 0;
    if (!lost_one(order, old, new))
        return;
    for (size_t i = 0; i < order->old->order.count; i++) {
        const struct step *was = order->old->order.at[i], *now = order->match[i];
        if (now == NULL || now == new || !before_in(order->old, was, old) ||
            before_in(order->new, now, new) || before_in(order->new, new, now))
            continue;
        count++;
        if (count <= 5)
            names = names ? arena_format(arena, "%s, '%s'", names, now->id)
                          : arena_format(arena, "'%s'", now->id);
    }
    if (count > 5)
        names = arena_format(arena, "%s and %zu more", names, count - 5);
    tell(order, old, new, CHANGE_BESIDE, WEIGHT_WEAKENED,
         arena_format(arena, "no longer waits for %s: %s", names,
                      new->needs.count == 0 ? "it starts at once"
                                            : "they can run at the same time"));
}

static size_t count_changed(const struct order *order)
{
    size_t changed = 0;
    for (size_t i = 0; i < order->old->order.count; i++)
        changed +=
            order->match[i] != NULL && !needs_same(order, order->old->order.at[i], order->match[i]);
    return changed;
}

/* Nobody reads thousands of sentences, or waits until they are found. */
static void tell_many(struct order *order, size_t changed)
{
    change_add(order->comparison, order->spot, CHANGE_MOVED, WEIGHT_WEAKENED,
               arena_format(order->comparison->arena,
                            "%zu steps need other steps than before: compare the two graphs",
                            changed));
}

void compare_order(struct comparison *comparison, const struct spot *spot, const struct steps *old,
                   const struct steps *new, const struct step *const *match)
{
    struct arena *arena = comparison->arena;
    struct order order = {comparison, spot, old, new, match, NULL, NULL};
    if (old->sorted == NULL || new->sorted == NULL)
        return; /* a circle: the checker tells of it */
    order.back = arena_alloc(arena, (new->order.count + 1) * sizeof *order.back);
    order.moved = arena_alloc(arena, new->order.count + 1);
    for (size_t i = 0; i < old->order.count; i++)
        if (match[i] != NULL)
            order.back[match[i]->index] = old->order.at[i];
    find_moved(&order);
    size_t changed = count_changed(&order);
    if (changed * old->order.count > MOST_PAIRS) {
        tell_many(&order, changed);
        return;
    }
    for (size_t i = 0; i < old->order.count; i++) {
        const struct step *before = old->order.at[i], *now = match[i];
        if (now == NULL || needs_same(&order, before, now))
            continue;
        tell_gained(&order, before, now);
        tell_lost(&order, before, now);
    }
}
