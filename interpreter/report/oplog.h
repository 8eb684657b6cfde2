/* oplog: the operation log of a runbook's `log:`, one line for people at PATH, and the same for
 * programs at PATH.jsonl:
 *   2024-01-15 14:30:00 [INFO] Rollback initiated - Level 1
 * It is a reading of events: a line is a function of its event, time included. It is appended to,
 * shared with other runs, and synced; the record learns how far it goes by a mark, so that a resume
 * adds what is missing and doubles nothing. It may be rotated under the run, by renaming it or by
 * cutting it: before each write its path is looked at. Writes files, hence no report as the others.
 */
#ifndef REPORT_OPLOG_H
#define REPORT_OPLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event;
struct failure;
struct oplog;
struct state;
struct value;

/* A log without a place yet. STATE is the fold, always as it is after the event; NULL: no run's
 * events are told. */
struct oplog *oplog_new(const struct state *state);
/* An event that is told now. Its line is kept until it is written; a mark (EVENT_LOGGED) forgets
 * the lines that stand in the log for sure. */
void oplog_event(struct oplog *oplog, const struct event *event);
/* One that was read when the run was opened again: its line may stand in the log already. */
void oplog_recall(struct oplog *oplog, const struct event *event);
/* Opens PATH and PATH.jsonl, making them and the folders above. What an earlier interpreter wrote
 * behind its last mark is found in their ends, or in those of PATH.1 and PATH.jsonl.1, which were
 * the logs before a rotation, and left away. False with FAILURE: there is no operation log. */
bool oplog_open(struct oplog *oplog, const char *path, struct failure *failure);
/* A line that is no run's (oplog_line_said): it is kept until it is written. */
struct json_t;
void oplog_say(struct oplog *oplog, int64_t time, const char *level, const char *message,
               struct json_t *programs);
/* Does a line wait to be written? */
bool oplog_waits(const struct oplog *oplog);
/* Writes and syncs what waits, to the files that stand at the paths now: they are made anew where
 * there are none. *MARK: the seq of the last event that stands in the log. False with
 * FAILURE; it is not tried again. */
bool oplog_write(struct oplog *oplog, uint64_t *mark, struct failure *failure);
/* NULL is allowed. */
void oplog_free(struct oplog *oplog);

/* The place in BYTES behind the first of LINES of them that stands there whole, at or after FROM;
 * 0: it doesn't. For oplog_open and its test. */
size_t oplog_find(const char *bytes, size_t length, size_t from, const char *line);

#endif
