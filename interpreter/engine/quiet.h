/* quiet: a composite asked as a check: a run of its own, of the same engine, without a journal,
 * without a place of --jobs and without anybody to ask. */
#ifndef ENGINE_QUIET_H
#define ENGINE_QUIET_H

#include <stdbool.h>

struct action;
struct arena;
struct run;
struct scope;
struct value;

struct quiet_end {
    const struct value *outputs; /* it ended well; lives until the callback returns … */
    bool expected;       /* it failed since something was not as expected: it does not hold */
    const char *message; /* … and so does this */
};

struct quiet_request {
    struct run *run;
    const struct action *action; /* a composite */
    const struct scope *scope;   /* in which it is asked: host, defaults */
    const struct value *inputs;
    struct arena *arena; /* outputs and message are copied into it */
    void (*ended)(void *context,
                  const struct quiet_end *end); /* once, never from inside quiet_start */
    void *context;
};

struct run *quiet_start(const struct quiet_request *request);
/* `ended` follows. */
void quiet_cancel(struct run *run);

#endif
