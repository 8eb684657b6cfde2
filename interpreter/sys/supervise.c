#include "sys/supervise.h"

#include "sys/tree.h"

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* How long a pipe that somebody else still holds is waited for after the program ended. */
static const int64_t drain = 200000000;
/* How often a tree that is ending is looked at. */
static const int64_t look = 5000000;

/* What may be shown of a stream goes into its log and is told. */
static void keep(void *data, const char *at, size_t length)
{
    struct shown *shown = data;
    struct supervise *supervise = shown->supervise;
    size_t kept = output_add(&supervise->logs[shown->stream], at, length);
    if (kept > 0 && supervise->output)
        supervise->output(supervise->data, (enum task_stream)shown->stream, at, kept);
}

void supervise_begin(struct supervise *supervise, const struct task *task,
                     const struct streams *streams, int64_t now, int64_t wall)
{
    supervise->phase = SUPERVISE_RUNNING;
    supervise->task = task;
    supervise->streams = *streams;
    supervise->now = now;
    supervise->file_size = 0;
    supervise->forced = false;
    supervise->end = (struct task_end){.started = wall};
    for (int i = 0; i < 2; i++) {
        output_begin(&supervise->logs[i], task->folder, task->folder < 0 ? NULL : task->logs[i],
                     task->log_cap);
        supervise->shown[i] = (struct shown){supervise, i};
        supervise->masked[i] =
            (struct mask_stream){.mask = task->mask, .keep = keep, .data = &supervise->shown[i]};
    }
    limit_begin(&supervise->limit, task, now);
}

static bool is_open(const struct supervise *supervise)
{
    return supervise->streams.read[0] >= 0 || supervise->streams.read[1] >= 0;
}

static void close_stream(struct supervise *supervise, int stream)
{
    if (supervise->streams.read[stream] >= 0)
        close(supervise->streams.read[stream]);
    supervise->streams.read[stream] = -1;
}

/* Reads up to ROUNDS pieces, or until nothing is there now. */
static void read_some(struct supervise *supervise, int stream, int rounds)
{
    char piece[65536];
    int fd = supervise->streams.read[stream];
    while (fd >= 0 && rounds-- > 0) {
        ssize_t got = read(fd, piece, sizeof piece);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == EAGAIN)
            return;
        if (got <= 0) {
            close_stream(supervise, stream);
            return;
        }
        limit_output(&supervise->limit, supervise->now);
        mask_stream_add(&supervise->masked[stream], piece, (size_t)got);
    }
}

void supervise_read(struct supervise *supervise, enum task_stream stream, int64_t now)
{
    enum { PIECES = 4 }; /* then others have their turn */
    supervise->now = now;
    read_some(supervise, (int)stream, PIECES);
}

/* What is in the pipes now; not more than a pipe can hold, or a writer that never tires would keep
 * us here. */
static void read_rest(struct supervise *supervise)
{
    enum { PIECES = 16 };
    for (int stream = 0; stream < 2; stream++)
        read_some(supervise, stream, PIECES);
}

/* One that ended while it was being ended did not end by itself. */
static void set_result(struct supervise *supervise, enum task_result result, int code)
{
    bool asked = supervise->limit.phase != LIMIT_RUNNING;
    supervise->end.result = asked ? supervise->limit.why : result;
    supervise->end.code = asked && result == TASK_SIGNALLED ? 128 + code : code;
}

static void note_end(struct supervise *supervise, int64_t now)
{
    supervise->now = now;
    supervise->end.duration = now - supervise->limit.began;
    supervise->phase =
        supervise->limit.phase == LIMIT_RUNNING ? SUPERVISE_DRAINING : SUPERVISE_ENDING;
    supervise->drain_until = now + drain;
    read_rest(supervise);
}

void supervise_ended(struct supervise *supervise, int status, int64_t now)
{
    if (WIFSIGNALED(status))
        set_result(supervise, TASK_SIGNALLED, WTERMSIG(status));
    else
        set_result(supervise, TASK_EXITED, WEXITSTATUS(status));
    note_end(supervise, now);
}

void supervise_told(struct supervise *supervise, const struct task_end *end, int64_t now)
{
    supervise->end.part = end->part;
    supervise->end.failure = end->failure;
    if (end->result == TASK_CANCELLED && supervise->limit.phase != LIMIT_RUNNING)
        set_result(supervise, TASK_EXITED, end->code); /* by us: for the reason that we know */
    else
        set_result(supervise, end->result, end->code);
    if (end->result == TASK_NOT_STARTED)
        supervise->end.result = TASK_NOT_STARTED;
    note_end(supervise, now);
}

static void terminate_tree(struct supervise *supervise)
{
    struct supervise_tree *tree = &supervise->tree;
    if (tree->cgroup)
        cgroup_signal(tree->cgroup, SIGTERM);
    else if (tree->light > 0)
        kill(tree->light, SIGTERM);
    else
        tree_signal(tree->root, SIGTERM);
}

