#include "commands/git.h"

#include "base/arena.h"
#include "base/units.h"
#include "commands/load.h"
#include "sys/loop.h"
#include "sys/process.h"

#include <stdlib.h>
#include <string.h>

#define LIMIT   (120 * UNITS_SECOND)
#define GRACE   (2 * UNITS_SECOND)
#define LARGEST (INT64_C(256) << 20) /* bytes that it may print */

struct talk {
    struct buffer *output;
    struct buffer errors;
    struct task_end end;
};

static void heard(void *data, enum task_stream stream, const char *at, size_t length)
{
    struct talk *talk = data;
    buffer_add(stream == TASK_OUT ? talk->output : &talk->errors, at, length);
}

static void ended(void *data, const struct task_end *end)
{
    struct talk *talk = data;
    talk->end = *end;
}

/* What is set for every call, whatever the repository says. */
static const char *const settings[] = {
    "git",
    "--no-pager",
    "--no-optional-locks",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "protocol.allow=never",
    "-c",
    "core.quotePath=false",
};

static const char *const *argv_of(struct arena *arena, const char *const *arguments)
{
    size_t own = sizeof settings / sizeof *settings, count = 0;
    while (arguments[count] != NULL)
        count++;
    const char **argv = arena_alloc(arena, (own + count + 1) * sizeof *argv);
    memcpy(argv, settings, sizeof settings);
    memcpy(argv + own, arguments, count * sizeof *argv);
    return argv;
}

/* Not ours: a GIT_DIR, GIT_CONFIG_… or GIT_EXTERNAL_DIFF of the caller. HOME stays, since what is a
 * safe.directory stands there. */
static const char *const *environment(struct arena *arena)
{
    static const char *const fixed[] = {"LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_NO_LAZY_FETCH=1",
                                        "GIT_OPTIONAL_LOCKS=0"};
    static const char *const kept[] = {"PATH", "HOME", "XDG_CONFIG_HOME"};
    const char **env = arena_alloc(arena, 16 * sizeof *env);
    size_t count = 0;
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        env[count++] = fixed[i];
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (getenv(kept[i]) != NULL)
            env[count++] = arena_format(arena, "%s=%s", kept[i], getenv(kept[i]));
    return env;
}

static bool judge(struct talk *talk, const char *const *arguments, struct failure *failure)
{
    const struct task_end *end = &talk->end;
    const char *said = talk->errors.at ? talk->errors.at : "";
    if (end->result == TASK_NOT_STARTED)
        return failure_set(failure, 0, "git can't be run: %s", end->failure.text);
    if (end->result != TASK_EXITED)
        return failure_set(failure, 0, "git %s: %s", arguments[0], task_result_name(end->result));
    if (end->cut[TASK_OUT])
        return failure_set(failure, 0, "git %s prints too much", arguments[0]);
    if (end->code != 0)
        return failure_set(failure, 0, "git %s ended with %d%s%.*s", arguments[0], end->code,
                           said[0] ? ": " : "", (int)strcspn(said, "\n"), said);
    return true;
}

static void start(struct processes *processes, const struct task *task, struct talk *talk,
                  struct loop *loop)
{
    const struct process_watch watch = {.output = heard, .ended = ended, .data = talk};
    (void)process_start(processes, task, &watch);
    loop_run(loop);
}

bool git_run(struct arena *arena, const char *folder, const char *const *arguments,
             struct text input, struct buffer *output, struct failure *failure)
{
    struct loop *loop = loop_new(NULL, failure);
    struct talk talk = {.output = output, .end = {.result = TASK_LOST}};
    if (loop == NULL)
        return false;
    struct processes *processes = processes_new(
        &(struct processes_options){.loop = loop, .run = "diff", .shim = load_shim(arena)});
    const struct task task = {.argv = argv_of(arena, arguments),
                              .env = environment(arena),
                              .cwd = folder,
                              .umask = 022,
                              .stdin_bytes = input.length ? input.at : NULL,
                              .stdin_length = input.length,
                              .folder = -1,
                              .log_cap = LARGEST,
                              .timeout = LIMIT,
                              .grace = GRACE};
    start(processes, &task, &talk, loop);
    processes_free(processes);
    loop_free(loop);
    bool good = judge(&talk, arguments, failure);
    buffer_free(&talk.errors);
    return good;
}

const char *git_line(struct arena *arena, const char *folder, const char *const *arguments,
                     struct failure *failure)
{
    struct buffer output = {0};
    const char *line = NULL;
    if (git_run(arena, folder, arguments, (struct text){0}, &output, failure)) {
        const char *said = output.at ? output.at : "";
        line = arena_copy(arena, said, strcspn(said, "\n"));
    }
    buffer_free(&output);
    return line;
}
