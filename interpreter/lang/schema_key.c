/* The schema of keys: what each reading of keys.h takes. */
#include "lang/schema_own.h"

#include "base/arena.h"
#include "base/diagnostic.h"
#include "base/text.h"
#include "lang/type.h"

#include <assert.h>
#include <string.h>

/* The definition of what a reading takes; NULL: it is made for the key (special). */
static const char *const of_reading[] = {
    [READ_APART] = NULL,
    [READ_TEXT] = "value.string",
    [READ_DURATION] = NULL,
    [READ_PATH] = "value.path",
    [READ_COUNT] = "count",
    [READ_FLOAT] = "value.float",
    [READ_VALUES] = "values",
    [READ_ENVIRONMENT] = "environment",
    [READ_EXPR] = "expr",
    [READ_ID] = "id",
    [READ_PROSE] = "text",
    [READ_BOOL] = "truth",
    [READ_EFFECT] = "effect",
    [READ_OK] = "ok",
    [READ_ALSO] = "also",
    [READ_HOST] = "here",
    [READ_TYPE] = "type",
    [READ_TYPED] = NULL,
    [READ_PATTERN] = "value.regex",
    [READ_RESOURCES] = "resources",
    [READ_ALLOW] = "allow",
    [READ_PARAMS] = "params",
    [READ_OUTPUTS] = "outputs",
    [READ_DEFAULTS] = "defaults",
    [READ_CHECKS] = "checks",
    [READ_BLOCK] = "checks_or_block",
    [READ_DONE_IF] = "done_if",
    [READ_EXPECT] = "expectation",
    [READ_FOREACH] = "foreach",
    [READ_REPEAT] = "repeat",
    [READ_APPROVE] = "approve",
    [READ_PEOPLE] = "people",
    [READ_RETRY] = "retry",
    [READ_RELEASE] = "entries",
    [READ_UNDO] = "entries",
    [READ_STEPS] = "steps",
    [READ_ON_FAILURE] = "steps",
    [READ_ACTIONS] = "actions",
    [READ_ARGV] = "argv",
    [READ_SECRET] = "value.secret",
    [READ_SECRETS] = "secrets",
    [READ_CONNECTIONS] = "connections",
    [READ_PERCENT] = "percent",
    [READ_CONDITIONS] = "conditions",
    [READ_STRIKES] = "strikes",
    [READ_BREAKER] = "breaker",
    [READ_LIMIT] = "limit_of_runs",
};
static_assert(sizeof of_reading / sizeof of_reading[0] == READING_COUNT, "what each reading takes");

/* What the readers of mappings read apart. */
static const struct {
    enum mapping mapping;
    const char *key;
    const char *definition;
} apart[] = {
    {MAPPING_STEP, "needs", "ids"},         {MAPPING_STEP, "idempotent", "truth"},
    {MAPPING_STEP, "effect", "effect"},     {MAPPING_CHECK, "any", "checks"},
    {MAPPING_CHECK, "not", "check"},        {MAPPING_ACTION, "steps", "steps"},
    {MAPPING_CONDITION, "run", "run"},      {MAPPING_CONNECTION, "postgres", "postgres"},
    {MAPPING_PARAM, "one_of", "constants"}, {MAPPING_PARAM, "min", "constant"},
    {MAPPING_PARAM, "max", "constant"},     {MAPPING_TRAPS, "traps", "traps_by_id"},
    {MAPPING_TRAPS, "about", "text"},       {MAPPING_TRAP, "code", "trap_code"},
    {MAPPING_TRAP, "words", "texts"},       {MAPPING_TRAP, "pattern", "text"},
    {MAPPING_TRAP, "unless", "text"},       {MAPPING_TRAP, "excused", "texts"},
    {MAPPING_TRAP, "in", "places"},         {MAPPING_TRAP, "catches", "texts"},
    {MAPPING_TRAP, "passes", "texts"},
};

static const char *definition_apart(enum mapping mapping, const char *name)
{
    for (size_t i = 0; i < sizeof apart / sizeof *apart; i++)
        if (apart[i].mapping == mapping && strcmp(apart[i].key, name) == 0)
            return apart[i].definition;
    return NULL;
}

/* "disable, allow, prefer": one of these, or what is computed. */
static json_t *words_or_expression(const char *words)
{
    json_t *list = json_array();
    for (const char *at = words; *at != '\0';) {
        size_t length = strcspn(at, ",");
        json_array_append_new(list, json_stringn(at, length));
        at += length + strspn(at + length, ", ");
    }
    return json_pack("{s:[{s:o}, {s:s, s:s}]}", "anyOf", "enum", list, "type", "string", "pattern",
                     "\\$\\{");
}

/* What a reader is told of a key: its sentence, what holds without it, how it is written. */
static const char *about_key(struct schema *schema, const struct key *key)
{
    struct buffer about = {0};
    buffer_text(&about, key->about);
    if (key->preset != NULL)
        buffer_format(&about, "\n\nDefault: %s", key->preset);
    if (key->example != NULL)
        buffer_format(&about, "\n\nExample: `%s`", key->example);
    const char *copy = arena_copy(schema->arena, about.at, about.length);
    buffer_free(&about);
    return copy;
}

static json_t *takes(enum mapping mapping, const struct key *key)
{
    if (key->reading == READ_APART) {
        const char *name = definition_apart(mapping, key->name);
        return name != NULL ? schema_see(name) : json_object();
    }
    if (key->reading == READ_DURATION)
        return schema_see(key->zero ? "pause" : "limit");
    if (key->reading == READ_TEXT && strstr(key->type, ", ") != NULL)
        return words_or_expression(key->type);
    const char *name = of_reading[key->reading];
    return name != NULL ? schema_see(name) : json_object();
}

