/* A value brought to the type of its place, where the language allows it: int to float, and JSON
 * to the scalar that its place wants. */
#include "lang/value.h"

#include "base/arena.h"
#include "lang/type.h"

#include <math.h>
#include <string.h>

enum { FOUND_LIMIT = 40 }; /* characters of what was found that a message repeats */

const char *value_kind_name(enum value_kind kind)
{
    static const char *const names[] = {
        [VALUE_UNSET] = "unset",
        [VALUE_TEXT] = "a text",
        [VALUE_INT] = "an int",
        [VALUE_FLOAT] = "a float",
        [VALUE_BOOL] = "a bool",
        [VALUE_DURATION] = "a duration",
        [VALUE_SIZE] = "a size",
        [VALUE_TIME] = "a time",
        [VALUE_LIST] = "a list",
        [VALUE_MAP] = "a mapping",
        [VALUE_UNKNOWN] = "not known yet",
        [VALUE_SECRET] = "a secret",
    };
    return names[kind];
}

/* "expected a duration, found the text 'x'"; WHY (or NULL) is what reading that text gave. */
static const struct value *refuse(struct arena *arena, const struct type *type,
                                  const struct value *value, const char **problem)
{
    const char *wanted = type_print(arena, type_optional(arena, type, false));
    const char *article = strchr("aeiou", *wanted) != NULL ? "an" : "a";
    if (value->kind == VALUE_UNSET) {
        *problem =
            arena_format(arena, "expected %s %s, found a value that is unset", article, wanted);
        return NULL;
    }
    struct buffer shown = {0};
    value_show(value, FOUND_LIMIT, &shown);
    struct text text = buffer_slice(&shown);
    bool bare = value->kind == VALUE_TEXT && text.length > 0 && *text.at != '\'' && *text.at != '"';
    const char *kind = value_kind_name(value->kind);
    *problem = arena_format(arena, "expected %s %s, found %s %s%s%s", article, wanted, kind,
                            bare ? "'" : "", text.at, bare ? "'" : "");
    buffer_free(&shown);
    return NULL;
}

static const struct value *convert_list(struct arena *arena, const struct type *type,
                                        const struct value *value, const char **problem)
{
    size_t count = value->list.count;
    const struct value **at = arena_alloc(arena, count * sizeof *at);
    bool same = true;
    for (size_t i = 0; i < count; i++) {
        at[i] = value_convert(arena, type->element, value->list.at[i], problem);
        if (at[i] == NULL) {
            *problem = arena_format(arena, "%s, in place %zu of the list", *problem, i + 1);
            return NULL;
        }
        same = same && at[i] == value->list.at[i];
    }
    return same ? value : value_list(arena, at, count);
}

static const struct value *convert_map(struct arena *arena, const struct type *element,
                                       const struct value *value, const char **problem)
{
    size_t count = value->map.count;
    struct member *at = arena_alloc(arena, count * sizeof *at);
    bool same = true;
    for (size_t i = 0; i < count; i++) {
        at[i].key = value->map.at[i].key;
        at[i].value = value_convert(arena, element, value->map.at[i].value, problem);
        if (at[i].value == NULL) {
            *problem = arena_format(arena, "%s, under '%s'", *problem, at[i].key);
            return NULL;
        }
        same = same && at[i].value == value->map.at[i].value;
    }
    return same ? value : value_map(arena, at, count);
}

/* Each member of the record; one that the record does not know is left out. */
static const struct value *convert_record(struct arena *arena, const struct type *type,
                                          const struct value *value, const char **problem)
{
    struct member *at = arena_alloc(arena, type->field_count * sizeof *at);
    for (size_t i = 0; i < type->field_count; i++) {
        const struct field *field = &type->fields[i];
        at[i].key = field->name;
        at[i].value =
            value_convert(arena, field->type, value_member(arena, value, field->name), problem);
        if (at[i].value == NULL) {
            *problem = arena_format(arena, "%s, under '%s'", *problem, field->name);
            return NULL;
        }
    }
    return value_map(arena, at, type->field_count);
}

