/* step: the life of a job, in the order of grammar.md's "The life of a step": when, foreach,
 * done_if, preconditions, target, approve, the action (act.c), expect and outputs, repeat, verify.
 */
#include "engine/live.h"

#include "base/arena.h"
#include "engine/act.h"
#include "engine/ask.h"
#include "engine/captured.h"
#include "engine/question.h"
#include "engine/release.h"
#include "engine/run.h"
#include "engine/settle.h"
#include "engine/simulation.h"
#include "engine/tell.h"
#include "engine/withhold.h"
#include "lang/value.h"
#include "store/state.h"
#include "sys/loop.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void live_target(struct job *job);
static void live_approve(struct job *job);

/* ---- the end ---- */

static void free_arena(void *arena)
{
    arena_free(arena);
}

/* Everything that could still call back is stopped; the memory goes when nothing that is under way
 * in this turn can look at it any more. */
static void job_quiet(struct job *job)
{
    bool cancelled = job->asking != NULL;
    ask_cancel(job->asking);
    job->asking = NULL;
    question_withdraw(job->question);
    job->question = NULL;
    loop_timer_stop(&job->pause);
    loop_timer_stop(&job->limit);
    run_slot_free(job);
    if (job->arena != NULL && cancelled)
        list_add(job->run->arena, &job->run->late, job->arena);
    else if (job->arena != NULL)
        run_later(job->run, free_arena, job->arena);
    job->arena = NULL;
}

void job_settled(struct job *job)
{
    if (!job->settling || (job->renews && job->ending == ENDING_NONE))
        return;
    job->settling = false;
    run_settled(job->run);
}

void job_over(struct job *job, enum ending ending)
{
    assert(job->ending == ENDING_NONE && ending != ENDING_NONE);
    job_quiet(job);
    job->ending = ending;
    run_until(job);
    job_settled(job);
    if (job->over != NULL)
        job->over(job);
    else
        opened_over(job);
}

/* Is somebody around it who can bear its failure: a tolerated step, a retry, a loop that goes on?
 * Then only what lies inside that one stops beginning new work. */
static struct opened *absorber(const struct job *job)
{
    for (struct opened *home = job->home; home != NULL && home->owner != NULL;
         home = home->owner->home) {
        const struct job *owner = home->owner;
        const struct step *step = owner->step;
        bool bears = step->tolerate != NULL || step->retry != NULL ||
                     (step->foreach != NULL && step->foreach->stop_after != NULL);
        if (bears || owner->home == NULL || owner->home->handlers)
            return home;
    }
    return NULL;
}

static void halt_for(struct job *job)
{
    if (job->loop != NULL && (job->step->tolerate != NULL || job->step->foreach->stop_after))
        return; /* the loop decides */
    if (job->home == NULL || job->home->handlers)
        return; /* a release, a handler: it keeps nobody from anything */
    struct opened *home = absorber(job);
    if (home != NULL)
        home->halted = true;
    else
        run_failed(job);
}

static const char *tolerated(const struct job *job)
{
    if (job->step->tolerate == NULL || job->loop != NULL)
        return NULL;
    struct problem problem = {0};
    const struct value *why =
        bind_term(job->arena, job->step->tolerate, NULL, &job->moment, &problem);
    return why != NULL && why->kind == VALUE_TEXT ? why->text.at : "tolerated";
}

static bool may_retry(const struct job *job, const char *reason)
{
    const struct retry *retry = job->step->retry;
    if (retry == NULL || job_halted(job) || job->cancelled)
        return false;
    if (strcmp(reason, "timeout") == 0)
        return retry->also_timeout;
    if (strcmp(reason, "verify") == 0)
        return retry->also_verify;
    return strcmp(reason, "action") == 0 || strcmp(reason, "expect") == 0 ||
           strcmp(reason, "value") == 0;
}

static void try_again(void *context)
{
    struct job *job = context;
    if (job_halted(job)) {
        job_over(job, ENDING_OPEN);
        return;
    }
    job_live(job);
}

/* The delay before try TRIES + 1: delay x backoff^(tries - 1), give or take a tenth. */
static int64_t retry_delay(struct job *job, int64_t delay, double backoff)
{
    double wait = (double)delay;
    for (unsigned i = 1; i < job->tries && wait < 86400e9; i++)
        wait *= backoff;
    double jitter = 0.9 + 0.2 * run_random(job->run);
    wait *= jitter;
    return wait > 86400e9 ? (int64_t)86400e9 : (int64_t)wait;
}

