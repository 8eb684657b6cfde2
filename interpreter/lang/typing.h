/* typing: tree and names to type.
 * What a name means at a place is told by the caller (`struct names`): typing knows no steps. */
#ifndef LANG_TYPING_H
#define LANG_TYPING_H

#include "base/source.h"

#include <stdbool.h>

struct arena;
struct diagnostics;
struct expr;
struct template;
struct type;

struct names {
    /* The type of ROOT.MEMBER (MEMBER NULL: the root alone) at this place. NULL after a diagnostic
     * at MARK (RB101 unknown, RB103 not upstream). REST is the member asked of it next, or NULL,
     * for messages and for RB105. A value that may be unset has an optional type. */
    const struct type *(*find)(const struct names *names, const char *root, const char *member,
                               const char *rest, struct mark mark, struct diagnostics *diagnostics);
    /* Is one of steps.A.OUTPUT_A and steps.B.OUTPUT_B always set, since the steps are the two
     * branches of one condition and neither output can be unset when its step was done? NULL:
     * never.
     */
    bool (*branches)(const struct names *names, const char *step_a, const char *output_a,
                     const char *step_b, const char *output_b);
    void *context;
};

/* The type, or NULL after diagnostics. Where a condition has asked `exists(x)`, x is not optional:
 * in the rest of its `and`, behind `then`, in the body of a comprehension. */
const struct type *expr_type(struct arena *arena, const struct expr *expr,
                             const struct names *names, struct diagnostics *diagnostics);
/* The type of a text with `${…}`: of a whole one its expression's (of a spliced one its list's),
 * else string, or secret when a part is one (parts must be scalars that are never unset). */
const struct type *template_type(struct arena *arena, const struct template *template,
                                 const struct names *names, struct diagnostics *diagnostics);

#endif
