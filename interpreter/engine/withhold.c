#include "engine/withhold.h"

#include "base/arena.h"
#include "lang/secret.h"
#include "lang/type.h"
#include "lang/value.h"
#include "plan/bind.h"

static bool is_secret(const struct param *output)
{
    return output->type->kind == TYPE_SECRET;
}

bool withhold_any(const struct step *step)
{
    for (size_t i = 0; i < step->outputs.count; i++)
        if (is_secret(step->outputs.at[i].value))
            return true;
    return false;
}

/* What the record has of it. */
static const struct value *given_by(struct arena *arena, const char *name, const char *output)
{
    const struct member members[] = {
        {"name", value_string(arena, arena_format(arena, "%s.%s", name, output))},
        {"step", value_string(arena, name)},
    };
    return value_map(arena, members, 2);
}

/* One that is a secret already (a runbook's own, handed on) stays what it is. */
static const struct value *learn(struct arena *arena, struct secrets *secrets, const char *name,
                                 const struct param *output, const struct value *value,
                                 struct problem *problem)
{
    const char *why = NULL;
    if (value->kind == VALUE_SECRET || value->kind == VALUE_UNSET)
        return value;
    const struct value *part = given_by(arena, name, output->name);
    if (secrets_learn(secrets, part, secrets_reveal(arena, secrets, value), &why))
        return value_secret(arena, value_list(arena, &part, 1));
    problem->message =
        arena_format(arena, "the output '%s' can't be a secret: %s", output->name, why);
    return NULL;
}

const struct value *withhold_learn(struct arena *arena, struct secrets *secrets,
                                   const struct step *step, const char *name,
                                   const struct moment *moment, struct problem *problem)
{
    struct member *members = arena_alloc(arena, (step->outputs.count + 1) * sizeof *members);
    size_t count = 0;
    for (size_t i = 0; i < step->outputs.count; i++) {
        const struct param *output = step->outputs.at[i].value;
        if (!is_secret(output))
            continue;
        const struct value *value = bind_term(arena, output->value, &value_unset, moment, problem);
        value = value ? learn(arena, secrets, name, output, value, problem) : NULL;
        if (value == NULL)
            return NULL;
        members[count++] = (struct member){output->name, value};
    }
    return value_map(arena, members, count);
}

const struct value *withhold_in(struct arena *arena, const struct value *outputs,
                                const struct value *withheld)
{
    if (withheld == NULL)
        return outputs;
    struct member *members = arena_alloc(arena, (outputs->map.count + 1) * sizeof *members);
    for (size_t i = 0; i < outputs->map.count; i++) {
        const struct member *member = &outputs->map.at[i];
        const struct value *found = value_find(withheld, member->key);
        members[i] = (struct member){member->key, found ? found : member->value};
    }
    return value_map(arena, members, outputs->map.count);
}

struct looking {
    const struct secrets *secrets;
    bool lost;
};

static void look(void *data, const struct value *part)
{
    struct looking *looking = data;
    if (value_find(part, "step") != NULL && !secrets_know(looking->secrets, part))
        looking->lost = true;
}

bool withhold_lost(const struct secrets *secrets, const struct value *value)
{
    struct looking looking = {.secrets = secrets};
    if (secrets != NULL && value != NULL)
        secrets_each(value, look, &looking);
    return looking.lost;
}
