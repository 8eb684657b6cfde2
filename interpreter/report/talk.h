/* talk: the output of steps as whole lines, safe on a terminal.
 * What comes in pieces is kept until its newline. Pure. */
#ifndef REPORT_TALK_H
#define REPORT_TALK_H

#include "base/text.h"

struct talk; /* of all steps of a run */

/* LINE is called for each whole line, without its end, safe to be shown. */
struct talk *talk_new(void (*line)(void *context, const char *step, int stream, struct text line),
                      void *context);
void talk_add(struct talk *talk, const char *step, int stream, struct text bytes);
/* The step's output is over: what waits for a newline is a line. */
void talk_end(struct talk *talk, const char *step);
void talk_free(struct talk *talk);

/* A line as a terminal would leave it: what a carriage return goes back over is gone, colours and
 * cursor movements are taken out, tabs are spaces, other control characters and bytes that are no
 * UTF-8 are '?'. */
void line_printable(struct buffer *into, struct text line);

#endif
