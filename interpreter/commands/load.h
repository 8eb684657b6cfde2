/* load: a runbook found, read with its libraries, and checked; findings printed.
 * Nothing is taken from the current folder just because it is there, but the file that was named.
 */
#ifndef COMMANDS_LOAD_H
#define COMMANDS_LOAD_H

#include "base/diagnostic.h"
#include "commands/command.h"

#include <stdbool.h>

struct arena;
struct catalog;
struct library;
struct node;
struct plan;
struct runbook;
struct secrets;
struct traps;
struct value;

struct loaded {
    const struct runbook *runbook; /* NULL: it can't be used */
    const struct value *params;
    struct catalog *catalog;
    const char *file;   /* as people name it */
    const char *path;   /* absolute */
    const char *folder; /* absolute */
    bool open;          /* set before params are bound: a missing one is unknown, not an error */
    const char *stdlib; /* of a revision's own, or NULL: the installed one */
    const struct node *given; /* set before, or NULL: params as --params has them */
    struct diagnostics *diagnostics;
};

/* Does FILE begin with KEY? Its first line that is no comment says what it is: "runbook". */
bool load_begins(const char *file, const char *key);
/* Reads FILE (as named, else in $RUNBOOK_PATH, else among the installed runbooks). Diagnostics are
 * in the list, not printed. */
struct loaded load_runbook(struct invocation *invocation, const char *file);
/* The same; BEFORE (or NULL) is one that was read by this: what both use is read once, where they
 * lie in one folder. */
struct loaded load_beside(struct invocation *invocation, const char *file,
                          const struct loaded *before);
/* Reads the file at PATH, shown to people as FILE, with the library beside it; STDLIB NULL: the
 * installed one. */
struct loaded load_revision(struct invocation *invocation, const char *path, const char *file,
                            const char *stdlib);
/* What can be read of it though it has errors, never checked and only for looking at: what is wrong
 * is NULL in it. NULL: nothing. */
const struct runbook *load_outline(struct invocation *invocation, const struct loaded *loaded);
/* Where FILE is found so; FILE itself when it is nowhere. */
const char *load_find(struct arena *arena, const char *file);
/* Reads the copy of a runbook in COPY, its libraries beside it in `library`. FILE is how people
 * named the original, FOLDER where it lay. */
struct loaded load_copy(struct invocation *invocation, const char *copy, const char *file,
                        const char *folder);
/* Tells that OPTION's ID is no step of the runbook, and which is near. WHO begins the line. */
void load_no_step(struct invocation *invocation, const struct loaded *loaded, const char *who,
                  const struct option *option, const char *id);
/* Binds --param and --params; false after a diagnostic. */
bool load_params(struct invocation *invocation, struct loaded *loaded);
/* Prints the findings that are at least as grave as LEAST to standard error. Is one an error? */
bool load_report(struct invocation *invocation, const struct loaded *loaded, enum severity least);
/* The plan of the whole, proved; NULL when that can't be made, or is not to be run. Its findings
 * that are at least as grave as LEAST were printed. */
const struct plan *load_plan(struct invocation *invocation, struct loaded *loaded,
                             enum severity least);
/* The catalog for a runbook in FOLDER (NULL: of the stdlib alone). */
struct catalog *load_catalog(struct arena *arena, const char *folder,
                             struct diagnostics *diagnostics);
/* The table of traps for a runbook in FOLDER: the stdlib's, then those of `traps.yaml` in each of
 * the team's folders, which are tried on their own examples. */
const struct traps *load_traps(struct arena *arena, const char *folder,
                               struct diagnostics *diagnostics);
/* The library in FILE, checked as for a runbook that lies beside its folder; NULL after a
 * diagnostic. Diagnostics are in *LOADED, which has no runbook. */
const struct library *load_library(struct invocation *invocation, const char *file,
                                   struct loaded *loaded);
/* The table of traps in FILE, each tried on its own examples; diagnostics likewise. */
void load_traps_file(struct invocation *invocation, const char *file, struct loaded *loaded);
/* All actions (struct action, sorted) of runbooks that lie in the folder of --beside, else in the
 * current one. Diagnostics of their libraries are in *LOADED, not printed. */
struct list load_actions(struct invocation *invocation, struct loaded *loaded);
/* For the secrets of a run of it: those that can be read at once are known. The caller frees. */
struct secrets *load_secrets(const struct loaded *loaded);
/* PATH as the runbook means it: from its folder, where it is not absolute. */
const char *load_path(struct arena *arena, const struct loaded *loaded, const char *path);
/* The program that is running. */
const char *load_program(struct arena *arena);
/* The folder of what `ci` prints. */
const char *load_ci(struct arena *arena);
/* Where the shim's program is. */
const char *load_shim(struct arena *arena);

#endif
