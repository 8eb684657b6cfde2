/* streams: the standard input and output of a task: opened for the child, read by who started it.
 * Shared by the interpreter and the shim's program. May not use anything but libc. */
#ifndef SYS_STREAMS_H
#define SYS_STREAMS_H

#include "sys/file.h"
#include "sys/task.h"

struct streams {
    int given[4]; /* what the child gets as 0, 1, 2 and, unless -1, 3; closed by streams_started */
    int read[2];  /* our ends, by task_stream, not blocking; -1: it goes to a file */
    bool to_file; /* stdout_to is being written aside */
    struct file_aside aside;
};

/* What was made for a task before it is started: memfds, taken over by streams_open. */
struct streams_given {
    int input;  /* the bytes of standard input, or -1 */
    int handed; /* the file that it alone can open, or -1 */
};

/* Opens all of them. GIVEN is taken over, also on failure; without an input it is stdin_from or
 * /dev/null. On failure nothing is open, and *part tells which thing was to blame. */
bool streams_open(const struct task *task, const struct streams_given *given,
                  struct streams *streams, enum task_part *part, struct failure *failure);
/* How many descriptors the child gets. */
size_t streams_count(const struct streams *streams);
void streams_drop(struct streams_given *given);
/* The child has its ends: ours of them are closed. */
void streams_started(struct streams *streams);
/* Closes all that is open; a file written aside goes away. */
void streams_close(struct streams *streams);

/* A memfd named NAME that holds the bytes, to be read from its beginning; -1 on failure. */
int streams_memory(const char *name, const char *at, size_t length, struct failure *failure);

#endif
