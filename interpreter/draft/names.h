/* names: ids made of what people write. All memory is the arena's. May use base alone. */
#ifndef DRAFT_NAMES_H
#define DRAFT_NAMES_H

#include "base/list.h"
#include "base/text.h"

struct arena;

/* An id ([a-z][a-z0-9_]*, at most 40) of the words of TEXT, small words left out; accents are taken
 * off. "" where nothing can be made of it: a title in another script, or none. */
const char *name_of_title(struct arena *arena, const char *text);
/* The same of a command's words or a variable: all that is ASCII counts. */
const char *name_of_words(struct arena *arena, const char *text);
/* NAME, or NAME_2 … when it is in TAKEN; it is in there afterwards. "" becomes FALLBACK. */
const char *name_unique(struct arena *arena, struct map *taken, const char *name,
                        const char *fallback);

#endif
