/* tree: processes by descent, as /proc tells it: for where there is no cgroup.
 * A subreaper's descendants can't get away from it; see prctl(2), PR_SET_CHILD_SUBREAPER.
 * Shared by the interpreter and the shim's program. May not use anything but libc. */
#ifndef SYS_TREE_H
#define SYS_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct tree_stat {
    pid_t pid;
    pid_t parent;
    char state;
    uint64_t ticks; /* when it started, in ticks since boot (field 22) */
    char name[32];  /* of the program, as the kernel keeps it */
};

/* What /proc/PID/stat says; false when there is no such process. */
bool tree_stat(pid_t pid, struct tree_stat *stat);
/* Is the process that began at TICKS still there, and no zombie? */
bool tree_alive(pid_t pid, uint64_t ticks);

/* Sends SIGNAL to all descendants of ROOT, and wakes who is stopped. Returns how many. */
size_t tree_signal(pid_t root, int signal);
/* Stops all descendants of ROOT until no new ones appear, then kills them. To be repeated, with
 * reaping in between, until ROOT has no child left. Returns how many. */
size_t tree_kill(pid_t root);

/* Calls back for each number in what FD holds, with blanks or newlines behind each: lists of pids
 * as the kernel gives them. An FD of -1 holds none. */
void tree_numbers(int fd, void (*call)(pid_t pid, void *with), void *with);

/* The id of this boot into TEXT (at least 37 bytes); false when it can't be read. */
bool tree_boot(char *text, size_t room);

#endif
