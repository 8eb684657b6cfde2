/* plan: a runbook with its params bound, its composites opened and its deeds described: what would happen.
 * Knows neither process nor clock. Printed by print.h, judged by prove.h, and its digest stands in the journal. */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include "plan/bind.h"

struct diagnostics;

struct plan_check {
    const struct check *check;
    const struct deed *deed; /* a core action's; NULL for any, not and composites */
    struct list inside;      /* of struct plan_check: any, not; of struct plan_step for a composite see `steps` */
    struct list steps;       /* of struct plan_step: a composite check opened */
};
struct plan_block {
    const struct block *block;
    struct list checks; /* of struct plan_check */
    const char *within, *every, *stable_for, *stall; /* as shown, or NULL */
};

struct plan_step {
    const struct step *step;
    const struct scope *scope;    /* in which it stands */
    const char *name;             /* full name; items as "x[‹item›]", rounds once */
    struct plan_step *parent;     /* or NULL */
    struct list inside;           /* of struct plan_step: group, composite, call; in topological order */
    struct list release;          /* of struct plan_step */
    const struct value *title;    /* text or unknown */
    int when;                     /* 1 runs, 0 skipped, -1 decided at run time */
    const char *when_shown;       /* the condition as written, or NULL */
    enum effect effect;
    const struct value *inputs;   /* bind_arguments */
    const struct deed *deed;      /* a FORM_WORK action's */
    const struct value *list;     /* foreach: the list or an unknown */
    const struct value *protects, *destroys; /* lists of texts */
    struct plan_block *done_if, *preconditions, *verify, *wait;
    int64_t worst;                /* ns: attempts x (timeout + delay) + within; -1: no bound */
};

struct plan {
    struct arena *arena;
    const struct runbook *runbook;
    const struct value *params;
    struct list steps;      /* of struct plan_step, topological order */
    struct list on_failure; /* of struct plan_step */
    struct plan_block *preconditions;
    struct plan_block *target; /* or NULL */
    size_t step_count;      /* opened ones */
};

/* NULL after a diagnostic (a value that can't be made, RB102; too deep). PARAMS from params_read; NULL: all are unknown (check). */
const struct plan *plan_make(struct arena *arena, const struct runbook *runbook,
                             const struct value *params, struct diagnostics *diagnostics);
/* SHA-256 over all that would be done, 64 hex digits. */
const char *plan_digest(struct arena *arena, const struct plan *plan);

#endif
