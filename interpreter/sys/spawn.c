#include "sys/spawn.h"

#include "sys/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/sched.h>

/* What the child tells us of itself. In shared memory: we mostly share all of it until exec, but
 * under an emulator (valgrind) vfork is a fork. */
struct report {
    enum task_part part;
    bool born; /* it came to its first instruction */
    bool failed;
    bool cgroup_refused;
    struct failure failure;
};

struct birth {
    const struct spawn *spawn;
    struct report *report;
    char *const *candidates; /* paths of the program, in the order of PATH */
    int fds[SPAWN_FDS];
    pid_t parent;
    bool join; /* it still has to move into its cgroup by itself */
};

static _Noreturn void give_up(const struct birth *birth, enum task_part part)
{
    birth->report->part = part;
    birth->report->failed = true;
    _exit(127);
}

/* By the system call: libc keeps two signals to itself, and passes them on ignored if they came so
 * (from make, for one). All zeros is the default, whatever the kernel's struct looks like. */
static void reset_signals(void)
{
    static const uint64_t usual[8] = {0};
    for (int signal = 1; signal < NSIG; signal++)
        syscall(SYS_rt_sigaction, signal, usual, NULL, (size_t)NSIG / 8);
}

static void arrange_descriptors(struct birth *birth)
{
    const struct spawn *spawn = birth->spawn;
    struct failure *failure = &birth->report->failure;
    int count = (int)spawn->fd_count;
    /* First out of each other's way, then each to its place. */
    for (int i = 0; i < count; i++) {
        if (birth->fds[i] >= count || birth->fds[i] == i)
            continue;
        birth->fds[i] = fcntl(birth->fds[i], F_DUPFD_CLOEXEC, count);
        if (birth->fds[i] < 0) {
            failure_set(failure, errno, "can't duplicate a descriptor");
            give_up(birth, TASK_SYSTEM);
        }
    }
    for (int i = 0; i < count; i++) {
        int result = birth->fds[i] == i ? fcntl(i, F_SETFD, 0) : dup2(birth->fds[i], i);
        if (result < 0) {
            failure_set(failure, errno, "can't arrange descriptor %d", i);
            give_up(birth, TASK_SYSTEM);
        }
    }
    /* All of ours are close-on-exec; this is for what a library forgot or we inherited. */
    close_range((unsigned)count, ~0U, CLOSE_RANGE_CLOEXEC);
}

/* By the system calls themselves: libc's setuid would make all threads of the interpreter, whose
 * memory this is, follow. */
static void become(const struct birth *birth)
{
    const struct identity *identity = birth->spawn->identity;
    if (!identity || !identity->given)
        return;
    if (syscall(SYS_setgroups, identity->group_count, identity->groups) == 0 &&
        syscall(SYS_setresgid, identity->gid, identity->gid, identity->gid) == 0 &&
        syscall(SYS_setresuid, identity->uid, identity->uid, identity->uid) == 0)
        return;
    failure_set(&birth->report->failure, errno, "can't become user %u", (unsigned)identity->uid);
    give_up(birth, TASK_USER);
}

static void join_cgroup(const struct birth *birth)
{
    const struct cgroup *cgroup = birth->spawn->cgroup;
    if (!birth->join || write(cgroup->procs, "0", 1) == 1)
        return;
    failure_set(&birth->report->failure, errno, "can't enter the cgroup %s", cgroup->path);
    birth->report->cgroup_refused = true;
    give_up(birth, TASK_SYSTEM);
}

/* The death signal is cleared by a change of user, so it comes after that; and the parent may have
 * died before it. */
static void tie_to_parent(const struct birth *birth)
{
    if (birth->spawn->death_signal == 0)
        return;
    prctl(PR_SET_PDEATHSIG, birth->spawn->death_signal, 0, 0, 0);
    if (getppid() == birth->parent)
        return;
    failure_set(&birth->report->failure, 0, "who started it has ended");
    give_up(birth, TASK_SYSTEM);
}

