/* What operators take and give. There is no conversion but int to float, and JSON to what the other
 * side is (checked when it runs); the remedy names the function that converts. */
#include "lang/typed.h"

#include "base/arena.h"
#include "base/diagnostic.h"
#include "lang/value.h"

#include <string.h>

static bool is_number(const struct type *type)
{
    return type->kind == TYPE_INT || type->kind == TYPE_FLOAT;
}

/* A duration or a size. */
static bool is_amount(const struct type *type)
{
    return type->kind == TYPE_DURATION || type->kind == TYPE_SIZE;
}

bool typing_ordered(const struct type *type)
{
    return type_is_text(type) || is_number(type) || is_amount(type) || type->kind == TYPE_TIME ||
           type->kind == TYPE_JSON || type->kind == TYPE_NOTHING;
}

/* --- arithmetic --- */

static const struct type *numbers(enum operation operation, const struct type *left,
                                  const struct type *right)
{
    bool ints = left->kind == TYPE_INT && right->kind == TYPE_INT;
    if (operation == OPERATION_REMAINDER && !ints) {
        return NULL;
    }
    return type_scalar(ints ? TYPE_INT : TYPE_FLOAT);
}

static const struct type *amounts(enum operation operation, const struct type *left,
                                  const struct type *right)
{
    bool scales = operation == OPERATION_MULTIPLY || operation == OPERATION_DIVIDE;
    if (is_amount(left) && is_number(right) && scales) {
        return left;
    }
    if (is_number(left) && is_amount(right)) {
        return operation == OPERATION_MULTIPLY ? right : NULL;
    }
    if (left->kind != right->kind || operation == OPERATION_MULTIPLY ||
        operation == OPERATION_REMAINDER) {
        return NULL;
    }
    return operation == OPERATION_DIVIDE ? type_scalar(TYPE_FLOAT) : left;
}

static const struct type *times(enum operation operation, const struct type *left,
                                const struct type *right)
{
    bool adds = operation == OPERATION_ADD;
    bool subtracts = operation == OPERATION_SUBTRACT;
    if (left->kind == TYPE_TIME && right->kind == TYPE_TIME) {
        return subtracts ? type_scalar(TYPE_DURATION) : NULL;
    }
    bool moved = left->kind == TYPE_TIME && right->kind == TYPE_DURATION && (adds || subtracts);
    bool behind = left->kind == TYPE_DURATION && right->kind == TYPE_TIME && adds;
    return moved || behind ? type_scalar(TYPE_TIME) : NULL;
}

/* The type of LEFT operation RIGHT, or NULL. */
static const struct type *arithmetic(enum operation operation, const struct type *left,
                                     const struct type *right)
{
    if (is_number(left) && is_number(right)) {
        return numbers(operation, left, right);
    }
    bool json_left = left->kind == TYPE_JSON;
    bool json_right = right->kind == TYPE_JSON;
    if (json_left || json_right) {
        const struct type *other = json_left ? right : left;
        bool counts = is_number(other) || is_amount(other) || other->kind == TYPE_TIME;
        return counts || (json_left && json_right) ? type_scalar(TYPE_JSON) : NULL;
    }
    if (left->kind == TYPE_TIME || right->kind == TYPE_TIME) {
        return times(operation, left, right);
    }
    bool known = (is_number(left) || is_amount(left)) && (is_number(right) || is_amount(right));
    return known ? amounts(operation, left, right) : NULL;
}

static bool is_literal(const struct expr *expr, enum value_kind kind)
{
    return expr->kind == EXPR_LITERAL && expr->literal.value->kind == kind;
}

/* `params.limit + 5`: a number that lacks its unit, where TYPE has one. */
static const char *unit_remedy(struct typing *typing, const struct type *type,
                               const struct expr *number)
{
    if (!is_amount(type) || !is_literal(number, VALUE_INT)) {
        return NULL;
    }
    return arena_format(typing->arena, "write the unit: %s%s", typing_shown(typing, number),
                        type->kind == TYPE_DURATION ? "s" : "MiB");
}

/* The function that makes of OTHER what can be added to TYPE, or NULL. */
static const char *converter(const struct type *type, const struct type *other)
{
    if (is_number(type) && type_is_text(other)) {
        return type->kind == TYPE_INT ? "int" : "float";
    }
    if (type->kind == TYPE_DURATION || type->kind == TYPE_TIME) {
        return is_number(other) ? "seconds" : NULL;
    }
    return type->kind == TYPE_SIZE && (is_number(other) || type_is_text(other)) ? "size" : NULL;
}

