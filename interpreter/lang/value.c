#include "lang/value.h"

#include "base/arena.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

const struct value value_unset = {.kind = VALUE_UNSET};
const struct value value_true = {.kind = VALUE_BOOL, .truth = true};
const struct value value_false = {.kind = VALUE_BOOL, .truth = false};

/* A text of either kind, its bytes in the same piece of memory. */
static const struct value *text_value(struct arena *arena, enum value_kind kind, struct text text)
{
    struct value *value = arena_alloc(arena, sizeof *value + text.length + 1);
    char *bytes = (char *)(value + 1);
    if (text.length > 0) {
        memcpy(bytes, text.at, text.length);
    }
    value->kind = kind;
    value->text = (struct text){bytes, text.length};
    return value;
}

const struct value *value_text(struct arena *arena, struct text text)
{
    return text_value(arena, VALUE_TEXT, text);
}

const struct value *value_string(struct arena *arena, const char *string)
{
    return text_value(arena, VALUE_TEXT, text_of(string));
}

const struct value *value_integer(struct arena *arena, enum value_kind kind, int64_t integer)
{
    assert(kind == VALUE_INT || kind == VALUE_DURATION || kind == VALUE_SIZE || kind == VALUE_TIME);
    struct value *value = arena_alloc(arena, sizeof *value);
    value->kind = kind;
    value->integer = integer;
    return value;
}

const struct value *value_float(struct arena *arena, double real)
{
    struct value *value = arena_alloc(arena, sizeof *value);
    value->kind = VALUE_FLOAT;
    value->real = real;
    return value;
}

const struct value *value_bool(bool truth)
{
    return truth ? &value_true : &value_false;
}

const struct value *value_list(struct arena *arena, const struct value *const *at, size_t count)
{
    struct value *value = arena_alloc(arena, sizeof *value + count * sizeof *at);
    const struct value **copy = (const struct value **)(void *)(value + 1);
    if (count > 0) {
        memcpy(copy, at, count * sizeof *at);
    }
    value->kind = VALUE_LIST;
    value->list.at = copy;
    value->list.count = count;
    return value;
}

const struct value *value_map(struct arena *arena, const struct member *at, size_t count)
{
    struct value *value = arena_alloc(arena, sizeof *value + count * sizeof *at);
    struct member *copy = (struct member *)(void *)(value + 1);
    if (count > 0) {
        memcpy(copy, at, count * sizeof *at);
    }
    value->kind = VALUE_MAP;
    value->map.at = copy;
    value->map.count = count;
    return value;
}

const struct value *value_unknown_text(struct arena *arena, struct text shown)
{
    return text_value(arena, VALUE_UNKNOWN, shown);
}

static const char OPEN[] = "‹";
static const char CLOSE[] = "›";
enum { ANGLE = sizeof OPEN - 1 };

const struct value *value_unknown(struct arena *arena, const char *source)
{
    return value_unknown_text(arena, text_of(arena_format(arena, "%s%s%s", OPEN, source, CLOSE)));
}

/* ‹a› becomes ‹a.KEY›; a text with more than one part gets the key behind it. */
static const struct value *unknown_member(struct arena *arena, struct text shown, const char *key)
{
    bool closed =
        shown.length >= ANGLE && memcmp(shown.at + shown.length - ANGLE, CLOSE, ANGLE) == 0;
    int length = (int)(shown.length - (closed ? ANGLE : 0));
    return value_unknown_text(arena, text_of(arena_format(arena, "%.*s.%s%s", length, shown.at, key,
                                                          closed ? CLOSE : "")));
}

const struct value *value_find(const struct value *value, const char *key)
{
    for (size_t i = 0; value != NULL && value->kind == VALUE_MAP && i < value->map.count; i++) {
        if (strcmp(value->map.at[i].key, key) == 0) {
            return value->map.at[i].value;
        }
    }
    return NULL;
}

/* Few values are one, and all others need not be larger for them. */
struct secret_value {
    struct value value;
    const struct value *parts;
};

const struct value *value_secret(struct arena *arena, const struct value *parts)
{
    struct buffer shown = {0};
    for (size_t i = 0; i < parts->list.count; i++) {
        const struct value *part = parts->list.at[i], *name = value_find(part, "name");
        if (name == NULL)
            buffer_add(&shown, part->text.at, part->text.length);
        else
            buffer_format(&shown, "%s%s.%s%s", OPEN, value_find(part, "step") ? "steps" : "secrets",
                          name->text.at, CLOSE);
    }
    struct secret_value *secret = arena_alloc(arena, sizeof *secret);
    secret->value.kind = VALUE_SECRET;
    secret->value.text = (struct text){arena_copy(arena, shown.at, shown.length), shown.length};
    secret->parts = parts;
    buffer_free(&shown);
    return &secret->value;
}

