/* What the tests of the language share: a world of names with types and values, and one call that
 * parses, types and evaluates. Cases are tables; a failing one tells its expression. */
#ifndef TEST_LANG_WORLD_H
#define TEST_LANG_WORLD_H

#include "base/arena.h"
#include "base/diagnostic.h"
#include "base/source.h"
#include "lang/eval.h"
#include "lang/expr.h"
#include "lang/type.h"
#include "lang/typing.h"
#include "lang/value.h"
#include "lang/yaml.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A name of the world; `value` is JSON as of value_to_json, NULL: unset. */
struct world_name {
    const char *root, *member;
    const char *type; /* as type_parse, or one of the records below: "backup", "severe", "mild" */
    const char *value;
};

static const struct world_name WORLD[] = {
    {"params", "name", "string", "\"web\""},
    {"params", "empty", "string", "\"\""},
    {"params", "dir", "path", "\"/srv/app/\""},
    {"params", "tag", "string?", NULL},
    {"params", "given", "string?", "\"v1\""},
    {"params", "count", "int", "3"},
    {"params", "ratio", "float", "1.5"},
    {"params", "flag", "bool", "true"},
    {"params", "off", "bool", "false"},
    {"params", "limit", "duration", "{\"$duration\": \"90s\"}"},
    {"params", "space", "size", "{\"$size\": \"1GiB\"}"},
    {"params", "since", "time", "{\"$time\": \"2024-01-15T14:30:00Z\"}"},
    {"params", "pattern", "regex", "\"^v[0-9]+$\""},
    {"params", "bad_pattern", "regex", "\"(\""},
    {"params", "url", "url", "\"http://localhost:3000\""},
    {"params", "hosts", "list<string>", "[\"a\", \"b\", \"c\"]"},
    {"params", "numbers", "list<int>", "[3, 1, 2, 3]"},
    {"params", "reals", "list<float>", "[0.5, 1.5]"},
    {"params", "none", "list<int>", "[]"},
    {"params", "waits", "list<duration>", "[{\"$duration\": \"1m\"}, {\"$duration\": \"30s\"}]"},
    {"params", "no_waits", "list<duration>", "[]"},
    {"params", "truths", "list<bool>", "[true, false]"},
    {"params", "env", "map<string>", "{\"A\": \"1\", \"b-c\": \"2\"}"},
    {"params", "j", "json",
     "{\"name\": \"x\", \"port\": 80, \"up\": true, \"tags\": [\"a\", \"b\"], \"age\": \"90s\","
     " \"nothing\": null, \"pods\": [{\"id\": \"p2\", \"n\": 2}, {\"id\": \"p1\", \"n\": 1}]}"},
    {"params", "files", "files",
     "[{\"path\": \"/b/2\", \"name\": \"2\", \"size\": {\"$size\": \"2KiB\"}, \"modified\":"
     " {\"$time\": \"2024-01-02T00:00:00Z\"}}, {\"path\": \"/b/1\", \"name\": \"1\", \"size\":"
     " {\"$size\": \"1KiB\"}, \"modified\": {\"$time\": \"2024-01-01T00:00:00Z\"}}]"},
    {"params", "processes", "processes",
     "[{\"pid\": 1, \"user\": \"root\", \"exe\": null, \"command\": \"init\", \"started\":"
     " {\"$time\": \"2024-01-01T00:00:00Z\"}}]"},
    {"params", "later", "string", "{\"$unknown\": \"‹steps.outer.path›\"}"},
    {"params", "later_text", "string", "{\"$unknown\": \"a_‹run.stamp›.dump\"}"},
    {"params", "later_hosts", "list<string>", "[\"a\", {\"$unknown\": \"‹steps.find.host›\"}]"},
    {"params", "db", "connection", "\"db\""},
    {"secrets", "token", "secret", "{\"$unknown\": \"‹secrets.token›\"}"},
    {"steps", "backup", "backup",
     "{\"state\": \"done\", \"path\": \"/b/dump\", \"bytes\": {\"$size\": \"2GiB\"}, \"note\": "
     "null}"},
    {"steps", "severe", "severe", "{\"state\": \"skipped\"}"},
    {"steps", "mild", "severe", "{\"state\": \"done\", \"path\": \"/b/mild\", \"note\": null}"},
    {"steps", "unrun", "severe", "{\"$unknown\": \"‹steps.unrun›\"}"},
    {"result", NULL, "backup",
     "{\"state\": \"done\", \"path\": \"/b/dump\", \"bytes\": {\"$size\": \"2GiB\"}, \"note\": "
     "null}"},
    {"result", "path", "path", "\"/b/dump\""},
    {"run", "ok", "bool", "{\"$unknown\": \"‹run.ok›\"}"},
    {"run", "stamp", "string", "{\"$unknown\": \"‹run.stamp›\"}"},
    {"run", "count", "int", "{\"$unknown\": \"‹run.count›\"}"},
    {"run", "list", "list<string>", "{\"$unknown\": \"‹run.list›\"}"},
    {"run", "j", "json", "{\"$unknown\": \"‹run.j›\"}"},
    {"item", "host", "string", "\"h1\""},
    {"now", NULL, "time", "{\"$time\": \"2024-01-15T15:30:00Z\"}"},
};
enum { WORLD_COUNT = sizeof WORLD / sizeof *WORLD };

