/* Actions under a shim: what it writes, what it enforces when the interpreter is gone, and that who
 * comes later adopts the outcome. */
#include "sys_help.h"

#include "base/mask.h"
#include "sys/attempt.h"
#include "sys/shim.h"
#include "sys/tree.h"

static unsigned methods[] = {PROCESS_CGROUP2, PROCESS_FREEZER, PROCESS_SUBREAPER};

/* A run with its folder. */
struct fixture {
    struct help_run *run;
    char *path;
    int folder;
};

static struct fixture begin(void **state)
{
    struct fixture fixture = {.run = help_begin(*(unsigned *)*state), .path = help_folder()};
    fixture.folder = open(fixture.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fixture;
}

static void end(struct fixture *fixture)
{
    close(fixture->folder);
    help_remove(fixture->path);
    help_end(fixture->run);
}

static struct task shim_task(const struct fixture *fixture, const char *const *argv)
{
    struct task task = help_task(argv);
    task.folder = fixture->folder;
    task.logs[TASK_OUT] = "logs/1.out";
    task.logs[TASK_ERR] = "logs/1.err";
    return task;
}

static void run_shim(struct fixture *fixture, const struct task *task, uint64_t number)
{
    struct process_watch watch = help_watch(fixture->run);
    fixture->run->with = shim_start(fixture->run->processes, task, number, &watch);
    loop_run(fixture->run->loop);
    assert_int_equal(fixture->run->ends, 1);
}

static void attach(struct fixture *fixture, uint64_t number)
{
    struct process_watch watch = help_watch(fixture->run);
    fixture->run->with = shim_attach(fixture->run->processes, fixture->folder, number, &watch);
    loop_run(fixture->run->loop);
    assert_int_equal(fixture->run->ends, 1);
}

static struct attempt read_attempt(const struct fixture *fixture, uint64_t number)
{
    struct attempt attempt;
    struct failure failure;
    assert_true(attempt_read(fixture->folder, number, &attempt, &failure));
    attempt_free(&attempt);
    return attempt;
}

static void test_ends(void **state)
{
    struct fixture fixture = begin(state);
    struct help_run *run = fixture.run;
    const char *argv[] = {"sh", "-c", "cat; echo err >&2; exit 7", NULL};
    struct task task = shim_task(&fixture, argv);
    task.stdin_bytes = "in\0put";
    task.stdin_length = 6;
    run_shim(&fixture, &task, 1);
    assert_int_equal(run->end.result, TASK_EXITED);
    assert_int_equal(run->end.code, 7);
    assert_int_equal(run->end.bytes[TASK_OUT], 6);
    assert_int_equal(run->length[TASK_OUT], 6);
    assert_memory_equal(run->output[TASK_OUT], "in\0put", 6);
    assert_string_equal(run->output[TASK_ERR], "err\n");
    help_expect_file(fixture.path, "logs/1.err", "err\n");
    assert_true(run->end.duration > 0);
    struct attempt attempt = read_attempt(&fixture, 1);
    assert_int_equal(attempt.state, ATTEMPT_ENDED);
    assert_true(attempt.has_start);
    assert_true(attempt.start.pid > 1 && attempt.start.shim > 1);
    assert_true(attempt.start.pid_started > 0 && attempt.start.shim_started > 0);
    char boot[64];
    assert_true(tree_boot(boot, sizeof boot));
    assert_string_equal(attempt.start.boot, boot);
    /* The same once more for a resume that finds it ended. */
    attach(&fixture, 1);
    assert_int_equal(run->end.result, TASK_EXITED);
    assert_int_equal(run->end.code, 7);
    end(&fixture);
}

static void test_kinds_of_end(void **state)
{
    struct fixture fixture = begin(state);
    struct help_run *run = fixture.run;
    const char *dies[] = {"sh", "-c", "kill -SEGV $$", NULL};
    const char *hangs[] = {"sh", "-c", "echo x; sleep 60", NULL};
    const char *missing[] = {"no-such-program", NULL};
    struct task task = shim_task(&fixture, dies);
    run_shim(&fixture, &task, 1);
    assert_int_equal(run->end.result, TASK_SIGNALLED);
    assert_int_equal(run->end.code, SIGSEGV);
    task.argv = missing;
    run_shim(&fixture, &task, 2);
    assert_int_equal(run->end.result, TASK_NOT_STARTED);
    assert_int_equal(run->end.part, TASK_PROGRAM);
    assert_non_null(strstr(run->end.failure.text, "no-such-program"));
    task.argv = dies;
    task.cwd = "/no/such/folder";
    run_shim(&fixture, &task, 3);
    assert_int_equal(run->end.result, TASK_NOT_STARTED);
    assert_int_equal(run->end.part, TASK_CWD);
    task.cwd = "/";
    task.argv = hangs;
    task.timeout = 200 * ms;
    task.logs[TASK_OUT] = "logs/4.out";
    run_shim(&fixture, &task, 4);
    assert_int_equal(run->end.result, TASK_TIMED_OUT);
    task.timeout = 0;
    task.stall = 200 * ms;
    task.logs[TASK_OUT] = "logs/5.out";
    run_shim(&fixture, &task, 5);
    assert_int_equal(run->end.result, TASK_STALLED);
    /* The same number twice is never right. */
    run_shim(&fixture, &task, 5);
    assert_int_equal(run->end.result, TASK_NOT_STARTED);
    assert_int_equal(run->end.failure.error, EEXIST);
    end(&fixture);
}

static void cancel_it(struct help_run *run)
{
    run->on_output = NULL;
    shim_cancel(run->with);
}

static void test_cancel(void **state)
{
    struct fixture fixture = begin(state);
    const char *argv[] = {"sh", "-c", "echo x; sleep 60", NULL};
    struct task task = shim_task(&fixture, argv);
    fixture.run->on_output = cancel_it;
    run_shim(&fixture, &task, 1);
    assert_int_equal(fixture.run->end.result, TASK_CANCELLED);
    /* Cancelled before it is even begun. */
    struct process_watch watch = help_watch(fixture.run);
    shim_cancel(shim_start(fixture.run->processes, &task, 2, &watch));
    loop_run(fixture.run->loop);
    assert_int_equal(fixture.run->end.result, TASK_NOT_BEGUN);
    assert_int_equal(read_attempt(&fixture, 2).state, ATTEMPT_NOT_BEGUN);
    end(&fixture);
}

static void test_much_output(void **state)
{
    struct fixture fixture = begin(state);
    const char *argv[] = {"sh", "-c", "head -c 5000000 /dev/zero; printf end >&2", NULL};
    struct task task = shim_task(&fixture, argv);
    run_shim(&fixture, &task, 1);
    assert_int_equal(fixture.run->end.result, TASK_EXITED);
    assert_int_equal(fixture.run->end.bytes[TASK_OUT], 5000000);
    assert_string_equal(fixture.run->output[TASK_ERR], "end");
    task.logs[TASK_OUT] = "logs/2.out";
    task.logs[TASK_ERR] = "logs/2.err";
    task.log_cap = 100000;
    run_shim(&fixture, &task, 2);
    assert_int_equal(fixture.run->end.bytes[TASK_OUT], 100000);
    assert_true(fixture.run->end.cut[TASK_OUT]);
    assert_false(fixture.run->end.cut[TASK_ERR]);
    end(&fixture);
}

static void test_stdout_to(void **state)
{
    struct fixture fixture = begin(state);
    const char *argv[] = {"sh", "-c", "echo new", NULL};
    struct task task = shim_task(&fixture, argv);
    task.cwd = fixture.path;
    task.stdout_to = "dump";
    task.stdout_mode = 0600;
    run_shim(&fixture, &task, 1);
    assert_int_equal(fixture.run->end.result, TASK_EXITED);
    assert_int_equal(fixture.run->end.bytes[TASK_OUT], 4);
    help_expect_file(fixture.path, "dump", "new\n");
    end(&fixture);
}

static bool log_is(const struct fixture *fixture, const char *name, const char *expected)
{
    char *log = help_read(fixture->path, name);
    bool same = strcmp(log, expected) == 0;
    free(log);
    return same;
}

/* Starts TASK as attempt NUMBER in a process of its own, waits until its START is there, kills that
 * process, and returns what START says. */
static struct attempt_start leave_behind(void **state, struct fixture *fixture, uint64_t number,
                                         const struct task *task)
{
    pid_t interpreter = fork();
    if (interpreter == 0) {
        help_go_along();
        struct help_run *run = help_begin(*(unsigned *)*state);
        struct process_watch watch = help_watch(run);
        shim_start(run->processes, task, number, &watch);
        loop_run(run->loop);
        _exit(0);
    }
    help_wait_for(read_attempt(fixture, number).has_start);
    kill(interpreter, SIGKILL);
    waitpid(interpreter, NULL, 0);
    return read_attempt(fixture, number).start;
}

/* The interpreter is killed, the action goes on; who comes later waits for its end and adopts it.
 */
static void test_adopts(void **state)
{
    struct fixture fixture = begin(state);
    char script[512];
    snprintf(script, sizeof script,
             "echo one; while ! test -e %s/go; do sleep 0.01; done; echo two; exit 5",
             fixture.path);
    const char *argv[] = {"sh", "-c", script, NULL};
    struct task task = shim_task(&fixture, argv);
    leave_behind(state, &fixture, 1, &task);
    assert_int_equal(read_attempt(&fixture, 1).state, ATTEMPT_RUNNING);
    help_wait_for(log_is(&fixture, "logs/1.out", "one\n"));
    struct process_watch watch = help_watch(fixture.run);
    shim_attach(fixture.run->processes, fixture.folder, 1, &watch);
    assert_int_equal(mkdirat(fixture.folder, "go", 0700), 0);
    loop_run(fixture.run->loop);
    assert_int_equal(fixture.run->end.result, TASK_EXITED);
    assert_int_equal(fixture.run->end.code, 5);
    assert_int_equal(fixture.run->end.bytes[TASK_OUT], 8);
    assert_string_equal(fixture.run->output[TASK_OUT], "two\n"); /* what it gained since */
    end(&fixture);
}

/* A shim that was taken over can be cancelled. */
static void test_cancels_adopted(void **state)
{
    struct fixture fixture = begin(state);
    const char *argv[] = {"sleep", "60", NULL};
    struct task task = shim_task(&fixture, argv);
    leave_behind(state, &fixture, 1, &task);
    struct process_watch watch = help_watch(fixture.run);
    shim_cancel(shim_attach(fixture.run->processes, fixture.folder, 1, &watch));
    loop_run(fixture.run->loop);
    assert_int_equal(fixture.run->end.result, TASK_CANCELLED);
    end(&fixture);
}

/* An evil under a shim that was left alone. */
struct left {
    char token[64], logs[2][32];
    uint64_t number;
    struct attempt_start start;
};

static void leave_evil(void **state, struct fixture *fixture, struct left *left, int64_t timeout)
{
    char run_id[64], attempt[64];
    snprintf(left->token, sizeof left->token, "RUNBOOK_TOKEN=%d-left-%d.", (int)getpid(),
             (int)left->number);
    snprintf(run_id, sizeof run_id, "RUNBOOK_RUN=test-%d", (int)getpid());
    snprintf(attempt, sizeof attempt, "RUNBOOK_ATTEMPT=%d", (int)left->number);
    snprintf(left->logs[0], sizeof left->logs[0], "logs/%d.out", (int)left->number);
    snprintf(left->logs[1], sizeof left->logs[1], "logs/%d.err", (int)left->number);
    const char *argv[] = {help_self(), help_evils[left->number - 1], NULL};
    const char *env[] = {left->token, run_id, attempt, NULL};
    struct task task = shim_task(fixture, argv);
    task.env = env;
    task.timeout = timeout;
    task.logs[TASK_OUT] = left->logs[0];
    task.logs[TASK_ERR] = left->logs[1];
    left->start = leave_behind(state, fixture, left->number, &task);
}

/* The limit holds with nobody there, for those too who do not want to end. */
static void test_limit_alone(void **state)
{
    static const int64_t limit = 3000 * 1000000L; /* enough to begin, on a busy machine too */
    struct fixture fixture = begin(state);
    struct left left[HELP_EVILS] = {0};
    for (int i = 0; i < HELP_EVILS; i++) {
        left[i].number = (uint64_t)i + 1;
        leave_evil(state, &fixture, &left[i], limit);
    }
    for (int i = 0; i < HELP_EVILS; i++) {
        help_wait_for(read_attempt(&fixture, left[i].number).state != ATTEMPT_RUNNING);
        int count = help_count(left[i].token);
        help_signal(left[i].token, SIGKILL);
        assert_int_equal(count, 0);
        attach(&fixture, left[i].number);
        assert_int_equal(fixture.run->end.result, TASK_TIMED_OUT);
        help_expect_file(fixture.path, left[i].logs[0], "ready\n");
    }
    end(&fixture);
}

/* Also the shim is killed: then nobody saw the end, and nothing of the action is left running. But
 * where nothing holds it, no cgroup and no shim, one that always forks and ends can be missed: that
 * one is not tried. */
static void test_lost(void **state)
{
    struct fixture fixture = begin(state);
    struct left left[HELP_EVILS] = {0};
    bool held = *(unsigned *)*state != PROCESS_SUBREAPER;
    for (int i = 0; i < HELP_EVILS; i++) {
        if (!held && strcmp(help_evils[i], "evil-runner") == 0)
            continue;
        left[i].number = (uint64_t)i + 1;
        leave_evil(state, &fixture, &left[i], 0);
        help_wait_for(log_is(&fixture, left[i].logs[0], "ready\n"));
        kill(left[i].start.shim, SIGKILL);
    }
    for (int i = 0; i < HELP_EVILS; i++) {
        if (left[i].number == 0)
            continue;
        help_wait_for(read_attempt(&fixture, left[i].number).state == ATTEMPT_LOST);
        attach(&fixture, left[i].number);
        assert_int_equal(fixture.run->end.result, TASK_LOST);
        assert_int_equal(fixture.run->end.bytes[TASK_OUT], 6);
        help_wait_for(help_count(left[i].token) == 0);
    }
    end(&fixture);
}

/* The shim is killed while the interpreter lives. */
static void test_shim_killed(void **state)
{
    struct fixture fixture = begin(state);
    char script[256];
    snprintf(script, sizeof script, "kill -9 $PPID; sleep 60");
    const char *argv[] = {"sh", "-c", script, NULL};
    struct task task = shim_task(&fixture, argv);
    run_shim(&fixture, &task, 1);
    assert_int_equal(fixture.run->end.result, TASK_LOST);
    end(&fixture);
}

static void test_nobody_began(void **state)
{
    struct fixture fixture = begin(state);
    attach(&fixture, 77);
    assert_int_equal(fixture.run->end.result, TASK_NOT_BEGUN);
    struct failure failure;
    int fd = attempt_create(fixture.folder, 78, &failure); /* and died before the shim */
    assert_true(fd >= 0);
    close(fd);
    attach(&fixture, 78);
    assert_int_equal(fixture.run->end.result, TASK_NOT_BEGUN);
    end(&fixture);
}

/* A power loss can take a log that was not synced: a short one stands in OUTCOME. */
static void test_secret(void **state)
{
    struct fixture fixture = begin(state);
    const char *argv[] = {
        "sh", "-c", "cat " TASK_HANDED_PATH "; printf 's3c'; sleep 0.05; printf 'ret/x.'", NULL};
    struct task task = shim_task(&fixture, argv);
    struct mask *mask = mask_new();
    mask_learn(mask, "s3cret/x", 8);
    task.mask = mask;
    task.handed = "handed over,";
    task.handed_length = strlen(task.handed);
    run_shim(&fixture, &task, 1);
    mask_free(mask);
    help_expect_file(fixture.path, "logs/1.out", "handed over,***.");
    char attempt[4096] = {0};
    int fd = openat(fixture.folder, "attempts/1", O_RDONLY);
    assert_true(read(fd, attempt, sizeof attempt - 1) > 0);
    close(fd);
    assert_non_null(strstr(attempt, "handed over"));
    assert_null(strstr(attempt, "s3cret"));
    end(&fixture);
}

static void test_restores_log(void **state)
{
    struct fixture fixture = begin(state);
    const char *argv[] = {"sh", "-c", "printf 'a\nOUTCOME\nb'; echo e >&2", NULL};
    struct task task = shim_task(&fixture, argv);
    run_shim(&fixture, &task, 1);
    assert_int_equal(unlinkat(fixture.folder, "logs/1.out", 0), 0);
    int fd = openat(fixture.folder, "logs/1.err", O_WRONLY | O_TRUNC);
    close(fd);
    attach(&fixture, 1);
    assert_int_equal(fixture.run->end.result, TASK_EXITED);
    assert_string_equal(fixture.run->end.failure.text, "");
    help_expect_file(fixture.path, "logs/1.out", "a\nOUTCOME\nb");
    help_expect_file(fixture.path, "logs/1.err", "e\n");

    /* A long one can't be restored, and that is told. */
    const char *longer[] = {"head", "-c", "5000", "/dev/zero", NULL};
    task.argv = longer;
    task.logs[TASK_OUT] = "logs/2.out";
    run_shim(&fixture, &task, 2);
    fd = openat(fixture.folder, "logs/2.out", O_WRONLY);
    assert_int_equal(ftruncate(fd, 4999), 0);
    close(fd);
    attach(&fixture, 2);
    assert_int_equal(fixture.run->end.result, TASK_EXITED);
    assert_non_null(strstr(fixture.run->end.failure.text, "logs/2.out"));
    end(&fixture);
}

static void test_leave(void **state)
{
    struct fixture fixture = begin(state);
    const char *argv[] = {"sh", "-c", "echo x; sleep 0.3; exit 4", NULL};
    struct task task = shim_task(&fixture, argv);
    struct process_watch watch = help_watch(fixture.run);
    fixture.run->with = shim_start(fixture.run->processes, &task, 1, &watch);
    while (fixture.run->length[TASK_OUT] == 0) {
        struct loop_timer timer = {0};
        loop_timer_start(fixture.run->loop, &timer, 5 * ms, (loop_callback *)loop_stop,
                         fixture.run->loop);
        loop_run(fixture.run->loop);
    }
    shim_leave(fixture.run->with);
    loop_run(fixture.run->loop); /* nothing is left to wait for */
    assert_int_equal(fixture.run->ends, 0);
    attach(&fixture, 1);
    assert_int_equal(fixture.run->end.code, 4);
    end(&fixture);
}

int main(int argc, char **argv)
{
    help_be_evil(argc, argv);
#define TEST(name, i)                                   \
    {                                                   \
#name "(" #i ")", name, NULL, NULL, &methods[i] \
    }
#define TESTS(i)                                                                                \
    TEST(test_ends, i), TEST(test_kinds_of_end, i), TEST(test_cancel, i), TEST(test_adopts, i), \
        TEST(test_limit_alone, i), TEST(test_lost, i), TEST(test_shim_killed, i)
    const struct CMUnitTest tests[] = {
        TESTS(0),
        TESTS(1),
        TESTS(2),
        TEST(test_much_output, 0),
        TEST(test_stdout_to, 0),
        TEST(test_cancels_adopted, 0),
        TEST(test_nobody_began, 0),
        TEST(test_secret, 0),
        TEST(test_restores_log, 0),
        TEST(test_leave, 0),
    };
    return cmocka_run_group_tests_name("sys_shim", tests, NULL, NULL);
}
