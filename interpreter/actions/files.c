#include "actions/files.h"

#include "actions/input.h"
#include "actions/place.h"
#include "base/arena.h"
#include "lang/value.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 256 * 1024 }; /* bytes between two looks at `stop` */

bool files_describe(const struct describing *describing, const struct value *args,
                    struct deed *deed, struct problem *problem)
{
    static const char *const paths[] = {"path", "from", "to", "keep", "dir"};
    input_take(describing, args, deed);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (!input_is_name(describing, deed, paths[i], problem))
            return false;
    return input_is_mode(describing, deed, problem);
}

/* ---- reading ---- */

int files_open(const char *path, struct stat *about, struct failure *failure)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 || fstat(fd, about) != 0) {
        failure_set(failure, errno, "can't read %s", path);
    } else if (S_ISDIR(about->st_mode)) {
        failure_set(failure, EISDIR, "can't read %s", path);
    } else if (!S_ISREG(about->st_mode)) {
        failure_set(failure, 0, "can't read %s: it is no regular file", path);
    } else {
        return fd;
    }
    if (fd >= 0)
        close(fd);
    return -1;
}

/* What TAKE is given: each piece of FD in turn. */
typedef bool take_piece(void *data, struct text piece, struct failure *failure);

static bool each_piece(struct blocking *blocking, int fd, const char *what, take_piece *take,
                       void *data, struct failure *failure)
{
    char *piece = malloc(PIECE);
    if (piece == NULL)
        return failure_set(failure, ENOMEM, "can't read %s", what);
    bool good = true;
    for (;;) {
        ssize_t length = read(fd, piece, PIECE);
        if (length < 0 && errno == EINTR)
            continue;
        if (length < 0)
            good = failure_set(failure, errno, "can't read %s", what);
        if (length <= 0 || blocking_stopped(blocking, failure))
            good = good && length <= 0;
        else if (take(data, (struct text){piece, (size_t)length}, failure))
            continue;
        else
            good = false;
        break;
    }
    free(piece);
    return good;
}

struct pouring {
    int to;
    const char *what;
};

static bool pour_piece(void *data, struct text piece, struct failure *failure)
{
    const struct pouring *pouring = data;
    return file_write(pouring->to, piece, pouring->what, failure);
}

bool files_pour(struct blocking *blocking, int from, int to, const char *what,
                struct failure *failure)
{
    struct pouring pouring = {to, what};
    return each_piece(blocking, from, what, pour_piece, &pouring, failure);
}

bool files_begin(struct blocking *blocking, const char *path, mode_t new_mode,
                 struct file_aside *aside, struct failure *failure)
{
    bool has_mode = input_text(blocking->deed, "mode") != NULL;
    mode_t mode = input_mode(blocking->deed, new_mode);
    unsigned flags = FILE_SWEEP | (has_mode ? FILE_SET_MODE : 0U);
    if (file_begin(AT_FDCWD, path, mode, flags, aside, failure))
        return true;
    if (failure->error == ELOOP)
        failure_set(failure, 0, "%s is a symbolic link; name the file that it leads to", path);
    return false;
}

/* ---- digests ---- */

static bool digest_piece(void *data, struct text piece, struct failure *failure)
{
    (void)failure;
    digest_add(data, piece);
    return true;
}

bool files_digest(struct blocking *blocking, const char *path, char hex[DIGEST_TEXT],
                  struct failure *failure)
{
    struct stat about;
    int fd = files_open(path, &about, failure);
    if (fd < 0)
        return false;
    struct digest *digest = digest_new();
    bool good = each_piece(blocking, fd, path, digest_piece, digest, failure);
    digest_end(digest, good ? hex : NULL);
    close(fd);
    return good;
}

/* ---- keeping ---- */

const char *files_above(struct arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return ".";
    return slash == path ? "/" : arena_copy(arena, path, (size_t)(slash - path));
}

