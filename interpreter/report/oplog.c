#include "report/oplog.h"

#include "base/arena.h"
#include "base/list.h"
#include "base/text.h"
#include "report/oplog_line.h"
#include "store/event.h"
#include "store/state.h"
#include "sys/failure.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOOK_BACK 65536 /* bytes: more lines than can lie behind a mark of one turn */

/* One of the two files. */
struct log_file {
    char *path;
    int fd;            /* -1: not open */
    bool torn;         /* its last line has no end */
    struct buffer end; /* while it is opened: its last bytes */
    size_t found;      /* in END, behind the last line that was found */
};

struct oplog {
    const struct state *state;
    struct arena *arena; /* of what waits; begun anew when nothing does */
    struct list waiting; /* of struct oplog_line */
    struct log_file people, programs;
    bool closed; /* it can't be written any more, or there is none */
};

struct oplog *oplog_new(const struct state *state)
{
    struct oplog *oplog = memory_resize(NULL, sizeof *oplog);
    *oplog = (struct oplog){
        .state = state, .arena = arena_new(), .people = {.fd = -1}, .programs = {.fd = -1}};
    return oplog;
}

/* ---- what waits ---- */

static void forget(struct oplog *oplog)
{
    arena_free(oplog->arena);
    oplog->arena = arena_new();
    oplog->waiting = (struct list){0};
}

static void marked(struct oplog *oplog, uint64_t mark)
{
    uint32_t kept = 0;
    for (size_t i = 0; i < oplog->waiting.count; i++) {
        struct oplog_line *line = oplog->waiting.at[i];
        if (line->seq > mark)
            oplog->waiting.at[kept++] = line;
    }
    oplog->waiting.count = kept;
    if (kept == 0)
        forget(oplog);
}

static void take(struct oplog *oplog, const struct event *event, bool recalled)
{
    if (oplog->closed)
        return;
    if (event->kind == EVENT_LOGGED) {
        marked(oplog, (uint64_t)event_integer(event, FIELD_MARK));
        return;
    }
    struct oplog_line *line = oplog_line(oplog->arena, oplog->state, event);
    if (line == NULL)
        return;
    line->recalled = recalled;
    list_add(oplog->arena, &oplog->waiting, line);
}

void oplog_event(struct oplog *oplog, const struct event *event)
{
    take(oplog, event, false);
}

void oplog_recall(struct oplog *oplog, const struct event *event)
{
    take(oplog, event, true);
}

void oplog_say(struct oplog *oplog, int64_t time, const char *level, const char *message,
               struct json_t *programs)
{
    list_add(oplog->arena, &oplog->waiting,
             oplog_line_said(oplog->arena, time, level, message, programs));
}

bool oplog_waits(const struct oplog *oplog)
{
    return !oplog->closed && oplog->waiting.count > 0;
}

/* ---- opening ---- */

