/* phrase: times and amounts as people read them, names of steps as a reader of a run wants them.
 * Shared by reports and by `show`. Pure, but for the local time zone. */
#ifndef REPORT_PHRASE_H
#define REPORT_PHRASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer;
struct state;
struct state_step;

/* `14:30:00`, `2024-01-15 14:30:00`: local time of NS since 1970 UTC. */
void phrase_clock(struct buffer *into, int64_t time);
void phrase_time(struct buffer *into, int64_t time);
/* A duration as nobody wants it exactly: `340ms`, `3.4s`, `34s`, `1m05s`, `2h07m`, `3d04h`. */
void phrase_duration(struct buffer *into, int64_t duration);
/* The same as a cell of a table, filled up with blanks. */
void phrase_cell(struct buffer *into, int64_t duration);
/* `1 step`, `3 steps`. */
void phrase_count(struct buffer *into, size_t count, const char *singular, const char *plural);
/* `load: The dump is loaded`, or the name alone when the step has no title of its own. */
void phrase_step(struct buffer *into, const char *name, const char *title);
/* TEXT broken at blanks into lines of at most WIDTH bytes where that can be; each line after the
 * first begins with INDENT blanks. Its own newlines stay. No newline at the end. */
void phrase_wrap(struct buffer *into, const char *text, size_t indent, size_t width);
/* TEXT as one word of a shell's command line, in quotes where it needs them. */
void phrase_shell(struct buffer *into, const char *text);
/* Does the step stand inside an action of a library? Its author cares for it, the operator does
 * only when it fails. */
bool phrase_inside_action(const struct state *state, const char *name);

#endif
