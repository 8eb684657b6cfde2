/* trip: the rounds of one condition, counted: strikes and breaker. Pure: the same rounds at the
 * same times trip it again. */
#ifndef STORE_TRIP_H
#define STORE_TRIP_H

#include "plan/monitor.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum trip_gate {
    TRIP_CLOSED,
    TRIP_OPEN,      /* nothing is asked before `reset` is over */
    TRIP_HALF_OPEN, /* one round is let through */
};

struct trip {
    bool bad[MONITOR_ROUNDS]; /* the last rounds, oldest first */
    size_t rounds;
    enum trip_gate gate;
    int64_t opened; /* ns UTC */
    int64_t asked;  /* ns UTC: when it last was; 0: never */
};

/* Is it asked in the round that begins NOW (ns UTC)? Then it counts as asked, and an open breaker
 * whose time is over becomes half-open. */
bool trip_asks(struct trip *trip, const struct trip_rule *rule, int64_t now);
/* Counts a round that took TOOK ns. True: it tripped, and the count is at zero again. */
bool trip_round(struct trip *trip, const struct trip_rule *rule, bool good, int64_t took,
                int64_t now);
/* How many of the rounds that are looked back on were bad. */
size_t trip_bad(const struct trip *trip);
/* "closed", "open", "half_open". */
const char *trip_gate_name(enum trip_gate gate);

#endif
