#include "sys/process.h"

#include "base/arena.h"
#include "sys/attempt.h"
#include "sys/order.h"
#include "sys/room.h"
#include "sys/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

struct process {
    struct arena *arena; /* owns it */
    struct processes *processes;
    struct process_watch watch;
    struct ready ready;
    struct slot *slot; /* its cgroup; NULL: under a light shim */
    int pidfd;
    int told;    /* of a light shim: where it writes how it ended */
    pid_t pid;   /* the program, or its light shim */
    bool cancel; /* asked for before it had started */
    struct supervise supervise;
    struct loop_watch *end, *streams[2];
    struct loop_timer timer, poll, cancelling;
    struct loop_work *commit;
};

static void step(struct process *process);

static void free_process(struct process *process)
{
    loop_timer_stop(&process->timer);
    loop_timer_stop(&process->poll);
    loop_timer_stop(&process->cancelling);
    loop_unwatch(process->end);
    loop_unwatch(process->streams[0]);
    loop_unwatch(process->streams[1]);
    if (process->pidfd >= 0)
        close(process->pidfd);
    if (process->told >= 0)
        close(process->told);
    room_give(process->processes, process->slot, !process->supervise.forced);
    supervise_close(&process->supervise);
    arena_free(process->arena);
}

static void tell_end(struct process *process)
{
    struct process_watch watch = process->watch;
    struct task_end end = process->supervise.end;
    free_process(process);
    if (watch.ended)
        watch.ended(watch.data, &end);
}

static void not_started(struct process *process, enum task_part part, const struct failure *failure)
{
    process->supervise.end = (struct task_end){
        .result = process->cancel ? TASK_NOT_BEGUN : TASK_NOT_STARTED,
        .part = part,
        .failure = *failure,
        .started = loop_wall(process->processes->loop),
    };
    tell_end(process);
}

/* The file that was written aside goes to its place in the pool: that waits for the disk. */
static void commit_file(void *data, const atomic_bool *stop)
{
    (void)stop; /* it has ended well: what it wrote is kept */
    struct process *process = data;
    struct supervise *supervise = &process->supervise;
    if (!file_commit(&supervise->streams.aside, &supervise->end.failure)) {
        supervise->end.result = TASK_NOT_KEPT;
        supervise->end.part = TASK_STDOUT;
    }
    supervise->streams.to_file = false;
}

static void committed(void *data)
{
    tell_end(data);
}

static void over(struct process *process)
{
    const struct task_end *end = &process->supervise.end;
    loop_timer_stop(&process->timer);
    loop_timer_stop(&process->cancelling);
    if (process->supervise.streams.to_file && end->result == TASK_EXITED && end->code == 0)
        process->commit = loop_work(process->processes->loop, commit_file, committed, process);
    else
        tell_end(process);
}

static int64_t now_of(struct process *process)
{
    return loop_now(process->processes->loop);
}

static void on_time(void *data)
{
    step(data);
}

/* A stream that was closed must not be watched any longer, since its number may come again. */
static void unwatch_closed(struct process *process)
{
    for (int i = 0; i < 2; i++)
        if (process->streams[i] && process->supervise.streams.read[i] < 0) {
            loop_unwatch(process->streams[i]);
            process->streams[i] = NULL;
        }
}

static void step(struct process *process)
{
    int64_t now = now_of(process);
    bool is_over = supervise_tick(&process->supervise, now);
    unwatch_closed(process);
    if (is_over) {
        over(process);
        return;
    }
    int64_t next = supervise_next(&process->supervise);
    if (next == INT64_MAX)
        loop_timer_stop(&process->timer);
    else if (!process->timer.loop || process->timer.at > next)
        loop_timer_start(process->processes->loop, &process->timer, next - now, on_time, process);
}

static void on_stream(struct process *process, enum task_stream stream)
{
    supervise_read(&process->supervise, stream, now_of(process));
    /* Output alone makes nothing due, but the end of it does. */
    if (process->supervise.streams.read[stream] < 0)
        step(process);
}

static void on_out(void *data, unsigned ready)
{
    (void)ready;
    on_stream(data, TASK_OUT);
}

static void on_err(void *data, unsigned ready)
{
    (void)ready;
    on_stream(data, TASK_ERR);
}

