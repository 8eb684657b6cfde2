/* runbook-shim: the small process between the interpreter and an action that may not be repeated.
 * It outlives the interpreter, so that somebody always sees how the action ends.
 *
 * What it does, in this order, and why:
 *   1. it reads its order (sys/order.h), becomes subreaper, and watches for SIGTERM, which cancels;
 *   2. it syncs the folder of the attempt's file, whose name the interpreter made;
 *   3. the child writes START and syncs it, right before exec: no START, no action;
 *   4. it sees the action to its end or its limit, writes its logs, and ends its tree;
 *   5. it writes OUTCOME and syncs it, after the logs that OUTCOME does not hold itself.
 * With the intent, that the interpreter synced before, that makes four syncs.
 * It dies at no signal but SIGKILL: all are blocked. Then its child dies with it, START stands
 * without OUTCOME, and the lock on the file is free: the attempt is lost, and known to be.
 *
 * As a light shim it holds together the tree of a process that may be repeated, where no cgroup
 * does: no START, no sync, no logs, and it ends with the interpreter.
 * Links libc alone: it has to begin fast. */
#include "sys/attempt.h"
#include "sys/order.h"
#include "sys/supervise.h"
#include "sys/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* An output that is not longer stands in OUTCOME itself: both, with START, within one block. */
enum { SHORT = 1024 };

struct shim {
    struct order order;
    struct supervise supervise;
    struct cgroup cgroup;
    int signals;
    pid_t parent; /* who started us */
    pid_t pid;    /* the action */
    bool started_tried;
    bool news; /* a log has grown since the interpreter was told */
    char output[2][SHORT];
    size_t kept[2];
};

