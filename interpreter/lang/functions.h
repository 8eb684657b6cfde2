/* functions: the table of functions: their names, signatures, and what computes them.
 * For the parser, typing and eval; others see function_at in expr.h. */
#ifndef LANG_FUNCTIONS_H
#define LANG_FUNCTIONS_H

#include "lang/expr_tree.h"

struct evaluation;
struct value;

/* What an argument must be. A list's element is called T. */
enum shape {
    SHAPE_TEXT,
    SHAPE_INT,
    SHAPE_NUMBER, /* int or float */
    SHAPE_DURATION,
    SHAPE_TIME,
    SHAPE_JSON,
    SHAPE_PATTERN,  /* a literal text, or a value of type regex */
    SHAPE_LIST,     /* list<T> */
    SHAPE_TEXTS,    /* list<string> */
    SHAPE_BOOLS,    /* list<bool> */
    SHAPE_ORDERED,  /* list<T> of what can be ordered */
    SHAPE_SUMMABLE, /* list<T> of numbers, durations or sizes */
    SHAPE_MEMBER,   /* a literal text that names a member of T */
    SHAPE_COUNTED,  /* text, list or json */
    SHAPE_SCALAR,   /* any scalar, for conversions by name */
    SHAPE_PATH,     /* a path, not its value */
};

/* What comes out. */
enum outcome {
    OUTCOME_TEXT,
    OUTCOME_TEXT_OPTIONAL,
    OUTCOME_PATH,
    OUTCOME_INT,
    OUTCOME_FLOAT,
    OUTCOME_BOOL,
    OUTCOME_SIZE,
    OUTCOME_TIME,
    OUTCOME_DURATION,
    OUTCOME_JSON,
    OUTCOME_TEXTS,
    OUTCOME_JSONS,
    OUTCOME_LIST,             /* list<T> */
    OUTCOME_ELEMENT,          /* T */
    OUTCOME_ELEMENT_OPTIONAL, /* T? */
};

enum { FUNCTION_ARGUMENTS_LIMIT = 3 };

struct function_entry {
    struct function about;
    enum shape arguments[FUNCTION_ARGUMENTS_LIMIT];
    size_t count;
    enum outcome outcome;
    /* Can it be computed when a list that it is given has members that are not known yet? */
    bool shallow;
    /* The value, or NULL after evaluation_fail. CALL gives places for messages. NULL: eval.c's own.
     */
    const struct value *(*compute)(struct evaluation *evaluation, const struct expr *call,
                                   const struct value *const *arguments);
};

/* The function NAME, or NULL. */
const struct function_entry *function_find(const char *name);
/* The name nearest to NAME, also that of the same thing in other languages; or NULL. */
const char *function_nearest(const char *name);

#endif
