/* failure: what was tried, on what, and why the system refused: one shape for all of sys.
 * A function that can fail returns false and fills one; context is put before it on the way up.
 * May not use anything but libc: the shim links it too. */
#ifndef SYS_FAILURE_H
#define SYS_FAILURE_H

#include <stdbool.h>

struct failure {
    int error;      /* errno's value, 0 where none applies */
    char text[512]; /* one line for people, no final point; cut with "..." where longer */
};

/* Fills FAILURE: the text as by printf, then ": " and the text of ERROR unless that is 0.
 * Always false, so that a function can `return failure_set(...)`. FAILURE may be NULL. */
bool failure_set(struct failure *failure, int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts context and ": " before the text. Always false. FAILURE may be NULL. */
bool failure_wrap(struct failure *failure, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
