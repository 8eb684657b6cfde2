/* file.write: a file with a given text. */
#include "actions/actions.h"
#include "actions/files.h"
#include "actions/input.h"
#include "actions/show.h"
#include "lang/value.h"
#include "sys/file.h"

static bool write_whole(struct blocking *blocking, const char *path, struct text text,
                        struct failure *failure)
{
    struct file_aside aside;
    if (!files_begin(blocking, path, FILES_NEW_MODE, &aside, failure))
        return false;
    if (file_write(aside.fd, text, path, failure) && !blocking_stopped(blocking, failure))
        return file_commit(&aside, failure);
    file_abandon(&aside);
    return false;
}

static struct outcome write_run(struct blocking *blocking)
{
    const char *path = blocking_input(blocking, "path");
    struct text text = input_bytes(blocking->deed, "text");
    struct failure failure;
    char hex[DIGEST_TEXT];
    digest_text(text, hex);
    if (!files_keep(blocking, path, hex, &failure) || !write_whole(blocking, path, text, &failure))
        return blocking_failed(blocking, &failure);
    return files_done(blocking, "path");
}

static struct work *write_start(const struct deed *deed, const struct stage *stage)
{
    return blocking_start(deed, stage, write_run);
}

/* The file is whole at every moment, the old one or the new: its digest tells which. */
static struct outcome write_proof(struct blocking *blocking)
{
    char wanted[DIGEST_TEXT];
    digest_text(input_bytes(blocking->deed, "text"), wanted);
    return files_prove_digest(blocking, "path", wanted);
}

static struct work *write_settle(const struct deed *deed, const struct stage *stage)
{
    return blocking_start(deed, stage, write_proof);
}

static void write_show(const struct deed *deed, struct buffer *into)
{
    buffer_text(into, "write ");
    input_show(deed, "path", into);
    files_show_mode(deed, into);
    files_show_keep(deed, into);
    show_lines(input_value(deed, "text"), into);
}

static const struct param_about write_params[] = {
    {"path", "path", NULL, true, "the file; its folder is there, and it is no symbolic link"},
    {"text", "string", NULL, true,
     "all that is in it; a last newline is written only where it is given"},
    {"mode", "string", NULL, false,
     "its permissions in octal, as \"0640\". Not given: the old file's, 0644 where it is new"},
    {"keep", "path", NULL, false, "where the old file is kept, saved before anything is changed"},
    {0},
};
static const struct param_about write_outputs[] = {
    {"path", "path", NULL, true, "the file, as written"},
    {0},
};

const struct core_action action_file_write = {
    .name = "file.write",
    .about = "Writes a file. At every moment, also after a power loss, there is the old file or "
             "the new, "
             "never a half; owner and mode of an old one are kept.",
    .effect = EFFECT_CHANGE,
    .form = FORM_WORK,
    .params = write_params,
    .outputs = write_outputs,
    .may_declare = true,
    .describe = files_describe,
    .start = write_start,
    .cancel = blocking_cancel,
    .settle = write_settle,
    .show = write_show,
};
