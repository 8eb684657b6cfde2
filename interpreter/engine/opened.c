/* opened: what is ready in one scope, by counters: a step whose last need ended is entered, what
 * hangs on a step that ended badly is blocked, and the scope closes when nothing in it is alive and
 * nothing can begin. */
#include "engine/live.h"

#include "base/arena.h"
#include "engine/tell.h"
#include "store/state.h"

#include <assert.h>

/* The successors of every step, as one array: counted, then filled. */
static void index_successors(struct opened *opened, const struct steps *steps)
{
    struct arena *arena = opened->run->arena;
    size_t edges = 0;
    opened->start = arena_alloc(arena, (opened->count + 1) * sizeof *opened->start);
    for (size_t i = 0; i < opened->count; i++) {
        const struct step *step = steps->order.at[i];
        opened->unmet[i] = (uint32_t)step->needs.count;
        edges += step->needs.count;
        for (size_t n = 0; n < step->needs.count; n++)
            opened->start[((const struct step *)step->needs.at[n])->index + 1]++;
    }
    for (size_t i = 0; i < opened->count; i++)
        opened->start[i + 1] += opened->start[i];
    opened->after = arena_alloc(arena, (edges + 1) * sizeof *opened->after);
    uint32_t *filled = arena_alloc(arena, (opened->count + 1) * sizeof *filled);
    for (size_t i = 0; i < opened->count; i++) {
        const struct step *step = steps->order.at[i];
        for (size_t n = 0; n < step->needs.count; n++) {
            size_t need = ((const struct step *)step->needs.at[n])->index;
            opened->after[opened->start[need] + filled[need]++] = (uint32_t)i;
        }
    }
}

struct opened *opened_new(struct run *run, const struct scope *scope, const struct steps *steps,
                          struct job *owner, void (*closed)(struct opened *))
{
    struct opened *opened = arena_alloc(run->arena, sizeof *opened);
    opened->run = run;
    opened->scope = scope;
    opened->owner = owner;
    opened->closed = closed;
    opened->count = steps->order.count;
    opened->left = opened->count;
    opened->sorted = steps->sorted;
    opened->jobs = arena_alloc(run->arena, (opened->count + 1) * sizeof *opened->jobs);
    opened->unmet = arena_alloc(run->arena, (opened->count + 1) * sizeof *opened->unmet);
    index_successors(opened, steps);
    for (size_t i = 0; i < opened->count; i++) {
        struct job *job = &opened->jobs[i];
        job->run = run;
        job->home = opened;
        job->scope = scope;
        job->step = steps->order.at[i];
        job->name = name_step(run->arena, scope, job->step->id);
    }
    return opened;
}

static void close_if_quiet(void *context)
{
    struct opened *opened = context;
    void (*closed)(struct opened *) = opened->closed;
    if (closed == NULL || opened->alive > 0)
        return;
    opened->closed = NULL;
    closed(opened);
}

static bool left_out(const struct job *job)
{
    const struct state_step *known = state_step(job->run->state, job->name);
    return known != NULL && known->life == LIFE_SKIPPED && known->left_out;
}

/* Left out on the operator's word, or done while a step before it runs again (its secret was lost
 * with another interpreter). It still stands between what it needs and what needs it. */
static bool is_passed(const struct job *job)
{
    return left_out(job) || state_life(job->run->state, job->name) == LIFE_DONE;
}

static void pass_over(void *context)
{
    struct job *job = context;
    if (job->ending == ENDING_NONE)
        job_over(job, ENDING_WELL);
}

static void begin_job(struct job *job)
{
    if (job->begun)
        return;
    job->begun = true;
    job->home->alive++;
    settling_begin(job);
    run_later(job->run, is_passed(job) ? pass_over : job_enter, job);
}

static void met(struct opened *opened, size_t index)
{
    for (uint32_t i = opened->start[index]; i < opened->start[index + 1]; i++) {
        uint32_t after = opened->after[i];
        assert(opened->unmet[after] > 0);
        if (--opened->unmet[after] == 0 && opened->jobs[after].ending == ENDING_NONE &&
            !run_only_settles(opened->run))
            begin_job(&opened->jobs[after]);
    }
}

void opened_over(struct job *job)
{
    struct opened *opened = job->home;
    size_t index = job->step->index;
    if (job->ending != ENDING_OPEN)
        opened->left--;
    if (job->begun)
        opened->alive--;
    if (job->ending == ENDING_BADLY && opened->failed == NULL)
        opened->failed = job;
    if (job->ending == ENDING_WELL || (opened->handlers && job->ending == ENDING_BADLY))
        met(opened, index);
    if (opened->alive == 0)
        run_later(opened->run, close_if_quiet, opened);
}

/* What the record says of a step when its scope is opened again. */
static enum ending ending_recorded(const struct job *job)
{
    const struct state_step *known = state_step(job->run->state, job->name);
    if (known == NULL)
        return ENDING_NONE;
    switch (known->life) {
    case LIFE_DONE:
        return ENDING_WELL;
    case LIFE_SKIPPED:
        return known->left_out ? ENDING_NONE : ENDING_WELL;
    case LIFE_FAILED:
        return known->tolerated ? ENDING_WELL : ENDING_BADLY;
    case LIFE_WAITING:
    case LIFE_ASKING:
    case LIFE_RUNNING:
    case LIFE_VERIFYING:
    case LIFE_UNKNOWN:
    case LIFE_CANCELLED:
    case LIFE_UNDONE:
    case LIFE_BLOCKED:
    case LIFE_COUNT:
        return ENDING_NONE;
    }
    return ENDING_NONE;
}

/* Unknown since a resume found its undo cut off: that undo goes on. */
static bool half_undone(const struct run *run, const struct state_step *known)
{
    return known->life == LIFE_UNKNOWN && state_undo_begun(run->state, known->name);
}

static bool in_flight(const struct job *job)
{
    const struct state_step *known = state_step(job->run->state, job->name);
    if (run_only_settles(job->run) && known != NULL &&
        (known->life == LIFE_CANCELLED || known->life == LIFE_UNDONE ||
         half_undone(job->run, known)))
        return false; /* it is at rest, and nobody wants it to go on */
    return known != NULL && known->life != LIFE_WAITING && !left_out(job);
}

void opened_begin(struct opened *opened)
{
    bool only_settles = run_only_settles(opened->run);
    for (size_t i = 0; i < opened->count; i++)
        opened->jobs[i].ending = ending_recorded(&opened->jobs[i]);
    for (size_t i = 0; i < opened->count; i++) {
        struct job *job = &opened->jobs[opened->sorted[i]];
        bool met = opened->unmet[opened->sorted[i]] == 0 && !only_settles;
        bool passed = state_life(opened->run->state, job->name) == LIFE_DONE;
        if (job->ending == ENDING_WELL && passed && !met && !only_settles)
            job->ending = ENDING_NONE;
        else if (job->ending != ENDING_NONE)
            opened_over(job);
        else if (met || in_flight(job))
            begin_job(job);
    }
    if (opened->alive == 0)
        run_later(opened->run, close_if_quiet, opened);
}

void opened_wake(struct opened *opened)
{
    for (size_t i = 0; i < opened->count; i++)
        if (opened->jobs[i].begun && opened->jobs[i].ending == ENDING_NONE)
            job_wake(&opened->jobs[i]);
}

void opened_cancel(struct opened *opened)
{
    opened->halted = true;
    for (size_t i = 0; i < opened->count; i++)
        if (opened->jobs[i].begun && opened->jobs[i].ending == ENDING_NONE)
            job_cancel(&opened->jobs[i]);
}
