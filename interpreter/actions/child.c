#include "actions/child.h"

#include "actions/answer.h"
#include "actions/child_env.h"
#include "actions/input.h"
#include "actions/place.h"
#include "actions/show.h"
#include "actions/sql_place.h"
#include "base/arena.h"
#include "base/units.h"
#include "lang/secret.h"
#include "lang/value.h"
#include "sys/loop.h"
#include "sys/shim.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum {
    VALUE_CAP = 16 * 1024 * 1024, /* the limit of a value; the log has the rest */
    CHILD_UMASK = 022 /* what it makes is readable, as an administrator's shell makes it */
};

struct work {
    struct stage stage;
    const char *program; /* for messages */
    struct process *process;
    struct shim *shim;
    struct task_end end;
    struct buffer output[2]; /* by task_stream */
    bool cut[2];             /* there was more than a value may hold */
    const char *logs[2];     /* their names in the run's folder; NULL for a check */
};

const struct param_about child_outputs[] = {
    {"exit", "int", NULL, true, "its exit code"},
    {"stdout", "string", NULL, true, "what it wrote, at most 16 MiB, without one final newline"},
    {"stderr", "string", NULL, true, "likewise of its errors"},
    {"duration", "duration", NULL, true, "how long it ran"},
    {0},
};

/* ---- describing ---- */

bool child_describe(const struct describing *describing, const struct value *args,
                    struct deed *deed, struct problem *problem)
{
    input_take(describing, args, deed);
    if (describing->env != NULL && describing->env->kind == VALUE_MAP &&
        describing->env->map.count > 0)
        input_add(describing, deed, "default_env", describing->env);
    return child_env_check(describing, deed, "env", problem) &&
           child_env_check(describing, deed, "default_env", problem) &&
           input_is_name(describing, deed, "cwd", problem) &&
           input_is_name(describing, deed, "user", problem);
}

void child_show_before(const struct deed *deed, struct buffer *into)
{
    const struct value *env = input_value(deed, "env");
    for (size_t i = 0; env->kind == VALUE_MAP && i < env->map.count; i++) {
        buffer_format(into, "%s=", env->map.at[i].key);
        show_word(env->map.at[i].value, into);
        buffer_text(into, " ");
    }
}

static void show_where(const struct deed *deed, const char *name, const char *word,
                       struct buffer *into)
{
    if (input_value(deed, name)->kind == VALUE_UNSET)
        return;
    buffer_text(into, word);
    input_show(deed, name, into);
}

void child_show_behind(const struct deed *deed, struct buffer *into)
{
    const struct value *cwd = input_value(deed, "cwd");
    bool stays = cwd->kind == VALUE_TEXT && text_is(cwd->text, ".");
    if (!stays)
        show_where(deed, "cwd", "\n  in ", into);
    show_where(deed, "user", "\n  as ", into);
    show_where(deed, "stall", "\n  ends when it writes nothing for ", into);
}

/* ---- the outcome ---- */

static const struct value *output_value(const struct work *work, enum task_stream stream)
{
    struct text text = buffer_slice(&work->output[stream]);
    if (text.length > 0 && text.at[text.length - 1] == '\n' && !work->cut[stream])
        text.length--;
    return value_text(work->stage.arena, text);
}

/* Why nothing ran, so that the reader knows what to mend. */
static struct outcome not_started(const struct work *work)
{
    static const char *const remedies[] = {
        [TASK_PROGRAM] =
            "install it, or name it by its path (PATH is fixed; `env` can set another)",
        [TASK_CWD] = "`cwd`, or `defaults.cwd`, names a folder that must be there",
        [TASK_USER] = "`user` must be a user of this machine, and only root may become another",
        [TASK_STDIN] = "`stdin_from` names a file that must be readable",
        [TASK_STDOUT] = "`stdout_to` names a file in a folder that must be there",
        [TASK_LOG] = "the run's own log can't be written: look at the state folder",
        [TASK_SYSTEM] = "the machine has no room for another process",
    };
    return answer_ill(work->stage.arena, OUTCOME_NOT_STARTED, "%s was not started: %s; %s",
                      work->program, work->end.failure.text, remedies[work->end.part]);
}

