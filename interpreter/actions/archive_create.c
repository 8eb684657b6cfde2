/* archive.create: an archive of a folder or a file.
 * Written beside and renamed when it is whole. The folder is walked by open folders and never by
 * names, so that nobody can put a link in the way; libarchive's own walk would change the working
 * folder of the whole program. */
#include "actions/actions.h"
#include "actions/archives.h"
#include "actions/files.h"
#include "actions/input.h"
#include "base/arena.h"
#include "sys/file.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    DEEPEST = 256, /* one descriptor stays open for each level */
    PIECE = 128 * 1024
};

struct packing {
    struct blocking *blocking;
    struct archive *archive;
    struct archive *disk; /* asks for names of users, access lists and attributes */
    struct archive_entry_linkresolver *links;
    struct entries entries;
    struct stat ours[2]; /* the archive being written and the one it replaces: never put into it */
    char *piece;
    struct failure *failure;
};

/* ---- kinds ---- */

struct kind {
    const char *suffix;
    int (*format)(struct archive *archive);
    int (*filter)(struct archive *archive);
};

/* Not zstd: libarchive writes no checksum into it, so that nobody could tell a damaged one later.
 */
static const struct kind kinds[] = {
    {".tar", archive_write_set_format_pax_restricted, archive_write_add_filter_none},
    {".tar.gz", archive_write_set_format_pax_restricted, archive_write_add_filter_gzip},
    {".tgz", archive_write_set_format_pax_restricted, archive_write_add_filter_gzip},
    {".tar.bz2", archive_write_set_format_pax_restricted, archive_write_add_filter_bzip2},
    {".tar.xz", archive_write_set_format_pax_restricted, archive_write_add_filter_xz},
    {".zip", archive_write_set_format_zip, archive_write_add_filter_none},
};

static const struct kind *kind_of(const char *path)
{
    size_t length = strlen(path);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t suffix = strlen(kinds[i].suffix);
        if (length > suffix && strcmp(path + length - suffix, kinds[i].suffix) == 0)
            return &kinds[i];
    }
    return NULL;
}

static bool create_describe(const struct describing *describing, const struct value *args,
                            struct deed *deed, struct problem *problem)
{
    if (!files_describe(describing, args, deed, problem))
        return false;
    const char *path = input_text(deed, "path");
    if (path == NULL || kind_of(path) != NULL)
        return true;
    return input_refuse(
        describing, problem,
        "archive.create: `path` is \"%s\"; its end says the kind: .tar, .tar.gz, .tgz, .tar.bz2, "
        ".tar.xz or .zip",
        path);
}

/* ---- one entry ---- */

static bool fail(struct packing *packing, const char *name)
{
    return archives_fault(packing->archive, "add", name, packing->failure);
}

static bool is_ours(const struct packing *packing, const struct stat *about)
{
    for (size_t i = 0; i < 2; i++)
        if (about->st_dev == packing->ours[i].st_dev && about->st_ino == packing->ours[i].st_ino)
            return true;
    return false;
}

/* All that its header promised, and no byte more; a file that became shorter would be filled with
 * zeros. */
static bool pack_data(struct packing *packing, int fd, int64_t left, const char *name)
{
    while (left > 0) {
        size_t wanted = left < PIECE ? (size_t)left : PIECE;
        ssize_t length = read(fd, packing->piece, wanted);
        if (length < 0 && errno == EINTR)
            continue;
        if (length < 0)
            return failure_set(packing->failure, errno, "can't read %s", name);
        if (length == 0)
            return failure_set(packing->failure, 0, "%s became shorter while it was read", name);
        if (blocking_stopped(packing->blocking, packing->failure))
            return false;
        if (archive_write_data(packing->archive, packing->piece, (size_t)length) != length)
            return fail(packing, name);
        left -= length;
    }
    return true;
}

/* FD is open on a regular file, else -1; ENTRY is told all but its data. */
static bool pack_entry(struct packing *packing, struct archive_entry *entry, int fd,
                       const char *name)
{
    struct archive_entry *later = NULL;
    archive_entry_linkify(packing->links, &entry, &later);
    if (entry == NULL)
        return true;
    if (archive_write_header(packing->archive, entry) < ARCHIVE_WARN)
        return fail(packing, name);
    entries_add(&packing->entries, name);
    int64_t size = archive_entry_size_is_set(entry) ? archive_entry_size(entry) : 0;
    if (fd >= 0 && size > 0 && !pack_data(packing, fd, size, name))
        return false;
    return archive_write_finish_entry(packing->archive) >= ARCHIVE_WARN || fail(packing, name);
}

