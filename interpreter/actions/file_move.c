/* file.move: a file or folder under another name. */
#include "actions/actions.h"
#include "actions/files.h"
#include "actions/input.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct move {
    struct blocking *blocking;
    const char *from, *to;
    bool replace;
    struct failure *failure;
};

static bool move_refuse(const struct move *move, int error, const char *why)
{
    return failure_set(move->failure, error, "can't move %s to %s%s", move->from, move->to, why);
}

/* Both names durable: the new one first, so that a power loss can't take both. */
static bool move_sync(const struct move *move)
{
    return files_sync_entry(move->to, move->failure) && files_sync_entry(move->from, move->failure);
}

static bool move_pour(const struct move *move, int from, const struct stat *about)
{
    unsigned flags = FILE_SET_MODE | FILE_SWEEP | (move->replace ? 0u : (unsigned)FILE_NO_CLOBBER);
    struct timespec times[] = {about->st_atim, about->st_mtim};
    struct file_aside aside;
    if (!file_begin(AT_FDCWD, move->to, about->st_mode & 07777, flags, &aside, move->failure))
        return false;
    if (fchown(aside.fd, about->st_uid, about->st_gid) != 0)
        move_refuse(move, errno, ", since its owner can't be kept");
    else if (files_pour(move->blocking, from, aside.fd, move->to, move->failure) &&
             futimens(aside.fd, times) == 0 && !blocking_stopped(move->blocking, move->failure))
        return file_commit(&aside, move->failure);
    file_abandon(&aside);
    return false;
}

/* Into another file system: copied whole and durable, then removed here. */
static bool move_across(const struct move *move)
{
    struct stat about;
    if (lstat(move->from, &about) != 0)
        return move_refuse(move, errno, "");
    if (!S_ISREG(about.st_mode))
        return move_refuse(
            move, 0,
            ": into another file system only a regular file is moved; make an archive "
            "of a folder");
    int fd = files_open(move->from, &about, move->failure);
    if (fd < 0)
        return false;
    bool good = move_pour(move, fd, &about);
    close(fd);
    if (!good)
        return false;
    if (unlink(move->from) != 0)
        return failure_set(move->failure, errno, "%s is copied to %s, but can't be removed",
                           move->from, move->to);
    return files_sync_entry(move->from, move->failure);
}

static bool move_rename(const struct move *move)
{
    if (renameat2(AT_FDCWD, move->from, AT_FDCWD, move->to, move->replace ? 0 : RENAME_NOREPLACE) ==
        0)
        return move_sync(move);
    if (errno == EXDEV)
        return move_across(move);
    if (errno == EEXIST && !move->replace)
        return move_refuse(move, EEXIST, " (`replace: true` replaces it)");
    return move_refuse(move, errno, "");
}

/* What is replaced is a file or a link: a folder with all in it is removed by file.remove. */
static bool move_may_replace(const struct move *move)
{
    struct stat about;
    if (!move->replace || lstat(move->to, &about) != 0 || !S_ISDIR(about.st_mode))
        return true;
    return move_refuse(move, EISDIR, " (remove or move that folder first)");
}

static struct outcome move_run(struct blocking *blocking)
{
    struct failure failure;
    struct move move = {.blocking = blocking,
                        .from = blocking_input(blocking, "from"),
                        .to = blocking_input(blocking, "to"),
                        .replace = input_flag(blocking->deed, "replace"),
                        .failure = &failure};
    if (!move_may_replace(&move) || !files_keep(blocking, move.to, NULL, &failure) ||
        blocking_stopped(blocking, &failure) || !move_rename(&move))
        return blocking_failed(blocking, &failure);
    return files_done(blocking, "to");
}

static struct work *move_start(const struct deed *deed, const struct stage *stage)
{
    return blocking_start(deed, stage, move_run);
}

/* Within one file system a name moves at once. Between two, both can be there when a crash came
 * between copy and removal. */
static struct outcome move_proof(struct blocking *blocking)
{
    const char *from = blocking_input(blocking, "from");
    const char *to = blocking_input(blocking, "to");
    struct stat at_from, at_to, above;
    files_sweep(blocking, to);
    bool from_there = lstat(from, &at_from) == 0;
    bool to_there = lstat(to, &at_to) == 0;
    if (!from_there && errno != ENOENT && !to_there)
        return files_cannot_say(blocking, "can't be looked at", from);
    if (!from_there)
        return to_there ? files_done(blocking, "to")
                        : files_cannot_say(
                              blocking, "is not there, and neither is what it was moved to", from);
    if (to_there && stat(files_above(blocking->arena, to), &above) == 0 &&
        above.st_dev != at_from.st_dev)
        return files_cannot_say(blocking, "is there, and so is what it was copied to", from);
    return files_not_done(blocking, "is still there", from);
}

static struct work *move_settle(const struct deed *deed, const struct stage *stage)
{
    return blocking_start(deed, stage, move_proof);
}

static void move_show(const struct deed *deed, struct buffer *into)
{
    buffer_text(into, "move ");
    input_show(deed, "from", into);
    buffer_text(into, " to ");
    input_show(deed, "to", into);
    if (input_flag(deed, "replace"))
        buffer_text(into, " replacing it");
    files_show_keep(deed, into);
}

static const struct param_about move_params[] = {
    {"from", "path", NULL, true, "a file, a folder, or a symbolic link, which is itself moved"},
    {"to", "path", NULL, true, "its new name, the last part included"},
    {"replace", "bool", "false", false, "a file or link that is there already is replaced"},
    {"keep", "path", NULL, false,
     "where a replaced file is kept, saved before anything is changed"},
    {0},
};
static const struct param_about move_outputs[] = {
    {"path", "path", NULL, true, "`to`, as written"},
    {0},
};

const struct core_action action_file_move = {
    .name = "file.move",
    .about = "Moves a file or folder, at once: nobody sees none or two of it (into another file "
             "system a "
             "file is copied whole first). Refuses a `to` that exists, unless told to replace it.",
    .effect = EFFECT_CHANGE,
    .form = FORM_WORK,
    .params = move_params,
    .outputs = move_outputs,
    .may_declare = true,
    .describe = files_describe,
    .start = move_start,
    .cancel = blocking_cancel,
    .settle = move_settle,
    .show = move_show,
};
