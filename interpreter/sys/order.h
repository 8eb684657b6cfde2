/* order: what the interpreter hands to the shim's program: a task with all that had to be looked
 * up for it. It goes through memory (a memfd), never by argv or a file: secrets may be in it.
 * Shared by the interpreter and the shim's program. May not use anything but libc. */
#ifndef SYS_ORDER_H
#define SYS_ORDER_H

#include "sys/cgroup.h"
#include "sys/spawn.h"

/* The descriptors that a shim begins with. */
enum order_fd {
    ORDER_FD = 3,  /* the order */
    ORDER_ATTEMPT, /* the attempt's file, locked; of a light shim a memfd */
    ORDER_FOLDER,  /* the run's */
    ORDER_NEWS,    /* an eventfd: a log has grown */
    ORDER_STDIN,   /* the action's standard input, when `stdin_given` */
    ORDER_HANDED,  /* the file that it alone can open, when `handed` */
    ORDER_OUT,     /* of a light shim: what the action writes to; the interpreter reads it */
    ORDER_ERR,
    ORDER_FDS,
};

struct order {
    struct task task;         /* `folder` is ORDER_FOLDER; stdin_bytes are in ORDER_STDIN */
    struct identity identity; /* in place of task.user */
    bool stdin_given;
    bool handed;
    bool light; /* no log, no sync, the interpreter sees to the time; it dies with it */
    enum cgroup_kind cgroup;
    char cgroup_path[1024];
    char boot[40];
};

/* Writes it to FD, from its present place on. */
bool order_write(int fd, const struct order *order, struct failure *failure);
/* Reads what order_write wrote, from the beginning. What it points to lives as long as the
 * process: nothing frees it. */
bool order_read(int fd, struct order *order, struct failure *failure);

#endif
