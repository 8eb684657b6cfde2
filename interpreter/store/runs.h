/* runs: the runs of a state folder, and the locks by name between them.
 * For list, resume without a run's name, and `lock:`. May not use the engine. */
#ifndef STORE_RUNS_H
#define STORE_RUNS_H

#include "store/journal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct failure;

struct run_about {
    const char *id;
    const char *runbook;
    const char *title; /* or NULL */
    const char *user;  /* who holds it or held it last */
    const char *host;
    int64_t pid;
    int64_t started;
    int64_t taken;      /* when who holds it, or held it last, took it up */
    int64_t ended;      /* 0: it has no end */
    const char *result; /* of its end, or NULL: interrupted, or at work when `held` */
    bool began;         /* false: a folder with no line in it */
    bool held;          /* somebody holds its journal now */
    bool resumable;     /* not held, began, and interrupted, failed, stopped or in doubt */
    bool asked;         /* a person was asked since it was taken up; whether it is open only the
                           fold tells */
    bool closed;        /* we may not look into it: all else is not known */
    const char *damage; /* why it can't be read, or NULL */
};

/* "level2-20240115-143000-x7k2q": RUNBOOK, NOW (ns UTC), five letters of chance. In ARENA. */
const char *run_id_new(struct arena *arena, const char *runbook, int64_t now);
/* Could ID be one of RUNBOOK's? */
bool run_id_fits(const char *id, const char *runbook);
/* One run, in *ABOUT. JOURNAL_MISSING: there is none. */
JOURNAL_MUST_LOOK enum journal_result run_look(struct arena *arena, const char *state_folder,
                                               const char *run, struct run_about *about,
                                               struct failure *failure);
/* All runs, newest first, into *AT (ARENA's). No state folder: none. */
JOURNAL_MUST_LOOK enum journal_result runs_find(struct arena *arena, const char *state_folder,
                                                struct run_about **at, size_t *count,
                                                struct failure *failure);
/* The run named WORD: its id or its end (`short`). JOURNAL_MISSING when none, or more than one. */
JOURNAL_MUST_LOOK enum journal_result run_named(struct arena *arena, const char *state_folder,
                                                const char *word, const char **id,
                                                struct failure *failure);
/* Does a shim of that run still hold one of its attempts? Also true when that can't be told. */
bool run_shim_lives(const char *state_folder, const char *run);

struct run_lock;
struct run_lock_holder {
    const char *run; /* ARENA's */
    int64_t pid;
    int64_t since; /* ns UTC */
    bool shim;     /* the interpreter is gone, its shim isn't */
};
/* Takes the lock NAME for RUN, which is made before it takes it; JOURNAL_LOCKED with *HOLDER when
 * another run, or a shim of one, has it.
 */
JOURNAL_MUST_LOOK enum journal_result run_lock_take(struct arena *arena, const char *state_folder,
                                                    const char *name, const char *run, int64_t now,
                                                    struct run_lock **lock,
                                                    struct run_lock_holder *holder,
                                                    struct failure *failure);
void run_lock_release(struct run_lock *lock); /* NULL is allowed */

#endif