const struct value *value_secret_parts(const struct value *secret)
{
    assert(secret->kind == VALUE_SECRET);
    return ((const struct secret_value *)(const void *)secret)->parts;
}

const struct value *value_member(struct arena *arena, const struct value *value, const char *key)
{
    if (value->kind == VALUE_UNKNOWN) {
        return unknown_member(arena, value->text, key);
    }
    const struct value *found = value_find(value, key);
    return found != NULL ? found : &value_unset;
}

bool value_has_unknown(const struct value *value)
{
    if (value->kind == VALUE_LIST) {
        for (size_t i = 0; i < value->list.count; i++) {
            if (value_has_unknown(value->list.at[i])) {
                return true;
            }
        }
    } else if (value->kind == VALUE_MAP) {
        for (size_t i = 0; i < value->map.count; i++) {
            if (value_has_unknown(value->map.at[i].value)) {
                return true;
            }
        }
    }
    return value->kind == VALUE_UNKNOWN;
}

static bool list_equal(const struct value *a, const struct value *b)
{
    if (a->list.count != b->list.count) {
        return false;
    }
    for (size_t i = 0; i < a->list.count; i++) {
        if (!value_equal(a->list.at[i], b->list.at[i])) {
            return false;
        }
    }
    return true;
}

static int by_key(const void *a, const void *b)
{
    const struct member *const *left = a;
    const struct member *const *right = b;
    return strcmp((*left)->key, (*right)->key);
}

/* The members of MAP in the order of their keys; the caller frees the array. */
static const struct member **sorted_members(const struct value *map)
{
    const struct member **sorted = memory_resize(NULL, map->map.count * sizeof *sorted);
    for (size_t i = 0; i < map->map.count; i++) {
        sorted[i] = &map->map.at[i];
    }
    qsort(sorted, map->map.count, sizeof *sorted, by_key);
    return sorted;
}

/* Are keys and values the same, place by place? */
static bool members_equal(const struct member *a, const struct member *b)
{
    return strcmp(a->key, b->key) == 0 && value_equal(a->value, b->value);
}

/* The order of members means nothing; most often it is the same. */
static bool map_equal(const struct value *a, const struct value *b)
{
    size_t count = a->map.count;
    if (count != b->map.count) {
        return false;
    }
    size_t same = 0;
    while (same < count && strcmp(a->map.at[same].key, b->map.at[same].key) == 0) {
        if (!value_equal(a->map.at[same].value, b->map.at[same].value)) {
            return false;
        }
        same++;
    }
    if (same == count) {
        return true;
    }
    const struct member **left = sorted_members(a);
    const struct member **right = sorted_members(b);
    bool equal = true;
    for (size_t i = 0; i < count && equal; i++) {
        equal = members_equal(left[i], right[i]);
    }
    free(left);
    free(right);
    return equal;
}

static bool is_number(const struct value *value)
{
    return value->kind == VALUE_INT || value->kind == VALUE_FLOAT;
}

bool value_equal(const struct value *a, const struct value *b)
{
    if (a->kind != b->kind) {
        return is_number(a) && is_number(b) && value_compare(a, b) == 0;
    }
    switch (a->kind) {
    case VALUE_UNSET:
        return true;
    case VALUE_SECRET:
        return value_equal(value_secret_parts(a), value_secret_parts(b));
    case VALUE_TEXT:
    case VALUE_UNKNOWN:
        return text_equal(a->text, b->text);
    case VALUE_INT:
    case VALUE_DURATION:
    case VALUE_SIZE:
    case VALUE_TIME:
        return a->integer == b->integer;
    case VALUE_FLOAT:
        return value_compare(a, b) == 0;
    case VALUE_BOOL:
        return a->truth == b->truth;
    case VALUE_LIST:
        return list_equal(a, b);
    case VALUE_MAP:
        return map_equal(a, b);
    }
    return false;
}

/* A long double holds every int and every double exactly, so that they meet without a loss. */
static long double exact(const struct value *value)
{
    return value->kind == VALUE_INT ? (long double)value->integer : (long double)value->real;
}

int value_compare(const struct value *a, const struct value *b)
{
    if (a->kind == VALUE_TEXT || a->kind == VALUE_UNKNOWN || a->kind == VALUE_SECRET) {
        int order = text_compare(a->text, b->text);
        return (order > 0) - (order < 0);
    }
    if (a->kind == VALUE_FLOAT || b->kind == VALUE_FLOAT) {
        long double left = exact(a);
        long double right = exact(b);
        return (left > right) - (left < right);
    }
    if (a->kind == VALUE_BOOL) {
        return (int)a->truth - (int)b->truth;
    }
    return (a->integer > b->integer) - (a->integer < b->integer);
}
