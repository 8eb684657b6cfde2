/* expr_logic: a condition taken apart into what it says: and, or, not of facts. What the proof
 * reasons with; a fact is whatever is no logic itself. */
#ifndef LANG_EXPR_LOGIC_H
#define LANG_EXPR_LOGIC_H

#include <stdbool.h>

struct arena;
struct expr;
struct value;

enum logic_kind {
    LOGIC_ALWAYS, /* `truth` */
    LOGIC_FACT,   /* `expr`, a bool */
    LOGIC_IS,     /* `expr` is equal to `value`, a literal */
    LOGIC_EXISTS, /* `expr`, a path, has a value */
    LOGIC_NOT,    /* not `a` */
    LOGIC_AND,    /* `a` and `b` */
    LOGIC_OR,
};
struct logic {
    enum logic_kind kind;
    bool truth;
    const struct expr *expr;
    const char *param; /* of a fact `params.NAME`: that name; else NULL */
    const struct value *value;
    const struct logic *a, *b;
};

/* EXPR, a bool. `x != 'v'` is the `not` of `x == 'v'`, `x in ['v', 'w']` is an `or` of two, and
 * `if c then a else b` is `c and a or not c and b`. Never NULL. */
const struct logic *expr_logic(struct arena *arena, const struct expr *expr);

#endif
