/* Params and outputs: of a runbook, a library's action, a step. */
#include "lang/read.h"

#include "base/arena.h"
#include "lang/term.h"
#include "lang/type.h"
#include "lang/value.h"
#include "lang/yaml.h"

#include <string.h>

void read_typed_key(struct reader *reader, void *object, const struct key *key,
                    const struct pair *pair)
{
    struct param *param = object;
    if (param->type == NULL)
        return;
    /* What a step gives becomes a secret by its output's type. */
    bool made = reader->step != NULL && param->type->kind == TYPE_SECRET;
    const struct type *type = made ? type_parse(reader->arena, "string|secret") : param->type;
    *(const struct term **)((char *)object + key->at) =
        term_read(reader->arena, pair->value, type, reader->diagnostics);
}

/* What a constraint measures: a text by its pattern, a list by its members'. */
static const struct type *measured(const struct type *type)
{
    return type->kind == TYPE_LIST ? type->element : type;
}

static void no_meaning(struct reader *reader, const struct param *param, const struct pair *pair)
{
    diagnostic_add(reader->diagnostics, RB102, pair->key_mark, "take it out",
                   "'%s' has no meaning for a param of type %s", pair->key,
                   type_print(reader->arena, param->type));
}

/* What is compared before anything is known holds no `${…}`. */
static const struct term *read_constraint(struct reader *reader, const struct pair *pair,
                                          const struct type *type)
{
    const struct term *term = term_read(reader->arena, pair->value, type, reader->diagnostics);
    if (term == NULL || term->kind == TERM_CONSTANT)
        return term;
    diagnostic_add(reader->diagnostics, RB102, pair->value->mark,
                   "write the value itself; what depends on others is asked by `preconditions`",
                   "'%s' of a param is fixed", pair->key);
    return NULL;
}

static const struct type *limit_type(const struct type *type)
{
    switch (type->kind) {
    case TYPE_INT:
    case TYPE_FLOAT:
    case TYPE_DURATION:
    case TYPE_SIZE:
    case TYPE_TIME:
        return type;
    case TYPE_STRING:
    case TYPE_PATH:
    case TYPE_URL:
    case TYPE_REGEX:
    case TYPE_LIST:
        return type_scalar(TYPE_INT);
    case TYPE_BOOL:
    case TYPE_JSON:
    case TYPE_SECRET:
    case TYPE_CONNECTION:
    case TYPE_MAP:
    case TYPE_RECORD:
    case TYPE_NOTHING:
        break;
    }
    return NULL;
}

static void read_limit(struct reader *reader, const struct param *param, const struct pair *pair,
                       const struct term **limit)
{
    const struct type *type = limit_type(param->type);
    if (type == NULL)
        no_meaning(reader, param, pair);
    else
        *limit = read_constraint(reader, pair, type);
}

static void read_constraints(struct reader *reader, struct param *param, const struct found *found)
{
    const struct pair *pattern = keys_found(reader, MAPPING_PARAM, found, "pattern");
    const struct pair *one_of = keys_found(reader, MAPPING_PARAM, found, "one_of");
    const struct pair *min = keys_found(reader, MAPPING_PARAM, found, "min");
    const struct pair *max = keys_found(reader, MAPPING_PARAM, found, "max");
    const struct type *each = measured(param->type);
    if (pattern && !type_is_text(each))
        no_meaning(reader, param, pattern);
    else if (param->pattern && param->pattern->kind != TERM_CONSTANT)
        read_constraint(reader, pattern, type_scalar(TYPE_REGEX));
    if (one_of && !type_is_scalar(each))
        no_meaning(reader, param, one_of);
    else if (one_of && read_is_list(reader, one_of->value, "'one_of'", "one_of: [blue, green]"))
        param->one_of = read_constraint(reader, one_of, type_list(reader->arena, each));
    if (min)
        read_limit(reader, param, min, &param->min);
    if (max)
        read_limit(reader, param, max, &param->max);
    const struct pair *optional = keys_found(reader, MAPPING_PARAM, found, "optional");
    const struct pair *preset = keys_found(reader, MAPPING_PARAM, found, "default");
    if (optional && preset && param->optional)
        diagnostic_add(reader->diagnostics, RB102, optional->key_mark, "take one of them out",
                       "a param with a default is never unset, so 'optional' says nothing");
}

