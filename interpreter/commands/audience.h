/* audience: who is told of a run while it goes on: the reader of standard output (a report), and
 * the operation log. What is told has happened and is in the record already; an audience that can't
 * be reached does not stop a recovery. */
#ifndef COMMANDS_AUDIENCE_H
#define COMMANDS_AUDIENCE_H

#include "base/text.h"

#include <stdbool.h>

struct audience;
struct event;
struct loop;
struct session;

/* Before the first event is told. The session must have its id, state and state folder. */
struct audience *audience_open(struct session *session);
void audience_event(struct audience *audience, const struct event *event);
void audience_output(struct audience *audience, const char *step, int stream, struct text bytes);
/* Opens the operation log, when the runbook has one; the lines of what was told before are written
 * to it. LOOP (or NULL): lines are written once a turn, else when the audience is closed. */
void audience_log(struct audience *audience, struct loop *loop);
/* NULL is allowed. */
void audience_close(struct audience *audience);

#endif
