/* shim: an action that may not be repeated, under a small process that outlives the interpreter.
 * The shim (interpreter/shim.c) writes START durably before the action begins and OUTCOME after it
 * ended, ends it at its limit, and writes its logs, whether the interpreter lives or not. So a
 * resume always learns what became of it. The order of syncs is told in interpreter/shim.c.
 * May use base, sys/loop, sys/process, sys/attempt and below. */
#ifndef SYS_SHIM_H
#define SYS_SHIM_H

#include "sys/process.h"

struct shim;

/* Makes attempts/NUMBER in task->folder (the run's; with `attempts` and `logs` in it) and starts
 * TASK (copied) under a shim. The intent must be durable before. Whatever goes wrong comes by
 * `ended`, from the loop; the output comes as it reaches the logs. */
struct shim *shim_start(struct processes *processes, const struct task *task, uint64_t number,
                        const struct process_watch *watch);

/* For a resume: takes attempt NUMBER over, whatever became of it. One that runs is waited for, and
 * what its logs gain is told; one that ended is told with its outcome, its logs whole; one that
 * nobody began is TASK_NOT_BEGUN; of one that is lost the rest of its tree is ended first.
 * FOLDER, the run's, must stay open until `ended`. */
struct shim *shim_attach(struct processes *processes, int folder, uint64_t number,
                         const struct process_watch *watch);

/* Ends the action's tree as a time-out does; `ended` follows. */
void shim_cancel(struct shim *shim);

/* Leaves the shim to itself: nothing is called any more, the action goes on. For an interpreter
 * that ends before it. */
void shim_leave(struct shim *shim);

#endif
