/* block_own: what the two files of draft/block share: a block while it is taken apart. */
#ifndef DRAFT_BLOCK_OWN_H
#define DRAFT_BLOCK_OWN_H

#include "draft/draft_own.h"

struct blocking {
    struct draft *draft;
    const struct piece *piece;
    struct list rows;     /* of const char: the block's lines */
    struct list comments; /* of const char: those before the next command */
    struct list under;    /* of struct draft_step: those under the last comment */
    const char *comment;  /* that one */
    const char *said;     /* what an echo said, for the next command */
    const char *prose;
    const char *left; /* why the last line is no command; NULL: none was */
    uint32_t left_line;
    struct draft_step *left_step;
};

/* A step that is nothing but its notes, added. */
struct draft_step *block_note(struct blocking *blocking);
/* Comments that became nobody's title stand by themselves. */
void block_flush(struct blocking *blocking);
/* Notes the traps of TEXT, a command; LINE: where it stands, 0 where the step says so. */
void block_traps(struct blocking *blocking, struct draft_step *step, struct text text, bool script,
                 uint32_t line);
/* The title of a step, by the comments before it and BEHIND it (NULL: none). */
void block_title(struct blocking *blocking, struct draft_step *step, const char *behind);
/* Tells the steps under one comment apart by their number. */
void block_number(struct blocking *blocking);
/* A line that is a comment; one that is anything else. */
void block_comment(struct blocking *blocking, const struct shell_line *line);
void block_command(struct blocking *blocking, const struct shell_line *line);

#endif
