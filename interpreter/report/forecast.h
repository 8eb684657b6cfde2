/* forecast: how long a run still takes, by what its steps took in earlier runs. Pure. */
#ifndef REPORT_FORECAST_H
#define REPORT_FORECAST_H

#include "store/history.h"

#include <stddef.h>
#include <stdint.h>

struct arena;
struct forecast;
struct runbook;
struct state;
struct step;

/* Of RUNBOOK by HISTORY, which may be NULL: then nothing is known. All three must outlive it; it
 * lies in ARENA. */
struct forecast *forecast_new(struct arena *arena, const struct runbook *runbook,
                              const struct history *history);
/* ns from NOW (UTC) to the end of the longest path through the steps that are not over: each takes
 * its median, one that has taken longer is about to end, and one that was never measured takes
 * nothing. NOW of INT64_MAX: what comes behind the steps that are at work. */
int64_t forecast_rest(const struct forecast *forecast, const struct state *state, int64_t now);
/* STEP will not run: it takes nothing. */
void forecast_leave_out(struct forecast *forecast, const struct step *step);

struct forecast_stop {
    const struct step *step;
    struct history_figures took; /* count 0: never measured */
};
/* The critical path of the whole, by medians, first step first: their number, and *STOPS in ARENA.
 */
size_t forecast_path(const struct forecast *forecast, struct arena *arena,
                     struct forecast_stop **stops);

#endif
