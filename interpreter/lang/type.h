/* type: the types of the language.
 * Types are immutable; scalars are shared constants, the rest lives in the arena that made it.
 * Knows nothing of values. */
#ifndef LANG_TYPE_H
#define LANG_TYPE_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

enum type_kind {
    TYPE_STRING,
    TYPE_INT,
    TYPE_FLOAT,
    TYPE_BOOL,
    TYPE_DURATION,
    TYPE_SIZE,
    TYPE_TIME,
    TYPE_PATH,   /* a string that names a file */
    TYPE_URL,    /* a string */
    TYPE_REGEX,  /* a string that compiles */
    TYPE_JSON,   /* any of the above, lists and maps of it; checked when it is used */
    TYPE_SECRET, /* `string|secret` is one, with that name: a place that takes either */
    TYPE_CONNECTION,
    TYPE_LIST,
    TYPE_MAP,     /* text to element */
    TYPE_RECORD,  /* members by name, each with its type */
    TYPE_NOTHING, /* the element of an empty list; fits every place */
};

struct field {
    const char *name;
    const struct type *type;
};

struct type {
    enum type_kind kind;
    bool optional;              /* `T?`: a value that may be unset */
    const struct type *element; /* list, map */
    const char *name;           /* record: "file", "process", or NULL for a step's outputs; secret:
                                   "string|secret" or NULL */
    const struct field *fields; /* record */
    size_t field_count;
};

/* The shared constant of a scalar kind, not optional. */
const struct type *type_scalar(enum type_kind kind);
const struct type *type_list(struct arena *arena, const struct type *element);
const struct type *type_map(struct arena *arena, const struct type *element);
const struct type *type_record(struct arena *arena, const char *name, const struct field *fields,
                               size_t count);
/* The same type, optional or not. */
const struct type *type_optional(struct arena *arena, const struct type *type, bool optional);
/* Reads `list<map<int>>?`, `files`, `processes`; NULL when it is no type (say so with
 * type_names: a remedy needs the nearest). `files` is a list of the record file. */
const struct type *type_parse(struct arena *arena, const char *text);
/* The words that type_parse knows, for messages and grammar.md. */
const char *const *type_names(size_t *count);
const char *type_print(struct arena *arena, const struct type *type);
/* May a value of type OFFERED stand where PLACE is wanted? int fits float; string, path, url fit
 * one another (a regex place takes them too); any scalar fits string|secret; json fits any scalar,
 * list or map place (checked when it runs) and everything that has a JSON form fits json; an
 * optional one fits only an optional place: ask with the optional stripped to tell RB104 from
 * RB102. */
bool type_accepts(const struct type *place, const struct type *offered);
bool type_equal(const struct type *a, const struct type *b);
/* The member of a record, or NULL. */
const struct type *type_member(const struct type *record, const char *name);
bool type_is_text(const struct type *type); /* string, path, url, regex */
bool type_is_scalar(const struct type *type);
bool type_is_number(const struct type *type); /* int, float, duration, size */
/* Is it a secret, or a list, map or record with one in it? */
bool type_holds_secret(const struct type *type);
bool type_is_either(const struct type *type); /* string|secret */

#endif
