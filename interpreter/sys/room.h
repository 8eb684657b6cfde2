/* room: inside of struct processes, for process.c and shim.c only: the slots (cgroups) of a run,
 * and a task made ready: copied, with what had to be looked up for it. */
#ifndef SYS_ROOM_H
#define SYS_ROOM_H

#include "sys/cgroup.h"
#include "sys/loop.h"
#include "sys/process.h"
#include "sys/spawn.h"
#include "sys/streams.h"

struct arena;

/* Who uses a slot: the name says it, so that a sweep ends what had no shim and no other. */
enum slot_use { SLOT_PROCESS, SLOT_SHIM, SLOT_USES };

struct slot {
    struct cgroup cgroup;
    struct slot *next;
    enum slot_use use;
};

struct processes {
    struct loop *loop;
    char *run;
    char *shim;
    unsigned methods; /* those still to be tried; what did not work is taken off */
    struct cgroup room;
    bool has_room;
    struct slot *idle[SLOT_USES];
    unsigned number; /* of the next slot */
    char boot[40];
};

/* A cgroup that is empty, or NULL: there is none to be had. */
struct slot *room_take(struct processes *processes, enum slot_use use);
/* Back for the next one, when it is FIT for it: nobody is in it, and it was never killed (see
 * died_at_birth in spawn.c); else it goes. */
void room_give(struct processes *processes, struct slot *slot, bool fit);
/* Lets go of it without looking: somebody else is in it, and stays. NULL is allowed. */
void room_leave(struct slot *slot);
/* A cgroup could not be entered: do without from now on. */
void room_forbid(struct processes *processes);

/* A task that is copied and looked up. */
struct ready {
    struct arena *arena; /* owns the copy and whoever holds this */
    struct task task;
    struct identity identity;
    struct streams_given given;
    bool failed;
    enum task_part part; /* to blame, with FAILURE */
    struct failure failure;
    struct loop_work *lookup; /* under way */
    loop_callback *then;
    void *data;
};

/* Copies TASK and looks its user up (in the pool: the answer may come over the network), then
 * calls THEN from the loop, in this turn if no user had to be found. */
void ready_make(struct processes *processes, struct arena *arena, const struct task *task,
                struct ready *ready, loop_callback *then, void *data);

#endif
