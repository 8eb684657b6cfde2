/* Processes without a shim, by each method that holds a tree together. */
#include "base/mask.h"
#include "sys_help.h"

#include <pwd.h>

static unsigned methods[] = {PROCESS_CGROUP2, PROCESS_FREEZER, PROCESS_SUBREAPER};
static const char *const names[] = {"cgroup2", "freezer", "subreaper"};

static struct help_run *begin(void **state)
{
    return help_begin(*(unsigned *)*state);
}

static void sh(struct help_run *run, const char *script)
{
    const char *argv[] = {"/bin/sh", "-c", script, NULL};
    struct task task = help_task(argv);
    help_process(run, &task);
}

/* What can't be had is passed over: that is no failure, but then the others are tried here. */
static void test_method(void **state)
{
    struct help_run *run = begin(state);
    size_t i = (size_t)((unsigned *)*state - methods);
    const char *method = processes_method(run->processes);
    if (strcmp(method, names[i]) != 0)
        print_message("# no %s here, but %s\n", names[i], method);
    assert_true(strcmp(method, names[i]) == 0 || strcmp(method, "subreaper") == 0);
    help_end(run);
}

static void test_exit_and_output(void **state)
{
    struct help_run *run = begin(state);
    sh(run, "echo out; echo err >&2; exit 7");
    assert_int_equal(run->end.result, TASK_EXITED);
    assert_int_equal(run->end.code, 7);
    assert_string_equal(run->output[TASK_OUT], "out\n");
    assert_string_equal(run->output[TASK_ERR], "err\n");
    assert_int_equal(run->end.bytes[TASK_OUT], 4);
    assert_true(run->end.duration > 0);
    assert_true(run->end.started > INT64_C(1600000000000000000));
    sh(run, "kill -SEGV $$");
    assert_int_equal(run->end.result, TASK_SIGNALLED);
    assert_int_equal(run->end.code, SIGSEGV);
    help_end(run);
}

/* Much more than a pipe holds, on both streams, from a program that waits for us to read. */
static void test_much_output(void **state)
{
    struct help_run *run = begin(state);
    sh(run, "head -c 2621440 /dev/zero; head -c 2621440 /dev/zero >&2");
    assert_int_equal(run->end.result, TASK_EXITED);
    assert_int_equal(run->end.code, 0);
    assert_int_equal(run->end.bytes[TASK_OUT], 40 * 65536);
    assert_int_equal(run->end.bytes[TASK_ERR], 40 * 65536);
    help_end(run);
}

static void expect_not_started(struct help_run *run, const struct task *task, enum task_part part,
                               const char *about)
{
    help_process(run, task);
    assert_int_equal(run->end.result, TASK_NOT_STARTED);
    assert_int_equal(run->end.part, part);
    assert_non_null(strstr(run->end.failure.text, about));
}

static void test_not_started(void **state)
{
    struct help_run *run = begin(state);
    const char *missing[] = {"no-such-program", NULL}, *found[] = {"true", NULL};
    const char *no_program[] = {"/etc/passwd", NULL};
    struct task task = help_task(missing);
    expect_not_started(run, &task, TASK_PROGRAM, "no-such-program");
    assert_int_equal(run->end.failure.error, ENOENT);
    task = help_task(no_program);
    expect_not_started(run, &task, TASK_PROGRAM, "/etc/passwd");
    assert_int_equal(run->end.failure.error, EACCES);
    task = help_task(found);
    task.cwd = "/no/such/folder";
    expect_not_started(run, &task, TASK_CWD, "/no/such/folder");
    task = help_task(found);
    task.user = "no-such-user";
    expect_not_started(run, &task, TASK_USER, "no-such-user");
    task = help_task(found);
    task.stdin_from = "/no/such/file";
    expect_not_started(run, &task, TASK_STDIN, "/no/such/file");
    task = help_task(found);
    task.stdout_to = "/no/such/folder/file";
    expect_not_started(run, &task, TASK_STDOUT, "/no/such/folder");
    help_end(run);
}

/* The child gets what was declared and nothing else: environment, descriptors, signals, session,
 * limits, umask. */
