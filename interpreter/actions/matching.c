#include "actions/matching.h"

#include "actions/input.h"
#include "base/arena.h"
#include "lang/pattern.h"
#include "lang/value.h"
#include "sys/procfs.h"

#include <string.h>
#include <unistd.h>

bool matching_describe(const struct describing *describing, const struct value *args,
                       struct deed *deed, struct problem *problem)
{
    input_take(describing, args, deed);
    return input_is_name(describing, deed, "command", problem) &&
           input_is_name(describing, deed, "exe", problem) &&
           input_is_name(describing, deed, "user", problem);
}

static const char *const criteria[] = {"command", "exe", "user"};
enum { CRITERIA = sizeof criteria / sizeof *criteria };

bool matching_is_given(const struct deed *deed)
{
    for (size_t i = 0; i < CRITERIA; i++)
        if (input_value(deed, criteria[i])->kind != VALUE_UNSET)
            return true;
    return false;
}

void matching_show(const struct deed *deed, struct buffer *into)
{
    static const char *const words[CRITERIA] = {"whose command line matches ", "of the program ",
                                                "of the user "};
    const char *joint = " ";
    for (size_t i = 0; i < CRITERIA; i++) {
        if (input_value(deed, criteria[i])->kind == VALUE_UNSET)
            continue;
        buffer_format(into, "%s%s", joint, words[i]);
        input_show(deed, criteria[i], into);
        joint = " and ";
    }
}

/* ---- one process ---- */

static bool is_exe(const char *exe, const char *wanted)
{
    static const char deleted[] = " (deleted)"; /* its file was replaced since it began */
    size_t length = strlen(exe), end = strlen(deleted);
    if (length > end && strcmp(exe + length - end, deleted) == 0)
        length -= end;
    size_t want = strlen(wanted);
    if (want > length || memcmp(exe + length - want, wanted, want) != 0)
        return false;
    return want == length || (strchr(wanted, '/') == NULL && exe[length - want - 1] == '/');
}

static bool is_user(struct arena *arena, const struct procfs_process *process, const char *wanted)
{
    return strcmp(process->user, wanted) == 0 ||
           strcmp(arena_format(arena, "%u", process->uid), wanted) == 0;
}

struct criteria {
    struct arena *arena;
    const struct pattern *command;
    const char *exe, *user;
};

/* 1: it meets all that is given; 0; -1 with FAILURE when the pattern can't be looked for. */
static int meets(const struct criteria *given, const struct procfs_process *process,
                 struct failure *failure)
{
    struct text whole, group;
    const char *problem = NULL;
    if (given->user != NULL && !is_user(given->arena, process, given->user))
        return 0;
    if (given->exe != NULL && !is_exe(process->exe, given->exe))
        return 0;
    if (given->command == NULL)
        return 1;
    switch (pattern_match(given->command, text_of(process->command), 0, &whole, &group, &problem)) {
    case PATTERN_FOUND:
        return 1;
    case PATTERN_ABSENT:
        return 0;
    case PATTERN_ERROR:
        break;
    }
    failure_set(failure, 0, "`command` can't be looked for: %s", problem);
    return -1;
}

/* ---- all of them ---- */

static const struct procfs_process *by_pid(const struct list *all, pid_t pid)
{
    for (size_t i = 0; i < all->count; i++) {
        const struct procfs_process *process = all->at[i];
        if (process->pid == pid)
            return process;
    }
    return NULL;
}

/* This program, what started it, and so on up to process 1. */
static bool is_ours(const struct list *all, pid_t pid)
{
    if (pid == 1)
        return true;
    const struct procfs_process *at = by_pid(all, getpid());
    for (size_t steps = 0; at != NULL && steps <= all->count; steps++) {
        if (at->pid == pid)
            return true;
        at = by_pid(all, at->parent);
    }
    return false;
}

static bool may_be_meant(const struct list *all, const struct procfs_process *process)
{
    return process->state != 'Z' && process->state != 'X' && !is_ours(all, process->pid);
}

static bool read_criteria(struct blocking *blocking, struct criteria *given,
                          struct failure *failure)
{
    const char *command = input_text(blocking->deed, "command");
    const char *problem = NULL;
    size_t offset = 0;
    *given = (struct criteria){.arena = blocking->arena,
                               .exe = input_text(blocking->deed, "exe"),
                               .user = input_text(blocking->deed, "user")};
    if (command == NULL)
        return true;
    given->command = pattern_compile(blocking->arena, text_of(command), &problem, &offset);
    return given->command != NULL ||
           failure_set(failure, 0, "`command` is no pattern: %s", problem);
}

bool matching_find(struct blocking *blocking, struct matching *matching, struct failure *failure)
{
    struct list all = {0};
    struct criteria given;
    *matching = (struct matching){0};
    if (!read_criteria(blocking, &given, failure) || !procfs_list(blocking->arena, &all, failure))
        return false;
    for (size_t i = 0; i < all.count; i++) {
        struct procfs_process *process = all.at[i];
        bool ourselves = process->pid == getpid();
        bool meant = may_be_meant(&all, process);
        if (blocking_stopped(blocking, failure))
            return false;
        int met = meant || ourselves ? meets(&given, process, failure) : 0;
        if (met < 0)
            return false;
        if (met > 0 && meant)
            list_add(blocking->arena, &matching->found, process);
        matching->means_us |= met > 0 && ourselves;
    }
    return true;
}
