#include "engine/undo_whole.h"

#include "base/arena.h"
#include "engine/live.h"
#include "engine/run.h"
#include "engine/undo.h"
#include "lang/value.h"
#include "store/state.h"

#include <string.h>

/* ---- `runbook undo` ---- */

static void walked(void *context, enum undo_end end, const char *why)
{
    struct run *run = context;
    run->undo_ended = true;
    run->undo_end = end;
    run->doubt = end == UNDO_UNKNOWN;
    if (why != NULL)
        run->reason = why;
    else if (run->setup->options.undo_from != NULL)
        run->reason = arena_format(run->arena, "%s and what follows it was taken back",
                                   run->setup->options.undo_from);
    if (run->wrong_target || run->broken != NULL || end == UNDO_UNKNOWN || end == UNDO_STOPPED) {
        run_finish(run);
        return;
    }
    run->undo_released(run);
}

void undo_whole_begin(struct run *run, void (*released)(struct run *run))
{
    run->undo_released = released;
    if (run->doubt || run->stopping) {
        run_finish(run);
        return;
    }
    run->phase = PHASE_UNDOING;
    undo_begin(run, run->root->scope, run->setup->options.undo_from, walked, run);
}

/* A part of a run that was taken back is no run that was undone. */
const char *undo_whole_result(const struct run *run, int *exit)
{
    if (run->undo_ended && run->undo_end == UNDO_FAILED)
        return *exit = 1, "failed";
    if (!run->undo_ended || run->undo_end != UNDO_ALL)
        return *exit = 5, "stopped";
    *exit = 0;
    return run->setup->options.undo_from != NULL ? "stopped" : "undone";
}

/* ---- undo_run ---- */

bool undo_whole_by_handler(const struct run *run)
{
    for (size_t i = 0; run->handlers != NULL && i < run->handlers->count; i++) {
        const struct job *job = &run->handlers->jobs[i];
        if (strcmp(job->step->use.action->name, "undo_run") == 0 &&
            state_life(run->state, job->name) == LIFE_DONE)
            return true;
    }
    return false;
}

bool undo_whole_goes_on(const struct run *run)
{
    const struct run_options *options = &run->setup->options;
    return state_run(run->state)->undo_run && !options->undo && !options->release_only &&
           run->setup->runbook->on_failure != NULL;
}

const struct value *undo_whole_failure(struct run *run)
{
    const struct state_step *step, *first = NULL;
    for (size_t i = 0; (step = state_at(run->state, i)) != NULL; i++) {
        bool failed = step->life == LIFE_FAILED || step->life == LIFE_UNDONE;
        if (failed && step->reason != NULL && !step->tolerated &&
            (first == NULL || step->finished < first->finished))
            first = step;
    }
    const struct member members[] = {
        {"step", value_string(run->arena, first ? first->name : "")},
        {"reason", value_string(run->arena, first ? first->reason : "")},
        {"message", value_string(run->arena, first && first->message ? first->message : "")},
    };
    return value_map(run->arena, members, 3);
}
