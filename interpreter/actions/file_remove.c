/* file.remove: a file, or a folder with all in it, is gone. */
#include "actions/actions.h"
#include "actions/files.h"
#include "actions/input.h"
#include "base/arena.h"
#include "lang/value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool remove_describe(const struct describing *describing, const struct value *args,
                            struct deed *deed, struct problem *problem)
{
    if (!files_describe(describing, args, deed, problem))
        return false;
    const char *path = input_text(deed, "path");
    size_t length = path != NULL ? strlen(path) : 0;
    if (length > 0 && strspn(path, "/.") == length)
        return input_refuse(
            describing, problem,
            "file.remove: `path` is \"%s\", which is too much to be meant: name the folder", path);
    return true;
}

/* Slashes at the end would make a link its target. */
static const char *remove_path(struct blocking *blocking)
{
    const char *path = blocking_input(blocking, "path");
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    return arena_copy(blocking->arena, path, length);
}

/* The root, and the folder of the runbook that is run with all above it, are never meant. */
static bool remove_is_too_much(struct blocking *blocking, const char *path, bool contents_only)
{
    struct stat about;
    if (!contents_only && lstat(path, &about) == 0 && S_ISLNK(about.st_mode))
        return false;
    char *real = realpath(path, NULL);
    char *home = realpath(blocking->home, NULL);
    size_t length = real != NULL ? strlen(real) : 0;
    bool too_much = real != NULL && home != NULL && strncmp(home, real, length) == 0 &&
                    (length == 1 || home[length] == '/' || home[length] == '\0');
    free(real);
    free(home);
    return too_much;
}

static struct outcome remove_run(struct blocking *blocking)
{
    bool contents_only = input_flag(blocking->deed, "contents_only");
    const char *path = remove_path(blocking);
    struct answer answer = {.arena = blocking->arena};
    struct failure failure;
    if (remove_is_too_much(blocking, path, contents_only))
        return answer_ill(blocking->arena, OUTCOME_NOT_STARTED,
                          "%s is not removed: the runbook that is run lies in it", path);
    if (!files_remove_tree(blocking, path, contents_only, &failure))
        return blocking_failed(blocking, &failure);
    return answer_ended(&answer);
}

static struct work *remove_start(const struct deed *deed, const struct stage *stage)
{
    return blocking_start(deed, stage, remove_run);
}

static struct outcome remove_proof(struct blocking *blocking)
{
    const char *path = remove_path(blocking);
    struct answer answer = {.arena = blocking->arena};
    struct stat about;
    if (input_flag(blocking->deed, "contents_only"))
        return files_is_empty(path) ? answer_ended(&answer)
                                    : files_not_done(blocking, "is not empty", path);
    if (lstat(path, &about) == 0)
        return files_not_done(blocking, "is still there", path);
    return errno == ENOENT ? answer_ended(&answer)
                           : files_cannot_say(blocking, "can't be looked at", path);
}

static struct work *remove_settle(const struct deed *deed, const struct stage *stage)
{
    return blocking_start(deed, stage, remove_proof);
}

static void remove_show(const struct deed *deed, struct buffer *into)
{
    bool contents_only = input_flag(deed, "contents_only");
    buffer_text(into, contents_only ? "remove all that is in " : "remove ");
    input_show(deed, "path", into);
    if (!contents_only)
        buffer_text(into, " with all in it");
}

static const struct param_about remove_params[] = {
    {"path", "path", NULL, true,
     "a file, a folder with all in it, or a symbolic link, which alone goes; what is not there is "
     "fine"},
    {"contents_only", "bool", "false", false, "the folder stays and becomes empty"},
    {0},
};
static const struct param_about remove_outputs[] = {{0}};

const struct core_action action_file_remove = {
    .name = "file.remove",
    .about = "Removes a file or a folder with all in it. It follows no link, refuses before it "
             "begins where "
             "another file system is mounted inside, and never removes the folder that the runbook "
             "lies in.",
    .effect = EFFECT_DESTROY,
    .form = FORM_WORK,
    .params = remove_params,
    .outputs = remove_outputs,
    .destroys = "file:${params.path}",
    .may_declare = true,
    .describe = remove_describe,
    .start = remove_start,
    .cancel = blocking_cancel,
    .settle = remove_settle,
    .show = remove_show,
};
