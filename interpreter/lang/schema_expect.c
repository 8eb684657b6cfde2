/* The schema of expectations: what can be asked of an output, by its type. */
#include "lang/schema_own.h"

#include "base/arena.h"
#include "lang/expect.h"
#include "lang/model.h"
#include "lang/type.h"

#define ONE_EXPRESSION "^\\s*\\$\\{[\\s\\S]*\\}\\s*$"

static json_t *pointers(struct schema *schema, const struct type *place)
{
    return json_pack("{s:s, s:{s:s}, s:o}", "type", "object", "propertyNames", "pattern", "^(/|$)",
                     "additionalProperties", schema_matcher(schema, place));
}

static json_t *part(struct schema *schema, enum matcher_kind kind, const struct type *type)
{
    const struct type *place = expect_place(schema->arena, kind, type);
    switch (kind) {
    case MATCH_NOT:
    case MATCH_COUNT:
    case MATCH_EACH:
        return schema_matcher(schema, place);
    case MATCH_JSON:
        return pointers(schema, place);
    case MATCH_EQUAL:
    case MATCH_MIN:
    case MATCH_MAX:
    case MATCH_ONE_OF:
    case MATCH_MATCHES:
    case MATCH_CONTAINS:
    case MATCH_EXISTS:
        break;
    }
    return schema_value(schema, place);
}

static json_t *parts(struct schema *schema, const struct type *type)
{
    const struct key_table *table = keys_of(MAPPING_MATCHER);
    json_t *properties = json_object();
    for (size_t i = 0; i < table->count; i++) {
        enum matcher_kind kind = (enum matcher_kind)table->keys[i].at;
        if (expect_goes_with(kind, type))
            json_object_set_new(properties, table->keys[i].name,
                                schema_about(part(schema, kind, type), table->keys[i].about));
    }
    json_t *mapping = schema_object(properties, NULL);
    json_object_set_new(mapping, "minProperties", json_integer(1));
    return mapping;
}

json_t *schema_matcher(struct schema *schema, const struct type *type)
{
    const char *name = schema_type_name(schema->arena, "match", type);
    if (json_object_get(schema->definitions, name) == NULL) {
        schema_define(schema, name, json_object()); /* a matcher holds matchers of its own type */
        json_t *equal = schema_value_unmapped(schema, type_optional(schema->arena, type, false));
        schema_define(schema, name, json_pack("{s:[o, o]}", "anyOf", equal, parts(schema, type)));
    }
    return schema_see(name);
}

/* One bool that sees `result`, or a mapping of outputs. */
static json_t *expectation(const char *key, json_t *outputs)
{
    return json_pack("{s:[s, s], s:s, s:o}", "type", "object", "string", "pattern", ONE_EXPRESSION,
                     key, outputs);
}

void schema_define_expectation(struct schema *schema)
{
    schema_define(
        schema, "expectation",
        expectation("additionalProperties", schema_matcher(schema, type_scalar(TYPE_JSON))));
}

json_t *schema_expectation(struct schema *schema, const struct action *action)
{
    const char *name = arena_format(schema->arena, "expect.%s", action->name);
    if (json_object_get(schema->definitions, name) != NULL)
        return schema_see(name);
    json_t *outputs = json_object();
    for (size_t i = 0; i < action->result->field_count; i++) {
        const struct field *field = &action->result->fields[i];
        const struct param *output = map_get(&action->outputs, field->name);
        json_object_set_new(outputs, field->name,
                            schema_about(schema_matcher(schema, field->type),
                                         output != NULL ? output->about : NULL));
    }
    schema_define(schema, name, expectation("properties", outputs));
    return schema_see(name);
}
