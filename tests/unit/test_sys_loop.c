/* The loop: time stands still within a turn, the order of a turn, timers, work, signals. */
#include "sys_help.h"

#include <sys/eventfd.h>

struct notes {
    struct loop *loop;
    char text[256];
    struct loop_timer timers[8];
    int count;
    int64_t now, wall;
    int fd;
    struct loop_watch *watch;
};

static void note(struct notes *notes, const char *word)
{
    size_t length = strlen(notes->text);
    snprintf(notes->text + length, sizeof notes->text - length, "%s ", word);
}

static struct notes begin(const struct loop_clock *clock)
{
    struct failure failure;
    struct notes notes = {.loop = loop_new(clock, &failure)};
    assert_non_null(notes.loop);
    return notes;
}

/* A clock that stands at a time until it is moved to the next timer. */
static int64_t hand;
static int64_t read_hand(void *data)
{
    (void)data;
    return hand;
}
static void move_hand(void *data, int64_t until)
{
    (void)data;
    hand = until;
}
static const struct loop_clock by_hand = {read_hand, read_hand, move_hand, NULL};

static void on_a(void *data)
{
    note(data, "a");
}
static void on_b(void *data)
{
    note(data, "b");
}
static void on_c(void *data)
{
    struct notes *notes = data;
    note(notes, "c");
    notes->now = loop_now(notes->loop);
}

static void test_timers(void **state)
{
    (void)state;
    hand = 1000;
    struct notes notes = begin(&by_hand);
    loop_timer_start(notes.loop, &notes.timers[0], INT64_C(3600000000000), on_c, &notes);
    loop_timer_start(notes.loop, &notes.timers[1], 10, on_b, &notes);
    loop_timer_start(notes.loop, &notes.timers[2], 10, on_a, &notes); /* the same time: in order */
    loop_timer_start(notes.loop, &notes.timers[3], 5, on_a, &notes);
    loop_timer_start(notes.loop, &notes.timers[4], 7, on_b, &notes);
    loop_timer_stop(&notes.timers[4]);
    loop_timer_start(notes.loop, &notes.timers[3], 20, on_a, &notes); /* moved */
    loop_run(notes.loop);
    assert_string_equal(notes.text, "b a a c ");
    assert_true(notes.now == INT64_C(3600000001000));
    loop_free(notes.loop);
}

static void again(void *data)
{
    struct notes *notes = data;
    if (++notes->count < 1000)
        loop_timer_start(notes->loop, &notes->timers[0], 1, again, notes);
}

/* Thousands of timers come in the order of their times. */
static void test_many_timers(void **state)
{
    (void)state;
    enum { MANY = 5000 };
    hand = 0;
    struct notes notes = begin(&by_hand);
    struct loop_timer *timers = calloc(MANY, sizeof *timers);
    unsigned random = 1;
    for (int i = 0; i < MANY; i++) {
        random = random * 1103515245 + 12345;
        loop_timer_start(notes.loop, &timers[i], random % 100000, on_c, &notes);
        if (i % 3 == 0)
            loop_timer_stop(&timers[i / 2]);
    }
    for (int64_t last = 0; timers; last = notes.now) {
        notes.text[0] = '\0';
        struct loop_timer stop = {0};
        loop_timer_start(notes.loop, &stop, 50, (loop_callback *)loop_stop, notes.loop);
        loop_run(notes.loop);
        loop_timer_stop(&stop);
        assert_true(notes.now >= last);
        if (hand > 100000)
            break;
    }
    for (int i = 0; i < MANY; i++)
        assert_null(timers[i].loop);
    free(timers);
    loop_timer_start(notes.loop, &notes.timers[0], 1, again, &notes);
    loop_run(notes.loop);
    assert_int_equal(notes.count, 1000);
    loop_free(notes.loop);
}

static void take_time(void *data)
{
    struct notes *notes = data;
    notes->now = loop_now(notes->loop);
    usleep(3000);
    assert_true(loop_now(notes->loop) == notes->now);
    assert_true(loop_wall(notes->loop) > INT64_C(1600000000000000000));
}

static void take_later(void *data)
{
    struct notes *notes = data;
    assert_true(loop_now(notes->loop) - notes->now >= 3 * ms);
}

static void test_time(void **state)
{
    (void)state;
    struct notes notes = begin(NULL);
    int64_t before = help_now();
    loop_timer_start(notes.loop, &notes.timers[0], 0, take_time, &notes);
    loop_timer_start(notes.loop, &notes.timers[1], 2 * ms, take_later, &notes);
    loop_run(notes.loop);
    assert_true(notes.now >= before);
    /* Never too early. */
    before = help_now();
    loop_timer_start(notes.loop, &notes.timers[0], 5500000, on_a, &notes);
    loop_run(notes.loop);
    assert_true(help_now() - before >= 5500000);
    loop_free(notes.loop);
}

static void defer_b(void *data)
{
    struct notes *notes = data;
    note(notes, "first");
    loop_later(notes->loop, on_b, notes);
}

