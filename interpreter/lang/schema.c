#include "lang/schema.h"

#include "lang/schema_own.h"

#include "base/list.h"
#include "lang/type.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* ---- what the parts share ---- */

json_t *schema_see(const char *name)
{
    char reference[300];
    snprintf(reference, sizeof reference, "#/definitions/%s", name);
    return json_pack("{s:s}", "$ref", reference);
}

void schema_define(struct schema *schema, const char *name, json_t *definition)
{
    json_object_set_new(schema->definitions, name, definition);
}

json_t *schema_about(json_t *schema, const char *about)
{
    if (about != NULL && about[0] != '\0')
        json_object_set_new(schema, "description", json_string(about));
    return schema;
}

json_t *schema_object(json_t *properties, json_t *required)
{
    json_t *schema = json_pack("{s:s, s:o, s:b}", "type", "object", "properties", properties,
                               "additionalProperties", 0);
    if (json_array_size(required) > 0)
        json_object_set(schema, "required", required);
    json_decref(required);
    return schema;
}

/* ---- mappings ---- */

/* Those of them that are a definition by themselves; the others are made elsewhere. */
static const char *const names[] = {
    [MAPPING_RUNBOOK] = "runbook",     [MAPPING_PARAM] = "param",
    [MAPPING_OUTPUT] = "output",       [MAPPING_DEFAULTS] = "defaults",
    [MAPPING_STEP] = "step",           [MAPPING_FOREACH] = "foreach",
    [MAPPING_REPEAT] = "repeat",       [MAPPING_APPROVE] = "approve",
    [MAPPING_RETRY] = "retry",         [MAPPING_CHECK] = "check",
    [MAPPING_BLOCK] = "block",         [MAPPING_LIBRARY] = "library",
    [MAPPING_ACTION] = "action",       [MAPPING_MATCHER] = NULL, /* by type: schema_expect.c */
    [MAPPING_SECRET] = "secret",       [MAPPING_CONNECTION] = "connection",
    [MAPPING_POSTGRES] = "postgres",   [MAPPING_MONITOR] = "monitor",
    [MAPPING_CONDITION] = "condition", [MAPPING_STRIKES] = "strikes",
    [MAPPING_BREAKER] = "breaker",     [MAPPING_LIMIT] = "limit_of_runs",
    [MAPPING_TRAPS] = "traps",         [MAPPING_TRAP] = "trap",
};
static_assert(sizeof names / sizeof names[0] == MAPPING_COUNT, "a name for each mapping");

/* ENTRY: of a step, without the keys that an entry of `undo` or `release` does not have. */
static json_t *mapping(struct schema *schema, enum mapping mapping, bool entry)
{
    const struct key_table *table = keys_of(mapping);
    json_t *properties = json_object(), *required = json_array();
    for (size_t i = 0; i < table->count; i++) {
        const struct key *key = &table->keys[i];
        if (entry && key->no_release)
            continue;
        json_object_set_new(properties, key->name, schema_key(schema, mapping, key));
        if (key->mandatory)
            json_array_append_new(required, json_string(key->name));
    }
    return schema_object(properties, required);
}

static json_t *with_actions(struct schema *schema, enum mapping of, bool entry,
                            const struct list *actions)
{
    json_t *all = mapping(schema, of, entry);
    schema_add_actions(json_object_get(all, "properties"), actions, of == MAPPING_CHECK);
    json_object_set_new(
        all, "allOf",
        json_pack("[o]", schema_see(of == MAPPING_CHECK ? "one_question" : "one_action")));
    return all;
}

/* One of these keys and no second. */
static void exactly_one(json_t *definition, const char *const *keys)
{
    json_t *ways = json_array();
    for (; *keys != NULL; keys++)
        json_array_append_new(ways, json_pack("{s:[s]}", "required", *keys));
    json_object_set_new(definition, "oneOf", ways);
}

/* ---- a param's value is of its type ---- */

static bool has_limits(const struct type *type)
{
    return type_is_number(type) || type->kind == TYPE_TIME || type_is_text(type);
}

static json_t *of_kind(struct schema *schema, const struct type *type, bool output)
{
    const struct type *list = type_list(schema->arena, type);
    json_t *then = json_object();
    json_object_set_new(then, output ? "value" : "default", schema_value(schema, type));
    if (output)
        return then;
    json_object_set_new(then, "one_of", schema_value(schema, list));
    if (!type_is_text(type))
        json_object_set_new(then, "pattern", json_false());
    const struct type *limit = type_is_text(type) ? type_scalar(TYPE_INT) : type;
    json_object_set_new(then, "min", has_limits(type) ? schema_value(schema, limit) : json_false());
    json_object_set_new(then, "max", has_limits(type) ? schema_value(schema, limit) : json_false());
    return then;
}

