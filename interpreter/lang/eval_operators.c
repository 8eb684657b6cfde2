/* Arithmetic and comparison. Every result is exact or a failure: nothing wraps around. */
#include "lang/evaluation.h"

#include "base/arena.h"
#include "lang/pattern.h"
#include "lang/type.h"

#include <math.h>

int order_class(const struct value *value)
{
    switch (value->kind) {
    case VALUE_TEXT:
        return 1;
    case VALUE_INT:
    case VALUE_FLOAT:
        return 2;
    case VALUE_DURATION:
        return 3;
    case VALUE_SIZE:
        return 4;
    case VALUE_TIME:
        return 5;
    case VALUE_UNSET:
    case VALUE_BOOL:
    case VALUE_LIST:
    case VALUE_MAP:
    case VALUE_UNKNOWN:
    case VALUE_SECRET:
        break;
    }
    return 0;
}

/* The type of a unit, or NULL when VALUE has none. */
static const struct type *unit_of(const struct value *value)
{
    return value->kind == VALUE_DURATION ? type_scalar(TYPE_DURATION)
           : value->kind == VALUE_SIZE   ? type_scalar(TYPE_SIZE)
           : value->kind == VALUE_TIME   ? type_scalar(TYPE_TIME)
                                         : NULL;
}

bool evaluation_meet(struct evaluation *evaluation, const struct expr *expr,
                     const struct value **left, const struct value **right)
{
    const struct value **text = (*left)->kind == VALUE_TEXT ? left : right;
    const struct type *unit = unit_of(text == left ? *right : *left);
    if (unit == NULL || (*text)->kind != VALUE_TEXT) {
        return true;
    }
    const char *why = NULL;
    const struct value *read = value_read(evaluation->arena, unit, (*text)->text, false, &why);
    if (read == NULL) {
        evaluation_fail(evaluation, expr, "%s", why);
        return false;
    }
    *text = read;
    return true;
}

/* --- arithmetic --- */

static const struct value *fail_kinds(struct evaluation *evaluation, const struct expr *expr,
                                      const struct value *left, const struct value *right)
{
    return evaluation_fail(evaluation, expr, "'%s' is not defined for %s and %s",
                           OPERATIONS[expr->operation].text, value_kind_name(left->kind),
                           value_kind_name(right->kind));
}

static const struct value *fail_overflow(struct evaluation *evaluation, const struct expr *expr)
{
    return evaluation_fail(evaluation, expr, "'%s' gives more than its type can hold",
                           expr_show(evaluation->arena, expr));
}

static const struct value *fail_zero(struct evaluation *evaluation, const struct expr *expr)
{
    return evaluation_fail(evaluation, expr, "'%s' divides by zero",
                           expr_show(evaluation->arena, expr));
}

static double real_of(const struct value *value)
{
    return value->kind == VALUE_FLOAT ? value->real : (double)value->integer;
}

static const struct value *real_result(struct evaluation *evaluation, const struct expr *expr,
                                       double real)
{
    return isfinite(real) ? value_float(evaluation->arena, real) : fail_overflow(evaluation, expr);
}

/* A duration or size that was computed with a float, to the nearest unit. */
static const struct value *rounded(struct evaluation *evaluation, const struct expr *expr,
                                   enum value_kind kind, double real)
{
    double nearest = round(real);
    if (!(fabs(nearest) < 9223372036854775807.0)) {
        return fail_overflow(evaluation, expr);
    }
    return value_integer(evaluation->arena, kind, (int64_t)nearest);
}

/* Whole numbers of one KIND. */
static const struct value *whole_numbers(struct evaluation *evaluation, const struct expr *expr,
                                         enum value_kind kind, int64_t left, int64_t right)
{
    int64_t result = 0;
    bool over = false;
    bool divides = expr->operation == OPERATION_DIVIDE || expr->operation == OPERATION_REMAINDER;
    if (divides && right == 0) {
        return fail_zero(evaluation, expr);
    }
    if (divides && right == -1) {
        /* INT64_MIN / -1 traps. */
        over = expr->operation == OPERATION_DIVIDE && __builtin_sub_overflow(0, left, &result);
    } else if (expr->operation == OPERATION_ADD) {
        over = __builtin_add_overflow(left, right, &result);
    } else if (expr->operation == OPERATION_SUBTRACT) {
        over = __builtin_sub_overflow(left, right, &result);
    } else if (expr->operation == OPERATION_MULTIPLY) {
        over = __builtin_mul_overflow(left, right, &result);
    } else {
        result = expr->operation == OPERATION_DIVIDE ? left / right : left % right;
    }
    /* A duration or size is told by its sign and magnitude: that one has none. */
    over = over || (kind != VALUE_INT && result == INT64_MIN);
    return over ? fail_overflow(evaluation, expr) : value_integer(evaluation->arena, kind, result);
}

