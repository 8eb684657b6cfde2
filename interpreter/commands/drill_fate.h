/* drill_fate: what a life in a drill came to, read from its fold and the plan: what stays destroyed
 * or changed, what was taken back and given back, what is owed, whom it asks. A pure reading. */
#ifndef COMMANDS_DRILL_FATE_H
#define COMMANDS_DRILL_FATE_H

#include "base/list.h"
#include "commands/drill_world.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;

/* What it leaves, the worst first. */
enum drill_grade {
    DRILL_DESTROYED, /* something is destroyed, and nothing brought it back */
    DRILL_DOUBT,     /* a person has to say whether a step happened */
    DRILL_OWED,      /* what it held was not given back */
    DRILL_CHANGED,   /* changes stay */
    DRILL_AS_IT_WAS,
    DRILL_GOES_ON, /* it got to its end all the same */
};
#define DRILL_GRADES 6

struct drill_loss {
    const char *resource; /* "volume:data" */
    const char *by;       /* the step that destroyed it */
    const char *copy;     /* the step that made a verified copy of it, or NULL */
    bool undoable;        /* an undo of it is still there: `runbook undo` */
};

struct drill_fate {
    enum drill_grade grade;
    const char *result, *reason; /* of the run; reason or NULL */
    int64_t exit;
    struct list losses;     /* of struct drill_loss */
    struct list changed;    /* of const char: steps whose change stays */
    bool undoable;          /* all of these have an undo: `runbook undo` */
    const char *half;       /* the step that went wrong, when a part of its change may stay */
    struct list taken_back; /* of const char: steps, in the order in which they were undone */
    struct list given_back; /* of const char: steps whose releases ran */
    struct list owed;       /* of const char: entries */
    struct list handlers;   /* of const char: steps of on_failure that ran */
    struct list tolerated;  /* of const char */
    struct list asked;      /* of struct drill_question */
    const char *settled;    /* how the unknown step was settled, "verify: done"; or NULL */
    const char *life;       /* of the step that went wrong, at the end */
    unsigned tries;         /* of it */
};

struct drill_fate *drill_fate_read(struct arena *arena, const struct drill_world *world,
                                   const struct drill_life *life, const struct drill_case *wanted);
/* The same in all that counts? */
bool drill_fate_same(const struct drill_fate *a, const struct drill_fate *b);

#endif
