/* watch: what a monitor remembers from round to round, in STATE/monitors/NAME:
 *   state.json     counts, breakers, samples, runs; replaced as a whole after each round
 *   events.jsonl   what happened, a line each, for people and programs; appended
 *   lock           held (flock) by who watches: there is one at a time
 *   run.lock       held by the recovery that is at work, and inherited by it: it outlives who
 *                  watches, and so does its lock
 *   run.log        what the last recovery said before it had a record
 *   answers/RUN    what a person said to a run that waits for it
 * Knows what was, and decides what may be done; does nothing itself. */
#ifndef STORE_WATCH_H
#define STORE_WATCH_H

#include "store/trip.h"

struct arena;
struct failure;
struct person;
struct value;
struct watch;

enum { WATCH_SAMPLES = 1000, WATCH_LEAST_SAMPLES = 30 };

enum watch_result {
    WATCH_OK,
    WATCH_LOCKED,  /* somebody else watches */
    WATCH_DAMAGED, /* state.json is not what was written there */
    WATCH_FAILED,
};

/* What is known of the monitor NAME in STATE_FOLDER (made if need be), held until watch_close.
 * CONDITIONS are its conditions as they are now: what is known of others is forgotten. */
enum watch_result watch_open(const char *state_folder, const struct monitor_plan *plan,
                             struct watch **watch, struct failure *failure);
/* Writes what is known; it is durable when this returns. */
bool watch_save(struct watch *watch, struct failure *failure);
void watch_close(struct watch *watch); /* NULL is allowed */

struct trip *watch_trip(struct watch *watch, size_t condition);

/* ---- usual ---- */

/* The medians of the numbers that check CHECK of CONDITION put out, a map; unset before there are
 * enough. DIGEST tells what is asked: of another one nothing is known. */
const struct value *watch_usual(struct watch *watch, struct arena *arena, size_t condition,
                                size_t check, const char *digest);
/* A good round of it put out OUTPUTS (map): its numbers are remembered. */
void watch_sample(struct watch *watch, size_t condition, size_t check, const char *digest,
                  const struct value *outputs);

/* ---- runs ---- */

/* A run that was made: at work, or waiting for a person. */
struct watch_run {
    const char *id;        /* the run's, made before it begins, so that it can begin but once */
    const char *condition; /* that tripped */
    const char *reason;
    int64_t made;  /* ns UTC */
    bool on_limit; /* it calls a person */
};
/* The one that is at work, or NULL. */
const struct watch_run *watch_run(const struct watch *watch);
/* That of CONDITION that waits for `runbook approve`, or NULL. It keeps no other from beginning. */
const struct watch_run *watch_waiting(const struct watch *watch, size_t condition);

enum watch_may {
    WATCH_RUN,     /* a recovery may begin */
    WATCH_LIMIT,   /* too many have: on_limit */
    WATCH_BUSY,    /* one is at work */
    WATCH_COOLING, /* the last one ended too short a time ago */
};
/* What may be done about a condition that trips NOW. */
enum watch_may watch_may(const struct watch *watch, const struct monitor_plan *plan, int64_t now);
/* RUN (copied) is at work from now on. */
void watch_begin(struct watch *watch, const struct watch_run *run);
/* RUN (copied) waits for a person; NULL: none does any more. */
void watch_wait(struct watch *watch, size_t condition, const struct watch_run *run);
/* The one at work is over; ENDED in ns UTC. It counts for limit and cooldown if it BEGAN. */
void watch_end(struct watch *watch, bool began, int64_t ended);

/* Takes the lock that the recovery inherits: its descriptor, which stays open in exec, or -1 while
 * one is at work (HELD) or with FAILURE. */
int watch_run_lock(struct watch *watch, bool *held, struct failure *failure);
/* A descriptor for what the recovery says, emptied; -1 with FAILURE. */
int watch_run_log(struct watch *watch, struct failure *failure);
/* What it said went wrong: the line of its first error, else its first line; "" when it said
 * nothing. ARENA's. */
const char *watch_run_said(struct watch *watch, struct arena *arena);

/* ---- a person's word ---- */

struct watch_answer {
    bool yes;
    const char *user;
    const char *reason; /* or NULL */
};
/* What was said to RUN, which waits; false: nothing yet. Strings are ARENA's. */
bool watch_answered(struct watch *watch, struct arena *arena, const struct watch_run *run,
                    struct watch_answer *answer);

/* A run of any monitor that waits for a person. */
struct watch_asking {
    const char *monitor, *run, *condition, *reason;
    int64_t made;
};
/* All of them in STATE_FOLDER: a list of struct watch_asking, ARENA's. */
struct list watch_asking_find(struct arena *arena, const char *state_folder);
/* Says what PERSON says to it. */
bool watch_answer(const char *state_folder, const struct watch_asking *asking, bool yes,
                  const struct person *person, const char *reason, int64_t now,
                  struct failure *failure);

/* ---- telling ---- */

/* One line of events.jsonl, synced. RUN, MESSAGE may be NULL. */
bool watch_tell(struct watch *watch, int64_t now, const char *event, const char *condition,
                const char *run, const char *message, struct failure *failure);

#endif
