#include "store/watch.h"

#include "base/arena.h"
#include "store/watch_own.h"
#include "sys/failure.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* ---- opening ---- */

static int open_folder(const char *state_folder, const char *name, struct failure *failure)
{
    struct buffer path = {0};
    buffer_format(&path, "%s/" MONITORS_NAME "/%s", state_folder, name);
    int folder = folder_make(AT_FDCWD, path.at, 0700, failure)
                     ? folder_open(AT_FDCWD, path.at, failure)
                     : -1;
    buffer_free(&path);
    return folder;
}

static enum watch_result read_state(struct watch *watch, struct failure *failure)
{
    struct buffer text = {0};
    if (faccessat(watch->folder, STATE_NAME, F_OK, 0) != 0 && errno == ENOENT)
        return WATCH_OK;
    if (!file_read(watch->folder, STATE_NAME, WATCH_CAP, &text, failure))
        return WATCH_FAILED;
    json_t *json = json_loadb(text.at, text.length, 0, NULL);
    bool good = json != NULL && watch_from_json(watch, json);
    json_decref(json);
    buffer_free(&text);
    if (good)
        return WATCH_OK;
    failure_set(failure, 0, "the memory of the monitor, " STATE_NAME ", is not what was written");
    return WATCH_DAMAGED;
}

static struct watch *watch_new(const struct monitor_plan *plan, int folder)
{
    struct arena *arena = arena_new();
    struct watch *watch = arena_alloc(arena, sizeof *watch);
    const struct map *conditions = &plan->monitor->conditions;
    watch->arena = arena;
    watch->folder = folder;
    watch->lock = -1;
    watch->count = conditions->count;
    watch->conditions = arena_alloc(arena, (watch->count + 1) * sizeof *watch->conditions);
    for (size_t i = 0; i < watch->count; i++) {
        const char *name = conditions->at[i].key;
        watch->conditions[i].name = arena_copy(arena, name, strlen(name));
    }
    return watch;
}

enum watch_result watch_open(const char *state_folder, const struct monitor_plan *plan,
                             struct watch **watch, struct failure *failure)
{
    *watch = NULL;
    int folder = open_folder(state_folder, plan->monitor->runbook.name, failure);
    if (folder < 0)
        return WATCH_FAILED;
    struct watch *opened = watch_new(plan, folder);
    enum file_lock locked = file_lock(folder, "lock", &opened->lock, failure);
    enum watch_result result = locked == FILE_LOCKED      ? read_state(opened, failure)
                               : locked == FILE_LOCK_HELD ? WATCH_LOCKED
                                                          : WATCH_FAILED;
    if (result == WATCH_OK)
        *watch = opened;
    else
        watch_close(opened);
    return result;
}

bool watch_save(struct watch *watch, struct failure *failure)
{
    json_t *json = watch_to_json(watch);
    char *text = json_dumps(json, JSON_INDENT(1) | JSON_REAL_PRECISION(15));
    bool saved =
        text != NULL && file_replace(watch->folder, STATE_NAME, text_of(text), 0600, 0, failure);
    if (text == NULL)
        failure_set(failure, 0, "the memory of the monitor is no UTF-8");
    free(text);
    json_decref(json);
    return saved;
}

void watch_close(struct watch *watch)
{
    if (watch == NULL)
        return;
    if (watch->lock >= 0)
        close(watch->lock);
    close(watch->folder);
    arena_free(watch->arena);
}

struct trip *watch_trip(struct watch *watch, size_t condition)
{
    return &watch->conditions[condition].trip;
}

/* ---- runs ---- */

const struct watch_run *watch_run(const struct watch *watch)
{
    return watch->run;
}

const struct watch_run *watch_waiting(const struct watch *watch, size_t condition)
{
    return watch->conditions[condition].waiting;
}

static size_t made_within(const struct watch *watch, int64_t within, int64_t now)
{
    size_t count = 0;
    for (size_t i = 0; i < watch->made_count; i++)
        count += now - watch->made[i] < within;
    return count;
}

