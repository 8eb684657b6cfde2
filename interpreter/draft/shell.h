/* shell: a block of shell as logical lines, and a line that is simple taken apart into words.
 * A small honest reader of POSIX shell: what it does not take (if, loops, functions, arithmetic …)
 * it says, and gives word for word. A line never ends inside a quote, a `$(…)`, a here-document or
 * something that is still open. All memory is the arena's. May use base alone. */
#ifndef DRAFT_SHELL_H
#define DRAFT_SHELL_H

#include "base/list.h"
#include "base/text.h"

#include <stdint.h>

struct arena;

enum shell_part_kind {
    PART_TEXT,     /* as it is, quotes taken away */
    PART_VARIABLE, /* `$NAME`, `${NAME}`: its name */
    PART_COMMAND,  /* `$(…)`, backquotes: what stands inside */
    PART_BLANK,    /* to be filled in by hand, `[container-id]`, `<hash>`: as written */
    PART_OTHER,    /* of a shell alone: `$1`, `${x:-y}`, `$((…))`, a glob, `~` */
};

struct shell_part {
    enum shell_part_kind kind;
    bool quoted, single; /* in quotes at all; in single ones */
    struct text text;    /* of all but PART_TEXT a slice of the block */
};

struct shell_word {
    struct text raw;   /* as written */
    struct list parts; /* of struct shell_part */
};

enum shell_redirect_kind {
    REDIRECT_IN,     /* < */
    REDIRECT_OUT,    /* > >| */
    REDIRECT_APPEND, /* >> */
    REDIRECT_HERE,   /* << <<- */
    REDIRECT_COPY,   /* 2>&1 */
    REDIRECT_OTHER,  /* &> <<< <> … */
};

struct shell_redirect {
    enum shell_redirect_kind kind;
    int fd;
    struct shell_word *target; /* of REDIRECT_HERE: the word behind << */
    struct text here;          /* of REDIRECT_HERE: the lines */
};

struct shell_assignment {
    const char *name;
    struct shell_word *value;
};

struct shell_command {
    struct list assignments; /* of struct shell_assignment */
    struct list words;       /* of struct shell_word */
    struct list redirects;   /* of struct shell_redirect */
};

enum shell_kind {
    SHELL_COMMENT, /* nothing else in the line */
    SHELL_SIMPLE,  /* one command */
    SHELL_PIPE,    /* several with | between them */
    SHELL_CHAIN,   /* several with && || ; & between or behind them */
    SHELL_OTHER,   /* not taken apart */
};

struct shell_line {
    enum shell_kind kind;
    uint32_t line, last;  /* in the block, from 0 */
    struct text text;     /* as written, without the comment behind it */
    const char *comment;  /* behind it, or all of it; without '#' and blanks. NULL: none */
    struct list commands; /* of struct shell_command */
    struct list between;  /* of const char: the operators, one behind each but the last command */
    const char *why;      /* of SHELL_OTHER: what it has */
    bool broken;          /* of SHELL_OTHER: something is not closed, so it is no whole command */
    bool bash;            /* it has what /bin/sh does not know */
};

/* The logical lines of a block (struct shell_line), in order; empty ones are left out. Past 20,000
 * that are no comments nothing is read. */
struct list shell_read(struct arena *arena, struct text block);
/* A word as an assignment (of `export NAME=value`); NULL when it is none. */
struct shell_assignment *shell_assignment_of(struct arena *arena, const struct shell_word *word);
/* The names ("HOME") that TEXT, a piece of shell, expands as variables, each once, into NAMES (of
 * const char); those that it sets itself are none. */
void shell_names(struct arena *arena, struct text text, struct list *names);

#endif
