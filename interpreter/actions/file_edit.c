/* file.edit: a pattern's matches in a file become another text.
 * Whether it was done can't be told from the file alone: a replaced text may match again. So,
 * before the new file takes its place, the attempt's log says durably which digest becomes which,
 * and settle reads it there. */
#include "actions/actions.h"
#include "actions/files.h"
#include "actions/input.h"
#include "base/arena.h"
#include "lang/pattern.h"
#include "lang/value.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool edit_describe(const struct describing *describing, const struct value *args,
                          struct deed *deed, struct problem *problem)
{
    if (!files_describe(describing, args, deed, problem))
        return false;
    if (input_number(deed, "count", 1) > 0)
        return true;
    return input_refuse(describing, problem, "file.edit: `count` is %lld, wanted 1 or more",
                        (long long)input_number(deed, "count", 1));
}

/* ---- replacing ---- */

struct edit {
    struct blocking *blocking;
    const struct pattern *pattern;
    struct text replace;
    struct buffer edited;
    int64_t count;
};

/* The bytes of the character at AT. */
static size_t character(struct text text, size_t at)
{
    size_t length = 1;
    while (at + length < text.length && ((unsigned char)text.at[at + length] & 0xc0) == 0x80)
        length++;
    return length;
}

static bool edit_all(struct edit *edit, struct text text, struct failure *failure)
{
    size_t from = 0, written = 0;
    while (from <= text.length) {
        struct text whole, group;
        const char *problem = NULL;
        enum pattern_answer answer =
            pattern_match(edit->pattern, text, from, &whole, &group, &problem);
        if (answer == PATTERN_ERROR)
            return failure_set(failure, 0, "`match` can't be looked for: %s", problem);
        if (answer == PATTERN_ABSENT || blocking_stopped(edit->blocking, failure))
            break;
        size_t at = (size_t)(whole.at - text.at);
        buffer_add(&edit->edited, text.at + written, at - written);
        buffer_add(&edit->edited, edit->replace.at, edit->replace.length);
        written = at + whole.length;
        edit->count++;
        from = written;
        if (whole.length == 0)
            from += from < text.length ? character(text, from) : 1;
    }
    buffer_add(&edit->edited, text.at + written, text.length - written);
    return true;
}

/* `^` and `$` mean lines: what is edited are files of lines. */
static bool edit_pattern(struct edit *edit, struct failure *failure)
{
    struct arena *arena = edit->blocking->arena;
    const char *match = arena_format(arena, "(?m)%s", input_text(edit->blocking->deed, "match"));
    const char *problem = NULL;
    size_t offset = 0;
    edit->pattern = pattern_compile(arena, text_of(match), &problem, &offset);
    return edit->pattern != NULL || failure_set(failure, 0, "`match` is no pattern: %s", problem);
}

static bool edit_text(struct edit *edit, const char *path, struct text text,
                      struct failure *failure)
{
    int64_t wanted = input_number(edit->blocking->deed, "count", 1);
    if (!edit_pattern(edit, failure) || !edit_all(edit, text, failure) ||
        blocking_stopped(edit->blocking, failure))
        return false;
    if (edit->count == wanted)
        return true;
    return failure_set(failure, 0,
                       "%s is not changed: `match` is found %lld time%s in it, wanted %lld", path,
                       (long long)edit->count, edit->count == 1 ? "" : "s", (long long)wanted);
}

/* ---- the proof ---- */

static const char *log_name(struct blocking *blocking)
{
    return arena_format(blocking->arena, "logs/%llu.out", (unsigned long long)blocking->attempt);
}

