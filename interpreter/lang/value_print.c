/* Values as people read them. */
#include "lang/value.h"

#include "base/arena.h"
#include "base/units.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FLOAT_ROOM = 40 };

/* The shortest text that reads back as the same number, never one that reads as an int. */
static void print_float(double real, char *into)
{
    if (isnan(real) || isinf(real)) {
        /* No value of the language is one; a message may still have to show it. */
        snprintf(into, FLOAT_ROOM, "%s", isnan(real) ? "nan" : real > 0 ? "inf" : "-inf");
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(into, FLOAT_ROOM, "%.*g", digits, real);
        if (strtod(into, NULL) == real) { /* exact on purpose */
            break;
        }
    }
    if (strpbrk(into, ".e") == NULL) {
        size_t length = strlen(into);
        snprintf(into + length, FLOAT_ROOM - length, ".0");
    }
}

static void print_scalar(struct arena *arena, const struct value *value, struct buffer *into)
{
    char number[FLOAT_ROOM];
    switch (value->kind) {
    case VALUE_UNSET:
        buffer_text(into, "unset");
        break;
    case VALUE_TEXT:
    case VALUE_UNKNOWN:
    case VALUE_SECRET:
        buffer_add(into, value->text.at, value->text.length);
        break;
    case VALUE_INT:
        buffer_format(into, "%" PRId64, value->integer);
        break;
    case VALUE_FLOAT:
        print_float(value->real, number);
        buffer_text(into, number);
        break;
    case VALUE_BOOL:
        buffer_text(into, value->truth ? "true" : "false");
        break;
    case VALUE_DURATION:
        buffer_text(into, duration_print(arena, value->integer));
        break;
    case VALUE_SIZE:
        buffer_text(into, size_print(arena, value->integer));
        break;
    case VALUE_TIME:
        buffer_text(into, time_print(arena, value->integer));
        break;
    case VALUE_LIST:
    case VALUE_MAP:
        value_show(value, 0, into);
        break;
    }
}

const char *value_print(struct arena *arena, const struct value *value)
{
    if (value->kind == VALUE_TEXT || value->kind == VALUE_UNKNOWN || value->kind == VALUE_SECRET) {
        return value->text.at;
    }
    struct buffer text = {0};
    print_scalar(arena, value, &text);
    const char *printed = arena_copy(arena, text.at, text.length);
    buffer_free(&text);
    return printed;
}

/* What a showing carries along; ROOM is where it may stop early. */
struct showing {
    struct arena *arena;
    struct buffer *into;
    size_t room; /* bytes; SIZE_MAX: no limit */
};

static bool is_full(const struct showing *showing)
{
    return showing->into->length > showing->room;
}

/* A text in double quotes, with what a terminal can't show as escapes. */
static void show_escaped(struct showing *showing, struct text text)
{
    buffer_text(showing->into, "\"");
    while (text.length > 0 && !is_full(showing)) {
        uint32_t code = 0;
        size_t length = text_character(text, &code);
        if (length == 0) {
            length = 1;
            buffer_format(showing->into, "\\x%02x", (unsigned char)*text.at);
        } else if (code == '\n') {
            buffer_text(showing->into, "\\n");
        } else if (code == '\t') {
            buffer_text(showing->into, "\\t");
        } else if (code == '"' || code == '\\') {
            buffer_format(showing->into, "\\%c", (char)code);
        } else if (!character_printable(code)) {
            buffer_format(showing->into, code < 0x100 ? "\\x%02x" : "\\u%04x", code);
        } else {
            buffer_add(showing->into, text.at, length);
        }
        text = (struct text){text.at + length, text.length - length};
    }
    buffer_text(showing->into, "\"");
}

static bool is_printable(struct text text)
{
    while (text.length > 0) {
        uint32_t code = 0;
        size_t length = text_character(text, &code);
        if (length == 0 || !character_printable(code)) {
            return false;
        }
        text = (struct text){text.at + length, text.length - length};
    }
    return true;
}

/* Would it be read as something else than a text, where json is wanted? */
static bool looks_like_json(struct text text)
{
    if (text_is(text, "true") || text_is(text, "false") || text_is(text, "null") ||
        text_is(text, "unset")) {
        return true;
    }
    size_t digits = 0;
    for (size_t i = 0; i < text.length; i++) {
        bool digit = text.at[i] >= '0' && text.at[i] <= '9';
        if (!digit && memchr("+-.eE", text.at[i], 5) == NULL) {
            return false;
        }
        digits += digit;
    }
    return digits > 0;
}

