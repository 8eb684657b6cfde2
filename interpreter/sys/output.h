/* output: the log of one stream of a task, made at its first byte, with a cap.
 * Shared by the interpreter and the shim's program. May not use anything but libc. */
#ifndef SYS_OUTPUT_H
#define SYS_OUTPUT_H

#include "sys/failure.h"

#include <stddef.h>
#include <stdint.h>

struct output {
    int folder;       /* what NAME is relative to; not its own */
    const char *name; /* NULL: nothing is kept, but counted against the cap all the same */
    int64_t cap;
    int fd; /* -1 until the first byte */
    uint64_t bytes;
    bool cut;
    struct failure failure; /* the first one; nothing is written after it */
};

/* NAME is not copied; CAP 0 is TASK_LOG_CAP. */
void output_begin(struct output *output, int folder, const char *name, int64_t cap);
/* Writes what comes, up to the cap, where a line says that it was cut. Returns how many of the
 * bytes were within it. A log that can't be written does not stop the task: see `failure`. */
size_t output_add(struct output *output, const char *at, size_t length);
void output_end(struct output *output);

#endif
