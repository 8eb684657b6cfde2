/* block_own: what the two files of draft/block share: a block while it is taken apart. */
#ifndef DRAFT_BLOCK_OWN_H
#define DRAFT_BLOCK_OWN_H

#include "draft/draft_own.h"

struct blocking {
    struct draft *draft;
    const struct piece *piece;
    struct list rows;     /* of const char: the block's lines */
    struct list comments; /* of const char: those before the next command */
    bool titled;          /* the comment gave a step its name already */
    bool alone;           /* there is one command in the block */
    uint32_t at;          /* the line that is being made into a step */
    uint32_t carried;     /* the line to which the comment of an assignment goes on; 0: to none */
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
/* A line that is a comment; one that is anything else. */
void block_comment(struct blocking *blocking, const struct shell_line *line);
void block_command(struct blocking *blocking, const struct shell_line *line);

#endif
