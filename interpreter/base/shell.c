#include "base/shell.h"

#include <string.h>

static bool is_plain(struct text text)
{
    static const char signs[] = "_./:=@%+,-";
    for (size_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.at[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && (c == '\0' || strchr(signs, c) == NULL))
            return false;
    }
    return text.length > 0;
}

/* The bytes at the front of TEXT that are shown as they are; 0: a byte that no terminal and no page
 * shows for what it is. */
static size_t shown_length(struct text text)
{
    uint32_t code = 0;
    size_t length = text_character(text, &code);
    return length > 0 && character_printable(code) ? length : 0;
}

static bool has_hidden(struct text text)
{
    for (size_t i = 0; i < text.length;) {
        size_t length = shown_length((struct text){text.at + i, text.length - i});
        if (length == 0)
            return true;
        i += length;
    }
    return false;
}

static void quote_single(struct buffer *into, struct text text)
{
    buffer_text(into, "'");
    for (size_t i = 0; i < text.length; i++)
        if (text.at[i] == '\'')
            buffer_text(into, "'\\''");
        else
            buffer_add(into, text.at + i, 1);
    buffer_text(into, "'");
}

static void quote_escaped(struct buffer *into, struct text text)
{
    buffer_text(into, "$'");
    for (size_t i = 0; i < text.length;) {
        size_t length = shown_length((struct text){text.at + i, text.length - i});
        unsigned char c = (unsigned char)text.at[i];
        if (c == '\n' || c == '\t')
            buffer_text(into, c == '\n' ? "\\n" : "\\t");
        else if (length == 0)
            buffer_format(into, "\\%03o", c);
        else if (c == '\'' || c == '\\')
            buffer_format(into, "\\%c", c);
        else
            buffer_add(into, text.at + i, length);
        i += length > 0 ? length : 1;
    }
    buffer_text(into, "'");
}

void shell_word(struct buffer *into, struct text text)
{
    if (is_plain(text))
        buffer_add(into, text.at, text.length);
    else if (has_hidden(text))
        quote_escaped(into, text);
    else
        quote_single(into, text);
}