static struct outcome ended_ill(const struct work *work)
{
    struct arena *arena = work->stage.arena;
    const char *program = work->program;
    const char *name = NULL;
    switch (work->end.result) {
    case TASK_EXITED:
        break; /* not asked here */
    case TASK_SIGNALLED:
        name = sigabbrev_np(work->end.code);
        return answer_ill(arena, OUTCOME_DIED, "%s was killed by the signal %s", program,
                          name != NULL ? name : arena_format(arena, "%d", work->end.code));
    case TASK_TIMED_OUT:
        return answer_ill(arena, OUTCOME_TIMED_OUT, "%s did not end within %s and was stopped",
                          program, duration_print(arena, work->stage.limit));
    case TASK_STALLED:
        return answer_ill(arena, OUTCOME_TIMED_OUT,
                          "%s wrote nothing for as long as `stall` says and was stopped", program);
    case TASK_CANCELLED:
        return answer_ill(arena, OUTCOME_CANCELLED, "%s was stopped", program);
    case TASK_NOT_STARTED:
        return not_started(work);
    case TASK_NOT_KEPT:
        return answer_ill(arena, OUTCOME_FAILED, "%s ended well, but its output was not kept: %s",
                          program, work->end.failure.text);
    case TASK_NOT_BEGUN:
        return answer_ill(arena, OUTCOME_NOT_STARTED, "%s was never begun", program);
    case TASK_LOST:
        break;
    }
    return answer_ill(arena, OUTCOME_LOST, "nobody saw how %s ended: %s", program,
                      work->end.failure.text);
}

/* What went wrong beside it, or what is missing in the values. */
static const char *side_note(const struct work *work)
{
    if (work->cut[TASK_OUT] || work->cut[TASK_ERR])
        return work->cut[TASK_OUT] ? "stdout is longer than 16 MiB: the value has its beginning"
                                   : "stderr is longer than 16 MiB: the value has its beginning";
    if (work->end.failure.text[0] == '\0')
        return NULL;
    return arena_format(work->stage.arena, "%s", work->end.failure.text);
}

static struct outcome ended(const struct work *work)
{
    bool well = work->end.result == TASK_EXITED;
    struct answer answer = {.arena = work->stage.arena};
    if (well)
        answer_add(&answer, "exit",
                   value_integer(answer.arena, VALUE_INT, (int64_t)work->end.code));
    answer_add(&answer, "stdout", output_value(work, TASK_OUT));
    answer_add(&answer, "stderr", output_value(work, TASK_ERR));
    answer_add(&answer, "duration",
               value_integer(answer.arena, VALUE_DURATION, work->end.duration));
    struct outcome outcome = answer_ended(&answer);
    if (well) {
        outcome.message = side_note(work);
    } else {
        struct outcome ill = ended_ill(work);
        outcome.kind = ill.kind;
        outcome.message = ill.message;
        if (ill.kind == OUTCOME_NOT_STARTED)
            outcome.outputs = ill.outputs;
    }
    outcome.duration = work->end.duration;
    return outcome;
}

static void tell(void *data)
{
    struct work *work = data;
    struct outcome *outcome = arena_alloc(work->stage.arena, sizeof *outcome);
    *outcome = ended(work);
    buffer_free(&work->output[TASK_OUT]);
    buffer_free(&work->output[TASK_ERR]);
    work->stage.ended(work->stage.context, outcome);
}

/* ---- output ---- */

/* The first bytes of a log; one that can't be read leaves the value short, and the step says so. */
static void read_log(struct work *work, enum task_stream stream)
{
    const char *name = work->logs[stream];
    int fd = openat(work->stage.run_folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        if (errno != ENOENT)
            failure_set(&work->end.failure, errno, "can't read %s", name);
        return;
    }
    struct buffer *into = &work->output[stream];
    char piece[16384];
    ssize_t length;
    while (into->length < VALUE_CAP &&
           ((length = read(fd, piece, sizeof piece)) > 0 || (length < 0 && errno == EINTR)))
        if (length > 0)
            buffer_add(into, piece, (size_t)length);
    if (into->length >= VALUE_CAP) {
        into->length = VALUE_CAP;
        work->cut[stream] = true;
    }
    close(fd);
}

