/* changes: a runbook that is no longer what it was when the run began: which of its steps changed,
 * and may the run go on with it? */
#ifndef COMMANDS_CHANGES_H
#define COMMANDS_CHANGES_H

struct plan;
struct session;

/* 0 when what would be done is what the record says, or the operator accepts that it isn't; else
 * the exit code, after naming what changed. PLAN is that of the files as they are now. */
int changes_allow(struct session *session, const struct plan *plan);

#endif
