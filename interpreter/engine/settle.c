#include "engine/settle.h"

#include "base/arena.h"
#include "engine/act.h"
#include "engine/ask.h"
#include "engine/begin.h"
#include "engine/inside.h"
#include "engine/live.h"
#include "engine/own.h"
#include "engine/run.h"
#include "engine/tell.h"
#include "engine/withhold.h"
#include "lang/value.h"
#include "store/seeded.h"
#include "store/name.h"
#include "store/state.h"

#include <string.h>

/* ---- the four ways, in their order ---- */

static void by_proof(struct job *job);
static void by_done_if(struct job *job);
static void by_verify(struct job *job);
static void by_repeat(struct job *job);
static void by_person(struct job *job);

static void settled_done(struct job *job, const char *how, const char *why)
{
    tell_settled(job, how, "done", why);
    job_settled(job);
    tell_done(job);
    job_over(job, ENDING_WELL);
}

/* May it be begun once more? Not in the run in which it just became unknown. */
static bool may_begin(const struct job *job)
{
    return job->run->phase == PHASE_SETTLING || job->taken_up;
}

static void settled_again(struct job *job, const char *how, const char *why)
{
    tell_settled(job, how, "again", why);
    tell_again(job->run, job->name, "not_started", false);
    job_settled(job);
    act_forget(job);
    job->tries = 0;
    job->taken_up = false;
    job->moment.result = job->of_holder;
    if (run_hold(job))
        return;
    if (job_halted(job))
        job_over(job, ENDING_OPEN);
    else
        job_live(job);
}

/* What its action gave is known from before, or what can be made without it. */
static void take_outputs(struct job *job)
{
    const struct state_step *known = state_step(job->run->state, job->name);
    job->captured =
        known->outputs ? value_copy(job->arena, known->outputs) : value_map(job->arena, NULL, 0);
    job->moment.result = job->captured;
}

static void proof_verified(void *context, enum answer answer, const char *why)
{
    struct job *job = context;
    job->asking = NULL;
    if (answer == ANSWER_HOLDS)
        settled_done(job, "proof", NULL);
    else
        by_repeat(job);
    (void)why;
}

static void proven(void *context, const struct outcome *outcome)
{
    struct job *job = context;
    job->work = NULL;
    if (outcome->kind == OUTCOME_ENDED) {
        if (outcome->outputs != NULL) {
            (void)tell_computed(job, outcome->outputs);
            take_outputs(job);
        }
        if (job->step->verify == NULL) {
            settled_done(job, "proof", NULL);
            return;
        }
        job->asking = ask_start(&(struct ask_request){.run = job->run,
                                                      .name = job->name,
                                                      .what = "verify",
                                                      .block = job->step->verify,
                                                      .moment = &job->moment,
                                                      .arena = job->arena,
                                                      .answered = proof_verified,
                                                      .context = job});
    } else if (outcome->kind == OUTCOME_NOT_STARTED) {
        settled_again(job, "proof", outcome->message);
    } else {
        by_done_if(job);
    }
}

static void by_proof(struct job *job)
{
    const struct state_step *known = state_step(job->run->state, job->name);
    take_outputs(job);
    if (job->deed == NULL && known->attempt != NULL && known->attempt->deed != NULL)
        job->deed = deed_from_json(job->arena, known->attempt->deed, job->run->setup->core);
    if (job->deed == NULL || job->deed->action->settle == NULL || job->run->parent != NULL) {
        by_done_if(job);
        return;
    }
    struct stage stage = act_stage(job, proven);
    job->work = begin_deed(job->run->setup, job->deed, &stage, BEGIN_SETTLE);
}

static void ask_block(struct job *job, const char *what, const struct block *block,
                      void (*answered)(void *context, enum answer answer, const char *why))
{
    job->asking = ask_start(&(struct ask_request){.run = job->run,
                                                  .name = job->name,
                                                  .what = what,
                                                  .block = block,
                                                  .once = strcmp(what, "done_if") == 0,
                                                  .moment = &job->moment,
                                                  .arena = job->arena,
                                                  .answered = answered,
                                                  .context = job});
}

static void done_if_answered(void *context, enum answer answer, const char *why)
{
    struct job *job = context;
    job->asking = NULL;
    if (answer == ANSWER_HOLDS)
        settled_done(job, "done_if", why);
    else
        by_verify(job);
}

static void by_done_if(struct job *job)
{
    if (job->step->done_if != NULL && !job->step->done_if_verified)
        ask_block(job, "done_if", job->step->done_if, done_if_answered);
    else
        by_verify(job);
}