static _Noreturn void execute(const struct birth *birth)
{
    const struct spawn *spawn = birth->spawn;
    /* As the shell does: what exists and may not be executed says more than what is not there. */
    int error = ENOENT;
    for (char *const *path = birth->candidates; *path; path++) {
        execve(*path, (char *const *)(uintptr_t)spawn->argv, (char *const *)(uintptr_t)spawn->env);
        if (errno != ENOENT && errno != ENOTDIR)
            error = errno;
    }
    failure_set(&birth->report->failure, error, "can't execute %s", spawn->argv[0]);
    give_up(birth, TASK_PROGRAM);
}

/* The child from its first instruction to exec, in our memory while we stand still: it may not
 * allocate, nor return. */
__attribute__((noinline)) static _Noreturn void child(void *data)
{
    struct birth *birth = data;
    const struct spawn *spawn = birth->spawn;
    birth->report->born = true;
    reset_signals();
    setsid();
    join_cgroup(birth);
    arrange_descriptors(birth);
    umask(spawn->umask);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    become(birth);
    if (spawn->cwd && chdir(spawn->cwd) != 0) {
        failure_set(&birth->report->failure, errno, "can't enter %s", spawn->cwd);
        give_up(birth, TASK_CWD);
    }
    tie_to_parent(birth);
    if (spawn->before && !spawn->before(spawn->data, &birth->report->failure))
        give_up(birth, TASK_SYSTEM);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, spawn->blocked ? spawn->blocked : &none, NULL);
    execute(birth);
}

#if defined(__x86_64__) && defined(SYS_clone3)
/* Like vfork, but born in a cgroup: entering one afterwards can cost the kernel milliseconds. libc
 * has no call for clone3; the child needs a stack of its own, since it returns from nothing. */
static pid_t clone_into(struct birth *birth, int *pidfd)
{
    enum { STACK = 256 * 1024 };
    char *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
    if (stack == MAP_FAILED)
        return -errno;
    struct clone_args arguments = {
        .flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | CLONE_INTO_CGROUP,
        .pidfd = (uintptr_t)pidfd,
        .exit_signal = SIGCHLD,
        .stack = (uintptr_t)stack,
        .stack_size = STACK,
        .cgroup = (unsigned)birth->spawn->cgroup->folder,
    };
    long result;
    register void (*function)(void *) __asm__("r8") = child;
    register void *data __asm__("r9") = birth;
    __asm__ volatile("syscall\n\t"
                     "test %%rax, %%rax\n\t"
                     "jnz 1f\n\t"
                     "xor %%ebp, %%ebp\n\t"
                     "mov %%r9, %%rdi\n\t"
                     "call *%%r8\n\t"
                     "hlt\n"
                     "1:"
                     : "=a"(result)
                     : "0"((long)SYS_clone3), "D"(&arguments), "S"(sizeof arguments), "r"(function),
                       "r"(data)
                     : "rcx", "r11", "memory");
    munmap(stack, STACK);
    return (pid_t)result;
}
#else
static pid_t clone_into(struct birth *birth, int *pidfd)
{
    (void)birth;
    (void)pidfd;
    return -ENOSYS;
}
#endif

/* Does the error say that the kernel (or a filter around it) does not do it this way? */
static bool is_unsupported(pid_t result)
{
    return result == -ENOSYS || result == -EPERM || result == -EINVAL || result == -EOPNOTSUPP;
}

/* By vfork. Where that is a fork (valgrind) we would go on before the child has told what became of
 * it: the end of a pipe that closes at exec, or with the child, is waited for. */
static pid_t plain_birth(struct birth *birth)
{
    int ends[2];
    char none;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return -errno;
    int above = fcntl(ends[1], F_DUPFD_CLOEXEC, SPAWN_FDS); /* out of the way of what it is given */
    close(ends[1]);
    pid_t pid = above < 0 ? -1 : vfork();
    if (pid == 0)
        child(birth);
    int error = errno;
    if (above >= 0)
        close(above);
    while (pid > 0 && read(ends[0], &none, 1) < 0 && errno == EINTR)
        ;
    close(ends[0]);
    return pid < 0 ? -error : pid;
}

static void reap(pid_t pid)
{
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
}

/* Some kernels (6.18 is one) kill at birth whoever is cloned into a cgroup on which cgroup.kill was
 * used more or less often than on the parent's own. It has done nothing yet, and may be had in
 * another way. */
