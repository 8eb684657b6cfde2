/* exec: one program, started without a shell. */
#include "actions/actions.h"
#include "actions/child.h"
#include "actions/input.h"
#include "actions/show.h"
#include "actions/sql_place.h"
#include "base/arena.h"
#include "lang/value.h"

#include <string.h>

static bool exec_describe(const struct describing *describing, const struct value *args,
                          struct deed *deed, struct problem *problem)
{
    if (!child_describe(describing, args, deed, problem) ||
        !input_has_no_nul(describing, deed, "argv", problem) ||
        !input_is_name(describing, deed, "stdin_from", problem) ||
        !input_is_name(describing, deed, "stdout_to", problem) ||
        !input_is_mode(describing, deed, problem) || !sql_place_check(describing, deed, problem))
        return false;
    const struct value *argv = input_value(deed, "argv");
    if (argv->kind == VALUE_LIST &&
        (argv->list.count == 0 ||
         (argv->list.at[0]->kind == VALUE_TEXT && argv->list.at[0]->text.length == 0)))
        return input_refuse(describing, problem, "exec: `argv` names no program");
    if (input_value(deed, "stdin")->kind != VALUE_UNSET &&
        input_value(deed, "stdin_from")->kind != VALUE_UNSET)
        return input_refuse(describing, problem,
                            "exec: one of `stdin` and `stdin_from` can be its input, not both");
    if (input_value(deed, "mode")->kind != VALUE_UNSET &&
        input_value(deed, "stdout_to")->kind == VALUE_UNSET)
        return input_refuse(describing, problem,
                            "exec: `mode` is that of the file `stdout_to`, "
                            "which is not given");
    return true;
}

static struct work *exec_start(const struct deed *deed, const struct stage *stage)
{
    const struct value *list = input_value(deed, "argv");
    const char **argv = arena_alloc(stage->arena, (list->list.count + 1) * sizeof *argv);
    for (size_t i = 0; i < list->list.count; i++)
        argv[i] = value_print(stage->arena, list->list.at[i]);
    return child_start(deed, stage, argv);
}

static void show_redirect(const struct deed *deed, const char *name, const char *sign,
                          struct buffer *into)
{
    if (input_value(deed, name)->kind == VALUE_UNSET)
        return;
    buffer_text(into, sign);
    show_word(input_value(deed, name), into);
}

static void exec_show(const struct deed *deed, struct buffer *into)
{
    buffer_text(into, "$ ");
    child_show_before(deed, into);
    show_words(input_value(deed, "argv"), into);
    show_redirect(deed, "stdin_from", " < ", into);
    show_redirect(deed, "stdout_to", " > ", into);
    child_show_behind(deed, into);
    if (input_value(deed, "connection")->kind != VALUE_UNSET) {
        buffer_text(into, "\n  speaks to ");
        sql_place_show(deed, into);
    }
    if (input_value(deed, "mode")->kind != VALUE_UNSET) {
        buffer_text(into, "\n  the file gets mode ");
        input_show(deed, "mode", into);
    }
    if (input_value(deed, "stdin")->kind != VALUE_UNSET) {
        buffer_text(into, "\n  with the input");
        show_lines(input_value(deed, "stdin"), into);
    }
}

static const struct param_about exec_params[] = {
    {"argv", "list<string>", NULL, true,
     "the program and its arguments, each handed over as it is; there is no shell. Looked for in "
     "PATH unless it "
     "has a `/`"},
    CHILD_CWD,
    CHILD_ENV,
    CHILD_USER,
    {"stdin", "string|secret", NULL, false,
     "its standard input; a secret reaches it this way. Not given: empty"},
    {"stdin_from", "path", NULL, false,
     "a file that is its standard input; relative to its folder"},
    {"stdout_to", "path", NULL, false,
     "a file for its standard output, relative to its folder: written aside, and in its place only "
     "when it ended "
     "with 0; `stdout` is then empty"},
    {"mode", "string", NULL, false,
     "permissions of that file in octal, as \"0600\". Not given: those of the one that it "
     "replaces, 0644 where "
     "it is new"},
    {"connection", "connection", NULL, false,
     "a server that it speaks to (psql, pg_dump): it gets the PG* variables of that, and a "
     "password "
     "by a file that it alone can open"},
    {"stall", "duration", NULL, false, "so long without output counts as a time-out"},
    {0},
};

const struct core_action action_exec = {
    .name = "exec",
    .about = "Runs a program with exact arguments. It ends with its whole process tree at the time "
             "limit; what it "
             "left running by itself, having ended with 0, is left alone.",
    .effect = EFFECT_CHANGE,
    .form = FORM_WORK,
    .params = exec_params,
    .outputs = child_outputs,
    .expect = "{exit: 0}",
    .may_declare = true,
    .describe = exec_describe,
    .start = exec_start,
    .cancel = child_cancel,
    .adopt = child_adopt,
    .show = exec_show,
};
