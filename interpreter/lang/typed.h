/* typed: an expression being typed. For typing*.c alone.
 * A type that is NULL means that a diagnostic was added: nothing more is said about it. */
#ifndef LANG_TYPED_H
#define LANG_TYPED_H

#include "lang/expr_tree.h"
#include "lang/functions.h"
#include "lang/type.h"
#include "lang/typing.h"

struct diagnostics;

/* Paths that a condition has asked `exists` of, where it holds. */
struct present {
    const struct present *outer;
    const struct expr *path;
};

struct typing {
    struct arena *arena;
    const struct names *names;
    struct diagnostics *diagnostics;
    const struct expr_local *locals; /* of comprehensions; meaning is a struct type */
    const struct present *present;
};

/* An output of a step. */
struct source_step {
    const char *step;   /* its id; NULL: none */
    const char *output; /* NULL: the step as a whole */
};

enum { STEPS_KEPT = 3 };

struct typed {
    const struct type *type;
    /* When it is unset, none of these steps gave that output; the rest have no id. */
    struct source_step steps[STEPS_KEPT];
};

struct typed typed_of(const struct type *type);
/* A path; REST is the member asked of it next, or NULL. */
struct typed typing_path(struct typing *typing, const struct expr *expr, const char *rest);
/* The type of EXPR, which may be optional. */
struct typed typing_of(struct typing *typing, const struct expr *expr);
/* The type of EXPR where a value is needed: an optional one is RB104, a secret or connection, which
 * nothing can be computed with, RB301 or RB102. */
const struct type *typing_value(struct typing *typing, const struct expr *expr);
/* A bool, or JSON that will be one; false after a diagnostic. */
bool typing_condition(struct typing *typing, const struct expr *expr);
/* Type what follows as where CONDITION is TRUTH; gives back what to put back into `present`. */
const struct present *typing_assume(struct typing *typing, const struct expr *condition,
                                    bool truth);

/* The type that holds both, or NULL (without a diagnostic). */
const struct type *typing_common(struct typing *typing, const struct type *a, const struct type *b);
/* `left OPERATION right` of arithmetic and comparisons. */
const struct type *typing_operation(struct typing *typing, const struct expr *expr);
const struct type *typing_negation(struct typing *typing, const struct expr *expr);
const struct type *typing_call(struct typing *typing, const struct expr *expr);
/* PATTERN stands where a pattern is wanted; false after a diagnostic. */
bool typing_pattern(struct typing *typing, const struct expr *pattern);

/* Can members of this type be ordered? json can, when it runs. */
bool typing_ordered(const struct type *type);

/* RB102 at EXPR; always NULL. REMEDY may be NULL. */
const struct type *typing_complain(struct typing *typing, const struct expr *expr,
                                   const char *remedy, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* "an int", "a list<string>" */
const char *typing_name(struct typing *typing, const struct type *type);
/* EXPR as written, for messages; cut when it is long. */
const char *typing_shown(struct typing *typing, const struct expr *expr);
/* The same in quotes; a literal text has its own. */
const char *typing_quoted(struct typing *typing, const struct expr *expr);

#endif