enum watch_may watch_may(const struct watch *watch, const struct monitor_plan *plan, int64_t now)
{
    if (watch->run != NULL)
        return WATCH_BUSY;
    /* A clock that was set back does not keep it cool for ever. */
    if (watch->ended != 0 && now >= watch->ended && now - watch->ended < plan->cooldown)
        return WATCH_COOLING;
    return made_within(watch, plan->within, now) >= (size_t)plan->runs ? WATCH_LIMIT : WATCH_RUN;
}

static const struct watch_run *copied(struct arena *arena, const struct watch_run *run)
{
    struct watch_run *own = arena_alloc(arena, sizeof *own);
    *own = *run;
    own->id = arena_copy(arena, run->id, strlen(run->id));
    own->condition = arena_copy(arena, run->condition, strlen(run->condition));
    own->reason = arena_copy(arena, run->reason, strlen(run->reason));
    return own;
}

void watch_begin(struct watch *watch, const struct watch_run *run)
{
    watch->run = copied(watch->arena, run);
}

void watch_wait(struct watch *watch, size_t condition, const struct watch_run *run)
{
    watch->conditions[condition].waiting = run != NULL ? copied(watch->arena, run) : NULL;
}

void watch_end(struct watch *watch, bool began, int64_t ended)
{
    const struct watch_run *run = watch->run;
    watch->run = NULL;
    if (!began)
        return;
    watch->ended = ended;
    if (run->on_limit)
        return;
    if (watch->made_count == WATCH_RUNS)
        memmove(watch->made, watch->made + 1, --watch->made_count * sizeof *watch->made);
    watch->made[watch->made_count++] = run->made;
}

int watch_run_lock(struct watch *watch, bool *held, struct failure *failure)
{
    int fd = -1;
    enum file_lock locked = file_lock(watch->folder, "run.lock", &fd, failure);
    *held = locked == FILE_LOCK_HELD;
    return locked == FILE_LOCKED ? fd : -1;
}

int watch_run_log(struct watch *watch, struct failure *failure)
{
    int fd = openat(watch->folder, "run.log", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
                    0600);
    if (fd < 0)
        failure_set(failure, errno, "can't open run.log of the monitor");
    return fd;
}

const char *watch_run_said(struct watch *watch, struct arena *arena)
{
    struct buffer text = {0};
    if (!file_read(watch->folder, "run.log", WATCH_CAP, &text, NULL) || text.length == 0) {
        buffer_free(&text);
        return "";
    }
    const char *error = memmem(text.at, text.length, ": error ", 8);
    const char *begin = error != NULL ? memrchr(text.at, '\n', (size_t)(error - text.at)) : NULL;
    begin = begin != NULL ? begin + 1 : text.at;
    size_t left = text.length - (size_t)(begin - text.at);
    const char *end = memchr(begin, '\n', left);
    const char *line = arena_copy(arena, begin, end != NULL ? (size_t)(end - begin) : left);
    buffer_free(&text);
    return line;
}

/* ---- telling ---- */

bool watch_tell(struct watch *watch, int64_t now, const char *event, const char *condition,
                const char *run, const char *message, struct failure *failure)
{
    int fd = openat(watch->folder, "events.jsonl",
                    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return failure_set(failure, errno, "can't open events.jsonl of the monitor");
    json_t *json = json_pack("{s:s, s:s}", "event", event, "condition", condition);
    json_set_text(json, "time",
                  value_print(watch->arena, value_integer(watch->arena, VALUE_TIME, now)));
    json_set_text(json, "run", run);
    json_set_text(json, "message", message);
    char *text = json_dumps(json, JSON_COMPACT);
    struct buffer line = {0};
    buffer_format(&line, "%s\n", text ? text : "{}");
    free(text);
    json_decref(json);
    bool told = file_write(fd, buffer_slice(&line), "events.jsonl of the monitor", failure);
    if (told && fdatasync(fd) != 0)
        told = failure_set(failure, errno, "can't sync events.jsonl of the monitor");
    buffer_free(&line);
    close(fd);
    return told;
}