static void test_inherits_nothing(void **state)
{
    struct help_run *run = begin(state);
    setenv("CANARY", "1", 1);
    int leak = open("/dev/null", O_RDONLY); /* not close-on-exec */
    sigset_t set, before;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, &before);
    signal(SIGUSR2, SIG_IGN);
    umask(0777);
    sh(run, "cat /proc/$$/environ | tr '\\0' '\\n';"
            "ls /proc/$$/fd;"
            "grep -E '^Sig(Blk|Ign)' /proc/self/status; ulimit -c; umask;"
            "test -t 0 && echo tty; cut -d' ' -f6 /proc/$$/stat | grep -qx $$ && echo session;"
            "wc -c </dev/stdin");
    umask(022);
    signal(SIGUSR2, SIG_DFL);
    sigprocmask(SIG_SETMASK, &before, NULL);
    close(leak);
    assert_string_equal(run->output[TASK_OUT], "PATH=/usr/bin:/bin\nRUNBOOK_TEST=1\n"
                                               "0\n1\n2\n"
                                               "SigBlk:\t0000000000000000\n"
                                               "SigIgn:\t0000000000000000\n"
                                               "0\n0022\nsession\n0\n");
    help_end(run);
}

static void test_stdin(void **state)
{
    struct help_run *run = begin(state);
    const char *argv[] = {"cat", NULL};
    struct task task = help_task(argv);
    char *bytes = malloc(200000);
    memset(bytes, 'x', 200000);
    task.stdin_bytes = bytes;
    task.stdin_length = 200000;
    help_process(run, &task);
    assert_int_equal(run->end.bytes[TASK_OUT], 200000);
    free(bytes);

    char *folder = help_folder();
    task = help_task(argv);
    task.cwd = folder;
    task.stdin_from = "in";
    char path[256];
    snprintf(path, sizeof path, "%s/in", folder);
    int file = open(path, O_WRONLY | O_CREAT, 0600);
    assert_int_equal(write(file, "from a file", 11), 11);
    close(file);
    help_process(run, &task);
    assert_string_equal(run->output[TASK_OUT], "from a file");
    help_remove(folder);
    help_end(run);
}

static void test_user(void **state)
{
    if (geteuid() != 0)
        skip();
    struct help_run *run = begin(state);
    const char *argv[] = {"sh", "-c", "id -u; id -g; id -G", NULL};
    struct task task = help_task(argv);
    task.user = "nobody";
    help_process(run, &task);
    char expected[64];
    struct passwd *nobody = getpwnam("nobody");
    snprintf(expected, sizeof expected, "%d\n%d\n%d\n", (int)nobody->pw_uid, (int)nobody->pw_gid,
             (int)nobody->pw_gid);
    assert_string_equal(run->output[TASK_OUT], expected);
    char number[32];
    snprintf(number, sizeof number, "%d", (int)nobody->pw_uid);
    task.user = number;
    help_process(run, &task);
    assert_string_equal(run->output[TASK_OUT], expected);
    help_end(run);
}

/* What it prints of a secret reaches neither the log nor whoever listens; a file of its own does
 * hold it. The file that was handed over is there, and is its alone. */
static void test_secret(void **state)
{
    struct help_run *run = begin(state);
    char *folder = help_folder();
    const char *argv[] = {
        "sh", "-c",
        "stat -L -c '%F %a' " TASK_HANDED_PATH "; cat " TASK_HANDED_PATH
        "; printf 'a s3cr'; sleep 0.05; printf 'et/x b\\ns3cret' >&1; cat >&2; exit 0",
        NULL};
    struct task task = help_task(argv);
    struct mask *mask = mask_new();
    mask_learn(mask, "s3cret/x", 8);
    task.mask = mask;
    task.handed = "handed over: s3cret/x\n";
    task.handed_length = strlen(task.handed);
    task.stdin_bytes = "cDNjcmV0L3g= czNjcmV0L3g=";
    task.stdin_length = strlen(task.stdin_bytes);
    task.folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    task.logs[TASK_OUT] = "logs/1.out";
    task.logs[TASK_ERR] = "logs/1.err";
    static const char shown[] = "regular file 600\nhanded over: ***\na *** b\ns3cret";
    help_process(run, &task);
    assert_string_equal(run->output[TASK_OUT], shown);
    help_expect_file(folder, "logs/1.out", shown);
    help_expect_file(folder, "logs/1.err", "cDNjcmV0L3g= ***g=");
    assert_int_equal(run->end.bytes[TASK_OUT], strlen(shown));

    task.stdout_to = "made";
    task.cwd = folder;
    help_process(run, &task);
    help_expect_file(folder, "made",
                     "regular file 600\nhanded over: s3cret/x\na s3cret/x b\ns3cret");
    close(task.folder);
    mask_free(mask);
    help_remove(folder);
    help_end(run);
}

