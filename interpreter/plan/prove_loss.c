/* RB201: on every path, what is destroyed was protected before, by a step that verified what it
 * saved. A path is a world (world.h): in each in which the destroyer begins, one of those that
 * protect the same has to have ended well.
 *
 * Names are compared as bound: what is not known yet is equal when it is the same expression of the
 * same step. Of a folder that was saved all that is in it was. */
#include "plan/proof.h"

#include "base/arena.h"
#include "lang/value.h"
#include "plan/copy.h"
#include "plan/guard.h"
#include "plan/place.h"
#include "plan/prove.h"
#include "plan/saved.h"
#include "plan/world.h"

#include <string.h>

#define MAX_REASONS 5
/* So many that protect one thing are looked at: with more, nobody could say which of them did. */
#define MAX_PROTECTORS 1000

struct losses {
    const struct proof *proof;
    struct map protectors;  /* resource to struct list of struct plan_step */
    struct list destroyers; /* of struct plan_step: all with `destroys` */
    struct map reported;    /* "STEP RESOURCE": a composite and its inside tell it once */
};

static bool is_text(const struct value *value)
{
    return value->kind == VALUE_TEXT || value->kind == VALUE_UNKNOWN;
}

static void add_protector(struct losses *losses, struct plan_step *step, const char *resource)
{
    struct arena *arena = losses->proof->arena;
    struct list *steps = map_get(&losses->protectors, resource);
    if (steps == NULL) {
        steps = arena_alloc(arena, sizeof *steps);
        map_put(arena, &losses->protectors, resource, steps);
    }
    list_add(arena, steps, step);
}

static void sort_out(void *context, struct plan_step *step)
{
    struct losses *losses = context;
    const struct value *protects = step->protects;
    if (step->when == 0 || step->loop != NULL)
        return;
    for (size_t i = 0; protects != NULL && i < protects->list.count; i++)
        if (is_text(protects->list.at[i]))
            add_protector(
                losses, step,
                place_resource(losses->proof->arena, step, protects->list.at[i]->text.at));
    if (step->destroys != NULL)
        list_add(losses->proof->arena, &losses->destroyers, step);
}

/* ---- is it protected ---- */

/* A loss under proof. */
struct loss {
    struct losses *losses;
    struct world *world;
    const struct plan_step *destroyer;
    const char *resource;
    const struct guard *lost;      /* in which worlds it is, by what was looked at so far */
    const struct plan_step *first; /* the first of those that save it, be it not in all; or NULL */
    struct diagnostic *finding;    /* to tell reasons to, or NULL */
    size_t told;
};

static void look_at(struct loss *loss, const struct plan_step *protector)
{
    struct arena *arena = world_arena(loss->world);
    const struct saving saving = {protector, loss->destroyer, loss->resource};
    const char *why;
    const struct guard *saved = saved_before(loss->world, &saving, &why);
    if (saved != NULL) {
        saved =
            guard_and(arena, saved,
                      copy_stays(loss->world, &saving, proof_touched(loss->losses->proof), &why));
        loss->lost = guard_and(arena, loss->lost, guard_not(arena, saved));
        loss->first = loss->first != NULL ? loss->first : protector;
    }
    if (why == NULL || loss->finding == NULL || loss->told >= MAX_REASONS)
        return;
    loss->told++;
    diagnostic_note(loss->losses->proof->diagnostics, loss->finding,
                    plan_written(protector)->step->mark, "%s protects it, but %s", protector->name,
                    why);
}

/* Those that protect RESOURCE. */
static void look_at_all(struct loss *loss, const char *resource)
{
    const struct list *steps = map_get(&loss->losses->protectors, resource);
    for (size_t i = 0; steps != NULL && i < steps->count && i < MAX_PROTECTORS; i++)
        look_at(loss, steps->at[i]);
}

/* In which worlds is it lost, when the destroyer begins? */
static const struct guard *find_lost(struct loss *loss)
{
    loss->lost = guard_always(true);
    look_at_all(loss, loss->resource);
    const char *around = loss->resource;
    while ((around = place_folder_of(world_arena(loss->world), around)) != NULL)
        look_at_all(loss, around);
    const struct guard *begins = world_begins(loss->world, loss->destroyer, NULL);
    world_learn(loss->world, loss->destroyer);
    return guard_and(world_arena(loss->world), begins, loss->lost);
}

/* Who saved RESOURCE before D destroys it, the first where several do, each in its case; NULL:
 * nobody, or not always. */
