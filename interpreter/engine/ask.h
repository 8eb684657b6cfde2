/* ask: a block of checks, asked in rounds until it holds, or can no longer hold in time.
 * Deciding (does this round settle it?) is a pure function, apart from the asking. */
#ifndef ENGINE_ASK_H
#define ENGINE_ASK_H

#include "lang/expect.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct ask;
struct block;
struct moment;
struct run;

struct ask_request {
    struct run *run;
    const char *name; /* the step's full name; NULL: the run's own (target, preconditions) */
    const char *what; /* "verify", "done_if", "preconditions", "target", "wait" */
    const struct block *block;
    bool once;                   /* one round, whatever the block says */
    const struct moment *moment; /* must outlive the asking */
    struct arena *arena;
    /* Once, never from inside ask_start. WHY (arena text): what did not hold, or could not be
     * asked. */
    void (*answered)(void *context, enum answer answer, const char *why);
    void *context;
};

struct ask *ask_start(const struct ask_request *request);
/* Stops asking; `answered` is not called. NULL is allowed. */
void ask_cancel(struct ask *ask);

/* One round's place in time, for ask_decide; all ns. */
struct ask_limits {
    int64_t within, every, stable_for, stall;
};
struct ask_times {
    int64_t began; /* the first round's start */
    int64_t round; /* this round's start */
    int64_t now;
    int64_t holding; /* start of the first round of an unbroken row that held; -1: none */
    int64_t changed; /* when an expected output last changed */
};
enum ask_verdict { ASK_HOLDS, ASK_FAILS, ASK_STALLED, ASK_AGAIN };
/* What follows from a round whose answer is HOLDS. *NEXT: when the next round starts (ASK_AGAIN).
 */
enum ask_verdict ask_decide(const struct ask_limits *limits, const struct ask_times *times,
                            bool holds, int64_t *next);

#endif
