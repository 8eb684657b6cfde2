#include "engine/act.h"

#include "base/arena.h"
#include "engine/begin.h"
#include "engine/live.h"
#include "engine/inside.h"
#include "engine/own.h"
#include "engine/run.h"
#include "engine/settle.h"
#include "engine/tell.h"
#include "engine/withhold.h"
#include "lang/secret.h"
#include "lang/value.h"
#include "store/journal.h"
#include "store/seeded.h"
#include "store/state.h"
#include "sys/loop.h"

bool act_repeatable(const struct job *job)
{
    return job->step->effect == EFFECT_READ || job->step->idempotent;
}

/* ---- what proves it ---- */

static void prove(void *context, const struct value *proof, void (*written)(void *data), void *data)
{
    struct job *job = context;
    job->written = written;
    job->written_data = data;
    tell_proof(job, proof);
    run_sync(job);
}

/* It is written, or (not GOOD) can't be. */
static void proved(struct job *job, bool good)
{
    void (*written)(void *data) = job->written;
    job->written = NULL;
    if (good)
        written(job->written_data);
    else
        begin_cancel(job->work);
}

static void output(void *context, int stream, struct text bytes)
{
    struct job *job = context;
    const struct run_setup *setup = job->run->setup;
    if (setup->output != NULL && job->run->parent == NULL)
        setup->output(setup->context, job->name, stream, bytes);
}

struct stage act_stage(struct job *job, void (*ended)(void *context, const struct outcome *outcome))
{
    const struct run_setup *setup = job->run->setup;
    bool quiet = job->run->parent != NULL;
    bool withholds = withhold_any(job->step); /* a secret is in its output */
    struct limits limits = {0};
    struct problem problem = {0};
    const struct state_step *known = state_step(job->run->state, job->name);
    bind_limits(job->arena, job->step, &job->moment, &limits, &problem);
    return (struct stage){
        .arena = job->arena,
        .loop = setup->loop,
        .folder = setup->folder,
        .run_folder = quiet || withholds ? -1 : journal_folder(setup->journal),
        .attempt = job->attempt,
        .processes = setup->processes,
        .transfers = setup->transfers,
        .shim = !quiet && !act_repeatable(job),
        .run = setup->id,
        .step = job->name,
        .limit = limits.timeout,
        .grace = limits.grace,
        .output = withholds ? NULL : output,
        .prove = quiet ? NULL : prove,
        .proof = known != NULL && known->attempt != NULL ? known->attempt->proof : NULL,
        .ended = ended,
        .context = job,
    };
}

static void fail_problem(struct job *job, const struct problem *problem)
{
    job_fail(job, "value", run_problem(job, problem));
}

/* ---- what it came to ---- */

void act_outcome(struct job *job, const struct outcome *outcome)
{
    const char *message = outcome->message ? outcome->message : "";
    switch (outcome->kind) {
    case OUTCOME_ENDED:
        job_acted(job, outcome->outputs ? outcome->outputs : value_map(job->arena, NULL, 0));
        return;
    case OUTCOME_NOT_STARTED:
    case OUTCOME_FAILED:
        job_fail(job, "action", message);
        return;
    case OUTCOME_DIED:
    case OUTCOME_TIMED_OUT:
    case OUTCOME_LOST:
        if (act_repeatable(job))
            job_fail(job, outcome->kind == OUTCOME_TIMED_OUT ? "timeout" : "action", message);
        else
            settle_unknown(job, message);
        return;
    case OUTCOME_CANCELLED:
        if (act_repeatable(job)) {
            tell_cancelled(job, message);
            job_over(job, ENDING_BADLY);
        } else {
            settle_unknown(job, message);
        }
        return;
    }
}

static const char *intent(struct job *job, int64_t timeout)
{
    bool repeatable = act_repeatable(job);
    return tell_intent(job,
                       &(struct intent){.deed = job->deed,
                                        .limit = timeout ? job->moment.now->integer + timeout : 0,
                                        .repeatable = repeatable,
                                        .shim = !repeatable});
}

