/* Typing: paths, conditions, lists, texts. Operators and functions have files of their own. */
#include "lang/typing.h"

#include "base/arena.h"
#include "base/diagnostic.h"
#include "lang/typed.h"
#include "lang/value.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { SHOWN_LIMIT = 60, MESSAGE_ROOM = 512, CANDIDATES_LIMIT = 64 };

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
    return arena_format(typing->arena, "%s %s", strchr("aeiou", *name) ? "an" : "a", name);
}

const char *typing_shown(struct typing *typing, const struct expr *expr)
{
    struct buffer shown = {0};
    const char *printed = expr_print(typing->arena, expr);
    struct value text = {.kind = VALUE_TEXT, .text = text_of(printed)};
    value_show(&text, SHOWN_LIMIT, &shown);
    const char *copy = arena_copy(typing->arena, shown.at, shown.length);
    buffer_free(&shown);
    return copy;
}

static struct typed typed_as(const struct type *type)
{
    return (struct typed){.type = type};
}

/* --- paths --- */

/* Was `exists` asked of EXPR, or of something in it? */
static bool is_present(const struct typing *typing, const struct expr *expr)
{
    for (const struct present *at = typing->present; at != NULL; at = at->outer) {
        const struct expr *path = at->path;
        while (!expr_same(path, expr)) {
            if (path->kind != EXPR_MEMBER && path->kind != EXPR_INDEX) {
                path = NULL;
                break;
            }
            path = path->path.target;
        }
        if (path != NULL) {
            return true;
        }
    }
    return false;
}

static struct typed narrowed(struct typing *typing, const struct expr *expr, struct typed typed)
{
    if (typed.type != NULL && typed.type->optional && is_present(typing, expr)) {
        typed.type = type_optional(typing->arena, typed.type, false);
    }
    return typed;
}

static const struct type *unknown_member(struct typing *typing, const struct expr *expr,
                                         const struct type *record, const char *name)
{
    const char *names[CANDIDATES_LIMIT] = {NULL};
    size_t count = record->field_count < CANDIDATES_LIMIT ? record->field_count : CANDIDATES_LIMIT;
    struct buffer all = {0};
    for (size_t i = 0; i < count; i++) {
        names[i] = record->fields[i].name;
        buffer_format(&all, "%s%s", i > 0 ? ", " : "", names[i]);
    }
    const char *nearest = text_nearest(name, names, count);
    const char *remedy = nearest      ? arena_format(typing->arena, "did you mean '%s'?", nearest)
                         : count == 0 ? "it has no members"
                                      : arena_format(typing->arena, "it has: %s", all.at);
    buffer_free(&all);
    struct mark mark = expr_mark(expr);
    diagnostic_add(typing->diagnostics, RB101, mark, remedy, "'%s' has no member '%s'",
                   typing_shown(typing, expr->path.target), name);
    return NULL;
}

static const struct type *no_members(struct typing *typing, const struct expr *expr,
                                     const struct type *target, const char *name)
{
    const char *shown = typing_shown(typing, expr->path.target);
    const char *remedy = NULL;
    if (target->kind == TYPE_LIST) {
        remedy = arena_format(typing->arena, "write '%s[0].%s', or '[x.%s for x in %s]'", shown,
                              name, name, shown);
    } else if (type_is_text(target)) {
        remedy =
            arena_format(typing->arena, "if it is JSON, write 'parse_json(%s).%s'", shown, name);
    }
    return typing_complain(typing, expr, remedy, "'%s' is %s and has no members", shown,
                           typing_name(typing, target));
}

/* The member NAME of TARGET, whatever makes EXPR ask for it. A member of T? is a U?. */
static struct typed member_of(struct typing *typing, const struct expr *expr, struct typed target,
                              const char *name)
{
    const struct type *type = target.type;
    const struct type *member = NULL;
    switch (type->kind) {
    case TYPE_JSON:
        member = type_scalar(TYPE_JSON);
        break;
    case TYPE_MAP:
        member = type_optional(typing->arena, type->element, true);
        target = typed_as(type);
        break;
    case TYPE_RECORD:
        member = type_member(type, name);
        if (member == NULL) {
            return typed_as(unknown_member(typing, expr, type, name));
        }
        if (type->optional && member->optional) {
            target = typed_as(type); /* it can be unset for a reason of its own */
        }
        break;
    case TYPE_STRING:
    case TYPE_INT:
    case TYPE_FLOAT:
    case TYPE_BOOL:
    case TYPE_DURATION:
    case TYPE_SIZE:
    case TYPE_TIME:
    case TYPE_PATH:
    case TYPE_URL:
    case TYPE_REGEX:
    case TYPE_SECRET:
    case TYPE_CONNECTION:
    case TYPE_LIST:
    case TYPE_NOTHING:
        return typed_as(no_members(typing, expr, type_optional(typing->arena, type, false), name));
    }
    /* JSON may be unset at any time; what is asked of it is asked when it runs. */
    bool optional = type->optional && member->kind != TYPE_JSON;
    target.type = optional ? type_optional(typing->arena, member, true) : member;
    return target;
}

