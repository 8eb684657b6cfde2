/* shell: text as one word of a shell's command line. */
#ifndef BASE_SHELL_H
#define BASE_SHELL_H

#include "base/text.h"

/* TEXT as one word that bash takes for just that, in one line, so that indenting it changes
 * nothing: bare where nothing in it means anything, else in single quotes, and as $'…' where it
 * holds line breaks or what can't be seen. */
void shell_word(struct buffer *into, struct text text);

#endif