static const struct value *numbers(struct evaluation *evaluation, const struct expr *expr,
                                   const struct value *left, const struct value *right)
{
    if (left->kind == VALUE_INT && right->kind == VALUE_INT) {
        return whole_numbers(evaluation, expr, VALUE_INT, left->integer, right->integer);
    }
    double a = real_of(left);
    double b = real_of(right);
    if (expr->operation == OPERATION_REMAINDER) {
        return fail_kinds(evaluation, expr, left, right);
    }
    if (expr->operation == OPERATION_DIVIDE && b == 0) {
        return fail_zero(evaluation, expr);
    }
    return real_result(evaluation, expr,
                       expr->operation == OPERATION_ADD        ? a + b
                       : expr->operation == OPERATION_SUBTRACT ? a - b
                       : expr->operation == OPERATION_MULTIPLY ? a * b
                                                               : a / b);
}

/* A duration or size times or by a number. */
static const struct value *scaled(struct evaluation *evaluation, const struct expr *expr,
                                  const struct value *unit, const struct value *number)
{
    if (number->kind == VALUE_INT) {
        return whole_numbers(evaluation, expr, unit->kind, unit->integer, number->integer);
    }
    if (expr->operation == OPERATION_DIVIDE && number->real == 0) {
        return fail_zero(evaluation, expr);
    }
    double real = (double)unit->integer;
    return rounded(evaluation, expr, unit->kind,
                   expr->operation == OPERATION_MULTIPLY ? real * number->real
                                                         : real / number->real);
}

static bool adds(const struct expr *expr)
{
    return expr->operation == OPERATION_ADD || expr->operation == OPERATION_SUBTRACT;
}

/* Two durations or two sizes: their sum or difference, or how often one goes into the other. */
static const struct value *units(struct evaluation *evaluation, const struct expr *expr,
                                 const struct value *left, const struct value *right)
{
    if (adds(expr)) {
        return whole_numbers(evaluation, expr, left->kind, left->integer, right->integer);
    }
    if (expr->operation != OPERATION_DIVIDE) {
        return fail_kinds(evaluation, expr, left, right);
    }
    if (right->integer == 0) {
        return fail_zero(evaluation, expr);
    }
    return real_result(evaluation, expr, (double)left->integer / (double)right->integer);
}

/* time - time, time ± duration, duration + time */
static const struct value *times(struct evaluation *evaluation, const struct expr *expr,
                                 const struct value *left, const struct value *right)
{
    bool both = left->kind == VALUE_TIME && right->kind == VALUE_TIME;
    bool moved = left->kind == VALUE_TIME && right->kind == VALUE_DURATION;
    bool behind = left->kind == VALUE_DURATION && right->kind == VALUE_TIME;
    if ((both && expr->operation == OPERATION_SUBTRACT) || (moved && adds(expr)) ||
        (behind && expr->operation == OPERATION_ADD)) {
        return whole_numbers(evaluation, expr, both ? VALUE_DURATION : VALUE_TIME, left->integer,
                             right->integer);
    }
    return fail_kinds(evaluation, expr, left, right);
}

const struct value *evaluate_arithmetic(struct evaluation *evaluation, const struct expr *expr,
                                        const struct value *left, const struct value *right)
{
    if (!evaluation_meet(evaluation, expr, &left, &right)) {
        return NULL;
    }
    int a = order_class(left);
    int b = order_class(right);
    bool scales = expr->operation == OPERATION_MULTIPLY || expr->operation == OPERATION_DIVIDE;
    if (a == 2 && b == 2) {
        return numbers(evaluation, expr, left, right);
    }
    if ((a == 3 || a == 4) && a == b) {
        return units(evaluation, expr, left, right);
    }
    if ((a == 3 || a == 4) && b == 2 && scales) {
        return scaled(evaluation, expr, left, right);
    }
    if (a == 2 && (b == 3 || b == 4) && expr->operation == OPERATION_MULTIPLY) {
        return scaled(evaluation, expr, right, left);
    }
    return a == 5 || b == 5 ? times(evaluation, expr, left, right)
                            : fail_kinds(evaluation, expr, left, right);
}

const struct value *evaluate_negation(struct evaluation *evaluation, const struct expr *expr,
                                      const struct value *operand)
{
    int class = order_class(operand);
    if (operand->kind == VALUE_FLOAT) {
        return value_float(evaluation->arena, -operand->real);
    }
    if (class < 2 || class > 4) {
        return evaluation_fail(evaluation, expr, "'-' is not defined for %s",
                               value_kind_name(operand->kind));
    }
    int64_t negated = 0;
    return __builtin_sub_overflow(0, operand->integer, &negated)
               ? fail_overflow(evaluation, expr)
               : value_integer(evaluation->arena, operand->kind, negated);
}

/* --- comparison --- */

/* Can it be said whether they are equal? Only JSON brings kinds together that can not. */
static bool comparable(const struct value *left, const struct value *right)
{
    int class = order_class(left);
    return class > 0 ? class == order_class(right) : left->kind == right->kind;
}

