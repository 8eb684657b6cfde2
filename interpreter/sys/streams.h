/* streams: the standard input and output of a task: opened for the child, read by who started it.
 * Shared by the interpreter and the shim's program. May not use anything but libc. */
#ifndef SYS_STREAMS_H
#define SYS_STREAMS_H

#include "sys/file.h"
#include "sys/task.h"

struct streams {
    int given[3]; /* what the child gets as 0, 1, 2; closed by streams_started */
    int read[2];  /* our ends, by task_stream, not blocking; -1: it goes to a file */
    bool to_file; /* stdout_to is being written aside */
    struct file_aside aside;
};

/* Opens all of them. STDIN is a descriptor with the bytes of standard input (taken over, also on
 * failure), or -1: then stdin_from or /dev/null. On failure nothing is open, and *part tells
 * which thing was to blame. */
bool streams_open(const struct task *task, int stdin_given, struct streams *streams,
                  enum task_part *part, struct failure *failure);
/* The child has its ends: ours of them are closed. */
void streams_started(struct streams *streams);
/* Closes all that is open; a file written aside goes away. */
void streams_close(struct streams *streams);

/* A memfd named NAME that holds the bytes, to be read from its beginning; -1 on failure. */
int streams_memory(const char *name, const char *at, size_t length, struct failure *failure);

#endif
