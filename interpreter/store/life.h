/* life: the states of a step, and which event moves it from which to which. One table.
 * The fold alone moves a step (store/state); engine, show and report read the same state.
 * May use nothing but the list of events. */
#ifndef STORE_LIFE_H
#define STORE_LIFE_H

#include "store/event.h"

#include <stdbool.h>

/* The words are a contract: `steps.x.state` and reports hold them. */
enum life {
    LIFE_WAITING,   /* nothing was done yet, or not since it waits again */
    LIFE_ASKING,    /* done_if, preconditions, target, approve */
    LIFE_RUNNING,   /* from the intent; a loop, group, composite or call from `opened` */
    LIFE_VERIFYING, /* its own verify */
    LIFE_DONE,
    LIFE_SKIPPED,
    LIFE_FAILED,
    LIFE_UNKNOWN, /* it may have happened */
    LIFE_CANCELLED,
    LIFE_UNDONE,
    LIFE_BLOCKED, /* no event leads here: worked out from the others, for who shows it */
    LIFE_COUNT
};

/* What a step that needs this one does. */
enum life_dependents { DEPENDENTS_WAIT, DEPENDENTS_RUN, DEPENDENTS_BLOCKED };

/* Where EVENT takes a step that is in FROM; false when it can't happen there. */
bool life_next(enum life from, enum event_kind event, enum life *to);
/* Has it ended, as far as this run (between two resumes) goes? */
bool life_final(enum life life);
/* TOLERATED counts for a failed one. */
enum life_dependents life_dependents(enum life life, bool tolerated);
const char *life_name(enum life life); /* "waiting" */
bool life_find(const char *name, enum life *life);
const char *life_about(enum life life); /* a sentence for the reader of `show` */

#endif
