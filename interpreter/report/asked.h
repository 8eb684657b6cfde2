/* asked: whom a question is for, how long it is open and who has answered, in words:
 * "2 of alice, bob must allow it within 30m; alice did". Nothing of one that any will do for. */
#ifndef REPORT_ASKED_H
#define REPORT_ASKED_H

#include <stdbool.h>
#include <stdint.h>

struct buffer;
struct state_step;
struct value;

/* BY, COUNT and WITHIN as of a question; GIVEN: who said yes, "alice, bob" or "". */
void asked_of(const struct value *by, int64_t count, int64_t within, const char *given,
              struct buffer *into);
/* The same of what STEP asks, by the fold. */
void asked_of_step(const struct state_step *step, struct buffer *into);

#endif
