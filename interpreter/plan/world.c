#include "plan/world.h"

#include "base/arena.h"
#include "base/graph.h"
#include "base/text.h"
#include "lang/term.h"
#include "lang/value.h"
#include "plan/guard.h"
#include "plan/place.h"
#include "plan/search.h"

#include <string.h>

/* When GUARD holds, STEP was waited for no longer: it began, or was skipped. */
struct reached {
    const struct plan_step *step;
    const struct guard *guard;
};

struct world {
    struct arena *arena;
    const struct plan *plan;
    const struct map *steps;
    struct map facts;    /* key to struct fact */
    struct map ran;      /* full name to struct guard: that it was not skipped */
    struct map subjects; /* name to struct list of struct guard: what it is said to be equal to */
    struct list reached; /* of struct reached: what on_failure finds begun */
    bool asks_lists;     /* is there a fact of a list that may be empty? */
    struct list done;    /* of struct plan_step: of which it is asked whether they were done */
    const struct guard *rules; /* what holds in each world */
};

struct world *world_new(struct arena *arena, const struct plan *plan, const struct map *steps)
{
    struct world *world = arena_alloc(arena, sizeof *world);
    *world =
        (struct world){.arena = arena, .plan = plan, .steps = steps, .rules = guard_always(true)};
    return world;
}

struct arena *world_arena(const struct world *world)
{
    return world->arena;
}

const struct plan *world_plan(const struct world *world)
{
    return world->plan;
}

/* ---- facts ---- */

static const struct guard *fact(struct world *world, const char *key, const char *if_false,
                                const char *if_true)
{
    if (map_get(&world->facts, key) == NULL) {
        struct fact *made = arena_alloc(world->arena, sizeof *made);
        *made = (struct fact){{if_false, if_true}, -1};
        map_put(world->arena, &world->facts, key, made);
    }
    return guard_fact(world->arena, key);
}

static void rule(struct world *world, const struct guard *holds)
{
    world->rules = guard_and(world->arena, world->rules, holds);
}

static const struct guard *implies(struct world *world, const struct guard *a,
                                   const struct guard *b)
{
    return guard_or(world->arena, guard_not(world->arena, a), b);
}

/* ---- states of steps ---- */

/* The step whose REST name tells of, as in "steps.NAME.REST"; NULL: none. A name can hold a point
 * itself, in an item's. */
static const struct plan_step *step_of(const struct world *world, const char *name,
                                       const char **rest)
{
    static const char steps[] = "steps.";
    if (strncmp(name, steps, sizeof steps - 1) != 0)
        return NULL;
    name += sizeof steps - 1;
    for (const char *dot = strchr(name, '.'); dot != NULL; dot = strchr(dot + 1, '.')) {
        const struct plan_step *step =
            map_get(world->steps, arena_copy(world->arena, name, (size_t)(dot - name)));
        *rest = dot + 1;
        if (step != NULL)
            return step;
    }
    return NULL;
}

/* Does STEP's failure block nothing? */
static bool borne(const struct plan_step *step)
{
    return step->step->tolerate != NULL || step->relation == PLAN_FAILURE;
}

/* That STEP was not skipped, if its scope has run. */
static const struct guard *ran(struct world *world, const struct plan_step *step)
{
    const struct guard *known = map_get(&world->ran, step->name);
    if (step->when != -1)
        return guard_always(step->when == 1);
    if (known != NULL)
        return known;
    known = fact(world, arena_format(world->arena, "ran %s", step->name), NULL, NULL);
    map_put(world->arena, &world->ran, step->name, (void *)(uintptr_t)known);
    const struct guard *when = world_read(world, step->guard, step);
    rule(world, guard_and(world->arena, implies(world, known, when), implies(world, when, known)));
    return known;
}

static const struct guard *failed(struct world *world, const struct plan_step *step)
{
    if (!borne(step))
        return guard_always(false);
    return fact(world, arena_format(world->arena, "failed %s", step->name), NULL,
                arena_format(world->arena, "%s fails", step->name));
}

static const struct guard *was_done(struct world *world, const struct plan_step *step);

