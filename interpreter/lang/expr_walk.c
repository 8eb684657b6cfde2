/* Places of expressions, and walks over trees: are two the same, and which names does one use? */
#include "lang/expr_tree.h"

#include "base/arena.h"
#include "base/list.h"
#include "lang/functions.h"
#include "lang/value.h"
#include "lang/yaml.h"

#include <string.h>

/* Each exact place is found by a walk from the scalar's front: in a huge one, of thousands of
 * names, that would take minutes. */
enum { EXACT_PLACE_LIMIT = 64 * 1024 };

struct mark expr_place(const struct node *node, size_t start, size_t end)
{
    if (node == NULL || node->text.length > EXACT_PLACE_LIMIT) {
        return node == NULL ? (struct mark){0} : node->mark;
    }
    return node_mark_at(node, start, end - start);
}

struct mark expr_mark(const struct expr *expr)
{
    return expr_place(expr->node, expr->start, expr->end);
}

/* Two optional parts. */
static bool same_or_none(const struct expr *a, const struct expr *b)
{
    return a == NULL || b == NULL ? a == b : expr_same(a, b);
}

static bool same_arguments(const struct expr *a, const struct expr *b)
{
    if (a->call.function != b->call.function || a->call.count != b->call.count) {
        return false;
    }
    for (size_t i = 0; i < a->call.count; i++) {
        if (!expr_same(a->call.arguments[i], b->call.arguments[i])) {
            return false;
        }
    }
    return true;
}

static bool same_entries(const struct expr *a, const struct expr *b)
{
    if (a->list.count != b->list.count) {
        return false;
    }
    for (size_t i = 0; i < a->list.count; i++) {
        if (a->list.entries[i].splice != b->list.entries[i].splice ||
            !expr_same(a->list.entries[i].expr, b->list.entries[i].expr)) {
            return false;
        }
    }
    return true;
}

static bool same_literal(const struct value *a, const struct value *b)
{
    return a->kind == b->kind && value_equal(a, b);
}

bool expr_same(const struct expr *a, const struct expr *b)
{
    if (a->kind != b->kind) {
        return false;
    }
    switch (a->kind) {
    case EXPR_LITERAL:
        return same_literal(a->literal.value, b->literal.value);
    case EXPR_NAME:
        return strcmp(a->name, b->name) == 0;
    case EXPR_MEMBER:
        return strcmp(a->path.name, b->path.name) == 0 && expr_same(a->path.target, b->path.target);
    case EXPR_INDEX:
        return expr_same(a->path.target, b->path.target) && expr_same(a->path.index, b->path.index);
    case EXPR_CALL:
        return same_arguments(a, b);
    case EXPR_NOT:
    case EXPR_NEGATE:
        return expr_same(a->operand, b->operand);
    case EXPR_BINARY:
        return a->operation == b->operation && expr_same(a->binary.left, b->binary.left) &&
               expr_same(a->binary.right, b->binary.right);
    case EXPR_IF:
        return expr_same(a->choice.condition, b->choice.condition) &&
               expr_same(a->choice.yes, b->choice.yes) && expr_same(a->choice.no, b->choice.no);
    case EXPR_LIST:
        return same_entries(a, b);
    case EXPR_EACH:
        return strcmp(a->each->name, b->each->name) == 0 &&
               expr_same(a->each->body, b->each->body) && expr_same(a->each->list, b->each->list) &&
               same_or_none(a->each->condition, b->each->condition);
    }
    return false;
}

bool expr_complement(const struct expr *a, const struct expr *b)
{
    return (a->kind == EXPR_NOT && expr_same(a->operand, b)) ||
           (b->kind == EXPR_NOT && expr_same(b->operand, a));
}

const struct expr_local *expr_local_find(const struct expr_local *locals, const char *name)
{
    while (locals != NULL && strcmp(locals->name, name) != 0) {
        locals = locals->outer;
    }
    return locals;
}

struct collector {
    struct arena *arena;
    struct list *names;
    const struct expr_local *locals; /* each one's meaning: a bool, was it used? */
    bool wild;                       /* only names whose text can be in what comes out */
};

