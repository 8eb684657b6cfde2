/* draft: a runbook made of a written procedure. Every command of the document is in it, in order:
 * as an action where one says the same, as `exec` where it is one plain command, as `shell` word
 * for word where it is more. What a person has to decide stands in it as TODO, each trap as a
 * comment at its place. A draft can always be read; that it is right nobody has said.
 * May use base and lang. */
#ifndef DRAFT_DRAFT_H
#define DRAFT_DRAFT_H

#include "base/text.h"

#include <stddef.h>

struct arena;

struct draft_trap {
    const char *code, *id;        /* "RB504", "sleep" */
    const char *message, *remedy; /* remedy may be NULL */
};

typedef void draft_trap_found(void *context, const struct draft_trap *trap);

struct draft_request {
    const char *file;     /* of the document, as people name it */
    struct text document; /* at most 16 MiB */
    const char *section;  /* of its sections this one alone; NULL: all */
    /* Calls FOUND with each trap that COMMAND, in one line, falls into: a line of a SCRIPT, or one
     * that answers a CHECK. NULL: none is known. */
    void (*find_traps)(void *context, struct text command, bool script, bool check,
                       draft_trap_found *found, void *found_context);
    void *find_context;
};

struct draft_counts {
    size_t commands; /* of the document: all of these */
    size_t exec, shell, http, sql, library, core, said, left;
    size_t traps, decide, commented, blocks;
};

enum draft_outcome {
    DRAFT_MADE,
    DRAFT_NO_COMMAND, /* there is none in it */
    DRAFT_NO_SECTION, /* none is called so; INTO has a list of those that there are, a line each */
    DRAFT_TOO_LARGE   /* more commands than a procedure has */
};

/* Appends the draft to INTO. */
enum draft_outcome draft_make(struct arena *arena, const struct draft_request *request,
                              struct buffer *into, struct draft_counts *counts);

#endif
