/* runbook: YAML to the typed model. Shapes, keys and fixed values are checked here; names, types
 * and effects by check.h, which needs the whole model. */
#ifndef LANG_RUNBOOK_H
#define LANG_RUNBOOK_H

#include <stddef.h>

struct arena;
struct buffer;
struct catalog;
struct diagnostics;
struct runbook;
struct source;
struct step;

/* Reads and checks the runbook in SOURCE (lang/check.h's runbook_check is called too) with all that
 * it calls. FOLDER is where it lies, absolute, for `call`. NULL when an error was added; warnings
 * are in the list anyhow.
 */
const struct runbook *runbook_read(struct arena *arena, struct catalog *catalog,
                                   const struct source *source, const char *folder,
                                   struct diagnostics *diagnostics);
/* What could be read of it, also where there are errors; nothing is checked. Only for comparing:
 * whatever is wrong is NULL in it, an action among them. NULL: it is no runbook at all. */
const struct runbook *runbook_outline(struct arena *arena, struct catalog *catalog,
                                      const struct source *source, const char *folder,
                                      struct diagnostics *diagnostics);
/* A step's digest: SHA-256, 64 hex digits, over its definition as canonical JSON with the actions
 * that it opens into, without `title about because` and comments: a reworded sentence is no change.
 */
const char *step_digest(struct arena *arena, const struct step *step);

#endif