/* A light shim that was killed has written nothing: that is LOST. */
static void read_told(struct process *process, struct task_end *end)
{
    struct attempt attempt;
    if (!attempt_read_open(process->told, &attempt, &end->failure)) {
        end->result = TASK_LOST;
        return;
    }
    *end = attempt.end;
    if (attempt.state == ATTEMPT_NOT_BEGUN)
        end->result = TASK_LOST;
    attempt_free(&attempt);
}

static void ended(struct process *process, int status)
{
    loop_timer_stop(&process->poll);
    loop_unwatch(process->end);
    process->end = NULL;
    if (process->told >= 0) {
        struct task_end end;
        read_told(process, &end);
        supervise_told(&process->supervise, &end, now_of(process));
    } else {
        supervise_ended(&process->supervise, status, now_of(process));
    }
    step(process);
}

static void on_end(void *data, unsigned ready)
{
    (void)ready;
    struct process *process = data;
    int status;
    if (waitpid(process->pid, &status, WNOHANG) == process->pid)
        ended(process, status);
}

static void on_poll(void *data);

static void poll_later(struct process *process)
{
    static const int64_t often = 10000000;
    loop_timer_start(process->processes->loop, &process->poll, often, on_poll, process);
}

/* For where the kernel gives no pidfd (an old one, valgrind): it is looked after now and then. */
static void on_poll(void *data)
{
    poll_later(data);
    on_end(data, 0); /* may free it */
}

static void on_output(void *data, enum task_stream stream, const char *at, size_t length)
{
    struct process *process = data;
    if (process->watch.output)
        process->watch.output(process->watch.data, stream, at, length);
}

/* False: we are blind for its output. */
static bool watch_all(struct process *process, struct failure *failure)
{
    struct loop *loop = process->processes->loop;
    static loop_ready_callback *const callbacks[2] = {on_out, on_err};
    if (process->pidfd >= 0)
        process->end = loop_watch(loop, process->pidfd, LOOP_READABLE, on_end, process, failure);
    if (!process->end)
        poll_later(process);
    bool watched = true;
    for (int i = 0; i < 2 && watched; i++) {
        int fd = process->supervise.streams.read[i];
        if (fd < 0)
            continue;
        process->streams[i] = loop_watch(loop, fd, LOOP_READABLE, callbacks[i], process, failure);
        watched = process->streams[i] != NULL;
    }
    return watched;
}

/* Starts the program itself, in its cgroup from its first instruction. */
static bool start_direct(struct process *process, struct streams *streams, struct spawned *spawned,
                         struct failure *failure)
{
    const struct task *task = &process->ready.task;
    struct spawn spec = {
        .argv = task->argv,
        .env = task->env,
        .cwd = task->cwd,
        .identity = &process->ready.identity,
        .umask = task->umask,
        .fds = streams->given,
        .fd_count = streams_count(streams),
        .death_signal = SIGKILL,
        .cgroup = &process->slot->cgroup,
    };
    return spawn(&spec, spawned, failure);
}

static int write_order(struct process *process, bool handed, struct failure *failure)
{
    struct order order = {.task = process->ready.task, .identity = process->ready.identity};
    order.light = true;
    order.task.timeout = order.task.stall = 0; /* we see to them */
    order.stdin_given = true;
    order.handed = handed;
    int fd = memfd_create("runbook-order", MFD_CLOEXEC);
    if (fd < 0) {
        failure_set(failure, errno, "no memory for an order");
        return -1;
    }
    if (order_write(fd, &order, failure))
        return fd;
    close(fd);
    return -1;
}

