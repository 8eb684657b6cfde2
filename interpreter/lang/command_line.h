/* command_line: commands as one would type them, to be searched in, each byte with its place.
 * Of a script its logical lines; of an argv its words with quotes where a shell needs them. Words
 * are apart by single blanks. May use base and yaml.h alone. */
#ifndef LANG_COMMAND_LINE_H
#define LANG_COMMAND_LINE_H

#include "base/source.h"

struct node;

/* A zeroed one is empty, and may be used again and again. */
struct command_line {
    struct buffer text;
    struct buffer places; /* of struct command_place: one for each byte of `text` */
};
struct command_place {
    const struct node *node; /* the scalar that the byte stands in */
    uint32_t offset;         /* in its value */
};

/* The next logical line of the shell script in SCRIPT from *AT on, which moves: continued lines
 * joined (also where a quote is open, or behind a `|` or `&&`), comments and here-documents left
 * out. False when there is none. */
bool command_line_next(struct command_line *line, const struct node *script, size_t *at);
/* The program and arguments in ARGV, a list of scalars. */
void command_line_words(struct command_line *line, const struct node *argv);
/* Where PART, a slice of the line's text, stands: at most to the end of the scalar that it begins
 * in, and of words on one line of the file to the end of the last. */
struct mark command_line_mark(const struct command_line *line, struct text part);
void command_line_free(struct command_line *line);

#endif
