#include "lang/type.h"

#include "base/arena.h"
#include "base/text.h"

#include <string.h>

enum {
    NESTING_LIMIT = 16 /* of a written type: nobody can read a deeper one */
};

#define SCALAR(k) [k] = {.kind = k}
static const struct type SCALARS[] = {
    SCALAR(TYPE_STRING),     SCALAR(TYPE_INT),
    SCALAR(TYPE_FLOAT),      SCALAR(TYPE_BOOL),
    SCALAR(TYPE_DURATION),   SCALAR(TYPE_SIZE),
    SCALAR(TYPE_TIME),       SCALAR(TYPE_PATH),
    SCALAR(TYPE_URL),        SCALAR(TYPE_REGEX),
    SCALAR(TYPE_JSON),       SCALAR(TYPE_SECRET),
    SCALAR(TYPE_CONNECTION), [TYPE_NOTHING] = {.kind = TYPE_NOTHING},
};
#undef SCALAR
#define OPTIONAL(k) [k] = {.kind = k, .optional = true}
static const struct type OPTIONALS[] = {
    OPTIONAL(TYPE_STRING),     OPTIONAL(TYPE_INT),   OPTIONAL(TYPE_FLOAT), OPTIONAL(TYPE_BOOL),
    OPTIONAL(TYPE_DURATION),   OPTIONAL(TYPE_SIZE),  OPTIONAL(TYPE_TIME),  OPTIONAL(TYPE_PATH),
    OPTIONAL(TYPE_URL),        OPTIONAL(TYPE_REGEX), OPTIONAL(TYPE_JSON),  OPTIONAL(TYPE_SECRET),
    OPTIONAL(TYPE_CONNECTION),
};
#undef OPTIONAL

static const char STRING_OR_SECRET[] = "string|secret";
static const struct type EITHER = {.kind = TYPE_SECRET, .name = STRING_OR_SECRET};
static const struct type EITHER_OPTIONAL = {
    .kind = TYPE_SECRET, .name = STRING_OR_SECRET, .optional = true};

/* In the order of the enum: type_parse and type_print index it by kind. */
static const char *const WORDS[] = {
    "string", "int",  "float",  "bool",       "duration", "size",      "time",    "path",   "url",
    "regex",  "json", "secret", "connection", "files",    "processes", "list<T>", "map<T>",
};

static const struct field FILE_FIELDS[] = {
    {"path", &SCALARS[TYPE_PATH]},
    {"name", &SCALARS[TYPE_STRING]},
    {"size", &SCALARS[TYPE_SIZE]},
    {"modified", &SCALARS[TYPE_TIME]},
};
static const struct type FILE_RECORD = {
    .kind = TYPE_RECORD, .name = "file", .fields = FILE_FIELDS, .field_count = 4};
static const struct type FILES = {.kind = TYPE_LIST, .element = &FILE_RECORD};
static const struct type FILES_OPTIONAL = {
    .kind = TYPE_LIST, .element = &FILE_RECORD, .optional = true};

/* The program of a process that is somebody else's can't always be seen. */
static const struct field PROCESS_FIELDS[] = {
    {"pid", &SCALARS[TYPE_INT]},      {"user", &SCALARS[TYPE_STRING]},
    {"exe", &OPTIONALS[TYPE_PATH]},   {"command", &SCALARS[TYPE_STRING]},
    {"started", &SCALARS[TYPE_TIME]},
};
static const struct type PROCESS_RECORD = {
    .kind = TYPE_RECORD, .name = "process", .fields = PROCESS_FIELDS, .field_count = 5};
static const struct type PROCESSES = {.kind = TYPE_LIST, .element = &PROCESS_RECORD};
static const struct type PROCESSES_OPTIONAL = {
    .kind = TYPE_LIST, .element = &PROCESS_RECORD, .optional = true};

const struct type *type_scalar(enum type_kind kind)
{
    return &SCALARS[kind];
}

static const struct type *container(struct arena *arena, enum type_kind kind,
                                    const struct type *element)
{
    struct type *type = arena_alloc(arena, sizeof *type);
    *type = (struct type){.kind = kind, .element = element};
    return type;
}

const struct type *type_list(struct arena *arena, const struct type *element)
{
    return container(arena, TYPE_LIST, element);
}

const struct type *type_map(struct arena *arena, const struct type *element)
{
    return container(arena, TYPE_MAP, element);
}

const struct type *type_record(struct arena *arena, const char *name, const struct field *fields,
                               size_t count)
{
    struct field *copy = arena_alloc(arena, (count ? count : 1) * sizeof *copy);
    if (count > 0) {
        memcpy(copy, fields, count * sizeof *copy);
    }
    struct type *type = arena_alloc(arena, sizeof *type);
    *type = (struct type){.kind = TYPE_RECORD, .name = name, .fields = copy, .field_count = count};
    return type;
}

bool type_is_either(const struct type *type)
{
    return type->kind == TYPE_SECRET && type->name != NULL;
}

