/* Steps that left one place and came to another as they were: put into a group, taken out of one.
 */
#include "plan/diff_compare.h"

#include "base/arena.h"

#include <string.h>

enum { MOST_LONE = 500 }; /* of one side: beyond, none is taken for another */

/* A step that only one side has, or one inside it. */
struct spotted {
    const struct fact *fact;
    const char *name;
    struct lone *lone;
    bool direct; /* it is the lone one itself */
    bool found;  /* it is there on the other side */
};

void moved_note(struct comparison *comparison, const struct fact *fact, bool new,
                struct change *change)
{
    struct lone *lone = arena_alloc(comparison->arena, sizeof *lone);
    *lone = (struct lone){fact, change};
    list_add(comparison->arena, new ? &comparison->fresh : &comparison->gone, lone);
}

static void spot_all(struct arena *arena, const struct fact *fact, const char *name,
                     struct lone *lone, struct list *into)
{
    const struct fact *steps = fact_find(fact_find(fact, "action"), "steps");
    struct spotted *spotted = arena_alloc(arena, sizeof *spotted);
    *spotted = (struct spotted){fact, name, lone, fact == lone->fact, false};
    list_add(arena, into, spotted);
    for (uint32_t i = 0; steps != NULL && i < steps->members.count; i++) {
        const struct fact *inner = steps->members.at[i].value;
        spot_all(arena, inner, arena_format(arena, "%s/%s", name, inner->key), lone, into);
    }
}

static struct list spotted_of(struct arena *arena, const struct list *lones)
{
    struct list all = {0};
    for (uint32_t i = 0; i < lones->count && lones->count < MOST_LONE; i++) {
        struct lone *lone = lones->at[i];
        spot_all(arena, lone->fact, lone->change->step, lone, &all);
    }
    return all;
}

static struct spotted *find_same(const struct list *all, const struct spotted *wanted)
{
    for (uint32_t i = 0; i < all->count; i++) {
        struct spotted *one = all->at[i];
        if (!one->found && strcmp(one->fact->key, wanted->fact->key) == 0 &&
            fact_equal(one->fact, wanted->fact, false))
            return one;
    }
    return NULL;
}

static void tell_moved(struct arena *arena, struct change *change, const char *how,
                       const char *name)
{
    change->kind = CHANGE_MOVED;
    change->weight = WEIGHT_CHANGED;
    change->says = arena_format(arena, "%s '%s', and is else as it was", how, name);
}

/* A group of nothing but what was there (or that left nothing behind) destroys no more than it did.
 */
static void tell_group(struct arena *arena, const struct list *all, const struct spotted *group)
{
    size_t inner = 0, found = 0;
    for (uint32_t i = 0; i < all->count; i++) {
        const struct spotted *one = all->at[i];
        inner += one->lone == group->lone && !one->direct;
        found += one->lone == group->lone && !one->direct && one->found;
    }
    if (inner == 0 || inner != found || group->found)
        return;
    /* What is now done at times, or may fail, was done always, and had to succeed. */
    bool milder = fact_find(group->fact, "tolerate") || fact_find(group->fact, "when");
    bool new = group->lone->change->kind == CHANGE_ADDED;
    group->lone->change->weight = !milder ? WEIGHT_CHANGED
                                  : new   ? WEIGHT_WEAKENED
                                          : WEIGHT_STRENGTHENED;
    group->lone->change->says = arena_format(
        arena, "%s; all that is in it is there on the other side too", group->lone->change->says);
}

void compare_moved(struct comparison *comparison)
{
    struct arena *arena = comparison->arena;
    struct list gone = spotted_of(arena, &comparison->gone);
    struct list fresh = spotted_of(arena, &comparison->fresh);
    for (uint32_t i = 0; i < gone.count; i++) {
        struct spotted *old = gone.at[i], *new = find_same(&fresh, old);
        if (new == NULL || (!old->direct && !new->direct))
            continue;
        old->found = new->found = true;
        old->lone->change->new = old->direct ? new->fact->mark : old->lone->change->new;
        new->lone->change->old = new->direct ? old->fact->mark : new->lone->change->old;
        if (old->direct)
            tell_moved(arena, old->lone->change, "moved to", new->name);
        else
            tell_moved(arena, new->lone->change, "moved here from", old->name);
        if (old->direct && new->direct)
            new->lone->change->weight = WEIGHT_COUNT; /* is told already */
    }
    for (uint32_t i = 0; i < fresh.count; i++)
        tell_group(arena, &fresh, fresh.at[i]);
    for (uint32_t i = 0; i < gone.count; i++)
        tell_group(arena, &gone, gone.at[i]);
}
