/* RB201: on every path, what is destroyed was protected before, by a step that verified what it
 * saved.
 *
 * Needs are joins: a step begins when all that it needs have ended well, so "on every path" is
 * "comes before, in the graph". What can still go wrong is that the protector did not run (its
 * `when`, an empty loop), failed and was tolerated, or stands in on_failure, where a failure blocks
 * nothing. Then it counts only when the destroyer runs under the same `when`, or asks for
 * `steps.ID.state == 'done'`.
 *
 * Names are compared as bound: what is not known yet is equal when it is the same expression of the
 * same step. */
#include "plan/proof.h"

#include "base/arena.h"
#include "lang/value.h"
#include "plan/place.h"
#include "plan/prove.h"

#include <string.h>

#define MAX_REASONS 5

struct losses {
    const struct proof *proof;
    struct list protectors; /* of struct plan_step: all with `protects` */
    struct list destroyers; /* of struct plan_step: all with `destroys` */
    struct map reported;    /* "STEP RESOURCE": a composite and its inside tell it once */
};

static void sort_out(void *context, struct plan_step *step)
{
    struct losses *losses = context;
    if (step->when == 0 || step->loop != NULL)
        return;
    if (step->protects != NULL)
        list_add(losses->proof->arena, &losses->protectors, step);
    if (step->destroys != NULL)
        list_add(losses->proof->arena, &losses->destroyers, step);
}

/* ---- is it the same thing ---- */

/* The loop around STEP below TOP's parent; *count is how many there are. */
static const struct plan_step *loop_of(const struct plan_step *step, const struct plan_step *top,
                                       size_t *count)
{
    const struct plan_step *found = NULL;
    *count = 0;
    for (;; step = step->parent) {
        if (step->loop != NULL) {
            found = step;
            ++*count;
        }
        if (step == top)
            return found;
    }
}

/* `‹item.v›` means the same in one item, and in two loops over the same list by the same name. */
static bool same_items(const struct plan_step *a, const struct plan_step *b,
                       const struct meeting *meeting)
{
    size_t loops_a, loops_b;
    const struct plan_step *loop_a = loop_of(a, meeting->a, &loops_a);
    const struct plan_step *loop_b = loop_of(b, meeting->b, &loops_b);
    if (loops_a == 0 && loops_b == 0)
        return true;
    return loops_a == 1 && loops_b == 1 &&
           strcmp(loop_a->step->foreach->as, loop_b->step->foreach->as) == 0 &&
           value_equal(loop_a->loop->list, loop_b->loop->list);
}

/* ---- does it protect ---- */

static bool has_resource(struct arena *arena, const struct plan_step *step,
                         const struct value *list, const char *resource)
{
    for (size_t i = 0; list != NULL && i < list->list.count; i++) {
        const struct value *at = list->list.at[i];
        bool text = at->kind == VALUE_TEXT || at->kind == VALUE_UNKNOWN;
        if (text && strcmp(place_resource(arena, step, at->text.at), resource) == 0)
            return true;
    }
    return false;
}

/* Does STEP run only when FIRST, which stands beside it, was done? */
static bool asks_done(struct arena *arena, const struct plan_step *step,
                      const struct plan_step *first)
{
    const char *id = first->step->id;
    return step->when_shown != NULL &&
           (strcmp(step->when_shown, arena_format(arena, "steps.%s.state == 'done'", id)) == 0 ||
            strcmp(step->when_shown, arena_format(arena, "'done' == steps.%s.state", id)) == 0);
}

/* The same condition of the same steps. */
static bool same_when(struct arena *arena, const struct plan_step *a, const struct plan_step *b)
{
    return a->when_shown != NULL && b->when_shown != NULL &&
           strcmp(a->when_shown, b->when_shown) == 0 &&
           !place_fleeting(arena_format(arena, "‹%s›", a->when_shown));
}