static void verify_answered(void *context, enum answer answer, const char *why)
{
    struct job *job = context;
    job->asking = NULL;
    if (answer == ANSWER_HOLDS)
        settled_done(job, "verify", why);
    else
        by_repeat(job);
}

static void by_verify(struct job *job)
{
    if (job->step->verify != NULL)
        ask_block(job, "verify", job->step->verify, verify_answered);
    else
        by_repeat(job);
}

static void by_repeat(struct job *job)
{
    if (act_repeatable(job) && may_begin(job))
        settled_again(job, "idempotent", NULL);
    else
        by_person(job);
}

static const struct said *said_of(const struct said *said, const char *name)
{
    for (; said != NULL && said->step != NULL; said++)
        if (strcmp(said->step, name) == 0)
            return said;
    return NULL;
}

static void by_person(struct job *job)
{
    const struct run_options *options = &job->run->setup->options;
    const struct said *done = said_of(options->assume_done, job->name);
    const struct said *again = said_of(options->rerun, job->name);
    if (done != NULL) {
        settled_done(job, "person", done->text);
    } else if (again != NULL && may_begin(job)) {
        settled_again(job, "person", again->text);
    } else {
        run_doubt(job);
        job_over(job, ENDING_BADLY);
    }
}

void settle_unknown(struct job *job, const char *message)
{
    tell_unknown(job, message);
    if (job->cancelled) {
        run_doubt(job);
        job_over(job, ENDING_BADLY);
        return;
    }
    by_proof(job);
}

/* ---- what an earlier interpreter left ---- */

static void adopted(void *context, const struct outcome *outcome)
{
    struct job *job = context;
    job->work = NULL;
    if (outcome->kind == OUTCOME_NOT_STARTED) {
        /* Proved that nothing was executed: it waits again, and a program that is missing is missed
         * again. */
        tell_outcome(job, outcome, true);
        tell_again(job->run, job->name, "not_started", false);
        job_settled(job);
        job->tries = 0;
        act_forget(job);
        if (!run_hold(job))
            job_live(job);
        return;
    }
    struct outcome told = tell_outcome(job, outcome, true);
    if (told.kind == OUTCOME_ENDED)
        job_settled(job);
    act_outcome(job, &told);
}

/* It is begun anew, and nobody is asked. */
static void fly_again(struct job *job)
{
    tell_again(job->run, job->name, "resume", false);
    job_settled(job);
    job->tries = 0;
    job->deed = NULL;
    if (!run_hold(job))
        job_live(job);
}

static void seeded_done(struct job *job)
{
    job_settled(job);
    tell_done(job);
    job_over(job, ENDING_WELL);
}

static void enter_flying(struct job *job, const struct state_step *known)
{
    if (RUNBOOK_SEEDED_BUG == 1) {
        fly_again(job);
        return;
    }
    if (RUNBOOK_SEEDED_BUG == 4) {
        seeded_done(job);
        return;
    }
    const struct core_action *core = job->step->use.action->core;
    job->attempt = known->attempt->number;
    job->tries = known->attempt->tries;
    job->moment.now = value_integer(job->arena, VALUE_TIME, known->attempt->now);
    job->deed = known->attempt->deed
                    ? deed_from_json(job->arena, known->attempt->deed, job->run->setup->core)
                    : NULL;
    if (core != NULL && core->form == FORM_ENGINE) {
        job->until = known->attempt->until;
        tell_again(job->run, job->name, "resume", false);
        job_settled(job);
        job->tries = 0;
        own_begin(job);
    } else if (known->attempt->shim && job->deed != NULL && job->deed->action->adopt != NULL) {
        job->adopted = true;
        struct stage stage = act_stage(job, adopted);
        job->work = begin_deed(job->run->setup, job->deed, &stage, BEGIN_ADOPT);
    } else if (act_repeatable(job)) {
        fly_again(job);
    } else {
        struct outcome lost = {.kind = OUTCOME_LOST,
                               .message = "the interpreter ended before the action's end was seen"};
        tell_outcome(job, &lost, false);
        settle_unknown(job, lost.message);
    }
}

/* Its outcome is in the record, and what follows from it is not. */
static void enter_ended(struct job *job, const struct state_step *known)
{
    struct outcome outcome = {
        .kind = known->attempt->outcome,
        .outputs = known->result ? value_copy(job->arena, known->result) : NULL,
        .message = known->attempt->message ? arena_copy(job->arena, known->attempt->message,
                                                        strlen(known->attempt->message))
                                           : NULL,
        .duration = known->attempt->duration};
    job->attempt = known->attempt->number;
    job->tries = known->attempt->tries;
    job->moment.now = value_integer(job->arena, VALUE_TIME, known->attempt->now);
    if (outcome.kind == OUTCOME_ENDED)
        job_settled(job);
    act_outcome(job, &outcome);
}

