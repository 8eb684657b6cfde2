#include "store/trip.h"

#include <string.h>

const char *trip_gate_name(enum trip_gate gate)
{
    static const char *const names[] = {"closed", "open", "half_open"};
    return names[gate];
}

/* A clock that was set back makes nobody wait for ever. */
static bool passed(int64_t since, int64_t time, int64_t now)
{
    return now < since || now - since >= time;
}

bool trip_asks(struct trip *trip, const struct trip_rule *rule, int64_t now)
{
    if (rule->every > 0 && trip->asked != 0 && !passed(trip->asked, rule->every, now))
        return false;
    if (rule->breaker && trip->gate == TRIP_OPEN) {
        if (!passed(trip->opened, rule->reset, now))
            return false;
        trip->gate = TRIP_HALF_OPEN;
    }
    trip->asked = now;
    return true;
}

size_t trip_bad(const struct trip *trip)
{
    size_t bad = 0;
    for (size_t i = 0; i < trip->rounds; i++)
        bad += trip->bad[i];
    return bad;
}

/* The oldest round is forgotten when there are as many as are looked back on. */
static void remember(struct trip *trip, const struct trip_rule *rule, bool bad)
{
    size_t keep = (size_t)rule->of - 1;
    if (trip->rounds > keep) {
        memmove(trip->bad, trip->bad + trip->rounds - keep, keep * sizeof *trip->bad);
        trip->rounds = keep;
    }
    trip->bad[trip->rounds++] = bad;
}

static bool round_behind_open(struct trip *trip, bool bad, int64_t now)
{
    trip->gate = bad ? TRIP_OPEN : TRIP_CLOSED;
    trip->opened = bad ? now : 0;
    trip->rounds = 0;
    return false;
}

bool trip_round(struct trip *trip, const struct trip_rule *rule, bool good, int64_t took,
                int64_t now)
{
    bool bad = !good || (rule->breaker && rule->slow > 0 && took > rule->slow);
    if (rule->breaker && trip->gate != TRIP_CLOSED)
        return round_behind_open(trip, bad, now);
    remember(trip, rule, bad);
    int64_t count = (int64_t)trip_bad(trip);
    bool trips = rule->breaker ? count * 100 >= rule->errors * rule->of : count >= rule->failed;
    if (!trips)
        return false;
    trip->rounds = 0;
    if (rule->breaker) {
        trip->gate = TRIP_OPEN;
        trip->opened = now;
    }
    return true;
}
