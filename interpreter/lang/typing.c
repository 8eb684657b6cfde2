/* Typing: paths, conditions, lists, texts. Operators and functions have files of their own. */
#include "lang/typing.h"

#include "base/arena.h"
#include "base/diagnostic.h"
#include "lang/typed.h"
#include "lang/value.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MESSAGE_ROOM = 512 };

const struct type *typing_complain(struct typing *typing, const struct expr *expr,
                                   const char *remedy, const char *format, ...)
{
    char message[MESSAGE_ROOM];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    diagnostic_add(typing->diagnostics, RB102, expr_mark(expr), remedy, "%s", message);
    return NULL;
}

const char *typing_name(struct typing *typing, const struct type *type)
{
    const char *name = type_print(typing->arena, type);
    bool bare = type->kind == TYPE_JSON || (type->kind == TYPE_LIST && *name != 'l');
    return bare ? name
                : arena_format(typing->arena, "%s %s", strchr("aeiou", *name) ? "an" : "a", name);
}

const char *typing_shown(struct typing *typing, const struct expr *expr)
{
    return expr_show(typing->arena, expr);
}

const char *typing_quoted(struct typing *typing, const struct expr *expr)
{
    const char *shown = typing_shown(typing, expr);
    bool text = expr->kind == EXPR_LITERAL && expr->literal.value->kind == VALUE_TEXT;
    return text ? shown : arena_format(typing->arena, "'%s'", shown);
}

struct typed typed_of(const struct type *type)
{
    return (struct typed){.type = type};
}

/* The ways in which a value of TYPE is none that can be computed with. */
static const struct type *refuse_value(struct typing *typing, const struct expr *expr,
                                       const struct type *type)
{
    const char *shown = typing_shown(typing, expr);
    if (type->optional) {
        bool weak = expr_level(expr) < LEVEL_ELSE;
        diagnostic_add(typing->diagnostics, RB104, expr_mark(expr),
                       arena_format(typing->arena, "write %s%s%s ?\? … for what stands in",
                                    weak ? "(" : "", shown, weak ? ")" : ""),
                       "'%s' may be unset", shown);
        return NULL;
    }
    if (type->kind == TYPE_SECRET) {
        diagnostic_add(typing->diagnostics, RB301, expr_mark(expr),
                       "give it as it is to 'env', 'stdin', 'headers', a 'url' or a password",
                       "'%s' is a secret: nothing can be computed with it", shown);
        return NULL;
    }
    return typing_complain(typing, expr, NULL,
                           "'%s' is a connection: nothing can be computed with it", shown);
}

const struct type *typing_value(struct typing *typing, const struct expr *expr)
{
    const struct type *type = typing_of(typing, expr).type;
    bool good = type == NULL ||
                (!type->optional && type->kind != TYPE_SECRET && type->kind != TYPE_CONNECTION);
    return good ? type : refuse_value(typing, expr, type);
}

/* --- conditions --- */

/* How a value of TYPE is asked about, since only a bool is true or false. */
static const char *question(struct typing *typing, const struct type *type, const char *shown)
{
    switch (type->kind) {
    case TYPE_STRING:
    case TYPE_PATH:
    case TYPE_URL:
    case TYPE_REGEX:
        return arena_format(typing->arena, "write %s != ''", shown);
    case TYPE_INT:
    case TYPE_FLOAT:
        return arena_format(typing->arena, "write %s != 0", shown);
    case TYPE_DURATION:
        return arena_format(typing->arena, "write %s > 0s", shown);
    case TYPE_SIZE:
        return arena_format(typing->arena, "write %s > 0B", shown);
    case TYPE_LIST:
    case TYPE_NOTHING:
        return arena_format(typing->arena, "write len(%s) > 0", shown);
    case TYPE_RECORD:
    case TYPE_MAP:
        return arena_format(typing->arena, "ask one of its members, or exists(%s)", shown);
    case TYPE_BOOL:
    case TYPE_TIME:
    case TYPE_JSON:
    case TYPE_SECRET:
    case TYPE_CONNECTION:
        break;
    }
    return NULL;
}

