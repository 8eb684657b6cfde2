/* blocking: actions whose work waits for a disk or reads much: they run in the loop's pool.
 * Such work sees its deed, where it is and a flag to stop, and no loop, no stage and no arena but
 * its own: another thread's arena may not be touched. */
#ifndef ACTIONS_BLOCKING_H
#define ACTIONS_BLOCKING_H

#include "actions/answer.h"
#include "sys/failure.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct blocking {
    struct arena *arena;     /* its own; the outcome lives in it, and it goes over to the stage's */
    const struct deed *deed; /* a copy in that arena */
    const char *base;        /* absolute: what the deed's relative paths are relative to */
    const char *home;        /* absolute: the folder of the runbook that is run */
    int run_folder;          /* of the stage: logs go there; -1: a check */
    uint64_t attempt;        /* of the stage */
    int64_t now;             /* UTC ns when it began */
    const atomic_bool *stop; /* see blocking_stopped */
};
typedef struct outcome blocking_run(struct blocking *blocking);

/* A core_action's start: RUN in the pool, within the stage's limit. At the limit, or when
 * cancelled, `stop` is raised; a thread that does not come back within the grace (a dead network
 * disk) is left behind, and the outcome says so. */
struct work *blocking_start(const struct deed *deed, const struct stage *stage, blocking_run *run);
/* A core_action's cancel. */
void blocking_cancel(struct work *work);

/* Shall it stop? Asked between pieces of work, and last before the moment of no return. When true,
 * FAILURE is filled, with ECANCELED; its text says that nothing was changed, so who did change
 * something says what. */
bool blocking_stopped(const struct blocking *blocking, struct failure *failure);
/* PATH as the kernel gets it: absolute. In the arena of BLOCKING. */
const char *blocking_path(struct blocking *blocking, const char *path);
/* The input NAME of the deed as such a path; NULL when it is not set. */
const char *blocking_input(struct blocking *blocking, const char *name);
/* What RUN returns for a failure. */
struct outcome blocking_failed(struct blocking *blocking, const struct failure *failure);

#endif
