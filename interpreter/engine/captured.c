#include "engine/captured.h"

#include "base/arena.h"
#include "lang/model.h"
#include "lang/value.h"

#include <string.h>

const struct expectation *captured_expect(struct arena *arena, const struct step *step, bool own)
{
    const struct expectation *whole = step->expect;
    if (whole == NULL || whole->expr != NULL || step->outputs.count == 0)
        return own ? whole : NULL;
    struct expectation *part = arena_alloc(arena, sizeof *part);
    *part = *whole;
    part->outputs = (struct map){0};
    for (size_t i = 0; i < whole->outputs.count; i++)
        if ((map_get(&step->outputs, whole->outputs.at[i].key) == NULL) == own)
            map_put(arena, &part->outputs, whole->outputs.at[i].key, whole->outputs.at[i].value);
    return part;
}

const struct value *captured_join(struct arena *arena, const struct value *a, const struct value *b)
{
    struct member *members =
        arena_alloc(arena, (a->map.count + b->map.count + 1) * sizeof *members);
    if (a->map.count > 0)
        memcpy(members, a->map.at, a->map.count * sizeof *members);
    if (b->map.count > 0)
        memcpy(members + a->map.count, b->map.at, b->map.count * sizeof *members);
    return value_map(arena, members, a->map.count + b->map.count);
}
