/* process: a child of its own session, its whole tree, its output, its end.
 * For what may be run twice: it dies with the interpreter, at the latest when the run is resumed
 * (process_sweep). What may not goes under a shim (sys/shim.h).
 * A tree is held together by a cgroup, where one can be had; else by a light shim (the shim's
 * program without its file and its syncs), which as subreaper loses nobody.
 * What still runs when the program itself exits with 0 is left alone: it started a service. After
 * any other end the rest of its tree is ended too: a second try must not meet the first.
 * May use base, sys/loop, sys/file and below. */
#ifndef SYS_PROCESS_H
#define SYS_PROCESS_H

#include "sys/task.h"

struct loop;
struct process;

/* The room in which all processes of one run are held. */
struct processes;

enum process_method { /* how a tree is held together, best first */
                      PROCESS_CGROUP2 = 1,
                      PROCESS_FREEZER = 2, /* cgroup v1 */
                      PROCESS_SUBREAPER = 4,
                      PROCESS_ANY = 7,
};

struct processes_options {
    struct loop *loop;
    const char *run;  /* the run's id, in the cgroup's name */
    const char *shim; /* path of the shim's program */
    unsigned methods; /* of process_method; 0: PROCESS_ANY */
};

/* Never fails: without a cgroup it does without. OPTIONS are copied; the caller frees. */
struct processes *processes_new(const struct processes_options *options);
/* Removes its cgroups, when all have ended. NULL is allowed. */
void processes_free(struct processes *processes);
/* The one that is used, for people: "cgroup2", "freezer", "subreaper". */
const char *processes_method(struct processes *processes);

struct process_watch {
    /* Output as it comes, in pieces of any length; not after the log's cap. May be NULL. */
    void (*output)(void *data, enum task_stream stream, const char *at, size_t length);
    /* The end, always, exactly once, and the process is freed after it. By then the logs are whole
     * and, when it was ended by us, nobody of its tree is left. */
    void (*ended)(void *data, const struct task_end *end);
    void *data;
};

/* Starts TASK (copied). Whatever goes wrong comes by `ended`, from the loop. */
struct process *process_start(struct processes *processes, const struct task *task,
                              const struct process_watch *watch);
/* Ends the tree as a time-out does: SIGTERM, after `grace` SIGKILL; `ended` follows. */
void process_cancel(struct process *process);

/* From now on this process leaves no core, and no other of the same user may look into its memory:
 * there is a secret in it. */
void process_keep_closed(void);

/* Ends what is left of RUN's processes that had no shim, when its interpreter is gone: by its
 * cgroups, and by the environment (RUNBOOK_RUN, and RUNBOOK_ATTEMPT one of ATTEMPTS). Returns when
 * they are gone, at most some seconds later. *ended is how many. */
bool process_sweep(const char *run, const uint64_t *attempts, size_t count, size_t *ended,
                   struct failure *failure);

#endif
