/* drill_world: one life of a runbook in which nothing is real: the engine, its record and its fold
 * are those of every run, the world is not. No process, socket or file but the record, which lies
 * in a temporary folder; a clock that moves to the next timer, so that waiting takes no time.
 * One fault at a time is done to one step. All results are the arena's of the drill. */
#ifndef COMMANDS_DRILL_WORLD_H
#define COMMANDS_DRILL_WORLD_H

#include "base/list.h"

#include <stdbool.h>
#include <stdint.h>

struct drill_world;
struct failure;
struct invocation;
struct loaded;
struct plan;
struct plan_step;
struct state;

enum drill_fault {
    DRILL_NONE,
    DRILL_FAILS,     /* each attempt of it ends badly */
    DRILL_TIMES_OUT, /* its limit passes */
    DRILL_CRASHES,   /* the machine goes down while it is at work; then the run is taken up again */
};
#define DRILL_FAULTS 4

struct drill_case {
    enum drill_fault fault;
    const char *step; /* full name; NULL of DRILL_NONE */
    bool happened;    /* after a time-out or crash: did it happen all the same? What its own proof,
                         done_if and verify then say */
};

struct drill_question {
    const char *step, *ask;
};

/* How it went. */
struct drill_life {
    struct state *state; /* the fold at its end; drill_world_over frees it */
    bool struck;         /* the fault was done: it came so far, and can go wrong like that */
    bool doubted;        /* whether it happened was asked of its proof, done_if or verify */
    struct list asked;   /* of struct drill_question: what people were asked, and said yes to */
    int64_t lasted;      /* ns of the moved clock */
};

/* NULL with FAILURE: there is no place for the record. */
struct drill_world *drill_world_new(struct invocation *invocation, const struct loaded *loaded,
                                    const struct plan *plan, struct failure *failure);
/* Lives it; the one without a fault has to be the first. False with FAILURE when the record could
 * not be written. drill_world_over afterwards in any case. */
bool drill_world_live(struct drill_world *world, const struct drill_case *wanted,
                      struct drill_life *life, struct failure *failure);
void drill_world_over(struct drill_life *life);
/* The step of the plan that is NAMEd (of a round: the step itself), or NULL. */
const struct plan_step *drill_world_step(const struct drill_world *world, const char *name);
/* The name under which people know it: that of the step of the runbook that it is or stands in, not
 * what a library's action opens into; of an entry of an undo or release, the entry's. */
const char *drill_world_name(const struct plan_step *step);
/* Removes the folder. NULL is allowed. */
void drill_world_free(struct drill_world *world);

#endif
