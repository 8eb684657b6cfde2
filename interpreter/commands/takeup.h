/* takeup: a run taken up again by another command than the one that began it: resume, release,
 * abandon. What they share: the record opened and held, what was left running ended, and the event
 * that tells who holds it now. */
#ifndef COMMANDS_TAKEUP_H
#define COMMANDS_TAKEUP_H

#include <stdbool.h>

struct plan;
struct session;

/* Chooses RUN (or NULL), opens its record and holds it. A run that is over for good is refused
 * unless OVER. 0, or the exit code after saying why not. */
int takeup_open(struct session *session, const char *word, bool over);
/* The runbook by the copy in the record. 0 or the exit code. */
int takeup_copy(struct session *session);
/* The runbook as its file is now, or by the copy when the file is gone; its plan, with the params
 * of the run. Changes are refused without --accept-changes. 0 or the exit code. */
int takeup_file(struct session *session, const struct plan **plan);
/* Ends what an interpreter that is gone left running without a shim. */
void takeup_sweep(struct session *session);
/* Does a step of it still work under its shim? Then nothing may be given back or given up: said. */
bool takeup_busy(struct session *session);
/* Tells that it was taken up: with PLAN (or NULL) when the runbook was changed. False after saying
 * why not. */
bool takeup_tell(struct session *session, const struct plan *plan);

#endif