bool typing_condition(struct typing *typing, const struct expr *expr)
{
    const struct type *type = typing_value(typing, expr);
    if (type == NULL || type->kind == TYPE_BOOL || type->kind == TYPE_JSON) {
        return type != NULL;
    }
    const char *shown = typing_shown(typing, expr);
    typing_complain(typing, expr, question(typing, type, shown), "%s is %s, and a bool is wanted",
                    typing_quoted(typing, expr), typing_name(typing, type));
    return false;
}

static void assume(struct typing *typing, const struct expr *condition, bool truth)
{
    if (condition->kind == EXPR_NOT) {
        assume(typing, condition->operand, !truth);
    } else if (condition->kind == EXPR_BINARY &&
               condition->operation == (truth ? OPERATION_AND : OPERATION_OR)) {
        assume(typing, condition->binary.left, truth);
        assume(typing, condition->binary.right, truth);
    } else if (truth && condition->kind == EXPR_CALL &&
               condition->call.function->arguments[0] == SHAPE_PATH) {
        struct present *present = arena_alloc(typing->arena, sizeof *present);
        *present = (struct present){typing->present, condition->call.arguments[0]};
        typing->present = present;
    }
}

const struct present *typing_assume(struct typing *typing, const struct expr *condition, bool truth)
{
    const struct present *before = typing->present;
    assume(typing, condition, truth);
    return before;
}

static const struct type *logic_type(struct typing *typing, const struct expr *expr)
{
    bool left = typing_condition(typing, expr->binary.left);
    const struct present *before =
        typing_assume(typing, expr->binary.left, expr->operation == OPERATION_AND);
    bool right = typing_condition(typing, expr->binary.right);
    typing->present = before;
    return left && right ? type_scalar(TYPE_BOOL) : NULL;
}

static const struct type *if_type(struct typing *typing, const struct expr *expr)
{
    bool good = typing_condition(typing, expr->choice.condition);
    const struct present *before = typing_assume(typing, expr->choice.condition, true);
    const struct type *yes = typing_of(typing, expr->choice.yes).type;
    typing->present = before;
    typing_assume(typing, expr->choice.condition, false);
    const struct type *no = typing_of(typing, expr->choice.no).type;
    typing->present = before;
    if (!good || yes == NULL || no == NULL) {
        return NULL;
    }
    const struct type *common = typing_common(typing, yes, no);
    return common != NULL
               ? common
               : typing_complain(typing, expr, "make both the same: string(x) makes a text",
                                 "'then' gives %s, 'else' gives %s", typing_name(typing, yes),
                                 typing_name(typing, no));
}

/* Can A and B both have given nothing? Not when they are the two branches of one condition. */
static bool one_is_set(const struct typing *typing, struct typed a, struct typed b)
{
    const struct names *names = typing->names;
    for (size_t i = 0; names->branches != NULL && i < STEPS_KEPT; i++) {
        for (size_t j = 0; j < STEPS_KEPT; j++) {
            const struct source_step *one = &a.steps[i];
            const struct source_step *other = &b.steps[j];
            if (one->output != NULL && other->output != NULL &&
                names->branches(names, one->step, one->output, other->step, other->output)) {
                return true;
            }
        }
    }
    return false;
}

static struct typed else_type(struct typing *typing, const struct expr *expr)
{
    struct typed left = typing_of(typing, expr->binary.left);
    struct typed right = typing_of(typing, expr->binary.right);
    if (left.type == NULL || right.type == NULL) {
        return typed_of(NULL);
    }
    bool optional = right.type->optional && !one_is_set(typing, left, right);
    const struct type *common =
        typing_common(typing, type_optional(typing->arena, left.type, false),
                      type_optional(typing->arena, right.type, false));
    if (common == NULL) {
        return typed_of(typing_complain(
            typing, expr->binary.right, NULL, "%s is %s, and what stands in for it is %s",
            typing_quoted(typing, expr->binary.left), typing_name(typing, left.type),
            typing_name(typing, right.type)));
    }
    struct typed typed = {.type = type_optional(typing->arena, common, optional)};
    size_t count = 0;
    for (size_t i = 0; i < STEPS_KEPT && left.steps[i].step != NULL; i++) {
        typed.steps[count++] = left.steps[i];
    }
    for (size_t i = 0; i < STEPS_KEPT && right.steps[i].step != NULL && count < STEPS_KEPT; i++) {
        typed.steps[count++] = right.steps[i];
    }
    return typed;
}