static struct typed index_into(struct typing *typing, const struct expr *expr, struct typed target)
{
    const struct expr *index = expr->path.index;
    const struct type *place = typing_value(typing, index);
    if (place == NULL || target.type == NULL) {
        return typed_as(NULL);
    }
    bool number = place->kind == TYPE_INT || place->kind == TYPE_JSON;
    bool text = type_is_text(place) || place->kind == TYPE_JSON;
    const struct type *type = target.type;
    if (type->kind == TYPE_JSON && (number || text)) {
        return target;
    }
    if (type->kind == TYPE_RECORD && index->kind == EXPR_LITERAL && type_is_text(place)) {
        return member_of(typing, expr, target, index->literal.value->text.at);
    }
    if (type->kind == TYPE_MAP && text) {
        return typed_as(type_optional(typing->arena, type->element, true));
    }
    if (type->kind != TYPE_LIST) {
        return typed_as(typing_complain(typing, expr, NULL, "'%s' is %s and has no place %s",
                                        typing_shown(typing, expr->path.target),
                                        typing_name(typing, type), typing_shown(typing, index)));
    }
    if (!number) {
        return typed_as(typing_complain(typing, index, NULL,
                                        "a place in a list is an int, found %s",
                                        typing_name(typing, place)));
    }
    if (index->kind == EXPR_NEGATE) {
        return typed_as(typing_complain(typing, index,
                                        arena_format(typing->arena, "write 'last(%s)'",
                                                     typing_shown(typing, expr->path.target)),
                                        "a place in a list counts from the front, from 0"));
    }
    target.type =
        type->optional ? type_optional(typing->arena, type->element, true) : type->element;
    return target;
}

/* A name from outside: ROOT, or ROOT.MEMBER. */
static struct typed found(struct typing *typing, const struct expr *expr, const char *root,
                          const char *member, const char *rest)
{
    struct typed typed = {0};
    typed.type = typing->names->find(typing->names, root, member, rest, expr_mark(expr),
                                     typing->diagnostics);
    if (member != NULL && strcmp(root, "steps") == 0) {
        typed.steps[0] = member;
    }
    return typed;
}

static bool is_outer(const struct typing *typing, const struct expr *name)
{
    return name->kind == EXPR_NAME && expr_local_find(typing->locals, name->name) == NULL;
}

/* A path; REST is the member asked of it next, or NULL. */
static struct typed path_type(struct typing *typing, const struct expr *expr, const char *rest)
{
    if (expr->kind == EXPR_NAME) {
        const struct expr_local *local = expr_local_find(typing->locals, expr->name);
        struct typed typed =
            local != NULL ? typed_as(local->meaning) : found(typing, expr, expr->name, NULL, rest);
        return narrowed(typing, expr, typed);
    }
    if (expr->kind == EXPR_MEMBER && is_outer(typing, expr->path.target)) {
        return narrowed(typing, expr,
                        found(typing, expr, expr->path.target->name, expr->path.name, rest));
    }
    if (expr->kind != EXPR_MEMBER && expr->kind != EXPR_INDEX) {
        return typing_of(typing, expr);
    }
    bool member = expr->kind == EXPR_MEMBER;
    const char *name = member ? expr->path.name : NULL;
    if (!member && expr->path.index->kind == EXPR_LITERAL &&
        expr->path.index->literal.value->kind == VALUE_TEXT) {
        name = expr->path.index->literal.value->text.at;
    }
    struct typed target = path_type(typing, expr->path.target, name);
    if (member && target.type != NULL) {
        target = member_of(typing, expr, target, expr->path.name);
    } else if (!member) {
        target = index_into(typing, expr, target);
    }
    return narrowed(typing, expr, target);
}

