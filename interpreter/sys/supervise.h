/* supervise: one task from its start to its end: its output, its limits, the end of its tree.
 * Knows no loop: who has one tells it what is ready and asks when to come again. So the
 * interpreter and the shim's program, which wait in different ways, do the same thing.
 * May not use anything but libc. */
#ifndef SYS_SUPERVISE_H
#define SYS_SUPERVISE_H

#include "base/mask.h"
#include "sys/cgroup.h"
#include "sys/limit.h"
#include "sys/output.h"
#include "sys/streams.h"

enum supervise_phase {
    SUPERVISE_RUNNING,  /* the program itself has not ended */
    SUPERVISE_DRAINING, /* it has; its last output is waited for a moment */
    SUPERVISE_ENDING,   /* it has; the rest of its tree is being ended */
    SUPERVISE_OVER,     /* `end` is filled */
};

/* How its tree is reached. */
struct supervise_tree {
    const struct cgroup *cgroup; /* NULL: it has none */
    pid_t root;                  /* else: all descendants of this subreaper, which is ourselves */
    bool has_children;           /* of the subreaper: somebody is left to be reaped */
    pid_t light;                 /* else: a light shim, which does it when it gets SIGTERM */
};

struct supervise {
    enum supervise_phase phase;
    const struct task *task;
    struct streams streams;
    struct output logs[2];
    struct mask_stream masked[2]; /* before the logs */
    struct shown {                /* by stream: where what is left of it goes */
        struct supervise *supervise;
        int stream;
    } shown[2];
    struct limit limit;
    struct supervise_tree tree;
    bool forced; /* its tree was sent SIGKILL */
    int64_t drain_until;
    int64_t now;       /* of the last call */
    int64_t file_size; /* of stdout_to, when it was looked at last */
    struct task_end end;
    /* What came and is within the log's cap. */
    void (*output)(void *data, enum task_stream stream, const char *at, size_t length);
    void *data;
};

/* The child has started: STREAMS (taken over) are its. WALL is the time in UTC. All NOW are
 * monotonic. `tree`, `output` and `data` are set by the caller, before. */
void supervise_begin(struct supervise *supervise, const struct task *task,
                     const struct streams *streams, int64_t now, int64_t wall);
/* STREAM is readable. */
void supervise_read(struct supervise *supervise, enum task_stream stream, int64_t now);
/* The program itself ended: STATUS as of waitpid. */
void supervise_ended(struct supervise *supervise, int status, int64_t now);
/* The same, told in full by a light shim. */
void supervise_told(struct supervise *supervise, const struct task_end *end, int64_t now);
/* It is to end. */
void supervise_cancel(struct supervise *supervise, int64_t now);
/* Does what is due; to be called after each of the above and when supervise_next is over. True when
 * it is OVER. */
bool supervise_tick(struct supervise *supervise, int64_t now);
/* When to tick again; INT64_MAX: never. */
int64_t supervise_next(const struct supervise *supervise);
/* Closes what is open. A file of stdout_to that is to stay was committed before. */
void supervise_close(struct supervise *supervise);

#endif
