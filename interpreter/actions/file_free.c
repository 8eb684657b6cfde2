/* file.free: how much room a file system has left. */
#include "actions/actions.h"
#include "actions/files.h"
#include "lang/value.h"

#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>

/* As df tells it: of what an ordinary user may fill, rounded up. */
static int64_t used_percent(const struct statvfs *about)
{
    uint64_t used = about->f_blocks - about->f_bfree;
    uint64_t total = used + about->f_bavail;
    return total == 0 ? 0 : (int64_t)((used * 100 + total - 1) / total);
}

static struct outcome free_run(struct blocking *blocking)
{
    struct arena *arena = blocking->arena;
    const char *path = blocking_input(blocking, "path");
    struct answer answer = {.arena = arena};
    struct statvfs about;
    if (statvfs(path, &about) != 0)
        return answer_ill(arena, OUTCOME_FAILED, "can't look at the file system of %s: %s", path,
                          strerror(errno));
    int64_t bytes = (int64_t)(about.f_bavail * about.f_frsize);
    answer_add(&answer, "free", value_integer(arena, VALUE_SIZE, bytes));
    answer_add(&answer, "used_percent", value_integer(arena, VALUE_INT, used_percent(&about)));
    return answer_ended(&answer);
}

static struct work *free_start(const struct deed *deed, const struct stage *stage)
{
    return blocking_start(deed, stage, free_run);
}

static const struct param_about free_params[] = {
    {"path", "path", NULL, true, "a file or folder of the file system that is meant"},
    {0},
};
static const struct param_about free_outputs[] = {
    {"free", "size", NULL, true, "what an ordinary user can still write"},
    {"used_percent", "int", NULL, true, "how full it is, as df tells it, rounded up"},
    {0},
};

const struct core_action action_file_free = {
    .name = "file.free",
    .about = "Tells how much room is left where a path lies: `expect: {free: {min: 20GiB}}` before "
             "a dump.",
    .effect = EFFECT_READ,
    .idempotent = true,
    .may_fail = true,
    .form = FORM_WORK,
    .params = free_params,
    .outputs = free_outputs,
    .describe = files_describe,
    .start = free_start,
    .cancel = blocking_cancel,
};
