/* The schema of values. A place takes the scalar as text, as this language reads it, or as what
 * other YAML tools made of it; and `${…}`, unless it is fixed. Patterns are such that ECMAScript,
 * PCRE and Python agree on them. */
#include "lang/schema_own.h"

#include "base/arena.h"
#include "base/text.h"
#include "lang/type.h"

#include <string.h>

#define HOLDS_EXPRESSION "\\$\\{"
#define OR_EXPRESSION    "|" HOLDS_EXPRESSION
#define DIGITS           "[0-9]+(\\.[0-9]+)?"
#define INTEGER          "-?(0|[1-9][0-9]*)"
#define DURATION         "(" DIGITS "d)?(" DIGITS "h)?(" DIGITS "m)?(" DIGITS "s)?(" DIGITS "ms)?"
/* Names that other YAML tools read as something else than a text are none here. */
#define ID "(?!(on|off|yes|no|y|n|true|false|null)$)[a-z][a-z0-9_]*"

struct scalar {
    const char *name;
    const char *types;   /* of JSON, with a space between */
    const char *pattern; /* of the text; NULL: any */
    const char *wanted;  /* what an editor says of anything else */
};

#define TEXT "string number boolean"
static const struct scalar scalars[] = {
    {"value.string", TEXT, NULL, "expected a text"},
    {"value.string_or_secret", TEXT, NULL, "expected a text"},
    {"value.path", TEXT, "^[\\s\\S]", "expected a path"},
    {"value.regex", TEXT, NULL, "expected a pattern"},
    {"value.url", "string", "^[A-Za-z][A-Za-z0-9+.-]*://[\\s\\S]" OR_EXPRESSION,
     "expected a URL such as http://localhost:3000/health"},
    {"value.int", "integer string", "^" INTEGER "$" OR_EXPRESSION, "expected a whole number"},
    {"value.float", "number string", "^" INTEGER "(\\.[0-9]+)?([eE][+-]?[0-9]+)?$" OR_EXPRESSION,
     "expected a number"},
    {"value.bool", "boolean string", "^(true|false)$" OR_EXPRESSION, "expected true or false"},
    {"value.duration", "string", "^-?(?=[0-9])" DURATION "$" OR_EXPRESSION,
     "expected a duration such as 90s or 1h30m"},
    {"value.size", "string", "^-?" DIGITS "(B|KiB|MiB|GiB|TiB)$" OR_EXPRESSION,
     "expected a size such as 512MiB or 20GiB"},
    {"value.time", "string",
     "^[0-9]{4}-[0-9]{2}-[0-9]{2}.[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2}"
     ")$" OR_EXPRESSION,
     "expected a time such as 2024-01-15T14:30:00Z"},
    {"value.secret", "string", HOLDS_EXPRESSION,
     "a secret is not written down: name it by ${secrets.NAME}"},
    {"text", TEXT, "^[\\s\\S]", "expected a text"},
    {"truth", "boolean string", "^(true|false)$", "expected true or false"},
    {"expr", "string", "^\\s*\\$\\{[\\s\\S]*\\}\\s*$", "expected one ${…} and nothing around it"},
    {"count", "integer string", "^[1-9][0-9]*$" OR_EXPRESSION,
     "expected a whole number of at least 1"},
    {"limit", "string", "^(?=[0-9])(?=.*[1-9])" DURATION "$" OR_EXPRESSION,
     "expected a duration longer than nothing, such as 90s or 1h30m"},
    {"pause", "string", "^(?=[0-9])" DURATION "$" OR_EXPRESSION,
     "expected a duration such as 0s, 90s or 1h30m"},
    {"percent", "string", "^0*([1-9][0-9]?|100)%$", "expected a share from 1% to 100%"},
    {"id", "string", "^" ID "$",
     "expected a name: a lower-case letter, then letters, digits and _"},
    {"resource", "string", "^[a-z0-9_]+:[\\s\\S]", "expected kind:name, such as volume:pgdata"},
    {"script", TEXT, "^(?!\\$\\{)(?![\\s\\S]*[^$]\\$\\{)",
     "a script or statement holds no ${…}: a value in it could become code"},
    {"file", TEXT, "^(?!\\$\\{)(?![\\s\\S]*[^$]\\$\\{)[^/]",
     "expected the runbook's file, by a fixed path from the folder of this one"},
};

static json_t *types_of(const char *words)
{
    json_t *types = json_array();
    for (const char *at = words; *at != '\0';) {
        size_t length = strcspn(at, " ");
        json_array_append_new(types, json_stringn(at, length));
        at += length + (at[length] == ' ');
    }
    if (json_array_size(types) > 1)
        return types;
    json_t *only = json_incref(json_array_get(types, 0));
    json_decref(types);
    return only;
}

static json_t *scalar_schema(const struct scalar *scalar)
{
    json_t *schema = json_object();
    json_object_set_new(schema, "type", types_of(scalar->types));
    if (scalar->pattern != NULL)
        json_object_set_new(schema, "pattern", json_string(scalar->pattern));
    json_object_set_new(schema, "errorMessage", json_string(scalar->wanted));
    return schema;
}

/* ---- types ---- */

