/* prose: the texts of commands and options as paragraphs: for --help and the man page. */
#ifndef COMMANDS_PROSE_H
#define COMMANDS_PROSE_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct buffer;

/* The next paragraph of *TEXT in ARENA, its lines joined, or NULL; moves *TEXT behind it. *LITERAL:
 * its lines are indented, and stay as they are. */
const char *prose_next(struct arena *arena, const char **text, bool *literal);
/* Characters of TEXT on a terminal, as far as our own texts go. */
size_t prose_width(const char *text);
/* `NAME ABOUT` as a row whose ABOUT begins at COLUMN, in lines of at most 80 characters. */
void prose_row(struct buffer *into, const char *name, size_t column, const char *about);

enum { PROSE_WIDTH = 80 };

#endif
