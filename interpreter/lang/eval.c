/* Evaluation walks the tree. Kinds are those of the values: typing has seen to it that they fit,
 * except where JSON stands, whose kinds are only known now. */
#include "lang/eval.h"

#include "base/arena.h"
#include "lang/evaluation.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    STEPS_LIMIT = 10 * 1000 * 1000, /* a fraction of a second; lists in lists could take for ever */
    BYTES_LIMIT = 16 * 1024 * 1024, /* language.md */
    MESSAGE_ROOM = 512,
};

const struct value *evaluation_fail(struct evaluation *evaluation, const struct expr *at,
                                    const char *format, ...)
{
    char message[MESSAGE_ROOM];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    evaluation->problem->mark = at == NULL ? (struct mark){0} : expr_mark(at);
    evaluation->problem->message = arena_copy(evaluation->arena, message, strlen(message));
    return NULL;
}

bool evaluation_spend(struct evaluation *evaluation, const struct expr *at, size_t bytes)
{
    if (bytes > evaluation->bytes) {
        evaluation_fail(evaluation, at, "this makes more than 16MiB of values");
        return false;
    }
    evaluation->bytes -= bytes;
    return true;
}

const struct value *evaluation_text(struct evaluation *evaluation, const struct expr *at,
                                    struct text text)
{
    return evaluation_spend(evaluation, at, text.length + sizeof(struct value))
               ? value_text(evaluation->arena, text)
               : NULL;
}

const struct value *evaluation_list(struct evaluation *evaluation, const struct expr *at,
                                    const struct value *const *values, size_t count)
{
    return evaluation_spend(evaluation, at, count * sizeof *values + sizeof(struct value))
               ? value_list(evaluation->arena, values, count)
               : NULL;
}

static const struct value *fail_unset(struct evaluation *evaluation, const struct expr *expr)
{
    const char *name = expr_print(evaluation->arena, expr);
    return evaluation_fail(evaluation, expr, "'%s' is unset: write '%s ?\? …' for what stands in",
                           name, name);
}

/* --- paths --- */

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
        break;
    }
    return evaluation_fail(evaluation, expr, "'%s' is %s and has no member '%s'",
                           expr_print(evaluation->arena, expr->path.target),
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

static const struct value *evaluate_name(struct evaluation *evaluation, const struct expr *expr)
{
    const struct expr_local *local = expr_local_find(evaluation->locals, expr->name);
    return local != NULL ? local->meaning : find(evaluation, expr->name, NULL);
}

static const struct value *evaluate_member(struct evaluation *evaluation, const struct expr *expr)
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
        return fail_unset(evaluation, expr->path.index);
    }
    if (target->kind == VALUE_UNKNOWN || index->kind == VALUE_UNKNOWN) {
        return evaluation_unknown(evaluation, expr);
    }
    if (target->kind == VALUE_MAP && index->kind == VALUE_TEXT) {
        return value_member(evaluation->arena, target, index->text.at);
    }
    const char *name = expr_print(evaluation->arena, expr->path.target);
    if (target->kind != VALUE_LIST || index->kind != VALUE_INT) {
        return evaluation_fail(evaluation, expr, "'%s' is %s and has no place %s", name,
                               value_kind_name(target->kind),
                               value_print(evaluation->arena, index));
    }
    const struct value *item = item_at(target, index);
    return item != NULL
               ? item
               : evaluation_fail(evaluation, expr,
                                 "'%s' has %zu member%s, and none at place %s (the first "
                                 "is at 0)",
                                 name, target->list.count, target->list.count == 1 ? "" : "s",
                                 value_print(evaluation->arena, index));
}

static const struct value *evaluate_index(struct evaluation *evaluation, const struct expr *expr)
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

static const char *show_path(const struct expr_shower *shower, const struct expr *expr)
{
    struct evaluation scratch = *(const struct evaluation *)shower->context;
    struct problem ignored = {0};
    scratch.problem = &ignored;
    const struct value *value = NULL;
    bool local = expr->kind == EXPR_NAME && expr_local_find(scratch.locals, expr->name) != NULL;
    /* of a longer path too: a map that is known may have a member that is not */
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
               ? arena_format(scratch.arena, "'%s'", value->text.at)
           : local && value != NULL && order_class(value) > 0 ? value_print(scratch.arena, value)
                                                              : NULL;
}

