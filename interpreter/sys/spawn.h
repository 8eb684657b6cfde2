/* spawn: one child by vfork and exec, all that it inherits decided here.
 * It begins in a session of its own, with default signals, no core, nothing open but the given
 * descriptors, in its cgroup from its first instruction where the kernel can do that.
 * Shared by the interpreter and the shim's program. May not use anything but libc. */
#ifndef SYS_SPAWN_H
#define SYS_SPAWN_H

#include "sys/task.h"

#include <signal.h>
#include <stdbool.h>

struct cgroup;

/* Who the child is; zeroed: who we are. */
struct identity {
    bool given;
    uid_t uid;
    gid_t gid;
    size_t group_count;
    gid_t groups[64]; /* more than that is refused when the user is looked up */
};

enum { SPAWN_FDS = 12 }; /* the most that a child can be given */

struct spawn {
    const char *const *argv;
    const char *const *env;
    const char *cwd;
    const struct identity *identity; /* NULL: who we are */
    mode_t umask;
    const int *fds; /* fds[i] becomes descriptor i; close-on-exec does not matter */
    size_t fd_count;
    int death_signal;            /* sent to it when the thread that starts it ends; 0: none */
    const sigset_t *blocked;     /* what it begins with blocked; NULL: nothing */
    const struct cgroup *cgroup; /* NULL: ours */
    /* Called in the child right before exec, in our memory while we stand still; false: it ends,
     * with what was put into FAILURE. May be NULL. */
    bool (*before)(void *data, struct failure *failure);
    void *data;
};

struct spawned {
    pid_t pid;
    int pidfd;           /* the caller's, close-on-exec */
    enum task_part part; /* which thing was to blame when it failed */
    bool cgroup_refused; /* it could not be born in its cgroup: it may be tried without */
};

/* Starts it; false: nothing of it ran, nobody has to be waited for. */
bool spawn(const struct spawn *spawn, struct spawned *spawned, struct failure *failure);

#endif
