/* reach: what an action opens into. Inside lang only. */
#ifndef LANG_REACH_H
#define LANG_REACH_H

struct action;
struct arena;
struct diagnostics;
struct list;
struct runbook;

/* Follows a composite to all that it is made of: RB103 when it reaches itself or goes too deep.
 * Those that don't are followed once. */
void reach_action(struct arena *arena, const struct action *action,
                  struct diagnostics *diagnostics);
/* The libraries (struct library) that RUNBOOK, what it calls and their actions use. */
void reach_libraries(struct arena *arena, const struct runbook *runbook, struct list *libraries);

#endif