static const char *arithmetic_remedy(struct typing *typing, const struct expr *expr,
                                     const struct type *left, const struct type *right)
{
    const char *a = typing_shown(typing, expr->binary.left);
    const char *b = typing_shown(typing, expr->binary.right);
    if (expr->operation == OPERATION_ADD && left->kind == TYPE_LIST && right->kind == TYPE_LIST) {
        return arena_format(typing->arena, "write [%s..., %s...]", a, b);
    }
    bool adds = expr->operation == OPERATION_ADD || expr->operation == OPERATION_SUBTRACT;
    bool words = expr->operation == OPERATION_ADD && (is_literal(expr->binary.left, VALUE_TEXT) ||
                                                      is_literal(expr->binary.right, VALUE_TEXT));
    if (adds && !words && unit_remedy(typing, left, expr->binary.right) != NULL) {
        return unit_remedy(typing, left, expr->binary.right);
    }
    if (adds && !words && converter(left, right) != NULL) {
        return arena_format(typing->arena, "write %s(%s)", converter(left, right), b);
    }
    if (adds && !words && converter(right, left) != NULL) {
        return arena_format(typing->arena, "write %s(%s)", converter(right, left), a);
    }
    if (expr->operation == OPERATION_ADD && (type_is_text(left) || type_is_text(right))) {
        return arena_format(typing->arena,
                            "write texts side by side, ${…}${…}, or join([%s, %s], '')",
                            type_is_text(left) ? a : arena_format(typing->arena, "string(%s)", a),
                            type_is_text(right) ? b : arena_format(typing->arena, "string(%s)", b));
    }
    return NULL;
}

static const struct type *arithmetic_type(struct typing *typing, const struct expr *expr,
                                          const struct type *left, const struct type *right)
{
    const struct type *type = arithmetic(expr->operation, left, right);
    if (type != NULL) {
        return type;
    }
    return typing_complain(typing, expr, arithmetic_remedy(typing, expr, left, right),
                           "'%s' is not defined for %s and %s", OPERATIONS[expr->operation].text,
                           typing_name(typing, left), typing_name(typing, right));
}

const struct type *typing_negation(struct typing *typing, const struct expr *expr)
{
    const struct type *type = typing_value(typing, expr->operand);
    if (type == NULL || is_number(type) || is_amount(type) || type->kind == TYPE_JSON) {
        return type;
    }
    return typing_complain(typing, expr, NULL, "'-' is not defined for %s",
                           typing_name(typing, type));
}

/* --- comparison --- */

static bool equatable(struct typing *typing, const struct type *left, const struct type *right)
{
    return typing_common(typing, left, right) != NULL;
}

static bool orderable(struct typing *typing, const struct type *left, const struct type *right)
{
    return typing_ordered(left) && typing_ordered(right) && equatable(typing, left, right);
}

static const char *compare_remedy(struct typing *typing, const struct expr *expr,
                                  const struct type *left, const struct type *right)
{
    const char *a = typing_shown(typing, expr->binary.left);
    const char *b = typing_shown(typing, expr->binary.right);
    const char *unit = unit_remedy(typing, left, expr->binary.right);
    if (unit != NULL) {
        return unit;
    }
    if (is_amount(left) && is_number(right)) {
        return arena_format(typing->arena, "write %s(%s)", converter(left, right), b);
    }
    if (left->kind == TYPE_BOOL && (type_is_text(right) || is_number(right))) {
        return expr->binary.right->kind == EXPR_LITERAL
                   ? arena_format(typing->arena, "write %s, or not %s", a, a)
                   : arena_format(typing->arena, "write bool(%s)", b);
    }
    if (is_number(left) && is_literal(expr->binary.right, VALUE_TEXT)) {
        return "write the number without quotes";
    }
    if (type_is_text(left) && is_literal(expr->binary.right, VALUE_INT)) {
        return arena_format(typing->arena, "write int(%s), or the number in quotes", a);
    }
    if (type_is_text(left) && type_is_scalar(right)) {
        return arena_format(typing->arena, "write string(%s)", b);
    }
    return type_is_text(right) && type_is_scalar(left)
               ? arena_format(typing->arena, "write string(%s)", a)
               : NULL;
}

static const struct type *compare_type(struct typing *typing, const struct expr *expr,
                                       const struct type *left, const struct type *right)
{
    bool equal = expr->operation == OPERATION_EQUAL || expr->operation == OPERATION_UNEQUAL;
    bool good = equal ? equatable(typing, left, right) : orderable(typing, left, right);
    if (good) {
        return type_scalar(TYPE_BOOL);
    }
    return typing_complain(typing, expr, compare_remedy(typing, expr, left, right),
                           "%s and %s can't be compared by '%s'", typing_name(typing, left),
                           typing_name(typing, right), OPERATIONS[expr->operation].text);
}

