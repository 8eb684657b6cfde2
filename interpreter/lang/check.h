/* check: names, types, effects and the graph of a runbook and the libraries it uses: RB101 to RB303 as far as a
 * model alone can tell. What needs composites opened (RB201, RB207, RB401) is plan/prove.h's. */
#ifndef LANG_CHECK_H
#define LANG_CHECK_H

struct arena;
struct diagnostics;
struct library;
struct runbook;

void runbook_check(struct arena *arena, const struct runbook *runbook,
                   struct diagnostics *diagnostics);
void library_check(struct arena *arena, const struct library *library,
                   struct diagnostics *diagnostics);

#endif
