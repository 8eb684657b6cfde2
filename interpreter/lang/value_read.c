/* A YAML scalar as a value of the type that its place wants. It stays what was written: `no` in a
 * text place is a text, and in a bool place a mistake with a message. */
#include "lang/value.h"

#include "base/arena.h"
#include "base/units.h"
#include "lang/pattern.h"
#include "lang/type.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { QUOTED_LIMIT = 40 }; /* characters of what was found that a message repeats */

/* "expected WHAT, found 'text'" */
static const struct value *refuse(struct arena *arena, const char *what, struct text text,
                                  const char **problem)
{
    struct value found = {.kind = VALUE_TEXT, .text = text};
    struct buffer shown = {0};
    value_show(&found, QUOTED_LIMIT, &shown);
    bool quoted = text.length == 0 || *shown.at == '\'' || *shown.at == '"';
    const char *quote = quoted ? "" : "'";
    *problem = text.length == 0
                   ? arena_format(arena, "expected %s, found nothing", what)
                   : arena_format(arena, "expected %s, found %s%s%s", what, quote, shown.at, quote);
    buffer_free(&shown);
    return NULL;
}

static size_t digits_at(struct text text, size_t from)
{
    size_t at = from;
    while (at < text.length && text.at[at] >= '0' && text.at[at] <= '9') {
        at++;
    }
    return at - from;
}

enum number_form { NUMBER_NOT, NUMBER_INT, NUMBER_FLOAT };

/* JSON's numbers: -? (0 | [1-9][0-9]*) ( . [0-9]+ )? ( [eE] [+-]? [0-9]+ )? */
static enum number_form number_form(struct text text)
{
    size_t at = text.length > 0 && text.at[0] == '-' ? 1 : 0;
    size_t whole = digits_at(text, at);
    if (whole == 0 || (whole > 1 && text.at[at] == '0')) {
        return NUMBER_NOT;
    }
    at += whole;
    enum number_form form = NUMBER_INT;
    if (at < text.length && text.at[at] == '.') {
        size_t digits = digits_at(text, at + 1);
        if (digits == 0) {
            return NUMBER_NOT;
        }
        at += 1 + digits;
        form = NUMBER_FLOAT;
    }
    if (at < text.length && (text.at[at] == 'e' || text.at[at] == 'E')) {
        at++;
        at += at < text.length && (text.at[at] == '+' || text.at[at] == '-') ? 1 : 0;
        size_t digits = digits_at(text, at);
        if (digits == 0) {
            return NUMBER_NOT;
        }
        at += digits;
        form = NUMBER_FLOAT;
    }
    return at == text.length ? form : NUMBER_NOT;
}

/* TEXT (NUL behind it or not) as a C string. */
static const char *string_of(struct arena *arena, struct text text)
{
    return arena_copy(arena, text.at, text.length);
}

static const struct value *read_int(struct arena *arena, struct text text, const char **problem)
{
    if (number_form(text) != NUMBER_INT) {
        bool zeros = text.length > 1 && text.at[0] == '0' && digits_at(text, 0) == text.length;
        return refuse(arena, zeros ? "a whole number without zeros in front" : "a whole number",
                      text, problem);
    }
    errno = 0;
    long long number = strtoll(string_of(arena, text), NULL, 10);
    if (errno == ERANGE) {
        return refuse(arena, "a whole number of at most 63 bits", text, problem);
    }
    return value_integer(arena, VALUE_INT, number);
}

static const struct value *read_float(struct arena *arena, struct text text, const char **problem)
{
    if (number_form(text) == NUMBER_NOT) {
        return refuse(arena, "a number", text, problem);
    }
    double real = strtod(string_of(arena, text), NULL);
    if (isinf(real)) {
        return refuse(arena, "a number that a float can hold", text, problem);
    }
    return value_float(arena, real);
}

/* What other formats call true and false; a message names ours. */
static const char *meant_bool(struct text text)
{
    static const char *const truths[] = {"yes", "Yes", "on", "On", "True", "TRUE", "y", "1"};
    static const char *const lies[] = {"no", "No", "off", "Off", "False", "FALSE", "n", "0"};
    for (size_t i = 0; i < sizeof truths / sizeof *truths; i++) {
        if (text_is(text, truths[i])) {
            return "a bool (write true)";
        }
        if (text_is(text, lies[i])) {
            return "a bool (write false)";
        }
    }
    return "true or false";
}

static const struct value *read_bool(struct arena *arena, struct text text, const char **problem)
{
    if (text_is(text, "true")) {
        return &value_true;
    }
    if (text_is(text, "false")) {
        return &value_false;
    }
    return refuse(arena, meant_bool(text), text, problem);
}

