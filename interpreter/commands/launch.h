/* launch: a new run: its lock, its record, its first event, and then it is carried out. */
#ifndef COMMANDS_LAUNCH_H
#define COMMANDS_LAUNCH_H

struct plan;
struct session;

/* Begins a run of the session's runbook, whose options and choice were read, and runs it to its
 * end: the exit code. PLAN is of the whole. The record names the command that began it. */
int launch(struct session *session, const struct plan *plan);

#endif