static int64_t clock_of(clockid_t id)
{
    struct timespec time;
    clock_gettime(id, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static int64_t now(void)
{
    return clock_of(CLOCK_MONOTONIC);
}

/* The interpreter may be gone, or may not have looked for long: then it loses nothing. */
static void tell_news(struct shim *shim)
{
    static const uint64_t one = 1;
    shim->news = false;
    while (write(ORDER_NEWS, &one, sizeof one) < 0 && errno == EINTR)
        ;
}

static void on_output(void *data, enum task_stream stream, const char *at, size_t length)
{
    struct shim *shim = data;
    size_t room = SHORT - shim->kept[stream];
    size_t taken = length < room ? length : room;
    memcpy(shim->output[stream] + shim->kept[stream], at, taken);
    shim->kept[stream] += taken;
    shim->news = true;
}

/* In the child, right before exec. */
static bool write_start(void *data, struct failure *failure)
{
    struct shim *shim = data;
    struct attempt_start start = {.pid = getpid(), .shim = getppid()};
    struct tree_stat stat;
    shim->started_tried = true;
    start.started = clock_of(CLOCK_REALTIME);
    if (tree_stat(start.pid, &stat))
        start.pid_started = stat.ticks;
    if (tree_stat(start.shim, &stat))
        start.shim_started = stat.ticks;
    memcpy(start.boot, shim->order.boot, sizeof start.boot);
    if (shim->cgroup.folder >= 0)
        memcpy(start.cgroup, shim->cgroup.path, sizeof start.cgroup);
    return attempt_started(ORDER_ATTEMPT, &start, true, failure);
}

/* Syncs a folder, or a file, by its name. */
static bool sync_name(const char *name, struct failure *failure)
{
    int fd = openat(ORDER_FOLDER, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    bool synced = fd >= 0 && fsync(fd) == 0;
    int error = errno;
    if (fd >= 0)
        close(fd);
    return synced || failure_set(failure, error, "can't sync %s", name);
}

/* Output that OUTCOME is too small for has to be on the disk before it, with the name of its log.
 * A log that can't be synced takes the outcome nothing away: its length is in OUTCOME. */
static void sync_logs(struct shim *shim)
{
    bool any = false;
    for (int i = 0; i < 2; i++) {
        struct output *log = &shim->supervise.logs[i];
        if (log->bytes <= SHORT || !log->name || log->failure.text[0])
            continue;
        any = true;
        sync_name(log->name, &shim->supervise.end.failure);
    }
    if (any)
        sync_name("logs", &shim->supervise.end.failure);
}

static void write_outcome(struct shim *shim)
{
    struct task_end *end = &shim->supervise.end;
    const char *output[2] = {NULL, NULL};
    for (int i = 0; i < 2; i++)
        if (end->bytes[i] <= SHORT && shim->kept[i] == end->bytes[i])
            output[i] = shim->output[i];
    struct failure failure;
    /* When it can't be written there is nobody to tell: the attempt is lost, and seen to be. */
    attempt_ended(ORDER_ATTEMPT, end, output, !shim->order.light, &failure);
}

/* When the interpreter is gone nobody uses the cgroup again: it is removed, and the run's with it
 * if that was the last. */
static void leave_cgroup(struct shim *shim)
{
    char *path = shim->cgroup.path, *last = strrchr(path, '/');
    if (shim->cgroup.folder < 0 || getppid() == shim->parent)
        return;
    cgroup_close(&shim->cgroup);
    if (!cgroup_remove(path) || !last)
        return;
    *last = '\0';
    cgroup_remove(path);
}

static _Noreturn void finish(struct shim *shim)
{
    struct supervise *supervise = &shim->supervise;
    if (supervise->streams.to_file && supervise->end.result == TASK_EXITED &&
        supervise->end.code == 0) {
        if (!file_commit(&supervise->streams.aside, &supervise->end.failure)) {
            supervise->end.result = TASK_NOT_KEPT;
            supervise->end.part = TASK_STDOUT;
        }
        supervise->streams.to_file = false;
    }
    supervise_close(supervise);
    if (!shim->order.light)
        sync_logs(shim);
    write_outcome(shim);
    tell_news(shim);
    leave_cgroup(shim);
    _exit(0);
}

/* Nothing of it ran: said alone, without a START that may be half there. */
static _Noreturn void not_started(struct shim *shim, enum task_result result, enum task_part part,
                                  const struct failure *failure)
{
    shim->supervise.end = (struct task_end){
        .result = result, .part = part, .started = clock_of(CLOCK_REALTIME), .failure = *failure};
    if (shim->started_tried && part == TASK_SYSTEM && ftruncate(ORDER_ATTEMPT, 0) != 0)
        _exit(1);
    write_outcome(shim);
    _exit(0);
}

/* What it begins with: nothing of the interpreter's but its order and the descriptors in it. */
static void prepare(struct shim *shim)
{
    sigset_t all, watched;
    shim->parent = getppid();
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL); /* they are already: so it was started */
    sigemptyset(&watched);
    sigaddset(&watched, SIGTERM);
    sigaddset(&watched, SIGCHLD);
    shim->signals = signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
    for (int fd = ORDER_FD; fd < ORDER_FDS; fd++)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    /* There may be secrets in its order. */
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    struct failure failure;
    if (shim->signals < 0 || !order_read(ORDER_FD, &shim->order, &failure))
        _exit(70); /* nothing was begun, and nothing says so: that is the proof */
    close(ORDER_FD);
}

static bool was_cancelled(const struct shim *shim)
{
    struct signalfd_siginfo signal;
    return read(shim->signals, &signal, sizeof signal) > 0 && signal.ssi_signo == SIGTERM;
}

/* Takes the descriptors that a light shim was given, or opens its own. */
static void open_streams(struct shim *shim, struct streams *streams)
{
    const struct order *order = &shim->order;
    struct streams_given given = {.input = order->stdin_given ? ORDER_STDIN : -1,
                                  .handed = order->handed ? ORDER_HANDED : -1};
    if (order->light) {
        *streams = (struct streams){.given = {ORDER_STDIN, ORDER_OUT, ORDER_ERR, given.handed},
                                    .read = {-1, -1}};
        return;
    }
    enum task_part part;
    struct failure failure = {0};
    if (!sync_name("attempts", &failure))
        not_started(shim, TASK_NOT_STARTED, TASK_SYSTEM, &failure);
    if (!streams_open(&order->task, &given, streams, &part, &failure))
        not_started(shim, TASK_NOT_STARTED, part, &failure);
}

/* Starts the action; without its cgroup, as subreaper alone, when the kernel refuses that. */
static void start(struct shim *shim, struct streams *streams)
{
    const struct order *order = &shim->order;
    struct spawn spec = {
        .argv = order->task.argv,
        .env = order->task.env,
        .cwd = order->task.cwd,
        .identity = &order->identity,
        .umask = order->task.umask,
        .fds = streams->given,
        .fd_count = streams_count(streams),
        .death_signal = SIGKILL,
        .before = order->light ? NULL : write_start,
        .data = shim,
    };
    struct spawned spawned;
    struct failure failure = {0};
    if (order->cgroup != CGROUP_NONE &&
        cgroup_open(order->cgroup, order->cgroup_path, &shim->cgroup))
        spec.cgroup = &shim->cgroup;
    bool started = spawn(&spec, &spawned, &failure);
    if (!started && spawned.cgroup_refused && spec.cgroup) {
        cgroup_close(&shim->cgroup);
        spec.cgroup = NULL;
        started = spawn(&spec, &spawned, &failure);
    }
    if (!started) {
        streams_close(streams);
        not_started(shim, TASK_NOT_STARTED, spawned.part, &failure);
    }
    shim->pid = spawned.pid;
    close(spawned.pidfd);
}

static void begin(struct shim *shim)
{
    struct streams streams;
    struct failure failure = {.text = "cancelled before it started"};
    shim->cgroup.folder = shim->cgroup.procs = -1;
    if (was_cancelled(shim))
        not_started(shim, TASK_NOT_BEGUN, TASK_SYSTEM, &failure);
    open_streams(shim, &streams);
    start(shim, &streams);
    struct supervise *supervise = &shim->supervise;
    supervise->tree = (struct supervise_tree){
        .cgroup = shim->cgroup.folder >= 0 ? &shim->cgroup : NULL,
        .root = getpid(),
        .has_children = true,
    };
    supervise->output = on_output;
    supervise->data = shim;
    supervise_begin(supervise, &shim->order.task, &streams, now(), clock_of(CLOCK_REALTIME));
    streams_started(&supervise->streams);
}

/* Everybody who ended: the action, and orphans of its tree, which come to us. */
static void reap(struct shim *shim)
{
    for (;;) {
        int status;
        pid_t pid = waitpid(-1, &status, WNOHANG);
        if (pid == shim->pid)
            supervise_ended(&shim->supervise, status, now());
        if (pid < 0 && errno == EINTR)
            continue;
        if (pid <= 0) {
            shim->supervise.tree.has_children = pid == 0;
            return;
        }
    }
}

static void take_signals(struct shim *shim)
{
    struct signalfd_siginfo signal;
    while (read(shim->signals, &signal, sizeof signal) == sizeof signal)
        if (signal.ssi_signo == SIGTERM)
            supervise_cancel(&shim->supervise, now());
    reap(shim);
}

/* Milliseconds until NEXT, never too few. */
static int wait_until(int64_t next)
{
    if (next == INT64_MAX)
        return -1;
    int64_t wait = next - now();
    if (wait <= 0)
        return 0;
    int64_t milliseconds = (wait + 999999) / 1000000;
    return milliseconds < INT32_MAX ? (int)milliseconds : INT32_MAX;
}

static void watch(struct shim *shim)
{
    struct supervise *supervise = &shim->supervise;
    while (!supervise_tick(supervise, now())) {
        if (shim->news)
            tell_news(shim);
        struct pollfd polled[] = {{shim->signals, POLLIN, 0},
                                  {supervise->streams.read[TASK_OUT], POLLIN, 0},
                                  {supervise->streams.read[TASK_ERR], POLLIN, 0}};
        if (poll(polled, 3, wait_until(supervise_next(supervise))) <= 0)
            continue;
        for (int i = 0; i < 2; i++)
            if (polled[i + 1].revents)
                supervise_read(supervise, (enum task_stream)i, now());
        if (polled[0].revents)
            take_signals(shim);
    }
}

int main(void)
{
    struct shim *shim = calloc(1, sizeof *shim);
    if (!shim)
        return 70;
    prepare(shim);
    begin(shim);
    watch(shim);
    finish(shim);
}
