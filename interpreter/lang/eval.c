/* Evaluation walks the tree. Kinds are those of the values: typing has seen to it that they fit,
 * except where JSON stands, whose kinds are only known now. */
#include "lang/eval.h"

#include "base/arena.h"
#include "base/list.h"
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

const struct value *evaluation_unset(struct evaluation *evaluation, const struct expr *expr)
{
    const char *name = expr_show(evaluation->arena, expr);
    return evaluation_fail(evaluation, expr, "'%s' is unset: write %s ?\? … for what stands in",
                           name, name);
}

const struct value *evaluation_wanted(struct evaluation *evaluation, const struct expr *expr,
                                      const struct value *value, const char *wanted)
{
    return evaluation_fail(evaluation, expr, "'%s' is %s, and %s is wanted",
                           expr_show(evaluation->arena, expr), value_kind_name(value->kind),
                           wanted);
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
        return evaluation_unset(evaluation, expr);
    }
    return evaluation_wanted(evaluation, expr, value, "a bool");
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
    return value != NULL && value->kind == VALUE_UNSET ? evaluation_unset(evaluation, expr) : value;
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
            good = evaluation_wanted(evaluation, entry->expr, value, "a list") != NULL;
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
    if (expr->each->condition != NULL) {
        const struct value *taken = evaluate_truth(evaluation, expr->each->condition);
        if (taken == NULL || taken->kind == VALUE_UNKNOWN || !taken->truth) {
            return taken == NULL ? -1 : taken->kind == VALUE_UNKNOWN ? -2 : 0;
        }
    }
    const struct value *value = evaluate(evaluation, expr->each->body);
    if (value != NULL) {
        gather(gathering, value);
    }
    return value == NULL ? -1 : 1;
}

static const struct value *evaluate_each(struct evaluation *evaluation, const struct expr *expr)
{
    const struct value *list = evaluate_set(evaluation, expr->each->list);
    if (list == NULL || list->kind == VALUE_UNKNOWN) {
        return list == NULL ? NULL : evaluation_unknown(evaluation, expr);
    }
    if (list->kind != VALUE_LIST) {
        return evaluation_wanted(evaluation, expr->each->list, list, "a list");
    }
    struct gathering gathering = {0};
    struct expr_local local = {evaluation->locals, expr->each->name, NULL};
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

/* A longer text on its way. */
struct making {
    struct buffer text; /* as people read it, where something of it is unknown or a secret */
    bool unknown, secret;
    struct list parts; /* of struct value: what was made, bit by bit, for a secret */
};

static void keep_part(struct evaluation *evaluation, struct making *making,
                      const struct value *value)
{
    if (value->kind != VALUE_SECRET) {
        list_add(evaluation->arena, &making->parts, (void *)(uintptr_t)value);
        return;
    }
    const struct value *parts = value_secret_parts(value);
    making->secret = true;
    for (size_t i = 0; i < parts->list.count; i++) {
        list_add(evaluation->arena, &making->parts, (void *)(uintptr_t)parts->list.at[i]);
    }
}

/* One `${…}` inside a longer text; false after a failure. */
static bool add_part(struct evaluation *evaluation, const struct expr *expr, struct making *making)
{
    const struct value *value = evaluate_set(evaluation, expr);
    if (value == NULL) {
        return false;
    }
    if (value->kind == VALUE_LIST || value->kind == VALUE_MAP) {
        evaluation_fail(evaluation, expr, "'%s' is %s: inside a text stands a scalar",
                        expr_show(evaluation->arena, expr), value_kind_name(value->kind));
        return false;
    }
    making->unknown = making->unknown || value->kind == VALUE_UNKNOWN;
    bool text_kind = value->kind == VALUE_TEXT || value->kind == VALUE_UNKNOWN;
    if (!text_kind && value->kind != VALUE_SECRET) {
        value = value_string(evaluation->arena, value_print(evaluation->arena, value));
    }
    if (!evaluation_spend(evaluation, expr, value->text.length)) {
        return false;
    }
    buffer_add(&making->text, value->text.at, value->text.length);
    keep_part(evaluation, making, value);
    return true;
}

static const struct value *made(struct evaluation *evaluation, struct making *making)
{
    struct arena *arena = evaluation->arena;
    if (making->unknown) {
        return value_unknown_text(arena, buffer_slice(&making->text));
    }
    if (!making->secret) {
        return value_text(arena, buffer_slice(&making->text));
    }
    return value_secret(arena, value_list(arena, (const struct value *const *)making->parts.at,
                                          making->parts.count));
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
    struct making making = {0};
    bool good = true;
    for (size_t i = 0; i < template->part_count && good; i++) {
        const struct template_part *part = &template->parts[i];
        if (part->expr == NULL) {
            buffer_add(&making.text, part->text.at, part->text.length);
            keep_part(&evaluation, &making, value_text(arena, part->text));
        } else {
            good = add_part(&evaluation, part->expr, &making);
        }
    }
    const struct value *value = good ? made(&evaluation, &making) : NULL;
    buffer_free(&making.text);
    return value;
}