const struct type *type_optional(struct arena *arena, const struct type *type, bool optional)
{
    if (type->optional == optional || type->kind == TYPE_NOTHING) {
        return type;
    }
    if (type_is_either(type)) {
        return optional ? &EITHER_OPTIONAL : &EITHER;
    }
    if (type->kind <= TYPE_CONNECTION) {
        return optional ? &OPTIONALS[type->kind] : &SCALARS[type->kind];
    }
    struct type *copy = arena_alloc(arena, sizeof *copy);
    *copy = *type;
    copy->optional = optional;
    return copy;
}

/* A word of letters at *AT; its scalar kind, or -1. Moves *AT behind it. */
static const char *word_at(const char **at, char *word, size_t room)
{
    size_t length = strspn(*at, "abcdefghijklmnopqrstuvwxyz");
    if (length == 0 || length >= room) {
        return NULL;
    }
    memcpy(word, *at, length);
    word[length] = '\0';
    *at += length;
    return word;
}

static const struct type *parse_type(struct arena *arena, const char **at, unsigned depth);

/* `<` type `>` behind `list` or `map`. A member can't be unset, so no element is optional. */
static const struct type *parse_element(struct arena *arena, const char **at, unsigned depth)
{
    if (**at != '<') {
        return NULL;
    }
    (*at)++;
    const struct type *element = parse_type(arena, at, depth + 1);
    if (element == NULL || element->optional || **at != '>') {
        return NULL;
    }
    (*at)++;
    return element;
}

/* type = word [ "<" type ">" ] [ "?" ] */
static const struct type *parse_type(struct arena *arena, const char **at, unsigned depth)
{
    char word[16];
    if (depth > NESTING_LIMIT || word_at(at, word, sizeof word) == NULL) {
        return NULL;
    }
    const struct type *type = NULL;
    for (size_t i = 0; i <= TYPE_CONNECTION; i++) {
        if (strcmp(word, WORDS[i]) == 0) {
            type = &SCALARS[i];
        }
    }
    if (strcmp(word, "string") == 0 && strncmp(*at, "|secret", 7) == 0) {
        *at += 7;
        type = &EITHER;
    } else if (strcmp(word, "files") == 0) {
        type = &FILES;
    } else if (strcmp(word, "processes") == 0) {
        type = &PROCESSES;
    } else if (strcmp(word, "list") == 0 || strcmp(word, "map") == 0) {
        const struct type *element = parse_element(arena, at, depth);
        type = element == NULL       ? NULL
               : strcmp(word, "map") ? type_list(arena, element)
                                     : type_map(arena, element);
    }
    if (type == NULL || **at != '?') {
        return type;
    }
    (*at)++;
    return type == &FILES       ? &FILES_OPTIONAL
           : type == &PROCESSES ? &PROCESSES_OPTIONAL
                                : type_optional(arena, type, true);
}

const struct type *type_parse(struct arena *arena, const char *text)
{
    const struct type *type = parse_type(arena, &text, 0);
    return *text == '\0' ? type : NULL;
}

const char *const *type_names(size_t *count)
{
    *count = sizeof WORDS / sizeof *WORDS;
    return WORDS;
}

static void print_type(const struct type *type, struct buffer *into)
{
    if (type_is_either(type)) {
        buffer_text(into, type->name);
    } else if (type->kind <= TYPE_CONNECTION) {
        buffer_text(into, WORDS[type->kind]);
    } else if (type->kind == TYPE_NOTHING) {
        buffer_text(into, "nothing");
    } else if (type->kind == TYPE_RECORD) {
        buffer_text(into, type->name ? type->name : "record");
    } else if (type->kind == TYPE_LIST && type->element->kind == TYPE_RECORD &&
               type->element->name != NULL) {
        const char *name = type->element->name;
        buffer_format(into, "%s%s", name, strcmp(name, "process") == 0 ? "es" : "s");
    } else {
        buffer_text(into, type->kind == TYPE_LIST ? "list<" : "map<");
        print_type(type->element, into);
        buffer_text(into, ">");
    }
    buffer_text(into, type->optional ? "?" : "");
}

const char *type_print(struct arena *arena, const struct type *type)
{
    struct buffer text = {0};
    print_type(type, &text);
    const char *printed = arena_copy(arena, text.at, text.length);
    buffer_free(&text);
    return printed;
}

bool type_is_text(const struct type *type)
{
    switch (type->kind) {
    case TYPE_STRING:
    case TYPE_PATH:
    case TYPE_URL:
    case TYPE_REGEX:
        return true;
    case TYPE_INT:
    case TYPE_FLOAT:
    case TYPE_BOOL:
    case TYPE_DURATION:
    case TYPE_SIZE:
    case TYPE_TIME:
    case TYPE_JSON:
    case TYPE_SECRET:
    case TYPE_CONNECTION:
    case TYPE_LIST:
    case TYPE_MAP:
    case TYPE_RECORD:
    case TYPE_NOTHING:
        return false;
    }
    return false;
}

