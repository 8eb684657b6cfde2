/* The normal form of an expression: as few brackets as its meaning needs, one space around each
 * operator. Equal trees print equal, and what is printed parses to the same tree. */
#include "lang/expr_tree.h"

#include "base/arena.h"
#include "base/list.h"
#include "lang/functions.h"
#include "lang/value.h"

#include <string.h>

enum { SHOWN_LIMIT = 60 }; /* characters of an expression that a message repeats */

const struct operation_about OPERATIONS[] = {
    [OPERATION_OR] = {"or", LEVEL_OR},         [OPERATION_AND] = {"and", LEVEL_AND},
    [OPERATION_EQUAL] = {"==", LEVEL_COMPARE}, [OPERATION_UNEQUAL] = {"!=", LEVEL_COMPARE},
    [OPERATION_LESS] = {"<", LEVEL_COMPARE},   [OPERATION_AT_MOST] = {"<=", LEVEL_COMPARE},
    [OPERATION_MORE] = {">", LEVEL_COMPARE},   [OPERATION_AT_LEAST] = {">=", LEVEL_COMPARE},
    [OPERATION_IN] = {"in", LEVEL_COMPARE},    [OPERATION_MATCHES] = {"matches", LEVEL_COMPARE},
    [OPERATION_ELSE] = {"?\?", LEVEL_ELSE},    [OPERATION_ADD] = {"+", LEVEL_SUM},
    [OPERATION_SUBTRACT] = {"-", LEVEL_SUM},   [OPERATION_MULTIPLY] = {"*", LEVEL_PRODUCT},
    [OPERATION_DIVIDE] = {"/", LEVEL_PRODUCT}, [OPERATION_REMAINDER] = {"%", LEVEL_PRODUCT},
};

enum level expr_level(const struct expr *expr)
{
    switch (expr->kind) {
    case EXPR_IF:
        return LEVEL_IF;
    case EXPR_NOT:
        return LEVEL_NOT;
    case EXPR_BINARY:
        return OPERATIONS[expr->operation].level;
    case EXPR_NEGATE:
        return LEVEL_UNARY;
    case EXPR_LITERAL:
    case EXPR_NAME:
    case EXPR_MEMBER:
    case EXPR_INDEX:
    case EXPR_CALL:
    case EXPR_LIST:
    case EXPR_EACH:
        return LEVEL_PATH;
    }
    return LEVEL_PATH;
}

struct printer {
    struct arena *arena;
    struct buffer *into;
    const struct expr_shower *shower;
    const struct expr_local *bound; /* names that comprehensions in what is printed give */
};

static void print(const struct printer *printer, const struct expr *expr, enum level least);

void expr_print_text(struct text text, struct buffer *into)
{
    buffer_text(into, "'");
    for (size_t i = 0; i < text.length; i++) {
        bool quote = text.at[i] == '\'';
        buffer_add(into, quote ? "''" : text.at + i, quote ? 2 : 1);
    }
    buffer_text(into, "'");
}

static void print_literal(const struct printer *printer, const struct value *value)
{
    if (value->kind == VALUE_TEXT) {
        expr_print_text(value->text, printer->into);
    } else {
        buffer_text(printer->into, value_print(printer->arena, value));
    }
}

static void print_call(const struct printer *printer, const struct expr *expr)
{
    buffer_text(printer->into, expr->call.function->about.name);
    buffer_text(printer->into, "(");
    for (size_t i = 0; i < expr->call.count; i++) {
        buffer_text(printer->into, i > 0 ? ", " : "");
        print(printer, expr->call.arguments[i], LEVEL_IF);
    }
    buffer_text(printer->into, ")");
}

static void print_binary(const struct printer *printer, const struct expr *expr)
{
    const struct operation_about *about = &OPERATIONS[expr->operation];
    bool right = expr->operation == OPERATION_ELSE; /* a ?? (b ?? c) needs no brackets */
    bool none = about->level == LEVEL_COMPARE;      /* a == b == c is not written at all */
    print(printer, expr->binary.left, right || none ? about->level + 1 : about->level);
    buffer_text(printer->into, " ");
    buffer_text(printer->into, about->text);
    buffer_text(printer->into, " ");
    print(printer, expr->binary.right, right ? about->level : about->level + 1);
}

static void print_if(const struct printer *printer, const struct expr *expr)
{
    buffer_text(printer->into, "if ");
    print(printer, expr->choice.condition, LEVEL_IF);
    buffer_text(printer->into, " then ");
    print(printer, expr->choice.yes, LEVEL_IF);
    buffer_text(printer->into, " else ");
    print(printer, expr->choice.no, LEVEL_IF);
}

