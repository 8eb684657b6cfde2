/* diff_compare: what the files diff_*.c share: two trees of facts that are compared, and where. */
#ifndef PLAN_DIFF_COMPARE_H
#define PLAN_DIFF_COMPARE_H

#include "plan/diff.h"
#include "plan/diff_fact.h"
#include "plan/diff_trait.h"

struct comparison {
    struct arena *arena;
    struct diff *diff;
    const struct map *apart;     /* as of diff_make */
    const char *scope, *used_by; /* as in struct change */
    struct list gone, fresh;     /* of struct lone: steps that one side alone has */
    struct list renames;         /* of struct rename: ids, for what names them */
    struct map uses;             /* of both sides: "action x", "runbook y" to struct used */
};
struct lone {
    const struct fact *fact;
    struct change *change;
};
struct rename {
    const char *from, *to; /* "steps.old", "steps.new" */
};

/* What was looked into once for all that use it. */
struct used {
    const struct action *old_action, *new_action;
    const struct runbook *old_runbook, *new_runbook;
    struct list by; /* of const char: names of steps */
};

/* Where in the trees. */
struct spot {
    const char *step;             /* full name, or NULL */
    const struct step *old, *new; /* that step */
    const char *noun;             /* how people call the place: "verify: http.get …" or "" */
    const char *path;             /* "verify.checks.1" or "" */
    const char *guard;            /* "verify", "preconditions": the block that it stands in */
    int sense;                    /* -1 inside a `not` */
    bool any;                     /* in a list of which one is enough */
    const struct trait *trait;    /* of what is compared */
};

/* diff_compare.c: either may be NULL, not both. */
void compare_facts(struct comparison *comparison, const struct spot *spot, const struct fact *old,
                   const struct fact *new);
/* The spot of KEY below SPOT. */
struct spot spot_below(struct comparison *comparison, const struct spot *spot, const char *key,
                       const struct trait *trait);
/* Are they the same when renamed steps go by their new names? */
bool compare_same(struct comparison *comparison, const struct fact *old, const struct fact *new);

/* diff_list.c: two lists, what is alike in both found. */
void compare_lists(struct comparison *comparison, const struct spot *spot, const struct fact *old,
                   const struct fact *new);

/* diff_steps.c: two graphs of steps, matched by name and content. PREFIX stands before an id. */
void compare_steps(struct comparison *comparison, const struct spot *spot, const struct fact *old,
                   const struct fact *new);
/* diff_order.c: MATCH is, for each place in OLD's order, the step of NEW that it is, or NULL. */
void compare_order(struct comparison *comparison, const struct spot *spot, const struct steps *old,
                   const struct steps *new, const struct step *const *match);

/* diff_weigh.c: adds the change at SPOT; one of the facts may be NULL. */
void weigh_change(struct comparison *comparison, const struct spot *spot, const struct fact *old,
                  const struct fact *new);
/* Of a step that only one side has. */
void weigh_step(struct comparison *comparison, const struct spot *spot, const struct fact *old,
                const struct fact *new);
/* Adds one that was weighed elsewhere. */
struct change *change_add(struct comparison *comparison, const struct spot *spot,
                          enum change_kind kind, enum weight weight, const char *says);
/* How a check or an action in use is called in a sentence. */
const char *fact_label(struct arena *arena, const struct fact *fact);

/* diff_moved.c: notes a step that one side alone has, and what is told of it; and when all were
 * noted, finds those that are the same somewhere else. */
void moved_note(struct comparison *comparison, const struct fact *fact, bool new,
                struct change *change);
void compare_moved(struct comparison *comparison);

/* diff_expect.c: does NEW hold for more than OLD (CHANGE_LOOSER), for less, or for something else
 * (CHANGE_CHANGED)? */
enum change_kind compare_matchers(struct arena *arena, const struct matcher *old,
                                  const struct matcher *new);

/* diff_proof.c: fills what the checker found and what is destroyed. */
void compare_proofs(struct arena *arena, struct diff *diff);

#endif
