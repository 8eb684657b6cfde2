#include "commands/drill_fate.h"

#include "base/arena.h"
#include "base/text.h"
#include "lang/model.h"
#include "lang/value.h"
#include "plan/plan.h"
#include "store/name.h"
#include "store/state.h"

#include <string.h>

struct reading {
    struct arena *arena;
    const struct drill_world *world;
    const struct state *state;
    const struct drill_case *wanted;
    struct drill_fate *fate;
};

static const char *keep(const struct reading *reading, const char *text)
{
    return text ? arena_copy(reading->arena, text, strlen(text)) : NULL;
}

static void add_name(const struct reading *reading, struct list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->at[i], name) == 0)
            return;
    list_add(reading->arena, list, (void *)(uintptr_t)keep(reading, name));
}

/* ---- one step ---- */

static bool acted(const struct state_step *step)
{
    const struct state_attempt *attempt = step->attempt;
    return attempt != NULL && attempt->effect != EFFECT_READ &&
           !(attempt->ended && attempt->outcome == OUTCOME_NOT_STARTED);
}

static bool does(const struct plan_step *step)
{
    const struct core_action *core = step->step->use.action->core;
    return (core != NULL && core->form == FORM_WORK) || plan_manual(step);
}

static bool by_handler(const struct plan_step *step)
{
    for (; step != NULL; step = step->parent)
        if (step->relation == PLAN_FAILURE)
            return true;
    return false;
}

static bool keeps_a_copy(const struct plan_step *step)
{
    for (; step != NULL; step = step->parent)
        if (step->protects != NULL && step->protects->list.count > 0)
            return true;
    return false;
}

/* Is it so of the step NAMEd or of one around it? */
static bool around(const struct reading *reading, const char *name,
                   bool (*is)(const struct reading *reading, const char *name))
{
    char *part = arena_copy(reading->arena, name, strlen(name));
    for (size_t length = strlen(part); length > 0; length--) {
        char end = name[length];
        if (end != '\0' && end != '/' && end != '[' && end != '#')
            continue;
        part[length] = '\0';
        if (is(reading, part))
            return true;
    }
    return false;
}

static bool is_undone(const struct reading *reading, const char *name)
{
    return state_life(reading->state, name) == LIFE_UNDONE;
}

static bool may_be_undone(const struct reading *reading, const char *name)
{
    return state_owes_undo(reading->state, name);
}

static bool is_given_back(const struct reading *reading, const char *name)
{
    const struct state_obligation *owed;
    size_t all = 0, open = 0;
    for (size_t i = 0; (owed = state_obligation(reading->state, i)) != NULL; i++) {
        bool its = !owed->undo && strcmp(owed->step, name) == 0;
        all += its;
        open += its && owed->open;
    }
    return all > 0 && open == 0;
}

/* ---- what is destroyed ---- */

static void look_for_destroy(void *context, struct plan_step *step)
{
    bool *any = context;
    if (step->effect == EFFECT_DESTROY && does(step) && step->relation != PLAN_UNDO &&
        step->relation != PLAN_RELEASE)
        *any = true;
}

/* Did what destroys begin, in it or inside it? */
static bool destroyed(const struct reading *reading, const struct state_step *step,
                      const struct plan_step *plan)
{
    const struct state_step *inner;
    bool harder = false;
    if (!plan_opens(plan) && plan->loop == NULL)
        return acted(step);
    plan_visit(&plan->inside, look_for_destroy, &harder);
    for (size_t i = 0; (inner = state_at(reading->state, i)) != NULL; i++)
        if (name_inside(inner->name, step->name) && !name_in_entry(inner->name) && acted(inner) &&
            (!harder || inner->attempt->effect == EFFECT_DESTROY))
            return true;
    return false;
}

static bool names(const struct value *list, struct text text)
{
    for (size_t i = 0; list != NULL && i < list->list.count; i++)
        if (text_equal(list->list.at[i]->text, text))
            return true;
    return false;
}

/* The step that was done and keeps a copy of RESOURCE, or NULL. */
static const char *copy_of(const struct reading *reading, struct text resource)
{
    const struct state_step *step;
    const char *found = NULL;
    for (size_t i = 0; (step = state_at(reading->state, i)) != NULL; i++) {
        const struct plan_step *plan = drill_world_step(reading->world, step->name);
        if (plan != NULL && step->life == LIFE_DONE && names(plan->protects, resource))
            found = drill_world_name(plan);
    }
    return found;
}

static void add_loss(const struct reading *reading, const struct state_step *step,
                     const struct plan_step *plan, struct text resource)
{
    struct list *losses = &reading->fate->losses;
    for (size_t i = 0; i < losses->count; i++)
        if (text_is(resource, ((struct drill_loss *)losses->at[i])->resource))
            return;
    struct drill_loss *loss = arena_alloc(reading->arena, sizeof *loss);
    loss->resource = arena_copy(reading->arena, resource.at, resource.length);
    loss->by = drill_world_name(plan);
    loss->copy = copy_of(reading, resource);
    loss->undoable = around(reading, step->name, may_be_undone);
    list_add(reading->arena, losses, loss);
}

static void read_losses(const struct reading *reading, const struct state_step *step,
                        const struct plan_step *plan)
{
    if (plan->destroys == NULL || around(reading, step->name, is_undone) ||
        !destroyed(reading, step, plan))
        return;
    for (size_t i = 0; i < plan->destroys->list.count; i++)
        add_loss(reading, step, plan, plan->destroys->list.at[i]->text);
}

/* ---- what stays changed ---- */