/* What of it is secret is known before anything of it is told. */
static void withhold(struct job *job, struct outcome *outcome)
{
    struct secrets *secrets = job->run->setup->secrets;
    struct problem problem = {0};
    struct moment moment = job->moment;
    job->withheld = NULL;
    if (outcome->kind != OUTCOME_ENDED || outcome->outputs == NULL || secrets == NULL ||
        !withhold_any(job->step))
        return;
    moment.result = outcome->outputs;
    job->withheld = withhold_learn(job->arena, secrets, job->step, job->name, &moment, &problem);
    if (job->withheld == NULL) {
        *outcome = (struct outcome){.kind = OUTCOME_FAILED, .message = run_problem(job, &problem)};
        return;
    }
    outcome->outputs = secrets_hide_in(job->arena, secrets, outcome->outputs);
}

static void ended(void *context, const struct outcome *outcome)
{
    struct job *job = context;
    struct outcome known = *outcome, told = *outcome;
    job->work = NULL;
    if (job->written != NULL) { /* it ended while its proof was being written */
        run_unsync(job);
        job->written = NULL;
    }
    run_slot_free(job);
    withhold(job, &known);
    if (RUNBOOK_SEEDED_BUG == 6)
        (void)intent(job, 0);
    if (RUNBOOK_SEEDED_BUG != 7)
        told = tell_outcome(job, &known, job->adopted);
    act_outcome(job, &told);
}

void act_refuse(struct job *job)
{
    struct run *run = job->run;
    if (job->written != NULL) {
        proved(job, false);
        return;
    }
    struct outcome outcome = {.kind = OUTCOME_NOT_STARTED, .message = run->broken};
    /* Not its failure, which somebody may tolerate: a resume begins it as if it were new. */
    (void)tell_outcome(job, &outcome, false);
    tell_again(run, job->name, "not_started", false);
    job_over(job, ENDING_OPEN);
}

void act_start(struct job *job)
{
    if (job->written != NULL) {
        proved(job, true);
        return;
    }
    struct stage stage = act_stage(job, ended);
    job->work = begin_deed(job->run->setup, job->deed, &stage, BEGIN_START);
    if (job->cancelled)
        begin_cancel(job->work);
}

/* Without an intent nothing begins. */
static void not_told(struct job *job, const char *refused)
{
    run_slot_free(job);
    if (refused != NULL)
        job_fail(job, "value", arena_format(job->arena, "it can't be recorded: %s", refused));
    else
        job_over(job, ENDING_OPEN);
}

void act_deed(struct job *job)
{
    struct problem problem = {0};
    struct limits limits = {0};
    job->moment.now = value_integer(job->arena, VALUE_TIME, loop_wall(job->run->setup->loop));
    job->deed = bind_deed(job->arena, &job->step->use, &job->moment, &problem);
    if (job->deed == NULL || !bind_limits(job->arena, job->step, &job->moment, &limits, &problem)) {
        run_slot_free(job);
        fail_problem(job, &problem);
        return;
    }
    job->tries++;
    job->adopted = false;
    const char *refused = NULL;
    if (RUNBOOK_SEEDED_BUG == 6)
        job->attempt = journal_next(job->run->setup->journal);
    else
        refused = intent(job, limits.timeout);
    if (job->attempt == 0) {
        not_told(job, refused);
        return;
    }
    if (RUNBOOK_SEEDED_BUG == 7)
        tell_outcome(job, &(struct outcome){.kind = OUTCOME_ENDED}, false);
    if (job->run->parent != NULL)
        act_start(job); /* inside a check: nothing of it is in the record */
    else if (job->step->effect == EFFECT_READ)
        run_write(job);
    else
        run_sync(job);
}

void act_cancel(struct job *job)
{
    if (job->work != NULL)
        begin_cancel(job->work);
}

void act_forget(struct job *job)
{
    job->inside = NULL;
    job->deed = NULL;
}

void act_begin(struct job *job)
{
    const struct core_action *core = job->step->use.action->core;
    if (core == NULL) {
        inside_open(job);
        return;
    }
    switch (core->form) {
    case FORM_WORK:
        run_slot(job);
        return;
    case FORM_STEPS:
        inside_open(job);
        return;
    case FORM_ENGINE:
        own_begin(job);
        return;
    }
}
