/* file.read: the text of a file. */
#include "actions/actions.h"
#include "actions/files.h"
#include "lang/value.h"
#include "sys/file.h"

#include <fcntl.h>

static struct outcome read_run(struct blocking *blocking)
{
    struct answer answer = {.arena = blocking->arena};
    struct buffer text = {0};
    struct failure failure;
    if (!file_read(AT_FDCWD, blocking_input(blocking, "path"), FILES_TEXT_CAP, &text, &failure))
        return blocking_failed(blocking, &failure);
    answer_add(&answer, "text", value_text(blocking->arena, buffer_slice(&text)));
    buffer_free(&text);
    return answer_ended(&answer);
}

static struct work *read_start(const struct deed *deed, const struct stage *stage)
{
    return blocking_start(deed, stage, read_run);
}

static const struct param_about read_params[] = {
    {"path", "path", NULL, true, "a regular file of at most 16 MiB"},
    {0},
};
static const struct param_about read_outputs[] = {
    {"text", "string", NULL, true, "all of it, its last newline too (`trim` takes it off)"},
    {0},
};

const struct core_action action_file_read = {
    .name = "file.read",
    .about =
        "Reads a file. One that is not there is a failure; ask with file.stat first where that is "
        "an answer.",
    .effect = EFFECT_READ,
    .idempotent = true,
    .may_fail = true,
    .form = FORM_WORK,
    .params = read_params,
    .outputs = read_outputs,
    .describe = files_describe,
    .start = read_start,
    .cancel = blocking_cancel,
};
