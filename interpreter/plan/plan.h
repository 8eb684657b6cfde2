/* plan: a runbook with its params bound, its composites opened and its deeds described: what would
 * happen. Knows neither process nor clock. Printed by print.h, judged by prove.h, and its digest
 * stands in the journal. Everything lives in the arena that plan_make was given. */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include "plan/approval.h"
#include "plan/bind.h"

struct diagnostics;

/* Times in a plan are ns; PLAN_NO_BOUND: nothing bounds it. */
#define PLAN_NO_BOUND INT64_C(-1)

struct plan_check {
    const struct check *check;
    const struct value *inputs; /* bind_arguments; NULL for any, not and a loop */
    const struct deed *deed;    /* a core FORM_WORK action's; NULL for any, not and composites */
    const struct plan_step *opened; /* a composite, opened: what it asks is opened->inside */
    const struct value *list;       /* foreach: the list or an unknown; its items are `inside` */
    const struct value *because;    /* text or unknown, or NULL */
    struct list inside;             /* of struct plan_check: any, not, items */
    const char *expect;             /* when not the action's own: as people read it, or NULL */
    const char *host;               /* when not that of its step; else NULL */
    int64_t worst;                  /* one asking */
};
struct plan_block {
    const struct block *block;
    struct list checks;                              /* of struct plan_check */
    const char *within, *every, *stable_for, *stall; /* as shown, or NULL */
    int64_t worst;
};

/* Where a step stands under its parent. */
enum plan_relation {
    PLAN_INSIDE,  /* in the steps of a group, composite, call or runbook */
    PLAN_ITEM,    /* one item of its parent, a loop */
    PLAN_RELEASE, /* an entry of its parent's release */
    PLAN_UNDO,    /* an entry of its parent's undo */
    PLAN_FAILURE, /* in on_failure of a called runbook or (no parent) of the runbook */
};

struct plan_loop {
    const struct value *list;                 /* the list, or an unknown */
    int64_t parallel, max, pause, stop_after; /* max 0: not given */
};
struct plan_repeat {
    int64_t max, pause; /* max 0: not known yet */
};
struct plan_retry {
    int64_t attempts, delay;
    double backoff;
};
/* What a called runbook asks when it begins, and does when it fails. */
struct plan_call {
    const struct runbook *runbook;
    const char *folder; /* as of the plan */
    const struct value *env;
    struct plan_block *target, *preconditions; /* or NULL */
    struct list on_failure;                    /* of struct plan_step */
};

struct plan_step {
    const struct step *step;
    const struct scope *scope; /* in which it stands; an item's is the item's */
    const char *name;          /* full name; of an item "x[a]", "x[‹item.v›]"; rounds once */
    struct plan_step *parent;  /* or NULL */
    enum plan_relation relation;
    size_t place;               /* among those of its relation under its parent */
    struct list inside;         /* of struct plan_step: group, composite, call, in topological
                                   order; of a loop its items (one when the list is not known) */
    struct list undo, release;  /* of struct plan_step */
    const struct value *title;  /* text or unknown; NULL: none */
    int when;                   /* 1 runs, 0 skipped, -1 decided at run time */
    const char *when_shown;     /* the condition as written, or NULL */
    const struct guard *guard;  /* of a `when` of -1, for the proof; else NULL */
    const char *left_out;       /* by the operator: `when` is 0; else NULL */
    enum effect effect;         /* of a group or call: the worst inside */
    const struct value *inputs; /* bind_arguments; NULL: skipped, or a loop */
    const struct deed *deed;    /* a FORM_WORK action's */
    const struct value *protects, *destroys; /* lists of texts, or NULL: none */
    const char *folder; /* where relative paths of those two are; NULL: it has neither */
    struct plan_block *done_if, *preconditions, *verify, *wait;
    struct plan_loop *loop; /* of the loop itself, not of its items */
    struct plan_repeat *repeat;
    struct plan_retry *retry;
    const struct approval *approve; /* or NULL */
    struct plan_call *call;
    const struct value *because, *tolerate, *accept_loss, *irreversible; /* or NULL */
    const char *expect;          /* when not the action's own: as people read it, or NULL */
    const char *host;            /* when not that of its scope; else NULL */
    int64_t timeout;             /* of one attempt; 0: none */
    int64_t action;              /* worst case of one attempt of the action */
    int64_t worst;               /* of the step: attempts x (timeout + delay) + within */
    const struct value *outputs; /* what is known of its outputs; see open.h */
};

struct plan {
    struct arena *arena;
    const struct runbook *runbook;
    const struct value *params; /* NULL: not known (check) */
    const struct scope *scope;
    struct list steps;      /* of struct plan_step, topological order */
    struct list on_failure; /* of struct plan_step */
    struct plan_block *preconditions;
    struct plan_block *target; /* or NULL */
    struct list watched; /* of struct plan_block: the checks of a monitor's conditions, in order */
    const struct value *title; /* text or unknown, or NULL, as the two below */
    const struct value *begins, *ends;
    const struct value *lock, *log;
    const char *folder;      /* of deeds that say no other: defaults.cwd, or "." */
    const struct value *env; /* defaults.env, or NULL */
    struct list secrets;     /* of struct value: where each of the runbook's own is read */
    int64_t objective;       /* 0: none */
    int64_t worst;           /* along the longest path, releases included */
    size_t step_count;       /* opened ones */
};

/* A part of a runbook: what the operator leaves out of it, and says in its place. Of the runbook's
 * own steps alone. */
struct plan_part {
    struct map left_out; /* step's id to const char: why, as it is shown */
    struct map given;    /* step's id to struct value: a map of outputs on a person's word */
};

/* NULL after a diagnostic: a value that can't be made (RB102), too deep or too much (RB005). PARAMS
 * is from params_read; NULL (check): all are unknown, and an exec of a constant argv has no deed.
 */
const struct plan *plan_make(struct arena *arena, const struct runbook *runbook,
                             const struct value *params, struct diagnostics *diagnostics);
/* The same of a part; NULL: the whole. What is left out counts as skipped, also for the proof. */
const struct plan *plan_make_part(struct arena *arena, const struct runbook *runbook,
                                  const struct value *params, const struct plan_part *part,
                                  struct diagnostics *diagnostics);
/* SHA-256 over all that would be done, 64 hex digits; prose (title, about, because) is left out. */
const char *plan_digest(struct arena *arena, const struct plan *plan);

/* The step in which STEP is written into the runbook: itself, or the nearest around it that no
 * library wrote. Findings stand there. */
const struct plan_step *plan_written(const struct plan_step *step);
/* Does it open others (group, composite, call), rather than do something itself? */
bool plan_opens(const struct plan_step *step);
/* Is it something that a person does? */
bool plan_manual(const struct plan_step *step);
/* A change of which nobody can tell after a crash whether it was done: it may not be done again,
 * it proves nothing itself, and no check says. */
bool plan_unsettled(const struct plan_step *step);
/* A change that nothing takes back: neither it nor what it stands in has an `undo`. */
bool plan_stays(const struct plan_step *step);
/* Is the check a read on nothing but its author's word (exec, shell, http.get)? */
bool plan_on_word(const struct plan_check *check);
/* Calls VISIT with each step of STEPS and all that stands in them, undos, releases and on_failure
 * of calls included, outer ones first. */
void plan_visit(const struct list *steps, void (*visit)(void *context, struct plan_step *step),
                void *context);
/* The same for the checks of one step, those inside any, not and loops too. */
void plan_visit_checks(const struct plan_block *block,
                       void (*visit)(void *context, const struct plan_check *check), void *context);

#endif
