/* Calls: arguments evaluated, brought to what the function wants, and looked over for unknowns. */
#include "lang/evaluation.h"

#include "base/arena.h"
#include "lang/type.h"

/* The scalar type of SHAPE, or NULL when it is none. */
static const struct type *shape_type(enum shape shape)
{
    switch (shape) {
    case SHAPE_TEXT:
    case SHAPE_PATTERN:
    case SHAPE_MEMBER:
        return type_scalar(TYPE_STRING);
    case SHAPE_INT:
        return type_scalar(TYPE_INT);
    case SHAPE_DURATION:
        return type_scalar(TYPE_DURATION);
    case SHAPE_TIME:
        return type_scalar(TYPE_TIME);
    case SHAPE_NUMBER:
    case SHAPE_JSON:
    case SHAPE_LIST:
    case SHAPE_TEXTS:
    case SHAPE_BOOLS:
    case SHAPE_ORDERED:
    case SHAPE_SUMMABLE:
    case SHAPE_COUNTED:
    case SHAPE_SCALAR:
    case SHAPE_PATH:
        break;
    }
    return NULL;
}

/* VALUE as a list whose members are of type ELEMENT (NULL: whatever they are). */
static const struct value *as_list(struct evaluation *evaluation, const struct expr *expr,
                                   const struct value *value, const struct type *element)
{
    const char *why = NULL;
    if (value->kind != VALUE_LIST) {
        return evaluation_wanted(evaluation, expr, value, "a list");
    }
    if (element == NULL) {
        return value;
    }
    struct type list = {.kind = TYPE_LIST, .element = element};
    const struct value *converted = value_convert(evaluation->arena, &list, value, &why);
    return converted != NULL ? converted : evaluation_fail(evaluation, expr, "%s", why);
}

/* An argument brought to what the function wants: only JSON is not it already. */
static const struct value *as_shape(struct evaluation *evaluation, const struct expr *expr,
                                    const struct value *value, enum shape shape)
{
    const struct type *scalar = shape_type(shape);
    if (scalar != NULL) {
        const char *why = NULL;
        const struct value *converted = value_convert(evaluation->arena, scalar, value, &why);
        return converted != NULL ? converted : evaluation_fail(evaluation, expr, "%s", why);
    }
    switch (shape) {
    case SHAPE_LIST:
    case SHAPE_ORDERED:
    case SHAPE_SUMMABLE:
        return as_list(evaluation, expr, value, NULL);
    case SHAPE_TEXTS:
        return as_list(evaluation, expr, value, type_scalar(TYPE_STRING));
    case SHAPE_BOOLS:
        return as_list(evaluation, expr, value, type_scalar(TYPE_BOOL));
    case SHAPE_TEXT:
    case SHAPE_PATTERN:
    case SHAPE_MEMBER:
    case SHAPE_INT:
    case SHAPE_DURATION:
    case SHAPE_TIME:
    case SHAPE_NUMBER:
    case SHAPE_JSON:
    case SHAPE_COUNTED:
    case SHAPE_SCALAR:
    case SHAPE_PATH:
        break;
    }
    return value;
}

static const struct value *evaluate_exists(struct evaluation *evaluation, const struct expr *expr)
{
    const struct value *value = evaluate_path(evaluation, expr->call.arguments[0]);
    if (value == NULL || value->kind == VALUE_UNKNOWN) {
        return value == NULL ? NULL : evaluation_unknown(evaluation, expr);
    }
    return value_bool(value->kind != VALUE_UNSET);
}

/* An argument, set and of its shape; an unknown one as it is. */
static const struct value *evaluate_argument(struct evaluation *evaluation,
                                             const struct expr *argument, enum shape shape)
{
    const struct value *value = evaluate(evaluation, argument);
    if (value == NULL || value->kind == VALUE_UNKNOWN) {
        return value;
    }
    if (value->kind == VALUE_UNSET) {
        return evaluation_unset(evaluation, argument);
    }
    return as_shape(evaluation, argument, value, shape);
}

const struct value *evaluate_call(struct evaluation *evaluation, const struct expr *expr)
{
    const struct function_entry *function = expr->call.function;
    if (function->compute == NULL) {
        return evaluate_exists(evaluation, expr);
    }
    const struct value *arguments[FUNCTION_ARGUMENTS_LIMIT];
    bool unknown = false;
    for (size_t i = 0; i < expr->call.count; i++) {
        arguments[i] =
            evaluate_argument(evaluation, expr->call.arguments[i], function->arguments[i]);
        if (arguments[i] == NULL) {
            return NULL;
        }
        unknown = unknown || arguments[i]->kind == VALUE_UNKNOWN ||
                  (!function->shallow && value_has_unknown(arguments[i]));
    }
    return unknown ? evaluation_unknown(evaluation, expr)
                   : function->compute(evaluation, expr, arguments);
}