static const struct value *fail_compare(struct evaluation *evaluation, const struct expr *expr,
                                        const struct value *left, const struct value *right)
{
    return evaluation_fail(evaluation, expr, "%s and %s can't be compared",
                           value_kind_name(left->kind), value_kind_name(right->kind));
}

static const struct value *evaluate_equal(struct evaluation *evaluation, const struct expr *expr,
                                          const struct value *left, const struct value *right)
{
    if (!evaluation_meet(evaluation, expr, &left, &right)) {
        return NULL;
    }
    if (value_has_unknown(left) || value_has_unknown(right)) {
        return evaluation_unknown(evaluation, expr);
    }
    if (!comparable(left, right)) {
        return fail_compare(evaluation, expr, left, right);
    }
    return value_bool(value_equal(left, right) == (expr->operation == OPERATION_EQUAL));
}

static const struct value *evaluate_order(struct evaluation *evaluation, const struct expr *expr,
                                          const struct value *left, const struct value *right)
{
    if (left->kind == VALUE_UNKNOWN || right->kind == VALUE_UNKNOWN) {
        return evaluation_unknown(evaluation, expr);
    }
    if (!evaluation_meet(evaluation, expr, &left, &right)) {
        return NULL;
    }
    if (order_class(left) == 0 || !comparable(left, right)) {
        return fail_compare(evaluation, expr, left, right);
    }
    int order = value_compare(left, right);
    return value_bool(expr->operation == OPERATION_LESS      ? order < 0
                      : expr->operation == OPERATION_AT_MOST ? order <= 0
                      : expr->operation == OPERATION_MORE    ? order > 0
                                                             : order >= 0);
}

static const struct value *evaluate_in(struct evaluation *evaluation, const struct expr *expr,
                                       const struct value *member, const struct value *list)
{
    if (list->kind == VALUE_UNKNOWN) {
        return evaluation_unknown(evaluation, expr);
    }
    if (list->kind != VALUE_LIST) {
        return evaluation_wanted(evaluation, expr->binary.right, list, "a list");
    }
    bool known = !value_has_unknown(member);
    bool doubt = !known && list->list.count > 0;
    for (size_t i = 0; i < list->list.count && known; i++) {
        const struct value *other = list->list.at[i];
        if (value_equal(member, other)) {
            return &value_true;
        }
        doubt = doubt || value_has_unknown(other);
    }
    return doubt ? evaluation_unknown(evaluation, expr) : &value_false;
}

const struct pattern *evaluation_pattern(struct evaluation *evaluation, const struct expr *literal,
                                         const struct value *text)
{
    if (literal->kind == EXPR_LITERAL && literal->literal.pattern != NULL) {
        return literal->literal.pattern;
    }
    const char *why = NULL;
    size_t offset = 0;
    const struct pattern *pattern = pattern_compile(evaluation->arena, text->text, &why, &offset);
    if (pattern == NULL) {
        evaluation->problem->unasked = true;
        evaluation_fail(evaluation, literal, "the pattern is wrong at character %zu: %s",
                        offset + 1, why);
    }
    return pattern;
}

int evaluation_search(struct evaluation *evaluation, const struct expr *at,
                      const struct pattern *pattern, struct text subject, size_t from,
                      struct text *whole, struct text *group)
{
    const char *why = NULL;
    switch (pattern_match(pattern, subject, from, whole, group, &why)) {
    case PATTERN_FOUND:
        return 1;
    case PATTERN_ABSENT:
        return 0;
    case PATTERN_ERROR:
        break;
    }
    evaluation->problem->unasked = true;
    evaluation_fail(evaluation, at, "%s", why);
    return -1;
}

static const struct value *evaluate_matches(struct evaluation *evaluation, const struct expr *expr,
                                            const struct value *subject,
                                            const struct value *pattern_text)
{
    if (subject->kind == VALUE_UNKNOWN || pattern_text->kind == VALUE_UNKNOWN) {
        return evaluation_unknown(evaluation, expr);
    }
    if (subject->kind != VALUE_TEXT || pattern_text->kind != VALUE_TEXT) {
        return fail_kinds(evaluation, expr, subject, pattern_text);
    }
    const struct pattern *pattern =
        evaluation_pattern(evaluation, expr->binary.right, pattern_text);
    struct text whole;
    struct text group;
    int found = pattern == NULL ? -1
                                : evaluation_search(evaluation, expr, pattern, subject->text, 0,
                                                    &whole, &group);
    return found < 0 ? NULL : value_bool(found == 1);
}

const struct value *evaluate_comparison(struct evaluation *evaluation, const struct expr *expr,
                                        const struct value *left, const struct value *right)
{
    if (expr->operation == OPERATION_EQUAL || expr->operation == OPERATION_UNEQUAL) {
        return evaluate_equal(evaluation, expr, left, right);
    }
    if (expr->operation == OPERATION_IN) {
        return evaluate_in(evaluation, expr, left, right);
    }
    return expr->operation == OPERATION_MATCHES ? evaluate_matches(evaluation, expr, left, right)
                                                : evaluate_order(evaluation, expr, left, right);
}