/* JSON knows no durations, sizes and times: there they are texts. */
static const struct value *convert_json(struct arena *arena, const struct type *type,
                                        const struct value *value, const char **problem)
{
    switch (value->kind) {
    case VALUE_DURATION:
    case VALUE_SIZE:
    case VALUE_TIME:
        return value_string(arena, value_print(arena, value));
    case VALUE_LIST: {
        struct type list = {.kind = TYPE_LIST, .element = type};
        return convert_list(arena, &list, value, problem);
    }
    case VALUE_MAP:
        return convert_map(arena, type, value, problem);
    case VALUE_UNSET:
    case VALUE_TEXT:
    case VALUE_INT:
    case VALUE_FLOAT:
    case VALUE_BOOL:
    case VALUE_UNKNOWN:
    case VALUE_SECRET:
        break;
    }
    return value;
}

/* Does VALUE belong to TYPE as it is? */
static bool is_of(const struct type *type, const struct value *value)
{
    static const enum value_kind kinds[] = {
        [TYPE_STRING] = VALUE_TEXT,       [TYPE_INT] = VALUE_INT,
        [TYPE_FLOAT] = VALUE_FLOAT,       [TYPE_BOOL] = VALUE_BOOL,
        [TYPE_DURATION] = VALUE_DURATION, [TYPE_SIZE] = VALUE_SIZE,
        [TYPE_TIME] = VALUE_TIME,         [TYPE_PATH] = VALUE_TEXT,
        [TYPE_URL] = VALUE_TEXT,          [TYPE_REGEX] = VALUE_TEXT,
        [TYPE_JSON] = VALUE_UNSET,        [TYPE_SECRET] = VALUE_SECRET,
        [TYPE_CONNECTION] = VALUE_TEXT,
    };
    return type->kind <= TYPE_CONNECTION && value->kind == kinds[type->kind];
}

/* Whole numbers that a double holds exactly lie within 2^53. */
static bool is_whole(double real)
{
    return fabs(real) <= 9007199254740992.0 && floor(real) == real;
}

static const struct value *convert_scalar(struct arena *arena, const struct type *type,
                                          const struct value *value, const char **problem)
{
    bool number = value->kind == VALUE_INT || value->kind == VALUE_FLOAT;
    if (type_is_text(type) && (number || value->kind == VALUE_BOOL)) {
        return value_string(arena, value_print(arena, value));
    }
    if (type->kind == TYPE_FLOAT && value->kind == VALUE_INT) {
        return value_float(arena, (double)value->integer);
    }
    if (type->kind == TYPE_INT && value->kind == VALUE_FLOAT && is_whole(value->real)) {
        return value_integer(arena, VALUE_INT, (int64_t)value->real);
    }
    bool unit = type->kind == TYPE_DURATION || type->kind == TYPE_SIZE || type->kind == TYPE_TIME;
    if (unit && value->kind == VALUE_TEXT) {
        return value_read(arena, type, value->text, false, problem);
    }
    return refuse(arena, type, value, problem);
}

const struct value *value_convert(struct arena *arena, const struct type *type,
                                  const struct value *value, const char **problem)
{
    if (type_is_either(type) && value->kind != VALUE_SECRET) {
        type = type_optional(arena, type_scalar(TYPE_STRING), type->optional);
    }
    if (value->kind == VALUE_UNKNOWN || is_of(type, value) ||
        (type->optional && value->kind == VALUE_UNSET)) {
        return value;
    }
    switch (type->kind) {
    case TYPE_JSON:
        return convert_json(arena, type, value, problem);
    case TYPE_LIST:
        return value->kind == VALUE_LIST ? convert_list(arena, type, value, problem)
                                         : refuse(arena, type, value, problem);
    case TYPE_MAP:
        return value->kind == VALUE_MAP ? convert_map(arena, type->element, value, problem)
                                        : refuse(arena, type, value, problem);
    case TYPE_RECORD:
        return value->kind == VALUE_MAP ? convert_record(arena, type, value, problem)
                                        : refuse(arena, type, value, problem);
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
        return convert_scalar(arena, type, value, problem);
    case TYPE_CONNECTION:
        /* Written in place it is a mapping; a name is a text. */
        return value->kind == VALUE_MAP ? value : refuse(arena, type, value, problem);
    case TYPE_SECRET:
    case TYPE_NOTHING:
        return refuse(arena, type, value, problem);
    }
    return NULL;
}
