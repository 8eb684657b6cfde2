/* Files written aside and renamed to their place, and the folders that hold them.
 *
 * What outlives a power loss: the new file is synced before the rename, so that its name can never
 * stand for half of it; the folder is synced after it, so that the name is there. In between the
 * old file is whole. A temporary name is made by O_EXCL and never through a link, so nobody can
 * have put something in its place; what a crash leaves of it is a file that begins with a point
 * and ends in ".runbook~", which is never read. It is locked as long as somebody writes it, so
 * that file_sweep can tell what is dead. */
#include "sys/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

bool file_write(int fd, struct text content, const char *what, struct failure *failure)
{
    while (content.length > 0) {
        ssize_t written = write(fd, content.at, content.length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return failure_set(failure, written < 0 ? errno : ENOSPC, "can't write %s", what);
        content.at += written;
        content.length -= (size_t)written;
    }
    return true;
}

int folder_open(int folder, const char *path, struct failure *failure)
{
    int fd = openat(folder, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        failure_set(failure, errno, "can't open the folder %s", path);
    return fd;
}

bool folder_sync(int fd, const char *what, struct failure *failure)
{
    return fsync(fd) == 0 || failure_set(failure, errno, "can't sync %s", what);
}

/* Syncs the folder that PATH stands in. */
static bool sync_above(int folder, const char *path, struct failure *failure)
{
    char copy[PATH_MAX];
    snprintf(copy, sizeof copy, "%s", path);
    const char *above = dirname(copy);
    int fd = folder_open(folder, above, failure);
    bool synced = fd >= 0 && folder_sync(fd, above, failure);
    if (fd >= 0)
        close(fd);
    return synced;
}

static bool is_folder(int folder, const char *path)
{
    struct stat stat;
    return fstatat(folder, path, &stat, 0) == 0 && S_ISDIR(stat.st_mode);
}

static bool make_one(int folder, const char *path, mode_t mode, struct failure *failure)
{
    if (mkdirat(folder, path, mode) != 0) {
        int error = errno;
        if (error == EEXIST && is_folder(folder, path))
            return true;
        return failure_set(failure, error, "can't make the folder %s", path);
    }
    if (fchmodat(folder, path, mode, 0) != 0)
        return failure_set(failure, errno, "can't set the mode of %s", path);
    return sync_above(folder, path, failure);
}

bool folder_make(int folder, const char *path, mode_t mode, struct failure *failure)
{
    char part[PATH_MAX];
    if (snprintf(part, sizeof part, "%s", path) >= (int)sizeof part)
        return failure_set(failure, ENAMETOOLONG, "can't make the folder %s", path);
    if (is_folder(folder, part))
        return true;
    for (char *at = part + 1; *at; at++) {
        if (*at != '/' || at[-1] == '/')
            continue;
        *at = '\0';
        bool made = is_folder(folder, part) || make_one(folder, part, mode, failure);
        *at = '/';
        if (!made)
            return false;
    }
    return make_one(folder, part, mode, failure);
}

/* Where the path leads: with FILE_FOLLOW the end of its links, which need not exist. */
static bool find_place(int folder, const char *path, unsigned flags, char *place, size_t room,
                       struct failure *failure)
{
    enum { LINKS = 40 }; /* as many as the kernel follows */
    if (snprintf(place, room, "%s", path) >= (int)room)
        return failure_set(failure, ENAMETOOLONG, "can't write %s", path);
    for (int i = 0; i < LINKS; i++) {
        char target[PATH_MAX], copy[PATH_MAX], next[2 * PATH_MAX];
        ssize_t length = readlinkat(folder, place, target, sizeof target - 1);
        if (length < 0)
            return true; /* no link */
        if (!(flags & FILE_FOLLOW))
            return failure_set(failure, ELOOP, "%s is a symbolic link", path);
        target[length] = '\0';
        snprintf(copy, sizeof copy, "%s", place);
        int needed = target[0] == '/' ? snprintf(next, sizeof next, "%s", target)
                                      : snprintf(next, sizeof next, "%s/%s", dirname(copy), target);
        if (needed >= (int)room)
            return failure_set(failure, ENAMETOOLONG, "can't follow %s", path);
        memcpy(place, next, (size_t)needed + 1);
    }
    return failure_set(failure, ELOOP, "can't follow %s", path);
}

/* ---- aside ---- */

#define ASIDE_END ".runbook~"
enum { ASIDE_NAME = 200, ASIDE_DIGITS = 8 };

/* A file system without locks has no sweep either. False: somebody swept it away before. */
static bool hold(int fd)
{
    struct stat stat;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        return errno != EWOULDBLOCK;
    return fstat(fd, &stat) == 0 && stat.st_nlink > 0;
}

/* Opens a file of a name that nobody has, in the folder that is open. */
static bool open_aside(struct file_aside *aside, const char *path, struct failure *failure)
{
    enum { TRIES = 100 };
    for (int i = 0; i < TRIES; i++) {
        uint32_t random;
        if (getrandom(&random, sizeof random, 0) != sizeof random)
            return failure_set(failure, errno, "can't write %s: no random name", path);
        snprintf(aside->aside, sizeof aside->aside, ".%.*s.%0*x" ASIDE_END, ASIDE_NAME, aside->name,
                 ASIDE_DIGITS, random);
        aside->fd = openat(aside->folder, aside->aside,
                           O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (aside->fd >= 0 && hold(aside->fd))
            return true;
        if (aside->fd >= 0)
            close(aside->fd);
        else if (errno != EEXIST)
            break;
    }
    return failure_set(failure, errno, "can't write beside %s", path);
}

static bool is_aside_of(const char *target, const char *name)
{
    char start[ASIDE_NAME + 8];
    size_t length = (size_t)snprintf(start, sizeof start, ".%.*s.", ASIDE_NAME, target);
    /* Of a longer name only the beginning would be told apart. */
    return strlen(target) <= ASIDE_NAME && strncmp(name, start, length) == 0 &&
           strspn(name + length, "0123456789abcdef") == ASIDE_DIGITS &&
           strcmp(name + length + ASIDE_DIGITS, ASIDE_END) == 0;
}

static void remove_dead(int folder, const char *name)
{
    struct stat stat;
    int fd = openat(folder, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return;
    if (fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode) && flock(fd, LOCK_EX | LOCK_NB) == 0)
        unlinkat(folder, name, 0);
    close(fd);
}

static void sweep(const struct file_aside *aside)
{
    int fd = openat(aside->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
    if (folder == NULL) {
        if (fd >= 0)
            close(fd);
        return;
    }
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        if (is_aside_of(aside->name, entry->d_name))
            remove_dead(aside->folder, entry->d_name);
    closedir(folder);
}

/* Opens the folder of the file at PATH. */
static bool open_place(int folder, const char *path, struct file_aside *aside,
                       struct failure *failure)
{
    char place[PATH_MAX], copy[PATH_MAX];
    if (!find_place(folder, path, aside->flags, place, sizeof place, failure))
        return false;
    snprintf(copy, sizeof copy, "%s", place);
    const char *name = basename(copy);
    if (snprintf(aside->name, sizeof aside->name, "%s", name) >= (int)sizeof aside->name)
        return failure_set(failure, ENAMETOOLONG, "can't write %s", path);
    snprintf(copy, sizeof copy, "%s", place);
    aside->folder = folder_open(folder, dirname(copy), failure);
    return aside->folder >= 0;
}

void file_sweep(int folder, const char *path)
{
    struct file_aside aside = {.fd = -1, .folder = -1};
    struct failure failure;
    if (!open_place(folder, path, &aside, &failure))
        return;
    sweep(&aside);
    close(aside.folder);
}

bool file_begin(int folder, const char *path, mode_t mode, unsigned flags, struct file_aside *aside,
                struct failure *failure)
{
    *aside = (struct file_aside){.fd = -1, .folder = -1, .mode = mode, .flags = flags};
    if (!open_place(folder, path, aside, failure))
        return false;
    if (flags & FILE_SWEEP)
        sweep(aside);
    struct stat old;
    bool exists = fstatat(aside->folder, aside->name, &old, AT_SYMLINK_NOFOLLOW) == 0;
    if (exists && flags & FILE_NO_CLOBBER)
        failure_set(failure, EEXIST, "can't write %s", path);
    else if (exists && !S_ISREG(old.st_mode))
        failure_set(failure, S_ISDIR(old.st_mode) ? EISDIR : EINVAL, "can't replace %s", path);
    else if (open_aside(aside, path, failure))
        return true;
    close(aside->folder);
    aside->folder = -1;
    return false;
}

/* Who could read and write the old file can do so with the new one: an access list says more than
 * the mode, and SELinux's label goes with the place. */
static void copy_labels(int from, int to)
{
    static const char *const names[] = {"system.posix_acl_access", "security.selinux"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char value[4096];
        ssize_t length = fgetxattr(from, names[i], value, sizeof value);
        if (length > 0)
            fsetxattr(to, names[i], value, (size_t)length, 0);
    }
}

/* Gives the new file what the old one had; or, where there is none, its mode. */
static bool take_after(const struct file_aside *aside, struct failure *failure)
{
    struct stat old;
    int fd = openat(aside->folder, aside->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    /* Not to be taken for a new file, which would lose the old one's owner and mode. */
    if (fd < 0 && errno != ENOENT)
        return failure_set(failure, errno, "can't look at %s", aside->name);
    bool exists = fd >= 0 && fstat(fd, &old) == 0;
    mode_t mode = exists && !(aside->flags & FILE_SET_MODE) ? old.st_mode & 07777 : aside->mode;
    struct stat now;
    bool done = fstat(aside->fd, &now) == 0;
    /* Before the mode: a change of owner takes set-user-id away. */
    if (done && exists && (old.st_uid != now.st_uid || old.st_gid != now.st_gid))
        done = fchown(aside->fd, old.st_uid, old.st_gid) == 0;
    if (!done)
        failure_set(failure, errno, "can't give %s its owner", aside->name);
    else if (fchmod(aside->fd, mode) != 0)
        done = failure_set(failure, errno, "can't give %s its mode", aside->name);
    if (done && exists) {
        char path[64];
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        int old_file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (old_file >= 0) {
            copy_labels(old_file, aside->fd);
            close(old_file);
        }
    }
    if (fd >= 0)
        close(fd);
    return done;
}

static bool put_in_place(const struct file_aside *aside)
{
    unsigned how = aside->flags & FILE_NO_CLOBBER ? RENAME_NOREPLACE : 0;
    if (renameat2(aside->folder, aside->aside, aside->folder, aside->name, how) == 0)
        return true;
    if (how == 0 || (errno != EINVAL && errno != ENOSYS))
        return false;
    /* A file system that knows no RENAME_NOREPLACE: a hard link refuses just as well. */
    return linkat(aside->folder, aside->aside, aside->folder, aside->name, 0) == 0 &&
           unlinkat(aside->folder, aside->aside, 0) == 0;
}

static void forget(struct file_aside *aside)
{
    close(aside->fd);
    close(aside->folder);
    aside->fd = aside->folder = -1;
}

bool file_commit(struct file_aside *aside, struct failure *failure)
{
    bool done = take_after(aside, failure);
    if (done && fsync(aside->fd) != 0)
        done = failure_set(failure, errno, "can't sync %s", aside->name);
    if (done && !put_in_place(aside))
        done = failure_set(failure, errno, "can't put %s in its place", aside->name);
    if (!done) {
        file_abandon(aside);
        return false;
    }
    done = folder_sync(aside->folder, "its folder", failure) ||
           failure_wrap(failure, "%s is in its place, but not durable", aside->name);
    forget(aside);
    return done;
}

void file_abandon(struct file_aside *aside)
{
    if (aside->folder < 0)
        return;
    unlinkat(aside->folder, aside->aside, 0);
    forget(aside);
}

bool file_replace(int folder, const char *path, struct text content, mode_t mode, unsigned flags,
                  struct failure *failure)
{
    struct file_aside aside;
    if (!file_begin(folder, path, mode, flags, &aside, failure))
        return false;
    if (file_write(aside.fd, content, path, failure))
        return file_commit(&aside, failure);
    file_abandon(&aside);
    return false;
}
