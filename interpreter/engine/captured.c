#include "engine/captured.h"

#include "base/arena.h"
#include "lang/check.h"
#include "lang/model.h"
#include "lang/value.h"
#include "plan/bind.h"

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

const struct value *captured_known(struct arena *arena, const struct step *step,
                                   const struct map *outputs, const struct value *inputs,
                                   const struct moment *moment)
{
    struct member *members = arena_alloc(arena, (outputs->count + 1) * sizeof *members);
    size_t count = 0;
    for (size_t i = 0; i < outputs->count; i++) {
        const struct param *output = outputs->at[i].value;
        struct problem problem = {0};
        const struct value *value = NULL;
        if (!output_of_params(arena, step, output->name))
            continue;
        if (output->value != NULL)
            value = bind_term(arena, output->value, NULL, moment, &problem);
        else if (inputs != NULL)
            value = value_member(arena, inputs, output->name);
        if (value != NULL && value->kind != VALUE_UNSET)
            members[count++] = (struct member){output->name, value};
    }
    return value_map(arena, members, count);
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
