/* cgroup: a tree of processes held together by the kernel, whatever they do to get away.
 * Version 2 (with cgroup.kill) where it is mounted and may be written, else version 1's freezer.
 * A run has a folder `runbook.RUN` below the cgroup that we are in, so that the limits of a
 * container or service still hold; in it a folder for each tree, used again once it is empty.
 * Shared by the interpreter and the shim's program. May not use anything but libc. */
#ifndef SYS_CGROUP_H
#define SYS_CGROUP_H

#include "sys/failure.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum cgroup_kind { CGROUP_NONE, CGROUP_2, CGROUP_FREEZER };

struct cgroup {
    enum cgroup_kind kind;
    int folder; /* its folder, open for reading; -1 when it has none */
    int procs;  /* its cgroup.procs, open for writing: who enters */
    char path[1024];
};

/* Makes the run's folder, as KIND, and fills ROOM with it. False where that kind can't be had. */
bool cgroup_room(enum cgroup_kind kind, const char *run, struct cgroup *room);
/* Makes the folder NAME in ROOM; false when it exists or can't be had. */
bool cgroup_make(const struct cgroup *room, const char *name, struct cgroup *cgroup);
/* Opens an existing one by its path. */
bool cgroup_open(enum cgroup_kind kind, const char *path, struct cgroup *cgroup);
/* Closes, and leaves the folder. */
void cgroup_close(struct cgroup *cgroup);
/* Removes an empty one's folder; false while somebody is in it. */
bool cgroup_remove(const char *path);

/* Is nobody left in it, nor below it? */
bool cgroup_empty(const struct cgroup *cgroup);
/* Sends SIGNAL to everybody in it, and wakes who is stopped. Returns how many there were. */
size_t cgroup_signal(const struct cgroup *cgroup, int signal);
/* One blow of SIGKILL to all. Who is being born just now may outlive it: to be repeated until it
 * is empty. Returns how many it met. */
size_t cgroup_kill(const struct cgroup *cgroup);
/* Moves who is left to the folder above the run's, where they would be without us; true when it
 * is empty now. */
bool cgroup_let_go(const struct cgroup *cgroup);

/* Calls back for the folder of RUN wherever in the hierarchy it is (an interpreter that died may
 * have been elsewhere). */
void cgroup_find(enum cgroup_kind kind, const char *run,
                 void (*found)(void *data, const char *path), void *data);

#endif
