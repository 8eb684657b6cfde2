/* Removing a tree: a part of files.h, apart because it is the one thing here that can't be undone.
 */
#include "actions/files.h"

#include "base/arena.h"
#include "base/list.h"
#include "sys/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool files_names(struct blocking *blocking, struct arena *arena, DIR *stream, const char *shown,
                 const char *glob, struct list *names, struct failure *failure)
{
    errno = 0;
    for (struct dirent *entry; (entry = readdir(stream)) != NULL; errno = 0) {
        if (blocking_stopped(blocking, failure))
            return false;
        if (!is_dots(entry->d_name) &&
            (glob == NULL || fnmatch(glob, entry->d_name, FNM_PERIOD) == 0))
            list_add(arena, names, arena_copy(arena, entry->d_name, strlen(entry->d_name)));
    }
    if (errno != 0)
        return failure_set(failure, errno, "can't read the folder %s", shown);
    if (names->count > 0)
        qsort(names->at, names->count, sizeof *names->at, by_name);
    return true;
}

/* One descriptor stays open for each level; what is deeper is a mistake or an attack. */
enum { DEEPEST = 256 };

struct removal {
    struct blocking *blocking;
    bool really; /* false: only look for what must not be removed */
    size_t removed;
    struct failure *failure;
};

static bool refuse(struct removal *removal, int error, const char *above, const char *name,
                   const char *why)
{
    return failure_set(removal->failure, error, "%s %s%s%s", why, above,
                       strcmp(above, "/") == 0 ? "" : "/", name);
}

static bool remove_inside(struct removal *removal, int folder, const char *shown, unsigned depth);

/* Is it a folder that is removed with all in it? -1 when it may not be. */
static int look(struct removal *removal, int folder, const char *shown, const char *name)
{
    struct statx about;
    if (statx(folder, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_TYPE, &about) != 0) {
        refuse(removal, errno, shown, name, "can't look at");
        return -1;
    }
    if ((about.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0) {
        refuse(removal, 0, shown, name, "another file system is mounted at");
        return -1;
    }
    return S_ISDIR(about.stx_mode);
}

static bool remove_entry(struct removal *removal, int folder, const char *shown, const char *name,
                         unsigned depth)
{
    int is_folder = look(removal, folder, shown, name);
    if (is_folder < 0)
        return false;
    if (blocking_stopped(removal->blocking, removal->failure))
        return false;
    if (is_folder) {
        int inside = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (inside < 0)
            return refuse(removal, errno, shown, name, "can't open");
        struct arena *arena = arena_new();
        bool good =
            remove_inside(removal, inside, arena_format(arena, "%s/%s", shown, name), depth + 1);
        arena_free(arena);
        if (!good)
            return false;
    }
    if (!removal->really)
        return true;
    if (unlinkat(folder, name, is_folder ? AT_REMOVEDIR : 0) != 0 && errno != ENOENT)
        return refuse(removal, errno, shown, name, "can't remove");
    removal->removed++;
    return true;
}

/* Takes FOLDER over and closes it. */
static bool remove_inside(struct removal *removal, int folder, const char *shown, unsigned depth)
{
    if (depth > DEEPEST) {
        close(folder);
        return failure_set(removal->failure, ELOOP, "too many folders in one another at %s", shown);
    }
    DIR *stream = fdopendir(folder);
    if (stream == NULL) {
        close(folder);
        return failure_set(removal->failure, errno, "can't read %s", shown);
    }
    bool good = true;
    size_t before;
    do { /* a file system may pass over some entries while others go: until a round finds none */
        before = removal->removed;
        rewinddir(stream);
        errno = 0;
        for (struct dirent *entry; good && (entry = readdir(stream)) != NULL; errno = 0)
            if (!is_dots(entry->d_name))
                good = remove_entry(removal, dirfd(stream), shown, entry->d_name, depth);
        if (good && errno != 0)
            good = failure_set(removal->failure, errno, "can't read %s", shown);
    } while (good && removal->removed > before);
    closedir(stream);
    return good;
}

static bool remove_contents(struct removal *removal, const char *path)
{
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int again = folder < 0 ? -1 : fcntl(folder, F_DUPFD_CLOEXEC, 0); /* for its sync */
    if (again < 0) {
        failure_set(removal->failure, errno, "can't open %s", path);
        if (folder >= 0)
            close(folder);
        return false;
    }
    bool good = remove_inside(removal, folder, path, 0) &&
                (!removal->really || folder_sync(again, path, removal->failure));
    close(again);
    return good;
}

static bool remove_whole(struct removal *removal, const char *path)
{
    struct arena *arena = arena_new();
    const char *above = files_above(arena, path);
    int folder = folder_open(AT_FDCWD, above, removal->failure);
    bool good = folder >= 0 && remove_entry(removal, folder, above, strrchr(path, '/') + 1, 0) &&
                (!removal->really || folder_sync(folder, above, removal->failure));
    if (folder >= 0)
        close(folder);
    arena_free(arena);
    return good;
}

/* A tree can't be removed at once: who is left with a part of it is told so. */
static void half_done(struct removal *removal, const char *path)
{
    if (removal->failure->error == ECANCELED)
        failure_set(removal->failure, ECANCELED, "stopped half-way");
    failure_wrap(removal->failure, "%s: %zu entries are gone, not all", path, removal->removed);
}

bool files_remove_tree(struct blocking *blocking, const char *path, bool contents_only,
                       struct failure *failure)
{
    struct stat about;
    if (lstat(path, &about) != 0)
        return errno == ENOENT || failure_set(failure, errno, "can't look at %s", path);
    struct removal removal = {.blocking = blocking, .failure = failure};
    for (int pass = 0; pass < 2; pass++) {
        removal.really = pass == 1;
        if (!(contents_only ? remove_contents(&removal, path) : remove_whole(&removal, path))) {
            if (removal.removed > 0)
                half_done(&removal, path);
            return false;
        }
    }
    return true;
}

void files_clear_away(struct blocking *blocking, const char *path)
{
    atomic_bool never = false;
    struct blocking quiet = *blocking;
    struct failure failure;
    quiet.stop = &never;
    files_remove_tree(&quiet, path, false,
                      &failure); /* what can't be removed is seen by its name */
}

bool files_is_empty(const char *path)
{
    DIR *stream = opendir(path);
    if (stream == NULL)
        return false;
    bool empty = true;
    for (struct dirent *entry; empty && (entry = readdir(stream)) != NULL;)
        empty = is_dots(entry->d_name);
    closedir(stream);
    return empty;
}
