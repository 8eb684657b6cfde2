/* trap: commands that do something else in a runbook than at a prompt, as data.
 * A table is a file: stdlib/traps.yaml, and a team's own `traps.yaml` among its libraries. Each
 * trap has a pattern, what to say, and examples of what it catches and what it must let pass. May
 * use base and what reads YAML; knows no runbook (trap_check.h does). */
#ifndef LANG_TRAP_H
#define LANG_TRAP_H

#include "base/diagnostic.h"

struct arena;
struct node;
struct text;

/* Where a command can stand: bits. */
enum trap_place {
    TRAP_EXEC = 1,  /* an argv of a step */
    TRAP_SHELL = 2, /* a line of a step's script */
    TRAP_CHECK = 4, /* either, where it answers a check */
    TRAP_ANYWHERE = 7,
};

struct trap {
    const char *id;
    struct mark mark; /* its key */
    enum diagnostic_code code;
    const char *message, *remedy;
    unsigned places;     /* of enum trap_place */
    struct list words;   /* of struct node: one of them stands in each command that it catches */
    struct list excused; /* of struct node: keys of the step, or params, that make it right */
    struct list catches, passes; /* of struct node: commands */
    bool own;                    /* a team's, not the installed stdlib's */
};

struct traps; /* a table; its memory is the arena's */

struct traps *traps_new(struct arena *arena);
/* Adds those of SOURCE; OWN: they are a team's. Patterns are compiled when a command needs them:
 * traps_prove finds faults in those. False after a diagnostic. */
bool traps_read(struct traps *traps, const struct source *source, bool own,
                struct diagnostics *diagnostics);
/* Compiles the patterns of the traps in SOURCE, and tries each on its own examples. False after a
 * diagnostic. */
bool traps_prove(const struct traps *traps, const struct source *source,
                 struct diagnostics *diagnostics);
/* The traps, in the order of the table: struct trap. */
const struct list *traps_all(const struct traps *traps);
/* Is KEY (of a step, or a param of its action) one that makes it right? */
bool trap_excused(const struct trap *trap, const char *key);

/* Who is told of a trap. WHERE is the part of the command that it is about. */
typedef void trap_found(void *context, const struct trap *trap, struct text where);
/* Calls FOUND with each trap of PLACES (bits) that COMMAND falls into, each once, in the order of
 * the table. COMMAND is one line as one would type it to a shell, its words apart by single blanks;
 * a pipeline is one line. */
void traps_match(const struct traps *traps, struct text command, unsigned places, trap_found *found,
                 void *context);

#endif
