/* Work in the pool: limits, cancelling, and a thread that does not come back. */
#include "actions_world.h"

#include "actions/blocking.h"

/* What the stuck work waits at; its other end is written to when it was left behind. */
struct stuck {
    struct world *world;
    int pipe[2];
    int begun[2]; /* told when the thread is at it */
    struct loop_watch *watch;
};

/* The deed's `path` holds the descriptor: work knows nothing but its deed. */
static struct outcome never_looks_at_stop(struct blocking *blocking)
{
    char byte;
    int fd = (int)value_member(blocking->arena, blocking->deed->inputs, "path")->integer;
    int begun = (int)value_member(blocking->arena, blocking->deed->inputs, "begun")->integer;
    struct answer answer = {.arena = blocking->arena};
    if (write(begun, "x", 1) != 1 || read(fd, &byte, 1) != 1)
        return answer_ill(blocking->arena, OUTCOME_FAILED, "the pipe broke");
    return answer_ended(&answer);
}

static void left_behind(void *context, const struct outcome *outcome)
{
    struct stuck *stuck = context;
    hear_end(stuck->world, outcome);
    assert_int_equal(write(stuck->pipe[1], "x", 1), 1);
}

static void cancel_when_begun(void *data, unsigned ready)
{
    struct stuck *stuck = data;
    (void)ready;
    loop_unwatch(stuck->watch);
    if (stuck->world->stage.limit == 0)
        blocking_cancel(stuck->world->work);
}

static const struct deed *stuck_deed(struct world *world, int fd, int begun)
{
    const struct member inputs[] = {{"path", number(world, fd)}, {"begun", number(world, begun)}};
    struct deed *deed = arena_alloc(world->arena, sizeof *deed);
    *deed = (struct deed){.action = &action_file_read,
                          .host = "here",
                          .folder = ".",
                          .inputs = value_map(world->arena, inputs, 2)};
    return deed;
}

static void a_thread_that_does_not_come_back_is_left_behind(void **state)
{
    struct world *world = *state;
    for (int by_limit = 0; by_limit < 2; by_limit++) {
        struct stuck stuck = {.world = world};
        assert_int_equal(pipe2(stuck.pipe, O_CLOEXEC), 0);
        assert_int_equal(pipe2(stuck.begun, O_CLOEXEC), 0);
        world->ended = 0;
        world->stage.limit = by_limit ? UNITS_SECOND : 0;
        world->stage.grace = UNITS_SECOND / 20;
        world->stage.ended = left_behind;
        world->stage.context = &stuck;
        /* An attempt's arena goes when it ended: the thread may touch nothing of it. */
        struct arena *attempt = arena_new();
        world->stage.arena = attempt;
        world->deed = stuck_deed(world, stuck.pipe[0], stuck.begun[1]);
        world->work = blocking_start(world->deed, &world->stage, never_looks_at_stop);
        stuck.watch =
            loop_watch(world->loop, stuck.begun[0], LOOP_READABLE, cancel_when_begun, &stuck, NULL);
        assert_non_null(stuck.watch);
        loop_run(world->loop); /* until the thread is back, after all */
        assert_int_equal(world->ended, 1);
        ill(world, world->outcome, by_limit ? OUTCOME_TIMED_OUT : OUTCOME_CANCELLED,
            "does not come back");
        arena_free(attempt);
        close(stuck.pipe[0]);
        close(stuck.pipe[1]);
        close(stuck.begun[0]);
        close(stuck.begun[1]);
    }
}

static struct outcome works_until_stopped(struct blocking *blocking)
{
    struct failure failure;
    while (!blocking_stopped(blocking, &failure))
        ;
    return blocking_failed(blocking, &failure);
}

static void who_looks_at_stop_is_told_why(void **state)
{
    struct world *world = *state;
    const struct deed *deed = stuck_deed(world, -1, -1);
    world->ended = 0;
    world->stage.limit = UNITS_SECOND / 20;
    blocking_start(deed, &world->stage, works_until_stopped);
    loop_run(world->loop);
    assert_int_equal(world->ended, 1);
    assert_int_equal(world->outcome->kind, OUTCOME_TIMED_OUT);
    assert_true(world->outcome->duration >= UNITS_SECOND / 20);
    world->stage.limit = 0;
    struct work *work = blocking_start(deed, &world->stage, works_until_stopped);
    blocking_cancel(work);
    blocking_cancel(work); /* a second time is nothing */
    loop_run(world->loop);
    assert_int_equal(world->ended, 2);
    assert_int_equal(world->outcome->kind, OUTCOME_CANCELLED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_thread_that_does_not_come_back_is_left_behind),
        TEST(who_looks_at_stop_is_told_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
