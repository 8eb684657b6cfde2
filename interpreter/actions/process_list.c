/* process.list: which processes run. */
#include "actions/actions.h"
#include "actions/input.h"
#include "actions/matching.h"
#include "base/arena.h"
#include "lang/value.h"
#include "sys/procfs.h"

static const struct value *record(struct arena *arena, const struct procfs_process *process)
{
    const struct member members[] = {
        {"pid", value_integer(arena, VALUE_INT, process->pid)},
        {"user", value_string(arena, process->user)},
        {"exe", value_string(arena, process->exe)},
        {"command", value_string(arena, process->command)},
        {"started", value_integer(arena, VALUE_TIME, process->started)},
    };
    return value_map(arena, members, sizeof members / sizeof *members);
}

static struct outcome list_run(struct blocking *blocking)
{
    struct arena *arena = blocking->arena;
    struct answer answer = {.arena = arena};
    struct matching matching;
    struct failure failure;
    if (!matching_find(blocking, &matching, &failure))
        return blocking_failed(blocking, &failure);
    size_t count = matching.found.count;
    const struct value **at = arena_alloc(arena, (count + 1) * sizeof *at);
    for (size_t i = 0; i < count; i++)
        at[i] = record(arena, matching.found.at[i]);
    answer_add(&answer, "count", value_integer(arena, VALUE_INT, (int64_t)count));
    answer_add(&answer, "processes", value_list(arena, at, count));
    return answer_ended(&answer);
}

static struct work *list_start(const struct deed *deed, const struct stage *stage)
{
    return blocking_start(deed, stage, list_run);
}

static void list_show(const struct deed *deed, struct buffer *into)
{
    buffer_text(into, "list the processes");
    matching_show(deed, into);
}

static const struct param_about list_params[] = {
    MATCHING_PARAMS,
    {0},
};
static const struct param_about list_outputs[] = {
    {"count", "int", NULL, true, "how many meet all that is given"},
    {"processes", "processes", NULL, true, "these, by pid"},
    {0},
};

const struct core_action action_process_list = {
    .name = "process.list",
    .about = "Lists the processes of this machine that run. It leaves out runbook itself and what "
             "started it, so "
             "that a pattern is never found in the command that was typed.",
    .effect = EFFECT_READ,
    .idempotent = true,
    .form = FORM_WORK,
    .params = list_params,
    .outputs = list_outputs,
    .describe = matching_describe,
    .start = list_start,
    .cancel = blocking_cancel,
    .show = list_show,
};
