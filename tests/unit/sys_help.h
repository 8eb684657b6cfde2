/* What the tests of sys share: a folder that goes away, a task that is run to its end, and programs
 * that do not want to end: the test program itself, started again with a word. */
#ifndef SYS_HELP_H
#define SYS_HELP_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

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

#define HELP static __attribute__((unused))

static const int64_t ms = 1000000;

HELP int64_t help_now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* This program, and the shim that was built with it. */
HELP const char *help_self(void)
{
    static char path[4096];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    path[length > 0 ? length : 0] = '\0';
    return path;
}

HELP const char *help_shim(void)
{
    static char path[4200];
    char folder[4096];
    snprintf(folder, sizeof folder, "%s", help_self());
    for (int i = 0; i < 2; i++)
        *strrchr(folder, '/') = '\0';
    snprintf(path, sizeof path, "%s/runbook-shim", folder);
    return path;
}

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

/* How many live processes have TOKEN in their environment. Looked at several times, since one that
 * always forks is hard to see. */
HELP int help_count(const char *token)
{
    static char text[131072];
    int most = 0;
    for (int look = 0; look < 5; look++) {
        int count = 0;
        DIR *proc = opendir("/proc");
        for (struct dirent *entry; (entry = readdir(proc));) {
            char path[300];
            snprintf(path, sizeof path, "/proc/%s/environ", entry->d_name);
            int fd = open(path, O_RDONLY);
            ssize_t length = fd < 0 ? 0 : read(fd, text, sizeof text);
            if (fd >= 0)
                close(fd);
            if (length > 0 && memmem(text, (size_t)length, token, strlen(token)))
                count++;
        }
        closedir(proc);
        most = count > most ? count : most;
    }
    return most;
}

HELP void help_kill_all(const char *token)
{
    static char text[131072];
    DIR *proc = opendir("/proc");
    for (struct dirent *entry; (entry = readdir(proc));) {
        char path[300];
        snprintf(path, sizeof path, "/proc/%s/environ", entry->d_name);
        int fd = open(path, O_RDONLY);
        ssize_t length = fd < 0 ? 0 : read(fd, text, sizeof text);
        if (fd >= 0)
            close(fd);
        if (length > 0 && memmem(text, (size_t)length, token, strlen(token)))
            kill((pid_t)strtol(entry->d_name, NULL, 10), SIGKILL);
    }
    closedir(proc);
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

/* The programs that do not want to end. */
enum { HELP_EVILS = 4 };
static const char *const help_evils[HELP_EVILS] = {"evil-ignore", "evil-daemon", "evil-runner",
                                                   "evil-stopped"};

HELP void help_ignore_all(void)
{
    for (int i = 1; i < NSIG; i++)
        signal(i, SIG_IGN);
}

HELP void help_say_ready(void)
{
    if (write(1, "ready\n", 6) < 0)
        _exit(3);
}

HELP void help_close_all(void)
{
    for (int fd = 0; fd < 64; fd++)
        close(fd);
}

HELP _Noreturn void help_pause(void)
{
    for (;;)
        pause();
}

/* Two forks, a session of its own, nothing open, deaf to SIGTERM. */
HELP _Noreturn void help_daemon(void)
{
    if (fork() == 0) {
        setsid();
        if (fork() == 0) {
            help_ignore_all();
            help_say_ready();
            help_close_all();
            help_pause();
        }
        _exit(0);
    }
    help_pause();
}

/* A process that always has forked and ended when one looks at it. */
HELP _Noreturn void help_runner(void)
{
    if (fork() == 0) {
        setsid();
        help_ignore_all();
        signal(SIGCHLD, SIG_DFL);
        help_say_ready();
        help_close_all();
        for (;;)
            if (fork() > 0)
                _exit(0);
    }
    help_pause();
}

/* To be called first in main: does what argv[1] says and never returns, if it is one of these. */
HELP void help_be_evil(int argc, char **argv)
{
    if (argc < 2 || strncmp(argv[1], "evil-", 5) != 0)
        return;
    if (strcmp(argv[1], "evil-daemon") == 0)
        help_daemon();
    if (strcmp(argv[1], "evil-runner") == 0)
        help_runner();
    help_ignore_all();
    help_say_ready();
    while (strcmp(argv[1], "evil-stopped") == 0)
        kill(getpid(), SIGSTOP);
    help_pause();
}

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
