/* Functions of lists. */
#include "lang/function_all.h"

#include "base/arena.h"
#include "lang/type.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const struct value *function_first(struct evaluation *evaluation, const struct expr *call,
                                   const struct value *const *arguments)
{
    (void)evaluation;
    (void)call;
    return arguments[0]->list.count > 0 ? arguments[0]->list.at[0] : &value_unset;
}

const struct value *function_last(struct evaluation *evaluation, const struct expr *call,
                                  const struct value *const *arguments)
{
    (void)evaluation;
    (void)call;
    size_t count = arguments[0]->list.count;
    return count > 0 ? arguments[0]->list.at[count - 1] : &value_unset;
}

const struct value *function_only(struct evaluation *evaluation, const struct expr *call,
                                  const struct value *const *arguments)
{
    size_t count = arguments[0]->list.count;
    if (count == 1) {
        return arguments[0]->list.at[0];
    }
    const char *name = expr_show(evaluation->arena, call->call.arguments[0]);
    return count == 0
               ? evaluation_fail(evaluation, call, "'%s' is empty, and one member is wanted", name)
               : evaluation_fail(evaluation, call, "'%s' has %zu members, and one is wanted", name,
                                 count);
}

const struct value *function_take(struct evaluation *evaluation, const struct expr *call,
                                  const struct value *const *arguments)
{
    int64_t wanted = arguments[1]->integer;
    size_t count = arguments[0]->list.count;
    if (wanted < 0) {
        return evaluation_fail(evaluation, call->call.arguments[1],
                               "so many members can't be taken: %lld", (long long)wanted);
    }
    count = (uint64_t)wanted < count ? (size_t)wanted : count;
    return evaluation_list(evaluation, call, arguments[0]->list.at, count);
}

const struct value *function_reverse(struct evaluation *evaluation, const struct expr *call,
                                     const struct value *const *arguments)
{
    size_t count = arguments[0]->list.count;
    const struct value **at = memory_resize(NULL, count * sizeof *at);
    for (size_t i = 0; i < count; i++) {
        at[i] = arguments[0]->list.at[count - 1 - i];
    }
    const struct value *list = evaluation_list(evaluation, call, at, count);
    free(at);
    return list;
}

/* --- truth --- */

/* Is one member DECISIVE? Members that are not known yet leave it open. */
static const struct value *decide(struct evaluation *evaluation, const struct expr *call,
                                  const struct value *list, bool decisive)
{
    bool open = false;
    for (size_t i = 0; i < list->list.count; i++) {
        const struct value *member = list->list.at[i];
        if (member->kind == VALUE_BOOL && member->truth == decisive) {
            return value_bool(decisive);
        }
        open = open || member->kind == VALUE_UNKNOWN;
    }
    return open ? evaluation_unknown(evaluation, call) : value_bool(!decisive);
}

const struct value *function_any(struct evaluation *evaluation, const struct expr *call,
                                 const struct value *const *arguments)
{
    return decide(evaluation, call, arguments[0], true);
}

const struct value *function_all(struct evaluation *evaluation, const struct expr *call,
                                 const struct value *const *arguments)
{
    return decide(evaluation, call, arguments[0], false);
}

/* --- order --- */

/* Are all members of one class that can be ordered? Only JSON's may not be. */
static bool check_order(struct evaluation *evaluation, const struct expr *call,
                        const struct value *const *at, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (order_class(at[i]) == 0 || order_class(at[i]) != order_class(at[0])) {
            const char *name = call->call.function->about.name;
            if (order_class(at[i]) == 0) {
                evaluation_fail(evaluation, call, "'%s' can't order %s", name,
                                value_kind_name(at[i]->kind));
            } else {
                evaluation_fail(evaluation, call, "'%s' can't order %s and %s", name,
                                value_kind_name(at[0]->kind), value_kind_name(at[i]->kind));
            }
            return false;
        }
    }
    return true;
}