/* What an unknown name may turn out to be. */
struct world_outcome {
    const char *root, *member;
    const char *values[2];
};

static const struct world_outcome OUTCOMES[] = {
    {"params", "later", {"\"/b/x\"", "\"\""}},
    {"params", "later_text", {"\"a_1.dump\"", "\"a_2.dump\""}},
    {"params", "later_hosts", {"[\"a\", \"b\"]", "[\"a\", \"a\"]"}},
    {"steps", "unrun", {"{\"state\": \"skipped\"}", "{\"state\": \"done\", \"path\": \"/u\"}"}},
    {"run", "ok", {"true", "false"}},
    {"run", "stamp", {"\"1\"", "\"b\""}},
    {"run", "count", {"0", "7"}},
    {"run", "list", {"[]", "[\"a\", \"b\"]"}},
    {"run", "j", {"{\"a\": 1}", "{\"a\": {\"b\": null}}"}},
};

struct world {
    struct arena *arena;
    struct diagnostics diagnostics;
    struct names names;
    struct values values;
    int outcome; /* 0: unknown names are unknown; 1, 2: they have turned out to be OUTCOMES */
};

static inline const struct world_name *world_find(const char *root, const char *member)
{
    for (size_t i = 0; i < WORLD_COUNT; i++) {
        const char *other = WORLD[i].member;
        if (strcmp(WORLD[i].root, root) == 0 &&
            (member == NULL || other == NULL ? member == other : strcmp(other, member) == 0)) {
            return &WORLD[i];
        }
    }
    return NULL;
}

/* The record of a step's outputs; "severe" may have given nothing. */
static inline const struct type *world_record(struct arena *arena, const char *name,
                                              const char *rest)
{
    bool severe = strcmp(name, "severe") == 0;
    const struct type *text = type_scalar(TYPE_STRING);
    struct field fields[] = {
        {"state", text},
        {"path", type_scalar(TYPE_PATH)},
        {"bytes", type_scalar(TYPE_SIZE)},
        {"note", type_optional(arena, text, true)},
    };
    const struct type *record = type_record(arena, NULL, fields, 4);
    bool state = rest != NULL && strcmp(rest, "state") == 0;
    return severe && !state ? type_optional(arena, record, true) : record;
}

static inline const struct type *world_type(const struct names *names, const char *root,
                                            const char *member, const char *rest, struct mark mark,
                                            struct diagnostics *diagnostics)
{
    struct world *world = names->context;
    const struct world_name *name = world_find(root, member);
    if (name == NULL) {
        diagnostic_add(diagnostics, RB101, mark, "look at the names", "'%s%s%s' is not known", root,
                       member ? "." : "", member ? member : "");
        return NULL;
    }
    if (strcmp(name->type, "backup") == 0 || strcmp(name->type, "severe") == 0) {
        return world_record(world->arena, name->type, rest);
    }
    const struct type *type = type_parse(world->arena, name->type);
    assert_non_null(type);
    return type;
}

