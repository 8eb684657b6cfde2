#include "lang/expr_logic.h"

#include "base/arena.h"
#include "lang/expr_tree.h"
#include "lang/functions.h"
#include "lang/value.h"

#include <string.h>

static const struct logic *make(struct arena *arena, struct logic logic)
{
    struct logic *made = arena_alloc(arena, sizeof *made);
    *made = logic;
    return made;
}

static const struct logic *negated(struct arena *arena, const struct logic *logic)
{
    return make(arena, (struct logic){.kind = LOGIC_NOT, .a = logic});
}

static const struct logic *joined(struct arena *arena, enum logic_kind kind, const struct logic *a,
                                  const struct logic *b)
{
    return make(arena, (struct logic){.kind = kind, .a = a, .b = b});
}

static const struct logic *fact(struct arena *arena, const struct expr *expr)
{
    bool param = expr->kind == EXPR_MEMBER && expr->path.target->kind == EXPR_NAME &&
                 strcmp(expr->path.target->name, "params") == 0;
    return make(
        arena,
        (struct logic){.kind = LOGIC_FACT, .expr = expr, .param = param ? expr->path.name : NULL});
}

/* `c == true` is c; `x == 'v'` is one fact of x among others. */
static const struct logic *equal(struct arena *arena, const struct expr *subject,
                                 const struct expr *literal)
{
    const struct value *value = literal->literal.value;
    if (value->kind != VALUE_BOOL)
        return make(arena, (struct logic){.kind = LOGIC_IS, .expr = subject, .value = value});
    const struct logic *logic = expr_logic(arena, subject);
    return value->truth ? logic : negated(arena, logic);
}

static const struct logic *compared(struct arena *arena, const struct expr *expr)
{
    const struct expr *left = expr->binary.left, *right = expr->binary.right;
    const struct logic *logic = right->kind == EXPR_LITERAL  ? equal(arena, left, right)
                                : left->kind == EXPR_LITERAL ? equal(arena, right, left)
                                                             : NULL;
    if (logic == NULL)
        return fact(arena, expr);
    return expr->operation == OPERATION_EQUAL ? logic : negated(arena, logic);
}

static const struct logic *one_of(struct arena *arena, const struct expr *expr)
{
    const struct expr *list = expr->binary.right;
    const struct logic *any = make(arena, (struct logic){.kind = LOGIC_ALWAYS, .truth = false});
    if (list->kind != EXPR_LIST)
        return fact(arena, expr);
    for (size_t i = 0; i < list->list.count; i++) {
        const struct expr_entry *entry = &list->list.entries[i];
        if (entry->splice || entry->expr->kind != EXPR_LITERAL)
            return fact(arena, expr);
        any = joined(arena, LOGIC_OR, any, equal(arena, expr->binary.left, entry->expr));
    }
    return any;
}

static const struct logic *of_binary(struct arena *arena, const struct expr *expr)
{
    bool and = expr->operation == OPERATION_AND;
    if (and || expr->operation == OPERATION_OR)
        return joined(arena, and? LOGIC_AND : LOGIC_OR, expr_logic(arena, expr->binary.left),
                      expr_logic(arena, expr->binary.right));
    if (expr->operation == OPERATION_EQUAL || expr->operation == OPERATION_UNEQUAL)
        return compared(arena, expr);
    return expr->operation == OPERATION_IN ? one_of(arena, expr) : fact(arena, expr);
}

static const struct logic *of_choice(struct arena *arena, const struct expr *expr)
{
    const struct logic *condition = expr_logic(arena, expr->choice.condition);
    return joined(
        arena, LOGIC_OR, joined(arena, LOGIC_AND, condition, expr_logic(arena, expr->choice.yes)),
        joined(arena, LOGIC_AND, negated(arena, condition), expr_logic(arena, expr->choice.no)));
}

const struct logic *expr_logic(struct arena *arena, const struct expr *expr)
{
    if (expr->kind == EXPR_LITERAL && expr->literal.value->kind == VALUE_BOOL)
        return make(arena,
                    (struct logic){.kind = LOGIC_ALWAYS, .truth = expr->literal.value->truth});
    if (expr->kind == EXPR_NOT)
        return negated(arena, expr_logic(arena, expr->operand));
    if (expr->kind == EXPR_BINARY)
        return of_binary(arena, expr);
    if (expr->kind == EXPR_IF)
        return of_choice(arena, expr);
    bool asks = expr->kind == EXPR_CALL && expr->call.count == 1 &&
                strcmp(expr->call.function->about.name, "exists") == 0;
    if (asks)
        return make(arena, (struct logic){.kind = LOGIC_EXISTS, .expr = expr->call.arguments[0]});
    return fact(arena, expr);
}
