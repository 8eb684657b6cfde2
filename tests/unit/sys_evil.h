/* Programs that do not want to end, the test program itself started again with a word, and how one
 * sees whether any of them is left. Without cmocka, for the figures too. */
#ifndef SYS_EVIL_H
#define SYS_EVIL_H

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
    /* From build/tests/..., by the last of that name. */
    char *up = NULL;
    for (char *at = folder; (at = strstr(at, "/tests/")); at++)
        up = at;
    if (up)
        *up = '\0';
    snprintf(path, sizeof path, "%s/runbook-shim", folder);
    return path;
}

/* Sends SIGNAL (0: none) to all live processes that have TOKEN in their environment; how many there
 * are. */
HELP int help_signal(const char *token, int signal)
{
    static char text[131072];
    int count = 0;
    DIR *proc = opendir("/proc");
    for (struct dirent *entry; (entry = readdir(proc));) {
        char path[300];
        snprintf(path, sizeof path, "/proc/%s/environ", entry->d_name);
        int fd = open(path, O_RDONLY);
        ssize_t length = fd < 0 ? 0 : read(fd, text, sizeof text);
        if (fd >= 0)
            close(fd);
        if (length <= 0 || !memmem(text, (size_t)length, token, strlen(token)))
            continue;
        count++;
        kill((pid_t)strtol(entry->d_name, NULL, 10), signal);
    }
    closedir(proc);
    return count;
}

/* How many live processes have TOKEN in their environment. Looked at several times, since one that
 * always forks is hard to see. */
HELP int help_count(const char *token)
{
    int most = 0;
    for (int look = 0; look < 5; look++) {
        int count = help_signal(token, 0);
        most = count > most ? count : most;
    }
    return most;
}

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

/* Who escapes all the same ends by itself: no test may slow down what runs after it. */
static const int64_t help_life = 60000 * 1000000LL, help_runner_life = 15000 * 1000000LL;

HELP _Noreturn void help_pause(void)
{
    for (int64_t until = help_now() + help_life; help_now() < until;)
        nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
    _exit(0);
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
        for (int64_t until = help_now() + help_runner_life; help_now() < until;)
            if (fork() > 0)
                _exit(0);
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
    for (int i = 0; i < 1000 && strcmp(argv[1], "evil-stopped") == 0; i++)
        kill(getpid(), SIGSTOP);
    help_pause();
}

#endif
