/* trap_check: the commands of a runbook against the table of traps: RB501 to RB509. */
#ifndef LANG_TRAP_CHECK_H
#define LANG_TRAP_CHECK_H

struct diagnostics;
struct library;
struct runbook;
struct traps;

/* Each argv and script of RUNBOOK, of the runbooks that it calls and of the libraries of a team
 * that it uses, wherever it stands. What somebody allows is suppressed. */
void trap_check(const struct traps *traps, const struct runbook *runbook,
                struct diagnostics *diagnostics);
/* The same of one library. */
void trap_check_library(const struct traps *traps, const struct library *library,
                        struct diagnostics *diagnostics);

#endif