/* Starts a light shim, which starts the program: it dies with us, and takes the tree along. */
static bool start_light(struct process *process, struct streams *streams, struct spawned *spawned,
                        struct failure *failure)
{
    const char *argv[] = {process->processes->shim, NULL};
    const char *env[] = {NULL};
    sigset_t blocked;
    sigfillset(&blocked);
    spawned->part = TASK_SYSTEM;
    bool handed = streams->given[3] >= 0;
    int order = write_order(process, handed, failure);
    process->told = memfd_create("runbook-end", MFD_CLOEXEC);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int fds[ORDER_FDS] = {null,
                          null,
                          null,
                          [ORDER_FD] = order,
                          [ORDER_ATTEMPT] = process->told,
                          [ORDER_FOLDER] = null,
                          [ORDER_NEWS] = null,
                          [ORDER_STDIN] = streams->given[0],
                          [ORDER_HANDED] = handed ? streams->given[3] : null,
                          [ORDER_OUT] = streams->given[1],
                          [ORDER_ERR] = streams->given[2]};
    struct spawn spec = {.argv = argv,
                         .env = env,
                         .cwd = "/",
                         .umask = 077,
                         .fds = fds,
                         .fd_count = ORDER_FDS,
                         .death_signal = SIGTERM,
                         .blocked = &blocked};
    bool started = order >= 0;
    if (started && (process->told < 0 || null < 0))
        started = failure_set(failure, errno, "no descriptor for a shim");
    if (started && !spawn(&spec, spawned, failure)) {
        spawned->part = TASK_SYSTEM; /* it is our program that could not be started */
        started = failure_wrap(failure, "the shim");
    }
    if (order >= 0)
        close(order);
    if (null >= 0)
        close(null);
    return started;
}

static bool start(struct process *process, struct streams *streams, struct spawned *spawned,
                  struct failure *failure)
{
    process->slot = room_take(process->processes, SLOT_PROCESS);
    if (process->slot) {
        if (start_direct(process, streams, spawned, failure))
            return true;
        if (!spawned->cgroup_refused)
            return false;
        room_give(process->processes, process->slot, false);
        process->slot = NULL;
        room_forbid(process->processes);
    }
    return start_light(process, streams, spawned, failure);
}

static void begin(struct process *process, const struct streams *streams,
                  const struct spawned *spawned)
{
    struct supervise *supervise = &process->supervise;
    struct loop *loop = process->processes->loop;
    process->pid = spawned->pid;
    process->pidfd = spawned->pidfd;
    supervise->tree.cgroup = process->slot ? &process->slot->cgroup : NULL;
    supervise->tree.light = process->slot ? 0 : spawned->pid;
    supervise->output = on_output;
    supervise->data = process;
    supervise_begin(supervise, &process->ready.task, streams, loop_now(loop), loop_wall(loop));
    streams_started(&supervise->streams);
}

static void on_ready(void *data)
{
    struct process *process = data;
    struct ready *ready = &process->ready;
    struct streams streams;
    struct spawned spawned = {.pidfd = -1};
    struct failure failure = {.text = "cancelled before it started"};
    if (ready->failed || process->cancel) {
        streams_drop(&ready->given);
        not_started(process, ready->part, ready->failed ? &ready->failure : &failure);
        return;
    }
    failure.text[0] = '\0';
    if (!streams_open(&ready->task, &ready->given, &streams, &spawned.part, &failure)) {
        not_started(process, spawned.part, &failure);
        return;
    }
    if (!start(process, &streams, &spawned, &failure)) {
        streams_close(&streams);
        not_started(process, spawned.part, &failure);
        return;
    }
    begin(process, &streams, &spawned);
    if (!watch_all(process, &failure))
        process_cancel(process);
    step(process);
}

struct process *process_start(struct processes *processes, const struct task *task,
                              const struct process_watch *watch)
{
    struct arena *arena = arena_new();
    struct process *process = arena_alloc(arena, sizeof *process);
    process->arena = arena;
    process->processes = processes;
    process->watch = *watch;
    process->pidfd = process->told = -1;
    process->supervise.streams = (struct streams){.given = {-1, -1, -1, -1}, .read = {-1, -1}};
    process->supervise.logs[0].fd = process->supervise.logs[1].fd = -1;
    ready_make(processes, arena, task, &process->ready, on_ready, process);
    return process;
}

static void cancel_now(void *data)
{
    struct process *process = data;
    supervise_cancel(&process->supervise, now_of(process));
    step(process);
}

void process_cancel(struct process *process)
{
    process->cancel = true;
    if (process->pid > 0 && !process->commit)
        loop_timer_start(process->processes->loop, &process->cancelling, 0, cancel_now, process);
}

void process_keep_closed(void)
{
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0}); /* a piped core asks for it alone */
}