static void print_list(const struct printer *printer, const struct expr *expr)
{
    buffer_text(printer->into, "[");
    for (size_t i = 0; i < expr->list.count; i++) {
        buffer_text(printer->into, i > 0 ? ", " : "");
        print(printer, expr->list.entries[i].expr, LEVEL_IF);
        buffer_text(printer->into, expr->list.entries[i].splice ? "..." : "");
    }
    buffer_text(printer->into, "]");
}

static void print_each(const struct printer *printer, const struct expr *expr)
{
    struct expr_local bound = {printer->bound, expr->each->name, NULL};
    struct printer inner = {printer->arena, printer->into, printer->shower, &bound};
    buffer_text(printer->into, "[");
    print(&inner, expr->each->body, LEVEL_IF);
    buffer_format(printer->into, " for %s in ", expr->each->name);
    print(printer, expr->each->list, LEVEL_OR);
    if (expr->each->condition != NULL) {
        buffer_text(printer->into, " if ");
        print(&inner, expr->each->condition, LEVEL_IF);
    }
    buffer_text(printer->into, "]");
}

/* A root such as `params` is nothing by itself: only the whole path can be shown otherwise. */
static void print_target(const struct printer *printer, const struct expr *target)
{
    if (target->kind == EXPR_NAME) {
        buffer_text(printer->into, target->name);
    } else {
        print(printer, target, LEVEL_PATH);
    }
}

static void print_bare(const struct printer *printer, const struct expr *expr)
{
    switch (expr->kind) {
    case EXPR_LITERAL:
        print_literal(printer, expr->literal.value);
        break;
    case EXPR_NAME:
        buffer_text(printer->into, expr->name);
        break;
    case EXPR_MEMBER:
        print_target(printer, expr->path.target);
        buffer_text(printer->into, ".");
        buffer_text(printer->into, expr->path.name);
        break;
    case EXPR_INDEX:
        print(printer, expr->path.target, LEVEL_PATH);
        buffer_text(printer->into, "[");
        print(printer, expr->path.index, LEVEL_IF);
        buffer_text(printer->into, "]");
        break;
    case EXPR_CALL:
        print_call(printer, expr);
        break;
    case EXPR_NOT:
        buffer_text(printer->into, "not ");
        print(printer, expr->operand, LEVEL_NOT);
        break;
    case EXPR_NEGATE:
        buffer_text(printer->into, "-");
        print(printer, expr->operand, LEVEL_UNARY);
        break;
    case EXPR_BINARY:
        print_binary(printer, expr);
        break;
    case EXPR_IF:
        print_if(printer, expr);
        break;
    case EXPR_LIST:
        print_list(printer, expr);
        break;
    case EXPR_EACH:
        print_each(printer, expr);
        break;
    }
}

/* Is it a path from a name that has a meaning outside of what is printed? */
static bool is_outer_path(const struct printer *printer, const struct expr *expr)
{
    while (expr->kind == EXPR_MEMBER || expr->kind == EXPR_INDEX) {
        expr = expr->path.target;
    }
    return expr->kind == EXPR_NAME && expr_local_find(printer->bound, expr->name) == NULL;
}

/* With brackets when it binds weaker than LEAST. */
static void print(const struct printer *printer, const struct expr *expr, enum level least)
{
    if (printer->shower != NULL && is_outer_path(printer, expr)) {
        const char *shown = printer->shower->show(printer->shower, expr);
        if (shown != NULL) {
            buffer_text(printer->into, shown);
            return;
        }
    }
    bool brackets = expr_level(expr) < least;
    buffer_text(printer->into, brackets ? "(" : "");
    print_bare(printer, expr);
    buffer_text(printer->into, brackets ? ")" : "");
}

const char *expr_print_shown(struct arena *arena, const struct expr *expr,
                             const struct expr_shower *shower)
{
    struct buffer text = {0};
    struct printer printer = {arena, &text, shower, NULL};
    print(&printer, expr, LEVEL_IF);
    const char *printed = arena_copy(arena, text.at, text.length);
    buffer_free(&text);
    return printed;
}

const char *expr_show(struct arena *arena, const struct expr *expr)
{
    const char *printed = expr_print(arena, expr);
    if (strlen(printed) <= SHOWN_LIMIT) {
        return printed;
    }
    struct buffer shown = {0};
    struct value text = {.kind = VALUE_TEXT, .text = text_of(printed)};
    value_show(&text, SHOWN_LIMIT, &shown);
    const char *copy = arena_copy(arena, shown.at, shown.length);
    buffer_free(&shown);
    return copy;
}

const char *expr_print(struct arena *arena, const struct expr *expr)
{
    return expr_print_shown(arena, expr, NULL);
}
