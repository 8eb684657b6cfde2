/* check: names, types, effects and the graph of a runbook and the libraries it uses: RB101 to RB303
 * as far as a model alone can tell. What needs composites opened (RB201, RB207, RB401) is
 * plan/prove.h's. */
#ifndef LANG_CHECK_H
#define LANG_CHECK_H

#include "base/diagnostic.h"

struct action;
struct arena;
struct library;
struct runbook;
struct step;

/* The types of `set` are found here, so a model is whole only after its check. */
void runbook_check(struct arena *arena, const struct runbook *runbook,
                   struct diagnostics *diagnostics);
void library_check(struct arena *arena, const struct library *library,
                   struct diagnostics *diagnostics);

/* Is the output NAME of STEP made of params alone, so that it is there when `done_if` holds? It is
 * when its value names nothing else; a core action's is when a param has its name (`path` of
 * file.write). */
bool output_of_params(struct arena *arena, const struct step *step, const char *name);

/* May a check ask by ACTION: does it read, or is it a command that is taken as a read? */
bool check_may_ask(const struct action *action);

#endif