const struct value *evaluation_unknown(struct evaluation *evaluation, const struct expr *expr)
{
    struct expr_shower shower = {show_path, evaluation};
    return value_unknown(evaluation->arena, expr_print_shown(evaluation->arena, expr, &shower));
}

/* --- conditions --- */

/* EXPR as true, false or unknown. */
static const struct value *evaluate_truth(struct evaluation *evaluation, const struct expr *expr)
{
    const struct value *value = evaluate(evaluation, expr);
    if (value == NULL || value->kind == VALUE_BOOL || value->kind == VALUE_UNKNOWN) {
        return value;
    }
    if (value->kind == VALUE_UNSET) {
        return fail_unset(evaluation, expr);
    }
    return evaluation_fail(evaluation, expr, "'%s' is %s, and a bool is wanted",
                           expr_print(evaluation->arena, expr), value_kind_name(value->kind));
}

/* `and` is decided by a false, `or` by a true, on either side. What the right side would fail of
 * behind an unknown left one is not known either: the left may spare it. */
static const struct value *evaluate_logic(struct evaluation *evaluation, const struct expr *expr)
{
    bool decisive = expr->operation == OPERATION_OR;
    const struct value *left = evaluate_truth(evaluation, expr->binary.left);
    if (left == NULL || (left->kind == VALUE_BOOL && left->truth == decisive)) {
        return left;
    }
    if (left->kind == VALUE_BOOL) {
        return evaluate_truth(evaluation, expr->binary.right);
    }
    struct problem spared = {0};
    struct problem *problem = evaluation->problem;
    evaluation->problem = &spared;
    const struct value *right = evaluate_truth(evaluation, expr->binary.right);
    evaluation->problem = problem;
    if (right != NULL && right->kind == VALUE_BOOL) {
        return right->truth == decisive ? right : left;
    }
    return evaluation_unknown(evaluation, expr);
}

static const struct value *evaluate_if(struct evaluation *evaluation, const struct expr *expr)
{
    const struct value *condition = evaluate_truth(evaluation, expr->choice.condition);
    if (condition == NULL) {
        return NULL;
    }
    if (condition->kind == VALUE_UNKNOWN) {
        return evaluation_unknown(evaluation, expr);
    }
    return evaluate(evaluation, condition->truth ? expr->choice.yes : expr->choice.no);
}

static const struct value *evaluate_not(struct evaluation *evaluation, const struct expr *expr)
{
    const struct value *value = evaluate_truth(evaluation, expr->operand);
    if (value == NULL || value->kind == VALUE_BOOL) {
        return value == NULL ? NULL : value_bool(!value->truth);
    }
    return evaluation_unknown(evaluation, expr);
}

/* --- operators --- */

static const struct value *evaluate_set(struct evaluation *evaluation, const struct expr *expr)
{
    const struct value *value = evaluate(evaluation, expr);
    return value != NULL && value->kind == VALUE_UNSET ? fail_unset(evaluation, expr) : value;
}

static const struct value *evaluate_else(struct evaluation *evaluation, const struct expr *expr)
{
    const struct value *left = evaluate(evaluation, expr->binary.left);
    if (left == NULL || left->kind != VALUE_UNSET) {
        bool unknown = left != NULL && left->kind == VALUE_UNKNOWN;
        return unknown ? evaluation_unknown(evaluation, expr) : left;
    }
    return evaluate(evaluation, expr->binary.right);
}

static const struct value *evaluate_sum(struct evaluation *evaluation, const struct expr *expr)
{
    const struct value *left = evaluate_set(evaluation, expr->binary.left);
    const struct value *right = left ? evaluate_set(evaluation, expr->binary.right) : NULL;
    if (right == NULL) {
        return NULL;
    }
    if (left->kind == VALUE_UNKNOWN || right->kind == VALUE_UNKNOWN) {
        return evaluation_unknown(evaluation, expr);
    }
    return evaluate_arithmetic(evaluation, expr, left, right);
}

static const struct value *evaluate_compare(struct evaluation *evaluation, const struct expr *expr)
{
    const struct value *left = evaluate_set(evaluation, expr->binary.left);
    const struct value *right = left ? evaluate_set(evaluation, expr->binary.right) : NULL;
    return right ? evaluate_comparison(evaluation, expr, left, right) : NULL;
}

