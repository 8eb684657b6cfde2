/* eval: tree and values to value. Total: it always ends, within 10,000 nodes and 16 MiB of value.
 * Pure: `now` is handed in as a name; patterns run with a deadline. With unknown values in, it
 * gives unknown values out, and knows what it can (`false and ‹x›` is false). */
#ifndef LANG_EVAL_H
#define LANG_EVAL_H

#include "base/source.h"

#include <stdbool.h>

struct arena;
struct expr;
struct template;
struct value;

struct values {
    /* The value of ROOT.MEMBER (MEMBER NULL: the root alone): value_unset or unknown ones included,
     * never NULL (typing has seen that the name exists). */
    const struct value *(*find)(const struct values *values, const char *root, const char *member);
    void *context;
};

/* Why there is no value. */
struct problem {
    struct mark mark;    /* where in the runbook, or source NULL */
    const char *message; /* arena's */
    bool unasked;        /* a check that met it could not be asked (bad pattern at run time) */
};

/* NULL with *problem: bad JSON, index, division by zero, overflow, `only` of two, a limit. */
const struct value *expr_eval(struct arena *arena, const struct expr *expr,
                              const struct values *values, struct problem *problem);
/* A whole `${…}` keeps its kind; a longer text is a text, or an unknown text with ‹…› in it. */
const struct value *template_eval(struct arena *arena, const struct template *template,
                                  const struct values *values, struct problem *problem);

#endif