static void test_logs(void **state)
{
    struct help_run *run = begin(state);
    char *folder = help_folder();
    const char *argv[] = {"sh", "-c", "echo one; echo two; exec printf 1234567890", NULL};
    struct task task = help_task(argv);
    task.folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    task.logs[TASK_OUT] = "logs/1.out";
    task.logs[TASK_ERR] = "logs/1.err";
    help_process(run, &task);
    help_expect_file(folder, "logs/1.out", "one\ntwo\n1234567890");
    help_expect_file(folder, "logs/1.err", "(none)"); /* nothing came */

    task.logs[TASK_OUT] = "logs/2.out";
    task.log_cap = 10;
    help_process(run, &task);
    help_expect_file(folder, "logs/2.out",
                     "one\ntwo\n12\n[runbook: cut here, more came than a log may hold]\n");
    assert_string_equal(run->output[TASK_OUT], "one\ntwo\n12");
    assert_int_equal(run->end.bytes[TASK_OUT], 10);
    assert_true(run->end.cut[TASK_OUT]);
    assert_int_equal(run->end.result, TASK_EXITED);

    /* A log that can't be made is told of, and does not stop the task. */
    task.logs[TASK_OUT] = "nowhere/3.out";
    help_process(run, &task);
    assert_int_equal(run->end.result, TASK_EXITED);
    assert_non_null(strstr(run->end.failure.text, "nowhere/3.out"));
    close(task.folder);
    help_remove(folder);
    help_end(run);
}

static void test_stdout_to(void **state)
{
    struct help_run *run = begin(state);
    char *folder = help_folder(), path[256];
    const char *well[] = {"sh", "-c", "echo new", NULL};
    const char *badly[] = {"sh", "-c", "echo half; exit 1", NULL};
    struct stat about;
    struct task task = help_task(well);
    task.cwd = folder;
    task.stdout_to = "dump";
    task.stdout_mode = 0640;
    help_process(run, &task);
    assert_int_equal(run->end.result, TASK_EXITED);
    assert_int_equal(run->end.bytes[TASK_OUT], 4);
    help_expect_file(folder, "dump", "new\n");
    snprintf(path, sizeof path, "%s/dump", folder);
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 07777, 0640);

    task.argv = badly;
    help_process(run, &task);
    assert_int_equal(run->end.code, 1);
    help_expect_file(folder, "dump", "new\n");
    int count = 0; /* and nothing is left lying about: . .. attempts logs dump */
    DIR *entries = opendir(folder);
    while (readdir(entries))
        count++;
    closedir(entries);
    assert_int_equal(count, 5);
    help_remove(folder);
    help_end(run);
}

static void test_timeout(void **state)
{
    struct help_run *run = begin(state);
    const char *argv[] = {"sh", "-c", "trap 'echo term; exit 3' TERM; sleep 60 & wait", NULL};
    struct task task = help_task(argv);
    task.timeout = 500 * ms;
    task.grace = 20000 * ms;
    help_process(run, &task);
    assert_int_equal(run->end.result, TASK_TIMED_OUT);
    assert_int_equal(run->end.code, 3);
    assert_string_equal(run->output[TASK_OUT], "term\n");
    assert_true(run->end.duration >= 500 * ms);
    assert_true(run->end.duration < 15000 * ms); /* its sleep heard SIGTERM too */
    help_end(run);
}

static void test_stall(void **state)
{
    struct help_run *run = begin(state);
    const char *argv[] = {"sh", "-c", "for i in 1 2 3 4; do echo; sleep 0.3; done; sleep 60", NULL};
    struct task task = help_task(argv);
    task.stall = 1000 * ms;
    help_process(run, &task);
    assert_int_equal(run->end.result, TASK_STALLED);
    assert_int_equal(run->end.bytes[TASK_OUT], 4);
    assert_true(run->end.duration >= 1900 * ms);
    help_end(run);
}

