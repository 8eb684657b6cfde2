/* show: what a deed looks like in a plan: shell words, a text's first lines.
 * Pure; values may be unknown and then show as ‹…›. */
#ifndef ACTIONS_SHOW_H
#define ACTIONS_SHOW_H

#include "base/text.h"

struct value;

/* One word as a shell would take it: quoted only where it must be, `$'…'` where it holds control
 * characters. What stands between ‹ and › is left alone. */
void show_word(const struct value *value, struct buffer *into);
/* Words with blanks between; an unknown list as ‹…›. */
void show_words(const struct value *list, struct buffer *into);
/* A text's first lines, each on a line of its own behind "\n  | ", and how many more there are. */
void show_lines(const struct value *text, struct buffer *into);

#endif
