#include "engine/run.h"

#include "base/arena.h"
#include "base/diagnostic.h"
#include "engine/ask.h"
#include "engine/handlers.h"
#include "engine/live.h"
#include "engine/release.h"
#include "engine/settle.h"
#include "engine/tell.h"
#include "engine/undo_whole.h"
#include "lang/value.h"
#include "store/journal.h"
#include "store/state.h"
#include "sys/failure.h"

#include <string.h>

struct loop *run_loop(const struct run *run)
{
    return run->setup->loop;
}

void run_later(struct run *run, void (*call)(void *context), void *context)
{
    loop_later(run->setup->loop, call, context);
}

/* xorshift64: jitter needs no better. */
double run_random(struct run *run)
{
    uint64_t x = run->chance ? run->chance : (uint64_t)loop_now(run->setup->loop) | 1;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    run->chance = x;
    return (double)(x >> 11) / 9007199254740992.0;
}

const char *run_problem(struct job *job, const struct problem *problem)
{
    if (problem->mark.source == NULL)
        return problem->message ? problem->message : "a value can't be made";
    return arena_format(job->arena, "%s (%s:%u:%u)", problem->message,
                        source_name(problem->mark.source), mark_line(problem->mark),
                        mark_column(problem->mark));
}

const char *run_because(struct job *job, const char *message)
{
    struct problem problem = {0};
    const struct value *because =
        bind_term(job->arena, job->step->because, &value_unset, &job->moment, &problem);
    if (because == NULL || because->kind != VALUE_TEXT)
        return message;
    return message != NULL && message[0] != '\0'
               ? arena_format(job->arena, "%s (%s)", because->text.at, message)
               : because->text.at;
}

/* ---- what names give ---- */

static const struct value *with_life(struct arena *arena, const struct value *outputs,
                                     const struct state_step *known)
{
    size_t count = outputs->kind == VALUE_MAP ? outputs->map.count : 0;
    struct member *members = arena_alloc(arena, (count + 5) * sizeof *members);
    if (count > 0)
        memcpy(members, outputs->map.at, count * sizeof *members);
    enum life life = known ? known->life : LIFE_WAITING;
    members[count++] = (struct member){"state", value_string(arena, life_name(life))};
    if (known != NULL && known->started != 0)
        members[count++] =
            (struct member){"started", value_integer(arena, VALUE_TIME, known->started)};
    if (known != NULL && known->ended != 0) {
        members[count++] = (struct member){"ended", value_integer(arena, VALUE_TIME, known->ended)};
        if (value_member(arena, outputs, "duration")->kind == VALUE_UNSET)
            members[count++] = (struct member){
                "duration", value_integer(arena, VALUE_DURATION, known->ended - known->started)};
    }
    members[count++] = (struct member){
        "attempts",
        value_integer(arena, VALUE_INT, known && known->attempt ? known->attempt->tries : 0)};
    return value_map(arena, members, count);
}

static const struct value *run_outputs(const struct binder *binder, struct arena *arena,
                                       const struct scope *scope, const struct step *step,
                                       const char *name)
{
    const struct run *run = binder->context;
    const struct state_step *known = state_step(run->state, name);
    const struct value *outputs = &value_unset;
    (void)scope;
    if (step->foreach != NULL)
        outputs = items_outputs(arena, run, step, name);
    else if (known != NULL && known->outputs != NULL &&
             (known->life != LIFE_FAILED || !known->tolerated))
        outputs = known->outputs;
    return with_life(arena, outputs, known);
}

static const struct value *run_values(struct run *run)
{
    const struct state_run *known = state_run(run->state);
    const char *id = run->setup->id;
    const char *short_ = strrchr(id, '-');
    size_t length = short_ ? (size_t)(short_ - id) : strlen(id);
    size_t begin = length > 15 ? length - 15 : 0;
    const struct member members[] = {
        {"id", value_string(run->arena, id)},
        {"stamp", value_string(run->arena, arena_copy(run->arena, id + begin, length - begin))},
        {"short", value_string(run->arena, short_ ? short_ + 1 : id)},
        {"started", value_integer(run->arena, VALUE_TIME, known->started)},
        {"state", value_string(run->arena, run->failed ? "failed" : "running")},
        {"irreversible", value_bool(known->irreversible != NULL)},
        {"ok", value_bool(!run->failed)},
    };
    return value_map(run->arena, members, sizeof members / sizeof *members);
}

/* ---- the gate of a resume ---- */

