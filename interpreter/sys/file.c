#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reads up to the end into INTO, at most CAP bytes; errno's value or 0. */
static int read_up_to(int fd, size_t cap, struct buffer *into)
{
    char piece[65536];
    size_t total = 0;
    for (;;) {
        ssize_t got = read(fd, piece, sizeof piece);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return errno;
        if (got == 0)
            return 0;
        total += (size_t)got;
        if (total > cap)
            return EFBIG;
        buffer_add(into, piece, (size_t)got);
    }
}

/* Only what has an end may be read whole; errno's value or 0. */
static int is_readable(int fd, size_t cap)
{
    struct stat stat;
    if (fstat(fd, &stat) != 0)
        return errno;
    if (S_ISDIR(stat.st_mode))
        return EISDIR;
    if (!S_ISREG(stat.st_mode))
        return EINVAL;
    return (uint64_t)stat.st_size > cap ? EFBIG : 0;
}

bool file_read(int folder, const char *path, size_t cap, struct buffer *into,
               struct failure *failure)
{
    /* Not to wait at a pipe that nobody writes to: it is refused once it is open. */
    int fd = openat(folder, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return failure_set(failure, errno, "can't open %s", path);
    size_t before = into->length;
    int error = is_readable(fd, cap);
    if (error == 0)
        error = read_up_to(fd, cap, into);
    close(fd);
    if (error == 0)
        return true;
    into->length = before;
    if (into->at)
        into->at[before] = '\0';
    return failure_set(failure, error, "can't read %s", path);
}

enum file_lock file_lock(int folder, const char *path, int *fd, struct failure *failure)
{
    *fd = openat(folder, path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (*fd < 0) {
        failure_set(failure, errno, "can't open the lock %s", path);
        return FILE_LOCK_FAILED;
    }
    if (flock(*fd, LOCK_EX | LOCK_NB) == 0)
        return FILE_LOCKED;
    int error = errno;
    close(*fd);
    *fd = -1;
    failure_set(failure, error, "can't lock %s", path);
    return error == EWOULDBLOCK ? FILE_LOCK_HELD : FILE_LOCK_FAILED;
}
