/* recovery: the run that a monitor begins: a program of its own, `runbook run`, which outlives who
 * watches. Its id is made and written down before it begins, so that it begins but once; a lock
 * that it inherits tells whether it is at work, whoever watches then. */
#ifndef COMMANDS_RECOVERY_H
#define COMMANDS_RECOVERY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct arena;
struct loop;
struct loop_watch;
struct value;
struct watch;

struct recovery {
    const char *program; /* runbook's own */
    const char *state_folder;
    struct loop *loop;
    struct watch *watch;
    /* It is over, from the loop: look again. */
    void (*ended)(void *context);
    void *context;
    /* Its own. */
    pid_t pid; /* 0: none of ours */
    int pidfd;
    struct loop_watch *awaited;
};

/* Begins the open run of the memory: FILE with GIVEN (map). False, with what was in the way in *WHY
 * (ARENA's). */
bool recovery_begin(struct recovery *recovery, struct arena *arena, const char *file,
                    const struct value *given, bool on_limit, const char **why);

enum recovery_standing {
    RECOVERY_AT_WORK,
    RECOVERY_NOT_BEGUN, /* it left no record */
    RECOVERY_OVER,
};
/* How the open run stands; *ENDED in ns UTC and *SAID (ARENA's) of one that is not at work. */
enum recovery_standing recovery_look(struct recovery *recovery, struct arena *arena, int64_t now,
                                     int64_t *ended, const char **said);
/* It is not awaited any more; it goes on. */
void recovery_leave(struct recovery *recovery);

#endif
