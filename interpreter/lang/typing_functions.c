/* What functions take and give: a small matcher of signatures. T is the element of the first
 * argument's list. */
#include "lang/typed.h"

#include "base/arena.h"
#include "base/diagnostic.h"
#include "lang/value.h"

#include <string.h>

struct matching {
    struct typing *typing;
    const struct expr *call;
    const struct type *element; /* T; NULL before a list was seen */
};

static const char *const SHAPE_NAMES[] = {
    [SHAPE_TEXT] = "a text",
    [SHAPE_INT] = "an int",
    [SHAPE_NUMBER] = "a number",
    [SHAPE_DURATION] = "a duration",
    [SHAPE_TIME] = "a time",
    [SHAPE_JSON] = "json",
    [SHAPE_PATTERN] = "a pattern",
    [SHAPE_LIST] = "a list",
    [SHAPE_TEXTS] = "a list<string>",
    [SHAPE_BOOLS] = "a list<bool>",
    [SHAPE_ORDERED] = "a list of what can be ordered",
    [SHAPE_SUMMABLE] = "a list of numbers, durations or sizes",
    [SHAPE_MEMBER] = "a member's name in quotes",
    [SHAPE_COUNTED] = "a text, list or json",
    [SHAPE_SCALAR] = "a scalar",
    [SHAPE_PATH] = "a path",
};

/* What makes of TYPE what SHAPE wants. */
static const char *shape_remedy(struct typing *typing, enum shape shape, const struct type *type,
                                const struct expr *argument, const char *name)
{
    const char *shown = typing_shown(typing, argument);
    struct arena *arena = typing->arena;
    if (shape == SHAPE_TEXT && type->kind == TYPE_LIST && type_is_text(type->element)) {
        return arena_format(arena, "write [%s(x) for x in %s]", name, shown);
    }
    if (shape == SHAPE_TEXT && type_is_scalar(type)) {
        return arena_format(arena, "write string(%s)", shown);
    }
    if (shape == SHAPE_INT && (type_is_text(type) || type->kind == TYPE_FLOAT)) {
        return arena_format(arena, "write int(%s)", shown);
    }
    if (shape == SHAPE_NUMBER && type_is_text(type)) {
        return arena_format(arena, "write float(%s)", shown);
    }
    if (shape == SHAPE_TIME && type_is_text(type)) {
        return arena_format(arena, "write parse_time(%s)", shown);
    }
    if (shape == SHAPE_JSON && type_is_text(type)) {
        return arena_format(arena, "write parse_json(%s), or lines(%s)", shown, shown);
    }
    if (shape == SHAPE_DURATION && (type->kind == TYPE_INT || type->kind == TYPE_FLOAT)) {
        return arena_format(arena, "it is a number already: write %s", shown);
    }
    bool list = shape == SHAPE_LIST || shape == SHAPE_TEXTS || shape == SHAPE_ORDERED;
    if (list && type_is_text(type)) {
        return arena_format(arena, "write lines(%s), or split(%s, ',')", shown, shown);
    }
    if (shape == SHAPE_TEXTS && type->kind == TYPE_LIST && type_is_scalar(type->element)) {
        return arena_format(arena, "write [string(x) for x in %s]", shown);
    }
    if (shape == SHAPE_DURATION && argument->kind == EXPR_LITERAL && type_is_text(type)) {
        return "write the duration without quotes";
    }
    return shape == SHAPE_ORDERED && type->kind == TYPE_LIST && type->element->kind == TYPE_RECORD
               ? arena_format(arena, "write sort_by(%s, 'member')", shown)
               : NULL;
}

static bool complain_shape(const struct matching *matching, size_t index, const struct type *type)
{
    const struct expr *argument = matching->call->call.arguments[index];
    const struct function_entry *function = matching->call->call.function;
    enum shape shape = function->arguments[index];
    typing_complain(matching->typing, argument,
                    shape_remedy(matching->typing, shape, type, argument, function->about.name),
                    "'%s' wants %s, found %s", function->about.name, SHAPE_NAMES[shape],
                    typing_name(matching->typing, type));
    return false;
}

static bool is_number(const struct type *type)
{
    return type->kind == TYPE_INT || type->kind == TYPE_FLOAT;
}

static bool is_summable(const struct type *type)
{
    return is_number(type) || type->kind == TYPE_DURATION || type->kind == TYPE_SIZE ||
           type->kind == TYPE_JSON || type->kind == TYPE_NOTHING;
}

