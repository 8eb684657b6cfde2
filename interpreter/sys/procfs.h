/* procfs: the processes of this machine, as /proc tells them.
 * A pid comes again: who acts on one goes by pid and start time. Listing reads some files for each
 * process: call it in loop_work. May use base and below. */
#ifndef SYS_PROCFS_H
#define SYS_PROCFS_H

#include "sys/failure.h"

#include <stdint.h>
#include <sys/types.h>

struct arena;
struct list;

struct procfs_process {
    pid_t pid;
    pid_t parent;
    uid_t uid;
    const char *user;    /* name, or the number where it has none */
    const char *exe;     /* path of the program, empty for what may not be seen (kernel threads) */
    const char *command; /* its argv with blanks between; a kernel thread's name in [] */
    uint64_t ticks;      /* field 22 of its stat: with the pid it names the process */
    int64_t started;     /* UTC ns */
    char state;          /* 'R', 'S', 'Z' ... */
};

/* Adds a struct procfs_process for each process to LIST, by pid; memory is ARENA's. One that ends
 * meanwhile is left out. */
bool procfs_list(struct arena *arena, struct list *list, struct failure *failure);

enum procfs_signalled { PROCFS_SIGNALLED, PROCFS_GONE, PROCFS_REFUSED };
/* Signals the process that has PID and TICKS and no other; GONE when it ended. */
enum procfs_signalled procfs_signal(pid_t pid, uint64_t ticks, int signal, struct failure *failure);

#endif
