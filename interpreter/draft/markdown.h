/* markdown: a written document as a tree of sections, with what stands in them: prose and code.
 * Read by cmark. Lines are those of the document, from 1. All memory is the arena's. May use base
 * alone. */
#ifndef DRAFT_MARKDOWN_H
#define DRAFT_MARKDOWN_H

#include "base/list.h"
#include "base/text.h"

#include <stdint.h>

struct arena;

enum piece_kind { PIECE_PROSE, PIECE_CODE, PIECE_SECTION };

struct piece {
    enum piece_kind kind;
    uint32_t line;     /* where it begins; of code, its first line behind the fence */
    uint32_t last;     /* and ends; of a section: its heading's */
    const char *text;  /* of prose: one line of plain words; of code: the block; of a section: its
                          heading, "" of the document itself */
    const char *info;  /* of code: the first word behind its fence in small letters, "" without */
    bool fenced;       /* of code: else it is indented */
    bool item;         /* of prose: a list's item */
    uint32_t level;    /* of a section: 1 to 6, 0 of the document itself */
    struct list inner; /* of a section: struct piece, in order */
};

/* TEXT with the line ends of unix, and U+FFFD for what is no UTF-8 or can't be printed. */
struct text markdown_clean(struct arena *arena, struct text text);
/* The document, which was cleaned. */
struct piece *markdown_read(struct arena *arena, struct text text);

#endif
