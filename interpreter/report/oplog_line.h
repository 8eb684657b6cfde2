/* oplog_line: an event as its line of the operation log; most have none. Pure, but for the local
 * time zone. */
#ifndef REPORT_OPLOG_LINE_H
#define REPORT_OPLOG_LINE_H

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct event;
struct state;

struct oplog_line {
    uint64_t seq;         /* of its event */
    bool recalled;        /* may stand in the log already */
    const char *people;   /* with its newline */
    const char *programs; /* JSON, with its newline */
};

/* NULL: the event has none. STATE is as it is after the event. All is ARENA's. */
struct oplog_line *oplog_line(struct arena *arena, const struct state *state,
                              const struct event *event);

/* A line that is no run's: of a monitor. PROGRAMS (taken over) has what else programs are told. */
struct json_t;
struct oplog_line *oplog_line_said(struct arena *arena, int64_t time, const char *level,
                                   const char *message, struct json_t *programs);

#endif
