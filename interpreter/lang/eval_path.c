/* Paths: names, members, places in lists; and what an unknown is called. */
#include "lang/evaluation.h"

#include "base/arena.h"

#include <string.h>

static const struct value *member_of(struct evaluation *evaluation, const struct expr *expr,
                                     const struct value *target)
{
    switch (target->kind) {
    case VALUE_UNSET:
    case VALUE_MAP:
    case VALUE_UNKNOWN:
        return value_member(evaluation->arena, target, expr->path.name);
    case VALUE_TEXT:
    case VALUE_INT:
    case VALUE_FLOAT:
    case VALUE_BOOL:
    case VALUE_DURATION:
    case VALUE_SIZE:
    case VALUE_TIME:
    case VALUE_LIST:
    case VALUE_SECRET:
        break;
    }
    return evaluation_fail(evaluation, expr, "'%s' is %s and has no member '%s'",
                           expr_show(evaluation->arena, expr->path.target),
                           value_kind_name(target->kind), expr->path.name);
}

/* The value of a name that no comprehension gives. */
static const struct value *find(struct evaluation *evaluation, const char *root, const char *member)
{
    return evaluation->values->find(evaluation->values, root, member);
}

/* Is EXPR `root.member` of a name from outside? */
static bool is_rooted(const struct evaluation *evaluation, const struct expr *expr)
{
    return expr->kind == EXPR_MEMBER && expr->path.target->kind == EXPR_NAME &&
           expr_local_find(evaluation->locals, expr->path.target->name) == NULL;
}

const struct value *evaluate_name(struct evaluation *evaluation, const struct expr *expr)
{
    const struct expr_local *local = expr_local_find(evaluation->locals, expr->name);
    return local != NULL ? local->meaning : find(evaluation, expr->name, NULL);
}

const struct value *evaluate_member(struct evaluation *evaluation, const struct expr *expr)
{
    if (is_rooted(evaluation, expr)) {
        return find(evaluation, expr->path.target->name, expr->path.name);
    }
    const struct value *target = evaluate(evaluation, expr->path.target);
    return target == NULL ? NULL : member_of(evaluation, expr, target);
}

/* The member of LIST at INDEX, or NULL when there is none. */
static const struct value *item_at(const struct value *list, const struct value *index)
{
    bool there = index->kind == VALUE_INT && index->integer >= 0 &&
                 (uint64_t)index->integer < list->list.count;
    return there ? list->list.at[index->integer] : NULL;
}

static const struct value *index_into(struct evaluation *evaluation, const struct expr *expr,
                                      const struct value *target, const struct value *index)
{
    if (target->kind == VALUE_UNSET) {
        return target;
    }
    if (index->kind == VALUE_UNSET) {
        return evaluation_unset(evaluation, expr->path.index);
    }
    if (target->kind == VALUE_UNKNOWN || index->kind == VALUE_UNKNOWN) {
        return evaluation_unknown(evaluation, expr);
    }
    if (target->kind == VALUE_MAP && index->kind == VALUE_TEXT) {
        return value_member(evaluation->arena, target, index->text.at);
    }
    bool place = target->kind == VALUE_LIST && index->kind == VALUE_INT;
    const struct value *item = place ? item_at(target, index) : NULL;
    if (item != NULL) {
        return item;
    }
    const char *name = expr_show(evaluation->arena, expr->path.target);
    const char *shown = value_print(evaluation->arena, index);
    return place
               ? evaluation_fail(evaluation, expr,
                                 "'%s' has %zu member%s, and none at place %s (the first is at 0)",
                                 name, target->list.count, target->list.count == 1 ? "" : "s",
                                 shown)
               : evaluation_fail(evaluation, expr, "'%s' is %s and has no place %s", name,
                                 value_kind_name(target->kind), shown);
}

const struct value *evaluate_index(struct evaluation *evaluation, const struct expr *expr)
{
    const struct value *target = evaluate(evaluation, expr->path.target);
    const struct value *index = target == NULL ? NULL : evaluate(evaluation, expr->path.index);
    return index == NULL ? NULL : index_into(evaluation, expr, target, index);
}

/* A step that was skipped is not there, though its state is. */
static const struct value *root_path(struct evaluation *evaluation, const struct expr *expr)
{
    const char *root = expr->path.target->name;
    const struct value *value = find(evaluation, root, expr->path.name);
    if (strcmp(root, "steps") == 0 && value->kind == VALUE_MAP) {
        const struct value *state = value_member(evaluation->arena, value, "state");
        if (state->kind == VALUE_TEXT && text_is(state->text, "skipped")) {
            return &value_unset;
        }
    }
    return value;
}

