/* A cancel that never makes the loop wait. libpq 15 has only PQcancel, which connects and waits for
 * the server to hang up, for ever when it does not. It is made to be called from a signal handler,
 * so it may also be called in a child of a program with threads: that child has an alarm. */
#include "sys/postgres_own.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

struct canceller {
    int pidfd;
    struct loop_watch *watch;
};

/* It outlives us when we are killed: the cancel shall arrive. What we hold (the journal's lock) it
 * must not hold on to. */
static _Noreturn void cancel_and_end(const struct libpq *pq, PGcancel *cancel, unsigned seconds)
{
    sigset_t none;
    char error[256];
    setsid();
    signal(SIGALRM, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    alarm(seconds);
    close_range(0, ~0U, 0);
    _exit(pq->cancel(cancel, error, sizeof error) ? 0 : 1);
}

static void on_ended(void *data, unsigned ready)
{
    struct canceller *canceller = data;
    (void)ready;
    waitid(P_PIDFD, (id_t)canceller->pidfd, &(siginfo_t){0}, WEXITED);
    loop_unwatch(canceller->watch);
    close(canceller->pidfd);
    free(canceller);
}

static void await(struct loop *loop, pid_t pid)
{
    struct canceller *canceller = memory_resize(NULL, sizeof *canceller);
    canceller->pidfd = pidfd_open(pid, 0);
    if (canceller->pidfd >= 0)
        canceller->watch =
            loop_watch(loop, canceller->pidfd, LOOP_READABLE, on_ended, canceller, NULL);
    if (canceller->pidfd >= 0 && canceller->watch != NULL)
        return;
    /* No descriptors left: the zombie is the lesser evil than waiting for it. */
    if (canceller->pidfd >= 0)
        close(canceller->pidfd);
    free(canceller);
}

void postgres_send_cancel(const struct postgres *postgres, int64_t limit)
{
    const struct libpq *pq = &postgres->pq;
    PGcancel *cancel = pq->getCancel(postgres->connection);
    if (cancel == NULL)
        return; /* it is not connected any more */
    int64_t seconds = limit / INT64_C(1000000000);
    pid_t pid = fork();
    if (pid == 0)
        cancel_and_end(pq, cancel, seconds < 1 ? 1 : seconds > 60 ? 60 : (unsigned)seconds);
    pq->freeCancel(cancel);
    if (pid > 0)
        await(postgres->loop, pid);
}
