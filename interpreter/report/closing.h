/* closing: how a run stands, in words: its result, what was borne, what is in doubt, what is owed,
 * and what to type next. From the fold alone, so that the run itself, `show` and `list` say the
 * same. Pure. */
#ifndef REPORT_CLOSING_H
#define REPORT_CLOSING_H

#include <stdbool.h>
#include <stddef.h>

struct buffer;
struct state;
struct state_step;

struct closing {
    const struct state *state;
    const char *id;     /* the run's */
    const char *folder; /* its record */
    const char *words;  /* what a command needs to find it: " --state /srv/state", or "" */
    bool held;          /* somebody is at work on it: nothing is to be resumed */
    bool colour;
};

/* "FAILED after 1m10s of 10m: load: exit is 1, wanted 0" of a run that has ended. */
void closing_result(const struct closing *closing, struct buffer *into);
/* What was tolerated, left out, is in doubt, asked and owed: a line each, nothing when there is
 * nothing. */
void closing_open(const struct closing *closing, struct buffer *into);
/* What to type next. */
void closing_next(const struct closing *closing, struct buffer *into);

/* Does a question of this step wait for its answer? */
bool closing_asks(const struct state_step *step);
/* The step whose failure, or doubt, was the first: the innermost. NULL: none. */
const struct state_step *closing_cause(const struct state *state);
/* How many releases are owed. An undo is owed too, but waits for nobody. */
size_t closing_owed(const struct state *state);

#endif
