#include "lang/value.h"

#include "base/arena.h"

#include <string.h>

const struct value *value_copy(struct arena *arena, const struct value *value)
{
    switch (value->kind) {
    case VALUE_UNSET:
        return &value_unset;
    case VALUE_BOOL:
        return value_bool(value->truth);
    case VALUE_TEXT:
        return value_text(arena, value->text);
    case VALUE_UNKNOWN:
        return value_unknown_text(arena, value->text);
    case VALUE_SECRET:
        return value_secret(arena, value_copy(arena, value_secret_parts(value)));
    case VALUE_FLOAT:
        return value_float(arena, value->real);
    case VALUE_INT:
    case VALUE_DURATION:
    case VALUE_SIZE:
    case VALUE_TIME:
        return value_integer(arena, value->kind, value->integer);
    case VALUE_LIST: {
        const struct value **at = arena_alloc(arena, (value->list.count + 1) * sizeof *at);
        for (size_t i = 0; i < value->list.count; i++)
            at[i] = value_copy(arena, value->list.at[i]);
        return value_list(arena, at, value->list.count);
    }
    case VALUE_MAP: {
        struct member *at = arena_alloc(arena, (value->map.count + 1) * sizeof *at);
        for (size_t i = 0; i < value->map.count; i++) {
            const struct member *from = &value->map.at[i];
            at[i].key = arena_copy(arena, from->key, strlen(from->key));
            at[i].value = value_copy(arena, from->value);
        }
        return value_map(arena, at, value->map.count);
    }
    }
    return &value_unset;
}