/* A file that grows is output, too. */
static void test_stall_of_file(void **state)
{
    struct help_run *run = begin(state);
    char *folder = help_folder();
    const char *busy[] = {"sh", "-c", "for i in 1 2 3 4; do echo; sleep 0.3; done", NULL};
    const char *silent[] = {"sh", "-c", "echo; sleep 60", NULL};
    struct task task = help_task(busy);
    task.stall = 1000 * ms;
    task.cwd = folder;
    task.stdout_to = "file";
    help_process(run, &task);
    assert_int_equal(run->end.result, TASK_EXITED);
    task.argv = silent;
    help_process(run, &task);
    assert_int_equal(run->end.result, TASK_STALLED);
    help_remove(folder);
    help_end(run);
}

static void cancel_it(struct help_run *run)
{
    run->on_output = NULL;
    process_cancel(run->with);
}

static void test_cancel(void **state)
{
    struct help_run *run = begin(state);
    for (int i = 0; i < 3; i++) {
        run->on_output = cancel_it;
        sh(run, "trap '' TERM; echo ready; sleep 60");
        assert_int_equal(run->end.result, TASK_CANCELLED);
        /* What comes after it has nothing to suffer: a cgroup that was killed can be deadly. */
        sh(run, "exit 0");
        assert_int_equal(run->end.result, TASK_EXITED);
        assert_int_equal(run->end.code, 0);
    }
    /* Before it began: nothing of it ran. */
    const char *argv[] = {"sleep", "60", NULL};
    struct task task = help_task(argv);
    struct process_watch watch = help_watch(run);
    process_cancel(process_start(run->processes, &task, &watch));
    loop_run(run->loop);
    assert_int_equal(run->ends, 1);
    assert_int_equal(run->end.result, TASK_NOT_BEGUN);
    help_end(run);
}

struct evil {
    struct help_run *run;
    struct process *process;
    struct task_end end;
    bool cancel;
    bool ready;
    char token[64];
};

static void hear_evil(void *data, enum task_stream stream, const char *at, size_t length)
{
    struct evil *evil = data;
    (void)stream;
    evil->ready = length == 6 && memcmp(at, "ready\n", 6) == 0;
    if (evil->cancel)
        process_cancel(evil->process);
}

static void end_evil(void *data, const struct task_end *end)
{
    struct evil *evil = data;
    evil->end = *end;
    if (++evil->run->ends == 2 * HELP_EVILS)
        loop_stop(evil->run->loop);
}

static void start_evil(struct evil *evil, int i)
{
    snprintf(evil->token, sizeof evil->token, "RUNBOOK_TOKEN=%d-evil-%d.", (int)getpid(), i);
    const char *argv[] = {help_self(), help_evils[i % HELP_EVILS], NULL};
    const char *env[] = {"PATH=/usr/bin:/bin", evil->token, NULL};
    struct task task = help_task(argv);
    task.env = env;
    task.timeout = evil->cancel ? 0 : 3000 * ms; /* enough to begin, on a busy machine too */
    struct process_watch watch = {hear_evil, end_evil, evil};
    evil->process = process_start(evil->run->processes, &task, &watch);
}

/* Time-out and cancel leave nobody, whatever they do to get away. */
static void test_evil(void **state)
{
    struct help_run *run = begin(state);
    struct evil evils[2 * HELP_EVILS] = {0};
    for (int i = 0; i < 2 * HELP_EVILS; i++) {
        evils[i].run = run;
        evils[i].cancel = i >= HELP_EVILS;
        start_evil(&evils[i], i);
    }
    loop_run(run->loop);
    for (int i = 0; i < 2 * HELP_EVILS; i++) {
        struct evil *evil = &evils[i];
        int left = help_count(evil->token);
        help_signal(evil->token, SIGKILL);
        assert_true(evil->ready);
        assert_int_equal(evil->end.result, evil->cancel ? TASK_CANCELLED : TASK_TIMED_OUT);
        assert_string_equal(evil->end.failure.text, "");
        if (left != 0)
            fail_msg("%d of %s survived", left, help_evils[i % HELP_EVILS]);
    }
    help_end(run);
}

