/* The steps of the plan one after the other, each asked in the order of its life: when, done_if,
 * preconditions, the action where it reads, verify. A question is asked when the one before it has
 * its answer, so that nothing but time is lost by a slow one, and what a step gave is known to the
 * next. */
#include "engine/preflight_own.h"

#include "base/arena.h"
#include "engine/live.h"
#include "engine/probe.h"
#include "engine/unrecorded.h"
#include "lang/value.h"
#include "plan/plan.h"
#include "sys/loop.h"

static void next(void *context);

void preflight_go_on(struct preflight *preflight, enum preflight_stage stage)
{
    preflight->stage = stage;
    run_later(preflight->run, next, preflight);
}

/* ---- telling ---- */

static bool is_tolerated(const struct plan_step *step)
{
    for (; step != NULL; step = step->parent)
        if (step->step->tolerate != NULL)
            return true;
    return false;
}

void preflight_tell(struct preflight *preflight, struct preflight_finding finding)
{
    const struct plan_step *step = preflight->turn->step;
    finding.step = step ? step->name : NULL;
    finding.counts = finding.counts && !is_tolerated(step);
    preflight->setup->found(preflight->setup->context, &finding);
}

void preflight_later(struct preflight *preflight, const char *what, const char *before)
{
    preflight_tell(preflight, (struct preflight_finding){
                                  .what = what, .answer = PREFLIGHT_LATER, .before = before});
}

void preflight_no_value(struct preflight *preflight, const char *what,
                        const struct problem *problem)
{
    preflight_tell(preflight, (struct preflight_finding){.what = what,
                                                         .answer = PREFLIGHT_FAILS,
                                                         .why = problem->message,
                                                         .counts = true});
}

const char *preflight_changed_by(struct preflight *preflight)
{
    const char *name = preflight->step->changed_by;
    return name ? arena_format(preflight->arena, "step %s", name) : NULL;
}

void preflight_turn(struct preflight *preflight, const struct plan_step *step, bool behind)
{
    struct turn *turn = arena_alloc(preflight->arena, sizeof *turn);
    *turn = (struct turn){step, behind};
    list_add(preflight->arena, &preflight->turns, turn);
}

void preflight_turns(struct preflight *preflight, const struct list *steps)
{
    for (size_t i = steps->count; i > 0; i--)
        preflight_turn(preflight, steps->at[i - 1], false);
}

/* ---- the run's own ---- */

static void run_asked(struct preflight *preflight)
{
    preflight_go_on(preflight, STAGE_OVER);
}

static void ask_preconditions_of_run(struct preflight *preflight)
{
    const struct block *block = preflight->setup->plan->runbook->preconditions;
    if (block == NULL)
        preflight_go_on(preflight, STAGE_OVER);
    else
        preflight_block(preflight, "preconditions", &block->checks, true, run_asked);
}

static void ask_run(struct preflight *preflight)
{
    const struct plan *plan = preflight->setup->plan;
    preflight->moment = (struct moment){.binder = &preflight->known.binder, .scope = plan->scope};
    preflight_block(preflight, "target", &plan->runbook->target, true, ask_preconditions_of_run);
}

/* ---- turns ---- */

static void end(void *context)
{
    struct preflight *preflight = context;
    preflight->setup->ended(preflight->setup->context);
}

/* An item that changes something comes before the next. */
static void item_over(struct preflight *preflight)
{
    const struct known_step *step = preflight->step;
    if (step != NULL && step->plan->relation == PLAN_ITEM && step->changes && step->parent != NULL)
        step->parent->changed_by = step->plan->name;
}

static void next_turn(struct preflight *preflight)
{
    item_over(preflight);
    if (preflight->turns.count == 0 || preflight->stopped) {
        run_later(preflight->run, end, preflight);
        return;
    }
    preflight->turn = preflight->turns.at[--preflight->turns.count];
    const struct plan_step *step = preflight->turn->step;
    preflight->step = step == NULL              ? NULL
                      : preflight->turn->behind ? map_get(&preflight->known.steps, step->name)
                                                : known_enter(&preflight->known, step);
    if (step != NULL)
        preflight->moment =
            known_moment(&preflight->known, step, loop_wall(preflight->setup->loop));
    if (step == NULL)
        ask_run(preflight);
    else if (preflight->turn->behind)
        preflight_leave(preflight);
    else
        preflight_go_on(preflight, STAGE_WHEN);
}

static void next(void *context)
{
    static void (*const stages[])(struct preflight * preflight) = {
        [STAGE_WHEN] = preflight_when,
        [STAGE_DONE_IF] = preflight_done_if,
        [STAGE_CALL_TARGET] = preflight_called,
        [STAGE_CALL_PRECONDITIONS] = preflight_called,
        [STAGE_PRECONDITIONS] = preflight_preconditions,
        [STAGE_PEOPLE] = preflight_people,
        [STAGE_ACTION] = preflight_act,
        [STAGE_VERIFY] = preflight_verify,
        [STAGE_OVER] = next_turn,
    };
    struct preflight *preflight = context;
    if (preflight->turn != NULL && preflight->turn->step != NULL)
        preflight->moment.scope = preflight->turn->step->scope;
    stages[preflight->stopped ? STAGE_OVER : preflight->stage](preflight);
}

/* ---- the door ---- */

static void begin(void *context)
{
    next_turn(context);
}

struct preflight *preflight_start(const struct preflight_setup *setup)
{
    struct arena *arena = arena_new();
    struct preflight *preflight = arena_alloc(arena, sizeof *preflight);
    preflight->setup = setup;
    preflight->arena = arena;
    preflight->run_setup = (struct run_setup){.loop = setup->loop,
                                              .processes = setup->processes,
                                              .transfers = setup->transfers,
                                              .secrets = setup->secrets,
                                              .core = setup->core,
                                              .runbook = setup->plan->runbook,
                                              .params = setup->plan->params,
                                              .id = "preflight",
                                              .folder = setup->folder};
    preflight->run = unrecorded_new(&preflight->run_setup);
    known_begin(&preflight->known, arena);
    preflight_turns(preflight, &setup->plan->steps);
    preflight_turn(preflight, NULL, false);
    run_later(preflight->run, begin, preflight);
    return preflight;
}

void preflight_stop(struct preflight *preflight)
{
    bool probing = preflight->probe != NULL;
    if (preflight->stopped)
        return;
    preflight->stopped = true;
    probe_cancel(preflight->probe);
    preflight->probe = NULL;
    if (probing)
        preflight_go_on(preflight, STAGE_OVER);
}

void preflight_free(struct preflight *preflight)
{
    if (preflight == NULL)
        return;
    unrecorded_free(preflight->run);
    arena_free(preflight->arena);
}
