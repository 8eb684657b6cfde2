/* archive.extract: a new folder with what is in an archive.
 * Filled beside, under a name of its own, and swapped in when the archive was read to its last
 * byte: nobody sees half of it, and an archive that is cut or damaged changes nothing. */
#include "actions/actions.h"
#include "actions/archives.h"
#include "actions/files.h"
#include "actions/input.h"
#include "actions/unpack.h"
#include "base/arena.h"
#include "sys/file.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_ROOM = 4096 };

struct extract {
    struct blocking *blocking;
    const char *to, *keep; /* keep NULL: not given */
    char *aside;           /* the folder that is filled: absolute, and no link in it */
    struct archive *disk;
    struct entries entries;
    bool has_root; /* the archive says what the folder itself is like */
    mode_t mode;
    uid_t uid;
    gid_t gid;
};

/* ---- one entry ---- */

/* The name inside the folder, without leading "./"; NULL when it leads elsewhere. */
static const char *inside(const char *name)
{
    while (name[0] == '.' && name[1] == '/')
        name += 1 + strspn(name + 1, "/");
    if (name[0] == '/')
        return NULL;
    for (const char *at = name; at != NULL; at = strchr(at, '/')) {
        at += at[0] == '/';
        if (strncmp(at, "..", 2) == 0 && (at[2] == '/' || at[2] == '\0'))
            return NULL;
    }
    return strcmp(name, ".") == 0 ? "" : name;
}

static bool refuse(const char *name, const char *why, struct failure *failure)
{
    return failure_set(failure, 0, "nothing was extracted: the entry %s %s", name, why);
}

/* What an entry may be; a device is nothing that a backup brings back by surprise. */
static bool may_be(struct archive_entry *entry, const char *name, struct failure *failure)
{
    mode_t type = archive_entry_filetype(entry);
    if (type == AE_IFCHR || type == AE_IFBLK || type == AE_IFSOCK)
        return refuse(name, "is a device or a socket", failure);
    return true;
}

/* Puts the folder before the entry's name, and before the name that a hard link leads to. */
static bool redirect(struct extract *extract, struct archive_entry *entry, const char *name,
                     struct failure *failure)
{
    char path[PATH_ROOM];
    const char *link = archive_entry_hardlink(entry);
    const char *target = link != NULL ? inside(link) : NULL;
    if (link != NULL && target == NULL)
        return refuse(name, "is a link to what lies outside of the folder", failure);
    if (target != NULL) {
        if (snprintf(path, sizeof path, "%s/%s", extract->aside, target) >= (int)sizeof path)
            return refuse(name, "leads to a name that is too long", failure);
        archive_entry_copy_hardlink(entry, path);
    }
    if (snprintf(path, sizeof path, "%s/%s", extract->aside, name) >= (int)sizeof path)
        return refuse(name, "has a name that is too long", failure);
    archive_entry_copy_pathname(entry, path);
    return true;
}

static bool write_data(struct extract *extract, struct archive *archive, const char *name,
                       struct failure *failure)
{
    const void *at;
    size_t length;
    la_int64_t offset;
    int answer;
    while ((answer = archive_read_data_block(archive, &at, &length, &offset)) == ARCHIVE_OK)
        if (archive_write_data_block(extract->disk, at, length, offset) < ARCHIVE_OK)
            return archives_fault(extract->disk, "write", name, failure);
    return answer == ARCHIVE_EOF || failure_set(failure, 0, "the entry %s is not whole: %s", name,
                                                archive_error_string(archive));
}

static bool extract_entry(void *data, struct archive *archive, struct archive_entry *entry,
                          const char *full, struct failure *failure)
{
    struct extract *extract = data;
    const char *name = inside(full);
    if (name == NULL)
        return refuse(full, "leads out of the folder", failure);
    entries_add(&extract->entries, full);
    if (name[0] == '\0') { /* the folder itself: when all else is done */
        extract->has_root = true;
        extract->mode = archive_entry_perm(entry);
        extract->uid = (uid_t)archive_entry_uid(entry);
        extract->gid = (gid_t)archive_entry_gid(entry);
        return true;
    }
    char kept[PATH_ROOM]; /* what `name` points into changes with the entry */
    snprintf(kept, sizeof kept, "%s", name);
    if (!may_be(entry, full, failure) || !redirect(extract, entry, kept, failure))
        return false;
    bool has_data = archive_entry_size(entry) > 0;
    if (archive_write_header(extract->disk, entry) < ARCHIVE_WARN)
        return archives_fault(extract->disk, "write", kept, failure);
    if (has_data && !write_data(extract, archive, kept, failure))
        return false;
    return archive_write_finish_entry(extract->disk) >= ARCHIVE_WARN ||
           archives_fault(extract->disk, "write", kept, failure);
}

/* ---- the folder beside ---- */

