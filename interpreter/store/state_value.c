/* What the state keeps: copies, so that it owes nothing to who made an event. */
#include "store/state_own.h"

#include "base/arena.h"
#include "lang/value.h"

#include <string.h>

const char *state_keep(struct state *state, const char *text)
{
    return text == NULL ? NULL : arena_copy(state->arena, text, strlen(text));
}

const char *state_share(struct state *state, const char *text)
{
    if (text == NULL) {
        return NULL;
    }
    char *kept = map_get(&state->texts, text);
    if (kept == NULL) {
        kept = arena_copy(state->arena, text, strlen(text));
        map_put(state->arena, &state->texts, kept, kept);
    }
    return kept;
}

static const struct value *keep_list(struct arena *arena, const struct value *list)
{
    const struct value **at = arena_alloc(arena, (list->list.count + 1) * sizeof *at);
    for (size_t i = 0; i < list->list.count; i++) {
        at[i] = state_keep_value(arena, list->list.at[i]);
    }
    struct value *copy = arena_alloc(arena, sizeof *copy);
    copy->kind = VALUE_LIST;
    copy->list.at = at;
    copy->list.count = list->list.count;
    return copy;
}

static const struct value *keep_map(struct arena *arena, const struct value *map)
{
    struct member *at = arena_alloc(arena, (map->map.count + 1) * sizeof *at);
    for (size_t i = 0; i < map->map.count; i++) {
        const char *key = map->map.at[i].key;
        at[i].key = arena_copy(arena, key, strlen(key));
        at[i].value = state_keep_value(arena, map->map.at[i].value);
    }
    struct value *copy = arena_alloc(arena, sizeof *copy);
    copy->kind = VALUE_MAP;
    copy->map.at = at;
    copy->map.count = map->map.count;
    return copy;
}

static const struct value *keep_scalar(struct arena *arena, const struct value *value)
{
    struct value *copy = arena_alloc(arena, sizeof *copy);
    *copy = *value;
    if (value->kind == VALUE_TEXT || value->kind == VALUE_UNKNOWN) {
        copy->text.at = arena_copy(arena, value->text.at, value->text.length);
    }
    return copy;
}

const struct value *state_keep_value(struct arena *arena, const struct value *value)
{
    if (value == NULL || value == &value_unset || value == &value_true || value == &value_false) {
        return value;
    }
    switch (value->kind) {
    case VALUE_LIST:
        return keep_list(arena, value);
    case VALUE_MAP:
        return keep_map(arena, value);
    case VALUE_UNSET:
    case VALUE_TEXT:
    case VALUE_INT:
    case VALUE_FLOAT:
    case VALUE_BOOL:
    case VALUE_DURATION:
    case VALUE_SIZE:
    case VALUE_TIME:
    case VALUE_UNKNOWN:
        break;
    case VALUE_SECRET:
        return value_secret(arena, state_keep_value(arena, value_secret_parts(value)));
    }
    return keep_scalar(arena, value);
}

size_t state_weight(const struct value *value)
{
    size_t weight = sizeof *value;
    if (value->kind == VALUE_SECRET) {
        weight += value->text.length + state_weight(value_secret_parts(value));
    } else if (value->kind == VALUE_TEXT || value->kind == VALUE_UNKNOWN) {
        weight += value->text.length;
    } else if (value->kind == VALUE_LIST) {
        for (size_t i = 0; i < value->list.count; i++) {
            weight += sizeof(void *) + state_weight(value->list.at[i]);
        }
    } else if (value->kind == VALUE_MAP) {
        for (size_t i = 0; i < value->map.count; i++) {
            weight += sizeof(struct member) + strlen(value->map.at[i].key) +
                      state_weight(value->map.at[i].value);
        }
    }
    return weight;
}

const struct value *state_merge(struct arena *arena, const struct value *base,
                                const struct value *add)
{
    size_t count = base == NULL ? 0 : base->map.count;
    struct member *at = arena_alloc(arena, (count + add->map.count + 1) * sizeof *at);
    for (size_t i = 0; i < count; i++) {
        const struct value *newer = value_find(add, base->map.at[i].key);
        at[i].key = base->map.at[i].key;
        at[i].value = newer == NULL ? base->map.at[i].value : newer;
    }
    for (size_t i = 0; i < add->map.count; i++) {
        if (value_find(base, add->map.at[i].key) == NULL) {
            at[count++] = add->map.at[i];
        }
    }
    struct value *merged = arena_alloc(arena, sizeof *merged);
    merged->kind = VALUE_MAP;
    merged->map.at = at;
    merged->map.count = count;
    return merged;
}

const char *state_text(struct folding *folding, enum event_field field)
{
    return state_keep(folding->state, event_text(folding->event, field));
}

const char *state_word(struct folding *folding, enum event_field field)
{
    return state_share(folding->state, event_text(folding->event, field));
}

const struct value *state_value(struct folding *folding, enum event_field field)
{
    return state_keep_value(folding->state->arena, event_value(folding->event, field));
}
