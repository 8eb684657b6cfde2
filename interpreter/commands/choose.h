/* choose: what the operator leaves out, runs again or says: --from, --only, --skip, --output. It is
 * journaled as a person's word before the run goes on. */
#ifndef COMMANDS_CHOOSE_H
#define COMMANDS_CHOOSE_H

#include <stdbool.h>

struct plan;
struct session;

/* Reads the options against the runbook; 0, or the exit code after saying what is wrong. */
int choose_read(struct session *session);
/* The plan of what that leaves of the runbook, on resume with what was left out before: judged
 * again. WHOLE itself when nothing is left out; NULL, after saying why, when it can't be run so. */
const struct plan *choose_plan(struct session *session, const struct plan *whole, bool resumed);
/* Tells the journal; RESUMED: `--from` names what runs again. False after saying why not. */
bool choose_tell(struct session *session, bool resumed);

#endif