static void before_wait(void *data)
{
    struct notes *notes = data;
    note(notes, "before");
    if (notes->count++ == 0)
        loop_later(notes->loop, on_a, notes); /* the wait is not due yet */
}

static void on_readable(void *data, unsigned ready)
{
    struct notes *notes = data;
    assert_int_equal(ready, LOOP_READABLE);
    uint64_t value;
    assert_int_equal(read(notes->fd, &value, sizeof value), sizeof value);
    note(notes, "read");
    loop_unwatch(notes->watch);
    notes->watch = NULL;
}

/* What is deferred comes in the same turn; the callback before the wait comes last of all. */
static void test_order(void **state)
{
    (void)state;
    struct notes notes = begin(NULL);
    struct failure failure;
    notes.fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
    notes.watch = loop_watch(notes.loop, notes.fd, LOOP_READABLE, on_readable, &notes, &failure);
    loop_later(notes.loop, defer_b, &notes);
    loop_before_wait(notes.loop, before_wait, &notes);
    loop_run(notes.loop);
    assert_string_equal(notes.text, "first b before a before read before ");
    close(notes.fd);
    loop_free(notes.loop);
}

static void test_watch(void **state)
{
    (void)state;
    struct notes notes = begin(NULL);
    struct failure failure;
    int file = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
    assert_null(loop_watch(notes.loop, file, LOOP_READABLE, on_readable, &notes, &failure));
    assert_true(failure.error != 0);
    close(file);
    /* What is not asked for any more does not come, and does not keep the loop. */
    notes.fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
    notes.watch = loop_watch(notes.loop, notes.fd, LOOP_READABLE, on_readable, &notes, &failure);
    loop_watch_change(notes.watch, 0);
    loop_run(notes.loop);
    loop_unwatch(notes.watch);
    loop_run(notes.loop);
    assert_string_equal(notes.text, "");
    close(notes.fd);
    loop_free(notes.loop);
}

static void on_signal(void *data, int number)
{
    struct notes *notes = data;
    note(notes, sigabbrev_np(number));
    if (++notes->count == 3)
        loop_stop(notes->loop);
}

static void test_signals(void **state)
{
    (void)state;
    struct notes notes = begin(NULL);
    struct failure failure;
    assert_true(loop_signals(notes.loop, on_signal, &notes, &failure));
    loop_run(notes.loop); /* they alone do not keep it */
    loop_timer_start(notes.loop, &notes.timers[0], 5000 * ms, on_a, &notes);
    kill(getpid(), SIGINT);
    kill(getpid(), SIGTERM);
    kill(getpid(), SIGHUP);
    loop_run(notes.loop);
    assert_non_null(strstr(notes.text, "INT"));
    assert_non_null(strstr(notes.text, "TERM"));
    assert_non_null(strstr(notes.text, "HUP"));
    kill(getpid(), SIGPIPE); /* not deadly */
    kill(getpid(), SIGXFSZ);
    loop_free(notes.loop);
}

static atomic_int running;
static void slow(void *data, const atomic_bool *stop)
{
    (void)data;
    atomic_fetch_add(&running, 1);
    while (!atomic_load(stop))
        usleep(1000);
}
static void quick(void *data, const atomic_bool *stop)
{
    (void)stop;
    atomic_fetch_add((atomic_int *)data, 1);
}
static void counted(void *data)
{
    atomic_fetch_add((atomic_int *)data, 100);
}
static void stop_work(void *data)
{
    loop_work_cancel(data);
}

static void test_work(void **state)
{
    (void)state;
    struct notes notes = begin(NULL);
    atomic_int count = 0;
    loop_work(notes.loop, quick, counted, &count);
    loop_run(notes.loop);
    assert_int_equal(count, 101);
    struct loop_work *work = loop_work(notes.loop, slow, counted, &count);
    loop_timer_start(notes.loop, &notes.timers[0], 5 * ms, stop_work, work);
    loop_run(notes.loop);
    assert_int_equal(count, 201);
    /* One that had not begun is not run, and is done all the same. */
    struct loop_work *busy[40];
    count = 0;
    for (int i = 0; i < 39; i++)
        busy[i] = loop_work(notes.loop, slow, counted, &count);
    busy[39] = loop_work(notes.loop, quick, counted, &count);
    for (int i = 0; i < 40; i++)
        loop_work_cancel(busy[39 - i]);
    loop_run(notes.loop);
    assert_int_equal(count, 4000);
    /* The loop waits for what it can't take back, and tells nobody. */
    count = 0;
    loop_work(notes.loop, slow, counted, &count);
    loop_free(notes.loop);
    assert_int_equal(count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_timers), cmocka_unit_test(test_many_timers),
        cmocka_unit_test(test_time),   cmocka_unit_test(test_order),
        cmocka_unit_test(test_watch),  cmocka_unit_test(test_signals),
        cmocka_unit_test(test_work),
    };
    return cmocka_run_group_tests_name("sys_loop", tests, NULL, NULL);
}