static void kill_tree(struct supervise *supervise)
{
    struct supervise_tree *tree = &supervise->tree;
    supervise->forced = true;
    if (tree->cgroup)
        cgroup_kill(tree->cgroup);
    else if (tree->light == 0)
        tree_kill(tree->root);
    /* A light shim kills by itself, at the end of the same grace. */
}

static bool tree_empty(const struct supervise *supervise)
{
    const struct supervise_tree *tree = &supervise->tree;
    if (tree->cgroup)
        return cgroup_empty(tree->cgroup);
    return tree->light > 0 || !tree->has_children;
}

static void finish(struct supervise *supervise)
{
    read_rest(supervise);
    struct stat stat;
    for (int i = 0; i < 2; i++) {
        mask_stream_end(&supervise->masked[i]);
        const struct output *log = &supervise->logs[i];
        supervise->end.bytes[i] = log->bytes;
        supervise->end.cut[i] = log->cut;
        if (log->failure.text[0] && !supervise->end.failure.text[0])
            supervise->end.failure = log->failure;
        output_end(&supervise->logs[i]);
        close_stream(supervise, i);
    }
    if (supervise->streams.to_file && fstat(supervise->streams.aside.fd, &stat) == 0)
        supervise->end.bytes[TASK_OUT] = (uint64_t)stat.st_size;
    supervise->phase = SUPERVISE_OVER;
}

void supervise_cancel(struct supervise *supervise, int64_t now)
{
    supervise->now = now;
    if (supervise->phase == SUPERVISE_OVER ||
        limit_end(&supervise->limit, TASK_CANCELLED, now) == LIMIT_NOTHING)
        return;
    terminate_tree(supervise);
    if (supervise->phase == SUPERVISE_DRAINING)
        supervise->phase = SUPERVISE_ENDING; /* it had ended by itself: its result stands */
}

static void end_rest(struct supervise *supervise)
{
    supervise->phase = SUPERVISE_ENDING;
    if (limit_end(&supervise->limit, TASK_CANCELLED, supervise->now) == LIMIT_TERMINATE)
        terminate_tree(supervise);
}

static void drained(struct supervise *supervise)
{
    bool well = supervise->end.result == TASK_EXITED && supervise->end.code == 0;
    if (!well && !tree_empty(supervise)) {
        end_rest(supervise);
        return;
    }
    if (well && supervise->tree.cgroup)
        cgroup_let_go(supervise->tree.cgroup);
    finish(supervise);
}

/* A file that grows is output too. */
static void look_at_file(struct supervise *supervise)
{
    struct stat stat;
    if (!supervise->streams.to_file || supervise->task->stall <= 0 ||
        fstat(supervise->streams.aside.fd, &stat) != 0 || stat.st_size == supervise->file_size)
        return;
    supervise->file_size = stat.st_size;
    limit_output(&supervise->limit, supervise->now);
}

static void keep_limits(struct supervise *supervise)
{
    if (supervise->limit.phase == LIMIT_RUNNING && supervise->now >= limit_next(&supervise->limit))
        look_at_file(supervise);
    switch (limit_tick(&supervise->limit, supervise->now)) {
    case LIMIT_NOTHING:
        break;
    case LIMIT_TERMINATE:
        terminate_tree(supervise);
        break;
    case LIMIT_KILL:
        kill_tree(supervise);
        break;
    case LIMIT_GIVE_UP:
        /* Nothing more can be done; who reads of it can see what is left. */
        failure_set(&supervise->end.failure, 0, "its processes could not be ended");
        if (supervise->phase == SUPERVISE_RUNNING) {
            supervise->end.result = supervise->limit.why;
            supervise->end.duration = supervise->now - supervise->limit.began;
        }
        finish(supervise);
        break;
    }
}

bool supervise_tick(struct supervise *supervise, int64_t now)
{
    supervise->now = now;
    switch (supervise->phase) {
    case SUPERVISE_RUNNING:
        keep_limits(supervise);
        break;
    case SUPERVISE_DRAINING:
        if (!is_open(supervise) || now >= supervise->drain_until)
            drained(supervise);
        break;
    case SUPERVISE_ENDING:
        if (tree_empty(supervise))
            finish(supervise);
        else
            keep_limits(supervise);
        break;
    case SUPERVISE_OVER:
        break;
    }
    return supervise->phase == SUPERVISE_OVER;
}

int64_t supervise_next(const struct supervise *supervise)
{
    switch (supervise->phase) {
    case SUPERVISE_RUNNING:
        return limit_next(&supervise->limit);
    case SUPERVISE_DRAINING:
        return supervise->drain_until;
    case SUPERVISE_ENDING:
        return supervise->now + look;
    case SUPERVISE_OVER:
        break;
    }
    return INT64_MAX;
}

void supervise_close(struct supervise *supervise)
{
    streams_close(&supervise->streams);
    for (int i = 0; i < 2; i++)
        output_end(&supervise->logs[i]);
}