/* The ways in which a value of TYPE is none that can be computed with. */
static const struct type *refuse_value(struct typing *typing, const struct expr *expr,
                                       const struct type *type)
{
    const char *shown = typing_shown(typing, expr);
    if (type->optional) {
        diagnostic_add(typing->diagnostics, RB104, expr_mark(expr),
                       arena_format(typing->arena, "write '%s ?\? …' for what stands in", shown),
                       "'%s' may be unset", shown);
        return NULL;
    }
    if (type->kind == TYPE_SECRET) {
        diagnostic_add(typing->diagnostics, RB301, expr_mark(expr),
                       "give it as it is to 'env', 'stdin', 'headers' or a connection's password",
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
        return arena_format(typing->arena, "write '%s != '''''", shown);
    case TYPE_INT:
    case TYPE_FLOAT:
        return arena_format(typing->arena, "write '%s != 0'", shown);
    case TYPE_DURATION:
        return arena_format(typing->arena, "write '%s > 0s'", shown);
    case TYPE_SIZE:
        return arena_format(typing->arena, "write '%s > 0B'", shown);
    case TYPE_LIST:
    case TYPE_NOTHING:
        return arena_format(typing->arena, "write 'len(%s) > 0'", shown);
    case TYPE_RECORD:
    case TYPE_MAP:
        return arena_format(typing->arena, "ask one of its members, or 'exists(%s)'", shown);
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
    typing_complain(typing, expr, question(typing, type, shown), "'%s' is %s, and a bool is wanted",
                    shown, typing_name(typing, type));
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
               : typing_complain(typing, expr, "make both the same: 'string(x)' makes a text",
                                 "'then' gives %s, 'else' gives %s", typing_name(typing, yes),
                                 typing_name(typing, no));
}

/* Can A and B both have given nothing? Not when they are the two branches of one condition. */
static bool one_is_set(const struct typing *typing, struct typed a, struct typed b)
{
    for (size_t i = 0; i < STEPS_KEPT && a.steps[i] != NULL; i++) {
        for (size_t j = 0; j < STEPS_KEPT && b.steps[j] != NULL; j++) {
            if (typing->names->branches != NULL &&
                typing->names->branches(typing->names, a.steps[i], b.steps[j])) {
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
        return typed_as(NULL);
    }
    bool optional = right.type->optional && !one_is_set(typing, left, right);
    const struct type *common =
        typing_common(typing, type_optional(typing->arena, left.type, false),
                      type_optional(typing->arena, right.type, false));
    if (common == NULL) {
        return typed_as(typing_complain(
            typing, expr->binary.right, NULL, "'%s' is %s, and what stands in for it is %s",
            typing_shown(typing, expr->binary.left), typing_name(typing, left.type),
            typing_name(typing, right.type)));
    }
    struct typed typed = {.type = type_optional(typing->arena, common, optional)};
    size_t count = 0;
    for (size_t i = 0; i < STEPS_KEPT && left.steps[i] != NULL; i++) {
        typed.steps[count++] = left.steps[i];
    }
    for (size_t i = 0; i < STEPS_KEPT && right.steps[i] != NULL && count < STEPS_KEPT; i++) {
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
        typing, expr, type_is_text(list) ? "write 'lines(x)', or 'split(x, '','')'" : NULL,
        "'%s' is %s, and a list is wanted", typing_shown(typing, expr), typing_name(typing, list));
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
    const struct type *element = element_of(typing, expr->each.list);
    if (element == NULL) {
        return NULL;
    }
    const struct present *before = typing->present;
    if (expr_local_find(typing->locals, expr->each.name) != NULL) {
        typing->present = NULL; /* what was asked of that name was asked of another one */
    }
    struct expr_local local = {typing->locals, expr->each.name, element};
    typing->locals = &local;
    bool good = true;
    if (expr->each.condition != NULL) {
        good = typing_condition(typing, expr->each.condition);
        typing_assume(typing, expr->each.condition, true);
    }
    struct expr_entry body = {expr->each.body, false};
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
    return typed_as(logic ? logic_type(typing, expr) : typing_operation(typing, expr));
}

struct typed typing_of(struct typing *typing, const struct expr *expr)
{
    switch (expr->kind) {
    case EXPR_LITERAL:
        return typed_as(literal_type(expr->literal.value));
    case EXPR_NAME:
    case EXPR_MEMBER:
    case EXPR_INDEX:
        return path_type(typing, expr, NULL);
    case EXPR_CALL:
        return typed_as(typing_call(typing, expr));
    case EXPR_NOT:
        return typed_as(typing_condition(typing, expr->operand) ? type_scalar(TYPE_BOOL) : NULL);
    case EXPR_NEGATE:
        return typed_as(typing_negation(typing, expr));
    case EXPR_BINARY:
        return binary_type(typing, expr);
    case EXPR_IF:
        return typed_as(if_type(typing, expr));
    case EXPR_LIST:
        return typed_as(list_type(typing, expr));
    case EXPR_EACH:
        return typed_as(each_type(typing, expr));
    }
    return typed_as(NULL);
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
    const char *remedy = type->kind == TYPE_LIST
                             ? arena_format(typing->arena, "write 'join(%s, '' '')'", shown)
                             : NULL;
    return typing_complain(typing, expr, remedy, "'%s' is %s: inside a text stands a scalar", shown,
                           typing_name(typing, type));
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
