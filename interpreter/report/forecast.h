/* forecast: how long a run still takes, by what its steps took in earlier runs. Pure. */
#ifndef REPORT_FORECAST_H
#define REPORT_FORECAST_H

#include <stdint.h>

struct arena;
struct forecast;
struct history;
struct runbook;
struct state;

/* Of RUNBOOK by HISTORY, which may be NULL: then nothing is known. All three must outlive it; it
 * lies in ARENA. */
struct forecast *forecast_new(struct arena *arena, const struct runbook *runbook,
                              const struct history *history);
/* ns from NOW (UTC) to the end of the longest path through the steps that are not over: each takes
 * its median, one that has taken longer is about to end, and one that was never measured takes
 * nothing. */
int64_t forecast_rest(const struct forecast *forecast, const struct state *state, int64_t now);

#endif
