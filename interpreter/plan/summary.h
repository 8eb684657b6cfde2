/* summary: what a whole plan does, counted and gathered: what every format tells at its head. */
#ifndef PLAN_SUMMARY_H
#define PLAN_SUMMARY_H

#include "base/list.h"

struct arena;
struct plan;

/* Lists of struct plan_step, in the plan's order. What a library's own steps tolerate or skip is
 * left out. */
struct plan_summary {
    struct arena *arena;
    size_t effects[3]; /* by enum effect: steps that do something themselves */
    size_t later;      /* not among them: entries of undo and release, and what is in these */
    size_t on_word;    /* checks that are reads on the author's word */
    struct list destroys, irreversible, tolerated, asks, unsettled, stays, skipped;
};
/* Of the steps of PLAN and all in them; on_failure is not counted. */
void plan_summarise(struct arena *arena, const struct plan *plan, struct plan_summary *summary);

#endif