/* --- lists --- */

static const struct type *plain(struct typing *typing, const struct type *type)
{
    return type_optional(typing->arena, type, false);
}

const struct type *typing_common(struct typing *typing, const struct type *a, const struct type *b)
{
    if (type_equal(a, b)) {
        return a;
    }
    bool optional = a->optional || b->optional;
    const struct type *left = plain(typing, a);
    const struct type *right = plain(typing, b);
    const struct type *common = NULL;
    if (left->kind == TYPE_LIST && right->kind == TYPE_LIST) {
        const struct type *element = typing_common(typing, left->element, right->element);
        common = element ? type_list(typing->arena, element) : NULL;
    } else if (type_is_text(left) && type_is_text(right)) {
        common = left->kind == right->kind ? left : type_scalar(TYPE_STRING);
    } else if (left->kind == TYPE_JSON || right->kind == TYPE_JSON) {
        const struct type *json = type_scalar(TYPE_JSON);
        common = type_accepts(json, left) && type_accepts(json, right) ? json : NULL;
    } else if (type_accepts(left, right)) {
        common = left;
    } else if (type_accepts(right, left)) {
        common = right;
    }
    return common == NULL ? NULL : type_optional(typing->arena, common, optional);
}

/* The type of a list's members; NULL after a diagnostic. */
static const struct type *element_of(struct typing *typing, const struct expr *expr)
{
    const struct type *list = typing_value(typing, expr);
    if (list == NULL || list->kind == TYPE_LIST) {
        return list == NULL ? NULL : list->element;
    }
    if (list->kind == TYPE_JSON || list->kind == TYPE_NOTHING) {
        return list;
    }
    return typing_complain(
        typing, expr, type_is_text(list) ? "write lines(x), or split(x, ',')" : NULL,
        "%s is %s, and a list is wanted", typing_quoted(typing, expr), typing_name(typing, list));
}

/* A member of a list: secrets and connections may be, an optional may not. */
static const struct type *entry_type(struct typing *typing, const struct expr_entry *entry)
{
    if (entry->splice) {
        return element_of(typing, entry->expr);
    }
    const struct type *type = typing_of(typing, entry->expr).type;
    return type != NULL && type->optional ? typing_value(typing, entry->expr) : type;
}

static const struct type *list_type(struct typing *typing, const struct expr *expr)
{
    const struct type *element = type_scalar(TYPE_NOTHING);
    bool good = true;
    for (size_t i = 0; i < expr->list.count; i++) {
        const struct expr_entry *entry = &expr->list.entries[i];
        const struct type *type = entry_type(typing, entry);
        if (type == NULL || !good) {
            good = false;
            continue;
        }
        const struct type *common = typing_common(typing, element, type);
        if (common == NULL) {
            typing_complain(typing, entry->expr, "the members of a list are of one type",
                            "this list is of %s, found %s", type_print(typing->arena, element),
                            typing_name(typing, type));
            good = false;
        }
        element = common;
    }
    return good ? type_list(typing->arena, element) : NULL;
}

static const struct type *each_type(struct typing *typing, const struct expr *expr)
{
    const struct type *element = element_of(typing, expr->each->list);
    if (element == NULL) {
        return NULL;
    }
    const struct present *before = typing->present;
    if (expr_local_find(typing->locals, expr->each->name) != NULL) {
        typing->present = NULL; /* what was asked of that name was asked of another one */
    }
    struct expr_local local = {typing->locals, expr->each->name, element};
    typing->locals = &local;
    bool good = true;
    if (expr->each->condition != NULL) {
        good = typing_condition(typing, expr->each->condition);
        typing_assume(typing, expr->each->condition, true);
    }
    struct expr_entry body = {expr->each->body, false};
    const struct type *type = entry_type(typing, &body);
    typing->locals = local.outer;
    typing->present = before;
    return good && type != NULL ? type_list(typing->arena, type) : NULL;
}

/* --- all kinds --- */

