#include "engine/inside.h"

#include "base/arena.h"
#include "engine/act.h"
#include "engine/ask.h"
#include "engine/handlers.h"
#include "engine/live.h"
#include "engine/release.h"
#include "engine/run.h"
#include "engine/tell.h"
#include "lang/value.h"
#include "store/state.h"

#include <string.h>

#define DEPTH_LIMIT 10 /* deeper than this nobody follows a runbook */

static void fail_problem(struct job *job, const struct problem *problem)
{
    job_fail(job, "value", run_problem(job, problem));
}

static void inside_timeout(void *context)
{
    struct job *job = context;
    job->timed_out = true;
    opened_cancel(job->inside);
}

static void inside_ended(struct job *job, const struct value *outputs)
{
    if (outputs->map.count > 0)
        tell_computed(job, outputs);
    job_acted(job, outputs);
}

/* The inside ended well: what it held is given back, then its outputs are made. */
static void inside_released(void *context, bool well)
{
    struct job *job = context;
    struct problem problem = {0};
    struct moment inside = {.binder = &job->run->binder, .scope = job->inside->scope};
    const struct argument *call = map_get(&job->step->use.arguments, "runbook");
    const struct map *outputs = &job->step->use.action->outputs;
    if (!well) {
        job_fail(job, "action", "what it held could not be given back");
        return;
    }
    if (call != NULL && call->runbook != NULL)
        outputs = &call->runbook->outputs;
    else if (job->step->use.action->core != NULL) {
        inside_ended(job, value_map(job->arena, NULL, 0));
        return;
    }
    const struct value *values = bind_outputs(job->arena, outputs, &inside, &problem);
    if (values == NULL)
        fail_problem(job, &problem);
    else
        inside_ended(job, values);
}

static void inside_failed(struct job *job)
{
    const struct job *first = job->inside->failed;
    const struct state_step *known = first ? state_step(job->run->state, first->name) : NULL;
    if (known == NULL || known->life != LIFE_FAILED) {
        job_over(job, ENDING_BADLY); /* unknown or cancelled inside: entered again on resume */
        return;
    }
    job_fail(job, "action",
             arena_format(job->arena, "%s failed: %s",
                          first->name + strlen(job->inside->scope->prefix),
                          known->message ? known->message : ""));
}

static void inside_handled(struct opened *handlers)
{
    inside_failed(handlers->owner);
}

static void inside_closed(struct opened *opened)
{
    struct job *job = opened->owner;
    loop_timer_stop(&job->limit);
    if (job->timed_out) {
        job->timed_out = false;
        job_fail(job, "timeout", "not all inside ended within its time limit");
    } else if (opened->failed != NULL) {
        const struct argument *call = map_get(&job->step->use.arguments, "runbook");
        if (call != NULL && call->runbook != NULL && call->runbook->on_failure != NULL &&
            !job->cancelled && !run_only_settles(job->run))
            handlers_begin(job->run, opened->scope, call->runbook->on_failure, job, inside_handled);
        else
            inside_failed(job);
    } else if (opened->left > 0) {
        job_over(job, ENDING_OPEN);
    } else {
        release_scope(job->run, opened->scope, true, inside_released, job);
    }
}

/* From here on what is inside is settled, each for itself. */
static void inside_begin(struct job *job)
{
    opened_begin(job->inside);
    job_settled(job);
}

/* Asks a block of a called runbook, whose names are those of its own scope. */
static struct ask *ask_inside(struct job *job, const char *what, const struct block *block,
                              void (*answered)(void *context, enum answer answer, const char *why))
{
    struct moment *moment = arena_alloc(job->arena, sizeof *moment);
    *moment = (struct moment){.binder = &job->run->binder, .scope = job->inside->scope};
    return ask_start(&(struct ask_request){.run = job->run,
                                           .name = job->name,
                                           .what = what,
                                           .block = block,
                                           .once = strcmp(what, "target") == 0,
                                           .moment = moment,
                                           .arena = job->arena,
                                           .answered = answered,
                                           .context = job});
}

