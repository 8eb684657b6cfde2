/* Locks by name: one run at a time that has `lock: NAME`.
 *
 * The file is locks/DIGEST of the name, which is a text of a runbook and so no file's name. It
 * holds one line of JSON that says which name, which run and since when; its flock is the lock, so
 * that it ends with the process. A run whose interpreter died may still have a shim at work:
 * whoever takes the lock looks for that first, by the run that the line names. */
#include "store/runs.h"

#include "base/arena.h"
#include "store/journal_own.h"
#include "sys/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define LOCKS_NAME "locks"
enum { HOLDER_CAP = 64 * 1024 };

struct run_lock {
    int fd;
};

/* ---- shims ---- */

/* What can't be looked at is taken for locked: two runs at one system are worse than one refused.
 */
static bool is_locked(int folder, const char *name)
{
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) {
        return errno != ENOENT;
    }
    bool locked = flock(fd, LOCK_SH | LOCK_NB) != 0;
    close(fd);
    return locked;
}

/* Is one of the files in this folder locked? Takes the descriptor over. */
static bool any_locked(int folder)
{
    DIR *stream = fdopendir(folder);
    if (stream == NULL) {
        close(folder);
        return true;
    }
    bool locked = false;
    struct dirent *entry;
    errno = 0;
    while (!locked && (entry = readdir(stream)) != NULL) {
        locked = entry->d_name[0] != '.' && is_locked(folder, entry->d_name);
        errno = 0;
    }
    locked = locked || errno != 0;
    closedir(stream);
    return locked;
}

bool run_shim_lives(const char *state_folder, const char *run)
{
    enum journal_result result;
    int folder = run_folder_open(state_folder, run, &result, NULL);
    if (folder < 0) {
        return result != JOURNAL_MISSING;
    }
    int attempts = openat(folder, "attempts", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    int error = errno;
    close(folder);
    return attempts < 0 ? error != ENOENT : any_locked(attempts);
}

/* ---- the lock ---- */

/* Who is written in it. An empty or torn line names nobody: it was written over when nothing of the
 * run before was at work any more, by one that died before it did anything. */
static bool read_holder(struct arena *arena, int locks, const char *path,
                        struct run_lock_holder *holder, struct failure *failure)
{
    struct buffer bytes = {0};
    *holder = (struct run_lock_holder){0};
    if (!file_read(locks, path, HOLDER_CAP, &bytes, failure)) {
        buffer_free(&bytes);
        return false;
    }
    json_t *json = json_loadb(buffer_slice(&bytes).at, bytes.length, JSON_REJECT_DUPLICATES, NULL);
    const char *run = json_string_value(json_object_get(json, "run"));
    if (run != NULL) {
        holder->run = arena_format(arena, "%s", run);
        holder->pid = json_integer_value(json_object_get(json, "pid"));
        holder->since = json_integer_value(json_object_get(json, "since"));
    }
    json_decref(json);
    buffer_free(&bytes);
    return true;
}

static bool write_holder(int fd, const char *name, const char *run, int64_t now,
                         struct failure *failure)
{
    json_t *json = json_pack("{s:s, s:s, s:I, s:I}", "lock", name, "run", run, "pid",
                             (json_int_t)getpid(), "since", (json_int_t)now);
    char *line = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    if (line == NULL) {
        return failure_set(failure, 0, "the lock '%s' is no UTF-8", name);
    }
    struct buffer bytes = {0};
    buffer_format(&bytes, "%s\n", line);
    free(line);
    bool written =
        ftruncate(fd, 0) == 0 || failure_set(failure, errno, "can't write the lock '%s'", name);
    written = written && file_write(fd, buffer_slice(&bytes), "the lock", failure);
    written = written &&
              (fsync(fd) == 0 || failure_set(failure, errno, "can't sync the lock '%s'", name));
    buffer_free(&bytes);
    return written;
}

/* A new lock's name must outlive a power loss as the run that holds it does: else another run would
 * not find the shim of it. */
static bool sync_name(int locks, struct failure *failure)
{
    return folder_sync(locks, "the folder of locks", failure);
}

struct taking {
    struct arena *arena;
    const char *state_folder;
    const char *name;
    const char *run;
    int64_t now;
    struct run_lock_holder *holder;
    struct failure *failure;
};

static enum journal_result held(const struct taking *taking)
{
    failure_set(taking->failure, 0, "the lock '%s' is held by run %s", taking->name,
                taking->holder->run == NULL ? "?" : taking->holder->run);
    return JOURNAL_LOCKED;
}

/* The file is locked: now it may still be that a shim of the run before is at work. */
static enum journal_result take_over(const struct taking *taking, int locks, const char *path,
                                     int fd)
{
    if (!read_holder(taking->arena, locks, path, taking->holder, taking->failure)) {
        return JOURNAL_FAILED;
    }
    const char *before = taking->holder->run;
    if (before != NULL && strcmp(before, taking->run) != 0 &&
        run_shim_lives(taking->state_folder, before)) {
        taking->holder->shim = true;
        return held(taking);
    }
    return write_holder(fd, taking->name, taking->run, taking->now, taking->failure) &&
                   sync_name(locks, taking->failure)
               ? JOURNAL_OK
               : JOURNAL_FAILED;
}

static enum journal_result take_in(const struct taking *taking, int locks, struct run_lock **lock)
{
    char path[DIGEST_TEXT];
    int fd;
    enum journal_result result = JOURNAL_FAILED;
    digest_text(text_of(taking->name), path);
    switch (file_lock(locks, path, &fd, taking->failure)) {
    case FILE_LOCKED:
        result = take_over(taking, locks, path, fd);
        break;
    case FILE_LOCK_HELD:
        (void)read_holder(taking->arena, locks, path, taking->holder, NULL); /* to tell who */
        return held(taking);
    case FILE_LOCK_FAILED:
        return JOURNAL_FAILED;
    }
    if (result != JOURNAL_OK) {
        close(fd);
        return result;
    }
    *lock = memory_resize(NULL, sizeof **lock);
    (*lock)->fd = fd;
    return JOURNAL_OK;
}

enum journal_result run_lock_take(struct arena *arena, const char *state_folder, const char *name,
                                  const char *run, int64_t now, struct run_lock **lock,
                                  struct run_lock_holder *holder, struct failure *failure)
{
    struct taking taking = {arena, state_folder, name, run, now, holder, failure};
    *lock = NULL;
    *holder = (struct run_lock_holder){0};
    int state = folder_make(AT_FDCWD, state_folder, 0700, failure)
                    ? folder_open(AT_FDCWD, state_folder, failure)
                    : -1;
    if (state < 0) {
        return JOURNAL_FAILED;
    }
    enum journal_result result = JOURNAL_FAILED;
    int locks = folder_make(state, LOCKS_NAME, 0700, failure)
                    ? folder_open(state, LOCKS_NAME, failure)
                    : -1;
    if (locks >= 0) {
        result = take_in(&taking, locks, lock);
        close(locks);
    }
    close(state);
    return result;
}

void run_lock_release(struct run_lock *lock)
{
    if (lock != NULL) {
        close(lock->fd);
        free(lock);
    }
}
