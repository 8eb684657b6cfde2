#include "plan/print_words.h"

#include "base/arena.h"
#include "base/units.h"
#include "lang/value.h"

#include <string.h>
#include <uniwidth.h>

#define MAX_COLUMNS 100

void words_indent(const struct words *words, size_t indent)
{
    for (size_t i = 0; i < indent; i++)
        buffer_add(words->into, " ", 1);
}

static size_t columns(struct text text)
{
    size_t total = 0;
    for (size_t at = 0; at < text.length;) {
        uint32_t code = 0;
        size_t length = text_character((struct text){text.at + at, text.length - at}, &code);
        int width = length ? uc_width(code, "UTF-8") : 1;
        total += width > 0 ? (size_t)width : 0;
        at += length ? length : 1;
    }
    return total;
}

/* One paragraph, from column AT on; what follows a break stands at column NEXT. */
static void paragraph(const struct words *words, size_t at, size_t next, struct text text)
{
    bool first = true;
    size_t most = words->columns > 0 ? words->columns : MAX_COLUMNS;
    while (text.length > 0) {
        const char *space = memchr(text.at + 1, ' ', text.length - 1);
        size_t length = space ? (size_t)(space - text.at) : text.length;
        struct text word = {text.at, length};
        size_t width = columns(word);
        if (!first && at + width > most && at > next && word.at[0] == ' ') {
            buffer_add(words->into, "\n", 1);
            words_indent(words, next);
            at = next;
            word = (struct text){word.at + 1, word.length - 1};
            width = columns(word);
        }
        buffer_printable(words->into, word);
        at += width;
        first = false;
        text = (struct text){text.at + length, text.length - length};
    }
    buffer_add(words->into, "\n", 1);
}

void words_prose(const struct words *words, size_t indent, const char *key, const char *text)
{
    size_t at = indent;
    size_t next = indent + 4;
    words_indent(words, indent);
    if (key != NULL) {
        buffer_format(words->into, "%s: ", key);
        at += strlen(key) + 2;
    }
    for (const char *line = text;;) {
        size_t length = strcspn(line, "\n");
        bool last = line[length] == '\0' || line[length + 1] == '\0';
        paragraph(words, at, next, (struct text){line, length});
        if (last)
            return;
        words_indent(words, next);
        at = next;
        line += length + 1;
    }
}

void words_exact(const struct words *words, size_t indent, struct text text)
{
    while (text.length > 0) {
        const char *end = memchr(text.at, '\n', text.length);
        size_t length = end ? (size_t)(end - text.at) : text.length;
        words_indent(words, indent);
        buffer_printable(words->into, (struct text){text.at, length});
        buffer_add(words->into, "\n", 1);
        length += end ? 1 : 0;
        text = (struct text){text.at + length, text.length - length};
    }
}

void words_colour(const struct words *words, const char *code, const char *name)
{
    if (words->colour)
        buffer_format(words->into, "\033[%sm%s\033[0m", code, name);
    else
        buffer_text(words->into, name);
}

const char *words_value(struct arena *arena, const struct value *value)
{
    struct buffer buffer = {0};
    if (value->kind == VALUE_TEXT || value->kind == VALUE_UNKNOWN || value->kind == VALUE_SECRET)
        return value->text.at;
    value_show(value, 0, &buffer);
    const char *text = arena_copy(arena, buffer.at ? buffer.at : "", buffer.length);
    buffer_free(&buffer);
    return text;
}

const char *words_time(struct arena *arena, int64_t time)
{
    return time < 0 ? "no limit" : duration_print(arena, time);
}

const char *words_join(struct arena *arena, const char *a, const char *b)
{
    if (a == NULL || a[0] == '\0')
        return b ? b : "";
    return b == NULL || b[0] == '\0' ? a : arena_format(arena, "%s, %s", a, b);
}
