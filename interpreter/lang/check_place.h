/* check_place: what names mean at a place of a runbook or library. Inside lang/check*.c only. */
#ifndef LANG_CHECK_PLACE_H
#define LANG_CHECK_PLACE_H

#include "base/diagnostic.h"
#include "lang/model.h"
#include "lang/typing.h"

/* One runbook, or one action of a library, under check. */
struct checker {
    struct arena *arena;
    struct diagnostics *diagnostics;
    const struct runbook *runbook; /* NULL: a library's action */
    const struct action *action;   /* NULL: a runbook */
    const struct map *params;
    struct map used;      /* names of params that were named somewhere */
    struct map connected; /* names of connections that are used */
    struct map secret;    /* names of secrets that are used */
    struct list reasons;  /* why names of the expression under check may be unset: struct reason */
};

enum reason_kind {
    REASON_WHEN,
    REASON_TOLERATED,
    REASON_DONE_IF,
    REASON_FAILURE,
    REASON_HANDLER,
    REASON_OPTIONAL,
};
struct reason {
    struct mark mark; /* of the name */
    enum reason_kind kind;
    const struct step *step;   /* or */
    const struct param *param; /* of REASON_OPTIONAL */
};

/* An item that can be named. */
struct item {
    const char *name;
    const struct type *type;
    const struct foreach *foreach;
    const struct item *outer;
};

struct place {
    struct checker *checker;
    const struct steps *scope; /* where `steps.x` is looked for first; NULL: there are none */
    const struct step *step; /* the one of `scope` that reads: only what is upstream of it is there;
                                NULL: all have ended */
    bool before_when;        /* its own `when` is what is asked */
    const struct item *items;  /* innermost first */
    const struct type *result; /* or NULL */
    const struct type *previous;
    const struct type *usual;        /* in expect of a monitor's check, else NULL */
    bool watching;                   /* among the checks of a monitor's condition */
    const struct map *params_before; /* of a param's default: those written before it; else NULL */
    const char *fixed;               /* not NULL: there is neither `run` nor `now`; why */
    bool failing;                    /* in on_failure */
    bool releasing;                  /* in a release: run.ok */
    bool inverted;                   /* in a `not` */
    bool verifying; /* in a `verify` that is asked also when `done_if` held; not in its checks'
                       own `expect`, where `result` is the check's */
};

/* For expr_type and the like; PLACE must outlive it. */
struct names place_names(const struct place *place);
/* Types TERM at PLACE; NULL after diagnostics, which tell why a value may be unset. TERM NULL:
 * NULL. */
const struct type *place_term(const struct place *place, const struct term *term);
/* The same for an expression that has to be a bool. */
void place_condition(const struct place *place, const struct expr *expr, const char *what);
void place_expect(const struct place *place, const struct expectation *expect,
                  const struct type *outputs);
/* The step that `steps.ID` names at PLACE if it can be named there, else NULL; adds no diagnostic.
 */
const struct step *place_step(const struct place *place, const char *id);
/* The type of what `steps.ID` gives at PLACE, REST of it; NULL after a diagnostic at MARK. */
const struct type *place_type_of_step(const struct place *place, const char *id, const char *rest,
                                      struct mark mark, struct diagnostics *diagnostics);
/* Has a `when` of the reader, or of what it stands in, asked `exists(WHAT)`? */
bool place_exists(const struct place *place, const char *what);
/* What `result` is for the `verify` of STEP: it is asked also when `done_if` held, and nothing but
 * what is made of params is there. */
const struct type *place_result_of(const struct place *place, const struct step *step);
/* For struct names. */
bool place_branches(const struct names *names, const char *step_a, const char *output_a,
                    const char *step_b, const char *output_b);
/* Remembers why the name at MARK may be unset. */
void place_reason(const struct place *place, enum reason_kind kind, const struct step *step,
                  const struct param *param, struct mark mark);
/* Adds a warning at PLACE unless somebody allows it there. */
void place_warn(const struct place *place, enum diagnostic_code code, struct mark mark,
                const char *remedy, const char *message);

#endif