static const struct type *literal_type(const struct value *value)
{
    switch (value->kind) {
    case VALUE_TEXT:
        return type_scalar(TYPE_STRING);
    case VALUE_INT:
        return type_scalar(TYPE_INT);
    case VALUE_FLOAT:
        return type_scalar(TYPE_FLOAT);
    case VALUE_BOOL:
        return type_scalar(TYPE_BOOL);
    case VALUE_DURATION:
        return type_scalar(TYPE_DURATION);
    case VALUE_SIZE:
        return type_scalar(TYPE_SIZE);
    case VALUE_TIME:
        return type_scalar(TYPE_TIME);
    case VALUE_UNSET:
    case VALUE_LIST:
    case VALUE_MAP:
    case VALUE_UNKNOWN:
    case VALUE_SECRET:
        break;
    }
    return type_scalar(TYPE_JSON);
}

static struct typed binary_type(struct typing *typing, const struct expr *expr)
{
    if (expr->operation == OPERATION_ELSE) {
        return else_type(typing, expr);
    }
    bool logic = expr->operation == OPERATION_AND || expr->operation == OPERATION_OR;
    return typed_of(logic ? logic_type(typing, expr) : typing_operation(typing, expr));
}

struct typed typing_of(struct typing *typing, const struct expr *expr)
{
    switch (expr->kind) {
    case EXPR_LITERAL:
        return typed_of(literal_type(expr->literal.value));
    case EXPR_NAME:
    case EXPR_MEMBER:
    case EXPR_INDEX:
        return typing_path(typing, expr, NULL);
    case EXPR_CALL:
        return typed_of(typing_call(typing, expr));
    case EXPR_NOT:
        return typed_of(typing_condition(typing, expr->operand) ? type_scalar(TYPE_BOOL) : NULL);
    case EXPR_NEGATE:
        return typed_of(typing_negation(typing, expr));
    case EXPR_BINARY:
        return binary_type(typing, expr);
    case EXPR_IF:
        return typed_of(if_type(typing, expr));
    case EXPR_LIST:
        return typed_of(list_type(typing, expr));
    case EXPR_EACH:
        return typed_of(each_type(typing, expr));
    }
    return typed_of(NULL);
}

const struct type *expr_type(struct arena *arena, const struct expr *expr,
                             const struct names *names, struct diagnostics *diagnostics)
{
    struct typing typing = {.arena = arena, .names = names, .diagnostics = diagnostics};
    return typing_of(&typing, expr).type;
}

/* --- texts --- */

/* A part of a longer text: a scalar that is set. A secret makes the whole a secret. */
static const struct type *part_type(struct typing *typing, const struct expr *expr)
{
    const struct type *type = typing_of(typing, expr).type;
    if (type == NULL || (type->kind == TYPE_SECRET && !type->optional)) {
        return type;
    }
    type = type->optional ? typing_value(typing, expr) : type;
    if (type == NULL || type_is_scalar(type) || type->kind == TYPE_JSON) {
        return type;
    }
    const char *shown = typing_shown(typing, expr);
    const char *remedy =
        type->kind == TYPE_LIST ? arena_format(typing->arena, "write join(%s, ' ')", shown) : NULL;
    return typing_complain(typing, expr, remedy, "%s is %s: inside a text stands a scalar",
                           typing_quoted(typing, expr), typing_name(typing, type));
}

const struct type *template_type(struct arena *arena, const struct template *template,
                                 const struct names *names, struct diagnostics *diagnostics)
{
    struct typing typing = {.arena = arena, .names = names, .diagnostics = diagnostics};
    if (template->splice) {
        const struct type *element = element_of(&typing, template->whole);
        return element == NULL ? NULL : type_list(arena, element);
    }
    if (template->whole != NULL) {
        return typing_of(&typing, template->whole).type;
    }
    enum type_kind kind = TYPE_STRING;
    bool good = true;
    for (size_t i = 0; i < template->part_count; i++) {
        const struct expr *expr = template->parts[i].expr;
        const struct type *type = expr ? part_type(&typing, expr) : type_scalar(TYPE_STRING);
        good = good && type != NULL;
        kind = type != NULL && type->kind == TYPE_SECRET ? TYPE_SECRET : kind;
    }
    return good ? type_scalar(kind) : NULL;
}