/* Does TYPE fit SHAPE, a list? Remembers its element. */
static bool fits_list(struct matching *matching, enum shape shape, const struct type *type)
{
    bool json = type->kind == TYPE_JSON;
    if (type->kind != TYPE_LIST && !json) {
        return false;
    }
    const struct type *element = json ? type : type->element;
    matching->element = element;
    switch (shape) {
    case SHAPE_TEXTS:
        return json || type_accepts(type_scalar(TYPE_STRING), element);
    case SHAPE_BOOLS:
        return json || type_accepts(type_scalar(TYPE_BOOL), element);
    case SHAPE_ORDERED:
        return typing_ordered(element);
    case SHAPE_SUMMABLE:
        return is_summable(element);
    case SHAPE_LIST:
    case SHAPE_TEXT:
    case SHAPE_INT:
    case SHAPE_NUMBER:
    case SHAPE_DURATION:
    case SHAPE_TIME:
    case SHAPE_JSON:
    case SHAPE_PATTERN:
    case SHAPE_MEMBER:
    case SHAPE_COUNTED:
    case SHAPE_SCALAR:
    case SHAPE_PATH:
        break;
    }
    return true;
}

static bool fits(struct matching *matching, enum shape shape, const struct type *type)
{
    bool json = type->kind == TYPE_JSON;
    switch (shape) {
    case SHAPE_TEXT:
    case SHAPE_PATTERN:
    case SHAPE_MEMBER:
        return json || type_is_text(type);
    case SHAPE_INT:
        return json || type->kind == TYPE_INT;
    case SHAPE_NUMBER:
        return json || is_number(type);
    case SHAPE_DURATION:
        return json || type->kind == TYPE_DURATION;
    case SHAPE_TIME:
        return json || type->kind == TYPE_TIME;
    case SHAPE_JSON:
        return json;
    case SHAPE_COUNTED:
        return json || type_is_text(type) || type->kind == TYPE_LIST || type->kind == TYPE_MAP;
    case SHAPE_SCALAR:
        return json || type_is_scalar(type);
    case SHAPE_LIST:
    case SHAPE_TEXTS:
    case SHAPE_BOOLS:
    case SHAPE_ORDERED:
    case SHAPE_SUMMABLE:
        return fits_list(matching, shape, type);
    case SHAPE_PATH:
        break;
    }
    return true;
}

/* What a conversion by name takes besides what it gives. */
struct conversion {
    const char *name;
    enum type_kind from[4];
    size_t count;
};
static const struct conversion CONVERSIONS[] = {
    {"int", {TYPE_INT, TYPE_FLOAT, TYPE_SIZE}, 3},
    {"float", {TYPE_INT, TYPE_FLOAT}, 2},
    {"bool", {TYPE_BOOL}, 1},
    {"size", {TYPE_INT, TYPE_SIZE}, 2},
};

static const char *conversion_remedy(struct typing *typing, const char *name,
                                     const struct type *type, const struct expr *argument)
{
    const char *shown = typing_shown(typing, argument);
    bool number = strcmp(name, "int") == 0 || strcmp(name, "float") == 0;
    if (type->kind == TYPE_DURATION && number) {
        return arena_format(typing->arena, "write to_seconds(%s)", shown);
    }
    if (strcmp(name, "float") == 0 && type->kind == TYPE_SIZE) {
        return arena_format(typing->arena, "write float(int(%s))", shown);
    }
    if (strcmp(name, "bool") == 0 && is_number(type)) {
        return arena_format(typing->arena, "write %s != 0", shown);
    }
    return type->kind == TYPE_BOOL && number
               ? arena_format(typing->arena, "write if %s then 1 else 0", shown)
               : NULL;
}

/* May `name(x)` be asked of TYPE? Texts and JSON always; `string` of every scalar. */
static bool check_conversion(const struct matching *matching, const struct type *type)
{
    const char *name = matching->call->call.function->about.name;
    const struct expr *argument = matching->call->call.arguments[0];
    bool good = type_is_text(type) || type->kind == TYPE_JSON || strcmp(name, "string") == 0;
    for (size_t i = 0; i < sizeof CONVERSIONS / sizeof *CONVERSIONS && !good; i++) {
        for (size_t j = 0; j < CONVERSIONS[i].count && strcmp(name, CONVERSIONS[i].name) == 0;
             j++) {
            good = good || type->kind == CONVERSIONS[i].from[j];
        }
    }
    if (!good) {
        typing_complain(matching->typing, argument,
                        conversion_remedy(matching->typing, name, type, argument),
                        "'%s' can't be made of %s", name, typing_name(matching->typing, type));
    }
    return good;
}

