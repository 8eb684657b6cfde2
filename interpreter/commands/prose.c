#include "commands/prose.h"

#include "base/arena.h"
#include "base/text.h"
#include "report/phrase.h"

#include <string.h>

const char *prose_next(struct arena *arena, const char **text, bool *literal)
{
    const char *at = *text + strspn(*text, "\n");
    struct buffer paragraph = {0};
    *literal = *at == ' ';
    while (*at != '\0' && *at != '\n' && (*at == ' ') == *literal) {
        size_t length = strcspn(at, "\n");
        if (paragraph.length > 0)
            buffer_text(&paragraph, *literal ? "\n" : " ");
        buffer_add(&paragraph, at, length);
        at += length;
        at += *at == '\n';
    }
    *text = at;
    const char *copy =
        paragraph.length > 0 ? arena_copy(arena, paragraph.at, paragraph.length) : NULL;
    buffer_free(&paragraph);
    return copy;
}

/* What follows the first byte of a character is no further one. */
size_t prose_width(const char *text)
{
    size_t width = 0;
    for (; *text != '\0'; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

void prose_row(struct buffer *into, const char *name, size_t column, const char *about)
{
    size_t width = prose_width(name);
    buffer_format(into, "  %s", name);
    if (width + 3 > column)
        buffer_format(into, "\n%*s", (int)column, "");
    else
        buffer_format(into, "%*s", (int)(column - width - 2), "");
    phrase_wrap(into, about, column, PROSE_WIDTH);
    buffer_text(into, "\n");
}
