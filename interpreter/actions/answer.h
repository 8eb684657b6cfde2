/* answer: how an action tells its outcome.
 * All memory is the arena's that is handed in; what an outcome points to must live there too. */
#ifndef ACTIONS_ANSWER_H
#define ACTIONS_ANSWER_H

#include "lang/action.h"

struct value;

/* Outputs being gathered; a zeroed one with its arena set is empty. */
struct answer {
    struct arena *arena;
    struct {
        const char *name;
        const struct value *value;
    } at[8]; /* no core action puts out more */
    size_t count;
};
void answer_add(struct answer *answer, const char *name, const struct value *value);
void answer_text(struct answer *answer, const char *name, const char *text); /* copied */

/* The action ended by itself, with these outputs. */
struct outcome answer_ended(const struct answer *answer);
/* It did not end well. The message is one line: what was tried, on what, and why. */
struct outcome answer_ill(struct arena *arena, enum outcome_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
