/* record: a run chosen by name, its journal opened or read, its events folded. */
#ifndef COMMANDS_RECORD_H
#define COMMANDS_RECORD_H

#include <stdbool.h>

struct session;

/* Sets session->id: the run named WORD, or with NULL the one that can be resumed. 0, or the exit
 * code after saying why (with several it lists them). */
int record_choose(struct session *session, const char *word);
/* Opens and holds the journal of session->id and folds it. 0, or the exit code after saying why. */
int record_open(struct session *session);
/* Folds it without holding it. */
int record_read(struct session *session);
/* Is a run with this result over for good? */
bool record_final(const char *result);

#endif