static bool died_at_birth(const struct birth *birth, pid_t pid, int *pidfd)
{
    if (pid <= 0 || birth->report->born)
        return false;
    reap(pid);
    close(*pidfd);
    *pidfd = -1;
    return true;
}

static pid_t give_birth(struct birth *birth, int *pidfd)
{
    const struct cgroup *cgroup = birth->spawn->cgroup;
    *pidfd = -1;
    if (cgroup && cgroup->kind == CGROUP_2) {
        pid_t pid = clone_into(birth, pidfd);
        if (!is_unsupported(pid) && !died_at_birth(birth, pid, pidfd))
            return pid;
    }
    birth->join = cgroup != NULL;
    return plain_birth(birth);
}

/* Errors of clone that only a cgroup gives: it is gone, not ours, or may hold no processes. */
static bool is_of_cgroup(int error)
{
    return error == EBUSY || error == ENODEV || error == EACCES;
}

/* All signals are blocked: a handler of ours may not run in the child, whose memory is ours. */
static bool start(struct birth *birth, struct spawned *spawned, struct failure *failure)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    spawned->pid = give_birth(birth, &spawned->pidfd);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    spawned->cgroup_refused = birth->spawn->cgroup && is_of_cgroup(-spawned->pid);
    if (spawned->pid < 0)
        return failure_set(failure, -spawned->pid, "can't start a process for %s",
                           birth->spawn->argv[0]);
    if (birth->report->failed) {
        reap(spawned->pid);
        if (spawned->pidfd >= 0)
            close(spawned->pidfd);
        spawned->part = birth->report->part;
        spawned->cgroup_refused = birth->report->cgroup_refused;
        if (failure)
            *failure = birth->report->failure;
        return false;
    }
    /* A descriptor was free a moment ago, and it is too late for a failure: it runs. */
    if (spawned->pidfd < 0)
        spawned->pidfd = (int)syscall(SYS_pidfd_open, spawned->pid, 0);
    return true;
}

static const char *variable(const char *const *env, const char *name)
{
    size_t length = strlen(name);
    for (; env && *env; env++)
        if (strncmp(*env, name, length) == 0 && (*env)[length] == '=')
            return *env + length + 1;
    return NULL;
}

/* Where the program may be, in one allocation: the pointers, NULL, then the paths. An empty or
 * relative part of PATH is passed over: nothing is taken from the current folder. */
static char **find_candidates(const struct spawn *spawn)
{
    const char *name = spawn->argv[0];
    const char *path = strchr(name, '/') ? NULL : variable(spawn->env, "PATH");
    size_t parts = 2, room = strlen(name) + 2;
    for (const char *at = path; at && *at; at++)
        parts += *at == ':';
    if (path)
        room = strlen(path) + parts * (strlen(name) + 2);
    char **candidates = malloc(parts * sizeof *candidates + room);
    if (!candidates)
        return NULL;
    char *into = (char *)(candidates + parts);
    size_t count = 0;
    if (strchr(name, '/'))
        candidates[count++] = memcpy(into, name, strlen(name) + 1);
    for (const char *at = path; at && *at && *name;) {
        size_t length = strcspn(at, ":");
        if (*at == '/') {
            candidates[count++] = into;
            into = mempcpy(into, at, length);
            *into++ = '/';
            into = mempcpy(into, name, strlen(name) + 1);
        }
        at += length + (at[length] == ':');
    }
    candidates[count] = NULL;
    return candidates;
}

bool spawn(const struct spawn *spawn, struct spawned *spawned, struct failure *failure)
{
    struct birth birth = {.spawn = spawn, .parent = getpid()};
    *spawned = (struct spawned){.pid = -1, .pidfd = -1, .part = TASK_SYSTEM};
    for (size_t i = 0; i < spawn->fd_count; i++)
        birth.fds[i] = spawn->fds[i];
    birth.report =
        mmap(NULL, sizeof *birth.report, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (birth.report == MAP_FAILED)
        return failure_set(failure, errno, "no memory for a process");
    char **candidates = find_candidates(spawn);
    birth.candidates = candidates;
    bool started = candidates ? start(&birth, spawned, failure)
                              : failure_set(failure, ENOMEM, "no memory for a process");
    free(candidates);
    munmap(birth.report, sizeof *birth.report);
    return started;
}