static bool make_aside(struct extract *extract, struct failure *failure)
{
    struct arena *arena = extract->blocking->arena;
    const char *above = files_above(arena, extract->to);
    char *real = realpath(above, NULL);
    if (real == NULL)
        return failure_set(failure, errno, "can't open the folder %s", above);
    const char *slash = strcmp(real, "/") == 0 ? "" : "/";
    extract->aside =
        arena_format(arena, "%s%s.%s.runbook~XXXXXX", real, slash, strrchr(extract->to, '/') + 1);
    free(real);
    if (mkdtemp(extract->aside) != NULL)
        return true;
    extract->aside = NULL;
    return failure_set(failure, errno, "can't make a folder in %s", above);
}

/* Mode and owner of the folder: the archive's, else the replaced one's, else those of a new one. */
static bool dress(const struct extract *extract, int folder, struct failure *failure)
{
    struct stat about;
    bool replaced = stat(extract->to, &about) == 0;
    mode_t mode = extract->has_root ? extract->mode : replaced ? about.st_mode & 07777 : 0755;
    uid_t uid = extract->has_root ? extract->uid : about.st_uid;
    gid_t gid = extract->has_root ? extract->gid : about.st_gid;
    if ((extract->has_root || replaced) && geteuid() == 0 && fchown(folder, uid, gid) != 0)
        return failure_set(failure, errno, "can't give %s its owner", extract->to);
    return fchmod(folder, mode) == 0 ||
           failure_set(failure, errno, "can't give %s its mode", extract->to);
}

/* All of it on the disk before its name is. */
static bool settle_aside(const struct extract *extract, struct failure *failure)
{
    int folder = folder_open(AT_FDCWD, extract->aside, failure);
    if (folder < 0)
        return false;
    bool good =
        dress(extract, folder, failure) &&
        (syncfs(folder) == 0 || failure_set(failure, errno, "can't sync %s", extract->aside));
    close(folder);
    return good;
}

static bool fill_aside(struct extract *extract, const char *path, struct failure *failure)
{
    int flags = ARCHIVE_EXTRACT_TIME | ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_ACL |
                ARCHIVE_EXTRACT_XATTR | ARCHIVE_EXTRACT_SECURE_NODOTDOT |
                ARCHIVE_EXTRACT_SECURE_SYMLINKS;
    if (geteuid() == 0)
        flags |= ARCHIVE_EXTRACT_OWNER; /* by number: names mean other users elsewhere */
    extract->disk = archive_write_disk_new();
    archive_write_disk_set_options(extract->disk, flags);
    bool good = unpack(extract->blocking, path, extract_entry, extract, failure);
    if (archive_write_close(extract->disk) < ARCHIVE_WARN && good)
        good = archives_fault(extract->disk, "write", extract->aside, failure);
    archive_write_free(extract->disk);
    return good && settle_aside(extract, failure);
}

/* ---- swapping in ---- */

static bool fail_swap(const struct extract *extract, struct failure *failure)
{
    return failure_set(failure, errno, "can't put the new folder in the place of %s", extract->to);
}

/* Where the file system can't exchange two names, the place is empty for a moment. */
static bool exchange_in_steps(struct extract *extract, struct failure *failure)
{
    if (rename(extract->to, extract->keep) != 0)
        return fail_swap(extract, failure);
    if (rename(extract->aside, extract->to) == 0)
        return files_sync_entry(extract->keep, failure);
    fail_swap(extract, failure);
    if (rename(extract->keep, extract->to) != 0)
        failure_wrap(failure, "the old folder is now %s", extract->keep);
    return false;
}

static bool exchange(struct extract *extract, struct failure *failure)
{
    const char *old = extract->aside;
    if (renameat2(AT_FDCWD, extract->aside, AT_FDCWD, extract->to, RENAME_EXCHANGE) != 0)
        return errno == EINVAL || errno == ENOSYS ? exchange_in_steps(extract, failure)
                                                  : fail_swap(extract, failure);
    extract->aside = NULL; /* what has that name now is the old folder: never cleared away */
    if (renameat2(AT_FDCWD, old, AT_FDCWD, extract->keep, RENAME_NOREPLACE) == 0)
        return files_sync_entry(extract->keep, failure);
    return failure_set(failure, errno, "%s is replaced, but what it was stays %s: can't call it %s",
                       extract->to, old, extract->keep);
}

static bool swap_in(struct extract *extract, struct failure *failure)
{
    struct stat about;
    bool full = lstat(extract->to, &about) == 0 && !files_is_empty(extract->to);
    if (full ? !exchange(extract, failure)
             : rename(extract->aside, extract->to) != 0 && !fail_swap(extract, failure))
        return false;
    return files_sync_entry(extract->to, failure);
}

