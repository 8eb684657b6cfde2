/* evaluation: one expression being evaluated, with what is left of its limits.
 * For eval*.c and function_*.c alone. Everything that gives a value gives NULL after
 * evaluation_fail; nothing goes on after that. */
#ifndef LANG_EVALUATION_H
#define LANG_EVALUATION_H

#include "lang/eval.h"
#include "lang/expr_tree.h"
#include "lang/functions.h"
#include "lang/value.h"

struct evaluation {
    struct arena *arena;
    const struct values *values;
    struct problem *problem;
    const struct expr_local *locals; /* of comprehensions; meaning is a struct value */
    size_t steps;                    /* what may still be done */
    size_t bytes;                    /* what may still be made */
};

/* Fills in the problem, at AT's place; always NULL. */
const struct value *evaluation_fail(struct evaluation *evaluation, const struct expr *at,
                                    const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Takes BYTES off the 16 MiB; false after a failure. */
bool evaluation_spend(struct evaluation *evaluation, const struct expr *at, size_t bytes);

/* "'EXPR' is unset …"; always NULL. */
const struct value *evaluation_unset(struct evaluation *evaluation, const struct expr *expr);

/* A new value, its bytes counted; NULL past the limit. */
const struct value *evaluation_text(struct evaluation *evaluation, const struct expr *at,
                                    struct text text);
const struct value *evaluation_list(struct evaluation *evaluation, const struct expr *at,
                                    const struct value *const *values, size_t count);

/* The value of EXPR. */
const struct value *evaluate(struct evaluation *evaluation, const struct expr *expr);
/* "'EXPR' is an int, and WANTED is wanted"; always NULL. */
const struct value *evaluation_wanted(struct evaluation *evaluation, const struct expr *expr,
                                      const struct value *value, const char *wanted);

/* The three kinds of path. */
const struct value *evaluate_name(struct evaluation *evaluation, const struct expr *expr);
const struct value *evaluate_member(struct evaluation *evaluation, const struct expr *expr);
const struct value *evaluate_index(struct evaluation *evaluation, const struct expr *expr);
/* ‹EXPR›, with names that lead to unknowns told by those' sources. */
const struct value *evaluation_unknown(struct evaluation *evaluation, const struct expr *expr);
/* LEFT operation RIGHT, both known and set. */
const struct value *evaluate_arithmetic(struct evaluation *evaluation, const struct expr *expr,
                                        const struct value *left, const struct value *right);
const struct value *evaluate_negation(struct evaluation *evaluation, const struct expr *expr,
                                      const struct value *operand);
/* ==, !=, <, <=, >, >=, in, matches; unknown parts make the answer unknown where it depends on
 * them. */
const struct value *evaluate_comparison(struct evaluation *evaluation, const struct expr *expr,
                                        const struct value *left, const struct value *right);
/* function(arguments), `exists` included. */
const struct value *evaluate_call(struct evaluation *evaluation, const struct expr *expr);
/* Like evaluate, but what is not there is unset, never a failure. */
const struct value *evaluate_path(struct evaluation *evaluation, const struct expr *expr);

/* Values of one class can be ordered: text 1, number 2, duration 3, size 4, time 5; 0: none. */
int order_class(const struct value *value);
/* A JSON text that meets a duration, size or time is read as one. False after a failure. */
bool evaluation_meet(struct evaluation *evaluation, const struct expr *expr,
                     const struct value **left, const struct value **right);
/* A pattern's answer for SUBJECT, from byte FROM: 1, 0, or -1 after a failure. LITERAL is the
 * expression that gave it; TEXT its value. */
struct pattern;
const struct pattern *evaluation_pattern(struct evaluation *evaluation, const struct expr *literal,
                                         const struct value *text);
int evaluation_search(struct evaluation *evaluation, const struct expr *at,
                      const struct pattern *pattern, struct text subject, size_t from,
                      struct text *whole, struct text *group);

#endif
