/* print_words: lines for people: indented, wrapped, safe on a terminal. Knows nothing of plans. */
#ifndef PLAN_PRINT_WORDS_H
#define PLAN_PRINT_WORDS_H

#include "base/text.h"

#include <stdint.h>

struct arena;
struct value;

struct words {
    struct arena *arena; /* for what is made on the way */
    struct buffer *into;
    bool colour;
    unsigned columns; /* of what is wrapped; 0: 100 */
};

/* "key: TEXT", broken at spaces so that no line is longer than `columns` where that can be; the
 * lines that follow are indented by four more. KEY NULL: TEXT alone. */
void words_prose(const struct words *words, size_t indent, const char *key, const char *text);
/* TEXT line by line, never broken: a command stays a line that can be copied and compared. */
void words_exact(const struct words *words, size_t indent, struct text text);
void words_indent(const struct words *words, size_t indent);
/* NAME in the colour of CODE ("1;31"), when colours are wanted. */
void words_colour(const struct words *words, const char *code, const char *name);
/* A value as people read it, whole: arena text. */
const char *words_value(struct arena *arena, const struct value *value);
/* "5m30s"; "no limit" for what has no bound. */
const char *words_time(struct arena *arena, int64_t time);
/* "A, B"; A alone when B is NULL or empty, and the other way round. */
const char *words_join(struct arena *arena, const char *a, const char *b);

#endif
