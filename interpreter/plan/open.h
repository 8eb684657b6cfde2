/* open: how a plan is made: steps, loops, composites and checks opened with what is known.
 * Shared by the files open_*.c and plan.c alone. */
#ifndef PLAN_OPEN_H
#define PLAN_OPEN_H

#include "plan/plan.h"

/* The items of a longer list are not opened one by one: it is shown, and its body once. */
#define PLAN_MAX_ITEMS 100

struct opener {
    struct arena *arena;
    struct diagnostics *diagnostics;
    struct plan *plan;
    const struct plan_part *part; /* NULL: the whole */
    struct binder binder;
    struct moment around; /* what a step sees beside its own scope: `failure` in on_failure,
                             `previous` in a repeat, `result` and `ok` in a release */
    struct list made;     /* of struct plan_step, in the order in which they were begun */
    struct map steps;     /* full name to struct plan_step: the first `named` of `made` */
    size_t named;
    bool handling; /* opening on_failure: what other steps gave is not sure there */
    /* open_inside, for the checks that are composites: a step has checks, and a check may have
     * steps */
    bool (*inside)(struct opener *opener, const struct scope *scope, const struct step *step,
                   const char *name, const struct value *inputs, struct plan_step *parent,
                   struct list *into);
    bool described; /* all deeds are wanted: there are params (see plain_exec in open_step.c) */
};

/* How a step stands where it stands. */
struct standing {
    const struct scope *scope;
    struct plan_step *parent;
    enum plan_relation relation;
    size_t place;
};

/* open_step.c. All below: false (or NULL) after a diagnostic. */
bool open_steps(struct opener *opener, const struct steps *steps, const struct standing *standing,
                struct list *into);
/* What a composite, group or call (STEP, named NAME, with INPUTS) opens into. */
bool open_inside(struct opener *opener, const struct scope *scope, const struct step *step,
                 const char *name, const struct value *inputs, struct plan_step *parent,
                 struct list *into);
/* The steps of on_failure; NULL STEPS gives none. They see the steps whose failure they answer. */
bool open_handlers(struct opener *opener, const struct scope *scope, const struct steps *steps,
                   struct plan_step *parent, struct list *into);

/* open_terms.c */
/* The moment of what stands in SCOPE. */
struct moment open_moment(const struct opener *opener, const struct scope *scope);
/* Adds PROBLEM, at MARK when it has no place of its own. Returns false. */
bool open_refuse(struct opener *opener, const struct problem *problem, struct mark mark);
/* SCOPE, or one like it on the host that TERM names. */
const struct scope *open_host(struct opener *opener, const struct scope *scope,
                              const struct term *term, struct mark mark);
/* A term's value; NULL stays NULL. */
bool open_term(struct opener *opener, const struct term *term, const struct moment *moment,
               struct mark mark, const struct value **value);
/* A duration or count: FALLBACK when not given, UNKNOWN when it is not known yet. */
bool open_number(struct opener *opener, const struct term *term, const struct moment *moment,
                 int64_t fallback, int64_t unknown, int64_t *number);
/* Where work in SCOPE is done, and with what environment, if nothing is said. */
bool open_place(struct opener *opener, const struct scope *scope, struct mark mark,
                const char **folder, const struct value **env);
/* EXPECT for people, what is known as its value; NULL when it is ACTION's own. */
const char *open_expect(struct opener *opener, const struct expectation *expect,
                        const struct action *action, const struct moment *moment);

/* open_checks.c */
/* NULL BLOCK gives NULL *into. Its checks are named "backup/verify/1" by the step's name ("": the
 * run's own) and WHAT they are. */
bool open_block(struct opener *opener, const struct block *block, const struct moment *moment,
                const char *name, const char *what, struct plan_block **into);
/* The list of checks of a `target`; an empty one gives NULL. */
bool open_target(struct opener *opener, const struct list *checks, const struct moment *moment,
                 const char *name, struct plan_block **into);

/* open_outputs.c: what is known of outputs before anything runs: what `set` names, what composites,
 * groups and calls compute of such values and params. */
const struct value *outputs_of(const struct binder *binder, struct arena *arena,
                               const struct scope *scope, const struct step *step,
                               const char *name);
/* Keeps what is known of STEP's outputs; INSIDE is the scope it opened into, or NULL. */
void outputs_learn(struct opener *opener, struct plan_step *step, const struct scope *inside);
/* What `result` is for the step's own checks. */
const struct value *outputs_result(struct opener *opener, const struct plan_step *step);

/* open_time.c: worst cases. */
int64_t time_add(int64_t a, int64_t b);
int64_t time_times(int64_t count, int64_t time);
int64_t time_worse(int64_t a, int64_t b);
/* Along the longest path of STEPS (struct plan_step of one scope), and what they release after it.
 */
int64_t time_path(struct arena *arena, const struct list *steps);
/* Fills the step's `action` and `worst`. */
void time_step(struct arena *arena, struct plan_step *step);

#endif
