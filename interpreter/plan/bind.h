/* bind: what names mean at a place, and an action's arguments made into a deed.
 * The plan calls it with unknowns for what only the run can know, the engine right before the
 * intent with none: the same functions, so that what runs is what was printed. Pure: no clock, no
 * file. */
#ifndef PLAN_BIND_H
#define PLAN_BIND_H

#include "lang/eval.h"
#include "lang/model.h"

/* One scope with its values: a runbook, the inside of a group, composite or call, an item, a round.
 */
struct scope {
    const struct scope *outer; /* where names of steps and items are looked up next; NULL: nowhere
                                  (a runbook, a composite) */
    const struct runbook
        *runbook;            /* whose defaults hold, and whose params when `params` is NULL above */
    const struct scope *top; /* the runbook's own scope, where its defaults mean something */
    const struct steps *steps;  /* the steps that stand in it; NULL for an item or round: outer's */
    const char *prefix;         /* what stands before an id in a full name: "", "outer[a]#2/" */
    const struct value *params; /* map; a group's is its outer's */
    const char *item_name;      /* of an item's scope, else NULL */
    const struct value *item;
    const char *host;   /* "here" */
    const char *folder; /* relative to the root runbook's: struct deed's `folder` */
    size_t depth;
};

/* Who knows the outputs of steps: the plan (unknowns) or the engine (the fold). */
struct binder {
    /* The map of STEP's outputs with state, started, ended, duration, attempts; SCOPE is the one in
     * which it stands, NAME its full name. value_unset when it was skipped or has none. */
    const struct value *(*outputs)(const struct binder *binder, struct arena *arena,
                                   const struct scope *scope, const struct step *step,
                                   const char *name);
    void *context;
    const struct value *run; /* map: id stamp short started state irreversible ok */
};

/* The names that only one step sees at one time; NULL: not there. */
struct moment {
    const struct binder *binder;
    const struct scope *scope;
    const struct value *result, *previous, *failure, *now;
    const struct value *ok;    /* run.ok, in a release */
    const struct value *usual; /* of a monitor's check */
};

/* The values to evaluate with; MOMENT must outlive it. */
struct values moment_values(struct arena *arena, const struct moment *moment);

/* The root scope of RUNBOOK with PARAMS (map, see params_read). */
const struct scope *scope_root(struct arena *arena, const struct runbook *runbook,
                               const struct value *params);
/* `outer/` of a group, composite or call whose full name is NAME. INPUTS is the map of a
 * composite's or call's params; NULL for a group. */
const struct scope *scope_inside(struct arena *arena, const struct scope *scope,
                                 const struct step *step, const char *name,
                                 const struct value *inputs);
/* The scope in which item number INDEX (from 0) with VALUE lives. */
const struct scope *scope_item(struct arena *arena, const struct scope *scope,
                               const struct step *step, const struct value *value);
/* Full names. An item is named by its value (`/ [ ] # %` and control characters %-encoded), a
 * record by its place. */
const char *name_step(struct arena *arena, const struct scope *scope, const char *id);
const char *name_item(struct arena *arena, const char *name, const struct value *item,
                      size_t index);
const char *name_round(struct arena *arena, const char *name, size_t round);

/* All of USE's arguments as a map, defaults filled in; NULL with *problem. For a composite or call
 * this is its params (constraints checked). */
const struct value *bind_arguments(struct arena *arena, const struct use *use,
                                   const struct moment *moment, struct problem *problem);
/* Where the work of MOMENT's scope is done if nothing is said, and with what environment: its
 * runbook's defaults. False with *problem. */
bool bind_place(struct arena *arena, const struct moment *moment, struct describing *describing,
                struct problem *problem);
/* The deed of a core FORM_WORK action, or NULL with *problem. */
const struct deed *bind_deed(struct arena *arena, const struct use *use,
                             const struct moment *moment, struct problem *problem);
/* A secret as a value: where it is to be had (lang/secret.h). Unknown where that can't be told. */
const struct value *bind_secret(struct arena *arena, const struct secret *secret,
                                const struct moment *moment);
/* TERM's value, or DEFAULT_ when TERM is NULL; NULL with *problem. */
const struct value *bind_term(struct arena *arena, const struct term *term,
                              const struct value *default_, const struct moment *moment,
                              struct problem *problem);
/* An integer-like value (int, duration) of a term, or FALLBACK when TERM is NULL or its value is
 * not known yet; false with *problem. */
bool bind_number(struct arena *arena, const struct term *term, int64_t fallback,
                 const struct moment *moment, int64_t *number, struct problem *problem);
/* `c` of a `when` or `until`: 1, 0, or -1 for not known yet; -2 with *problem. */
int bind_condition(struct arena *arena, const struct expr *expr, const struct moment *moment,
                   struct problem *problem);
/* A composite's, call's or runbook's outputs from its inside; NULL with *problem. */
const struct value *bind_outputs(struct arena *arena, const struct map *outputs,
                                 const struct moment *inside, struct problem *problem);
/* The kind:name resources that STEP protects or destroys (its own and its action's), as a list of
 * texts. MOMENT's scope is the one in which it stands; `inputs` are the arguments (bind_arguments),
 * for `${params.x}` of an action's declaration. */
const struct value *bind_resources(struct arena *arena, const struct step *step, bool destroys,
                                   const struct moment *moment, const struct value *inputs,
                                   struct problem *problem);

/* Defaults that hold in a scope. */
struct limits {
    int64_t timeout; /* ns, 0: none; as the step or defaults say, by the action's form */
    int64_t grace;
};
bool bind_limits(struct arena *arena, const struct step *step, const struct moment *moment,
                 struct limits *limits, struct problem *problem);

#endif
