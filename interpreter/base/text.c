#include "base/text.h"

#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct text text_of(const char *string)
{
    return (struct text){string, strlen(string)};
}

bool text_equal(struct text a, struct text b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.at, b.at, a.length) == 0);
}

bool text_is(struct text a, const char *string)
{
    return text_equal(a, text_of(string));
}

int text_compare(struct text a, struct text b)
{
    size_t shorter = a.length < b.length ? a.length : b.length;
    int order = shorter == 0 ? 0 : memcmp(a.at, b.at, shorter);
    if (order == 0 && a.length != b.length) {
        order = a.length < b.length ? -1 : 1;
    }
    return order;
}

/* How many bytes a sequence that begins with LEAD has; 0 when none begins so. */
static size_t sequence_length(unsigned char lead)
{
    if (lead < 0x80) {
        return 1;
    }
    if (lead >= 0xc2 && lead < 0xe0) {
        return 2;
    }
    if (lead >= 0xe0 && lead < 0xf0) {
        return 3;
    }
    return lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
}

size_t text_character(struct text text, uint32_t *code)
{
    static const unsigned char lead_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *at = (const unsigned char *)text.at;
    size_t length = sequence_length(at[0]);
    if (length == 0 || length > text.length) {
        return 0;
    }
    uint32_t value = at[0] & lead_bits[length];
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xc0) != 0x80) {
            return 0;
        }
        value = value << 6 | (at[i] & 0x3f);
    }
    if (value < least[length] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) {
        return 0;
    }
    *code = value;
    return length;
}

bool text_is_line(struct text text)
{
    for (size_t i = 0; i < text.length; i++)
        if ((unsigned char)text.at[i] < 0x20 || text.at[i] == 0x7f)
            return false;
    return true;
}

bool text_is_utf8(struct text text)
{
    uint32_t code;
    for (size_t at = 0, length; at < text.length; at += length)
        if ((length = text_character((struct text){text.at + at, text.length - at}, &code)) == 0)
            return false;
    return true;
}

bool character_printable(uint32_t code)
{
    bool control = code < 0x20 || (code >= 0x7f && code < 0xa0);
    bool line_end = code == 0x2028 || code == 0x2029;
    /* These turn the direction of writing: a line could show what it doesn't say. */
    bool turns = (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) ||
                 code == 0x200e || code == 0x200f || code == 0x061c;
    return !control && !line_end && !turns && code != 0xfeff;
}

/* Beyond this length no word of the language is meant, and the table below stays small. */
enum { LONGEST_WORD = 48 };

static unsigned char folded(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return (unsigned char)(c - 'A' + 'a');
    }
    return (unsigned char)(c == '-' ? '_' : c);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Edit distance with transpositions of neighbours; capitals count as small, '-' as '_'. */
static size_t distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t rows[3][LONGEST_WORD + 1];
    size_t *before = rows[0];
    size_t *last = rows[1];
    size_t *row = rows[2];
    for (size_t j = 0; j <= b_length; j++) {
        before[j] = last[j] = j;
    }
    for (size_t i = 1; i <= a_length; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            unsigned char x = folded(a[i - 1]);
            unsigned char y = folded(b[j - 1]);
            row[j] = least(least(last[j], row[j - 1]) + 1, last[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == folded(b[j - 2]) && y == folded(a[i - 2])) {
                row[j] = least(row[j], before[j - 2] + 1);
            }
        }
        size_t *spare = before;
        before = last;
        last = row;
        row = spare;
    }
    return last[b_length];
}

const char *text_nearest(const char *word, const char *const *candidates, size_t count)
{
    size_t length = strlen(word);
    if (length == 0 || length > LONGEST_WORD) {
        return NULL;
    }
    /* A third of the letters may be wrong; one in a word of two. */
    size_t allowed = (length + 1) / 3;
    const char *nearest = NULL;
    const char *longer = NULL;
    for (size_t i = 0; i < count; i++) {
        size_t candidate_length = strlen(candidates[i]);
        if (candidate_length > LONGEST_WORD) {
            continue;
        }
        size_t apart = distance(word, length, candidates[i], candidate_length);
        if (apart <= allowed && (nearest == NULL || apart + 1 <= allowed)) {
            nearest = candidates[i];
            if (apart == 0) {
                break;
            }
            allowed = apart;
        }
        /* The beginning of one candidate alone is meant for it: `precond`. */
        if (length >= 3 && strncmp(word, candidates[i], length) == 0) {
            longer = longer == NULL ? candidates[i] : "";
        }
    }
    if (nearest == NULL && longer != NULL && longer[0] != '\0') {
        nearest = longer;
    }
    return nearest;
}

/* Room for LENGTH more bytes and the NUL. */
static void buffer_room(struct buffer *buffer, size_t length)
{
    if (length > SIZE_MAX / 4 || buffer->length > SIZE_MAX / 4) {
        memory_exhausted(length);
    }
    size_t needed = buffer->length + length + 1;
    if (needed <= buffer->room) {
        return;
    }
    size_t room = buffer->room < 64 ? 64 : buffer->room * 2;
    buffer->room = room < needed ? needed : room;
    buffer->at = memory_resize(buffer->at, buffer->room);
}

void buffer_add(struct buffer *buffer, const char *at, size_t length)
{
    buffer_room(buffer, length);
    if (length > 0) {
        memcpy(buffer->at + buffer->length, at, length);
    }
    buffer->length += length;
    buffer->at[buffer->length] = '\0';
}

void buffer_text(struct buffer *buffer, const char *string)
{
    buffer_add(buffer, string, strlen(string));
}

void buffer_format(struct buffer *buffer, const char *format, ...)
{
    buffer_room(buffer, 64);
    size_t room = buffer->room - buffer->length;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(buffer->at + buffer->length, room, format, arguments);
    va_end(arguments);
    if (length >= 0 && (size_t)length >= room) {
        buffer_room(buffer, (size_t)length);
        va_start(arguments, format);
        length = vsnprintf(buffer->at + buffer->length, (size_t)length + 1, format, arguments);
        va_end(arguments);
    }
    buffer->length += length > 0 ? (size_t)length : 0;
    buffer->at[buffer->length] = '\0';
}

void buffer_printable(struct buffer *buffer, struct text text)
{
    size_t at = 0;
    while (at < text.length) {
        uint32_t code = 0;
        struct text rest = {text.at + at, text.length - at};
        size_t length = text_character(rest, &code);
        if (length > 0 && character_printable(code)) {
            buffer_add(buffer, rest.at, length);
        } else {
            buffer_add(buffer, "?", 1);
        }
        at += length > 0 ? length : 1;
    }
}

struct text buffer_slice(const struct buffer *buffer)
{
    return (struct text){buffer->at == NULL ? "" : buffer->at, buffer->length};
}

void buffer_free(struct buffer *buffer)
{
    free(buffer->at);
    *buffer = (struct buffer){0};
}