/* What comes before a step that was reached has ended, and was done if it ran and did not fail. */
static void relate(struct world *world, const struct reached *reached, const struct plan_step *step)
{
    struct meeting meeting;
    if (!place_meet(step, reached->step, &meeting) || meeting.a != step || !place_before(&meeting))
        return;
    const struct guard *well =
        guard_and(world->arena, ran(world, step), guard_not(world->arena, failed(world, step)));
    rule(world,
         implies(world, guard_and(world->arena, reached->guard, well), was_done(world, step)));
}

static void reach(struct world *world, const struct plan_step *step, const struct guard *guard)
{
    struct reached *reached = arena_alloc(world->arena, sizeof *reached);
    *reached = (struct reached){step, guard};
    list_add(world->arena, &world->reached, reached);
    for (size_t i = 0; i < world->done.count; i++)
        relate(world, reached, world->done.at[i]);
}

/* As on_failure finds it. */
static const struct guard *was_done(struct world *world, const struct plan_step *step)
{
    const char *key = arena_format(world->arena, "done %s", step->name);
    bool known = map_get(&world->facts, key) != NULL;
    const struct guard *done =
        fact(world, key, arena_format(world->arena, "%s was not done", step->name), NULL);
    if (known)
        return done;
    rule(world, implies(world, done,
                        guard_and(world->arena, ran(world, step),
                                  guard_not(world->arena, failed(world, step)))));
    for (size_t i = 0; i < world->reached.count; i++)
        relate(world, world->reached.at[i], step);
    list_add(world->arena, &world->done, (void *)(uintptr_t)step);
    reach(world, step, done);
    return done;
}

const struct guard *world_ended_well(struct world *world, const struct plan_step *step, bool safely)
{
    if (!safely)
        return was_done(world, step);
    return guard_and(world->arena, ran(world, step), guard_not(world->arena, failed(world, step)));
}

/* May an `undo_run` beside HANDLER have changed the states of what failed? */
static bool takes_back(const struct plan_step *handler)
{
    const struct list *order = &handler->step->home->order;
    for (size_t i = 0; i < order->count; i++)
        if (strcmp(((const struct step *)order->at[i])->use.action->name, "undo_run") == 0)
            return true;
    return false;
}

/* Does all that can fail come behind STEP? Then it has begun, or was skipped, when something did.
 */
static bool is_first(const struct plan_step *step)
{
    const struct steps *home = step->step->home;
    for (size_t i = 0; i < home->order.count; i++)
        if (i != step->step->index &&
            !graph_before(home->graph, step->step->index,
                          ((const struct step *)home->order.at[i])->index))
            return false;
    return true;
}

/* What STATE of a step tells beside itself, where OTHER is that it has that state. */
static const struct guard *state_means(struct world *world, const struct plan_step *step,
                                       const char *state, const struct guard *other)
{
    bool skipped = strcmp(state, "skipped") == 0;
    if (!skipped && strcmp(state, "failed") != 0 && strcmp(state, "unknown") != 0)
        return guard_always(true);
    reach(world, step, other);
    const struct guard *was = ran(world, step);
    if (skipped && is_first(step))
        rule(world, guard_or(world->arena, was, other));
    return skipped ? guard_not(world->arena, was) : was;
}

/* What a handler finds of a step of those that failed: done, or one of many. */
static const struct guard *state_found(struct world *world, const struct guard *is,
                                       const struct plan_step *step, const struct plan_step *reader,
                                       const struct plan_step *handler)
{
    const char *state = is->value->text.at;
    const struct guard *done = was_done(world, step);
    if (strcmp(state, "done") != 0) {
        const char *told = arena_format(world->arena, "%s is %s", step->name, state);
        const char *key =
            arena_format(world->arena, "%s %s%s%s", state, step->name,
                         takes_back(handler) ? " @" : "", takes_back(handler) ? reader->name : "");
        const struct guard *other = fact(world, key, NULL, told);
        rule(world, guard_not(world->arena, guard_and(world->arena, other, done)));
        return guard_and(world->arena, other, state_means(world, step, state, other));
    }
    if (!takes_back(handler))
        return done;
    return guard_and(world->arena, done,
                     fact(world,
                          arena_format(world->arena, "still %s @%s", step->name, reader->name),
                          arena_format(world->arena, "%s was undone", step->name), NULL));
}

