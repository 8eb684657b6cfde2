/* limit: when a task has to be ended, and how hard: a pure function of its limits and the time.
 * Shared by the interpreter's loop and the shim's. May not use anything but libc. */
#ifndef SYS_LIMIT_H
#define SYS_LIMIT_H

#include "sys/task.h"

#include <stdbool.h>

enum limit_phase {
    LIMIT_RUNNING,
    LIMIT_ASKED,  /* SIGTERM was sent, grace runs */
    LIMIT_FORCED, /* SIGKILL is sent, again and again until nobody is left */
    LIMIT_OVER,   /* even that did not help */
};

/* Zeroed by limit_begin; all times are monotonic ns. */
struct limit {
    enum limit_phase phase;
    enum task_result why; /* TIMED_OUT, STALLED or CANCELLED, once it is no longer RUNNING */
    int64_t began;
    int64_t last_output;
    int64_t since;  /* when the phase began */
    int64_t killed; /* when SIGKILL was sent last */
    int64_t timeout, stall, grace;
};

enum limit_deed { LIMIT_NOTHING, LIMIT_TERMINATE, LIMIT_KILL, LIMIT_GIVE_UP };

void limit_begin(struct limit *limit, const struct task *task, int64_t now);
/* Output came: a stall begins anew. */
void limit_output(struct limit *limit, int64_t now);
/* It is to end because of WHY; one that is ending already keeps its first reason. */
enum limit_deed limit_end(struct limit *limit, enum task_result why, int64_t now);
/* What has to be done now; to be asked when limit_next is over. */
enum limit_deed limit_tick(struct limit *limit, int64_t now);
/* When to ask again; INT64_MAX: never. */
int64_t limit_next(const struct limit *limit);

#endif