/* A duration, size or time: a sign, which only values that were computed have, stands before it. */
static const struct value *read_unit(struct arena *arena, enum type_kind type, struct text text,
                                     const char **problem)
{
    bool negative = text.length > 0 && text.at[0] == '-' && type != TYPE_TIME;
    struct text rest = negative ? (struct text){text.at + 1, text.length - 1} : text;
    int64_t number = 0;
    bool good = type == TYPE_DURATION ? duration_parse(rest, &number)
                : type == TYPE_SIZE   ? size_parse(rest, &number)
                                      : time_parse(rest, &number);
    enum value_kind kind = type == TYPE_DURATION ? VALUE_DURATION
                           : type == TYPE_SIZE   ? VALUE_SIZE
                                                 : VALUE_TIME;
    if (good) {
        return value_integer(arena, kind, negative ? -number : number);
    }
    bool bare = number_form(text) != NUMBER_NOT;
    const char *what = "a time such as 2024-01-15T14:30:00Z";
    if (type == TYPE_DURATION) {
        what = bare ? arena_format(arena, "a duration with its unit, such as %.*ss",
                                   (int)text.length, text.at)
                    : "a duration such as 90s or 1h30m";
    } else if (type == TYPE_SIZE) {
        what = bare ? arena_format(arena, "a size with its unit, such as %.*sMiB", (int)text.length,
                                   text.at)
                    : "a size such as 512MiB or 20GiB";
    }
    return refuse(arena, what, text, problem);
}

static const struct value *read_regex(struct arena *arena, struct text text, const char **problem)
{
    struct arena *scratch = arena_new();
    const char *why = NULL;
    size_t offset = 0;
    bool good = pattern_compile(scratch, text, &why, &offset) != NULL;
    if (!good) {
        *problem =
            arena_format(arena, "the pattern is wrong at character %zu: %s", offset + 1, why);
    }
    arena_free(scratch);
    return good ? value_text(arena, text) : NULL;
}

static bool is_url(struct text text)
{
    const char *colon = text.length > 0 ? memchr(text.at, ':', text.length) : NULL;
    if (colon == NULL || colon == text.at || text.length - (size_t)(colon - text.at) < 4 ||
        colon[1] != '/' || colon[2] != '/') {
        return false;
    }
    for (const char *at = text.at; at < colon; at++) {
        bool letter = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z');
        if (!letter && (at == text.at || memchr("+-.0123456789", *at, 13) == NULL)) {
            return false;
        }
    }
    return true;
}

/* A plain `true`, `null` or number is JSON's; what is quoted is a text. */
static const struct value *read_json(struct arena *arena, struct text text, bool plain,
                                     const char **problem)
{
    if (!plain) {
        return value_text(arena, text);
    }
    if (text_is(text, "null")) {
        return &value_unset;
    }
    if (text_is(text, "true") || text_is(text, "false")) {
        return read_bool(arena, text, problem);
    }
    switch (number_form(text)) {
    case NUMBER_INT:
        return read_int(arena, text, problem);
    case NUMBER_FLOAT:
        return read_float(arena, text, problem);
    case NUMBER_NOT:
        break;
    }
    return value_text(arena, text);
}

const struct value *value_read(struct arena *arena, const struct type *type, struct text text,
                               bool plain, const char **problem)
{
    switch (type->kind) {
    case TYPE_SECRET:
        if (!type_is_either(type)) {
            *problem = "a secret is not written down";
            return NULL;
        }
        return value_text(arena, text);
    case TYPE_STRING:
    case TYPE_CONNECTION:
        return value_text(arena, text);
    case TYPE_PATH:
        return text.length > 0 ? value_text(arena, text) : refuse(arena, "a path", text, problem);
    case TYPE_URL:
        return is_url(text)
                   ? value_text(arena, text)
                   : refuse(arena, "a URL such as http://localhost:3000/health", text, problem);
    case TYPE_REGEX:
        return read_regex(arena, text, problem);
    case TYPE_INT:
        return read_int(arena, text, problem);
    case TYPE_FLOAT:
        return read_float(arena, text, problem);
    case TYPE_BOOL:
        return read_bool(arena, text, problem);
    case TYPE_DURATION:
    case TYPE_SIZE:
    case TYPE_TIME:
        return read_unit(arena, type->kind, text, problem);
    case TYPE_JSON:
        return read_json(arena, text, plain, problem);
    case TYPE_LIST:
        return refuse(arena, "a list", text, problem);
    case TYPE_MAP:
    case TYPE_RECORD:
        return refuse(arena, "a mapping", text, problem);
    case TYPE_NOTHING:
        return refuse(arena, "nothing", text, problem);
    }
    return NULL;
}