/* An undo and a release come when the run may have been undone: what was done need not be. */
static const struct guard *state_late(struct world *world, const char *state,
                                      const struct plan_step *step, const struct plan_step *reader)
{
    const char *key = arena_format(world->arena, "%s %s @%s", state, step->name, reader->name);
    const struct guard *made =
        fact(world, key, NULL, arena_format(world->arena, "%s is %s by then", step->name, state));
    return strcmp(state, "done") == 0
               ? guard_and(world->arena, made, world_ended_well(world, step, true))
               : made;
}

static bool comes_late(const struct plan_step *reader, const struct plan_step *outer)
{
    for (; reader != NULL && reader != outer; reader = reader->parent)
        if (reader->relation == PLAN_UNDO || reader->relation == PLAN_RELEASE)
            return true;
    return false;
}

static const struct guard *state_is(struct world *world, const struct guard *is,
                                    const struct plan_step *step, const struct plan_step *reader)
{
    struct meeting meeting;
    bool meet = place_meet(step, reader, &meeting);
    if (meet && meeting.a->relation == PLAN_INSIDE && meeting.b->relation == PLAN_FAILURE)
        return state_found(world, is, step, reader, meeting.b);
    const char *state = is->value->text.at;
    if (comes_late(reader, meet ? meeting.b->parent : NULL))
        return state_late(world, state, step, reader);
    const struct guard *was = ran(world, step);
    if (strcmp(state, "skipped") == 0)
        return guard_not(world->arena, was);
    if (strcmp(state, "done") == 0)
        return world_ended_well(world, step, true);
    if (strcmp(state, "failed") == 0)
        return guard_and(world->arena, was, failed(world, step));
    return guard_always(false); /* what is in no other state is waited for, or blocks */
}

/* ---- guards ---- */

/* NAME as a fact: at each reader another where it is fleeting, or of another failure. */
static const char *key_of(struct world *world, const struct guard *guard,
                          const struct plan_step *reader)
{
    const char *name = guard->name;
    if (guard->fleeting)
        return arena_format(world->arena, "%s @%s", name, reader->name);
    if (!place_mentions(arena_format(world->arena, "‹%s›", name), "failure"))
        return name;
    while (reader != NULL && reader->relation != PLAN_FAILURE)
        reader = reader->parent;
    return arena_format(world->arena, "%s @%s", name,
                        reader && reader->parent ? reader->parent->name : "");
}

static const struct guard *plain(struct world *world, const struct guard *guard,
                                 const struct plan_step *reader)
{
    return fact(world, key_of(world, guard, reader),
                arena_format(world->arena, "%s is false", guard->name),
                arena_format(world->arena, "%s is true", guard->name));
}

static const struct guard *equal(struct world *world, const char *subject, const char *name,
                                 const struct value *value)
{
    struct buffer shown = {0};
    bool text = value->kind == VALUE_TEXT;
    buffer_format(&shown, text ? "'%s'" : "%s", value_print(world->arena, value));
    const char *printed = arena_copy(world->arena, shown.at, shown.length);
    buffer_free(&shown);
    const char *key = arena_format(world->arena, "%s == %s", subject, printed);
    bool known = map_get(&world->facts, key) != NULL;
    const struct guard *made =
        fact(world, key, arena_format(world->arena, "%s is not %s", name, printed),
             arena_format(world->arena, "%s is %s", name, printed));
    struct list *others = map_get(&world->subjects, subject);
    if (others == NULL) {
        others = arena_alloc(world->arena, sizeof *others);
        map_put(world->arena, &world->subjects, subject, others);
    }
    for (size_t i = 0; i < others->count && !known; i++)
        rule(world, guard_not(world->arena, guard_and(world->arena, made, others->at[i])));
    if (!known)
        list_add(world->arena, others, (void *)(uintptr_t)made);
    return made;
}

/* A param that is one of some is one of those. */
static void is_one_of(struct world *world, const char *subject)
{
    static const char params[] = "params.";
    const struct param *param =
        strncmp(subject, params, sizeof params - 1) == 0
            ? map_get(&world->plan->runbook->params, subject + sizeof params - 1)
            : NULL;
    if (param == NULL || param->one_of == NULL || param->one_of->kind != TERM_CONSTANT ||
        param->one_of->constant->kind != VALUE_LIST)
        return;
    const struct value *all = param->one_of->constant;
    const struct guard *any = guard_always(false);
    for (size_t i = 0; i < all->list.count; i++) {
        const struct guard *one = equal(world, subject, subject, all->list.at[i]);
        /* which it is tells which it is not */
        ((struct fact *)map_get(&world->facts, one->name))->told[0] = NULL;
        any = guard_or(world->arena, any, one);
    }
    rule(world, any);
}