static bool retry_begins(struct job *job, const char *reason, const char *message)
{
    const struct retry *retry = job->step->retry;
    struct problem problem = {0};
    int64_t attempts = 1, delay = 0;
    if (!may_retry(job, reason) ||
        !bind_number(job->arena, retry->attempts, 1, &job->moment, &attempts, &problem) ||
        !bind_number(job->arena, retry->delay, 1000000000, &job->moment, &delay, &problem) ||
        (int64_t)job->tries >= attempts)
        return false;
    const struct value *backoff =
        bind_term(job->arena, retry->backoff, NULL, &job->moment, &problem);
    double factor = backoff == NULL                ? 1
                    : backoff->kind == VALUE_FLOAT ? backoff->real
                    : backoff->kind == VALUE_INT   ? (double)backoff->integer
                                                   : 1;
    delay = retry_delay(job, delay, factor);
    tell_retrying(job, delay, reason, message);
    job->result = job->captured = NULL;
    job->moment.result = job->of_holder;
    run_slot_free(job);
    act_forget(job);
    loop_timer_start(run_loop(job->run), &job->pause, delay, try_again, job);
    return true;
}

void job_fail(struct job *job, const char *reason, const char *message)
{
    loop_timer_stop(&job->limit);
    if (retry_begins(job, reason, message))
        return;
    const char *why = tolerated(job);
    tell_failed(job, reason, message, why);
    if (why == NULL)
        halt_for(job);
    job_over(job, why != NULL ? ENDING_WELL : ENDING_BADLY);
}

static void fail_value(struct job *job, const struct problem *problem)
{
    job_fail(job, "value", run_problem(job, problem));
}

/* ---- 11: verify, done ---- */

static void live_done(struct job *job)
{
    tell_done(job);
    job_over(job, ENDING_WELL);
}

static void verified(void *context, enum answer answer, const char *why)
{
    struct job *job = context;
    job->asking = NULL;
    if (answer == ANSWER_HOLDS)
        live_done(job);
    else
        job_fail(job, "verify", why);
}

void job_verify(struct job *job)
{
    loop_timer_stop(&job->limit);
    run_slot_free(job);
    if (job->step->verify == NULL) {
        live_done(job);
        return;
    }
    tell_verifying(job);
    job->asking = ask_start(&(struct ask_request){.run = job->run,
                                                  .name = job->name,
                                                  .what = "verify",
                                                  .block = job->step->verify,
                                                  .moment = &job->moment,
                                                  .arena = job->arena,
                                                  .answered = verified,
                                                  .context = job});
}

/* ---- 9, 10: expect, outputs, repeat ---- */

static bool expected(struct job *job, bool own, const struct value *outputs)
{
    const struct expectation *expect = captured_expect(job->arena, job->step, own);
    if (expect == NULL)
        return true;
    struct buffer why = {0};
    struct values values = moment_values(job->arena, &job->moment);
    enum answer answer = simulation_answer(
        job->run, job->name, "expect", expect_judge(job->arena, expect, outputs, &values, &why));
    const char *message = why.at ? arena_copy(job->arena, why.at, why.length) : "";
    buffer_free(&why);
    if (answer == ANSWER_HOLDS)
        return true;
    job_fail(job, "expect", run_because(job, message));
    return false;
}

/* The step's further outputs; false when the job failed. They are computed where the names of its
 * inside mean something, when it has one. */
static bool compute_outputs(struct job *job)
{
    if (job->step->outputs.count == 0)
        return true;
    struct problem problem = {0};
    struct moment moment = job->moment;
    if (job->inside != NULL)
        moment.scope = job->inside->scope;
    const struct value *more = bind_outputs(job->arena, &job->step->outputs, &moment, &problem);
    if (more == NULL) {
        fail_value(job, &problem);
        return false;
    }
    more = withhold_in(job->arena, more, job->withheld);
    const char *refused = tell_computed(job, more);
    if (refused != NULL) {
        job_fail(job, "value", refused);
        return false;
    }
    job->captured = captured_join(job->arena, job->captured, more);
    job->moment.result = job->captured;
    return expected(job, false, job->captured);
}

static void next_round(void *context)
{
    struct job *job = context;
    if (job_halted(job)) {
        job_over(job, ENDING_OPEN);
        return;
    }
    job->round++;
    tell_round(job, 0);
    act_begin(job);
}

