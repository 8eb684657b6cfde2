/* file.find: the files of one folder whose names fit a glob. */
#include "actions/actions.h"
#include "actions/files.h"
#include "actions/input.h"
#include "base/arena.h"
#include "base/list.h"
#include "base/units.h"
#include "lang/value.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

/* A list of more is no list that a step can mean. */
enum { MOST_FILES = 100000 };

static bool find_describe(const struct describing *describing, const struct value *args,
                          struct deed *deed, struct problem *problem)
{
    if (!files_describe(describing, args, deed, problem) ||
        !input_is_name(describing, deed, "name", problem))
        return false;
    const char *name = input_text(deed, "name");
    if (name == NULL || strchr(name, '/') == NULL)
        return true;
    return input_refuse(
        describing, problem,
        "file.find: `name` is \"%s\": it looks in one folder alone; put the folder into "
        "`dir`",
        name);
}

/* The names in DIR that fit GLOB, sorted. */
static bool find_names(struct blocking *blocking, const char *dir, const char *glob,
                       struct list *names, struct failure *failure)
{
    DIR *stream = opendir(dir);
    if (stream == NULL)
        return failure_set(failure, errno, "can't read the folder %s", dir);
    bool good = files_names(blocking, blocking->arena, stream, dir, glob, names, failure);
    closedir(stream);
    if (!good)
        return false;
    return names->count <= MOST_FILES ||
           failure_set(failure, 0, "more than %d files fit %s in %s", MOST_FILES, glob, dir);
}

/* The record of NAME, or NULL when it is no regular file or just went. */
static const struct value *find_record(struct blocking *blocking, const char *dir, const char *name)
{
    struct arena *arena = blocking->arena;
    const char *path =
        arena_format(arena, "%s%s%s", dir, dir[strlen(dir) - 1] == '/' ? "" : "/", name);
    struct stat about;
    if (stat(blocking_path(blocking, path), &about) != 0 || !S_ISREG(about.st_mode))
        return NULL;
    const struct member members[] = {
        {"path", value_string(arena, path)},
        {"name", value_string(arena, name)},
        {"size", value_integer(arena, VALUE_SIZE, about.st_size)},
        {"modified", value_integer(arena, VALUE_TIME,
                                   about.st_mtim.tv_sec * UNITS_SECOND + about.st_mtim.tv_nsec)},
    };
    return value_map(arena, members, sizeof members / sizeof *members);
}

static struct outcome find_run(struct blocking *blocking)
{
    struct answer answer = {.arena = blocking->arena};
    struct list names = {0};
    struct failure failure;
    const char *dir = input_text(blocking->deed, "dir");
    const char *name = input_text(blocking->deed, "name");
    if (!find_names(blocking, blocking_path(blocking, dir), name, &names, &failure))
        return blocking_failed(blocking, &failure);
    const struct value **files = arena_alloc(blocking->arena, (names.count + 1) * sizeof *files);
    size_t count = 0;
    for (size_t i = 0; i < names.count; i++) {
        const struct value *record = find_record(blocking, dir, names.at[i]);
        if (record != NULL)
            files[count++] = record;
    }
    answer_add(&answer, "files", value_list(blocking->arena, files, count));
    return answer_ended(&answer);
}

static struct work *find_start(const struct deed *deed, const struct stage *stage)
{
    return blocking_start(deed, stage, find_run);
}

static const struct param_about find_params[] = {
    {"dir", "path", NULL, true, "the folder to look in; not those inside it"},
    {"name", "string", "'*'", false,
     "a glob of the names: `*` any characters, `?` one, `[ab]` one of them; a leading dot is only "
     "met by a dot"},
    {0},
};
static const struct param_about find_outputs[] = {
    {"files", "files", NULL, true,
     "the regular files that fit, sorted by name; `path` is `dir` as written and the name"},
    {0},
};

const struct core_action action_file_find = {
    .name = "file.find",
    .about =
        "Lists the files of one folder: newest with `last(sort_by(result.files, 'modified'))`. A "
        "folder that is not there is a failure, none that fits is an empty list.",
    .effect = EFFECT_READ,
    .idempotent = true,
    .may_fail = true,
    .form = FORM_WORK,
    .params = find_params,
    .outputs = find_outputs,
    .describe = find_describe,
    .start = find_start,
    .cancel = blocking_cancel,
};
