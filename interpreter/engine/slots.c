/* slots: who may be at work now: the places of --jobs, and intents that wait for the journal's
 * sync. */
#include "engine/live.h"

#include "engine/act.h"
#include "engine/run.h"

#define DEFAULT_JOBS 32

static struct run *outermost(struct run *run)
{
    while (run->parent != NULL)
        run = run->parent;
    return run;
}

static void enqueue(struct job **first, struct job **last, struct job *job)
{
    job->next = NULL;
    if (*first == NULL)
        *first = job;
    else
        (*last)->next = job;
    *last = job;
}

static struct job *dequeue(struct job **first)
{
    struct job *job = *first;
    if (job != NULL)
        *first = job->next;
    return job;
}

/* A check's inside holds no place: a verify must not miss its time because two dumps run. */
void run_slot(struct job *job)
{
    struct run *run = job->run;
    size_t jobs = run->setup->options.jobs ? run->setup->options.jobs : DEFAULT_JOBS;
    if (run->parent != NULL) {
        act_deed(job);
        return;
    }
    if (run->at_work >= jobs) {
        job->queued = true;
        enqueue(&run->slot_first, &run->slot_last, job);
        return;
    }
    run->at_work++;
    job->in_slot = true;
    act_deed(job);
}

static void take_out(struct job **from, struct job **from_last, const struct job *job)
{
    struct job *first = NULL, *last = NULL, *at;
    while ((at = dequeue(from)) != NULL)
        if (at != job)
            enqueue(&first, &last, at);
    *from = first;
    *from_last = last;
}

static void unqueue(struct job *job)
{
    struct run *run = job->run;
    job->queued = false;
    take_out(&run->slot_first, &run->slot_last, job);
}

static void begin_queued(void *context)
{
    struct job *job = context;
    if (job->ending == ENDING_NONE && job->in_slot)
        act_deed(job);
}

void run_slot_free(struct job *job)
{
    struct run *run = job->run;
    if (job->queued)
        unqueue(job);
    if (!job->in_slot)
        return;
    job->in_slot = false;
    run->at_work--;
    struct job *next = dequeue(&run->slot_first);
    if (next == NULL)
        return;
    next->queued = false;
    next->in_slot = true;
    run->at_work++;
    run_later(run, begin_queued, next);
}

void run_write(struct job *job)
{
    struct run *run = outermost(job->run);
    enqueue(&run->sync_first, &run->sync_last, job);
}

void run_unsync(struct job *job)
{
    struct run *run = outermost(job->run);
    take_out(&run->sync_first, &run->sync_last, job);
}

void run_sync(struct job *job)
{
    run_write(job);
    outermost(job->run)->sync_wanted = true;
}

/* What is queued meanwhile waits for the next sync. One that was cancelled meanwhile is over. */
static void let_go(struct run *run, void (*how)(struct job *job))
{
    struct job *first = run->sync_first, *job;
    run->sync_first = NULL;
    while ((job = dequeue(&first)) != NULL)
        if (job->ending == ENDING_NONE)
            how(job);
}

void run_synced(struct run *run)
{
    let_go(run, act_start);
}

void run_refuse(void *run)
{
    let_go(run, act_refuse);
}