static void live_repeat(struct job *job)
{
    const struct repeat *repeat = job->step->repeat;
    struct problem problem = {0};
    int64_t max = 1, pause = 0;
    int until = simulation_condition(
        job->run, bind_condition(job->arena, repeat->until, &job->moment, &problem));
    if (until == 1) {
        job_verify(job);
        return;
    }
    if (until == -2 || !bind_number(job->arena, repeat->max, 1, &job->moment, &max, &problem) ||
        !bind_number(job->arena, repeat->pause, 0, &job->moment, &pause, &problem)) {
        fail_value(job, &problem);
        return;
    }
    if ((int64_t)job->round >= max) {
        job_fail(job, "action",
                 arena_format(job->arena, "`until` is not true after %u rounds", job->round));
        return;
    }
    job->moment.previous = job->captured;
    job->moment.result = NULL;
    act_forget(job);
    loop_timer_start(run_loop(job->run), &job->pause, pause, next_round, job);
}

void job_acted(struct job *job, const struct value *result)
{
    job->captured = result;
    job->moment.result = result;
    if (!expected(job, true, result) || !compute_outputs(job))
        return;
    if (job->step->repeat != NULL)
        live_repeat(job);
    else
        job_verify(job);
}

/* ---- 1 to 7 ---- */

static void approved(void *context, bool yes, const char *reason)
{
    struct job *job = context;
    job->question = NULL;
    if (yes && job_halted(job))
        job_over(job, ENDING_OPEN); /* the answer is written, and counts when it is resumed */
    else if (yes)
        act_begin(job);
    else
        job_fail(job, "refused", reason);
}

static void live_approve(struct job *job)
{
    if (job->step->approve == NULL) {
        act_begin(job);
        return;
    }
    struct problem problem = {0};
    job->question = question_approve(job, approved, &problem);
    if (job->question == NULL)
        fail_value(job, &problem);
}

static void target_answered(void *context, enum answer answer, const char *why)
{
    struct job *job = context;
    job->asking = NULL;
    if (answer == ANSWER_HOLDS) {
        live_approve(job);
        return;
    }
    run_wrong_target(job->run, why);
    job_over(job, ENDING_OPEN);
}

static bool one_destroys(const struct list *entries)
{
    for (size_t i = 0; i < entries->count; i++)
        if (((const struct step *)entries->at[i])->effect == EFFECT_DESTROY)
            return true;
    return false;
}

static bool destroys(const struct step *step)
{
    return step->effect == EFFECT_DESTROY || one_destroys(&step->undo) ||
           one_destroys(&step->release);
}

static void live_target(struct job *job)
{
    const struct block *target = destroys(job->step) ? job->run->target : NULL;
    if (target == NULL) {
        live_approve(job);
        return;
    }
    job->asking = ask_start(&(struct ask_request){.run = job->run,
                                                  .name = job->name,
                                                  .what = "target",
                                                  .block = target,
                                                  .once = true,
                                                  .moment = &job->run->moment,
                                                  .arena = job->arena,
                                                  .answered = target_answered,
                                                  .context = job});
}

static void preconditions_answered(void *context, enum answer answer, const char *why)
{
    struct job *job = context;
    job->asking = NULL;
    if (answer == ANSWER_HOLDS)
        live_target(job);
    else
        job_fail(job, "precondition", why);
}

static void live_preconditions(struct job *job)
{
    if (job->step->preconditions == NULL) {
        live_target(job);
        return;
    }
    job->asking = ask_start(&(struct ask_request){.run = job->run,
                                                  .name = job->name,
                                                  .what = "preconditions",
                                                  .block = job->step->preconditions,
                                                  .moment = &job->moment,
                                                  .arena = job->arena,
                                                  .answered = preconditions_answered,
                                                  .context = job});
}

static void done_if_answered(void *context, enum answer answer, const char *why)
{
    struct job *job = context;
    job->asking = NULL;
    switch (answer) {
    case ANSWER_HOLDS:
        job_proved(job);
        return;
    case ANSWER_FAILS:
        live_preconditions(job);
        return;
    case ANSWER_UNASKED:
    case ANSWER_UNKNOWN:
        job_fail(job, "check", why);
        return;
    }
}

/* What its action would be given; NULL when that can't be made. */
static const struct value *inputs_of(struct job *job)
{
    struct problem problem = {0};
    const struct use *use = &job->step->use;
    const struct core_action *core = use->action->core;
    if (core == NULL || core->form != FORM_WORK)
        return bind_arguments(job->arena, use, &job->moment, &problem);
    const struct deed *deed = bind_deed(job->arena, use, &job->moment, &problem);
    return deed != NULL ? deed->inputs : NULL;
}

