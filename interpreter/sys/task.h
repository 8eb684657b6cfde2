/* task: what a process shall be, and how it ended: plain data, for process, shim and the shim's
 * own program alike. Everything in a task is decided: nothing is looked up from the surroundings.
 * May not use anything but libc. All pointers are the caller's and are copied by process_start and
 * shim_start. */
#ifndef SYS_TASK_H
#define SYS_TASK_H

#include "sys/failure.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define TASK_LOG_CAP                                                             \
    (INT64_C(64) << 20) /* bytes of one log: a runaway program can't fill a disk \
                         */

#define TASK_HANDED_PATH "/proc/self/fd/3"

struct mask;

enum task_stream { TASK_OUT, TASK_ERR };

struct task {
    const char *const *argv; /* NULL-terminated, at least one; looked for in PATH of `env` unless
                                it has a '/' */
    const char *const *env;  /* NULL-terminated "NAME=value": all that the child gets */
    const char *cwd;         /* an absolute path */
    const char *user;        /* name or number, with its groups; NULL: who we are */
    mode_t umask;            /* of the child */
    /* Standard input: bytes (a secret may be among them; never on a disk), else a file, else
     * /dev/null. */
    const char *stdin_bytes; /* NULL: none */
    size_t stdin_length;
    const char *stdin_from; /* relative to cwd; NULL: none */
    /* A file that only it can open, as TASK_HANDED_PATH (it is its descriptor 3): in memory, never
     * on a disk, and gone with the last process that has it. NULL: none. */
    const char *handed;
    size_t handed_length;
    const char *stdout_to; /* relative to cwd: written aside, renamed when it exits with 0; it has
                              no log then. NULL: none */
    mode_t stdout_mode;    /* of that file; 0: as it was, 0644 where it is new */
    /* Logs, made at the first byte. */
    int folder;          /* what their names are relative to; -1: no logs */
    const char *logs[2]; /* by task_stream, e.g. "logs/42.out"; NULL: not kept */
    /* What may not come into its logs, nor be told of its output; a file of stdout_to is not looked
     * at. Not copied: outlives the task. NULL: nothing. */
    const struct mask *mask;
    int64_t log_cap; /* bytes; 0: TASK_LOG_CAP. A last line says that it was cut */
    int64_t timeout; /* ns from the start; 0: none */
    int64_t stall;   /* ns without a byte of output; 0: none */
    int64_t grace;   /* ns from SIGTERM to SIGKILL */
};

enum task_result {
    TASK_EXITED,      /* by itself, `code` is its exit code */
    TASK_SIGNALLED,   /* by a signal that we did not send, `code` */
    TASK_TIMED_OUT,   /* `timeout` was over: its whole tree was ended */
    TASK_STALLED,     /* `stall` was over: likewise */
    TASK_CANCELLED,   /* likewise, because we were asked to */
    TASK_NOT_STARTED, /* tried, and nothing of it ran: see `part` and `failure` */
    TASK_NOT_KEPT,    /* exited with 0, but its stdout_to could not be put in its place */
    TASK_NOT_BEGUN,   /* of an attempt that is looked at later: proved that nothing was tried */
    TASK_LOST,        /* it began, and nobody saw the end */
};

enum task_part {               /* which thing was to blame when it was not started */
                 TASK_PROGRAM, /* not found, or can't be executed */
                 TASK_CWD,
                 TASK_USER,
                 TASK_STDIN,
                 TASK_STDOUT,
                 TASK_LOG,
                 TASK_SYSTEM, /* no processes, memory or descriptors left */
};

struct task_end {
    enum task_result result;
    int code;               /* exit code or signal, of EXITED and SIGNALLED; of the ended ones what
                               the program came to: 128 + signal, or its exit code */
    enum task_part part;    /* of NOT_STARTED */
    int64_t started;        /* UTC ns, 0 where it is not known */
    int64_t duration;       /* ns */
    uint64_t bytes[2];      /* by task_stream: what came and stands in the log */
    bool cut[2];            /* more came than the log's cap */
    struct failure failure; /* of NOT_STARTED and LOST; else its text is empty, or tells what went
                               wrong beside it: a log that could not be written */
};

/* The result as one word: "exited", "timed_out". */
const char *task_result_name(enum task_result result);

#endif
