/* loop: one thread's events: time, descriptors, signals, work in the pool.
 * The one place that time comes from: now and wall are taken once a turn, so all that happens in
 * one turn bears one time. Callbacks are only ever made from loop_run, never from inside the call
 * that asks for them. May use base, sys/failure and libuv, which nobody above sees. */
#ifndef SYS_LOOP_H
#define SYS_LOOP_H

#include "sys/failure.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct loop;
typedef void loop_callback(void *data);

/* Where time comes from when a test hands it in. */
struct loop_clock {
    int64_t (*now)(void *data);              /* monotonic, ns */
    int64_t (*wall)(void *data);             /* UTC, ns since 1970 */
    void (*idle)(void *data, int64_t until); /* nothing is ready and the next timer is at UNTIL:
                                                move there; NULL: really wait */
    void *data;
};

/* A loop, or NULL. CLOCK (not copied) is NULL for real time. Ignores SIGPIPE and SIGXFSZ, so that
 * a closed terminal and a full disk are errors and not deaths. Frees with loop_free. */
struct loop *loop_new(const struct loop_clock *clock, struct failure *failure);
/* Only outside loop_run; what still watches is dropped without a callback. Waits for work in the
 * pool, its stop flag raised. NULL is allowed. */
void loop_free(struct loop *loop);
/* Turns until loop_stop, or until nothing is left that could ever call back. */
void loop_run(struct loop *loop);
/* loop_run returns at the end of this turn. */
void loop_stop(struct loop *loop);

/* Monotonic nanoseconds; UTC nanoseconds since 1970. Both stand still within a turn. */
int64_t loop_now(struct loop *loop);
int64_t loop_wall(struct loop *loop);

/* A timer is part of its owner's struct; zeroed it is not running. Starting a running one moves
 * it. It runs once; before its callback it has stopped. Fields are the loop's own. */
struct loop_timer {
    struct loop *loop; /* NULL: not running */
    size_t place;
    int64_t at;
    uint64_t order;
    loop_callback *callback;
    void *data;
};
/* DELAY in nanoseconds from now; 0 or less: in the next turn. Equal times fire in order. */
void loop_timer_start(struct loop *loop, struct loop_timer *timer, int64_t delay,
                      loop_callback *callback, void *data);
void loop_timer_stop(struct loop_timer *timer);

/* A descriptor that is watched; the descriptor stays the caller's, who calls loop_unwatch before
 * closing it. */
struct loop_watch;
enum loop_ready { LOOP_READABLE = 1, LOOP_WRITABLE = 2 };
/* READY tells what it is; an error or hang-up comes as all that was asked for. */
typedef void loop_ready_callback(void *data, unsigned ready);
/* NULL when the kernel refuses (a regular file can't be watched). */
struct loop_watch *loop_watch(struct loop *loop, int fd, unsigned ready,
                              loop_ready_callback *callback, void *data, struct failure *failure);
void loop_watch_change(struct loop_watch *watch, unsigned ready);
/* No callback comes after it. NULL is allowed. */
void loop_unwatch(struct loop_watch *watch);

/* SIGINT, SIGTERM and SIGHUP, each time one comes. They do not keep the loop running. */
bool loop_signals(struct loop *loop, void (*callback)(void *data, int signal), void *data,
                  struct failure *failure);

/* Work in the pool's threads. RUN may touch nothing but DATA and STOP, at which it looks now and
 * then; DONE is called in the loop afterwards, always, exactly once. */
struct loop_work;
struct loop_work *loop_work(struct loop *loop, void (*run)(void *data, const atomic_bool *stop),
                            loop_callback *done, void *data);
/* Raises STOP. DONE still comes; RUN does not, when it had not begun. Not after DONE. */
void loop_work_cancel(struct loop_work *work);

/* Calls back once, in this turn, before the loop waits; what it defers comes in the same turn. */
void loop_later(struct loop *loop, loop_callback *callback, void *data);
/* At the end of every turn, when all that was ready has been told and nothing is deferred, right
 * before the loop waits: the engine syncs its journal there. One callback; NULL takes it off. */
void loop_before_wait(struct loop *loop, loop_callback *callback, void *data);

#endif