static void read_change(const struct reading *reading, const struct state_step *step,
                        const struct plan_step *plan)
{
    struct drill_fate *fate = reading->fate;
    const struct drill_case *wanted = reading->wanted;
    if (!acted(step) || !does(plan) || by_handler(plan) || keeps_a_copy(plan) ||
        around(reading, step->name, is_undone) || around(reading, step->name, is_given_back))
        return;
    bool half =
        wanted->step != NULL && strcmp(wanted->step, step->name) == 0 && step->life != LIFE_DONE;
    if (half)
        fate->half = drill_world_name(plan);
    else
        add_name(reading, &fate->changed, drill_world_name(plan));
    if (!around(reading, step->name, may_be_undone))
        fate->undoable = false;
}

/* ---- what ran afterwards ---- */

static void read_entry(const struct reading *reading, const struct state_step *step)
{
    struct drill_fate *fate = reading->fate;
    const struct state_obligation *owed;
    if (step->life != LIFE_DONE)
        return;
    for (size_t i = 0; (owed = state_obligation(reading->state, i)) != NULL; i++)
        if (strcmp(owed->entry, step->name) == 0)
            add_name(reading, owed->undo ? &fate->taken_back : &fate->given_back, owed->step);
}

static void read_owed(const struct reading *reading)
{
    const struct state_obligation *owed;
    for (size_t i = 0; (owed = state_obligation(reading->state, i)) != NULL; i++)
        if (owed->open && !owed->undo)
            add_name(reading, &reading->fate->owed, owed->entry);
}

static void read_step(const struct reading *reading, const struct state_step *step)
{
    const struct plan_step *plan = drill_world_step(reading->world, step->name);
    if (name_in_entry(step->name)) {
        read_entry(reading, step);
        return;
    }
    if (plan == NULL)
        return;
    if (step->tolerated)
        add_name(reading, &reading->fate->tolerated, drill_world_name(plan));
    if (plan->relation == PLAN_FAILURE && step->life == LIFE_DONE)
        add_name(reading, &reading->fate->handlers, step->name);
    read_losses(reading, step, plan);
    read_change(reading, step, plan);
}

static void read_struck(const struct reading *reading)
{
    struct drill_fate *fate = reading->fate;
    const struct state_step *step =
        reading->wanted->step ? state_step(reading->state, reading->wanted->step) : NULL;
    if (step == NULL)
        return;
    fate->life = life_name(step->life);
    fate->tries = step->attempt ? step->attempt->tries : 0;
    if (step->settled_how != NULL)
        fate->settled =
            arena_format(reading->arena, "%s: %s", step->settled_how, step->settled_verdict);
}

/* Is all of it done, and only a release went wrong? Then what was destroyed and changed was meant.
 */
static bool is_all_done(const struct reading *reading)
{
    const struct state_step *step;
    if (reading->wanted->step == NULL || !name_in_entry(reading->wanted->step) ||
        name_in_undo(reading->wanted->step))
        return false;
    for (size_t i = 0; (step = state_at(reading->state, i)) != NULL; i++)
        if (!name_in_entry(step->name) && step->life != LIFE_DONE && step->life != LIFE_SKIPPED &&
            !step->tolerated)
            return false;
    return true;
}

static enum drill_grade grade_of(const struct drill_fate *fate)
{
    if (strcmp(fate->result, "succeeded") == 0 || strcmp(fate->result, "recovered") == 0)
        return DRILL_GOES_ON;
    if (fate->losses.count > 0)
        return DRILL_DESTROYED;
    if (strcmp(fate->result, "in_doubt") == 0)
        return DRILL_DOUBT;
    if (fate->owed.count > 0)
        return DRILL_OWED;
    return fate->changed.count > 0 || fate->half != NULL ? DRILL_CHANGED : DRILL_AS_IT_WAS;
}

struct drill_fate *drill_fate_read(struct arena *arena, const struct drill_world *world,
                                   const struct drill_life *life, const struct drill_case *wanted)
{
    struct drill_fate *fate = arena_alloc(arena, sizeof *fate);
    struct reading reading = {arena, world, life->state, wanted, fate};
    const struct state_run *run = state_run(life->state);
    const struct state_step *step;
    *fate = (struct drill_fate){.result = keep(&reading, run->result),
                                .reason = keep(&reading, run->reason),
                                .exit = run->exit,
                                .undoable = true,
                                .asked = life->asked};
    for (size_t i = 0; (step = state_at(life->state, i)) != NULL; i++)
        read_step(&reading, step);
    read_owed(&reading);
    read_struck(&reading);
    if (is_all_done(&reading)) {
        fate->losses.count = fate->changed.count = 0;
        fate->half = NULL;
    }
    fate->grade = grade_of(fate);
    return fate;
}

/* ---- comparing ---- */

static bool same_names(const struct list *a, const struct list *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (strcmp(a->at[i], b->at[i]) != 0)
            return false;
    return true;
}

static bool same_losses(const struct list *a, const struct list *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const struct drill_loss *one = a->at[i], *other = b->at[i];
        if (strcmp(one->resource, other->resource) != 0 || one->undoable != other->undoable)
            return false;
    }
    return true;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool drill_fate_same(const struct drill_fate *a, const struct drill_fate *b)
{
    return a->grade == b->grade && a->exit == b->exit && same_text(a->result, b->result) &&
           same_text(a->half, b->half) && same_text(a->settled, b->settled) &&
           a->tries == b->tries && same_losses(&a->losses, &b->losses) &&
           same_names(&a->changed, &b->changed) && same_names(&a->taken_back, &b->taken_back) &&
           same_names(&a->given_back, &b->given_back) && same_names(&a->owed, &b->owed) &&
           same_names(&a->handlers, &b->handlers) && same_names(&a->tolerated, &b->tolerated);
}