static const struct type *in_type(struct typing *typing, const struct expr *expr,
                                  const struct type *member, const struct type *list)
{
    if (list->kind == TYPE_JSON || list->kind == TYPE_NOTHING) {
        return type_scalar(TYPE_BOOL);
    }
    if (list->kind != TYPE_LIST) {
        const char *a = typing_shown(typing, expr->binary.left);
        const char *b = typing_shown(typing, expr->binary.right);
        const char *remedy = type_is_text(list)
                                 ? arena_format(typing->arena, "write contains(%s, %s)", b, a)
                             : list->kind == TYPE_MAP || list->kind == TYPE_RECORD
                                 ? arena_format(typing->arena, "write exists(%s[%s])", b, a)
                                 : NULL;
        return typing_complain(typing, expr->binary.right, remedy,
                               "'in' looks into a list, found %s", typing_name(typing, list));
    }
    if (equatable(typing, member, list->element)) {
        return type_scalar(TYPE_BOOL);
    }
    return typing_complain(typing, expr, NULL, "%s can't be a member of a %s",
                           typing_name(typing, member), type_print(typing->arena, list));
}

bool typing_pattern(struct typing *typing, const struct expr *pattern)
{
    if (pattern->kind == EXPR_LITERAL && pattern->literal.pattern != NULL) {
        return true;
    }
    const struct type *type = typing_value(typing, pattern);
    if (type == NULL || type->kind == TYPE_REGEX) {
        return type != NULL;
    }
    const char *shown = typing_quoted(typing, pattern);
    if (type_is_text(type)) {
        diagnostic_add(typing->diagnostics, RB302, expr_mark(pattern),
                       "write the pattern in quotes, declare its param as 'regex', or ask "
                       "contains(text, part)",
                       "%s is %s: a value is no pattern", shown, typing_name(typing, type));
        return false;
    }
    typing_complain(typing, pattern, "write the pattern in quotes",
                    "%s is %s, and a pattern is wanted", shown, typing_name(typing, type));
    return false;
}

static const struct type *matches_type(struct typing *typing, const struct expr *expr)
{
    const struct type *text = typing_value(typing, expr->binary.left);
    bool pattern = typing_pattern(typing, expr->binary.right);
    if (text == NULL || !pattern || type_is_text(text) || text->kind == TYPE_JSON) {
        return text != NULL && pattern ? type_scalar(TYPE_BOOL) : NULL;
    }
    const char *shown = typing_shown(typing, expr->binary.left);
    const char *remedy =
        type_is_scalar(text) ? arena_format(typing->arena, "write string(%s)", shown)
        : text->kind == TYPE_LIST
            ? arena_format(typing->arena, "write any([x matches … for x in %s])", shown)
            : NULL;
    return typing_complain(typing, expr->binary.left, remedy,
                           "%s is %s: 'matches' looks into a text",
                           typing_quoted(typing, expr->binary.left), typing_name(typing, text));
}

/* `steps.my-step`: a minus that was meant as a part of a name. */
static void note_minus(struct typing *typing, const struct expr *expr)
{
    const struct expr *left = expr->binary.left;
    const struct expr *right = expr->binary.right;
    bool tight = right->start == left->end + 1;
    bool paths =
        left->kind == EXPR_MEMBER && (right->kind == EXPR_NAME || right->kind == EXPR_MEMBER);
    size_t count = typing->diagnostics->list.count;
    if (expr->operation == OPERATION_SUBTRACT && tight && paths && count > 0) {
        diagnostic_note(typing->diagnostics, typing->diagnostics->list.at[count - 1],
                        expr_place(expr->node, left->end, right->start),
                        "this '-' is a minus: names are written with '_'");
    }
}

const struct type *typing_operation(struct typing *typing, const struct expr *expr)
{
    if (expr->operation == OPERATION_MATCHES) {
        return matches_type(typing, expr);
    }
    const struct type *left = typing_value(typing, expr->binary.left);
    if (left == NULL) {
        note_minus(typing, expr);
        return NULL;
    }
    const struct type *right = typing_value(typing, expr->binary.right);
    if (right == NULL) {
        note_minus(typing, expr);
        return NULL;
    }
    enum level level = OPERATIONS[expr->operation].level;
    if (level == LEVEL_SUM || level == LEVEL_PRODUCT) {
        return arithmetic_type(typing, expr, left, right);
    }
    return expr->operation == OPERATION_IN ? in_type(typing, expr, left, right)
                                           : compare_type(typing, expr, left, right);
}
