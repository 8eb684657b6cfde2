/* What the tests of sys share: a folder that goes away, a task that is run to its end, and programs
 * that do not want to end: the test program itself, started again with a word. */
#ifndef SYS_HELP_H
#define SYS_HELP_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "sys_evil.h"

#include "sys/loop.h"
#include "sys/process.h"
#include "sys/task.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A new folder with what a run's has; removed by help_remove. */
HELP char *help_folder(void)
{
    char path[] = "/tmp/runbook-test.XXXXXX";
    assert_non_null(mkdtemp(path));
    int fd = open(path, O_RDONLY | O_DIRECTORY);
    assert_int_equal(mkdirat(fd, "attempts", 0700), 0);
    assert_int_equal(mkdirat(fd, "logs", 0700), 0);
    close(fd);
    return strdup(path);
}

HELP void help_remove(char *folder)
{
    char command[256];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    assert_int_equal(system(command), 0);
    free(folder);
}

/* The file as a text (a mebibyte at most), "(none)" if it is not there; the caller frees. */
HELP char *help_read(const char *folder, const char *name)
{
    enum { ROOM = 1 << 20 };
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, O_RDONLY);
    if (fd < 0)
        return strdup("(none)");
    char *text = calloc(1, ROOM);
    assert_true(read(fd, text, ROOM - 1) >= 0);
    close(fd);
    return text;
}

HELP void help_expect_file(const char *folder, const char *name, const char *expected)
{
    char *text = help_read(folder, name);
    assert_string_equal(text, expected);
    free(text);
}

/* Waits until CONDITION, at most half a minute; fails when it never holds. */
#define help_wait_for(condition)                             \
    do {                                                     \
        int64_t until = help_now() + 30000 * ms;             \
        while (!(condition)) {                               \
            if (help_now() > until)                          \
                fail_msg("never came true: %s", #condition); \
            usleep(1000);                                    \
        }                                                    \
    } while (0)

/* For a process of the test that would wait for ever when the test fails: it goes with it. */
HELP void help_go_along(void)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

/* A task that is run to its end, and what came of it. */
struct help_run {
    struct loop *loop;
    struct processes *processes;
    char output[2][65536];
    size_t length[2];
    struct task_end end;
    int ends;
    void (*on_output)(struct help_run *run);
    void *with; /* the process or shim */
};

HELP void help_on_output(void *data, enum task_stream stream, const char *at, size_t length)
{
    struct help_run *run = data;
    size_t room = sizeof run->output[0] - 1 - run->length[stream];
    size_t taken = length < room ? length : room;
    memcpy(run->output[stream] + run->length[stream], at, taken);
    run->length[stream] += taken;
    if (run->on_output)
        run->on_output(run);
}

HELP void help_on_end(void *data, const struct task_end *end)
{
    struct help_run *run = data;
    run->end = *end;
    run->ends++;
    loop_stop(run->loop);
}

HELP struct help_run *help_begin(unsigned methods)
{
    struct help_run *run = calloc(1, sizeof *run);
    struct failure failure;
    run->loop = loop_new(NULL, &failure);
    assert_non_null(run->loop);
    char name[64];
    snprintf(name, sizeof name, "test-%d", (int)getpid());
    run->processes = processes_new(&(struct processes_options){
        .loop = run->loop, .run = name, .shim = help_shim(), .methods = methods});
    return run;
}

HELP void help_end(struct help_run *run)
{
    processes_free(run->processes);
    loop_free(run->loop);
    free(run);
}

HELP struct process_watch help_watch(struct help_run *run)
{
    run->ends = 0;
    memset(run->length, 0, sizeof run->length);
    memset(run->output, 0, sizeof run->output);
    return (struct process_watch){help_on_output, help_on_end, run};
}

static const char *const help_env[] = {"PATH=/usr/bin:/bin", "RUNBOOK_TEST=1", NULL};

HELP struct task help_task(const char *const *argv)
{
    return (struct task){
        .argv = argv, .env = help_env, .cwd = "/", .umask = 022, .folder = -1, .grace = 100 * ms};
}

/* Runs it to its end by process_start. */
HELP void help_process(struct help_run *run, const struct task *task)
{
    struct process_watch watch = help_watch(run);
    run->with = process_start(run->processes, task, &watch);
    loop_run(run->loop);
    assert_int_equal(run->ends, 1);
}

#endif