/* It waits again, from its beginning. */
static void enter_anew(struct job *job)
{
    tell_again(job->run, job->name, "resume", false);
    job_settled(job);
    if (!run_hold(job))
        job_live(job);
}

static void enter_running(struct job *job, const struct state_step *known)
{
    const struct core_action *core = job->step->use.action->core;
    bool opens = core == NULL || core->form == FORM_STEPS;
    job->moment.previous = known->previous ? value_copy(job->arena, known->previous) : NULL;
    if (known->round > 0)
        job->round = known->round;
    if (job->loop == NULL && job->step->foreach != NULL) {
        job_settled(job);
        items_begin(job);
    } else if (opens) {
        inside_open(job);
    } else if (known->attempt == NULL) {
        enter_anew(job);
    } else if (known->attempt->ended) {
        enter_ended(job, known);
    } else {
        enter_flying(job, known);
    }
}

void settle_enter(struct job *job, const struct state_step *known)
{
    job->given = state_answer_waiting(known);
    /* What it gave is a secret, and went with who got it. It may be run again: that was proved. */
    if (withhold_any(job->step) && (job->loop != NULL || job->step->foreach == NULL)) {
        enter_anew(job);
        return;
    }
    switch (known->life) {
    case LIFE_RUNNING:
        enter_running(job, known);
        return;
    case LIFE_VERIFYING:
        take_outputs(job);
        job_settled(job);
        job_verify(job);
        return;
    case LIFE_UNKNOWN:
        by_proof(job);
        return;
    case LIFE_WAITING:
    case LIFE_ASKING:
    case LIFE_DONE:
    case LIFE_SKIPPED:
    case LIFE_FAILED:
    case LIFE_CANCELLED:
    case LIFE_UNDONE:
    case LIFE_BLOCKED:
    case LIFE_COUNT:
        enter_anew(job);
        return;
    }
}

/* One whose action had ended well may have happened: it is settled like an unknown one. */
static bool may_have_happened(const struct state_step *step)
{
    if (step->attempt == NULL || !step->attempt->ended || !step->acted ||
        step->attempt->outcome != OUTCOME_ENDED)
        return false;
    if (step->life == LIFE_CANCELLED)
        return true;
    return step->life == LIFE_FAILED && step->reason != NULL &&
           (strcmp(step->reason, "verify") == 0 || strcmp(step->reason, "value") == 0);
}

void settle_anew(struct run *run, const struct state_step *step)
{
    if (may_have_happened(step))
        tell_unknown_name(run, step->name,
                          step->message ? step->message : "its end was not verified");
    else
        tell_again(run, step->name, "resume", false);
}

/* What is half taken back is neither done nor undone. */
static void settle_half_undone(struct run *run)
{
    const struct state_obligation *owed;
    for (size_t i = 0; (owed = state_obligation(run->state, i)) != NULL; i++)
        if (owed->open && owed->undo && state_life(run->state, owed->entry) != LIFE_WAITING &&
            state_life(run->state, owed->step) == LIFE_DONE)
            tell_unknown_name(run, owed->step, "its undo began, and did not get to its end");
}

void settle_record(struct run *run)
{
    const struct state_step *step;
    settle_half_undone(run);
    for (size_t i = 0; (step = state_at(run->state, i)) != NULL; i++) {
        if (name_in_entry(step->name))
            continue;
        switch (step->life) {
        case LIFE_FAILED:
        case LIFE_CANCELLED:
            if (step->tolerated)
                break;
            settle_anew(run, step);
            break;
        case LIFE_UNDONE:
            tell_again(run, step->name, "undone", true);
            break;
        case LIFE_ASKING:
            if (state_answer_waiting(step) != NULL)
                break; /* settle_enter takes it */
            tell_again(run, step->name, "resume", false);
            break;
        case LIFE_DONE:
            if (withhold_lost(run->setup->secrets, step->outputs)) {
                map_put(run->arena, &run->renewed, step->name, run);
                tell_again(run, step->name, "secret", true);
            }
            break;
        case LIFE_WAITING:
        case LIFE_RUNNING:
        case LIFE_VERIFYING:
        case LIFE_SKIPPED:
        case LIFE_UNKNOWN:
        case LIFE_BLOCKED:
        case LIFE_COUNT:
            break;
        }
    }
}