bool run_hold(struct job *job)
{
    struct run *run = job->run;
    if (run->phase != PHASE_SETTLING || run->parent != NULL)
        return false;
    job->next = run->held;
    run->held = job;
    return true;
}

bool run_only_settles(const struct run *run)
{
    return run->parent == NULL && run->setup->options.undo &&
           (run->phase == PHASE_SETTLING || run->phase == PHASE_STEPS);
}

void settling_begin(struct job *job)
{
    struct run *run = job->run;
    if (run->phase != PHASE_SETTLING || run->parent != NULL)
        return;
    enum life life = state_life(run->state, job->name);
    job->renews = map_get(&run->renewed, job->name) != NULL;
    bool passes = life == LIFE_DONE || life == LIFE_SKIPPED;
    if (!job->renews && !passes &&
        (life == LIFE_WAITING || life_final(life) != (life == LIFE_UNKNOWN)))
        return;
    job->settling = true;
    run->settling++;
}

static void open_gate(void *context)
{
    struct run *run = context;
    if (run->phase != PHASE_SETTLING || run->settling > 0)
        return;
    run->phase = PHASE_STEPS;
    if (run->doubt)
        run->halted = run->untouched = true;
    while (run->held != NULL) {
        struct job *job = run->held;
        run->held = job->next;
        run_later(run, job_enter, job);
    }
}

void run_settled(struct run *run)
{
    if (--run->settling == 0)
        run_later(run, open_gate, run);
}

/* ---- nothing new ---- */

bool job_halted(const struct job *job)
{
    const struct run *run = job->run;
    const struct opened *home = job->home;
    while (home != NULL) {
        if (home->halted)
            return true;
        if (home->owner == NULL || home->handlers)
            break; /* handlers, also of a call, are there for what halted the rest */
        home = home->owner->home;
    }
    if (home == NULL || home->handlers)
        return run->cancelling; /* a release, a handler */
    return run->halted;
}

static void wake(void *context)
{
    struct run *run = context;
    if (run->root != NULL)
        opened_wake(run->root);
    if (run->parent == NULL && run->asking != NULL && run->phase == PHASE_OPENING) {
        ask_cancel(run->asking);
        run->asking = NULL;
        run_finish(run);
    }
}

void run_halt(struct run *run)
{
    if (run->halted)
        return;
    run->halted = true;
    run_later(run, wake, run);
}

void run_failed(struct job *job)
{
    struct run *run = job->run;
    const struct state_step *known = state_step(run->state, job->name);
    if (!run->failed && known != NULL) {
        const struct member members[] = {
            {"step", value_string(run->arena, job->name)},
            {"reason", value_string(run->arena, known->reason ? known->reason : "")},
            {"message", value_string(run->arena, known->message ? known->message : "")},
        };
        run->failure = value_map(run->arena, members, 3);
    }
    run->failed = true;
    run->moment.failure = run->failure;
    run->binder.run = run->parent ? run->binder.run : run_values(run);
    run_halt(run);
}

void run_doubt(struct job *job)
{
    job->run->doubt = true;
    run_failed(job);
}

void run_wrong_target(struct run *run, const char *why)
{
    run->wrong_target = true;
    run->reason = arena_copy(run->arena, why ? why : "", why ? strlen(why) : 0);
    run_halt(run);
}

void run_needs_person(struct run *run, const char *why)
{
    if (run->parent != NULL || run->stopping)
        return;
    run->reason = arena_copy(run->arena, why, strlen(why));
    run->stopping = true;
    tell_stopping(run, run->reason, NULL);
    run_halt(run);
}

void run_stop(struct run *run, const char *reason, const struct person *person)
{
    if (run->phase == PHASE_ENDED)
        return;
    if (!run->stopping) {
        run->stopping = true;
        run->reason = arena_copy(run->arena, reason, strlen(reason));
        tell_stopping(run, reason, person ? person->user : NULL);
        run_halt(run);
        return;
    }
    if (run->cancelling)
        return;
    run->cancelling = run->halted = true;
    if (run->undoing != NULL)
        undo_cancel(run->undoing);
    if (run->root != NULL)
        opened_cancel(run->root);
    if (run->handlers != NULL)
        opened_cancel(run->handlers);
}

void run_until(struct job *job)
{
    struct run *run = job->run;
    const char *until = run->setup->options.until;
    if (run->parent == NULL && until != NULL && strcmp(until, job->name) == 0 &&
        run->phase == PHASE_STEPS)
        run_stop(run, arena_format(run->arena, "--until %s", until), NULL);
}

