#include "lang/yaml.h"

#include "base/arena.h"
#include "base/diagnostic.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* 1,000,000 steps fit; what is larger is no runbook, and is refused before a byte of it is read. */
enum { FILE_LIMIT = 64 * 1024 * 1024 };

static const struct mark NOWHERE = {0};

static const struct source *refuse_open(const char *name, int error,
                                        struct diagnostics *diagnostics)
{
    const char *remedy = NULL;
    switch (error) {
    case ENOENT:
        remedy = "check the name, and the folder that it is looked for in";
        break;
    case ENOTDIR:
        remedy = "a part of the path that should be a folder is a file";
        break;
    case EACCES:
        remedy = "let this user read the file and enter its folders, or run it as its owner";
        break;
    case ELOOP:
        remedy = "its symbolic links lead in a circle: name the file itself";
        break;
    }
    diagnostic_add(diagnostics, RB001, NOWHERE, remedy, "can't read '%s': %s", name,
                   strerror(error));
    return NULL;
}

/* Is it a plain file of a size that can be meant? */
static bool file_suits(const struct stat *status, const char *name, struct diagnostics *diagnostics)
{
    if (S_ISDIR(status->st_mode)) {
        diagnostic_add(diagnostics, RB001, NOWHERE, "name the file in it",
                       "'%s' is a folder, not a file", name);
        return false;
    }
    if (!S_ISREG(status->st_mode)) {
        const char *kind = S_ISFIFO(status->st_mode)   ? "a pipe"
                           : S_ISSOCK(status->st_mode) ? "a socket"
                                                       : "a device";
        diagnostic_add(diagnostics, RB001, NOWHERE,
                       "save it as a file and name that: it is kept with the run",
                       "'%s' is %s, not a file", name, kind);
        return false;
    }
    if (status->st_size > FILE_LIMIT) {
        long long mebibytes = ((long long)status->st_size + 1024 * 1024 - 1) / (1024 * 1024);
        diagnostic_add(diagnostics, RB005, NOWHERE,
                       "put long texts and data into files of their own, and name them",
                       "'%s' has %lld MiB; at most %d MiB are read", name, mebibytes,
                       FILE_LIMIT / (1024 * 1024));
        return false;
    }
    return true;
}

/* Reads ROOM bytes or to the end; false on an error (errno). */
static bool read_all(int file, char *into, size_t room, size_t *length)
{
    *length = 0;
    while (*length < room) {
        ssize_t count = read(file, into + *length, room - *length);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return false;
        }
        if (count == 0) {
            break;
        }
        *length += (size_t)count;
    }
    return true;
}

static const struct source *file_read(struct arena *arena, int file, const char *name,
                                      struct diagnostics *diagnostics)
{
    struct stat status;
    if (fstat(file, &status) != 0) {
        return refuse_open(name, errno, diagnostics);
    }
    if (!file_suits(&status, name, diagnostics)) {
        return NULL;
    }
    size_t size = (size_t)status.st_size;
    char *bytes = arena_alloc(arena, size + 1);
    size_t length = 0;
    if (!read_all(file, bytes, size + 1, &length)) {
        return refuse_open(name, errno, diagnostics);
    }
    if (length > size) {
        diagnostic_add(diagnostics, RB001, NOWHERE, "wait until it is written, and try again",
                       "'%s' grew while it was read", name);
        return NULL;
    }
    bytes[length] = '\0';
    return source_new(arena, name, (struct text){bytes, length});
}

const struct source *source_read(struct arena *arena, const char *path, const char *shown_name,
                                 struct diagnostics *diagnostics)
{
    /* Non-blocking: the open of a pipe that nobody writes to would hang. */
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file < 0) {
        return refuse_open(shown_name, errno, diagnostics);
    }
    const struct source *source = file_read(arena, file, shown_name, diagnostics);
    close(file);
    return source;
}