static const struct value *extreme(struct evaluation *evaluation, const struct expr *call,
                                   const struct value *list, int wanted)
{
    if (!check_order(evaluation, call, list->list.at, list->list.count)) {
        return NULL;
    }
    const struct value *best = &value_unset;
    for (size_t i = 0; i < list->list.count; i++) {
        const struct value *member = list->list.at[i];
        if (i == 0 || value_compare(member, best) == wanted) {
            best = member;
        }
    }
    return best;
}

const struct value *function_min(struct evaluation *evaluation, const struct expr *call,
                                 const struct value *const *arguments)
{
    return extreme(evaluation, call, arguments[0], -1);
}

const struct value *function_max(struct evaluation *evaluation, const struct expr *call,
                                 const struct value *const *arguments)
{
    return extreme(evaluation, call, arguments[0], 1);
}

/* A member with what it is sorted by, and its place, so that equal ones stay in order. */
struct ranked {
    const struct value *key; /* unset: behind all others */
    const struct value *value;
    size_t place;
};

static int by_rank(const void *a, const void *b)
{
    const struct ranked *left = a;
    const struct ranked *right = b;
    bool no_left = left->key->kind == VALUE_UNSET;
    bool no_right = right->key->kind == VALUE_UNSET;
    int order =
        no_left || no_right ? (int)no_left - (int)no_right : value_compare(left->key, right->key);
    return order != 0 ? order : (left->place > right->place) - (left->place < right->place);
}

static const struct value *sorted(struct evaluation *evaluation, const struct expr *call,
                                  struct ranked *ranked, size_t count)
{
    const struct value **at = memory_resize(NULL, count * sizeof *at);
    size_t keys = 0;
    for (size_t i = 0; i < count; i++) {
        ranked[i].place = i;
        if (ranked[i].key->kind != VALUE_UNSET) {
            at[keys++] = ranked[i].key;
        }
    }
    const struct value *list = NULL;
    if (check_order(evaluation, call, at, keys)) {
        qsort(ranked, count, sizeof *ranked, by_rank);
        for (size_t i = 0; i < count; i++) {
            at[i] = ranked[i].value;
        }
        list = evaluation_list(evaluation, call, at, count);
    }
    free(at);
    return list;
}

const struct value *function_sort(struct evaluation *evaluation, const struct expr *call,
                                  const struct value *const *arguments)
{
    size_t count = arguments[0]->list.count;
    struct ranked *ranked = memory_resize(NULL, count * sizeof *ranked);
    for (size_t i = 0; i < count; i++) {
        ranked[i].key = ranked[i].value = arguments[0]->list.at[i];
    }
    const struct value *list = sorted(evaluation, call, ranked, count);
    free(ranked);
    return list;
}

const struct value *function_sort_by(struct evaluation *evaluation, const struct expr *call,
                                     const struct value *const *arguments)
{
    size_t count = arguments[0]->list.count;
    const char *member = arguments[1]->text.at;
    struct ranked *ranked = memory_resize(NULL, count * sizeof *ranked);
    for (size_t i = 0; i < count; i++) {
        ranked[i].value = arguments[0]->list.at[i];
        ranked[i].key = value_member(evaluation->arena, ranked[i].value, member);
    }
    const struct value *list = sorted(evaluation, call, ranked, count);
    free(ranked);
    return list;
}

/* --- equality --- */

static uint64_t hash_bytes(uint64_t hash, const void *at, size_t length)
{
    const unsigned char *byte = at;
    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ byte[i]) * UINT64_C(0x100000001b3); /* FNV-1a */
    }
    return hash;
}

static uint64_t hash_of(const struct value *value);

static uint64_t hash_members(const struct value *value, uint64_t hash)
{
    if (value->kind == VALUE_LIST) {
        for (size_t i = 0; i < value->list.count; i++) {
            uint64_t member = hash_of(value->list.at[i]);
            hash = hash_bytes(hash, &member, sizeof member);
        }
        return hash;
    }
    for (size_t i = 0; i < value->map.count; i++) {
        /* A sum: the order of members means nothing. */
        const struct member *member = &value->map.at[i];
        hash += hash_bytes(hash_of(member->value), member->key, strlen(member->key));
    }
    return hash;
}