/* Why the protector may not have run, or not well, when the other begins; NULL: it has. Of the step
 * that stands beside the destroyer, and of all between it and the protector. */
static const char *may_be_missing(struct arena *arena, const struct plan_step *p,
                                  const struct plan_step *step, const struct meeting *meeting)
{
    bool beside = step == meeting->a;
    if (step->step != p->step && step->step->done_if != NULL)
        return "is not done where the done_if around it holds";
    bool done = beside && asks_done(arena, meeting->b, step);
    if (done)
        return NULL;
    if (step->relation == PLAN_FAILURE)
        return "stands in on_failure, where a failure blocks nothing";
    if (step->relation == PLAN_RELEASE && !beside)
        return "is a release, which runs later";
    if (step->relation == PLAN_UNDO && !beside)
        return "is an undo, which runs when it is asked for";
    if (step->when != 1 && !(beside && same_when(arena, step, meeting->b)))
        return "may be skipped by its when";
    if (step->step->tolerate != NULL)
        return "may fail and is tolerated";
    if (step->loop != NULL && step->step->foreach->empty_ok && step->loop->list->kind != VALUE_LIST)
        return "stands in a loop whose list may be empty";
    return NULL;
}

/* Why P does not protect RESOURCE from D; NULL: it does. */
static const char *why_not(struct arena *arena, const struct plan_step *p,
                           const struct plan_step *d, const char *resource)
{
    struct meeting meeting;
    if (p->step->verify == NULL)
        return "has no verify: nothing shows that the copy is good";
    if (!place_meet(p, d, &meeting))
        return "is one with what destroys";
    if (!place_before(&meeting))
        return "is not sure to have ended before";
    if (place_mentions(resource, "item") && !same_items(p, d, &meeting))
        return "loops over something else";
    for (const struct plan_step *at = p;; at = at->parent) {
        const char *why = may_be_missing(arena, p, at, &meeting);
        if (why != NULL || at == meeting.a)
            return why;
    }
}

/* ---- what is to be proved ---- */

/* A loss that is accepted here or around; what a step accepts for itself is not for its release
 * or undo. */
static const struct value *accepted(const struct plan_step *step)
{
    for (bool own = true; step != NULL; step = step->parent) {
        if (own && step->accept_loss != NULL)
            return step->accept_loss;
        own = step->relation != PLAN_RELEASE && step->relation != PLAN_UNDO;
    }
    return NULL;
}

static const struct plan_step *protector(const struct losses *losses, const struct plan_step *d,
                                         const char *resource);

struct inside {
    const struct losses *losses;
    const char *resource;
    bool any, all;
};

static void look_inside(void *context, struct plan_step *step)
{
    struct inside *inside = context;
    if (step->when == 0 || step->loop != NULL || plan_opens(step) || step->effect != EFFECT_DESTROY)
        return;
    inside->any = true;
    inside->all = inside->all && (accepted(step) != NULL ||
                                  protector(inside->losses, step, inside->resource) != NULL);
}

/* A composite may save first what it then destroys: each step in it that destroys comes after. */
static bool protected_inside(const struct losses *losses, const struct plan_step *d,
                             const char *resource)
{
    struct inside inside = {losses, resource, false, true};
    plan_visit(&d->inside, look_inside, &inside);
    return inside.any && inside.all;
}

/* Who saved RESOURCE before D destroys it; D itself: a step in it; NULL: nobody. */
static const struct plan_step *protector(const struct losses *losses, const struct plan_step *d,
                                         const char *resource)
{
    struct arena *arena = losses->proof->arena;
    if (place_fleeting(resource))
        return NULL;
    for (size_t i = 0; i < losses->protectors.count; i++) {
        const struct plan_step *p = losses->protectors.at[i];
        if (has_resource(arena, p, p->protects, resource) && why_not(arena, p, d, resource) == NULL)
            return p;
    }
    return plan_opens(d) && protected_inside(losses, d, resource) ? d : NULL;
}

