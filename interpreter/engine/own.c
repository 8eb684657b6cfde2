#include "engine/own.h"

#include "base/arena.h"
#include "engine/act.h"
#include "engine/ask.h"
#include "engine/live.h"
#include "engine/question.h"
#include "engine/release.h"
#include "engine/run.h"
#include "engine/simulation.h"
#include "engine/tell.h"
#include "lang/value.h"
#include "store/state.h"

#include <string.h>

static void own_ended(struct job *job, const struct value *outputs)
{
    struct outcome outcome = {.kind = OUTCOME_ENDED, .outputs = outputs};
    outcome = tell_outcome(job, &outcome, false);
    act_outcome(job, &outcome);
}

static void own_failed(struct job *job, const char *reason, const char *message)
{
    struct outcome outcome = {.kind = OUTCOME_FAILED, .message = message};
    tell_outcome(job, &outcome, false);
    job_fail(job, reason, message);
}

/* ---- assert, set ---- */

static void assert_begin(struct job *job)
{
    const struct value *that = value_member(job->arena, job->deed->inputs, "that");
    enum answer answer = that->kind == VALUE_UNKNOWN               ? ANSWER_UNKNOWN
                         : that->kind == VALUE_BOOL && that->truth ? ANSWER_HOLDS
                                                                   : ANSWER_FAILS;
    if (simulation_answer(job->run, job->name, "assert", answer) == ANSWER_HOLDS)
        own_ended(job, value_map(job->arena, NULL, 0));
    else
        own_failed(job, "expect", run_because(job, "what is asserted is not true"));
}

static void set_begin(struct job *job)
{
    own_ended(job, job->deed->inputs);
}

/* ---- wait ---- */

static void waited(struct job *job)
{
    int64_t waited = loop_wall(job->run->setup->loop) - job->moment.now->integer;
    const struct value *duration = value_integer(job->arena, VALUE_DURATION, waited);
    own_ended(job, value_map(job->arena, &(struct member){"waited", duration}, 1));
}

static void time_over(void *context)
{
    waited(context);
}

static void block_answered(void *context, enum answer answer, const char *why)
{
    struct job *job = context;
    job->asking = NULL;
    if (answer == ANSWER_HOLDS)
        waited(job);
    else
        own_failed(job, "check", run_because(job, why));
}

/* The wall-clock time at which a wait for a time ends, 0 for one on checks. Entered again on
 * resume it keeps the end that was journaled. */
static int64_t wait_until(struct job *job)
{
    if (job->until != 0)
        return job->until;
    const struct value *duration = value_member(job->arena, job->deed->inputs, "for");
    const struct value *until = value_member(job->arena, job->deed->inputs, "until");
    if (duration->kind == VALUE_DURATION)
        return job->moment.now->integer + duration->integer;
    return until->kind == VALUE_TIME ? until->integer : 0;
}

static void wait_begin(struct job *job)
{
    const struct argument *checks = map_get(&job->step->use.arguments, "checks");
    if (checks != NULL && checks->block != NULL) {
        job->asking = ask_start(&(struct ask_request){.run = job->run,
                                                      .name = job->name,
                                                      .what = "wait",
                                                      .block = checks->block,
                                                      .moment = &job->moment,
                                                      .arena = job->arena,
                                                      .answered = block_answered,
                                                      .context = job});
        return;
    }
    loop_timer_start(job->run->setup->loop, &job->pause,
                     wait_until(job) - loop_wall(job->run->setup->loop), time_over, job);
}

/* ---- manual, release_now ---- */

static void manual_answered(void *context, bool yes, const char *reason)
{
    struct job *job = context;
    struct question *question = job->question;
    job->question = NULL;
    if (!yes) {
        own_failed(job, "refused", reason);
        return;
    }
    const struct value *evidence = question_evidence(question);
    own_ended(job, evidence == NULL
                       ? value_map(job->arena, NULL, 0)
                       : value_map(job->arena, &(struct member){"evidence", evidence}, 1));
}

static void manual_begin(struct job *job)
{
    job->question = question_manual(job, manual_answered);
}

static void released(void *context, bool well)
{
    struct job *job = context;
    if (well)
        own_ended(job, value_map(job->arena, NULL, 0));
    else
        own_failed(job, "action", "what was held could not be given back");
}

static void release_begin(struct job *job)
{
    release_named(job->run, job->scope, value_member(job->arena, job->deed->inputs, "steps"),
                  released, job);
}

/* ---- undo_run ---- */

static void undone(void *context, enum undo_end end, const char *why)
{
    struct job *job = context;
    job->undoing = NULL;
    if (end == UNDO_ALL)
        own_ended(job, value_map(job->arena, NULL, 0));
    else
        own_failed(job, "action", why);
    if (end == UNDO_UNKNOWN)
        job->run->doubt = true;
}

static void undo_run_begin(struct job *job)
{
    job->undoing = undo_begin(job->run, job->scope, NULL, undone, job);
}

/* ---- all ---- */

static const struct own {
    const char *name;
    void (*begin)(struct job *job);
} owns[] = {
    {"assert", assert_begin},       {"set", set_begin},
    {"wait", wait_begin},           {"manual", manual_begin},
    {"release_now", release_begin}, {"undo_run", undo_run_begin},
};

void own_begin(struct job *job)
{
    struct problem problem = {0};
    const struct action *action = job->step->use.action;
    job->moment.now = value_integer(job->arena, VALUE_TIME, loop_wall(job->run->setup->loop));
    const struct value *inputs =
        bind_arguments(job->arena, &job->step->use, &job->moment, &problem);
    if (inputs == NULL) {
        job_fail(job, "value", run_problem(job, &problem));
        return;
    }
    struct deed *deed = arena_alloc(job->arena, sizeof *deed);
    *deed = (struct deed){action->core, job->scope->host, job->scope->folder, inputs};
    job->deed = deed;
    int64_t until = strcmp(action->name, "wait") == 0 ? wait_until(job) : 0;
    job->tries++;
    const char *refused =
        tell_intent(job, &(struct intent){.deed = deed, .until = until, .repeatable = true});
    if (refused != NULL) {
        job_fail(job, "value", arena_format(job->arena, "it can't be recorded: %s", refused));
        return;
    }
    for (size_t i = 0; i < sizeof owns / sizeof *owns; i++)
        if (strcmp(owns[i].name, action->name) == 0)
            owns[i].begin(job);
}
