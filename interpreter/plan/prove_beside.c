/* RB207: two steps that can run side by side do not touch the same file or resource, if one of them
 * changes it: two changes, a change and a copy, a change and a reader. */
#include "plan/proof.h"

#include "base/arena.h"
#include "lang/term.h"
#include "lang/value.h"
#include "plan/guard.h"
#include "plan/place.h"
#include "plan/touch.h"
#include "plan/world.h"

#include <string.h>

/* All pairs are looked at of so many touches of one thing; of more, each and the next: when those
 * are in order, all are. */
#define MAX_PAIRS 64

/* Can both be in one run? Two branches of a condition can't. */
static bool both_begin(const struct proof *proof, const struct plan_step *a,
                       const struct plan_step *b)
{
    struct arena *scratch = arena_new();
    struct world *world = world_new(scratch, proof->plan, proof_names(proof));
    const struct guard *both =
        guard_and(scratch, world_begins(world, a, NULL), world_begins(world, b, NULL));
    bool can = world_possible(world, both, NULL);
    arena_free(scratch);
    return can;
}

/* Is it told already that what one destroys is not sure to be saved, since the other is beside it?
 */
static bool is_told(const struct proof *proof, const struct plan_step *destroyer)
{
    const struct list *found = &proof->diagnostics->list;
    struct mark mark = plan_written(destroyer)->step->mark;
    for (size_t i = 0; i < found->count; i++) {
        const struct diagnostic *finding = found->at[i];
        if (finding->code == RB201 && finding->mark.source == mark.source &&
            finding->mark.start == mark.start)
            return true;
    }
    return false;
}

static void report_pair(const struct proof *proof, const struct touch *a, const struct touch *b,
                        const char *thing)
{
    static const char *const does[] = {"changes", "saves", "reads"};
    static const char *const remedy = "let one need the other (`needs`), or give each its own";
    const struct plan_step *place = plan_written(b->step);
    struct diagnostic *finding =
        a->kind == b->kind
            ? diagnostic_add(proof->diagnostics, RB207, place->step->mark, remedy,
                             "%s and %s can run side by side, and both change %s", a->step->name,
                             b->step->name, thing)
            : diagnostic_add(proof->diagnostics, RB207, place->step->mark, remedy,
                             "%s and %s can run side by side: one %s %s, the other %s it",
                             a->step->name, b->step->name, does[a->kind], thing, does[b->kind]);
    diagnostic_note(proof->diagnostics, finding, plan_written(a->step)->step->mark,
                    "the other is here");
}

/* One finding a thing is enough: mended, the next shows. */
static bool prove_pair(const struct proof *proof, const struct touch *a, const struct touch *b,
                       const char *thing)
{
    if ((a->kind != TOUCH_CHANGES && b->kind != TOUCH_CHANGES) || !place_beside(a->step, b->step) ||
        !both_begin(proof, a->step, b->step))
        return false;
    const struct touch *saves = a->kind == TOUCH_SAVES ? a : b->kind == TOUCH_SAVES ? b : NULL;
    if (saves == NULL || !is_told(proof, saves == a ? b->step : a->step))
        report_pair(proof, a, b, thing);
    return true;
}

/* The body of a loop whose list is not known stands for several items at a time. */
static bool prove_body(const struct proof *proof, const struct touch *touch)
{
    if (touch->kind != TOUCH_CHANGES)
        return false;
    for (const struct plan_step *at = touch->step; at != NULL; at = at->parent) {
        if (at->relation != PLAN_ITEM || place_in_turn(at->parent) ||
            at->parent->inside.count != 1 ||
            (at->parent->loop->list->kind == VALUE_LIST && at->parent->loop->list->list.count < 2))
            continue;
        const char *item = arena_format(proof->arena, "item.%s", at->step->foreach->as);
        if (place_mentions(touch->thing, item))
            continue;
        diagnostic_add(proof->diagnostics, RB207, plan_written(touch->step)->step->mark,
                       "do the items one at a time (`parallel: 1`), or give each its own",
                       "items of %s run side by side, and each changes %s", at->parent->name,
                       touch->thing);
        return true;
    }
    return false;
}

static void prove_thing(const struct proof *proof, const struct list *touches, const char *thing)
{
    for (size_t i = 0; i < touches->count; i++)
        if (prove_body(proof, touches->at[i]))
            return;
    size_t reach = touches->count <= MAX_PAIRS ? touches->count : 1;
    for (size_t i = 0; i < touches->count; i++)
        for (size_t j = i + 1; j < touches->count && j <= i + reach; j++)
            if (prove_pair(proof, touches->at[i], touches->at[j], thing))
                return;
}

/* What changes a folder as a whole changes what is in it. */
static void prove_folders(const struct proof *proof, const struct map *all,
                          const struct map_entry *inner)
{
    const struct list *touches = inner->value;
    const char *folder = inner->key;
    while ((folder = place_folder_of(proof->arena, folder)) != NULL) {
        const struct list *outer = map_get(all, folder);
        for (size_t i = 0; outer != NULL && i < outer->count; i++)
            for (size_t j = 0; j < touches->count && j < MAX_PAIRS; j++)
                if (prove_pair(proof, outer->at[i], touches->at[j], inner->key))
                    return;
    }
}

void prove_beside(const struct proof *proof)
{
    const struct map *all = proof_touched(proof);
    for (size_t i = 0; i < all->count; i++) {
        prove_thing(proof, all->at[i].value, all->at[i].key);
        prove_folders(proof, all, &all->at[i]);
    }
}