/* For each type that is one word: what a `type` of that name asks of the keys beside it. */
static void of_its_type(struct schema *schema, json_t *definition, bool output)
{
    size_t count = 0;
    const char *const *words = type_names(&count);
    json_t *rules = json_array();
    for (size_t i = 0; i < count; i++) {
        const struct type *type = type_parse(schema->arena, words[i]);
        if (type == NULL || !type_is_scalar(type) || type->kind == TYPE_SECRET)
            continue;
        char optional[32];
        snprintf(optional, sizeof optional, "%s?", words[i]);
        json_array_append_new(rules, json_pack("{s:{s:{s:{s:[s, s]}}, s:[s]}, s:{s:o}}", "if",
                                               "properties", "type", "enum", words[i], optional,
                                               "required", "type", "then", "properties",
                                               of_kind(schema, type, output)));
    }
    json_object_set_new(definition, "allOf", rules);
}

static json_t *definition(struct schema *schema, const char *name)
{
    return json_object_get(schema->definitions, name);
}

/* What the keys of one mapping ask of one another. */
static void add_rules(struct schema *schema)
{
    exactly_one(definition(schema, "secret"),
                (const char *const[]){"env", "file", "command", NULL});
    exactly_one(definition(schema, "condition"), (const char *const[]){"strikes", "breaker", NULL});
    json_object_set_new(definition(schema, "step"), "dependencies",
                        json_pack("{s:{s:{s:{s:{s:s}}}, s:{s:[s]}}}", "done_if", "if", "properties",
                                  "done_if", "const", "verified", "then", "required", "verify"));
    of_its_type(schema, definition(schema, "param"), false);
    of_its_type(schema, definition(schema, "output"), true);
    /* One with a default is never unset. */
    json_object_set_new(definition(schema, "param"), "dependencies",
                        json_pack("{s:{s:{s:{s:[b, s]}}}}", "default", "properties", "optional",
                                  "enum", 0, "false"));
}

/* ---- the whole ---- */

/* The kinds of files, by the key that makes a file one of them. */
static const struct {
    const char *key, *about;
} kinds[] = {
    {"runbook", NULL}, /* its own key says it */
    {"library", "a library of actions, in `library/` beside the runbooks"},
    {"monitor", "a monitor: what `runbook watch` asks, and what it runs then"},
    {"traps", "a table of traps, `library/traps.yaml` beside the runbooks"},
};

/* What has the key of none is told what a runbook lacks. */
static json_t *of_its_kind(void)
{
    json_t *rule = schema_see(kinds[0].key);
    for (size_t i = sizeof kinds / sizeof *kinds; i-- > 0;)
        rule = json_pack("{s:{s:[s]}, s:o, s:o}", "if", "required", kinds[i].key, "then",
                         schema_see(kinds[i].key), "else", rule);
    return rule;
}

static json_t *root(struct schema *schema)
{
    json_t *properties = json_object(); /* for who has written none of them yet */
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        json_object_set_new(properties, kinds[i].key, schema_about(json_object(), kinds[i].about));
    json_t *all =
        json_pack("{s:s, s:s, s:s, s:o}", "$schema", "http://json-schema.org/draft-07/schema#",
                  "title", "runbook", "type", "object", "properties", properties);
    json_object_update_new(all, of_its_kind());
    json_object_set(all, "definitions", schema->definitions);
    return all;
}

json_t *schema_make(struct arena *arena, const struct list *actions)
{
    struct schema schema = {arena, json_object()};
    schema_define_values(&schema);
    schema_define_collections(&schema);
    for (size_t i = 0; i < MAPPING_COUNT; i++)
        if (names[i] != NULL && i != MAPPING_STEP && i != MAPPING_CHECK)
            schema_define(&schema, names[i], mapping(&schema, (enum mapping)i, false));
    schema_define(&schema, "step", with_actions(&schema, MAPPING_STEP, false, actions));
    schema_define(&schema, "entry", with_actions(&schema, MAPPING_STEP, true, actions));
    schema_define(&schema, "check", with_actions(&schema, MAPPING_CHECK, false, actions));
    schema_define_expectation(&schema);
    schema_define_actions(&schema, actions);
    add_rules(&schema);
    json_t *all = root(&schema);
    json_decref(schema.definitions);
    return all;
}
