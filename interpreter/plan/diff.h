/* diff: what would be done differently by one runbook than by another, as data: a list of changes,
 * each weighed and told in a sentence, what the checker says of one side alone, and what is
 * destroyed by one side alone. Compares what is meant, never text: see diff_fact.h. Printed by
 * diff_print.h. Pure, as all of plan. */
#ifndef PLAN_DIFF_H
#define PLAN_DIFF_H

#include "base/list.h"
#include "base/source.h"

#include <stdbool.h>

struct arena;
struct diagnostic;
struct diagnostics;
struct fact;
struct plan;
struct runbook;

/* In this order they are told. */
enum weight {
    WEIGHT_WEAKENED,     /* something that kept it safe is gone or lets more through */
    WEIGHT_DESTROYS,     /* more is destroyed, or a milder step is no longer mild */
    WEIGHT_CHANGED,      /* something else is done */
    WEIGHT_STRENGTHENED, /* the opposite of weakened */
    WEIGHT_WORDS,        /* people read it, nothing is done by it */
    WEIGHT_COUNT
};
const char *weight_name(enum weight weight);  /* "weakened" */
const char *weight_title(enum weight weight); /* "safety weakened" */

enum change_kind {
    CHANGE_ADDED,
    CHANGE_REMOVED,
    CHANGE_CHANGED,
    CHANGE_RAISED,
    CHANGE_LOWERED,
    CHANGE_LOOSER,  /* an expectation holds for more */
    CHANGE_TIGHTER, /* for less */
    CHANGE_RENAMED, /* a step that is otherwise the same */
    CHANGE_MOVED,   /* it runs before what it ran after, or the other way round */
    CHANGE_BESIDE,  /* it no longer waits for what it waited for */
    CHANGE_WAITS,   /* it now waits for what it ran beside */
};
const char *change_kind_name(enum change_kind kind); /* "added" */

struct change {
    enum change_kind kind;
    enum weight weight;
    const char *scope;    /* NULL: the runbook; else "action shop.drained", "runbook sub.yaml" */
    const char *used_by;  /* of another scope: the steps that it is used by, or NULL */
    const char *step;     /* its full name within the scope; NULL: of none */
    const char *path;     /* of keys below the step or the whole: "verify.checks.1.expect.code" */
    const char *says;     /* one sentence, without a final point */
    const char *was, *is; /* one side's text, or NULL: there is none */
    bool detailed;        /* was and is are not in the sentence: worth a look word by word */
    struct mark old, new; /* source NULL: not there */
};

struct diff_side {
    const struct runbook *runbook; /* NULL: nothing of it can be read */
    const struct plan *plan;       /* NULL: it does not check */
    struct diagnostics *diagnostics;
};

/* What the checker says of one side alone; of both where only a figure in it differs. */
struct diff_finding {
    const struct diagnostic *old, *new; /* one of them may be NULL */
};

struct diff_loss {
    const char *resource, *by; /* by: a step's full name */
};

struct diff {
    struct diff_side old, new;
    struct list changes; /* of struct change, gravest first, then by their place */
    size_t counts[WEIGHT_COUNT];
    struct list findings;  /* of struct diff_finding */
    struct list destroyed; /* of struct diff_loss: what only NEW destroys */
    struct list spared;    /* and only OLD */
    size_t accounted;      /* of a valid NEW: so many things it destroys, as RB201 proves it may */
};

/* All is ARENA's; the sides outlive it. APART (or NULL) has the names of sources that are compared
 * by themselves: of a called runbook among them it is only told that it changed. */
const struct diff *diff_make(struct arena *arena, const struct diff_side *old,
                             const struct diff_side *new, const struct map *apart);
/* Nothing to tell, not even words? */
bool diff_empty(const struct diff *diff);

#endif