struct param *read_param(struct reader *reader, const struct pair *pair, bool output)
{
    enum mapping mapping = output ? MAPPING_OUTPUT : MAPPING_PARAM;
    struct param *param = arena_alloc(reader->arena, sizeof *param);
    param->arena = reader->arena;
    const char *what =
        arena_format(reader->arena, "%s '%s'", output ? "output" : "param", pair->key);
    struct found found;
    param->name = pair->key;
    param->mark = pair->key_mark;
    if (!read_is_map(reader, pair->value, what,
                     output ? "{type: string, value: '${…}'}" : "{type: string, default: …}"))
        return NULL;
    keys_collect(reader, mapping, pair->value, &found, NULL);
    keys_missing(reader, mapping, &found, pair->key_mark, what);
    keys_read(reader, mapping, &found, false, param);
    if (param->type != NULL && !output) {
        param->optional = param->optional || param->type->optional;
        param->type = type_optional(reader->arena, param->type, false);
    }
    keys_read(reader, mapping, &found, true, param);
    if (param->type == NULL)
        return NULL;
    if (!output)
        read_constraints(reader, param, &found);
    return param;
}

static void read_all(struct reader *reader, struct map *into, const struct pair *pair, bool output)
{
    const char *what = arena_format(reader->arena, "'%s'", pair->key);
    if (!read_is_map(reader, pair->value, what,
                     output ? "outputs: {name: {type: …, value: …}}" : "params: {name: {type: …}}"))
        return;
    for (size_t i = 0; i < pair->value->count; i++) {
        const struct pair *each = &pair->value->pairs[i];
        bool named = read_is_id(reader, each->key, each->key_mark);
        struct param *param = read_param(reader, each, output);
        if (named && param != NULL)
            map_put(reader->arena, into, each->key, param);
    }
}

void read_params_key(struct reader *reader, void *object, const struct key *key,
                     const struct pair *pair)
{
    read_all(reader, (struct map *)((char *)object + key->at), pair, false);
}

/* What every step gives can't be the name of an output too: `steps.x.state` would be two things. */
static bool is_given_by_every_step(const char *name)
{
    return strcmp(name, "state") == 0 || strcmp(name, "started") == 0 ||
           strcmp(name, "ended") == 0 || strcmp(name, "attempts") == 0;
}

void read_outputs_key(struct reader *reader, void *object, const struct key *key,
                      const struct pair *pair)
{
    struct map *outputs = (struct map *)((char *)object + key->at);
    read_all(reader, outputs, pair, true);
    for (size_t i = 0; i < outputs->count; i++) {
        const struct param *output = outputs->at[i].value;
        if (is_given_by_every_step(output->name))
            diagnostic_add(reader->diagnostics, RB101, output->mark, "take another name",
                           "every step gives '%s' already: `steps.ID.%s`", output->name,
                           output->name);
    }
}

/* ---- records ---- */

const struct type *record_of_outputs(struct arena *arena, const struct map *outputs)
{
    struct field *fields = arena_alloc(arena, (outputs->count + 1) * sizeof *fields);
    for (size_t i = 0; i < outputs->count; i++) {
        const struct param *output = outputs->at[i].value;
        fields[i] =
            (struct field){output->name, output->optional ? type_optional(arena, output->type, true)
                                                          : output->type};
    }
    return type_record(arena, NULL, fields, outputs->count);
}

const struct type *record_of_step(struct arena *arena, const struct type *outputs)
{
    static const struct {
        const char *name;
        enum type_kind kind;
    } given[] = {
        {"state", TYPE_STRING},      {"started", TYPE_TIME}, {"ended", TYPE_TIME},
        {"duration", TYPE_DURATION}, {"attempts", TYPE_INT},
    };
    size_t count = outputs->field_count;
    struct field *fields = arena_alloc(arena, (count + 5) * sizeof *fields);
    memcpy(fields, outputs->fields, count * sizeof *fields);
    for (size_t i = 0; i < sizeof given / sizeof given[0]; i++)
        if (type_member(outputs, given[i].name) == NULL)
            fields[count++] = (struct field){given[i].name, type_scalar(given[i].kind)};
    return type_record(arena, NULL, fields, count);
}