/* SOURCE is a path by which libarchive finds the same file, for what a descriptor does not tell. */
static bool describe_entry(struct packing *packing, struct archive_entry *entry, int fd,
                           const struct stat *about, const char *source, const char *name)
{
    archive_entry_copy_stat(entry, about);
    archive_entry_copy_pathname(entry, name);
    archive_entry_copy_sourcepath(entry, source);
    return archive_read_disk_entry_from_file(packing->disk, entry, fd, about) >= ARCHIVE_WARN ||
           archives_fault(packing->disk, "look at", source, packing->failure);
}

static bool pack_one(struct packing *packing, int fd, const struct stat *about, const char *source,
                     const char *name)
{
    struct archive_entry *entry = archive_entry_new();
    bool good = describe_entry(packing, entry, fd, about, source, name) &&
                pack_entry(packing, entry, S_ISREG(about->st_mode) ? fd : -1, name);
    archive_entry_free(entry);
    return good;
}

/* ---- a folder ---- */

static bool pack_inside(struct packing *packing, int folder, const char *source, const char *name,
                        unsigned depth);

static bool pack_named(struct packing *packing, int folder, const char *entry, const char *source,
                       const char *name, unsigned depth)
{
    struct stat about;
    if (fstatat(folder, entry, &about, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT || failure_set(packing->failure, errno, "can't look at %s", source);
    if (S_ISSOCK(about.st_mode) || is_ours(packing, &about))
        return true; /* a socket means nothing without the program behind it */
    if (!S_ISREG(about.st_mode) && !S_ISDIR(about.st_mode))
        return pack_one(packing, -1, &about, source, name);
    int fd = openat(folder, entry, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 || fstat(fd, &about) != 0) {
        failure_set(packing->failure, errno, "can't read %s", source);
        if (fd >= 0)
            close(fd);
        return false;
    }
    bool good = pack_one(packing, fd, &about, source, name);
    if (good && S_ISDIR(about.st_mode))
        return pack_inside(packing, fd, source, name, depth + 1); /* closes it */
    close(fd);
    return good;
}

/* NAME is "" for the folder that was asked for. Takes FOLDER over and closes it. */
static bool pack_inside(struct packing *packing, int folder, const char *source, const char *name,
                        unsigned depth)
{
    DIR *stream = depth > DEEPEST ? NULL : fdopendir(folder);
    if (stream == NULL) {
        failure_set(packing->failure, depth > DEEPEST ? ELOOP : errno, "can't read the folder %s",
                    source);
        close(folder);
        return false;
    }
    struct arena *arena = arena_new();
    struct list names = {0};
    /* Sorted, so that the same files make the same archive. */
    bool good =
        files_names(packing->blocking, arena, stream, source, NULL, &names, packing->failure);
    for (size_t i = 0; good && i < names.count; i++) {
        const char *entry = names.at[i];
        const char *inside = name[0] == '\0' ? entry : arena_format(arena, "%s/%s", name, entry);
        good = !blocking_stopped(packing->blocking, packing->failure) &&
               pack_named(packing, dirfd(stream), entry,
                          arena_format(arena, "%s/%s", source, entry), inside, depth);
    }
    arena_free(arena);
    closedir(stream);
    return good;
}

/* ---- the whole ---- */

static bool pack_from(struct packing *packing, const char *from)
{
    struct stat about;
    int fd = open(from, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 || fstat(fd, &about) != 0) {
        failure_set(packing->failure, errno, "can't read %s", from);
        if (fd >= 0)
            close(fd);
        return false;
    }
    bool good;
    const char *slash = strrchr(from, '/');
    if (S_ISDIR(about.st_mode)) {
        good = pack_one(packing, fd, &about, from, "./");
        if (good)
            return pack_inside(packing, fd, from, "", 0);
    } else if (S_ISREG(about.st_mode)) {
        good = pack_one(packing, fd, &about, from, slash != NULL ? slash + 1 : from);
    } else {
        good =
            failure_set(packing->failure, 0, "can't read %s: it is neither file nor folder", from);
    }
    close(fd);
    return good;
}

static bool pack_open(struct packing *packing, const struct kind *kind, int fd)
{
    packing->archive = archive_write_new();
    packing->disk = archive_read_disk_new();
    packing->links = archive_entry_linkresolver_new();
    packing->piece = malloc(PIECE);
    archive_read_disk_set_standard_lookup(packing->disk);
    archive_read_disk_set_symlink_physical(packing->disk);
    if (packing->piece == NULL)
        return failure_set(packing->failure, ENOMEM, "can't make the archive");
    if (kind->filter(packing->archive) < ARCHIVE_WARN ||
        kind->format(packing->archive) < ARCHIVE_WARN ||
        archive_write_open_fd(packing->archive, fd) != ARCHIVE_OK)
        return archives_fault(packing->archive, "make", "the archive", packing->failure);
    archive_entry_linkresolver_set_strategy(packing->links, archive_format(packing->archive));
    return true;
}

static void pack_free(struct packing *packing)
{
    free(packing->piece);
    archive_entry_linkresolver_free(packing->links);
    archive_read_free(packing->disk);
    archive_write_free(packing->archive);
}

static bool pack_whole(struct packing *packing, const char *from, const char *path, int fd)
{
    if (fstat(fd, &packing->ours[0]) != 0 || lstat(path, &packing->ours[1]) != 0)
        packing->ours[1] = packing->ours[0];
    struct archives_locale locale = archives_enter();
    bool good = pack_open(packing, kind_of(path), fd) && pack_from(packing, from) &&
                (archive_write_close(packing->archive) >= ARCHIVE_WARN || fail(packing, path));
    pack_free(packing);
    archives_leave(locale);
    return good;
}

static struct outcome create_run(struct blocking *blocking)
{
    const char *path = blocking_input(blocking, "path");
    struct failure failure;
    struct file_aside aside;
    struct packing packing = {
        .blocking = blocking, .entries = {.arena = blocking->arena}, .failure = &failure};
    if (!files_begin(blocking, path, FILES_NEW_MODE, &aside, &failure))
        return blocking_failed(blocking, &failure);
    if (pack_whole(&packing, blocking_input(blocking, "from"), path, aside.fd) &&
        !blocking_stopped(blocking, &failure)) {
        if (file_commit(&aside, &failure))
            return entries_done(&packing.entries, input_text(blocking->deed, "path"));
    } else {
        file_abandon(&aside);
    }
    return blocking_failed(blocking, &failure);
}

static struct work *create_start(const struct deed *deed, const struct stage *stage)
{
    return blocking_start(deed, stage, create_run);
}

static struct outcome create_proof(struct blocking *blocking)
{
    const char *path = blocking_input(blocking, "path");
    struct stat about;
    files_sweep(blocking, path);
    if (lstat(path, &about) == 0)
        return files_cannot_say(blocking, "is there, and whole, but may be older than the step",
                                path);
    return errno == ENOENT ? files_not_done(blocking, "is not there", path)
                           : files_cannot_say(blocking, "can't be looked at", path);
}

static struct work *create_settle(const struct deed *deed, const struct stage *stage)
{
    return blocking_start(deed, stage, create_proof);
}

static void create_show(const struct deed *deed, struct buffer *into)
{
    buffer_text(into, "archive ");
    input_show(deed, "from", into);
    buffer_text(into, " as ");
    input_show(deed, "path", into);
    files_show_mode(deed, into);
}

static const struct param_about create_params[] = {
    {"path", "path", NULL, true,
     "the archive that is made or replaced; its end says the kind: .tar, .tar.gz, .tgz, .tar.bz2, "
     ".tar.xz, "
     ".tar.zst or .zip"},
    {"from", "path", NULL, true, "a folder, with all in it, by names inside it; or a file"},
    {"mode", "string", NULL, false,
     "permissions of the archive in octal, as \"0600\". Not given: the replaced one's, 0644 where "
     "it is new"},
    {0},
};
static const struct param_about create_outputs[] = {
    {"path", "path", NULL, true, "the archive, as written"},
    {"entries", "list<string>", NULL, true, "the names in it, in its order"},
    {0},
};

const struct core_action action_archive_create = {
    .name = "archive.create",
    .about = "Makes an archive of a folder or a file. It has its name only when it is whole and on "
             "the disk. Links "
             "stay links; a file that becomes shorter meanwhile is a failure.",
    .effect = EFFECT_CHANGE,
    .form = FORM_WORK,
    .params = create_params,
    .outputs = create_outputs,
    .may_declare = true,
    .describe = create_describe,
    .start = create_start,
    .cancel = blocking_cancel,
    .settle = create_settle,
    .show = create_show,
};