static void read_logs(void *data, const atomic_bool *stop)
{
    (void)stop; /* at most 32 MiB that were just written */
    struct work *work = data;
    read_log(work, TASK_OUT);
    read_log(work, TASK_ERR);
}

static void hear_output(void *data, enum task_stream stream, const char *at, size_t length)
{
    struct work *work = data;
    if (work->stage.run_folder < 0) {
        struct buffer *kept = &work->output[stream];
        size_t room = VALUE_CAP - kept->length;
        work->cut[stream] |= length > room;
        buffer_add(kept, at, length < room ? length : room);
    }
    if (work->stage.output != NULL)
        work->stage.output(work->stage.context, stream == TASK_OUT ? 1 : 2,
                           (struct text){at, length});
}

static void hear_end(void *data, const struct task_end *end)
{
    struct work *work = data;
    work->end = *end;
    work->process = NULL;
    work->shim = NULL;
    bool has_logs = work->stage.run_folder >= 0 && end->bytes[TASK_OUT] + end->bytes[TASK_ERR] > 0;
    if (has_logs)
        loop_work(work->stage.loop, read_logs, tell, work);
    else
        tell(work);
}

/* ---- starting ---- */

static struct work *new_work(const struct deed *deed, const struct stage *stage)
{
    struct work *work = arena_alloc(stage->arena, sizeof *work);
    const struct value *argv = input_value(deed, "argv");
    work->stage = *stage;
    work->program = argv->kind == VALUE_LIST && argv->list.count > 0
                        ? value_print(stage->arena, argv->list.at[0])
                        : "the script";
    if (stage->run_folder >= 0) {
        unsigned long long attempt = stage->attempt;
        work->logs[TASK_OUT] = arena_format(stage->arena, "logs/%llu.out", attempt);
        work->logs[TASK_ERR] = arena_format(stage->arena, "logs/%llu.err", attempt);
    }
    return work;
}

static struct process_watch watch_of(struct work *work)
{
    return (struct process_watch){.output = hear_output, .ended = hear_end, .data = work};
}

struct work *child_start(const struct deed *deed, const struct stage *stage,
                         const char *const *argv)
{
    struct arena *arena = stage->arena;
    struct work *work = new_work(deed, stage);
    const struct value *given = input_value(deed, "stdin");
    struct text input = given->kind == VALUE_UNSET ? (struct text){0}
                                                   : secrets_reveal(arena, stage->secrets, given);
    struct text passfile = sql_place_passfile(deed, stage);
    const char *cwd = input_text(deed, "cwd");
    const char *base = place_base(arena, deed, stage);
    struct task task = {.argv = argv,
                        .env = child_env_make(deed, stage),
                        .cwd = cwd != NULL ? place_join(arena, base, cwd) : base,
                        .user = input_text(deed, "user"),
                        .umask = CHILD_UMASK,
                        .stdin_bytes = input.at,
                        .stdin_length = input.length,
                        .stdin_from = input_text(deed, "stdin_from"),
                        .handed = passfile.at,
                        .handed_length = passfile.length,
                        .mask = secrets_mask(stage->secrets),
                        .stdout_to = input_text(deed, "stdout_to"),
                        .stdout_mode = input_mode(deed, 0),
                        .folder = stage->run_folder,
                        .logs = {work->logs[TASK_OUT], work->logs[TASK_ERR]},
                        .timeout = stage->limit,
                        .stall = input_number(deed, "stall", 0),
                        .grace = stage->grace};
    struct process_watch watch = watch_of(work);
    if (stage->shim)
        work->shim = shim_start(stage->processes, &task, stage->attempt, &watch);
    else
        work->process = process_start(stage->processes, &task, &watch);
    return work;
}

struct work *child_adopt(const struct deed *deed, const struct stage *stage)
{
    struct work *work = new_work(deed, stage);
    struct process_watch watch = watch_of(work);
    work->shim = shim_attach(stage->processes, stage->run_folder, stage->attempt, &watch);
    return work;
}

void child_cancel(struct work *work)
{
    if (work->shim != NULL)
        shim_cancel(work->shim);
    else if (work->process != NULL)
        process_cancel(work->process);
    /* else it has ended, and its logs are being read */
}
