/* Two graphs of steps. A step is who it is by its name; one that is gone and one that is new with
 * the same content is renamed. */
#include "plan/diff_compare.h"

#include "base/arena.h"

#include <string.h>

static const char *full_name(struct comparison *comparison, const struct spot *spot, const char *id)
{
    return spot->step ? arena_format(comparison->arena, "%s/%s", spot->step, id) : id;
}

static const struct fact *step_fact(const struct fact *steps, size_t at)
{
    return steps->members.at[at].value;
}

enum { MOST_GUESSES = 1000 }; /* steps that are gone and new: beyond, none is taken for another */

/* The step of NEW with another name that is what OLD was; NULL: none, or several. */
static const struct fact *find_renamed(const struct fact *old_steps, const struct fact *new_steps,
                                       const struct fact *old)
{
    const struct fact *found = NULL;
    for (uint32_t i = 0; i < new_steps->members.count; i++) {
        const struct fact *new = step_fact(new_steps, i);
        if (fact_find(old_steps, new->key) != NULL || !fact_equal(old, new, false))
            continue;
        if (found != NULL)
            return NULL;
        found = new;
    }
    return found;
}

static void add_rename(struct comparison *comparison, const struct fact *old,
                       const struct fact *new)
{
    struct rename *rename = arena_alloc(comparison->arena, sizeof *rename);
    rename->from = arena_format(comparison->arena, "steps.%s", old->key);
    rename->to = arena_format(comparison->arena, "steps.%s", new->key);
    list_add(comparison->arena, &comparison->renames, rename);
}

static void match_renamed(struct comparison *comparison, const struct fact *old,
                          const struct fact *new, const struct fact **match)
{
    struct map taken = {0};
    for (uint32_t i = 0; i < old->members.count; i++) {
        const struct fact *before = step_fact(old, i);
        const struct fact *found = match[i] ? NULL : find_renamed(old, new, before);
        if (found == NULL ||
            !map_put(comparison->arena, &taken, found->key, (void *)(uintptr_t)found))
            continue;
        match[i] = found;
        add_rename(comparison, before, found);
    }
}

/* Each of OLD's steps and what it is in NEW, or NULL. */
static const struct fact **match_steps(struct comparison *comparison, const struct fact *old,
                                       const struct fact *new)
{
    size_t count = old->members.count, gone = 0;
    const struct fact **match = arena_alloc(comparison->arena, (count + 1) * sizeof *match);
    for (size_t i = 0; i < count; i++) {
        match[i] = fact_find(new, step_fact(old, i)->key);
        gone += match[i] == NULL;
    }
    if (gone > 0 && gone < MOST_GUESSES && new->members.count - (count - gone) < MOST_GUESSES)
        match_renamed(comparison, old, new, match);
    return match;
}

static void tell_renamed(struct comparison *comparison, const struct spot *spot,
                         const struct fact *old, const struct fact *new)
{
    struct change *change = change_add(
        comparison, spot, CHANGE_RENAMED, WEIGHT_CHANGED,
        arena_format(comparison->arena, "renamed; it was '%s', and is else the same", old->key));
    change->was = old->key;
    change->is = new->key;
    change->old = old->mark;
    change->new = new->mark;
}

static struct spot spot_of_step(struct comparison *comparison, const struct spot *spot,
                                const struct fact *old, const struct fact *new)
{
    const struct fact *one = new ? new : old;
    return (struct spot){.step = full_name(comparison, spot, one->key),
                         .old = old ? old->step : NULL,
                         .new = new ? new->step : NULL,
                         .noun = "",
                         .path = "",
                         .sense = 1,
                         .trait = one->trait};
}

void compare_steps(struct comparison *comparison, const struct spot *spot, const struct fact *old,
                   const struct fact *new)
{
    struct arena *arena = comparison->arena;
    const struct fact **match = match_steps(comparison, old, new);
    const struct step **steps = arena_alloc(arena, (old->members.count + 1) * sizeof *steps);
    struct map known = {0};
    for (uint32_t i = 0; i < old->members.count; i++) {
        const struct fact *before = step_fact(old, i);
        struct spot inner = spot_of_step(comparison, spot, before, match[i]);
        steps[i] = match[i] ? match[i]->step : NULL;
        if (match[i] == NULL) {
            weigh_step(comparison, &inner, before, NULL);
            continue;
        }
        map_put(arena, &known, match[i]->key, (void *)(uintptr_t)before);
        if (strcmp(before->key, match[i]->key) != 0)
            tell_renamed(comparison, &inner, before, match[i]);
        compare_facts(comparison, &inner, before, match[i]);
    }
    for (uint32_t i = 0; i < new->members.count; i++) {
        const struct fact *now = step_fact(new, i);
        struct spot inner = spot_of_step(comparison, spot, NULL, now);
        if (map_get(&known, now->key) == NULL)
            weigh_step(comparison, &inner, NULL, now);
    }
    compare_order(comparison, spot, old->steps, new->steps, steps);
}
