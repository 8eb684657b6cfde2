/* When a task is ended, and the order that a shim is given: both without any process. */
#include "sys_help.h"

#include "sys/limit.h"
#include "sys/order.h"

#include <sys/mman.h>

static struct limit limit_of(int64_t timeout, int64_t stall, int64_t grace)
{
    struct limit limit;
    struct task task = {.timeout = timeout, .stall = stall, .grace = grace};
    limit_begin(&limit, &task, 1000);
    return limit;
}

static void test_no_limit(void **state)
{
    (void)state;
    struct limit limit = limit_of(0, 0, 10);
    assert_true(limit_next(&limit) == INT64_MAX);
    assert_int_equal(limit_tick(&limit, INT64_MAX - 1), LIMIT_NOTHING);
}

static void test_timeout(void **state)
{
    (void)state;
    struct limit limit = limit_of(50, 0, 10);
    assert_int_equal(limit_next(&limit), 1050);
    limit_output(&limit, 1049); /* does not help */
    assert_int_equal(limit_tick(&limit, 1049), LIMIT_NOTHING);
    assert_int_equal(limit_tick(&limit, 1050), LIMIT_TERMINATE);
    assert_int_equal(limit.why, TASK_TIMED_OUT);
    assert_int_equal(limit_next(&limit), 1060);
    assert_int_equal(limit_tick(&limit, 1059), LIMIT_NOTHING);
    assert_int_equal(limit_tick(&limit, 1060), LIMIT_KILL);
    int64_t next = limit_next(&limit);
    assert_true(next > 1060);
    assert_int_equal(limit_tick(&limit, next - 1), LIMIT_NOTHING);
    assert_int_equal(limit_tick(&limit, next), LIMIT_KILL); /* again and again */
    assert_int_equal(limit_tick(&limit, 1060 + 5000 * ms), LIMIT_GIVE_UP);
    assert_int_equal(limit_tick(&limit, 1060 + 6000 * ms), LIMIT_GIVE_UP);
    assert_true(limit_next(&limit) == INT64_MAX);
}

static void test_stall(void **state)
{
    (void)state;
    struct limit limit = limit_of(1000, 50, 10);
    assert_int_equal(limit_next(&limit), 1050);
    limit_output(&limit, 1040);
    assert_int_equal(limit_tick(&limit, 1050), LIMIT_NOTHING);
    assert_int_equal(limit_next(&limit), 1090);
    assert_int_equal(limit_tick(&limit, 1090), LIMIT_TERMINATE);
    assert_int_equal(limit.why, TASK_STALLED);
}

/* The first reason stands; a grace without end is never over. */
static void test_end(void **state)
{
    (void)state;
    struct limit limit = limit_of(50, 0, INT64_MAX);
    assert_int_equal(limit_end(&limit, TASK_CANCELLED, 1010), LIMIT_TERMINATE);
    assert_int_equal(limit_end(&limit, TASK_TIMED_OUT, 1020), LIMIT_NOTHING);
    assert_int_equal(limit.why, TASK_CANCELLED);
    assert_true(limit_next(&limit) == INT64_MAX);
    limit = limit_of(0, 0, 0);
    assert_int_equal(limit_end(&limit, TASK_CANCELLED, 1010), LIMIT_TERMINATE);
    assert_int_equal(limit_next(&limit), 1010);
    assert_int_equal(limit_tick(&limit, 1010), LIMIT_KILL);
}

static struct order example(void)
{
    static const char *const argv[] = {"psql", "-c", "a=b\nc", "", NULL};
    static const char *const env[] = {"PATH=/bin", "EMPTY=", "X=a=b", NULL};
    return (struct order){
        .task = {.argv = argv,
                 .env = env,
                 .cwd = "/srv/a b",
                 .umask = 027,
                 .stdout_to = "out",
                 .stdout_mode = 0640,
                 .logs = {"logs/1.out", NULL},
                 .folder = ORDER_FOLDER,
                 .log_cap = 5,
                 .timeout = INT64_MAX,
                 .stall = 7,
                 .grace = 8},
        .identity = {.given = true, .uid = 65534, .gid = 12, .group_count = 2, .groups = {12, 33}},
        .stdin_given = true,
        .cgroup = CGROUP_2,
        .cgroup_path = "/sys/fs/cgroup/x",
        .boot = "boot",
    };
}

static int write_order(const struct order *order)
{
    struct failure failure;
    int fd = memfd_create("order", MFD_CLOEXEC);
    assert_true(order_write(fd, order, &failure));
    return fd;
}

static void expect_list(const char *const *list, const char *const *expected)
{
    size_t i = 0;
    for (; expected[i]; i++)
        assert_string_equal(list[i], expected[i]);
    assert_null(list[i]);
}

static void test_order(void **state)
{
    (void)state;
    struct order order = example(), back;
    struct failure failure;
    int fd = write_order(&order);
    assert_true(order_read(fd, &back, &failure));
    close(fd);
    expect_list(back.task.argv, order.task.argv);
    expect_list(back.task.env, order.task.env);
    assert_string_equal(back.task.cwd, "/srv/a b");
    assert_string_equal(back.task.stdout_to, "out");
    assert_string_equal(back.task.logs[0], "logs/1.out");
    assert_null(back.task.logs[1]);
    assert_null(back.task.stdin_from);
    assert_true(back.task.timeout == INT64_MAX && back.task.stall == 7 && back.task.grace == 8);
    assert_true(back.task.umask == 027 && back.task.stdout_mode == 0640 && back.task.log_cap == 5);
    assert_memory_equal(&back.identity, &order.identity, sizeof back.identity);
    assert_true(back.stdin_given && !back.light && back.cgroup == CGROUP_2);
    assert_string_equal(back.cgroup_path, order.cgroup_path);
    assert_string_equal(back.boot, "boot");
    /* It lives as long as the shim; here it has to be given back: lists, and text. */
    char *text = (char *)(uintptr_t)back.task.argv[0] - sizeof "runbook-order=1" - strlen("argv=");
    free((void *)(uintptr_t)back.task.argv);
    free(text);
}

/* Half an order, or one of another version, is refused before anything is done. */
static void test_broken_order(void **state)
{
    (void)state;
    struct order order = example(), back;
    struct failure failure;
    int fd = write_order(&order);
    off_t length = lseek(fd, 0, SEEK_END);
    for (off_t cut = length - 1; cut >= 0; cut--) {
        assert_int_equal(ftruncate(fd, cut), 0);
        assert_false(order_read(fd, &back, &failure));
    }
    close(fd);
    fd = write_order(&order);
    assert_int_equal(pwrite(fd, "runbook-order=9", 15, 0), 15);
    assert_false(order_read(fd, &back, &failure));
    assert_string_equal(failure.text, "the order is of another version");
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_limit), cmocka_unit_test(test_timeout),
        cmocka_unit_test(test_stall),    cmocka_unit_test(test_end),
        cmocka_unit_test(test_order),    cmocka_unit_test(test_broken_order),
    };
    return cmocka_run_group_tests_name("sys_limit", tests, NULL, NULL);
}