/* `severe` and `mild` are the branches of one condition; `note` may be unset anyhow. */
static inline bool world_branches(const struct names *names, const char *a, const char *output_a,
                                  const char *b, const char *output_b)
{
    (void)names;
    if (strcmp(output_a, "note") == 0 || strcmp(output_b, "note") == 0) {
        return false;
    }
    return (strcmp(a, "severe") == 0 && strcmp(b, "mild") == 0) ||
           (strcmp(b, "severe") == 0 && strcmp(a, "mild") == 0);
}

static inline const struct value *world_read(struct arena *arena, const char *json_text)
{
    if (json_text == NULL) {
        return &value_unset;
    }
    json_error_t error;
    json_t *json = json_loads(json_text, JSON_DECODE_ANY, &error);
    if (json == NULL) {
        fail_msg("bad JSON in a table: %s: %s", error.text, json_text);
    }
    const struct value *value = value_from_json(arena, json);
    json_decref(json);
    return value;
}

static inline const struct value *world_value(const struct values *values, const char *root,
                                              const char *member)
{
    struct world *world = values->context;
    const struct world_name *name = world_find(root, member);
    if (name == NULL) {
        fail_msg("asked for %s.%s, which typing refuses", root, member ? member : "");
    }
    for (size_t i = 0; world->outcome > 0 && i < sizeof OUTCOMES / sizeof *OUTCOMES; i++) {
        if (member != NULL && strcmp(root, OUTCOMES[i].root) == 0 &&
            strcmp(member, OUTCOMES[i].member) == 0) {
            return world_read(world->arena, OUTCOMES[i].values[world->outcome - 1]);
        }
    }
    return world_read(world->arena, name->value);
}

static inline struct world *world_new(void)
{
    struct arena *arena = arena_new();
    struct world *world = arena_alloc(arena, sizeof *world);
    world->arena = arena;
    world->diagnostics.arena = arena;
    world->names = (struct names){world_type, world_branches, world};
    world->values = (struct values){world_value, world};
    return world;
}

static inline void world_free(struct world *world)
{
    arena_free(world->arena);
}

/* TEXT as a plain scalar that is a file of its own. */
static inline struct node *world_node(struct world *world, const char *text)
{
    struct text slice = text_of(text);
    struct node *node = arena_alloc(world->arena, sizeof *node);
    node->kind = NODE_SCALAR;
    node->style = STYLE_PLAIN;
    node->text = slice;
    node->mark =
        (struct mark){source_new(world->arena, "case.yaml", slice), 0, (uint32_t)slice.length};
    return node;
}

/* VALUE as JSON of value_to_json; unset is `null`. */
static inline const char *world_show(struct world *world, const struct value *value)
{
    json_t *json = value_to_json(value);
    char *text = json_dumps(json, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
    json_decref(json);
    const char *copy = arena_copy(world->arena, text, strlen(text));
    free(text);
    return copy;
}

/* All findings: "RB102 1:5-9 message | remedy", one a line. */
static inline const char *world_findings(struct world *world)
{
    struct buffer all = {0};
    for (size_t i = 0; i < world->diagnostics.list.count; i++) {
        const struct diagnostic *finding = world->diagnostics.list.at[i];
        uint32_t column = mark_column(finding->mark);
        struct mark end = finding->mark;
        end.start = end.end;
        buffer_format(&all, "%s%s %u-%u %s | %s", i > 0 ? "\n" : "",
                      diagnostic_about(finding->code)->code, column, mark_column(end) - 1,
                      finding->message, finding->remedy ? finding->remedy : "");
        for (size_t j = 0; j < finding->notes.count; j++) {
            const struct diagnostic_note *note = finding->notes.at[j];
            buffer_format(&all, "\n  note %u %s", mark_column(note->mark), note->text);
        }
    }
    struct text slice = buffer_slice(&all);
    const char *copy = arena_copy(world->arena, slice.at, slice.length);
    buffer_free(&all);
    return copy;
}

static inline const struct expr *world_parse(struct world *world, const char *text)
{
    struct node *node = world_node(world, text);
    return expr_parse(world->arena, node, 0, node->text, &world->diagnostics);
}

#endif
