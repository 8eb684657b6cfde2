/* session: a run held by this process: loop, journal, processes, reports, signals, put together,
 * run to its end, and taken apart. run, resume and release differ in what they do before. */
#ifndef COMMANDS_SESSION_H
#define COMMANDS_SESSION_H

#include "commands/load.h"
#include "engine/run.h"

struct audience;
struct event;
struct journal;
struct oplog;
struct prompt;
struct run_lock;
struct state;
struct term;
struct value;

struct session {
    struct invocation *invocation;
    struct loaded loaded;
    const char *state_folder;
    const char *id;
    struct journal *journal; /* held */
    struct state *state;
    struct run_lock *lock;     /* or NULL */
    struct audience *audience; /* who is told; NULL: nobody yet */
    struct prompt *prompt;     /* where questions are asked; NULL: nowhere */
    struct oplog *oplog;       /* from the first event on, or NULL */
    struct run_options options;
};

/* --state, $RUNBOOK_STATE, or the user's own. */
const char *session_state_folder(struct invocation *invocation);
/* The run's folder in it. */
const char *session_run_folder(const struct session *session);
/* What a command that is typed next needs to find the run: " --state /srv/state", or "". */
const char *session_words(const struct session *session);
/* UTC, ns: for events that are told before a loop has the time. */
int64_t session_now(void);
/* Reads --jobs, --yes, --until, --approve, --rerun, --assume-done; false after saying why not. */
bool session_options(struct session *session);
/* A text of the runbook's head (`lock`, `log`), with the run's params; NULL: it has none. */
const struct value *session_term(struct session *session, const struct term *term);
/* The runbook's `lock:` taken; 0 or the exit code, after saying why. */
int session_lock(struct session *session);
/* Appends EVENT to the held journal, folds it and tells the audience; false after saying why. */
bool session_tell(struct session *session, struct event *event);
/* What was told is durable; false after saying why not. */
bool session_sync(struct session *session);
/* A command on a run that is recorded: ACT gets its session, with the options read, and the word
 * that names the run (NULL: none was given); then it is closed. The exit code. */
int session_of_run(struct invocation *invocation,
                   int (*act)(struct session *session, const char *word));
/* Runs it to its end; gives the exit code. */
int session_run(struct session *session);
/* Closes what is held. */
void session_close(struct session *session);

#endif