/* ---- the end ---- */

/* What a person ought to read of a run that got there: failures that were borne. */
static size_t tolerated_steps(struct run *run, const char ***at)
{
    const struct state_step *step;
    size_t count = 0, index = 0;
    for (size_t i = 0; (step = state_at(run->state, i)) != NULL; i++)
        count += step->tolerated;
    *at = arena_alloc(run->arena, (count + 1) * sizeof **at);
    for (size_t i = 0; (step = state_at(run->state, i)) != NULL; i++)
        if (step->tolerated)
            (*at)[index++] = step->name;
    return count;
}

static bool got_there(const struct run *run)
{
    return run->root != NULL && run->root->left == 0 && run->root->failed == NULL;
}

static const char *result_of(struct run *run, size_t tolerated, int *exit)
{
    const struct state_run *known = state_run(run->state);
    *exit = 1;
    if (run->doubt)
        return *exit = 10, "in_doubt";
    if (run->wrong_target)
        return *exit = 7, "failed";
    if (run->precondition_failed)
        return *exit = 4, "failed";
    if (run->release_failed)
        return "failed";
    if (run->setup->options.undo && run->broken == NULL)
        return undo_whole_result(run, exit);
    if (undo_whole_by_handler(run) && run->broken == NULL)
        return *exit = 9, "undone";
    if (run->failed)
        return "failed";
    if (run->broken != NULL)
        return *exit = 11, "failed";
    if (run->setup->options.release_only)
        return *exit = 0, run->setup->options.result;
    if (!got_there(run))
        return *exit = 5, "stopped";
    *exit = 0;
    return tolerated > 0 || known->left_out || known->unknown_passed ? "recovered" : "succeeded";
}

static void not_written(struct run *run, enum journal_result result, const char *why)
{
    bool low = result == JOURNAL_LOW;
    if (low && run->phase == PHASE_ENDED)
        return; /* all that there was to tell is told */
    run->broken_for_good |= !low;
    run->broken = arena_format(run->arena, "%s: %s",
                               low ? "the disk is full" : "the record can't be written", why);
    run_halt(run);
}

static void before_wait(void *context)
{
    struct run *run = context;
    struct failure failure;
    enum journal_result result = JOURNAL_OK;
    if (!run->broken_for_good && journal_dirty(run->setup->journal))
        result = run->sync_wanted ? journal_sync(run->setup->journal, &failure)
                                  : journal_write(run->setup->journal, &failure);
    run->sync_wanted = false;
    if (result != JOURNAL_OK)
        not_written(run, result, failure.text);
    if (run->broken == NULL)
        run_synced(run);
    else if (run->sync_first != NULL)
        run_later(run, run_refuse, run);
    if (run->setup->turned != NULL)
        run->setup->turned(run->setup->context);
}

static void tell_end(void *context)
{
    struct run *run = context;
    before_wait(run); /* its end counts when it is synced, not before */
    if (run->broken != NULL)
        run->exit = 11;
    run->setup->ended(run->setup->context);
}

void run_finish(struct run *run)
{
    if (run->phase == PHASE_ENDED)
        return;
    run->phase = PHASE_ENDED;
    const char **tolerated;
    size_t count = tolerated_steps(run, &tolerated);
    const char *result = result_of(run, count, &run->exit);
    if (run->broken != NULL)
        run->exit = 11;
    tell_ended(run, result, run->exit, run->reason, tolerated, count);
    if (run->broken != NULL)
        run->exit = 11;
    run_later(run, tell_end, run);
}

static void all_released(void *context, bool well)
{
    (void)well;
    run_finish(context);
}

static void releases_begin(struct run *run)
{
    run->phase = PHASE_RELEASING;
    release_all(run, !run->failed && !run->setup->options.undo, all_released, run);
}

static void handled(struct opened *handlers)
{
    struct run *run = handlers->run;
    bool open = handlers->left > 0; /* one waits for a person: what it needs held stays held */
    if (run->doubt || run->cancelling || open)
        run_finish(run);
    else
        releases_begin(run);
}

static void root_closed(struct opened *root)
{
    struct run *run = root->run;
    const struct steps *on_failure = run->setup->runbook->on_failure;
    if (run->wrong_target || run->broken != NULL || run->cancelling) {
        run_finish(run);
    } else if (run->setup->options.undo) {
        undo_whole_begin(run, releases_begin);
    } else if (run->failed && on_failure != NULL && !run->untouched) {
        run->phase = PHASE_HANDLERS;
        handlers_begin(run, root->scope, on_failure, NULL, handled);
    } else if (run->doubt || (!run->failed && !got_there(run))) {
        run_finish(run);
    } else {
        releases_begin(run);
    }
}

