#include "sys/shim.h"

#include "base/arena.h"
#include "sys/attempt.h"
#include "sys/order.h"
#include "sys/room.h"
#include "sys/streams.h"
#include "sys/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct shim {
    struct arena *arena; /* owns it */
    struct processes *processes;
    struct process_watch watch;
    struct ready ready;
    int folder; /* the run's */
    uint64_t number;
    struct slot *slot;
    pid_t child; /* the shim, when it was started by us; 0: not, or it is reaped */
    int pidfd;   /* of the shim, -1 while it is not known */
    int news;
    bool cancel;          /* asked for, and not sent yet */
    bool ended;           /* the shim is gone */
    bool ended_well;      /* the action exited with 0: then nobody was killed */
    const char *names[2]; /* of the logs */
    int logs[2];          /* -1: not there yet */
    uint64_t told[2];     /* bytes of the logs that were told */
    struct loop_watch *end, *growth;
    struct loop_timer timer;
    struct attempt attempt;
};

static void look(void *data);

static void close_one(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void free_shim(struct shim *shim)
{
    loop_timer_stop(&shim->timer);
    loop_unwatch(shim->end);
    loop_unwatch(shim->growth);
    close_one(&shim->pidfd);
    close_one(&shim->news);
    close_one(&shim->logs[0]);
    close_one(&shim->logs[1]);
    room_give(shim->processes, shim->slot, shim->ended_well);
    attempt_free(&shim->attempt);
    arena_free(shim->arena);
}

static void tell_end(struct shim *shim, const struct task_end *told)
{
    struct task_end end = *told;
    struct process_watch watch = shim->watch;
    shim->ended_well = end.result == TASK_EXITED && end.code == 0;
    free_shim(shim);
    if (watch.ended)
        watch.ended(watch.data, &end);
}

/* Tells what a log gained, not all at once; true when there is more. */
static bool read_log(struct shim *shim, int stream, uint64_t limit)
{
    enum { PIECES = 16 };
    char piece[65536];
    if (shim->logs[stream] < 0 && shim->names[stream])
        shim->logs[stream] = openat(shim->folder, shim->names[stream], O_RDONLY | O_CLOEXEC);
    for (int i = 0; shim->logs[stream] >= 0 && i < PIECES; i++) {
        uint64_t left = limit - shim->told[stream];
        size_t room = left < sizeof piece ? (size_t)left : sizeof piece;
        ssize_t got = pread(shim->logs[stream], piece, room, (off_t)shim->told[stream]);
        if (got <= 0)
            return false;
        shim->told[stream] += (uint64_t)got;
        if (shim->watch.output)
            shim->watch.output(shim->watch.data, (enum task_stream)stream, piece, (size_t)got);
    }
    return shim->logs[stream] >= 0;
}

/* A log that a power loss took, and that OUTCOME was short enough to keep. */
static void restore_log(struct shim *shim, int stream)
{
    const char *output = shim->attempt.output[stream];
    struct stat stat;
    struct task_end *end = &shim->attempt.end;
    size_t length = (size_t)end->bytes[stream];
    if (!shim->names[stream] || length == 0)
        return;
    bool whole = fstatat(shim->folder, shim->names[stream], &stat, AT_SYMLINK_NOFOLLOW) == 0 &&
                 (uint64_t)stat.st_size >= length;
    if (whole)
        return;
    int fd = output ? openat(shim->folder, shim->names[stream],
                             O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600)
                    : -1;
    whole = fd >= 0 && write(fd, output, length) == (ssize_t)length;
    if (fd >= 0)
        close(fd);
    if (!whole && !end->failure.text[0])
        failure_set(&end->failure, 0, "%s is not whole: its end was lost", shim->names[stream]);
}

/* Nobody saw the end: what is left of it is ended before anything is asked of the system. In the
 * pool: it waits for processes to die. */
static void end_rest(void *data, const atomic_bool *stop)
{
    (void)stop;
    struct shim *shim = data;
    enum { PASSES = 1000, PAUSE_US = 5000 };
    const struct attempt_start *start = &shim->attempt.start;
    if (!shim->attempt.has_start || strcmp(start->boot, shim->processes->boot) != 0)
        return; /* of another boot, nobody is left */
    struct cgroup cgroup;
    enum cgroup_kind kind = strstr(start->cgroup, "/freezer/") ? CGROUP_FREEZER : CGROUP_2;
    if (start->cgroup[0] && cgroup_open(kind, start->cgroup, &cgroup)) {
        for (int pass = 0; pass < PASSES && !cgroup_empty(&cgroup); pass++) {
            cgroup_kill(&cgroup);
            usleep(PAUSE_US);
        }
        cgroup_close(&cgroup);
    }
    if (tree_alive(start->pid, start->pid_started)) {
        tree_kill(start->pid);
        kill(start->pid, SIGKILL);
    }
    process_sweep(shim->processes->run, &shim->number, 1, NULL, NULL);
}

/* The cgroup of a shim that somebody else started. */
static void remove_cgroup(const struct shim *shim)
{
    char path[sizeof shim->attempt.start.cgroup];
    if (shim->slot || !shim->attempt.start.cgroup[0])
        return;
    memcpy(path, shim->attempt.start.cgroup, sizeof path);
    if (!cgroup_remove(path))
        return;
    *strrchr(path, '/') = '\0';
    cgroup_remove(path);
}

static void conclude(void *data)
{
    struct shim *shim = data;
    bool more = false;
    for (int i = 0; i < 2; i++) {
        restore_log(shim, i);
        more |= shim->told[i] < shim->attempt.end.bytes[i] &&
                read_log(shim, i, shim->attempt.end.bytes[i]);
    }
    if (more) {
        loop_timer_start(shim->processes->loop, &shim->timer, 0, conclude, shim);
        return;
    }
    remove_cgroup(shim);
    tell_end(shim, &shim->attempt.end);
}

/* What it wrote until nobody saw it any more is all there is of its output. */
static void rest_ended(void *data)
{
    struct shim *shim = data;
    struct stat stat;
    for (int i = 0; i < 2; i++)
        if (shim->names[i] &&
            fstatat(shim->folder, shim->names[i], &stat, AT_SYMLINK_NOFOLLOW) == 0)
            shim->attempt.end.bytes[i] = (uint64_t)stat.st_size;
    conclude(shim);
}

/* What became of it, when the shim is gone or was never there. */
static void settle(struct shim *shim)
{
    switch (shim->attempt.state) {
    case ATTEMPT_NOT_BEGUN:
        tell_end(shim, &shim->attempt.end);
        break;
    case ATTEMPT_ENDED:
        conclude(shim);
        break;
    case ATTEMPT_LOST:
        loop_work(shim->processes->loop, end_rest, rest_ended, shim);
        break;
    case ATTEMPT_RUNNING:
        break;
    }
}

static void send_cancel(struct shim *shim)
{
    if (!shim->cancel || (shim->pidfd < 0 && shim->child == 0))
        return;
    shim->cancel = false;
    if (shim->child > 0)
        kill(shim->child, SIGTERM); /* not reaped yet: the pid is still its own */
    else
        syscall(SYS_pidfd_send_signal, shim->pidfd, SIGTERM, NULL, 0);
}

static void reap(struct shim *shim)
{
    if (shim->child > 0 && waitpid(shim->child, NULL, WNOHANG) == shim->child)
        shim->child = 0;
}

static void on_end(void *data, unsigned ready)
{
    (void)ready;
    struct shim *shim = data;
    reap(shim);
    loop_unwatch(shim->end);
    shim->end = NULL;
    shim->ended = true;
    look(shim);
}

static void look_again(struct shim *shim, int64_t delay)
{
    loop_timer_start(shim->processes->loop, &shim->timer, delay, look, shim);
}

/* Takes over the shim that START names. */
static void take_over(struct shim *shim)
{
    const struct attempt_start *start = &shim->attempt.start;
    shim->pidfd = (int)syscall(SYS_pidfd_open, start->shim, 0);
    /* Opened first, looked at then: so it is this one, or it is gone. */
    if (shim->pidfd >= 0 && !tree_alive(start->shim, start->shim_started))
        close_one(&shim->pidfd);
    if (shim->pidfd >= 0)
        shim->end =
            loop_watch(shim->processes->loop, shim->pidfd, LOOP_READABLE, on_end, shim, NULL);
    send_cancel(shim);
}

static bool read_logs(struct shim *shim)
{
    bool more = false;
    for (int i = 0; i < 2; i++)
        more |= read_log(shim, i, UINT64_MAX);
    return more;
}

/* What the attempt's file says now. Who is no child of ours tells nothing of its log, and without a
 * pidfd nobody tells of the end: then it is looked at again and again. */
static void look(void *data)
{
    static const int64_t often = 20000000, usual = 100000000;
    struct shim *shim = data;
    struct failure failure = {0};
    attempt_free(&shim->attempt);
    if (!attempt_read(shim->folder, shim->number, &shim->attempt, &failure)) {
        shim->attempt.end = (struct task_end){.result = TASK_LOST, .failure = failure};
        shim->attempt.state = ATTEMPT_LOST;
    }
    if (shim->attempt.state != ATTEMPT_RUNNING) {
        settle(shim);
        return;
    }
    reap(shim);
    if (shim->attempt.has_start && shim->pidfd < 0 && shim->child == 0)
        take_over(shim);
    bool more = read_logs(shim);
    look_again(shim, more ? 0 : shim->pidfd >= 0 && !shim->ended ? usual : often);
}

static void on_growth_timer(void *data)
{
    struct shim *shim = data;
    if (read_logs(shim))
        loop_timer_start(shim->processes->loop, &shim->timer, 0, on_growth_timer, shim);
}

static void on_growth(void *data, unsigned ready)
{
    (void)ready;
    struct shim *shim = data;
    uint64_t count;
    while (read(shim->news, &count, sizeof count) < 0 && errno == EINTR)
        ;
    on_growth_timer(shim);
}

static void not_started(struct shim *shim, enum task_part part, const struct failure *failure)
{
    struct task_end end = {.result = shim->cancel ? TASK_NOT_BEGUN : TASK_NOT_STARTED,
                           .part = part,
                           .started = loop_wall(shim->processes->loop),
                           .failure = *failure};
    tell_end(shim, &end);
}

static int write_order(struct shim *shim, struct failure *failure)
{
    struct order order = {.task = shim->ready.task, .identity = shim->ready.identity};
    order.stdin_given = shim->ready.given.input >= 0;
    order.handed = shim->ready.given.handed >= 0;
    memcpy(order.boot, shim->processes->boot, sizeof order.boot);
    if (shim->slot) {
        order.cgroup = shim->slot->cgroup.kind;
        memcpy(order.cgroup_path, shim->slot->cgroup.path, sizeof order.cgroup_path);
    }
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

/* The shim inherits the locked file: from here on the lock says whether it lives. */
static bool start(struct shim *shim, int order, int attempt, int null, struct spawned *spawned,
                  struct failure *failure)
{
    const char *argv[] = {shim->processes->shim, NULL};
    const char *env[] = {NULL};
    sigset_t blocked;
    sigfillset(&blocked);
    const struct streams_given *given = &shim->ready.given;
    int fds[] = {null,
                 null,
                 null,
                 [ORDER_FD] = order,
                 [ORDER_ATTEMPT] = attempt,
                 [ORDER_FOLDER] = shim->folder,
                 [ORDER_NEWS] = shim->news,
                 [ORDER_STDIN] = given->input >= 0 ? given->input : null,
                 [ORDER_HANDED] = given->handed >= 0 ? given->handed : null};
    struct spawn spec = {.argv = argv,
                         .env = env,
                         .cwd = "/",
                         .umask = 077,
                         .fds = fds,
                         .fd_count = sizeof fds / sizeof *fds,
                         .blocked = &blocked};
    return spawn(&spec, spawned, failure) || failure_wrap(failure, "the shim");
}

static bool start_all(struct shim *shim, struct spawned *spawned, struct failure *failure)
{
    shim->slot = room_take(shim->processes, SLOT_SHIM);
    shim->news = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int order = -1, attempt = -1;
    bool started = false;
    if (shim->news < 0 || null < 0)
        failure_set(failure, errno, "no descriptor for a shim");
    else if ((order = write_order(shim, failure)) >= 0 &&
             (attempt = attempt_create(shim->folder, shim->number, failure)) >= 0)
        started = start(shim, order, attempt, null, spawned, failure);
    close_one(&null);
    close_one(&order);
    close_one(&attempt);
    streams_drop(&shim->ready.given);
    return started;
}

static void on_ready(void *data)
{
    struct shim *shim = data;
    struct loop *loop = shim->processes->loop;
    struct spawned spawned = {.pidfd = -1};
    struct failure failure = {.text = "cancelled before it started"};
    if (shim->ready.failed || shim->cancel) {
        streams_drop(&shim->ready.given);
        not_started(shim, shim->ready.part, shim->ready.failed ? &shim->ready.failure : &failure);
        return;
    }
    failure.text[0] = '\0';
    if (!start_all(shim, &spawned, &failure)) {
        not_started(shim, TASK_SYSTEM, &failure);
        return;
    }
    shim->child = spawned.pid;
    shim->pidfd = spawned.pidfd;
    if (shim->pidfd >= 0)
        shim->end = loop_watch(loop, shim->pidfd, LOOP_READABLE, on_end, shim, &failure);
    shim->growth = loop_watch(loop, shim->news, LOOP_READABLE, on_growth, shim, &failure);
    /* It lives, whether we can watch it or not: then its file is looked at. */
    if (!shim->end || !shim->growth)
        look_again(shim, 0);
}

static struct shim *make(struct processes *processes, int folder, uint64_t number,
                         const struct process_watch *watch)
{
    struct arena *arena = arena_new();
    struct shim *shim = arena_alloc(arena, sizeof *shim);
    shim->arena = arena;
    shim->processes = processes;
    shim->watch = *watch;
    shim->folder = folder;
    shim->number = number;
    shim->pidfd = shim->news = shim->logs[0] = shim->logs[1] = -1;
    return shim;
}

struct shim *shim_start(struct processes *processes, const struct task *task, uint64_t number,
                        const struct process_watch *watch)
{
    struct shim *shim = make(processes, task->folder, number, watch);
    ready_make(processes, shim->arena, task, &shim->ready, on_ready, shim);
    shim->names[TASK_OUT] = shim->ready.task.logs[TASK_OUT];
    shim->names[TASK_ERR] = shim->ready.task.logs[TASK_ERR];
    return shim;
}

/* Only what a log gains from now on is told: what it had, the one before us has told. */
static void skip_told(struct shim *shim, int stream)
{
    struct stat stat;
    if (fstatat(shim->folder, shim->names[stream], &stat, AT_SYMLINK_NOFOLLOW) == 0)
        shim->told[stream] = (uint64_t)stat.st_size;
}

struct shim *shim_attach(struct processes *processes, int folder, uint64_t number,
                         const struct process_watch *watch)
{
    static const char *const endings[2] = {[TASK_OUT] = "out", [TASK_ERR] = "err"};
    struct shim *shim = make(processes, folder, number, watch);
    shim->ready.given = (struct streams_given){-1, -1};
    for (int i = 0; i < 2; i++) {
        shim->names[i] = arena_format(shim->arena, "logs/%" PRIu64 ".%s", number, endings[i]);
        skip_told(shim, i);
    }
    look_again(shim, 0);
    return shim;
}

void shim_cancel(struct shim *shim)
{
    shim->cancel = true;
    send_cancel(shim);
}

void shim_leave(struct shim *shim)
{
    room_leave(shim->slot); /* the shim is in it; a sweep removes it one day */
    shim->slot = NULL;
    free_shim(shim);
}