static void call_preconditions(void *context, enum answer answer, const char *why)
{
    struct job *job = context;
    job->asking = NULL;
    if (answer == ANSWER_HOLDS)
        inside_begin(job);
    else
        job_fail(job, "precondition", why);
}

static void call_target(void *context, enum answer answer, const char *why)
{
    struct job *job = context;
    const struct argument *call = map_get(&job->step->use.arguments, "runbook");
    job->asking = NULL;
    if (answer != ANSWER_HOLDS) {
        run_wrong_target(job->run, why);
        job_over(job, ENDING_OPEN);
        return;
    }
    if (call->runbook->preconditions == NULL || job->adopted) {
        inside_begin(job);
        return;
    }
    job->asking =
        ask_inside(job, "preconditions", call->runbook->preconditions, call_preconditions);
}

/* A called runbook's target and preconditions are asked when it begins. */
static void inside_ask(struct job *job)
{
    const struct argument *call = map_get(&job->step->use.arguments, "runbook");
    if (call == NULL || call->runbook == NULL) {
        inside_begin(job);
        return;
    }
    struct block *target = run_target_block(job->arena, call->runbook);
    if (target == NULL)
        call_target(job, ANSWER_HOLDS, NULL);
    else
        job->asking = ask_inside(job, "target", target, call_target);
}

/* Before another try all that is inside waits again. */
static void forget_inside(struct job *job)
{
    const char *prefix = arena_format(job->arena, "%s/", job->name);
    const struct state_step *known;
    for (size_t i = 0; (known = state_at(job->run->state, i)) != NULL; i++)
        if (strncmp(known->name, prefix, strlen(prefix)) == 0 && known->life != LIFE_WAITING)
            tell_again(job->run, known->name, "rerun", true);
}

static const char *opens(const struct job *job)
{
    if (job->step->use.action->core == NULL)
        return "composite";
    return map_get(&job->step->use.arguments, "runbook") != NULL ? "call" : "group";
}

static const struct steps *inside_steps(const struct job *job)
{
    const struct argument *group = map_get(&job->step->use.arguments, "steps");
    const struct argument *call = map_get(&job->step->use.arguments, "runbook");
    if (job->step->use.action->core == NULL)
        return job->step->use.action->steps;
    return call != NULL && call->runbook != NULL ? call->runbook->steps : group->steps;
}

void inside_open(struct job *job)
{
    struct problem problem = {0};
    struct limits limits = {0};
    const struct state_step *known = state_step(job->run->state, job->name);
    bool again =
        known != NULL && known->opened != NULL && known->opened->inputs != NULL && job->tries == 0;
    int64_t now = loop_wall(job->run->setup->loop);
    job->moment.now = value_integer(job->arena, VALUE_TIME, now);
    job->inputs = again ? value_copy(job->run->arena, known->opened->inputs)
                        : bind_arguments(job->arena, &job->step->use, &job->moment, &problem);
    if (job->inputs == NULL ||
        !bind_limits(job->arena, job->step, &job->moment, &limits, &problem)) {
        fail_problem(job, &problem);
        return;
    }
    if (job->scope->depth >= DEPTH_LIMIT) {
        job_fail(job, "value", "it is nested deeper than ten levels");
        return;
    }
    if (job->tries++ > 0)
        forget_inside(job);
    job->adopted = again;
    if (known == NULL || known->life != LIFE_RUNNING || !again)
        tell_opened(job, opens(job), NULL, job->inputs, limits.timeout ? now + limits.timeout : 0);
    const char *name =
        job->step->repeat != NULL ? name_round(job->run->arena, job->name, job->round) : job->name;
    const struct scope *scope =
        scope_inside(job->run->arena, job->scope, job->step, name, job->inputs);
    job->inside = opened_new(job->run, scope, inside_steps(job), job, inside_closed);
    if (limits.timeout > 0)
        loop_timer_start(job->run->setup->loop, &job->limit, limits.timeout, inside_timeout, job);
    inside_ask(job);
}