bool type_is_scalar(const struct type *type)
{
    return type->kind <= TYPE_REGEX;
}

bool type_is_number(const struct type *type)
{
    return type->kind == TYPE_INT || type->kind == TYPE_FLOAT || type->kind == TYPE_DURATION ||
           type->kind == TYPE_SIZE;
}

/* Has every value of it a JSON form? */
static bool has_json_form(const struct type *type)
{
    switch (type->kind) {
    case TYPE_SECRET:
    case TYPE_CONNECTION:
        return false;
    case TYPE_LIST:
    case TYPE_MAP:
        return has_json_form(type->element);
    case TYPE_RECORD:
        for (size_t i = 0; i < type->field_count; i++) {
            if (!has_json_form(type->fields[i].type)) {
                return false;
            }
        }
        return true;
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
    case TYPE_JSON:
    case TYPE_NOTHING:
        return true;
    }
    return false;
}

/* A record's members, one by one. */
static bool record_accepts(const struct type *place, const struct type *offered)
{
    for (size_t i = 0; i < place->field_count; i++) {
        const struct type *member = type_member(offered, place->fields[i].name);
        if (member == NULL ? !place->fields[i].type->optional
                           : !type_accepts(place->fields[i].type, member)) {
            return false;
        }
    }
    return true;
}

static bool map_accepts(const struct type *place, const struct type *offered)
{
    if (offered->kind == TYPE_MAP) {
        return type_accepts(place->element, offered->element);
    }
    for (size_t i = 0; offered->kind == TYPE_RECORD && i < offered->field_count; i++) {
        if (!type_accepts(place->element, offered->fields[i].type)) {
            return false;
        }
    }
    return offered->kind == TYPE_RECORD;
}

bool type_accepts(const struct type *place, const struct type *offered)
{
    if (offered->optional && !place->optional) {
        return false;
    }
    if (offered->kind == TYPE_NOTHING) {
        return true;
    }
    switch (place->kind) {
    case TYPE_JSON:
        return has_json_form(offered);
    case TYPE_STRING:
    case TYPE_PATH:
    case TYPE_URL:
    case TYPE_REGEX:
        return type_is_text(offered) || offered->kind == TYPE_JSON;
    case TYPE_FLOAT:
        return offered->kind == TYPE_FLOAT || offered->kind == TYPE_INT ||
               offered->kind == TYPE_JSON;
    case TYPE_INT:
    case TYPE_BOOL:
    case TYPE_DURATION:
    case TYPE_SIZE:
    case TYPE_TIME:
        return offered->kind == place->kind || offered->kind == TYPE_JSON;
    case TYPE_SECRET:
        return offered->kind == TYPE_SECRET ? !type_is_either(offered) || type_is_either(place)
                                            : type_is_either(place) && type_is_scalar(offered);
    case TYPE_CONNECTION:
        return offered->kind == TYPE_CONNECTION;
    case TYPE_LIST:
        return offered->kind == TYPE_JSON ||
               (offered->kind == TYPE_LIST && type_accepts(place->element, offered->element));
    case TYPE_MAP:
        return offered->kind == TYPE_JSON || map_accepts(place, offered);
    case TYPE_RECORD:
        return offered->kind == TYPE_RECORD && record_accepts(place, offered);
    case TYPE_NOTHING:
        return false;
    }
    return false;
}

static bool record_equal(const struct type *a, const struct type *b)
{
    if (a->field_count != b->field_count) {
        return false;
    }
    for (size_t i = 0; i < a->field_count; i++) {
        if (strcmp(a->fields[i].name, b->fields[i].name) != 0 ||
            !type_equal(a->fields[i].type, b->fields[i].type)) {
            return false;
        }
    }
    return true;
}

bool type_equal(const struct type *a, const struct type *b)
{
    if (a == b) {
        return true;
    }
    if (a->kind != b->kind || a->optional != b->optional) {
        return false;
    }
    if (a->kind == TYPE_SECRET) {
        return type_is_either(a) == type_is_either(b);
    }
    if (a->kind == TYPE_LIST || a->kind == TYPE_MAP) {
        return type_equal(a->element, b->element);
    }
    return a->kind != TYPE_RECORD || record_equal(a, b);
}

const struct type *type_member(const struct type *record, const char *name)
{
    for (size_t i = 0; record->kind == TYPE_RECORD && i < record->field_count; i++) {
        if (strcmp(record->fields[i].name, name) == 0) {
            return record->fields[i].type;
        }
    }
    return NULL;
}

bool type_holds_secret(const struct type *type)
{
    if (type->kind == TYPE_LIST || type->kind == TYPE_MAP) {
        return type_holds_secret(type->element);
    }
    for (size_t i = 0; type->kind == TYPE_RECORD && i < type->field_count; i++) {
        if (type_holds_secret(type->fields[i].type)) {
            return true;
        }
    }
    return type->kind == TYPE_SECRET;
}
