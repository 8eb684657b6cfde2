/* japanese: the words of which headings of Japanese procedures are made, in English: for ids. */
#ifndef DRAFT_JAPANESE_H
#define DRAFT_JAPANESE_H

#include "base/text.h"

/* The English word for the longest one at the front of TEXT, "" for a particle; *LENGTH is its
 * bytes. NULL: it is none that is known. */
const char *japanese_word(struct text text, size_t *length);

#endif