/* ---- the beginning ---- */

/* An undo_run was cut off: its on_failure goes on, and not the steps that it takes back. */
static void go_on_undoing(struct run *run)
{
    run->going_on = run->failed = true;
    run->halted = true;
    run->phase = PHASE_HANDLERS;
    run->failure = undo_whole_failure(run);
    run->moment.failure = run->failure;
    run->binder.run = run_values(run);
    handlers_begin(run, run->root->scope, run->setup->runbook->on_failure, NULL, handled);
}

static void begin_steps(struct run *run)
{
    run->phase = PHASE_SETTLING;
    if (run->setup->options.release_only) {
        releases_begin(run);
        return;
    }
    if (undo_whole_goes_on(run)) {
        go_on_undoing(run);
        return;
    }
    run->halted = run->setup->options.undo;
    opened_begin(run->root);
    run_later(run, open_gate, run);
}

static void preconditions_answered(void *context, enum answer answer, const char *why)
{
    struct run *run = context;
    run->asking = NULL;
    if (answer == ANSWER_HOLDS) {
        begin_steps(run);
        return;
    }
    run->precondition_failed = true;
    run->reason = arena_copy(run->arena, why, strlen(why));
    run_finish(run);
}

static void ask_preconditions(struct run *run)
{
    const struct block *block = run->setup->runbook->preconditions;
    if (block == NULL || state_run(run->state)->preconditions_held || run->setup->options.undo) {
        begin_steps(run);
        return;
    }
    run->asking = ask_start(&(struct ask_request){.run = run,
                                                  .what = "preconditions",
                                                  .block = block,
                                                  .moment = &run->moment,
                                                  .arena = run->arena,
                                                  .answered = preconditions_answered,
                                                  .context = run});
}

static void target_answered(void *context, enum answer answer, const char *why)
{
    struct run *run = context;
    run->asking = NULL;
    if (answer == ANSWER_HOLDS) {
        ask_preconditions(run);
        return;
    }
    run_wrong_target(run, why);
    run_finish(run);
}

struct block *run_target_block(struct arena *arena, const struct runbook *runbook)
{
    if (runbook->target.count == 0)
        return NULL;
    struct block *block = arena_alloc(arena, sizeof *block);
    block->mark = ((const struct check *)runbook->target.at[0])->mark;
    block->checks = runbook->target;
    return block;
}

void run_start(struct run *run)
{
    const struct run_setup *setup = run->setup;
    loop_before_wait(setup->loop, before_wait, run);
    run->binder.run = run_values(run);
    run->moment.scope = scope_root(run->arena, setup->runbook, setup->params);
    run->root = opened_new(run, run->moment.scope, setup->runbook->steps, NULL, root_closed);
    if (state_run(run->state)->resumes > 0 && !setup->options.release_only &&
        !setup->options.undo && !undo_whole_goes_on(run))
        settle_record(run);
    run->target = run_target_block(run->arena, setup->runbook);
    if (run->target == NULL) {
        ask_preconditions(run);
        return;
    }
    run->asking = ask_start(&(struct ask_request){.run = run,
                                                  .what = "target",
                                                  .block = run->target,
                                                  .once = true,
                                                  .moment = &run->moment,
                                                  .arena = run->arena,
                                                  .answered = target_answered,
                                                  .context = run});
}

struct run *run_new(const struct run_setup *setup)
{
    struct arena *arena = arena_new();
    struct run *run = arena_alloc(arena, sizeof *run);
    run->arena = arena;
    run->setup = setup;
    run->state = setup->state;
    run->binder = (struct binder){.outputs = run_outputs, .context = run};
    run->moment.binder = &run->binder;
    return run;
}

int run_exit(const struct run *run)
{
    return run->exit;
}

const char *run_broken(const struct run *run)
{
    return run->broken;
}

void run_free(struct run *run)
{
    if (run == NULL)
        return;
    if (run->parent != NULL)
        state_free(run->state);
    else
        loop_before_wait(run->setup->loop, NULL, NULL);
    for (size_t i = 0; i < run->late.count; i++)
        arena_free(run->late.at[i]);
    arena_free(run->arena);
}
