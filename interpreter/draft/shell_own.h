/* shell_own: what the files of draft/shell share. */
#ifndef DRAFT_SHELL_OWN_H
#define DRAFT_SHELL_OWN_H

#include "draft/shell.h"

enum shell_token_kind { TOKEN_WORD, TOKEN_OPERATOR, TOKEN_COMMENT, TOKEN_NEWLINE, TOKEN_END };

struct shell_token {
    enum shell_token_kind kind;
    size_t start, end;       /* in the block */
    struct shell_word *word; /* of TOKEN_WORD */
    const char *operator;    /* of TOKEN_OPERATOR */
    int fd;                  /* written before a redirect, else -1 */
    struct text here;        /* of << and <<-: filled in when its lines were read */
};

struct shell_scan {
    struct arena *arena;
    struct text text;
    size_t at;
    size_t limit;       /* nothing is read beyond it */
    const char *broken; /* what is not closed */
    bool bash;
};

/* The next token; at the end of the text, or where something is not closed, TOKEN_END. */
struct shell_token shell_token_next(struct shell_scan *scan);
/* Is C one that ends a word? */
bool shell_ends_word(char c);
/* How many bytes a blank to fill in has at the front of TEXT, 0 when there is none. */
size_t shell_blank(struct text text, bool quoted);

#endif