/* The folder that PATH, which is absolute, lies in. The caller frees. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t length = slash > path ? (size_t)(slash - path) : 1;
    char *folder = memory_resize(NULL, length + 1);
    memcpy(folder, path, length);
    folder[length] = '\0';
    return folder;
}

static bool make_folder(const char *path, struct failure *failure)
{
    char *folder = folder_of(path);
    bool made = access(folder, F_OK) == 0 || folder_make(AT_FDCWD, folder, 0755, failure);
    free(folder);
    return made;
}

/* So that a file that was made just now is still there after a power loss. */
static bool sync_folder(const char *path, struct failure *failure)
{
    char *folder = folder_of(path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = fd >= 0 ? folder_sync(fd, folder, failure)
                          : failure_set(failure, errno, "can't open %s", folder);
    if (fd >= 0)
        close(fd);
    free(folder);
    return synced;
}

/* The last bytes of what is open at FD, behind INTO's. False with errno. */
static bool read_end(int fd, struct buffer *into)
{
    struct stat about;
    if (fstat(fd, &about) != 0)
        return false;
    off_t from = about.st_size > LOOK_BACK ? about.st_size - LOOK_BACK : 0;
    char *bytes = memory_resize(NULL, LOOK_BACK);
    ssize_t length = pread(fd, bytes, LOOK_BACK, from);
    if (length > 0)
        buffer_add(into, bytes, (size_t)length);
    free(bytes);
    return length >= 0;
}

static bool is_torn(const struct buffer *end)
{
    return end->length > 0 && end->at[end->length - 1] != '\n';
}

/* What was the log before it was rotated, under the name that logrotate gives it. None is no fault,
 * nor is one that can't be read: it is only looked at for what a killed interpreter wrote. */
static void read_rotated(struct log_file *file)
{
    struct buffer path = {0};
    buffer_format(&path, "%s.1", file->path);
    int fd = open(path.at, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd >= 0) {
        read_end(fd, &file->end);
        close(fd);
    }
    if (is_torn(&file->end))
        buffer_text(&file->end, "\n");
    buffer_free(&path);
}

/* What stands at the path, made where there is nothing. */
static bool open_file(struct log_file *file, struct failure *failure)
{
    struct stat about;
    struct buffer end = {0};
    bool new = access(file->path, F_OK) != 0;
    file->fd = open(file->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0644);
    if (file->fd < 0)
        return failure_set(failure, errno, "can't open %s", file->path);
    if (fstat(file->fd, &about) != 0)
        return failure_set(failure, errno, "can't look at %s", file->path);
    if (!S_ISREG(about.st_mode))
        return failure_set(failure, 0, "%s is no plain file", file->path);
    if (new && !sync_folder(file->path, failure))
        return false;
    if (!read_end(file->fd, &end))
        return failure_set(failure, errno, "can't read %s", file->path);
    file->torn = is_torn(&end);
    buffer_add(&file->end, end.at ? end.at : "", end.length);
    buffer_free(&end);
    return true;
}

size_t oplog_find(const char *bytes, size_t length, size_t from, const char *line)
{
    size_t size = strlen(line);
    for (size_t at = from; at + size <= length;) {
        const char *end = memchr(bytes + at, '\n', length - at);
        if (end == NULL)
            return 0;
        if ((size_t)(end + 1 - bytes) - at == size && memcmp(bytes + at, line, size) == 0)
            return at + size;
        at = (size_t)(end + 1 - bytes);
    }
    return 0;
}

static bool stands_there(struct log_file *file, const char *line)
{
    size_t behind = oplog_find(file->end.at, file->end.length, file->found, line);
    if (behind > 0)
        file->found = behind;
    return behind > 0;
}

/* Of the lines behind the last mark those that were written before the end came. */
static void find_written(struct oplog *oplog)
{
    for (size_t i = 0; i < oplog->waiting.count; i++) {
        struct oplog_line *line = oplog->waiting.at[i];
        if (!line->recalled) /* two runs may begin in one second */
            continue;
        if (stands_there(&oplog->people, line->people))
            line->people = "";
        if (stands_there(&oplog->programs, line->programs))
            line->programs = "";
    }
    buffer_free(&oplog->people.end);
    buffer_free(&oplog->programs.end);
}

bool oplog_open(struct oplog *oplog, const char *path, struct failure *failure)
{
    struct buffer people = {0}, programs = {0};
    buffer_text(&people, path);
    buffer_format(&programs, "%s.jsonl", path);
    oplog->people.path = people.at;
    oplog->programs.path = programs.at;
    read_rotated(&oplog->people);
    read_rotated(&oplog->programs);
    bool opened = make_folder(path, failure) && open_file(&oplog->people, failure) &&
                  open_file(&oplog->programs, failure);
    if (opened)
        find_written(oplog);
    else
        oplog->closed = true;
    return opened;
}

/* ---- writing ---- */

/* The file at the path may be another one than the one that is open: it was renamed, or removed.
 * One that was cut is the same, and what is appended to it begins at its new end. */
static bool follow(struct log_file *file, struct failure *failure)
{
    struct stat open, there;
    if (fstat(file->fd, &open) != 0)
        return failure_set(failure, errno, "can't look at %s", file->path);
    bool same =
        stat(file->path, &there) == 0 && open.st_dev == there.st_dev && open.st_ino == there.st_ino;
    if (same)
        file->torn = file->torn && open.st_size > 0;
    if (same)
        return true;
    close(file->fd);
    file->fd = -1;
    bool opened = make_folder(file->path, failure) && open_file(file, failure);
    buffer_free(&file->end);
    return opened;
}

static bool append(struct log_file *file, struct buffer *bytes, struct failure *failure)
{
    struct buffer whole = {0};
    if (bytes->length == 0)
        return true;
    if (!follow(file, failure))
        return false;
    if (file->torn)
        buffer_text(&whole, "\n");
    buffer_add(&whole, bytes->at, bytes->length);
    bool written = file_write(file->fd, buffer_slice(&whole), file->path, failure);
    if (written && fdatasync(file->fd) != 0)
        written = failure_set(failure, errno, "can't sync %s", file->path);
    file->torn = false;
    buffer_free(&whole);
    return written;
}

bool oplog_write(struct oplog *oplog, uint64_t *mark, struct failure *failure)
{
    struct buffer people = {0}, programs = {0};
    *mark = 0;
    if (oplog->closed)
        return true;
    for (size_t i = 0; i < oplog->waiting.count; i++) {
        const struct oplog_line *line = oplog->waiting.at[i];
        buffer_text(&people, line->people);
        buffer_text(&programs, line->programs);
        *mark = line->seq;
    }
    bool written =
        append(&oplog->people, &people, failure) && append(&oplog->programs, &programs, failure);
    buffer_free(&people);
    buffer_free(&programs);
    forget(oplog);
    oplog->closed = !written;
    return written;
}

static void close_file(struct log_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    buffer_free(&file->end);
    free(file->path);
}

void oplog_free(struct oplog *oplog)
{
    if (oplog == NULL)
        return;
    close_file(&oplog->people);
    close_file(&oplog->programs);
    arena_free(oplog->arena);
    free(oplog);
}
