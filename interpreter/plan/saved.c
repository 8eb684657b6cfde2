/* Needs are joins: a step begins when all that it needs have ended well. So what can go wrong is
 * that the protector does not come before, was skipped (its `when`, a group's `done_if`, an empty
 * loop), failed and was tolerated, or stands in on_failure, where a failure blocks nothing. */
#include "plan/saved.h"

#include "base/arena.h"
#include "lang/value.h"
#include "plan/guard.h"
#include "plan/place.h"
#include "plan/world.h"

#include <string.h>

/* ---- `‹item.v›` ---- */

/* The loop around STEP below OUTER whose items are called NAME; NULL: none. */
static const struct plan_step *loop_called(const struct plan_step *step,
                                           const struct plan_step *outer, const char *name)
{
    for (; step != outer; step = step->parent)
        if (step->loop != NULL && strcmp(step->step->foreach->as, name) == 0)
            return step;
    return NULL;
}

static bool mentions_item(struct arena *arena, const char *text, const struct plan_step *loop)
{
    return place_mentions(text, arena_format(arena, "item.%s", loop->step->foreach->as));
}

static bool same_items(struct arena *arena, const char *text, const struct meeting *meeting,
                       const struct saving *saving);

/* Do two loops go over the same? They do over one list, whose own items are the same. */
static bool same_list(struct arena *arena, const struct plan_step *a, const struct plan_step *b,
                      const struct meeting *meeting, const struct saving *saving)
{
    const struct value *list = a->loop->list;
    if (!value_equal(list, b->loop->list))
        return false;
    if (list->kind != VALUE_UNKNOWN)
        return true;
    struct saving around = *saving;
    around.protector = a->parent;
    around.destroyer = b->parent;
    return !place_fleeting(list->text.at) && same_items(arena, list->text.at, meeting, &around);
}

/* An item means the same inside of one loop, and in two loops over the same list by one name. */
static bool same_items(struct arena *arena, const char *text, const struct meeting *meeting,
                       const struct saving *saving)
{
    const struct plan_step *outer = meeting->a->parent;
    for (const struct plan_step *at = saving->protector; at != outer; at = at->parent) {
        if (at->loop == NULL || !mentions_item(arena, text, at))
            continue;
        const struct plan_step *other =
            loop_called(saving->destroyer, outer, at->step->foreach->as);
        if (other == NULL || !same_list(arena, at, other, meeting, saving))
            return false;
    }
    for (const struct plan_step *at = saving->destroyer; at != outer; at = at->parent)
        if (at->loop != NULL && mentions_item(arena, text, at) &&
            loop_called(saving->protector, outer, at->step->foreach->as) == NULL)
            return false;
    return true;
}

/* ---- does it run, and end well ---- */

/* Why STEP (the protector, or something around it) never counts; NULL: it may. */
static const char *never_counts(const struct plan_step *step, const struct saving *saving,
                                bool beside)
{
    if (step->step != saving->protector->step && step->step->done_if != NULL)
        return "is not done where the done_if around it holds";
    if (step->relation == PLAN_RELEASE && !beside)
        return "is a release, which runs later";
    if (step->relation == PLAN_UNDO && !beside)
        return "is an undo, which runs when it is asked for";
    return NULL;
}

/* Why it does not always count. */
static const char *sometimes(const struct plan_step *step)
{
    return step->relation == PLAN_FAILURE ? "stands in on_failure, where a failure blocks nothing"
           : step->when == -1             ? "may be skipped by its when"
           : step->step->tolerate != NULL ? "may fail and is tolerated"
                                          : "stands in a loop whose list may be empty";
}

/* That STEP ran and ended well; of a loop its items are told of by it. */
static const struct guard *level(struct world *world, const struct plan_step *step, bool safely)
{
    const struct guard *well =
        step->relation == PLAN_ITEM ? guard_always(true) : world_ended_well(world, step, safely);
    /* An empty list is a failure, unless it is said to be none. */
    return step->loop == NULL || !step->step->foreach->empty_ok
               ? well
               : guard_and(world_arena(world), well, world_has_items(world, step));
}

const struct guard *saved_before(struct world *world, const struct saving *saving, const char **why)
{
    struct meeting meeting;
    const struct plan_step *p = saving->protector;
    struct arena *arena = world_arena(world);
    const struct guard *all = guard_always(true);
    *why = p->step->verify == NULL ? "has no verify: nothing shows that the copy is good"
           : !place_meet(p, saving->destroyer, &meeting) ? "is one with what destroys"
                                                         : NULL;
    if (*why != NULL)
        return NULL;
    /* on_failure finds what the steps have come to. */
    bool found = meeting.a->relation == PLAN_INSIDE && meeting.b->relation == PLAN_FAILURE;
    *why = !found && !place_before(&meeting) ? "is not sure to have ended before"
           : !same_items(arena, saving->resource, &meeting, saving) ? "loops over something else"
                                                                    : NULL;
    for (const struct plan_step *at = p; *why == NULL; at = at->parent) {
        bool beside = at == meeting.a;
        *why = never_counts(at, saving, beside);
        const struct guard *well = level(world, at, !(beside && found));
        all = guard_and(arena, all, well);
        if (beside)
            break;
    }
    if (*why != NULL)
        return NULL;
    for (const struct plan_step *at = p; *why == NULL; at = at->parent) {
        bool beside = at == meeting.a;
        if (level(world, at, !(beside && found))->kind != GUARD_ALWAYS)
            *why = beside && found ? "is not sure to have ended before" : sometimes(at);
        if (beside)
            break;
    }
    return all;
}
