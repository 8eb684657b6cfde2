#include "base/markdown.h"

#include <string.h>

/* What CommonMark or its tables may take for markup, wherever it stands in a line. */
#define MARKUP "\\`*_{}[]<>()#+-.!|~&"

/* GitHub and GitLab look for `@name`, `#12` and `!12` in what was rendered, where a backslash is
 * gone: only an element around the sign parts it from what follows. */
static bool is_call(struct text rest)
{
    unsigned char next = rest.length > 1 ? (unsigned char)rest.at[1] : ' ';
    bool digit = next >= '0' && next <= '9';
    bool letter = (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z') || next >= 0x80;
    return (*rest.at == '@' && (digit || letter || next == '_')) ||
           ((*rest.at == '#' || *rest.at == '!') && digit);
}

static bool is_letter(struct text text, size_t at)
{
    unsigned char c = at < text.length ? (unsigned char)text.at[at] : ' ';
    return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_number(struct text text)
{
    for (size_t i = 0; i < text.length; i++)
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
    return text.length > 0 && text.length <= 9; /* longer ones begin no list */
}

/* May the byte at AT be markup where it stands? TEXT may begin a line, and end one. What is behind
 * a '[' or a '<' needs no mark of its own, since that has one. */
static bool is_markup(struct text text, size_t at)
{
    switch (text.at[at]) {
    case '-':
    case '+':
    case '=':
    case '>':
        return at == 0;
    case '#':
        return at == 0 || at + 1 == text.length;
    case '.':
    case ')': /* behind a number it makes a list */
        return is_number((struct text){text.at, at});
    case '_':
        return at == 0 || !is_letter(text, at - 1) || !is_letter(text, at + 1);
    case '&':
        return is_letter(text, at + 1) || (at + 1 < text.length && text.at[at + 1] == '#');
    default:
        return text.at[at] != '\0' && strchr("\\`*[]<|~", text.at[at]) != NULL;
    }
}

static bool is_html(struct text text, size_t at)
{
    return text.at[at] != '\0' && strchr(MARKUP, text.at[at]) != NULL;
}

/* ESCAPE writes what MARKED says is markup. */
static void add_prose(struct buffer *into, struct text text,
                      bool (*marked)(struct text text, size_t at),
                      void (*escape)(struct buffer *into, char byte))
{
    for (size_t at = 0; at < text.length;) {
        uint32_t code = 0;
        struct text rest = {text.at + at, text.length - at};
        size_t length = text_character(rest, &code);
        length = length > 0 ? length : 1;
        if (*rest.at == '\n')
            buffer_add(into, " ", 1);
        else if (is_call(rest))
            buffer_format(into, "<span>%c</span>", *rest.at);
        else if (length == 1 && marked(text, at))
            escape(into, *rest.at);
        else
            buffer_printable(into, (struct text){rest.at, length});
        at += length;
    }
}

static void escape_markdown(struct buffer *into, char byte)
{
    buffer_format(into, "\\%c", byte);
}

static void escape_html(struct buffer *into, char byte)
{
    buffer_format(into, "&#%u;", (unsigned)byte);
}

void markdown_text(struct buffer *into, struct text text)
{
    add_prose(into, text, is_markup, escape_markdown);
}

void markdown_html(struct buffer *into, struct text text)
{
    add_prose(into, text, is_html, escape_html);
}

/* The longest row of backticks in TEXT. */
static size_t longest_row(struct text text)
{
    size_t longest = 0, row = 0;
    for (size_t i = 0; i < text.length; i++) {
        row = text.at[i] == '`' ? row + 1 : 0;
        longest = row > longest ? row : longest;
    }
    return longest;
}

static void add_row(struct buffer *into, size_t count)
{
    while (count-- > 0)
        buffer_add(into, "`", 1);
}

/* In a table's cell a `|` ends even a span of code, unless a backslash stands before it, which the
 * table takes away again. Outside of one it would be shown, so code with a `|` is written as HTML,
 * which is the same in both. */
static void code_as_html(struct buffer *into, struct text text)
{
    buffer_text(into, "<code>");
    for (size_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c < 0x80 && c > ' ' && strchr(MARKUP "\"'", c) != NULL)
            buffer_format(into, "&#%u;", (unsigned)c);
        else
            buffer_add(into, text.at + i, 1);
    }
    buffer_text(into, "</code>");
}

void markdown_code(struct buffer *into, struct text text)
{
    struct buffer line = {0};
    for (size_t from = 0, at = 0; at <= text.length; at++)
        if (at == text.length || text.at[at] == '\n') {
            buffer_printable(&line, (struct text){text.at + from, at - from});
            buffer_add(&line, " ", at < text.length);
            from = at + 1;
        }
    struct text shown = buffer_slice(&line);
    size_t row = longest_row(shown) + 1;
    if (shown.length > 0 && memchr(shown.at, '|', shown.length) != NULL) {
        code_as_html(into, shown);
    } else if (shown.length > 0) {
        /* A blank at both ends is taken away again: so a backtick may stand there, and a blank. */
        bool padded = shown.at[0] == '`' || shown.at[shown.length - 1] == '`' ||
                      shown.at[0] == ' ' || shown.at[shown.length - 1] == ' ';
        add_row(into, row);
        buffer_add(into, " ", padded);
        buffer_add(into, shown.at, shown.length);
        buffer_add(into, " ", padded);
        add_row(into, row);
    }
    buffer_free(&line);
}

static void add_indent(struct buffer *into, size_t indent)
{
    while (indent-- > 0)
        buffer_add(into, " ", 1);
}

void markdown_block(struct buffer *into, size_t indent, const char *language, struct text text)
{
    size_t row = longest_row(text) + 1 < 3 ? 3 : longest_row(text) + 1;
    add_indent(into, indent);
    add_row(into, row);
    buffer_format(into, "%s\n", language);
    while (text.length > 0) {
        const char *end = memchr(text.at, '\n', text.length);
        size_t length = end ? (size_t)(end - text.at) : text.length;
        if (length > 0)
            add_indent(into, indent);
        buffer_printable(into, (struct text){text.at, length});
        buffer_add(into, "\n", 1);
        length += end != NULL;
        text = (struct text){text.at + length, text.length - length};
    }
    add_indent(into, indent);
    add_row(into, row);
    buffer_add(into, "\n", 1);
}