/* One that exits with 0 started a service: that is left alone, though it holds our pipes. */
static void test_service_is_left(void **state)
{
    struct help_run *run = begin(state);
    char token[64];
    snprintf(token, sizeof token, "RUNBOOK_TOKEN=%d-service", (int)getpid());
    const char *well[] = {"sh", "-c", "sleep 60 & exit 0", NULL};
    const char *badly[] = {"sh", "-c", "sleep 60 & exit 1", NULL};
    const char *env[] = {"PATH=/usr/bin:/bin", token, NULL};
    struct task task = help_task(well);
    task.env = env;
    help_process(run, &task);
    assert_int_equal(run->end.result, TASK_EXITED);
    assert_true(run->end.duration < 30000 * ms);
    assert_int_equal(help_count(token), 1);
    task.argv = badly; /* after any other end, it is ended */
    help_process(run, &task);
    assert_int_equal(run->end.code, 1);
    assert_int_equal(help_count(token), 1);
    help_end(run);
    help_signal(token, SIGKILL);
}

static int open_descriptors(void)
{
    int count = 0;
    DIR *folder = opendir("/proc/self/fd");
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

static void test_leaves_nothing_open(void **state)
{
    int before = open_descriptors();
    struct help_run *run = begin(state);
    sh(run, "exit 0");
    int first = open_descriptors();
    for (int i = 0; i < 30; i++)
        sh(run, "echo x; exit 0");
    const char *argv[] = {"no-such-program", NULL};
    struct task task = help_task(argv);
    help_process(run, &task);
    assert_int_equal(open_descriptors(), first);
    help_end(run);
    assert_int_equal(open_descriptors(), before);
}

static void be_interpreter(void **state, const char *evil, const char *token)
{
    help_go_along();
    struct help_run *run = begin(state);
    char run_id[80];
    snprintf(run_id, sizeof run_id, "RUNBOOK_RUN=test-%d", (int)getpid());
    const char *argv[] = {help_self(), evil, NULL};
    const char *env[] = {run_id, "RUNBOOK_ATTEMPT=42", token, NULL};
    struct task task = help_task(argv);
    task.env = env;
    struct process_watch watch = help_watch(run);
    process_start(run->processes, &task, &watch);
    loop_run(run->loop);
    _exit(0);
}

/* When the interpreter is killed its processes die: the program at once, and by a sweep who got
 * away. */
static void test_interpreter_dies(void **state)
{
    static const int expected[HELP_EVILS] = {1, 2, 2, 1};
    for (int i = 0; i < HELP_EVILS; i++) {
        char token[64], run_id[64];
        snprintf(token, sizeof token, "RUNBOOK_TOKEN=%d-dies-%d", (int)getpid(), i);
        pid_t interpreter = fork();
        if (interpreter == 0)
            be_interpreter(state, help_evils[i], token);
        snprintf(run_id, sizeof run_id, "test-%d", (int)interpreter);
        help_wait_for(help_count(token) >= expected[i]);
        kill(interpreter, SIGKILL);
        waitpid(interpreter, NULL, 0);
        size_t ended;
        struct failure failure;
        uint64_t attempt = 42;
        assert_true(process_sweep(run_id, &attempt, 1, &ended, &failure));
        help_wait_for(help_count(token) == 0);
    }
}

int main(int argc, char **argv)
{
    help_be_evil(argc, argv);
#define TEST(name, i)                                   \
    {                                                   \
#name "(" #i ")", name, NULL, NULL, &methods[i] \
    }
#define TESTS(i)                                                                               \
    TEST(test_method, i), TEST(test_exit_and_output, i), TEST(test_much_output, i),            \
        TEST(test_not_started, i), TEST(test_inherits_nothing, i), TEST(test_stdin, i),        \
        TEST(test_user, i), TEST(test_logs, i), TEST(test_secret, i), TEST(test_stdout_to, i), \
        TEST(test_timeout, i), TEST(test_stall, i), TEST(test_stall_of_file, i),               \
        TEST(test_cancel, i), TEST(test_evil, i), TEST(test_service_is_left, i),               \
        TEST(test_leaves_nothing_open, i), TEST(test_interpreter_dies, i)
    const struct CMUnitTest tests[] = {TESTS(0), TESTS(1), TESTS(2)};
    return cmocka_run_group_tests_name("sys_process", tests, NULL, NULL);
}
