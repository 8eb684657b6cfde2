/* catalog: where actions are found: the core's table, then libraries.
 * Library NAME is NAME.yaml in the first of the folders that has it; a team's own can't take a name
 * of the core or of the stdlib (RB101). Each library is read once, when first named. */
#ifndef LANG_CATALOG_H
#define LANG_CATALOG_H

#include "base/source.h"

#include <stdbool.h>

struct action;
struct arena;
struct catalog;
struct core_action;
struct diagnostics;
struct library;
struct list;

/* CORE ends with NULL. FOLDERS (NULL-terminated): a team's own, searched first (`library/` beside
 * the runbook, $RUNBOOK_LIBRARY); STDLIB is the installed one or NULL. Nothing is read yet. */
struct catalog *catalog_new(struct arena *arena, const struct core_action *const *core,
                            const char *const *folders, const char *stdlib,
                            struct diagnostics *diagnostics);
/* The action NAME, reading its library when it has to. NULL after a diagnostic at MARK (unknown,
 * with the nearest name; or the library's own faults, once). */
const struct action *catalog_find(struct catalog *catalog, const char *name, struct mark mark);
/* All actions there are (every library in the folders is read), sorted by name: struct action. */
void catalog_all(struct catalog *catalog, struct list *actions);
/* For another runbook of the same folder: what is read already is used again, and what is found
 * from here on goes to DIAGNOSTICS. False, and nothing is done, when something was found in a
 * library or an error anywhere: that runbook may have to be told of it too, by a catalog of its
 * own. */
bool catalog_again(struct catalog *catalog, struct diagnostics *diagnostics);
/* The library NAME, read with its actions and checked; NULL after a diagnostic, or when there is
 * none. */
const struct library *catalog_library(struct catalog *catalog, const char *name);
/* The libraries that were read so far: struct library. */
const struct list *catalog_libraries(const struct catalog *catalog);

#endif
