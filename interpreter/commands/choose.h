/* choose: what the operator leaves out, runs again or says: --from, --only, --skip, --output. It is
 * journaled as a person's word before the run goes on. */
#ifndef COMMANDS_CHOOSE_H
#define COMMANDS_CHOOSE_H

#include <stdbool.h>

struct session;

/* Reads the options against the runbook; 0, or the exit code after saying what is wrong. */
int choose_read(struct session *session);
/* Tells the journal; RESUMED: `--from` names what runs again. False after saying why not. */
bool choose_tell(struct session *session, bool resumed);

#endif