/* What it would have done is there already: outputs that are made of params alone can be made. */
void job_proved(struct job *job)
{
    const struct step *step = job->step;
    const struct map *outputs = &step->use.action->outputs;
    struct moment inside = job->moment;
    const struct value *inputs = inputs_of(job);
    if (inputs != NULL && step->use.action->core == NULL)
        inside.scope = scope_inside(job->arena, job->scope, step, job->name, inputs);
    job->captured = captured_known(job->arena, step, outputs, inputs, &inside);
    job->moment.result = job->captured;
    const struct value *more = captured_known(job->arena, step, &step->outputs, NULL, &job->moment);
    job->captured = captured_join(job->arena, job->captured, more);
    job->moment.result = job->captured;
    if (job->captured->map.count > 0)
        (void)tell_computed(job, job->captured);
    job_verify(job);
}

/* 4, for a step and for each item of a loop; retry comes back to here. */
void job_live(struct job *job)
{
    if (job->step->done_if == NULL) {
        live_preconditions(job);
        return;
    }
    job->asking = ask_start(&(struct ask_request){.run = job->run,
                                                  .name = job->name,
                                                  .what = "done_if",
                                                  .block = job->step->done_if,
                                                  .once = true,
                                                  .moment = &job->moment,
                                                  .arena = job->arena,
                                                  .answered = done_if_answered,
                                                  .context = job});
}

static void enter_new(struct job *job)
{
    struct problem problem = {0};
    if (job->loop == NULL && job->step->when != NULL) {
        int when = simulation_condition(
            job->run, bind_condition(job->arena, job->step->when, &job->moment, &problem));
        if (when < 0) {
            fail_value(job, &problem);
            return;
        }
        if (when == 0) {
            tell_skipped(job, "when", NULL);
            job_over(job, ENDING_WELL);
            return;
        }
    }
    if (job->loop == NULL && job->step->foreach != NULL)
        items_begin(job);
    else
        job_live(job);
}

void job_prepare(struct job *job)
{
    if (job->arena == NULL)
        job->arena = arena_new();
    job->moment.binder = &job->run->binder;
    job->moment.scope = job->scope;
    job->moment.failure = job->run->failure;
    job->round = job->step->repeat != NULL && job->round == 0 ? 1 : job->round;
}

void job_enter(void *context)
{
    struct job *job = context;
    if (job->ending != ENDING_NONE)
        return;
    const struct state_step *known = state_step(job->run->state, job->name);
    bool fresh = known == NULL || known->life == LIFE_WAITING;
    if (fresh && !job->renews && run_hold(job))
        return;
    if (fresh && job_halted(job)) {
        job_over(job, ENDING_OPEN);
        return;
    }
    job_prepare(job);
    if (fresh)
        enter_new(job);
    else
        settle_enter(job, known);
}

/* ---- nothing new begins; cancel ---- */

void job_wake(struct job *job)
{
    const struct state_step *known = state_step(job->run->state, job->name);
    enum life life = known ? known->life : LIFE_WAITING;
    if (!job_halted(job))
        return;
    if (job->items != NULL)
        items_wake(job->items);
    else if (job->inside != NULL)
        opened_wake(job->inside);
    else if (job->work == NULL && !job->settling &&
             (life == LIFE_WAITING || life == LIFE_ASKING || job->question != NULL))
        job_over(job, ENDING_OPEN);
}

void job_cancel(struct job *job)
{
    job->cancelled = true;
    if (job->undoing != NULL) {
        undo_cancel(job->undoing);
    } else if (job->items != NULL) {
        items_cancel(job->items);
    } else if (job->inside != NULL) {
        opened_cancel(job->inside);
    } else if (job->work != NULL) {
        act_cancel(job);
    } else {
        const struct state_step *known = state_step(job->run->state, job->name);
        bool own = known != NULL && known->life == LIFE_RUNNING && known->attempt != NULL &&
                   !known->attempt->ended;
        /* A program or request that had begun would be at work: this one waits for its sync. */
        bool begun = job->deed == NULL || job->deed->action->form != FORM_WORK;
        if (own)
            tell_outcome(job,
                         &(struct outcome){.kind = begun ? OUTCOME_CANCELLED : OUTCOME_NOT_STARTED},
                         false);
        if (own || (known != NULL && (known->life == LIFE_ASKING || known->life == LIFE_VERIFYING)))
            tell_cancelled(job, NULL);
        act_forget(job);
        job_over(job, ENDING_BADLY);
    }
}
