/* shell: a script, where a pipe or a loop of the shell is what is wanted.
 * No value is ever pasted into it: values come by `env`. */
#include "actions/actions.h"
#include "actions/child.h"
#include "actions/input.h"
#include "actions/show.h"
#include "base/arena.h"

static bool shell_describe(const struct describing *describing, const struct value *args,
                           struct deed *deed, struct problem *problem)
{
    return child_describe(describing, args, deed, problem) &&
           input_is_name(describing, deed, "script", problem);
}

/* -e and -u, since a script that goes on after an error, or takes a misspelt name for an empty one,
 * is how a recovery makes things worse. */
static struct work *shell_start(const struct deed *deed, const struct stage *stage)
{
    const char **argv = arena_alloc(stage->arena, 5 * sizeof *argv);
    argv[0] = "/bin/sh";
    argv[1] = "-eu";
    argv[2] = "-c";
    argv[3] = input_text(deed, "script");
    return child_start(deed, stage, argv);
}

static void shell_show(const struct deed *deed, struct buffer *into)
{
    buffer_text(into, "$ ");
    child_show_before(deed, into);
    buffer_text(into, "/bin/sh -eu");
    child_show_behind(deed, into);
    show_lines(input_value(deed, "script"), into);
}

static const struct param_about shell_params[] = {
    {"script", "string", NULL, true,
     "for /bin/sh; it holds no `${…}`: values come by `env` as \"$NAME\""},
    CHILD_ENV,
    CHILD_CWD,
    CHILD_USER,
    {0},
};

const struct core_action action_shell = {
    .name = "shell",
    .about = "Runs a script with `/bin/sh -eu`: it ends at the first command that fails, and at a "
             "variable that "
             "is not set. Of a pipe only the last command counts, as in any POSIX shell.",
    .effect = EFFECT_CHANGE,
    .form = FORM_WORK,
    .params = shell_params,
    .outputs = child_outputs,
    .expect = "{exit: 0}",
    .may_declare = true,
    .describe = shell_describe,
    .start = shell_start,
    .cancel = child_cancel,
    .adopt = child_adopt,
    .show = shell_show,
};
