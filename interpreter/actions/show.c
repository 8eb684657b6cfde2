#include "actions/show.h"

#include "lang/value.h"

#include <stdbool.h>
#include <string.h>

enum {
    SHOWN_LINES = 12,  /* enough to know a text again; the deed and its digest have all of it */
    SHOWN_LENGTH = 200 /* bytes of a line */
};

/* ---- words ---- */

static bool is_plain(unsigned char byte)
{
    return byte >= 0x80 || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || (byte != '\0' && strchr("_@%+=:,./-", byte) != NULL);
}

enum quoting { QUOTE_NOT, QUOTE_SINGLE, QUOTE_ESCAPED };

/* What WORD needs; inside ‹…› it needs nothing. */
static enum quoting quoting_of(struct text word)
{
    enum quoting quoting = word.length == 0 ? QUOTE_SINGLE : QUOTE_NOT;
    size_t depth = 0;
    for (size_t i = 0; i < word.length; i++) {
        unsigned char byte = (unsigned char)word.at[i];
        if (byte < 0x20 || byte == 0x7f)
            return QUOTE_ESCAPED;
        if (i + 3 <= word.length && memcmp(word.at + i, "‹", 3) == 0)
            depth++;
        else if (depth > 0 && i + 3 <= word.length && memcmp(word.at + i, "›", 3) == 0)
            depth--;
        else if (depth == 0 && !is_plain(byte))
            quoting = QUOTE_SINGLE;
    }
    return quoting;
}

static void quote_single(struct text word, struct buffer *into)
{
    buffer_text(into, "'");
    for (size_t i = 0; i < word.length; i++) {
        if (word.at[i] == '\'')
            buffer_text(into, "'\\''");
        else
            buffer_add(into, word.at + i, 1);
    }
    buffer_text(into, "'");
}

static void quote_escaped(struct text word, struct buffer *into)
{
    buffer_text(into, "$'");
    for (size_t i = 0; i < word.length; i++) {
        unsigned char byte = (unsigned char)word.at[i];
        if (byte == '\n')
            buffer_text(into, "\\n");
        else if (byte == '\t')
            buffer_text(into, "\\t");
        else if (byte < 0x20 || byte == 0x7f)
            buffer_format(into, "\\x%02x", byte);
        else if (byte == '\'' || byte == '\\')
            buffer_format(into, "\\%c", byte);
        else
            buffer_add(into, word.at + i, 1);
    }
    buffer_text(into, "'");
}

void show_word(const struct value *value, struct buffer *into)
{
    if (value->kind != VALUE_TEXT && value->kind != VALUE_UNKNOWN && value->kind != VALUE_SECRET) {
        value_show(value, 0, into);
        return;
    }
    switch (quoting_of(value->text)) {
    case QUOTE_NOT:
        buffer_add(into, value->text.at, value->text.length);
        break;
    case QUOTE_SINGLE:
        quote_single(value->text, into);
        break;
    case QUOTE_ESCAPED:
        quote_escaped(value->text, into);
        break;
    }
}

void show_words(const struct value *list, struct buffer *into)
{
    if (list->kind != VALUE_LIST) {
        show_word(list, into);
        return;
    }
    for (size_t i = 0; i < list->list.count; i++) {
        if (i > 0)
            buffer_text(into, " ");
        show_word(list->list.at[i], into);
    }
}

/* ---- lines ---- */

/* One line, its control characters visible: a terminal never obeys them. */
static void show_line(struct text line, struct buffer *into)
{
    buffer_text(into, "\n  | ");
    size_t length = line.length;
    if (length > SHOWN_LENGTH)
        for (length = SHOWN_LENGTH; ((unsigned char)line.at[length] & 0xc0) == 0x80; length--)
            ;
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)line.at[i];
        if ((byte < 0x20 && byte != '\t') || byte == 0x7f)
            buffer_format(into, "\\x%02x", byte);
        else
            buffer_add(into, line.at + i, 1);
    }
    if (length < line.length)
        buffer_text(into, "…");
}

static struct text next_line(struct text *rest)
{
    const char *end = memchr(rest->at, '\n', rest->length);
    size_t length = end != NULL ? (size_t)(end - rest->at) : rest->length;
    struct text line = {rest->at, length};
    size_t taken = end != NULL ? length + 1 : length;
    *rest = (struct text){rest->at + taken, rest->length - taken};
    return line;
}

void show_lines(const struct value *text, struct buffer *into)
{
    if (text->kind != VALUE_TEXT && text->kind != VALUE_UNKNOWN && text->kind != VALUE_SECRET)
        return;
    struct text rest = text->text;
    size_t more = 0;
    for (size_t shown = 0; rest.length > 0; shown++) {
        struct text line = next_line(&rest);
        if (shown < SHOWN_LINES)
            show_line(line, into);
        else
            more++;
    }
    if (more > 0)
        buffer_format(into, "\n  | … and %zu more line%s", more, more == 1 ? "" : "s");
}