static void add_name(const struct collector *collector, const struct expr *expr, const char *root,
                     const char *member, const char *rest)
{
    struct expr_name *name = arena_alloc(collector->arena, sizeof *name);
    *name = (struct expr_name){root, member, rest, expr_mark(expr)};
    list_add(collector->arena, collector->names, name);
}

/* Is it a name of a comprehension's own? Then it is used. */
static bool is_local(const struct collector *collector, const char *name)
{
    const struct expr_local *local = expr_local_find(collector->locals, name);
    if (local != NULL) {
        *(bool *)(uintptr_t)local->meaning = true;
    }
    return local != NULL;
}

/* Functions that give what a pattern, or a slash, lets through of a text, and nothing else of it.
 */
static bool is_tame(const struct function_entry *function)
{
    static const char *const tame[] = {"basename", "capture", "find_all"};
    for (size_t i = 0; i < sizeof tame / sizeof tame[0]; i++) {
        if (strcmp(tame[i], function->about.name) == 0) {
            return true;
        }
    }
    return false;
}

static void collect(const struct collector *collector, const struct expr *expr);

/* A path, from its end to its root; REST is the member asked of it next, or NULL. */
static void collect_path(const struct collector *collector, const struct expr *expr,
                         const char *rest)
{
    if (expr->kind == EXPR_MEMBER && expr->path.target->kind == EXPR_NAME) {
        const char *root = expr->path.target->name;
        if (!is_local(collector, root)) {
            add_name(collector, expr, root, expr->path.name, rest);
        }
    } else if (expr->kind == EXPR_MEMBER) {
        collect_path(collector, expr->path.target, expr->path.name);
    } else if (expr->kind == EXPR_INDEX) {
        collect_path(collector, expr->path.target, NULL);
        collect(collector, expr->path.index);
    } else if (expr->kind != EXPR_NAME) {
        collect(collector, expr);
    } else if (!is_local(collector, expr->name)) {
        add_name(collector, expr, expr->name, NULL, NULL);
    }
}

static void collect_each(const struct collector *collector, const struct expr *expr)
{
    const struct expr_each *each = expr->each;
    bool used = !collector->wild;
    struct expr_local local = {collector->locals, each->name, &used};
    struct collector inner = *collector;
    inner.locals = &local;
    if (!collector->wild) {
        collect(collector, each->list);
    }
    if (!collector->wild && each->condition != NULL) {
        collect(&inner, each->condition);
    }
    collect(&inner, each->body);
    if (collector->wild && used) {
        collect(collector, each->list);
    }
}

static void collect_call(const struct collector *collector, const struct expr *expr)
{
    if (collector->wild && is_tame(expr->call.function)) {
        return;
    }
    for (size_t i = 0; i < expr->call.count; i++) {
        collect(collector, expr->call.arguments[i]);
    }
}

static void collect(const struct collector *collector, const struct expr *expr)
{
    switch (expr->kind) {
    case EXPR_LITERAL:
        break;
    case EXPR_NAME:
    case EXPR_MEMBER:
    case EXPR_INDEX:
        collect_path(collector, expr, NULL);
        break;
    case EXPR_CALL:
        collect_call(collector, expr);
        break;
    case EXPR_NOT:
    case EXPR_NEGATE:
        collect(collector, expr->operand);
        break;
    case EXPR_BINARY:
        collect(collector, expr->binary.left);
        collect(collector, expr->binary.right);
        break;
    case EXPR_IF:
        if (!collector->wild) {
            collect(collector, expr->choice.condition);
        }
        collect(collector, expr->choice.yes);
        collect(collector, expr->choice.no);
        break;
    case EXPR_LIST:
        for (size_t i = 0; i < expr->list.count; i++) {
            collect(collector, expr->list.entries[i].expr);
        }
        break;
    case EXPR_EACH:
        collect_each(collector, expr);
        break;
    }
}

void expr_names(struct arena *arena, const struct expr *expr, struct list *names)
{
    struct collector collector = {.arena = arena, .names = names};
    collect(&collector, expr);
}

void expr_wild_names(struct arena *arena, const struct expr *expr, struct list *names)
{
    struct collector collector = {.arena = arena, .names = names, .wild = true};
    collect(&collector, expr);
}