/* What must be so before a byte is read. */
static bool may_begin(const struct extract *extract, struct failure *failure)
{
    struct stat about, beside;
    struct arena *arena = extract->blocking->arena;
    if (lstat(extract->to, &about) != 0)
        return errno == ENOENT || failure_set(failure, errno, "can't look at %s", extract->to);
    if (!S_ISDIR(about.st_mode))
        return failure_set(failure, ENOTDIR, "can't extract to %s", extract->to);
    if (files_is_empty(extract->to))
        return true;
    if (extract->keep == NULL)
        return failure_set(failure, EEXIST,
                           "can't extract to %s, which is not empty (`keep` says where it is kept)",
                           extract->to);
    if (lstat(extract->keep, &beside) == 0)
        return failure_set(failure, EEXIST, "can't keep the old folder as %s", extract->keep);
    const char *above = files_above(arena, extract->keep);
    if (!folder_make(AT_FDCWD, above, 0755, failure))
        return false;
    if (stat(above, &beside) != 0 || beside.st_dev != about.st_dev)
        return failure_set(failure, EXDEV, "can't keep the old folder as %s", extract->keep);
    return true;
}

/* ---- the action ---- */

/* Slashes at the end are no part of a name. */
static const char *folder_input(struct blocking *blocking, const char *name)
{
    const char *path = blocking_input(blocking, name);
    size_t length = path != NULL ? strlen(path) : 0;
    while (length > 1 && path[length - 1] == '/')
        length--;
    return path != NULL ? arena_copy(blocking->arena, path, length) : NULL;
}

static struct outcome extract_run(struct blocking *blocking)
{
    struct failure failure;
    struct extract extract = {.blocking = blocking,
                              .to = folder_input(blocking, "to"),
                              .keep = folder_input(blocking, "keep"),
                              .entries = {.arena = blocking->arena}};
    if (may_begin(&extract, &failure) && make_aside(&extract, &failure)) {
        if (fill_aside(&extract, blocking_input(blocking, "path"), &failure) &&
            !blocking_stopped(blocking, &failure) && swap_in(&extract, &failure))
            return entries_done(&extract.entries, input_text(blocking->deed, "to"));
    }
    if (extract.aside != NULL)
        files_clear_away(blocking, extract.aside);
    return blocking_failed(blocking, &failure);
}

static struct work *extract_start(const struct deed *deed, const struct stage *stage)
{
    return blocking_start(deed, stage, extract_run);
}

static bool name_entry(void *data, struct archive *archive, struct archive_entry *entry,
                       const char *name, struct failure *failure)
{
    (void)archive;
    (void)entry;
    (void)failure;
    entries_add(data, name);
    return true;
}

/* It began only where the folder was not there or empty, or where nothing had the name `keep`: so
 * what is there now came of it. */
static struct outcome extract_proof(struct blocking *blocking)
{
    const char *to = folder_input(blocking, "to"), *keep = folder_input(blocking, "keep");
    struct entries entries = {.arena = blocking->arena};
    struct failure failure;
    struct stat about;
    if (lstat(to, &about) != 0)
        return errno == ENOENT ? files_not_done(blocking, "is not there", to)
                               : files_cannot_say(blocking, "can't be looked at", to);
    if (files_is_empty(to))
        return files_not_done(blocking, "is empty", to);
    if (keep != NULL && lstat(keep, &about) != 0)
        return files_cannot_say(blocking, "is there, and may be the old folder or the new", to);
    if (!unpack(blocking, blocking_input(blocking, "path"), name_entry, &entries, &failure))
        return files_cannot_say(blocking, "is there, but the archive can't be read any more", to);
    return entries_done(&entries, input_text(blocking->deed, "to"));
}

static struct work *extract_settle(const struct deed *deed, const struct stage *stage)
{
    return blocking_start(deed, stage, extract_proof);
}

static void extract_show(const struct deed *deed, struct buffer *into)
{
    buffer_text(into, "extract ");
    input_show(deed, "path", into);
    buffer_text(into, " to ");
    input_show(deed, "to", into);
    files_show_keep(deed, into);
}

static const struct param_about extract_params[] = {
    {"path", "path", NULL, true, "a tar, plain or compressed by gzip, bzip2, xz or zstd; or a zip"},
    {"to", "path", NULL, true,
     "the folder that is made; it is not there yet, or empty, or kept by `keep`"},
    {"keep", "path", NULL, false,
     "where a folder that is there already is kept; a new name in the same file system"},
    {0},
};
static const struct param_about extract_outputs[] = {
    {"path", "path", NULL, true, "`to`, as written"},
    {"entries", "list<string>", NULL, true, "the names in the archive, in its order"},
    {0},
};

const struct core_action action_archive_extract = {
    .name = "archive.extract",
    .about = "Extracts an archive to a folder, which is there only when all of it is: a cut or "
             "damaged archive, and "
             "one with a path that leads out of it, changes nothing. Modes, times and, for root, "
             "owners (by "
             "number) are those of the archive.",
    .effect = EFFECT_CHANGE,
    .form = FORM_WORK,
    .params = extract_params,
    .outputs = extract_outputs,
    .may_declare = true,
    .describe = files_describe,
    .start = extract_start,
    .cancel = blocking_cancel,
    .settle = extract_settle,
    .show = extract_show,
};