static void note_reasons(const struct losses *losses, const struct plan_step *d,
                         const char *resource, struct diagnostic *finding)
{
    struct arena *arena = losses->proof->arena;
    size_t told = 0;
    for (size_t i = 0; i < losses->protectors.count && told < MAX_REASONS; i++) {
        const struct plan_step *p = losses->protectors.at[i];
        if (!has_resource(arena, p, p->protects, resource))
            continue;
        const char *why = why_not(arena, p, d, resource);
        if (why == NULL)
            continue;
        diagnostic_note(losses->proof->diagnostics, finding, plan_written(p)->step->mark,
                        "%s protects it, but %s", p->name, why);
        told++;
    }
}

static void report(struct losses *losses, const struct plan_step *d, const char *resource)
{
    const struct plan_step *written = plan_written(d);
    struct arena *arena = losses->proof->arena;
    const char *place = arena_format(arena, "%s %s", written->name, resource);
    if (!map_put(arena, &losses->reported, place, losses))
        return;
    const char *remedy =
        arena_format(arena,
                     "before it, save it in a step with `protects: [\"%s\"]` and a "
                     "`verify`, or say why nothing is lost: `accept_loss: …`",
                     resource);
    struct diagnostic *finding = diagnostic_add(
        losses->proof->diagnostics, RB201, written->step->mark, remedy,
        "%s destroys %s, and no verified copy is sure to be there", d->name, resource);
    if (written != d)
        diagnostic_note(losses->proof->diagnostics, finding, d->step->mark, "destroyed here");
    note_reasons(losses, d, resource, finding);
}

static void prove_destroyer(struct losses *losses, const struct plan_step *d)
{
    if (accepted(d) != NULL)
        return;
    for (size_t i = 0; d->destroys != NULL && i < d->destroys->list.count; i++) {
        const struct value *at = d->destroys->list.at[i];
        if (at->kind != VALUE_TEXT && at->kind != VALUE_UNKNOWN)
            continue;
        const char *resource = place_resource(losses->proof->arena, d, at->text.at);
        if (protector(losses, d, resource) == NULL)
            report(losses, d, resource);
    }
}

static void sort_all(struct losses *losses)
{
    plan_visit(&losses->proof->plan->steps, sort_out, losses);
    plan_visit(&losses->proof->plan->on_failure, sort_out, losses);
}

void prove_loss(const struct proof *proof)
{
    struct losses losses = {.proof = proof};
    sort_all(&losses);
    for (size_t i = 0; i < losses.destroyers.count; i++)
        prove_destroyer(&losses, losses.destroyers.at[i]);
}

/* ---- told ---- */

static void tell_destroyer(struct losses *losses, const struct plan_step *d, struct list *into)
{
    struct arena *arena = losses->proof->arena;
    for (size_t i = 0; d->destroys != NULL && i < d->destroys->list.count; i++) {
        const struct value *at = d->destroys->list.at[i];
        if (at->kind != VALUE_TEXT && at->kind != VALUE_UNKNOWN)
            continue;
        const char *resource = place_resource(arena, d, at->text.at);
        const char *place = arena_format(arena, "%s %s", plan_written(d)->name, resource);
        if (!map_put(arena, &losses->reported, place, losses))
            continue;
        struct plan_loss *loss = arena_alloc(arena, sizeof *loss);
        *loss = (struct plan_loss){.step = d, .resource = resource, .accepted = accepted(d)};
        if (loss->accepted == NULL)
            loss->protector = protector(losses, d, resource);
        list_add(arena, into, loss);
    }
}

void plan_losses(struct arena *arena, const struct plan *plan, struct list *into)
{
    struct proof proof = {.plan = plan, .arena = arena};
    struct losses losses = {.proof = &proof};
    sort_all(&losses);
    for (size_t i = 0; i < losses.destroyers.count; i++)
        tell_destroyer(&losses, losses.destroyers.at[i], into);
}