static const struct plan_step *saver(struct losses *losses, const struct plan_step *d,
                                     const char *resource)
{
    if (place_fleeting(resource))
        return NULL;
    struct arena *scratch = arena_new();
    struct loss loss = {.losses = losses, .destroyer = d, .resource = resource};
    loss.world = world_new(scratch, losses->proof->plan, proof_names(losses->proof));
    bool lost = world_possible(loss.world, find_lost(&loss), NULL);
    arena_free(scratch);
    return lost ? NULL : loss.first != NULL ? loss.first : d;
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

struct inside {
    struct losses *losses;
    const char *resource;
    bool any, all;
};

static void look_inside(void *context, struct plan_step *step)
{
    struct inside *inside = context;
    if (step->when == 0 || step->loop != NULL || plan_opens(step) || step->effect != EFFECT_DESTROY)
        return;
    inside->any = true;
    inside->all = inside->all &&
                  (accepted(step) != NULL || saver(inside->losses, step, inside->resource) != NULL);
}

/* A composite may save first what it then destroys: each step in it that destroys comes after. */
static bool saved_inside(struct losses *losses, const struct plan_step *d, const char *resource)
{
    struct inside inside = {losses, resource, false, true};
    plan_visit(&d->inside, look_inside, &inside);
    return inside.any && inside.all;
}

/* As `saver`; D itself: a step in it. */
static const struct plan_step *protector(struct losses *losses, const struct plan_step *d,
                                         const char *resource)
{
    const struct plan_step *found = saver(losses, d, resource);
    return found == NULL && plan_opens(d) && saved_inside(losses, d, resource) ? d : found;
}

/* Why none that protects it is enough, and an example. */
static void tell_reasons(struct losses *losses, const struct plan_step *d, const char *resource,
                         struct diagnostic *finding)
{
    struct arena *scratch = arena_new();
    const char *example = "";
    struct loss loss = {.losses = losses, .destroyer = d, .resource = resource, .finding = finding};
    loss.world = world_new(scratch, losses->proof->plan, proof_names(losses->proof));
    world_possible(loss.world, find_lost(&loss), &example);
    if (loss.told > 0 && example[0] != '\0')
        diagnostic_note(losses->proof->diagnostics, finding, d->step->mark,
                        "it is lost, for example, when %s", example);
    arena_free(scratch);
}

static void report(struct losses *losses, const struct plan_step *d, const struct value *resource)
{
    const struct plan_step *written = plan_written(d);
    struct arena *arena = losses->proof->arena;
    const char *known = place_resource(arena, d, resource->text.at);
    const char *place = arena_format(arena, "%s %s", written->name, known);
    if (!map_put(arena, &losses->reported, place, losses))
        return;
    const char *remedy =
        arena_format(arena,
                     "before it, save it in a step with `protects: [\"%s\"]` and a "
                     "`verify`, or say why nothing is lost: `accept_loss: …`",
                     resource->text.at);
    struct diagnostic *finding =
        diagnostic_add(losses->proof->diagnostics, RB201, written->step->mark, remedy,
                       "%s destroys %s, and no verified copy is sure to be there", d->name, known);
    if (written != d)
        diagnostic_note(losses->proof->diagnostics, finding, d->step->mark, "destroyed here");
    tell_reasons(losses, d, known, finding);
}

static void prove_destroyer(struct losses *losses, const struct plan_step *d)
{
    if (accepted(d) != NULL)
        return;
    for (size_t i = 0; d->destroys != NULL && i < d->destroys->list.count; i++) {
        const struct value *at = d->destroys->list.at[i];
        if (!is_text(at))
            continue;
        const char *resource = place_resource(losses->proof->arena, d, at->text.at);
        if (protector(losses, d, resource) == NULL)
            report(losses, d, at);
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

static bool destroys(struct arena *arena, const struct plan_step *step, const char *resource)
{
    for (size_t i = 0; step->destroys != NULL && i < step->destroys->list.count; i++) {
        const struct value *at = step->destroys->list.at[i];
        if (is_text(at) && strcmp(place_resource(arena, step, at->text.at), resource) == 0)
            return true;
    }
    return false;
}

/* Does an action around STEP say that it destroys RESOURCE? Then that has told it. */
static bool told_around(struct arena *arena, const struct plan_step *step, const char *resource)
{
    while (step->relation != PLAN_UNDO && step->relation != PLAN_RELEASE && step->parent != NULL) {
        step = step->parent;
        if (destroys(arena, step, resource))
            return true;
    }
    return false;
}

static void tell_destroyer(struct losses *losses, const struct plan_step *d, struct list *into)
{
    struct arena *arena = losses->proof->arena;
    for (size_t i = 0; d->destroys != NULL && i < d->destroys->list.count; i++) {
        const struct value *at = d->destroys->list.at[i];
        if (!is_text(at))
            continue;
        const char *resource = place_resource(arena, d, at->text.at);
        const char *place = arena_format(arena, "%s %s", d->name, resource);
        if (told_around(arena, d, resource) || !map_put(arena, &losses->reported, place, losses))
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
    struct map named = {0}, touched = {0};
    struct proof proof = {.plan = plan, .arena = arena, .named = &named, .touched = &touched};
    struct losses losses = {.proof = &proof};
    sort_all(&losses);
    for (size_t i = 0; i < losses.destroyers.count; i++)
        tell_destroyer(&losses, losses.destroyers.at[i], into);
}
