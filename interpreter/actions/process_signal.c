/* process.signal: a signal to the processes that are meant, and to no other.
 * A pid comes again: each is signalled by pid and start time, through a descriptor of the process.
 */
#include "actions/actions.h"
#include "actions/input.h"
#include "actions/matching.h"
#include "base/arena.h"
#include "lang/value.h"
#include "sys/procfs.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

/* "TERM" or "SIGTERM"; 0 when there is no such signal. */
static int signal_number(const char *name)
{
    if (strncmp(name, "SIG", 3) == 0)
        name += 3;
    for (int number = 1; number < SIGRTMIN; number++) {
        const char *known = sigabbrev_np(number);
        if (known != NULL && strcmp(known, name) == 0)
            return number;
    }
    return 0;
}

static bool signal_describe(const struct describing *describing, const struct value *args,
                            struct deed *deed, struct problem *problem)
{
    if (!matching_describe(describing, args, deed, problem))
        return false;
    const char *name = input_text(deed, "signal");
    if (name != NULL && signal_number(name) == 0)
        return input_refuse(
            describing, problem,
            "process.signal: there is no signal \"%s\"; as in TERM, KILL, HUP, USR1", name);
    if (!matching_is_given(deed) && input_value(deed, "pids")->kind == VALUE_UNSET)
        return input_refuse(describing, problem,
                            "process.signal: say which: `command`, `exe`, `user` or `pids`");
    return true;
}

/* Is PID among those that the deed names, or does it name none? */
static bool is_named(const struct deed *deed, pid_t pid)
{
    const struct value *pids = input_value(deed, "pids");
    if (pids->kind != VALUE_LIST)
        return true;
    for (size_t i = 0; i < pids->list.count; i++)
        if (pids->list.at[i]->kind == VALUE_INT && pids->list.at[i]->integer == pid)
            return true;
    return false;
}

/* Why nothing may be signalled, or NULL. */
static const char *refusal(struct blocking *blocking, const struct matching *matching)
{
    const struct value *pids = input_value(blocking->deed, "pids");
    bool us = matching->means_us && is_named(blocking->deed, getpid());
    if (us && pids->kind == VALUE_LIST)
        return "`pids` names runbook itself";
    if (us)
        return "it would meet runbook itself; make the pattern narrower, or name the program by "
               "`exe`";
    for (size_t i = 0; pids->kind == VALUE_LIST && i < pids->list.count; i++)
        if (pids->list.at[i]->kind == VALUE_INT && pids->list.at[i]->integer <= 1)
            return "`pids` names process 1, or none";
    return NULL;
}

static bool signal_all(struct blocking *blocking, const struct matching *matching, int64_t *count,
                       struct failure *failure)
{
    int number = signal_number(input_text(blocking->deed, "signal"));
    bool good = true;
    for (size_t i = 0; i < matching->found.count; i++) {
        const struct procfs_process *process = matching->found.at[i];
        struct failure why;
        if (!is_named(blocking->deed, process->pid))
            continue;
        switch (procfs_signal(process->pid, process->ticks, number, &why)) {
        case PROCFS_SIGNALLED:
            ++*count;
            break;
        case PROCFS_GONE:
            break;
        case PROCFS_REFUSED:
            good = failure_set(failure, 0, "%s", why.text);
            break;
        }
    }
    return good;
}

static struct outcome signal_run(struct blocking *blocking)
{
    struct arena *arena = blocking->arena;
    struct answer answer = {.arena = arena};
    struct matching matching;
    struct failure failure;
    int64_t count = 0;
    if (!matching_find(blocking, &matching, &failure))
        return blocking_failed(blocking, &failure);
    const char *why = refusal(blocking, &matching);
    if (why != NULL)
        return answer_ill(arena, OUTCOME_NOT_STARTED, "nothing was signalled: %s", why);
    if (!signal_all(blocking, &matching, &count, &failure))
        return answer_ill(arena, OUTCOME_FAILED, "%s; %lld others were signalled", failure.text,
                          (long long)count);
    answer_add(&answer, "count", value_integer(arena, VALUE_INT, count));
    return answer_ended(&answer);
}

static struct work *signal_start(const struct deed *deed, const struct stage *stage)
{
    return blocking_start(deed, stage, signal_run);
}

static void signal_show(const struct deed *deed, struct buffer *into)
{
    buffer_text(into, "send ");
    input_show(deed, "signal", into);
    buffer_text(into, " to the processes");
    if (input_value(deed, "pids")->kind != VALUE_UNSET) {
        buffer_text(into, " ");
        input_show(deed, "pids", into);
    }
    matching_show(deed, into);
}

static const struct param_about signal_params[] = {
    MATCHING_PARAMS,
    {"pids", "list<int>", NULL, false,
     "these alone, as `[p.pid for p in steps.x.processes]`; with a pattern beside it, those of "
     "them that meet it"},
    {"signal", "string", "TERM", false, "its name: TERM, KILL, HUP, INT, USR1 …"},
    {0},
};
static const struct param_about signal_outputs[] = {
    {"count", "int", NULL, true,
     "how many were signalled; what had ended meanwhile is not counted"},
    {0},
};

const struct core_action action_process_signal = {
    .name = "process.signal",
    .about =
        "Signals all processes that meet what is given. Never runbook itself, what started it, or "
        "process 1; "
        "a pattern that would meet runbook itself is refused. Whether they ended is for `verify`.",
    .effect = EFFECT_CHANGE,
    .form = FORM_WORK,
    .params = signal_params,
    .outputs = signal_outputs,
    .describe = signal_describe,
    .start = signal_start,
    .cancel = blocking_cancel,
    .show = signal_show,
};
