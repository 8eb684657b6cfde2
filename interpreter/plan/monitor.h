/* monitor: a monitor with its params bound: how often, when it trips, how often it may act.
 * Pure, as all of plan. */
#ifndef PLAN_MONITOR_H
#define PLAN_MONITOR_H

#include "lang/monitor.h"

struct arena;
struct buffer;
struct diagnostics;
struct moment;
struct plan;
struct scope;
struct value;

/* When a condition trips. Times in ns. */
struct trip_rule {
    bool breaker;
    int64_t every;  /* asked so often; 0: in each round */
    int64_t of;     /* rounds that are looked back on, 1 to MONITOR_ROUNDS */
    int64_t failed; /* strikes: so many of them */
    int64_t errors; /* breaker: that share of them, in per cent */
    int64_t slow;   /* breaker: a round that takes longer is bad; 0: none is */
    int64_t reset;  /* breaker: so long it stays open */
};

struct monitor_plan {
    const struct monitor *monitor;
    const struct scope *scope; /* in which its checks and the params of its runs mean something */
    int64_t every, cooldown;   /* ns */
    int64_t runs, within;      /* the limit: so many in so many ns */
    const struct trip_rule *rules; /* of its conditions, in their order */
};

/* Binds MONITOR with PARAMS (map, see params_read); NULL after a diagnostic (RB602). All is
 * ARENA's. */
const struct monitor_plan *monitor_plan(struct arena *arena, const struct monitor *monitor,
                                        const struct value *params,
                                        struct diagnostics *diagnostics);
/* What CONDITION's runbook is given at MOMENT, a map; NULL with *problem. */
struct problem;
const struct value *monitor_given(struct arena *arena, const struct condition *condition,
                                  const struct moment *moment, struct problem *problem);
/* What is watched, when it trips and what is run then, for people. PLAN is of the same monitor:
 * what `on_limit` does. */
void monitor_print(const struct monitor_plan *monitor, const struct plan *plan, bool colour,
                   struct buffer *into);

#endif
