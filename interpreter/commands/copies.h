/* copies: the runbook as it was, kept in the run's folder: `runbook/1/0.yaml` is the runbook,
 * `runbook/1/library/NAME.yaml` are the libraries it used, `runbook/1/1.yaml` and so on what it
 * called. After accepted changes there is a `runbook/2`. */
#ifndef COMMANDS_COPIES_H
#define COMMANDS_COPIES_H

#include "commands/load.h"

#include <stdbool.h>

struct session;
struct value;

/* Keeps copies of what session->loaded holds as runbook/NUMBER; *COPIES is what the event tells of
 * them. False after saying why not. */
bool copies_keep(struct session *session, unsigned number, const struct value **copies);
/* The number of the copy that holds now. */
unsigned copies_number(const struct session *session);
/* Are the files that session->loaded was read from those that the copies were made of? */
bool copies_same(struct session *session);
/* Reads the runbook from the copy that holds now; what is found wrong is in its diagnostics. */
struct loaded copies_load(struct session *session);

#endif
