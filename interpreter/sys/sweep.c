/* What an interpreter left behind: found by the cgroups of its run, and by the environment that
 * each of its processes was given. */
#include "sys/cgroup.h"
#include "sys/process.h"
#include "sys/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PASSES = 1000, PAUSE_US = 5000 }; /* five seconds: as long as a limit tries */

struct sweep {
    enum cgroup_kind kind;
    char run[256];
    const uint64_t *attempts;
    size_t count;
    size_t ended;
    bool left;               /* somebody could not be ended */
    char environment[65536]; /* of the process that is looked at; what it was given stands first */
};

/* Kills until the cgroup is empty. */
static void end_cgroup(struct sweep *sweep, const char *path)
{
    struct cgroup cgroup;
    if (!cgroup_open(sweep->kind, path, &cgroup))
        return;
    bool first = true;
    for (int pass = 0; pass < PASSES && !cgroup_empty(&cgroup); pass++) {
        size_t count = cgroup_kill(&cgroup);
        sweep->ended += first ? count : 0;
        first = false;
        usleep(PAUSE_US);
    }
    if (!cgroup_empty(&cgroup))
        sweep->left = true;
    cgroup_close(&cgroup);
    cgroup_remove(path);
}

/* A run's folder. Those that had no shim (p) are ended; of the shims' (s) the empty ones are
 * removed: a shim that was just about to enter its own does without. */
static void end_room(void *data, const char *path)
{
    struct sweep *sweep = data;
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        char inner[1024];
        if (entry->d_type != DT_DIR ||
            snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name) >= (int)sizeof inner)
            continue;
        if (entry->d_name[0] == 'p')
            end_cgroup(sweep, inner);
        else if (entry->d_name[0] == 's')
            cgroup_remove(inner);
    }
    if (folder)
        closedir(folder);
    cgroup_remove(path);
}

/* The value of NAME in an environment, which is a list of NUL-ended "NAME=value". */
static const char *find_variable(const char *at, const char *end, const char *name)
{
    size_t length = strlen(name);
    for (; at < end; at += strlen(at) + 1)
        if (strncmp(at, name, length) == 0)
            return at + length;
    return NULL;
}

static bool is_swept(const struct sweep *sweep, const char *attempt)
{
    for (size_t i = 0; attempt && i < sweep->count; i++)
        if (sweep->attempts[i] == strtoull(attempt, NULL, 10))
            return true;
    return false;
}

/* Is the process one of the attempts? What can't be read is not ours. */
static bool belongs(struct sweep *sweep, pid_t pid)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/environ", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t length = 0;
    ssize_t got;
    while (fd >= 0 && length < sizeof sweep->environment - 1 &&
           (got = read(fd, sweep->environment + length, sizeof sweep->environment - 1 - length)) >
               0)
        length += (size_t)got;
    if (fd >= 0)
        close(fd);
    const char *text = sweep->environment, *end = text + length;
    sweep->environment[length] = '\0';
    const char *run = find_variable(text, end, "RUNBOOK_RUN=");
    return run && strcmp(run, sweep->run) == 0 &&
           is_swept(sweep, find_variable(text, end, "RUNBOOK_ATTEMPT="));
}

/* One look at all processes; how many of them were ours, and have been sent to their end. One that
 * forks and ends all the time has to be stopped the moment it is seen. */
static size_t end_by_environment(struct sweep *sweep)
{
    size_t count = 0;
    DIR *proc = opendir("/proc");
    for (struct dirent *entry; proc && (entry = readdir(proc));) {
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        if (pid <= 1 || pid == getpid() || !belongs(sweep, pid) || kill(pid, SIGSTOP) != 0)
            continue;
        count += 1 + tree_kill(pid);
        kill(pid, SIGKILL);
    }
    if (proc)
        closedir(proc);
    return count;
}

/* Until several looks in a row found nobody. */
static bool sweep_by_environment(struct sweep *sweep)
{
    enum { CLEAN = 8 };
    int clean = 0;
    for (int pass = 0; pass < PASSES && clean < CLEAN; pass++) {
        size_t found = end_by_environment(sweep);
        sweep->ended += found;
        clean = found > 0 ? 0 : clean + 1;
    }
    return clean == CLEAN;
}

bool process_sweep(const char *run, const uint64_t *attempts, size_t count, size_t *ended,
                   struct failure *failure)
{
    static const enum cgroup_kind kinds[] = {CGROUP_2, CGROUP_FREEZER};
    struct sweep sweep = {.attempts = attempts, .count = count};
    snprintf(sweep.run, sizeof sweep.run, "%s", run);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        sweep.kind = kinds[i];
        cgroup_find(kinds[i], run, end_room, &sweep);
    }
    bool gone = count == 0 || sweep_by_environment(&sweep);
    if (ended)
        *ended = sweep.ended;
    if (sweep.left || !gone)
        return failure_set(failure, 0, "processes of run %s could not be ended", run);
    return true;
}