bool files_sync_entry(const char *path, struct failure *failure)
{
    struct arena *arena = arena_new();
    const char *name = files_above(arena, path);
    int folder = folder_open(AT_FDCWD, name, failure);
    bool good = folder >= 0 && folder_sync(folder, name, failure);
    if (folder >= 0)
        close(folder);
    arena_free(arena);
    return good;
}

static bool keep_open(struct blocking *blocking, int from, const struct stat *about,
                      const char *keep, struct failure *failure)
{
    struct file_aside aside;
    if (!folder_make(AT_FDCWD, files_above(blocking->arena, keep), 0755, failure) ||
        !file_begin(AT_FDCWD, keep, about->st_mode & 07777, FILE_SET_MODE | FILE_SWEEP, &aside,
                    failure))
        return false;
    /* Its owner as far as we may: who is not root keeps it as their own. */
    if (fchown(aside.fd, about->st_uid, about->st_gid) == 0 || errno == EPERM) {
        if (files_pour(blocking, from, aside.fd, keep, failure))
            return file_commit(&aside, failure);
    } else {
        failure_set(failure, errno, "can't give %s its owner", keep);
    }
    file_abandon(&aside);
    return false;
}

bool files_keep(struct blocking *blocking, const char *path, const char *already,
                struct failure *failure)
{
    const char *keep = blocking_input(blocking, "keep");
    struct stat about;
    char hex[DIGEST_TEXT];
    if (keep == NULL || (lstat(path, &about) != 0 && errno == ENOENT))
        return true;
    if (already != NULL) {
        if (!files_digest(blocking, path, hex, failure))
            return false;
        if (strcmp(hex, already) == 0)
            return true;
    }
    int fd = files_open(path, &about, failure);
    if (fd < 0)
        return false;
    bool good = keep_open(blocking, fd, &about, keep, failure);
    close(fd);
    return good || (failure->error != ECANCELED && failure_wrap(failure, "can't keep %s", path));
}

void files_sweep(struct blocking *blocking, const char *path)
{
    const char *keep = blocking_input(blocking, "keep");
    file_sweep(AT_FDCWD, path);
    if (keep != NULL)
        file_sweep(AT_FDCWD, keep);
}

/* ---- answers ---- */

struct outcome files_done(struct blocking *blocking, const char *name)
{
    struct answer answer = {.arena = blocking->arena};
    answer_text(&answer, "path", input_text(blocking->deed, name));
    return answer_ended(&answer);
}

struct outcome files_not_done(struct blocking *blocking, const char *why, const char *path)
{
    return answer_ill(blocking->arena, OUTCOME_NOT_STARTED, "%s %s", path, why);
}

struct outcome files_cannot_say(struct blocking *blocking, const char *why, const char *path)
{
    return answer_ill(blocking->arena, OUTCOME_LOST, "%s %s", path, why);
}

struct outcome files_prove_digest(struct blocking *blocking, const char *name, const char *wanted)
{
    const char *path = blocking_input(blocking, name);
    struct failure failure;
    char found[DIGEST_TEXT];
    files_sweep(blocking, path);
    if (files_digest(blocking, path, found, &failure))
        return strcmp(found, wanted) == 0
                   ? files_done(blocking, name)
                   : files_not_done(blocking, "does not have the content that it would have", path);
    if (failure.error == ENOENT)
        return files_not_done(blocking, "is not there", path);
    return files_cannot_say(blocking, "can't be read, so that nobody can tell what it is", path);
}

/* ---- plans ---- */

static void show_input(const struct deed *deed, const char *name, const char *before,
                       struct buffer *into)
{
    if (input_value(deed, name)->kind == VALUE_UNSET)
        return;
    buffer_text(into, before);
    input_show(deed, name, into);
}

void files_show_mode(const struct deed *deed, struct buffer *into)
{
    show_input(deed, "mode", " with mode ", into);
}

void files_show_keep(const struct deed *deed, struct buffer *into)
{
    show_input(deed, "keep", " keeping the old one as ", into);
}
