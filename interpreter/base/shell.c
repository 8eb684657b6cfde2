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

static bool is_control(unsigned char c)
{
    return c < 0x20 || c == 0x7f;
}

static bool has_control(struct text text)
{
    for (size_t i = 0; i < text.length; i++)
        if (is_control((unsigned char)text.at[i]))
            return true;
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
    for (size_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c == '\n' || c == '\t')
            buffer_text(into, c == '\n' ? "\\n" : "\\t");
        else if (is_control(c))
            buffer_format(into, "\\%03o", c);
        else if (c == '\'' || c == '\\')
            buffer_format(into, "\\%c", c);
        else
            buffer_add(into, text.at + i, 1);
    }
    buffer_text(into, "'");
}

void shell_word(struct buffer *into, struct text text)
{
    if (is_plain(text))
        buffer_add(into, text.at, text.length);
    else if (has_control(text))
        quote_escaped(into, text);
    else
        quote_single(into, text);
}