const struct value *evaluate_path(struct evaluation *evaluation, const struct expr *expr)
{
    if (is_rooted(evaluation, expr)) {
        return root_path(evaluation, expr);
    }
    if (expr->kind != EXPR_MEMBER && expr->kind != EXPR_INDEX) {
        return evaluate(evaluation, expr);
    }
    const struct value *target = evaluate_path(evaluation, expr->path.target);
    if (target == NULL || expr->kind == EXPR_MEMBER) {
        return target == NULL ? NULL : value_member(evaluation->arena, target, expr->path.name);
    }
    const struct value *index = evaluate(evaluation, expr->path.index);
    if (index == NULL) {
        return NULL;
    }
    if (target->kind == VALUE_UNKNOWN || index->kind == VALUE_UNKNOWN) {
        return evaluation_unknown(evaluation, expr);
    }
    if (target->kind == VALUE_LIST) {
        const struct value *item = item_at(target, index);
        return item == NULL ? &value_unset : item;
    }
    return index->kind == VALUE_TEXT ? value_member(evaluation->arena, target, index->text.at)
                                     : &value_unset;
}

/* --- unknowns --- */

/* What stands for the unknown VALUE inside a longer source: its own source, without ‹ and ›. */
static const char *source_of(struct arena *arena, struct text shown)
{
    static const char open[] = "‹";
    static const char close[] = "›";
    size_t angle = sizeof open - 1;
    struct buffer text = {0};
    bool whole = shown.length >= 2 * angle && memcmp(shown.at, open, angle) == 0 &&
                 strstr(shown.at + angle, open) == NULL &&
                 memcmp(shown.at + shown.length - angle, close, angle) == 0;
    if (whole) {
        struct text inner = {shown.at + angle, shown.length - 2 * angle};
        bool one = memchr(inner.at, ' ', inner.length) == NULL;
        buffer_format(&text, one ? "%.*s" : "(%.*s)", (int)inner.length, inner.at);
    } else {
        /* A longer text with unknown parts, as it would be written. */
        buffer_text(&text, "'");
        for (size_t i = 0; i < shown.length; i++) {
            bool opens = shown.length - i >= angle && memcmp(shown.at + i, open, angle) == 0;
            bool closes = shown.length - i >= angle && memcmp(shown.at + i, close, angle) == 0;
            buffer_add(&text, opens ? "${" : closes ? "}" : shown.at + i, opens ? 2 : 1);
            i += opens || closes ? angle - 1 : 0;
        }
        buffer_text(&text, "'");
    }
    const char *copy = arena_copy(arena, text.at, text.length);
    buffer_free(&text);
    return copy;
}

static const char *literal_of(struct arena *arena, struct text text)
{
    struct buffer literal = {0};
    expr_print_text(text, &literal);
    const char *copy = arena_copy(arena, literal.at, literal.length);
    buffer_free(&literal);
    return copy;
}

static const char *show_path(const struct expr_shower *shower, const struct expr *expr)
{
    struct evaluation scratch = *(const struct evaluation *)shower->context;
    struct problem ignored = {0};
    scratch.problem = &ignored;
    const struct value *value = NULL;
    bool local = expr->kind == EXPR_NAME && expr_local_find(scratch.locals, expr->name) != NULL;
    /* A longer path too: a map that is known may have a member that is not. */
    if (expr->kind == EXPR_NAME || expr->kind == EXPR_MEMBER) {
        value = evaluate(&scratch, expr);
    }
    if (value == NULL && expr->kind == EXPR_MEMBER) {
        const char *target = show_path(shower, expr->path.target);
        return target == NULL ? NULL
                              : arena_format(scratch.arena, "%s.%s", target, expr->path.name);
    }
    if (value != NULL && value->kind == VALUE_UNKNOWN) {
        return source_of(scratch.arena, value->text);
    }
    /* A member of a known list has no name outside; its value tells which one it was. */
    return local && value != NULL && value->kind == VALUE_TEXT
               ? literal_of(scratch.arena, value->text)
           : local && value != NULL && order_class(value) > 0 ? value_print(scratch.arena, value)
                                                              : NULL;
}

const struct value *evaluation_unknown(struct evaluation *evaluation, const struct expr *expr)
{
    struct expr_shower shower = {show_path, evaluation};
    return value_unknown(evaluation->arena, expr_print_shown(evaluation->arena, expr, &shower));
}
