/* A turn is: what is ready (descriptors, signals, work that is done), the timers that are due, what
 * was deferred, and last the callback before the wait. Time is taken at the first question of a
 * turn and stands until the loop waits again.
 *
 * Timers are ours, a heap of the owners' structs, with one libuv timer for the earliest: libuv's
 * own are closed asynchronously, so each owner would have to outlive them. */
#include "sys/loop.h"

#include "sys/loop_uv.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <uv.h>

enum { SIGNALS = 3 };
static const int signals[SIGNALS] = {SIGINT, SIGTERM, SIGHUP};

struct later {
    loop_callback *callback;
    void *data;
};

struct loop {
    uv_loop_t uv;
    uv_timer_t alarm;
    uv_signal_t signal[SIGNALS];
    struct loop_clock clock;
    bool has_time;
    int64_t now, wall;
    struct loop_timer **timers; /* a heap, the earliest first */
    size_t timer_count, timer_room;
    uint64_t timer_order;
    struct later *later; /* in the order in which they were asked for */
    size_t later_count, later_room;
    loop_callback *before;
    void *before_data;
    void (*on_signal)(void *data, int signal);
    void *signal_data;
    struct loop_work *works; /* those under way */
    uint64_t events;         /* callbacks made: did a look without waiting find anything? */
    bool stop;
};

struct loop_watch {
    uv_poll_t poll;
    struct loop *loop;
    unsigned ready;
    loop_ready_callback *callback;
    void *data;
};

struct loop_work {
    uv_work_t request;
    struct loop *loop;
    struct loop_work *next, **link;
    atomic_bool stop;
    void (*run)(void *data, const atomic_bool *stop);
    loop_callback *done;
    void *data;
};

/* Memory that can't be had ends the program, as in base/arena.c and for the same reason. */
static void *must(void *memory)
{
    if (!memory)
        abort();
    return memory;
}

static void *grow(void *at, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return at;
    *room = *room ? *room * 2 : 16;
    return must(realloc(at, *room * size));
}