static const struct value *evaluate_binary(struct evaluation *evaluation, const struct expr *expr)
{
    switch (expr->operation) {
    case OPERATION_OR:
    case OPERATION_AND:
        return evaluate_logic(evaluation, expr);
    case OPERATION_ELSE:
        return evaluate_else(evaluation, expr);
    case OPERATION_EQUAL:
    case OPERATION_UNEQUAL:
    case OPERATION_LESS:
    case OPERATION_AT_MOST:
    case OPERATION_MORE:
    case OPERATION_AT_LEAST:
    case OPERATION_IN:
    case OPERATION_MATCHES:
        return evaluate_compare(evaluation, expr);
    case OPERATION_ADD:
    case OPERATION_SUBTRACT:
    case OPERATION_MULTIPLY:
    case OPERATION_DIVIDE:
    case OPERATION_REMAINDER:
        return evaluate_sum(evaluation, expr);
    }
    return NULL;
}

static const struct value *evaluate_minus(struct evaluation *evaluation, const struct expr *expr)
{
    const struct value *value = evaluate_set(evaluation, expr->operand);
    if (value == NULL || value->kind == VALUE_UNKNOWN) {
        return value == NULL ? NULL : evaluation_unknown(evaluation, expr);
    }
    return evaluate_negation(evaluation, expr, value);
}

/* --- lists --- */

/* Values on the heap until their number is known. */
struct gathering {
    const struct value **at;
    size_t count, room;
};

static void gather(struct gathering *gathering, const struct value *value)
{
    if (gathering->count == gathering->room) {
        gathering->room = gathering->room ? gathering->room * 2 : 8;
        gathering->at = memory_resize(gathering->at, gathering->room * sizeof *gathering->at);
    }
    gathering->at[gathering->count++] = value;
}

static const struct value *gathered(struct evaluation *evaluation, const struct expr *expr,
                                    struct gathering *gathering, bool good)
{
    const struct value *list =
        good ? evaluation_list(evaluation, expr, gathering->at, gathering->count) : NULL;
    free(gathering->at);
    return list;
}

static const struct value *fail_list(struct evaluation *evaluation, const struct expr *expr,
                                     const struct value *value)
{
    return evaluation_fail(evaluation, expr, "'%s' is %s, and a list is wanted",
                           expr_print(evaluation->arena, expr), value_kind_name(value->kind));
}

static const struct value *evaluate_list(struct evaluation *evaluation, const struct expr *expr)
{
    struct gathering gathering = {0};
    bool good = true;
    for (size_t i = 0; i < expr->list.count && good; i++) {
        const struct expr_entry *entry = &expr->list.entries[i];
        const struct value *value = evaluate_set(evaluation, entry->expr);
        if (value == NULL || !entry->splice) {
            good = value != NULL;
            gather(&gathering, value);
        } else if (value->kind == VALUE_UNKNOWN) {
            free(gathering.at);
            return evaluation_unknown(evaluation, expr);
        } else if (value->kind != VALUE_LIST) {
            good = fail_list(evaluation, entry->expr, value) != NULL;
        }
        for (size_t j = 0; good && entry->splice && j < value->list.count; j++) {
            gather(&gathering, value->list.at[j]);
        }
    }
    return gathered(evaluation, expr, &gathering, good);
}

/* One member of a comprehension: 1 taken, 0 passed over, -1 failed, -2 not known. */
static int evaluate_one(struct evaluation *evaluation, const struct expr *expr,
                        struct gathering *gathering)
{
    if (expr->each.condition != NULL) {
        const struct value *taken = evaluate_truth(evaluation, expr->each.condition);
        if (taken == NULL || taken->kind == VALUE_UNKNOWN || !taken->truth) {
            return taken == NULL ? -1 : taken->kind == VALUE_UNKNOWN ? -2 : 0;
        }
    }
    const struct value *value = evaluate(evaluation, expr->each.body);
    if (value != NULL) {
        gather(gathering, value);
    }
    return value == NULL ? -1 : 1;
}