json_t *schema_key(struct schema *schema, enum mapping mapping, const struct key *key)
{
    return schema_about(takes(mapping, key), about_key(schema, key));
}

/* ---- collections ---- */

/* Lists of one thing, and maps to one thing by names of one's own. */
static const struct {
    const char *name, *of;
    enum { LIST, BY_ID } kind;
    int least;
} collections[] = {
    {"checks", "check", LIST, 1},
    {"entries", "entry", LIST, 1},
    {"ids", "id", LIST, 0},
    {"argv", "value.string", LIST, 0},
    {"resources", "resource", LIST, 0},
    {"also", "tried_again", LIST, 0},
    {"steps", "step", BY_ID, 1},
    {"params", "param", BY_ID, 0},
    {"secrets", "secret", BY_ID, 0},
    {"connections", "connection", BY_ID, 0},
    {"texts", "text", LIST, 1},
    {"places", "place", LIST, 1},
    {"conditions", "condition", BY_ID, 1},
    {"traps_by_id", "trap", BY_ID, 0},
    {"actions", "action", BY_ID, 0},
};

static json_t *by_id(const char *of, int least)
{
    return json_pack("{s:s, s:{s:o}, s:o, s:i}", "type", "object", "propertyNames", "$ref",
                     json_string("#/definitions/id"), "additionalProperties", schema_see(of),
                     "minProperties", least);
}

static json_t *list_of(const char *of, int least)
{
    return json_pack("{s:s, s:o, s:i}", "type", "array", "items", schema_see(of), "minItems",
                     least);
}

/* What every step gives can't be the name of an output too. */
static json_t *outputs_schema(void)
{
    return json_pack("{s:s, s:{s:[o, {s:{s:[s, s, s, s]}}]}, s:o}", "type", "object",
                     "propertyNames", "allOf", schema_see("id"), "not", "enum", "state", "started",
                     "ended", "attempts", "additionalProperties", schema_see("output"));
}

/* The codes that begin with FAMILY and are no errors, in any case: PATTERN, and LIST for who reads.
 */
static void add_codes(const char *family, struct buffer *pattern, json_t *list)
{
    const char *before = "^[Rr][Bb](";
    for (size_t i = 0; i < DIAGNOSTIC_COUNT; i++) {
        const struct diagnostic_about *about = diagnostic_about((enum diagnostic_code)i);
        if (about->severity == SEVERITY_ERROR || strncmp(about->code, family, strlen(family)) != 0)
            continue;
        json_object_set_new(list, about->code,
                            schema_about(schema_see("value.string"), about->title));
        buffer_format(pattern, "%s%s", before, about->code + 2);
        before = "|";
    }
    buffer_text(pattern, ")$");
}

/* Of warnings, which alone can be accepted: code and why. */
static json_t *allow_schema(void)
{
    struct buffer pattern = {0};
    json_t *codes = json_object();
    add_codes("RB", &pattern, codes);
    json_t *schema = schema_object(codes, NULL);
    json_object_set_new(schema, "patternProperties",
                        json_pack("{s:o}", pattern.at, schema_see("value.string")));
    buffer_free(&pattern);
    return schema;
}

static json_t *trap_code_schema(void)
{
    struct buffer pattern = {0};
    json_t *codes = json_object(), *words = json_array();
    const char *code;
    json_t *about;
    add_codes("RB5", &pattern, codes);
    json_object_foreach(codes, code, about) json_array_append_new(words, json_string(code));
    json_t *schema = json_pack("{s:[{s:o}, {s:s, s:s}]}", "anyOf", "enum", words, "type", "string",
                               "pattern", pattern.at);
    json_decref(codes);
    buffer_free(&pattern);
    return schema;
}

/* A list, or what is computed. */
static json_t *list_or_expression(json_t *items)
{
    return json_pack("{s:[s, s], s:s, s:o}", "type", "array", "string", "pattern", "^\\$\\{",
                     "items", items);
}

void schema_define_collections(struct schema *schema)
{
    for (size_t i = 0; i < sizeof collections / sizeof *collections; i++)
        schema_define(schema, collections[i].name,
                      collections[i].kind == LIST ? list_of(collections[i].of, collections[i].least)
                                                  : by_id(collections[i].of, collections[i].least));
    schema_define(schema, "outputs", outputs_schema());
    schema_define(schema, "allow", allow_schema());
    schema_define(schema, "trap_code", trap_code_schema());
    schema_define(schema, "values", list_or_expression(json_object()));
    schema_define(schema, "people", list_or_expression(schema_see("value.string")));
    schema_define(schema, "constant", json_pack("{s:[s, s]}", "type", "string", "number"));
    schema_define(schema, "constants",
                  json_pack("{s:s, s:{s:[s, s, s]}}", "type", "array", "items", "type", "string",
                            "number", "boolean"));
    schema_define(schema, "environment",
                  json_pack("{s:s, s:o}", "type", "object", "additionalProperties",
                            schema_see("value.string")));
    schema_define(schema, "checks_or_block",
                  json_pack("{s:[o, o]}", "anyOf", schema_see("checks"), schema_see("block")));
    /* It is asked once, so nothing is said of waiting. */
    schema_define(schema, "done_if",
                  json_pack("{s:[{s:[s]}, o, {s:s, s:{s:o}, s:[s], s:b}]}", "anyOf", "enum",
                            "verified", schema_see("checks"), "type", "object", "properties",
                            "checks", schema_see("checks"), "required", "checks",
                            "additionalProperties", 0));
    schema_define(
        schema, "run",
        json_pack("{s:[o, {s:s}]}", "allOf", schema_see("action.call"), "type", "object"));
}