/* Equal values have equal hashes; 1 and 1.0 are equal. */
static uint64_t hash_of(const struct value *value)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325) + (uint64_t)order_class(value);
    double real = value->kind == VALUE_INT ? (double)value->integer : 0;
    switch (value->kind) {
    case VALUE_TEXT:
    case VALUE_UNKNOWN:
    case VALUE_SECRET:
        return hash_bytes(hash, value->text.at, value->text.length);
    case VALUE_FLOAT:
        real = value->real == 0 ? 0 : value->real; /* -0.0 is 0.0 */
        return hash_bytes(hash, &real, sizeof real);
    case VALUE_INT:
        return hash_bytes(hash, &real, sizeof real);
    case VALUE_DURATION:
    case VALUE_SIZE:
    case VALUE_TIME:
        return hash_bytes(hash, &value->integer, sizeof value->integer);
    case VALUE_BOOL:
        return hash + 7 + value->truth;
    case VALUE_LIST:
    case VALUE_MAP:
        return hash_members(value, hash + (uint64_t)value->kind);
    case VALUE_UNSET:
        break;
    }
    return hash;
}

const struct value *function_unique(struct evaluation *evaluation, const struct expr *call,
                                    const struct value *const *arguments)
{
    size_t count = arguments[0]->list.count;
    size_t room = 8;
    while (room < count * 2) {
        room *= 2;
    }
    const struct value **table = memory_resize(NULL, room * sizeof *table);
    const struct value **at = memory_resize(NULL, count * sizeof *at);
    size_t kept = 0;
    for (size_t i = 0; i < room; i++) {
        table[i] = NULL;
    }
    for (size_t i = 0; i < count; i++) {
        const struct value *value = arguments[0]->list.at[i];
        size_t slot = hash_of(value) & (room - 1);
        while (table[slot] != NULL && !value_equal(table[slot], value)) {
            slot = (slot + 1) & (room - 1);
        }
        if (table[slot] == NULL) {
            table[slot] = value;
            at[kept++] = value;
        }
    }
    const struct value *list = evaluation_list(evaluation, call, at, kept);
    free(table);
    free(at);
    return list;
}

/* --- sums --- */

static const struct value *zero(struct evaluation *evaluation, const struct expr *call)
{
    /* An empty list has no kind; what typing found is noted in the call. */
    enum value_kind kind = (enum value_kind)call->kept;
    if (kind == VALUE_FLOAT) {
        return value_float(evaluation->arena, 0);
    }
    bool unit = kind == VALUE_DURATION || kind == VALUE_SIZE;
    return value_integer(evaluation->arena, unit ? kind : VALUE_INT, 0);
}

const struct value *function_sum(struct evaluation *evaluation, const struct expr *call,
                                 const struct value *const *arguments)
{
    const struct value *list = arguments[0];
    if (list->list.count == 0) {
        return zero(evaluation, call);
    }
    /* `+` knows what can be added, and watches for overflow. */
    struct expr plus = *call;
    plus.kind = EXPR_BINARY;
    plus.operation = OPERATION_ADD;
    plus.binary.left = plus.binary.right = call;
    const struct value *sum = list->list.at[0];
    int class = order_class(sum);
    if (class < 2 || class > 4) {
        return evaluation_fail(evaluation, call, "'sum' can't add %s", value_kind_name(sum->kind));
    }
    for (size_t i = 1; i < list->list.count; i++) {
        const struct value *member = list->list.at[i];
        if (order_class(member) != class) {
            return evaluation_fail(evaluation, call, "'sum' can't add %s to %s",
                                   value_kind_name(member->kind), value_kind_name(sum->kind));
        }
        sum = evaluate_arithmetic(evaluation, &plus, sum, member);
        if (sum == NULL) {
            return evaluation_fail(evaluation, call, "'%s' gives more than its type can hold",
                                   expr_show(evaluation->arena, call));
        }
    }
    return sum;
}