const char *schema_type_name(struct arena *arena, const char *kind, const struct type *type)
{
    const char *text = type_print(arena, type);
    struct buffer name = {0};
    buffer_format(&name, "%s.", kind);
    for (const char *at = text; *at != '\0'; at++)
        if (*at == '<')
            buffer_text(&name, "_of_");
        else if (*at == '|')
            buffer_text(&name, "_or_");
        else if (*at == '?')
            buffer_text(&name, "_or_unset");
        else if (*at != '>')
            buffer_add(&name, at, 1);
    const char *copy = arena_copy(arena, name.at, name.length);
    buffer_free(&name);
    return copy;
}

/* A list or map is written as one, or comes whole out of a `${…}`. */
static json_t *collection(const char *type, const char *inside, json_t *element)
{
    return json_pack("{s:[s, s], s:s, s:o}", "type", type, "string", "pattern", HOLDS_EXPRESSION,
                     inside, element);
}

static json_t *record(struct schema *schema, const struct type *type)
{
    json_t *properties = json_object();
    for (size_t i = 0; i < type->field_count; i++)
        json_object_set_new(properties, type->fields[i].name,
                            schema_value(schema, type->fields[i].type));
    json_t *json = collection("object", "properties", properties);
    json_object_set_new(json, "additionalProperties", json_false());
    return json;
}

json_t *schema_value(struct schema *schema, const struct type *type)
{
    switch (type->kind) {
    case TYPE_LIST:
        return collection("array", "items", schema_value(schema, type->element));
    case TYPE_MAP:
        return collection("object", "additionalProperties", schema_value(schema, type->element));
    case TYPE_RECORD:
        return record(schema, type);
    case TYPE_JSON:
    case TYPE_NOTHING:
        return json_object();
    case TYPE_CONNECTION:
        return json_pack("{s:[o, o]}", "anyOf", schema_see("value.string"),
                         schema_see("connection"));
    case TYPE_STRING:
    case TYPE_INT:
    case TYPE_FLOAT:
    case TYPE_BOOL:
    case TYPE_DURATION:
    case TYPE_SIZE:
    case TYPE_TIME:
    case TYPE_PATH:
    case TYPE_URL:
    case TYPE_REGEX:
    case TYPE_SECRET:
        break;
    }
    const struct type *set = type_optional(schema->arena, type, false);
    return schema_see(schema_type_name(schema->arena, "value", set));
}

json_t *schema_value_unmapped(struct schema *schema, const struct type *type)
{
    switch (type->kind) {
    case TYPE_MAP:
    case TYPE_RECORD:
        return json_pack("{s:s, s:s}", "type", "string", "pattern", HOLDS_EXPRESSION);
    case TYPE_JSON:
        return json_pack("{s:[s, s, s, s, s]}", "type", "string", "number", "boolean", "array",
                         "null");
    case TYPE_CONNECTION:
        return schema_see("value.string");
    case TYPE_STRING:
    case TYPE_INT:
    case TYPE_FLOAT:
    case TYPE_BOOL:
    case TYPE_DURATION:
    case TYPE_SIZE:
    case TYPE_TIME:
    case TYPE_PATH:
    case TYPE_URL:
    case TYPE_REGEX:
    case TYPE_SECRET:
    case TYPE_LIST:
    case TYPE_NOTHING:
        break;
    }
    return schema_value(schema, type);
}

/* ---- words ---- */

/* The words that are a type by themselves; and those with something inside or behind them. */
static json_t *type_schema(void)
{
    size_t count = 0;
    const char *const *names = type_names(&count);
    json_t *words = json_array();
    struct buffer pattern = {0};
    buffer_text(&pattern, "^(list<|map<)*(string\\|secret");
    for (size_t i = 0; i < count; i++) {
        if (strchr(names[i], '<') != NULL)
            continue;
        json_array_append_new(words, json_string(names[i]));
        buffer_format(&pattern, "|%s", names[i]);
    }
    buffer_text(&pattern, ")>*\\??$");
    json_t *schema = json_pack("{s:s, s:[{s:o}, {s:s}]}", "type", "string", "anyOf", "enum", words,
                               "pattern", pattern.at);
    json_object_set_new(json_array_get(json_object_get(schema, "anyOf"), 1), "errorMessage",
                        json_string("expected a type: string, int, list<path>, duration? …"));
    buffer_free(&pattern);
    return schema;
}

static json_t *words_schema(const char *const *words)
{
    json_t *list = json_array();
    for (; *words != NULL; words++)
        json_array_append_new(list, json_string(*words));
    return json_pack("{s:o}", "enum", list);
}

void schema_define_values(struct schema *schema)
{
    for (size_t i = 0; i < sizeof scalars / sizeof *scalars; i++)
        schema_define(schema, scalars[i].name, scalar_schema(&scalars[i]));
    json_object_set_new(json_object_get(schema->definitions, "count"), "minimum", json_integer(1));
    schema_define(schema, "type", type_schema());
    schema_define(schema, "effect",
                  words_schema((const char *const[]){"read", "change", "destroy", NULL}));
    schema_define(schema, "ok", words_schema((const char *const[]){"ok", NULL}));
    schema_define(schema, "here", words_schema((const char *const[]){"here", NULL}));
    schema_define(schema, "place",
                  words_schema((const char *const[]){"exec", "shell", "check", NULL}));
    schema_define(schema, "tried_again",
                  words_schema((const char *const[]){"timeout", "verify", NULL}));
}
