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
    /* May `A ?? B` never be unset, since the steps A and B are the two branches of one condition?
     * NULL: never. */
    bool (*branches)(const struct names *names, const char *step_a, const char *step_b);
    void *context;
};

/* The type, or NULL after diagnostics. */
const struct type *expr_type(struct arena *arena, const struct expr *expr,
                             const struct names *names, struct diagnostics *diagnostics);
/* The type of a text with `${…}`: of a whole one its expression's, else string (its parts must be
 * scalars that are never unset). */
const struct type *template_type(struct arena *arena, const struct template *template,
                                 const struct names *names, struct diagnostics *diagnostics);

#endif