/* `sort_by(l, 'member')`: T has that member, and it can be ordered. */
static bool check_member(const struct matching *matching, const struct expr *argument)
{
    struct typing *typing = matching->typing;
    const struct type *element = matching->element;
    if (argument->kind != EXPR_LITERAL) {
        typing_complain(typing, argument, NULL, "'%s' wants %s",
                        matching->call->call.function->about.name, SHAPE_NAMES[SHAPE_MEMBER]);
        return false;
    }
    const char *name = argument->literal.value->text.at;
    if (element->kind == TYPE_JSON || element->kind == TYPE_NOTHING) {
        return true;
    }
    const struct type *member = element->kind == TYPE_MAP      ? element->element
                                : element->kind == TYPE_RECORD ? type_member(element, name)
                                                               : NULL;
    if (member != NULL && typing_ordered(type_optional(typing->arena, member, false))) {
        return true;
    }
    if (member != NULL || element->kind != TYPE_RECORD) {
        typing_complain(typing, argument, member ? NULL : "write sort(l)",
                        member ? "the member '%s' can't be ordered"
                               : "the list's members have no member '%s'",
                        name);
        return false;
    }
    const char *names[64] = {NULL};
    size_t count = 0;
    for (; count < element->field_count && count < 64; count++) {
        names[count] = element->fields[count].name;
    }
    const char *nearest = text_nearest(name, names, count);
    diagnostic_add(typing->diagnostics, RB101, expr_mark(argument),
                   nearest ? arena_format(typing->arena, "did you mean '%s'?", nearest) : NULL,
                   "%s has no member '%s'", typing_name(typing, element), name);
    return false;
}

/* `exists(path)`: the path may be optional; it only has to be known. */
static bool check_path(const struct matching *matching, const struct expr *argument)
{
    if (expr_level(argument) == LEVEL_PATH && argument->kind != EXPR_LITERAL &&
        argument->kind != EXPR_LIST && argument->kind != EXPR_EACH) {
        return typing_of(matching->typing, argument).type != NULL;
    }
    typing_complain(matching->typing, argument, "write a name, as in exists(params.tag)",
                    "'exists' wants a path, found %s", typing_quoted(matching->typing, argument));
    return false;
}

static bool check_argument(struct matching *matching, size_t index)
{
    const struct expr *argument = matching->call->call.arguments[index];
    enum shape shape = matching->call->call.function->arguments[index];
    if (shape == SHAPE_PATH) {
        return check_path(matching, argument);
    }
    if (shape == SHAPE_PATTERN) {
        return typing_pattern(matching->typing, argument);
    }
    const struct type *type = typing_value(matching->typing, argument);
    if (type == NULL) {
        return false;
    }
    if (!fits(matching, shape, type)) {
        return complain_shape(matching, index, type);
    }
    if (shape == SHAPE_MEMBER) {
        return matching->element == NULL || check_member(matching, argument);
    }
    return shape != SHAPE_SCALAR || check_conversion(matching, type);
}

/* An empty list's sum is zero of the kind that the place expects: eval can't see it in the list. */
static void note_sum(const struct expr *call, const struct type *element)
{
    enum value_kind kind = element->kind == TYPE_FLOAT      ? VALUE_FLOAT
                           : element->kind == TYPE_DURATION ? VALUE_DURATION
                           : element->kind == TYPE_SIZE     ? VALUE_SIZE
                                                            : VALUE_INT;
    /* The one thing that typing writes into a tree, and always the same for a tree. */
    ((struct expr *)(uintptr_t)call)->kept = (unsigned)kind & 0xfU;
}

static const struct type *outcome_type(const struct matching *matching)
{
    struct arena *arena = matching->typing->arena;
    const struct type *element = matching->element;
    if (element != NULL && element->kind == TYPE_NOTHING) {
        element = type_scalar(TYPE_JSON); /* what an empty list gives fits where anything fits */
    }
    switch (matching->call->call.function->outcome) {
    case OUTCOME_TEXT:
        return type_scalar(TYPE_STRING);
    case OUTCOME_TEXT_OPTIONAL:
        return type_optional(arena, type_scalar(TYPE_STRING), true);
    case OUTCOME_PATH:
        return type_scalar(TYPE_PATH);
    case OUTCOME_INT:
        return type_scalar(TYPE_INT);
    case OUTCOME_FLOAT:
        return type_scalar(TYPE_FLOAT);
    case OUTCOME_BOOL:
        return type_scalar(TYPE_BOOL);
    case OUTCOME_SIZE:
        return type_scalar(TYPE_SIZE);
    case OUTCOME_TIME:
        return type_scalar(TYPE_TIME);
    case OUTCOME_DURATION:
        return type_scalar(TYPE_DURATION);
    case OUTCOME_JSON:
        return type_scalar(TYPE_JSON);
    case OUTCOME_TEXTS:
        return type_list(arena, type_scalar(TYPE_STRING));
    case OUTCOME_JSONS:
        return type_list(arena, type_scalar(TYPE_JSON));
    case OUTCOME_LIST:
        return type_list(arena, element);
    case OUTCOME_ELEMENT:
        return element;
    case OUTCOME_ELEMENT_OPTIONAL:
        return type_optional(arena, element, true);
    }
    return NULL;
}

const struct type *typing_call(struct typing *typing, const struct expr *expr)
{
    struct matching matching = {typing, expr, NULL};
    bool good = true;
    for (size_t i = 0; i < expr->call.count; i++) {
        good = check_argument(&matching, i) && good;
    }
    if (good && expr->call.function->arguments[0] == SHAPE_SUMMABLE) {
        note_sum(expr, matching.element);
    }
    return good ? outcome_type(&matching) : NULL;
}
