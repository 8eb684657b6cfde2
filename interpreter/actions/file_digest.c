/* file.digest: the SHA-256 of a file. */
#include "actions/actions.h"
#include "actions/files.h"
#include "lang/value.h"

static struct outcome digest_run(struct blocking *blocking)
{
    struct answer answer = {.arena = blocking->arena};
    struct failure failure;
    char hex[DIGEST_TEXT];
    if (!files_digest(blocking, blocking_input(blocking, "path"), hex, &failure))
        return blocking_failed(blocking, &failure);
    answer_text(&answer, "sha256", hex);
    return answer_ended(&answer);
}

static struct work *digest_start(const struct deed *deed, const struct stage *stage)
{
    return blocking_start(deed, stage, digest_run);
}

static const struct param_about digest_params[] = {
    {"path", "path", NULL, true, "a regular file"},
    {0},
};
static const struct param_about digest_outputs[] = {
    {"sha256", "string", NULL, true, "64 hex digits, as sha256sum has them"},
    {0},
};

const struct core_action action_file_digest = {
    .name = "file.digest",
    .about = "Computes the SHA-256 of a file.",
    .effect = EFFECT_READ,
    .idempotent = true,
    .may_fail = true,
    .form = FORM_WORK,
    .params = digest_params,
    .outputs = digest_outputs,
    .describe = files_describe,
    .start = digest_start,
    .cancel = blocking_cancel,
};
