/* file.stat: is it there, and what does the file system say of it? */
#include "actions/actions.h"
#include "actions/files.h"
#include "actions/input.h"
#include "base/arena.h"
#include "base/units.h"
#include "lang/value.h"

#include <errno.h>
#include <pwd.h>
#include <string.h>

/* The name of UID; its number where it has none. */
static const char *owner_name(struct arena *arena, uid_t uid)
{
    char room[4096];
    struct passwd entry, *found = NULL;
    if (getpwuid_r(uid, &entry, room, sizeof room, &found) == 0 && found != NULL)
        return arena_copy(arena, entry.pw_name, strlen(entry.pw_name));
    return arena_format(arena, "%u", uid);
}

static struct outcome stat_run(struct blocking *blocking)
{
    struct arena *arena = blocking->arena;
    const char *path = blocking_input(blocking, "path");
    struct answer answer = {.arena = arena};
    struct stat about;
    if (stat(path, &about) != 0) {
        if (errno != ENOENT && errno != ENOTDIR)
            return answer_ill(arena, OUTCOME_FAILED, "can't look at %s: %s", path, strerror(errno));
        answer_add(&answer, "exists", &value_false);
        return answer_ended(&answer);
    }
    int64_t modified = about.st_mtim.tv_sec * UNITS_SECOND + about.st_mtim.tv_nsec;
    answer_add(&answer, "exists", &value_true);
    answer_add(&answer, "size", value_integer(arena, VALUE_SIZE, about.st_size));
    answer_add(&answer, "age", value_integer(arena, VALUE_DURATION, blocking->now - modified));
    answer_add(&answer, "modified", value_integer(arena, VALUE_TIME, modified));
    answer_text(&answer, "mode", arena_format(arena, "%04o", about.st_mode & 07777));
    answer_text(&answer, "owner", owner_name(arena, about.st_uid));
    return answer_ended(&answer);
}

static struct work *stat_start(const struct deed *deed, const struct stage *stage)
{
    return blocking_start(deed, stage, stat_run);
}

static const struct param_about stat_params[] = {
    {"path", "path", NULL, true, "a file or folder; a symbolic link is followed"},
    {0},
};
static const struct param_about stat_outputs[] = {
    {"exists", "bool", NULL, true, "it is there"},
    {"size", "size?", NULL, false, "its bytes"},
    {"age", "duration?", NULL, false, "since its content was last written"},
    {"modified", "time?", NULL, false, "when its content was last written"},
    {"mode", "string?", NULL, false, "its permissions in octal, four digits: 0644"},
    {"owner", "string?", NULL, false, "the user that it belongs to, by name"},
    {0},
};

const struct core_action action_file_stat = {
    .name = "file.stat",
    .about = "Tells whether a file or folder exists, its size, age, mode and owner. What is not "
             "there is an "
             "answer; what may not be looked at is none.",
    .effect = EFFECT_READ,
    .idempotent = true,
    .form = FORM_WORK,
    .params = stat_params,
    .outputs = stat_outputs,
    .expect = "{exists: true}",
    .describe = files_describe,
    .start = stat_start,
    .cancel = blocking_cancel,
};
