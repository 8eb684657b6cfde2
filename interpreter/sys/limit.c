#include "sys/limit.h"

#include <string.h>

/* From one SIGKILL to the next: who was being born at the first is met by the second. */
static const int64_t again = 5000000;
/* A process that the kernel can't end (a dead NFS server) must not hold the run for ever. */
static const int64_t give_up = INT64_C(5000000000);

void limit_begin(struct limit *limit, const struct task *task, int64_t now)
{
    memset(limit, 0, sizeof *limit);
    limit->began = limit->last_output = limit->since = now;
    limit->timeout = task->timeout;
    limit->stall = task->stall;
    limit->grace = task->grace;
}

void limit_output(struct limit *limit, int64_t now)
{
    limit->last_output = now;
}

static int64_t after(int64_t start, int64_t duration)
{
    return duration > INT64_MAX - start ? INT64_MAX : start + duration;
}

enum limit_deed limit_end(struct limit *limit, enum task_result why, int64_t now)
{
    if (limit->phase != LIMIT_RUNNING)
        return LIMIT_NOTHING;
    limit->phase = LIMIT_ASKED;
    limit->why = why;
    limit->since = now;
    return LIMIT_TERMINATE;
}

static enum limit_deed tick_running(struct limit *limit, int64_t now)
{
    if (limit->timeout > 0 && now >= after(limit->began, limit->timeout))
        return limit_end(limit, TASK_TIMED_OUT, now);
    if (limit->stall > 0 && now >= after(limit->last_output, limit->stall))
        return limit_end(limit, TASK_STALLED, now);
    return LIMIT_NOTHING;
}

enum limit_deed limit_tick(struct limit *limit, int64_t now)
{
    switch (limit->phase) {
    case LIMIT_RUNNING:
        return tick_running(limit, now);
    case LIMIT_ASKED:
        if (now < after(limit->since, limit->grace))
            return LIMIT_NOTHING;
        limit->phase = LIMIT_FORCED;
        limit->since = limit->killed = now;
        return LIMIT_KILL;
    case LIMIT_FORCED:
        if (now >= after(limit->since, give_up)) {
            limit->phase = LIMIT_OVER;
            return LIMIT_GIVE_UP;
        }
        if (now < after(limit->killed, again))
            return LIMIT_NOTHING;
        limit->killed = now;
        return LIMIT_KILL;
    case LIMIT_OVER:
        return LIMIT_GIVE_UP;
    }
    return LIMIT_NOTHING;
}

int64_t limit_next(const struct limit *limit)
{
    int64_t next = INT64_MAX;
    switch (limit->phase) {
    case LIMIT_RUNNING:
        if (limit->timeout > 0)
            next = after(limit->began, limit->timeout);
        if (limit->stall > 0 && after(limit->last_output, limit->stall) < next)
            next = after(limit->last_output, limit->stall);
        return next;
    case LIMIT_ASKED:
        return after(limit->since, limit->grace);
    case LIMIT_FORCED:
        return after(limit->killed, again);
    case LIMIT_OVER:
        return INT64_MAX;
    }
    return next;
}
