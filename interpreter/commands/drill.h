/* drill: the exercise that a procedure asks for: what a simulation found, and how it is told.
 * Shared by the files drill*.c alone. */
#ifndef COMMANDS_DRILL_H
#define COMMANDS_DRILL_H

#include "base/text.h"
#include "commands/drill_fate.h"

struct invocation;
struct loaded;
struct plan;

/* One fault of one step. */
struct drill_row {
    const char *step; /* as it is written into the runbook, or with --all what stands in it */
    const char *at;   /* the step that the fault was done to: itself, or one inside it */
    enum drill_fault fault;
    const struct drill_fate *fate;     /* what it came to */
    const struct drill_fate *happened; /* the same, had it happened all the same; NULL: no other */
    enum drill_grade grade;            /* the worse of both */
};
struct drill_found {
    const char *runbook, *file;
    const struct drill_fate *well; /* without a fault */
    size_t steps;                  /* that a fault was done to */
    int64_t lasted;                /* ns of waiting that the runbook asks for */
    int64_t objective;             /* ns, 0: none */
    struct list rows;              /* of struct drill_row, the worst first */
    struct list taken;             /* of const char: steps whose `when` was taken as true */
    struct list skipped;           /* of const char: steps whose `when` is false */
};

/* 0 and *FOUND, or the exit code after saying why not. */
int drill_simulate(struct invocation *invocation, const struct loaded *loaded,
                   const struct plan *plan, struct drill_found *found);
/* The runbook carried out, and its times told beside those of earlier drills: the run's exit code.
 */
int drill_real(struct invocation *invocation, bool json);
void drill_text(struct arena *arena, const struct drill_found *found, bool colour,
                struct buffer *into);
void drill_json(const struct drill_found *found, struct buffer *into);

#endif