static const struct value *evaluate_each(struct evaluation *evaluation, const struct expr *expr)
{
    const struct value *list = evaluate_set(evaluation, expr->each.list);
    if (list == NULL || list->kind == VALUE_UNKNOWN) {
        return list == NULL ? NULL : evaluation_unknown(evaluation, expr);
    }
    if (list->kind != VALUE_LIST) {
        return fail_list(evaluation, expr->each.list, list);
    }
    struct gathering gathering = {0};
    struct expr_local local = {evaluation->locals, expr->each.name, NULL};
    int outcome = 1;
    evaluation->locals = &local;
    for (size_t i = 0; i < list->list.count && outcome >= 0; i++) {
        local.meaning = list->list.at[i];
        outcome = evaluate_one(evaluation, expr, &gathering);
    }
    evaluation->locals = local.outer;
    if (outcome == -2) {
        free(gathering.at);
        return evaluation_unknown(evaluation, expr);
    }
    return gathered(evaluation, expr, &gathering, outcome >= 0);
}

const struct value *evaluate(struct evaluation *evaluation, const struct expr *expr)
{
    if (evaluation->steps == 0) {
        return evaluation_fail(evaluation, expr, "this takes more than 10 million operations");
    }
    evaluation->steps--;
    switch (expr->kind) {
    case EXPR_LITERAL:
        return expr->literal.value;
    case EXPR_NAME:
        return evaluate_name(evaluation, expr);
    case EXPR_MEMBER:
        return evaluate_member(evaluation, expr);
    case EXPR_INDEX:
        return evaluate_index(evaluation, expr);
    case EXPR_CALL:
        return evaluate_call(evaluation, expr);
    case EXPR_NOT:
        return evaluate_not(evaluation, expr);
    case EXPR_NEGATE:
        return evaluate_minus(evaluation, expr);
    case EXPR_BINARY:
        return evaluate_binary(evaluation, expr);
    case EXPR_IF:
        return evaluate_if(evaluation, expr);
    case EXPR_LIST:
        return evaluate_list(evaluation, expr);
    case EXPR_EACH:
        return evaluate_each(evaluation, expr);
    }
    return NULL;
}

static struct evaluation evaluation_of(struct arena *arena, const struct values *values,
                                       struct problem *problem)
{
    *problem = (struct problem){0};
    return (struct evaluation){.arena = arena,
                               .values = values,
                               .problem = problem,
                               .steps = STEPS_LIMIT,
                               .bytes = BYTES_LIMIT};
}

const struct value *expr_eval(struct arena *arena, const struct expr *expr,
                              const struct values *values, struct problem *problem)
{
    struct evaluation evaluation = evaluation_of(arena, values, problem);
    return evaluate(&evaluation, expr);
}

/* --- templates --- */

/* One `${…}` inside a longer text; false after a failure. */
static bool add_part(struct evaluation *evaluation, const struct expr *expr, struct buffer *text,
                     bool *unknown)
{
    const struct value *value = evaluate_set(evaluation, expr);
    if (value == NULL) {
        return false;
    }
    if (value->kind == VALUE_LIST || value->kind == VALUE_MAP) {
        evaluation_fail(evaluation, expr, "'%s' is %s: inside a text stands a scalar",
                        expr_print(evaluation->arena, expr), value_kind_name(value->kind));
        return false;
    }
    *unknown = *unknown || value->kind == VALUE_UNKNOWN;
    bool text_kind = value->kind == VALUE_TEXT || value->kind == VALUE_UNKNOWN;
    struct text part = text_kind ? value->text : text_of(value_print(evaluation->arena, value));
    if (!evaluation_spend(evaluation, expr, part.length)) {
        return false;
    }
    buffer_add(text, part.at, part.length);
    return true;
}

const struct value *template_eval(struct arena *arena, const struct template *template,
                                  const struct values *values, struct problem *problem)
{
    struct evaluation evaluation = evaluation_of(arena, values, problem);
    if (template->constant) {
        return value_text(arena, template->text);
    }
    if (template->whole != NULL) {
        return evaluate(&evaluation, template->whole);
    }
    struct buffer text = {0};
    bool unknown = false;
    bool good = true;
    for (size_t i = 0; i < template->part_count && good; i++) {
        const struct template_part *part = &template->parts[i];
        if (part->expr == NULL) {
            buffer_add(&text, part->text.at, part->text.length);
        } else {
            good = add_part(&evaluation, part->expr, &text, &unknown);
        }
    }
    struct text made = buffer_slice(&text);
    const struct value *value = !good     ? NULL
                                : unknown ? value_unknown_text(arena, made)
                                          : value_text(arena, made);
    buffer_free(&text);
    return value;
}