static int64_t clock_read(clockid_t id)
{
    struct timespec time;
    clock_gettime(id, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static int64_t real_now(void *data)
{
    (void)data;
    return clock_read(CLOCK_MONOTONIC);
}

static int64_t real_wall(void *data)
{
    (void)data;
    return clock_read(CLOCK_REALTIME);
}

static void take_time(struct loop *loop)
{
    if (loop->has_time)
        return;
    loop->now = loop->clock.now(loop->clock.data);
    loop->wall = loop->clock.wall(loop->clock.data);
    loop->has_time = true;
}

int64_t loop_now(struct loop *loop)
{
    take_time(loop);
    return loop->now;
}

int64_t loop_wall(struct loop *loop)
{
    take_time(loop);
    return loop->wall;
}

struct uv_loop_s *loop_uv(struct loop *loop)
{
    return &loop->uv;
}

static void ignore(int number)
{
    sigaction(number, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
}

struct loop *loop_new(const struct loop_clock *clock, struct failure *failure)
{
    /* Sixteen threads, if nobody said otherwise: a slow disk under four files must not stop every
     * other one. They are made at the first work. */
    setenv("UV_THREADPOOL_SIZE", "16", 0);
    struct loop *loop = must(calloc(1, sizeof *loop));
    int error = uv_loop_init(&loop->uv);
    if (error == 0)
        error = uv_timer_init(&loop->uv, &loop->alarm);
    if (error != 0) {
        free(loop);
        failure_set(failure, -error, "can't make the event loop");
        return NULL;
    }
    loop->clock = clock ? *clock : (struct loop_clock){.now = real_now, .wall = real_wall};
    ignore(SIGPIPE);
    ignore(SIGXFSZ);
    return loop;
}

static bool timer_before(const struct loop_timer *a, const struct loop_timer *b)
{
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void timer_put(struct loop *loop, size_t place, struct loop_timer *timer)
{
    loop->timers[place] = timer;
    timer->place = place;
}

/* Moves the timer to where it belongs, from PLACE, at which there is room for it. */
static void timer_settle(struct loop *loop, size_t place, struct loop_timer *timer)
{
    while (place > 0 && timer_before(timer, loop->timers[(place - 1) / 2])) {
        timer_put(loop, place, loop->timers[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    for (size_t child; (child = 2 * place + 1) < loop->timer_count; place = child) {
        if (child + 1 < loop->timer_count &&
            timer_before(loop->timers[child + 1], loop->timers[child]))
            child++;
        if (!timer_before(loop->timers[child], timer))
            break;
        timer_put(loop, place, loop->timers[child]);
    }
    timer_put(loop, place, timer);
}

void loop_timer_stop(struct loop_timer *timer)
{
    struct loop *loop = timer->loop;
    if (!loop)
        return;
    timer->loop = NULL;
    struct loop_timer *last = loop->timers[--loop->timer_count];
    if (last != timer)
        timer_settle(loop, timer->place, last);
}

void loop_timer_start(struct loop *loop, struct loop_timer *timer, int64_t delay,
                      loop_callback *callback, void *data)
{
    loop_timer_stop(timer);
    int64_t now = loop_now(loop);
    if (delay < 0)
        delay = 0;
    timer->at = delay > INT64_MAX - now ? INT64_MAX : now + delay;
    timer->loop = loop;
    timer->order = loop->timer_order++;
    timer->callback = callback;
    timer->data = data;
    loop->timers = grow(loop->timers, loop->timer_count, &loop->timer_room, sizeof *loop->timers);
    timer_settle(loop, loop->timer_count++, timer);
}

/* Those that are due now; one that is started meanwhile waits for the next turn. */
static void run_timers(struct loop *loop)
{
    if (loop->timer_count == 0)
        return;
    int64_t now = loop_now(loop);
    uint64_t order = loop->timer_order;
    while (loop->timer_count > 0 && loop->timers[0]->at <= now && loop->timers[0]->order < order) {
        struct loop_timer *timer = loop->timers[0];
        loop_timer_stop(timer);
        loop->events++;
        timer->callback(timer->data);
    }
}

void loop_later(struct loop *loop, loop_callback *callback, void *data)
{
    loop->later = grow(loop->later, loop->later_count, &loop->later_room, sizeof *loop->later);
    loop->later[loop->later_count++] = (struct later){callback, data};
}

static void run_later(struct loop *loop)
{
    for (size_t i = 0; i < loop->later_count; i++) {
        struct later later = loop->later[i]; /* the list may move under the call */
        later.callback(later.data);
    }
    loop->later_count = 0;
}

void loop_before_wait(struct loop *loop, loop_callback *callback, void *data)
{
    loop->before = callback;
    loop->before_data = data;
}

static void on_alarm(uv_timer_t *alarm)
{
    /* It only ends the wait; but libuv runs timers before it waits too, and then knows of none that
     * would end it: a stopped loop polls and does not wait. */
    uv_stop(alarm->loop);
}

/* Sets the alarm for the earliest timer: in whole milliseconds, never too early. The time that this
 * turn took until here counts. */
static void set_alarm(struct loop *loop)
{
    uv_timer_stop(&loop->alarm);
    if (loop->timer_count == 0)
        return;
    int64_t wait = loop->timers[0]->at - loop->clock.now(loop->clock.data);
    uint64_t milliseconds = wait > 0 ? (uint64_t)wait / 1000000 + (wait % 1000000 != 0) : 0;
    uv_update_time(&loop->uv);
    uv_timer_start(&loop->alarm, on_alarm, milliseconds, 0);
}

static void wait_for_events(struct loop *loop)
{
    loop->has_time = false;
    if (!loop->clock.idle || loop->timer_count == 0) {
        set_alarm(loop);
        uv_run(&loop->uv, UV_RUN_ONCE);
        return;
    }
    uint64_t before = loop->events;
    uv_run(&loop->uv, UV_RUN_NOWAIT);
    if (loop->events == before)
        loop->clock.idle(loop->clock.data, loop->timers[0]->at);
    loop->has_time = false;
}

void loop_run(struct loop *loop)
{
    loop->stop = loop->has_time = false;
    while (!loop->stop) {
        run_timers(loop);
        run_later(loop);
        if (loop->before)
            loop->before(loop->before_data);
        if (loop->later_count > 0)
            continue;
        if (loop->timer_count == 0)
            uv_timer_stop(&loop->alarm);
        if (loop->stop || (loop->timer_count == 0 && !uv_loop_alive(&loop->uv)))
            break;
        wait_for_events(loop);
    }
    loop->has_time = false;
}

void loop_stop(struct loop *loop)
{
    loop->stop = true;
}

static int poll_events(unsigned ready)
{
    return (ready & LOOP_READABLE ? UV_READABLE : 0) | (ready & LOOP_WRITABLE ? UV_WRITABLE : 0);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct loop_watch *watch = (struct loop_watch *)poll;
    watch->loop->events++;
    unsigned ready = watch->ready;
    /* An error says nothing of what is ready: whoever tries learns what it is. */
    if (status == 0)
        ready = (events & UV_READABLE ? LOOP_READABLE : 0U) |
                (events & UV_WRITABLE ? LOOP_WRITABLE : 0U);
    watch->callback(watch->data, ready);
}

static void free_handle(uv_handle_t *handle)
{
    free(handle);
}

struct loop_watch *loop_watch(struct loop *loop, int fd, unsigned ready,
                              loop_ready_callback *callback, void *data, struct failure *failure)
{
    struct loop_watch *watch = must(calloc(1, sizeof *watch));
    int error = uv_poll_init(&loop->uv, &watch->poll, fd);
    if (error != 0) {
        free(watch);
        failure_set(failure, -error, "can't watch a descriptor");
        return NULL;
    }
    watch->loop = loop;
    watch->callback = callback;
    watch->data = data;
    loop_watch_change(watch, ready);
    return watch;
}

void loop_watch_change(struct loop_watch *watch, unsigned ready)
{
    watch->ready = ready;
    if (ready == 0)
        uv_poll_stop(&watch->poll);
    else
        uv_poll_start(&watch->poll, poll_events(ready), on_poll);
}

void loop_unwatch(struct loop_watch *watch)
{
    if (!watch)
        return;
    uv_poll_stop(&watch->poll);
    uv_close((uv_handle_t *)&watch->poll, free_handle);
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct loop *loop = handle->data;
    loop->events++;
    if (loop->on_signal)
        loop->on_signal(loop->signal_data, number);
}

bool loop_signals(struct loop *loop, void (*callback)(void *data, int signal), void *data,
                  struct failure *failure)
{
    bool begun = loop->on_signal != NULL;
    loop->on_signal = callback;
    loop->signal_data = data;
    for (size_t i = 0; i < SIGNALS && !begun; i++) {
        uv_signal_t *handle = &loop->signal[i];
        int error = uv_signal_init(&loop->uv, handle);
        if (error == 0) {
            handle->data = loop;
            error = uv_signal_start(handle, on_signal, signals[i]);
            uv_unref((uv_handle_t *)handle);
        }
        if (error != 0)
            return failure_set(failure, -error, "can't watch for signal %d", signals[i]);
    }
    return true;
}

static void work_run(uv_work_t *request)
{
    struct loop_work *work = (struct loop_work *)request;
    if (!atomic_load(&work->stop))
        work->run(work->data, &work->stop);
}

static void work_done(uv_work_t *request, int status)
{
    (void)status; /* a cancelled one is done too */
    struct loop_work *work = (struct loop_work *)request;
    *work->link = work->next;
    if (work->next)
        work->next->link = work->link;
    loop_callback *done = work->done;
    void *data = work->data;
    work->loop->events++;
    free(work);
    if (done)
        done(data);
}

struct loop_work *loop_work(struct loop *loop, void (*run)(void *data, const atomic_bool *stop),
                            loop_callback *done, void *data)
{
    struct loop_work *work = must(calloc(1, sizeof *work));
    work->loop = loop;
    work->run = run;
    work->done = done;
    work->data = data;
    work->next = loop->works;
    if (work->next)
        work->next->link = &work->next;
    work->link = &loop->works;
    loop->works = work;
    uv_queue_work(&loop->uv, &work->request, work_run, work_done); /* fails for want of RUN only */
    return work;
}

void loop_work_cancel(struct loop_work *work)
{
    atomic_store(&work->stop, true);
    uv_cancel((uv_req_t *)&work->request);
}

static void close_any(uv_handle_t *handle, void *data)
{
    struct loop *loop = data;
    if (uv_is_closing(handle))
        return;
    bool ours = handle == (uv_handle_t *)&loop->alarm || handle->type == UV_SIGNAL;
    uv_close(handle, ours ? NULL : free_handle);
}

void loop_free(struct loop *loop)
{
    if (!loop)
        return;
    for (struct loop_work *work = loop->works; work; work = work->next) {
        work->done = NULL;
        loop_work_cancel(work);
    }
    uv_walk(&loop->uv, close_any, loop);
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    int error = uv_loop_close(&loop->uv);
    assert(error == 0);
    (void)error;
    for (size_t i = 0; i < loop->timer_count; i++)
        loop->timers[i]->loop = NULL;
    free(loop->timers);
    free(loop->later);
    free(loop);
}
