/* file.copy: a file with the content of another. */
#include "actions/actions.h"
#include "actions/files.h"
#include "actions/input.h"
#include "sys/file.h"

#include <unistd.h>

static bool copy_open(struct blocking *blocking, int from, const struct stat *about, const char *to,
                      struct failure *failure)
{
    struct file_aside aside;
    if (!files_begin(blocking, to, about->st_mode & 0777, &aside, failure))
        return false;
    if (files_pour(blocking, from, aside.fd, to, failure) && !blocking_stopped(blocking, failure))
        return file_commit(&aside, failure);
    file_abandon(&aside);
    return false;
}

static bool copy_whole(struct blocking *blocking, const char *from, const char *to,
                       struct failure *failure)
{
    char hex[DIGEST_TEXT];
    struct stat about;
    int fd = files_open(from, &about, failure);
    if (fd < 0)
        return false;
    bool good =
        (input_text(blocking->deed, "keep") == NULL ||
         (files_digest(blocking, from, hex, failure) && files_keep(blocking, to, hex, failure))) &&
        copy_open(blocking, fd, &about, to, failure);
    close(fd);
    return good;
}

static struct outcome copy_run(struct blocking *blocking)
{
    struct failure failure;
    if (!copy_whole(blocking, blocking_input(blocking, "from"), blocking_input(blocking, "to"),
                    &failure))
        return blocking_failed(blocking, &failure);
    return files_done(blocking, "to");
}

static struct work *copy_start(const struct deed *deed, const struct stage *stage)
{
    return blocking_start(deed, stage, copy_run);
}

static struct outcome copy_proof(struct blocking *blocking)
{
    const char *from = blocking_input(blocking, "from");
    struct failure failure;
    char wanted[DIGEST_TEXT];
    if (!files_digest(blocking, from, wanted, &failure))
        return files_cannot_say(
            blocking, "can't be read, so that nobody can tell whether it was copied", from);
    return files_prove_digest(blocking, "to", wanted);
}

static struct work *copy_settle(const struct deed *deed, const struct stage *stage)
{
    return blocking_start(deed, stage, copy_proof);
}

static void copy_show(const struct deed *deed, struct buffer *into)
{
    buffer_text(into, "copy ");
    input_show(deed, "from", into);
    buffer_text(into, " to ");
    input_show(deed, "to", into);
    files_show_mode(deed, into);
    files_show_keep(deed, into);
}

static const struct param_about copy_params[] = {
    {"from", "path", NULL, true, "the file that is copied; of a folder make an archive"},
    {"to", "path", NULL, true, "the file that is made or replaced, its name included"},
    {"keep", "path", NULL, false, "where the old file is kept, saved before anything is changed"},
    {"mode", "string", NULL, false,
     "permissions in octal, as \"0640\". Not given: the replaced file's; of a new one, those of "
     "`from`"},
    {0},
};
static const struct param_about copy_outputs[] = {
    {"path", "path", NULL, true, "`to`, as written"},
    {0},
};

const struct core_action action_file_copy = {
    .name = "file.copy",
    .about = "Copies a file. At every moment, also after a power loss, there is the old file or "
             "the new, "
             "never a half; owner and mode of a replaced one are kept.",
    .effect = EFFECT_CHANGE,
    .form = FORM_WORK,
    .params = copy_params,
    .outputs = copy_outputs,
    .may_declare = true,
    .describe = files_describe,
    .start = copy_start,
    .cancel = blocking_cancel,
    .settle = copy_settle,
    .show = copy_show,
};