/* Says in the log, durably, what is about to become what. */
static bool edit_announce(struct blocking *blocking, const char *before, const char *after,
                          struct failure *failure)
{
    if (blocking->run_folder < 0)
        return true;
    const char *name = log_name(blocking);
    const char *line = arena_format(blocking->arena, "sha256 %s becomes %s\n", before, after);
    int fd = openat(blocking->run_folder, name,
                    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return failure_set(failure, errno, "can't write %s", name);
    bool good = file_write(fd, text_of(line), name, failure) &&
                (fsync(fd) == 0 || failure_set(failure, errno, "can't sync %s", name));
    close(fd);
    int folder = good ? folder_open(blocking->run_folder, "logs", failure) : -1;
    good = folder >= 0 && folder_sync(folder, "logs", failure);
    if (folder >= 0)
        close(folder);
    return good;
}

static struct outcome edit_proof(struct blocking *blocking)
{
    const char *path = blocking_input(blocking, "path");
    char before[DIGEST_TEXT], after[DIGEST_TEXT], found[DIGEST_TEXT];
    struct buffer log = {0};
    struct failure failure;
    files_sweep(blocking, path);
    bool there = blocking->run_folder >= 0 && file_read(blocking->run_folder, log_name(blocking),
                                                        FILES_TEXT_CAP, &log, &failure);
    bool announced =
        there && log.at != NULL && sscanf(log.at, "sha256 %64s becomes %64s", before, after) == 2;
    buffer_free(&log);
    if (!there && blocking->run_folder >= 0 && failure.error != ENOENT)
        return files_cannot_say(blocking, "can't be read", log_name(blocking));
    if (!announced)
        return files_not_done(blocking, "was not touched yet", path);
    if (!files_digest(blocking, path, found, &failure))
        return files_cannot_say(blocking, "can't be read, so that nobody can tell what it is",
                                path);
    if (strcmp(found, after) == 0)
        return files_done(blocking, "path");
    if (strcmp(found, before) == 0)
        return files_not_done(blocking, "is as it was before", path);
    return files_cannot_say(blocking, "is neither as it was before nor as it was to become", path);
}

static struct work *edit_settle(const struct deed *deed, const struct stage *stage)
{
    return blocking_start(deed, stage, edit_proof);
}

/* ---- doing ---- */

static bool edit_commit(struct blocking *blocking, const char *path, struct text before,
                        struct text after, struct failure *failure)
{
    char old[DIGEST_TEXT], new[DIGEST_TEXT];
    struct file_aside aside;
    digest_text(before, old);
    digest_text(after, new);
    if (!files_keep(blocking, path, new, failure) ||
        !files_begin(blocking, path, FILES_NEW_MODE, &aside, failure))
        return false;
    if (file_write(aside.fd, after, path, failure) && edit_announce(blocking, old, new, failure) &&
        !blocking_stopped(blocking, failure))
        return file_commit(&aside, failure);
    file_abandon(&aside);
    return false;
}

static struct outcome edit_run(struct blocking *blocking)
{
    const char *path = blocking_input(blocking, "path");
    struct edit edit = {.blocking = blocking, .replace = input_bytes(blocking->deed, "replace")};
    struct buffer text = {0};
    struct failure failure;
    bool good =
        file_read(AT_FDCWD, path, FILES_TEXT_CAP, &text, &failure) &&
        edit_text(&edit, path, buffer_slice(&text), &failure) &&
        edit_commit(blocking, path, buffer_slice(&text), buffer_slice(&edit.edited), &failure);
    buffer_free(&edit.edited);
    buffer_free(&text);
    return good ? files_done(blocking, "path") : blocking_failed(blocking, &failure);
}

static struct work *edit_start(const struct deed *deed, const struct stage *stage)
{
    return blocking_start(deed, stage, edit_run);
}

static void edit_show(const struct deed *deed, struct buffer *into)
{
    int64_t count = input_number(deed, "count", 1);
    buffer_text(into, "edit ");
    input_show(deed, "path", into);
    files_show_keep(deed, into);
    buffer_format(into, ": replace %lld match%s of\n  | ", (long long)count,
                  count == 1 ? "" : "es");
    input_show(deed, "match", into);
    buffer_text(into, "\n  by\n  | ");
    input_show(deed, "replace", into);
}

static const struct param_about edit_params[] = {
    {"path", "path", NULL, true, "a file of at most 1 MiB; it is no symbolic link"},
    {"match", "regex", NULL, true, "what is replaced; `^` and `$` are the ends of a line"},
    {"replace", "string", NULL, true,
     "what stands there afterwards: a plain text, `$1` means nothing in it"},
    {"count", "int", "1", false, "how many matches there must be; else nothing is changed"},
    {"keep", "path", NULL, false, "where the old file is kept, saved before anything is changed"},
    {0},
};
static const struct param_about edit_outputs[] = {
    {"path", "path", NULL, true, "the file, as written"},
    {0},
};

const struct core_action action_file_edit = {
    .name = "file.edit",
    .about = "Replaces all matches of a pattern in a file, if there are as many as expected. At "
             "every moment "
             "there is the old file or the new; owner and mode are kept.",
    .effect = EFFECT_CHANGE,
    .form = FORM_WORK,
    .params = edit_params,
    .outputs = edit_outputs,
    .may_declare = true,
    .describe = edit_describe,
    .start = edit_start,
    .cancel = blocking_cancel,
    .settle = edit_settle,
    .show = edit_show,
};