/* Inside a list or map, what stands there as punctuation needs quotes as well. */
static bool needs_quotes(struct text text, bool inside)
{
    if (text.length == 0 || text.at[0] == ' ' || text.at[text.length - 1] == ' ') {
        return true;
    }
    if (!inside) {
        return false;
    }
    if (looks_like_json(text) || strchr("'\"&*!|>%@`#", text.at[0]) != NULL) {
        return true;
    }
    for (size_t i = 0; i < text.length; i++) {
        char c = text.at[i];
        bool last = i + 1 == text.length;
        if (memchr(",[]{}", c, 5) != NULL || (c == ':' && (last || text.at[i + 1] == ' ')) ||
            (c == ' ' && !last && text.at[i + 1] == '#')) {
            return true;
        }
    }
    return false;
}

static void show_text(struct showing *showing, struct text text, bool inside)
{
    /* Far past the limit nothing is shown, so nothing needs to be looked at. */
    size_t most = showing->room == SIZE_MAX ? text.length : showing->room + 1;
    struct text head = {text.at, text.length < most ? text.length : most};
    while (head.length < text.length && ((unsigned char)text.at[head.length] & 0xC0) == 0x80) {
        head.length++;
    }
    if (!is_printable(head)) {
        show_escaped(showing, head);
    } else if (needs_quotes(head, inside)) {
        buffer_text(showing->into, "'");
        for (size_t i = 0; i < head.length; i++) {
            buffer_add(showing->into, "''", head.at[i] == '\'' ? 2 : 0);
            buffer_add(showing->into, head.at + i, head.at[i] == '\'' ? 0 : 1);
        }
        buffer_text(showing->into, "'");
    } else {
        buffer_add(showing->into, head.at, head.length);
    }
}

static void show_value(struct showing *showing, const struct value *value, bool inside);

static void show_list(struct showing *showing, const struct value *value)
{
    buffer_text(showing->into, "[");
    for (size_t i = 0; i < value->list.count && !is_full(showing); i++) {
        buffer_text(showing->into, i > 0 ? ", " : "");
        show_value(showing, value->list.at[i], true);
    }
    buffer_text(showing->into, "]");
}

static void show_map(struct showing *showing, const struct value *value)
{
    buffer_text(showing->into, "{");
    for (size_t i = 0; i < value->map.count && !is_full(showing); i++) {
        buffer_text(showing->into, i > 0 ? ", " : "");
        show_text(showing, text_of(value->map.at[i].key), true);
        buffer_text(showing->into, ": ");
        show_value(showing, value->map.at[i].value, true);
    }
    buffer_text(showing->into, "}");
}

static void show_value(struct showing *showing, const struct value *value, bool inside)
{
    switch (value->kind) {
    case VALUE_TEXT:
        show_text(showing, value->text, inside);
        break;
    case VALUE_UNKNOWN:
    case VALUE_SECRET:
        if (is_printable(value->text)) {
            buffer_add(showing->into, value->text.at, value->text.length);
        } else {
            show_escaped(showing, value->text);
        }
        break;
    case VALUE_LIST:
        show_list(showing, value);
        break;
    case VALUE_MAP:
        show_map(showing, value);
        break;
    case VALUE_UNSET:
    case VALUE_INT:
    case VALUE_FLOAT:
    case VALUE_BOOL:
    case VALUE_DURATION:
    case VALUE_SIZE:
    case VALUE_TIME:
        print_scalar(showing->arena, value, showing->into);
        break;
    }
}

/* The bytes of the first COUNT characters; all of it when there are no more. */
static size_t bytes_of(struct text text, size_t count)
{
    size_t at = 0;
    while (at < text.length && count > 0) {
        uint32_t code = 0;
        size_t length = text_character((struct text){text.at + at, text.length - at}, &code);
        at += length ? length : 1;
        count--;
    }
    return at;
}

void value_show(const struct value *value, size_t limit, struct buffer *into)
{
    struct buffer whole = {0};
    struct arena *arena = arena_new();
    struct showing showing = {arena, &whole, limit == 0 ? SIZE_MAX : limit * 4 + 4};
    show_value(&showing, value, false);
    struct text shown = buffer_slice(&whole);
    if (limit > 0 && bytes_of(shown, limit) < shown.length) {
        buffer_add(into, shown.at, bytes_of(shown, limit - 1));
        buffer_text(into, "…");
    } else {
        buffer_add(into, shown.at, shown.length);
    }
    arena_free(arena);
    buffer_free(&whole);
}