static const struct guard *comparison(struct world *world, const struct guard *guard,
                                      const struct plan_step *reader)
{
    const char *rest;
    const struct plan_step *step = step_of(world, guard->name, &rest);
    if (step != NULL && strcmp(rest, "state") == 0 && guard->value->kind == VALUE_TEXT)
        return state_is(world, guard, step, reader);
    const char *subject = key_of(world, guard, reader);
    if (map_get(&world->subjects, subject) == NULL)
        is_one_of(world, subject);
    const struct guard *made = equal(world, subject, guard->name, guard->value);
    const struct plan_step *broken =
        strcmp(guard->name, "failure.step") == 0 && guard->value->kind == VALUE_TEXT
            ? map_get(world->steps, guard->value->text.at)
            : NULL;
    if (broken != NULL)
        reach(world, broken, made);
    return made;
}

static const struct guard *existence(struct world *world, const struct guard *guard,
                                     const struct plan_step *reader)
{
    const char *rest;
    const struct plan_step *step = step_of(world, guard->name, &rest);
    const char *key = arena_format(world->arena, "exists %s", key_of(world, guard, reader));
    bool known = map_get(&world->facts, key) != NULL;
    const struct guard *made =
        fact(world, key, arena_format(world->arena, "there is no %s", guard->name),
             arena_format(world->arena, "there is a %s", guard->name));
    struct meeting meeting;
    if (step != NULL && !known && place_meet(step, reader, &meeting))
        rule(world,
             implies(world, made,
                     world_ended_well(world, step, meeting.a->relation == meeting.b->relation)));
    return made;
}

const struct guard *world_read(struct world *world, const struct guard *guard,
                               const struct plan_step *step)
{
    switch (guard->kind) {
    case GUARD_ALWAYS:
        return guard;
    case GUARD_FACT:
        return plain(world, guard, step);
    case GUARD_IS:
        return comparison(world, guard, step);
    case GUARD_EXISTS:
        return existence(world, guard, step);
    case GUARD_NOT:
        return guard_not(world->arena, world_read(world, guard->a, step));
    case GUARD_AND:
        return guard_and(world->arena, world_read(world, guard->a, step),
                         world_read(world, guard->b, step));
    case GUARD_OR:
        return guard_or(world->arena, world_read(world, guard->a, step),
                        world_read(world, guard->b, step));
    }
    return guard;
}

const struct guard *world_has_items(struct world *world, const struct plan_step *loop)
{
    const struct value *list = loop->loop->list;
    if (list->kind != VALUE_UNKNOWN)
        return guard_always(true);
    struct guard same = {.name = list->text.at, .fleeting = place_fleeting(list->text.at)};
    const char *key = arena_format(world->arena, "empty %s", key_of(world, &same, loop));
    world->asks_lists = true;
    return guard_not(world->arena,
                     fact(world, key, NULL, arena_format(world->arena, "%s is empty", same.name)));
}

void world_learn(struct world *world, const struct plan_step *step)
{
    for (size_t i = 0; world->asks_lists && i < world->steps->count; i++) {
        const struct plan_step *loop = world->steps->at[i].value;
        struct meeting meeting;
        if (loop->loop != NULL && !loop->step->foreach->empty_ok &&
            loop->loop->list->kind == VALUE_UNKNOWN && place_meet(loop, step, &meeting) &&
            meeting.a == loop && place_before(&meeting))
            rule(world,
                 implies(world, world_ended_well(world, loop, true), world_has_items(world, loop)));
    }
}

const struct guard *world_begins(struct world *world, const struct plan_step *step,
                                 const struct plan_step *outer)
{
    const struct guard *all = guard_always(true);
    for (; step != outer && step != NULL; step = step->parent) {
        all = guard_and(world->arena, all, ran(world, step));
        if (step->loop != NULL)
            all = guard_and(world->arena, all, world_has_items(world, step));
    }
    return all;
}

bool world_possible(struct world *world, const struct guard *guard, const char **example)
{
    /* What is asked comes first: rules of other facts have nothing to say then. */
    const struct guard *all = guard_and(world->arena, guard, world->rules);
    return search_possible(world->arena, all, &world->facts, example);
}
