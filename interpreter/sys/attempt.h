/* attempt: the file attempts/N, in which a shim tells what became of one attempt.
 * Written by two: the interpreter makes and locks it, the shim adds START and OUTCOME. Read by a
 * resume, which learns from it and from the lock whether the action began, runs, ended or is lost.
 * The format is told in attempt.c. May not use anything but libc: the shim links it too. */
#ifndef SYS_ATTEMPT_H
#define SYS_ATTEMPT_H

#include "sys/task.h"

struct attempt_start {
    pid_t pid;            /* of the action */
    uint64_t pid_started; /* field 22 of its /proc/PID/stat: a pid alone comes again */
    pid_t shim;           /* SIGTERM to it cancels */
    uint64_t shim_started;
    char boot[40];     /* the boot's id: pids of another boot mean nothing */
    char cgroup[1024]; /* path of the folder, empty when it has none */
    int64_t started;   /* UTC ns */
};

enum attempt_state {
    ATTEMPT_NOT_BEGUN, /* no file, or no whole START and nobody has it: nothing was executed */
    ATTEMPT_RUNNING,   /* locked: a shim is at it. `start` is filled when `has_start` */
    ATTEMPT_ENDED,     /* `end` is filled */
    ATTEMPT_LOST,      /* START, nobody has it, no OUTCOME; or it is damaged (see end.failure) */
};

struct attempt {
    enum attempt_state state;
    bool has_start;
    struct attempt_start start;
    struct task_end end;
    /* Of a short output, the bytes themselves: a log need not be synced then. From malloc, freed
     * by attempt_free; NULL where the log has them. */
    char *output[2];
};

/* Makes attempts/NUMBER under the run's FOLDER, which must not exist, and locks it; its descriptor,
 * or -1. The lock lasts until the last copy of the descriptor is closed. */
int attempt_create(int folder, uint64_t number, struct failure *failure);
/* Adds START, durable when it returns (when SYNC). */
bool attempt_started(int fd, const struct attempt_start *start, bool sync, struct failure *failure);
/* Adds OUTCOME, durable when it returns (when SYNC). OUTPUT are bytes by task_stream to keep in it
 * (end->bytes[i] of them), or NULL. */
bool attempt_ended(int fd, const struct task_end *end, const char *const output[2], bool sync,
                   struct failure *failure);
/* Reads it; false when it is there and can't be read. */
bool attempt_read(int folder, uint64_t number, struct attempt *attempt, struct failure *failure);
/* Reads an open one, whoever holds its lock: state is NOT_BEGUN, ENDED or LOST. */
bool attempt_read_open(int fd, struct attempt *attempt, struct failure *failure);
void attempt_free(struct attempt *attempt);

#endif
