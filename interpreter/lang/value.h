/* value: what an expression gives and an action takes.
 * Immutable; every value lives in the arena that made it (constants: for ever). UNKNOWN is a kind
 * of value: what only the run can know, with its source as people read it. Describing an action
 * with unknown values makes the plan, with none the deed: the same functions. */
#ifndef LANG_VALUE_H
#define LANG_VALUE_H

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct buffer;
struct type;
struct json_t;

enum value_kind {
    VALUE_UNSET,
    VALUE_TEXT, /* string, path, url, regex */
    VALUE_INT,
    VALUE_FLOAT,
    VALUE_BOOL,
    VALUE_DURATION, /* nanoseconds in `integer` */
    VALUE_SIZE,     /* bytes in `integer` */
    VALUE_TIME,     /* nanoseconds since 1970 UTC in `integer` */
    VALUE_LIST,
    VALUE_MAP,     /* maps, records, JSON objects */
    VALUE_UNKNOWN, /* `text` is what the plan shows: "‹steps.backup.path›", or a longer text that
                      holds such a part: "backup_‹run.stamp›.dump" */
    VALUE_SECRET,  /* never the bytes of one, only where they are to be had (value_secret_parts);
                      `text` is what people read: "Bearer ‹secrets.token›" */
};

struct value;
struct member {
    const char *key;
    const struct value *value;
};

struct value {
    enum value_kind kind;
    union {
        struct text text; /* NUL-terminated behind its length */
        int64_t integer;
        double real;
        bool truth;
        struct {
            const struct value *const *at;
            size_t count;
        } list;
        struct {
            const struct member *at;
            size_t count;
        } map;
    };
};

extern const struct value value_unset, value_true, value_false;

const struct value *value_text(struct arena *arena, struct text text);     /* copies */
const struct value *value_string(struct arena *arena, const char *string); /* copies */
const struct value *value_integer(struct arena *arena, enum value_kind kind, int64_t integer);
const struct value *value_float(struct arena *arena, double real);
const struct value *value_bool(bool truth);
/* Arrays are copied, what they point to is not. */
const struct value *value_list(struct arena *arena, const struct value *const *at, size_t count);
const struct value *value_map(struct arena *arena, const struct member *at, size_t count);
/* SOURCE is an expression's text; the value shows as ‹SOURCE›. */
const struct value *value_unknown(struct arena *arena, const char *source);
/* SHOWN is a longer text that already holds ‹…›. */
const struct value *value_unknown_text(struct arena *arena, struct text shown);

/* PARTS is a list: texts, and for each secret a map of its `name` and its source: `env`, `file` or
 * `command` (lang/secret.h), or the `step` that gave it. */
const struct value *value_secret(struct arena *arena, const struct value *parts);
const struct value *value_secret_parts(const struct value *secret);

/* All of it, copied: for what outlives its maker. */
const struct value *value_copy(struct arena *arena, const struct value *value);

/* The member under KEY of a map; NULL: it has none, or VALUE is none (NULL is allowed). */
const struct value *value_find(const struct value *value, const char *key);
/* The member under KEY, or value_unset (also of an unset value; of an unknown one an unknown whose
 * source is longer by `.KEY`). */
const struct value *value_member(struct arena *arena, const struct value *value, const char *key);
/* Does it hold an unknown anywhere? */
bool value_has_unknown(const struct value *value);
bool value_equal(const struct value *a, const struct value *b);
/* -1, 0, 1 for two values of one ordered kind (int against float too). */
int value_compare(const struct value *a, const struct value *b);
/* A scalar as it stands inside a longer text: `90s`, `true`, `1.5`, `20GiB`, RFC 3339. */
const char *value_print(struct arena *arena, const struct value *value);
/* As people read it in a plan, a table or a message: lists and maps in flow style, texts quoted
 * only where they must be; cut at LIMIT characters with `…` (0: never). */
void value_show(const struct value *value, size_t limit, struct buffer *into);

/* Reads a YAML scalar (PLAIN or quoted) as TYPE; NULL with *problem (arena text: what was expected)
 * when it isn't one. Where json is wanted a plain `true`, `null` or number is JSON's. */
const struct value *value_read(struct arena *arena, const struct type *type, struct text text,
                               bool plain, const char **problem);
/* Converts what is found to TYPE when the language allows it (int to float, json to the scalar that
 * its place wants, JSON text forms such as "90s" to duration); NULL with *problem when not. */
const struct value *value_convert(struct arena *arena, const struct type *type,
                                  const struct value *value, const char **problem);

/* "a text", "an int", "a mapping", for messages. */
const char *value_kind_name(enum value_kind kind);

/* JSON that keeps every kind: text, int, float, bool, list, map are JSON's own; unset is null; the
 * rest is an object of one key: {"$duration": "90s"}, {"$size": "20GiB"}, {"$time": "…"},
 * {"$unknown": "…"}, {"$secret": [parts]}, {"$bytes": base64} for text that is not UTF-8, {"$map":
 * {…}} for a map whose only key begins with '$', {"$entries": [[key, value], …]} for one with a key
 * that is not UTF-8. The result belongs to the caller (json_decref). */
struct json_t *value_to_json(const struct value *value);
/* JSON for others (`--format json`): a duration, size or time is its text. */
struct json_t *value_to_plain_json(const struct value *value);
/* A JSON string; {"$bytes": base64} when TEXT is not UTF-8, such as a file's name. */
struct json_t *json_of_text(const char *text);
/* The member KEY of the object, such a string; NULL: none. */
void json_set_text(struct json_t *object, const char *key, const char *text);
const struct value *value_from_json(struct arena *arena, const struct json_t *json);
/* Plain JSON text as a value (parse_json, response bodies); NULL with *problem. */
const struct value *value_parse_json(struct arena *arena, struct text text, const char **problem);

#endif
