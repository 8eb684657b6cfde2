/* pace: a run against its objective: what earlier runs took when it begins, a warning as soon as
 * the forecast passes the objective, also while nothing happens, and another when the objective
 * itself has passed. Each is an event, so that whoever reads the run reads it. */
#ifndef COMMANDS_PACE_H
#define COMMANDS_PACE_H

struct event;
struct loop;
struct pace;
struct session;

/* Reads the earlier runs. NULL: the runbook has no objective. It lies in the session's arena. */
struct pace *pace_open(struct session *session, struct loop *loop);
/* Something has happened in the run. NULL is allowed. */
void pace_event(struct pace *pace, const struct event *event);
void pace_close(struct pace *pace);

#endif
