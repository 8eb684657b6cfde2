/* source: a text with its name and lines, and marks: spans of it.
 * Offsets are bytes; lines and columns are for people: from 1, columns in characters (UTF-8). */
#ifndef BASE_SOURCE_H
#define BASE_SOURCE_H

#include "base/text.h"

#include <stdint.h>

struct arena;
struct source; /* made by source_new; lives in its arena */

struct mark {
    const struct source *source; /* NULL: no place (the command line) */
    uint32_t start;              /* byte offsets into the source's text, end exclusive */
    uint32_t end;
};

/* A source over TEXT (not copied, at most 4 GiB), shown to people as NAME (not copied). */
struct source *source_new(struct arena *arena, const char *name, struct text text);
const char *source_name(const struct source *source);
struct text source_text(const struct source *source);
/* Line and column of a mark's start, from 1. */
uint32_t mark_line(struct mark mark);
uint32_t mark_column(struct mark mark);
/* Where it ends: the place behind its last character. */
struct mark mark_end(struct mark mark);
/* Appends the mark's line with its number and a caret line below it ('^' and '~' under the span,
 * cut at the line's end; tabs are kept so that it lines up; a line longer than 160 characters is
 * shown as a window around the mark). Control characters are shown as '?'. Of an empty text, or
 * where there is no place, nothing. */
void mark_excerpt(struct mark mark, struct buffer *into);

#endif
