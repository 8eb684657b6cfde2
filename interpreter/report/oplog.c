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

void oplog_event(struct oplog *oplog, const struct event *event)
{
    if (oplog->closed)
        return;
    if (event->kind == EVENT_LOGGED) {
        marked(oplog, (uint64_t)event_integer(event, FIELD_MARK));
        return;
    }
    struct oplog_line *line = oplog_line(oplog->arena, oplog->state, event);
    if (line != NULL)
        list_add(oplog->arena, &oplog->waiting, line);
}

bool oplog_waits(const struct oplog *oplog)
{
    return !oplog->closed && oplog->waiting.count > 0;
}

/* ---- opening ---- */

static bool make_folder(const char *path, struct failure *failure)
{
    char *folder = strdup(path);
    char *slash = folder ? strrchr(folder, '/') : NULL;
    bool made = true;
    if (slash != NULL && slash != folder) {
        *slash = '\0';
        made = access(folder, F_OK) == 0 || folder_make(AT_FDCWD, folder, 0755, failure);
    }
    free(folder);
    return made;
}

/* Its last bytes, from the first line that is whole in them. */
static bool read_end(struct log_file *file, struct failure *failure)
{
    struct stat about;
    if (fstat(file->fd, &about) != 0)
        return failure_set(failure, errno, "can't look at %s", file->path);
    if (!S_ISREG(about.st_mode))
        return failure_set(failure, 0, "%s is no plain file", file->path);
    off_t from = about.st_size > LOOK_BACK ? about.st_size - LOOK_BACK : 0;
    char *bytes = memory_resize(NULL, LOOK_BACK);
    ssize_t length = pread(file->fd, bytes, LOOK_BACK, from);
    if (length > 0) {
        buffer_add(&file->end, bytes, (size_t)length);
        file->torn = bytes[length - 1] != '\n';
    }
    free(bytes);
    return length >= 0 || failure_set(failure, errno, "can't read %s", file->path);
}

static bool open_file(struct log_file *file, struct failure *failure)
{
    file->fd = open(file->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0644);
    if (file->fd < 0)
        return failure_set(failure, errno, "can't open %s", file->path);
    return read_end(file, failure);
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
    struct buffer programs = {0};
    buffer_format(&programs, "%s.jsonl", path);
    oplog->people.path = strdup(path);
    oplog->programs.path = programs.at;
    bool opened = oplog->people.path != NULL && make_folder(path, failure) &&
                  open_file(&oplog->people, failure) && open_file(&oplog->programs, failure);
    if (opened)
        find_written(oplog);
    else
        oplog->closed = true;
    return opened;
}

/* ---- writing ---- */

static bool append(struct log_file *file, struct buffer *bytes, struct failure *failure)
{
    struct buffer whole = {0};
    if (bytes->length == 0)
        return true;
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
