/* diff_words: two texts word by word, or line by line when they have several. Knows nothing of
 * runbooks. */
#ifndef PLAN_DIFF_WORDS_H
#define PLAN_DIFF_WORDS_H

#include "base/list.h"
#include "base/text.h"

#include <stdbool.h>

struct arena;

enum piece_kind { PIECE_SAME, PIECE_GONE, PIECE_NEW };

struct piece {
    enum piece_kind kind;
    struct text text; /* of one of the two texts, which must outlive it */
};

/* The pieces (struct piece) of which WAS and IS are made, in order: the same and the gone ones give
 * WAS, the same and the new ones IS. Words and marks of punctuation are kept whole; where too
 * little is the same to be worth reading, all is gone and all is new. */
struct list diff_words(struct arena *arena, const char *was, const char *is);
/* The same of lines, each with its line break if it has one. */
struct list diff_lines(struct arena *arena, const char *was, const char *is);

#endif
