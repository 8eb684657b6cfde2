/* guard: a `when` with what is known put in: facts that two steps share are the same text, as
 * resources are. Made when the plan is, reasoned with by world.h. */
#ifndef PLAN_GUARD_H
#define PLAN_GUARD_H

#include <stdbool.h>

struct arena;
struct expr;
struct moment;
struct plan_step;
struct value;

enum guard_kind {
    GUARD_ALWAYS, /* `truth` */
    GUARD_FACT,   /* `name`, as people read it: "params.full" */
    GUARD_IS,     /* `name` is equal to `value` */
    GUARD_EXISTS, /* `name` has a value */
    GUARD_NOT,    /* not `a` */
    GUARD_AND,    /* `a` and `b` */
    GUARD_OR,
};
struct guard {
    enum guard_kind kind;
    bool truth;
    bool fleeting; /* at another place, or time, it may be another (`now`, `run.irreversible`) */
    const char *name;
    const struct value *value;
    const struct guard *a, *b;
};

/* EXPR, a bool, as STEP reads it at MOMENT. What it is given of what it stands in is taken apart,
 * too. */
const struct guard *guard_bind(struct arena *arena, const struct expr *expr,
                               const struct moment *moment, const struct plan_step *step);
const struct guard *guard_always(bool truth);
/* What is known of A and B is left out; likewise below. */
const struct guard *guard_and(struct arena *arena, const struct guard *a, const struct guard *b);
const struct guard *guard_or(struct arena *arena, const struct guard *a, const struct guard *b);
const struct guard *guard_not(struct arena *arena, const struct guard *a);
/* A fact of its own. */
const struct guard *guard_fact(struct arena *arena, const char *name);

#endif
