#include "commands/recovery.h"

#include "base/arena.h"
#include "commands/list.h"
#include "lang/value.h"
#include "store/runs.h"
#include "store/watch.h"
#include "sys/failure.h"
#include "sys/file.h"
#include "sys/loop.h"
#include "sys/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- beginning ---- */

/* Its params, as a file that it alone sees: what it is given has no limit, and needs no quoting. A
 * descriptor, or -1. */
static int params_file(const struct value *given, struct failure *failure)
{
    json_t *json = json_object();
    for (size_t i = 0; i < given->map.count; i++)
        if (given->map.at[i].value->kind != VALUE_UNSET)
            json_object_set_new(json, given->map.at[i].key,
                                value_to_plain_json(given->map.at[i].value));
    char *text = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    int fd = memfd_create("params", MFD_CLOEXEC);
    if (fd < 0)
        failure_set(failure, errno, "can't hand over the params");
    else if (text == NULL || !file_write(fd, text_of(text), "the params", failure)) {
        close(fd);
        fd = -1;
    }
    free(text);
    return fd;
}

enum { FD_NULL, FD_LOG, FD_LOCK, FD_PARAMS, FD_COUNT };

static void ready(void *data, unsigned what)
{
    struct recovery *recovery = data;
    (void)what;
    int status;
    pid_t pid = waitpid(recovery->pid, &status, WNOHANG);
    if (pid == 0)
        return;
    recovery_leave(recovery);
    recovery->ended(recovery->context);
}

static bool start(struct recovery *recovery, const char *const *argv, const int *fds,
                  struct failure *failure)
{
    const int given[] = {fds[FD_NULL], fds[FD_LOG], fds[FD_LOG], fds[FD_LOCK], fds[FD_PARAMS]};
    struct spawn spawn_ = {.argv = argv,
                           .env = (const char *const *)environ,
                           .umask = 022,
                           .fds = given,
                           .fd_count = sizeof given / sizeof *given};
    struct spawned spawned;
    if (!spawn(&spawn_, &spawned, failure))
        return false;
    recovery->pid = spawned.pid;
    recovery->pidfd = spawned.pidfd;
    if (recovery->loop != NULL && spawned.pidfd >= 0)
        recovery->awaited =
            loop_watch(recovery->loop, spawned.pidfd, LOOP_READABLE, ready, recovery, failure);
    return true;
}

static bool open_all(struct recovery *recovery, const struct value *given, int *fds,
                     struct failure *failure)
{
    bool held;
    fds[FD_NULL] = open("/dev/null", O_RDWR | O_CLOEXEC);
    fds[FD_LOG] = watch_run_log(recovery->watch, failure);
    fds[FD_LOCK] = watch_run_lock(recovery->watch, &held, failure);
    fds[FD_PARAMS] = params_file(given, failure);
    if (fds[FD_LOCK] < 0 && held)
        failure_set(failure, 0, "a recovery is at work already");
    for (size_t i = 0; i < FD_COUNT; i++)
        if (fds[i] < 0)
            return false;
    return true;
}

bool recovery_begin(struct recovery *recovery, struct arena *arena, const char *file,
                    const struct value *given, bool on_limit, const char **why)
{
    struct failure failure = {0};
    int fds[FD_COUNT] = {-1, -1, -1, -1};
    const char *argv[] = {recovery->program,
                          "run",
                          file,
                          "--id",
                          watch_run(recovery->watch)->id,
                          "--state",
                          recovery->state_folder,
                          "--params",
                          "/proc/self/fd/4",
                          on_limit ? "--on-limit" : NULL,
                          NULL};
    bool begun = open_all(recovery, given, fds, &failure) && start(recovery, argv, fds, &failure);
    for (size_t i = 0; i < FD_COUNT; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    if (!begun)
        *why = arena_copy(arena, failure.text, strlen(failure.text));
    return begun;
}

/* ---- how it stands ---- */

enum recovery_standing recovery_look(struct recovery *recovery, struct arena *arena, int64_t now,
                                     int64_t *ended, const char **said)
{
    struct failure failure;
    struct run_about about = {0};
    bool held = false;
    int lock = watch_run_lock(recovery->watch, &held, &failure);
    if (held)
        return RECOVERY_AT_WORK;
    if (lock >= 0)
        close(lock);
    enum journal_result result =
        run_look(arena, recovery->state_folder, watch_run(recovery->watch)->id, &about, &failure);
    if (result != JOURNAL_OK || !about.began) {
        *said = watch_run_said(recovery->watch, arena);
        return RECOVERY_NOT_BEGUN;
    }
    if (about.held) /* somebody took it up */
        return RECOVERY_AT_WORK;
    *ended = about.ended != 0 ? about.ended : now;
    *said = run_standing(&about);
    return RECOVERY_OVER;
}

void recovery_leave(struct recovery *recovery)
{
    loop_unwatch(recovery->awaited);
    recovery->awaited = NULL;
    if (recovery->pid != 0 && recovery->pidfd >= 0)
        close(recovery->pidfd);
    recovery->pid = 0;
}
