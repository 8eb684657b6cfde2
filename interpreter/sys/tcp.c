#include "sys/tcp.h"

#include "sys/loop.h"
#include "sys/loop_uv.h"

#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

enum { ADDRESSES = 16 }; /* of one name; who has more has said enough by then */

struct attempt {
    struct tcp_probe *probe;
    int fd; /* -1: not there, or over */
    struct loop_watch *watch;
};

struct tcp_probe {
    struct loop *loop;
    char *host;
    uint16_t port;
    tcp_done *done;
    void *data;
    struct loop_timer timer;
    uv_getaddrinfo_t lookup;
    bool looking; /* the lookup has not come back: it can't be taken from the pool */
    bool is_over; /* told: only the lookup is waited for */
    struct attempt attempts[ADDRESSES];
    size_t count, failed;
    int error; /* the last one of connect */
    enum tcp_result result;
    struct failure failure;
};

static void close_attempt(struct attempt *attempt)
{
    loop_unwatch(attempt->watch);
    attempt->watch = NULL;
    if (attempt->fd >= 0)
        close(attempt->fd);
    attempt->fd = -1;
}

static void free_probe(struct tcp_probe *probe)
{
    free(probe->host);
    free(probe);
}

/* Tells, once; the memory stays as long as the lookup uses it. */
static void tell(void *data)
{
    struct tcp_probe *probe = data;
    loop_timer_stop(&probe->timer);
    for (size_t i = 0; i < probe->count; i++)
        close_attempt(&probe->attempts[i]);
    probe->is_over = true;
    tcp_done *done = probe->done;
    void *with = probe->data;
    enum tcp_result result = probe->result;
    struct failure failure = probe->failure;
    if (!probe->looking)
        free_probe(probe);
    done(with, result, &failure);
}

static void end(struct tcp_probe *probe, enum tcp_result result)
{
    probe->result = result;
    loop_timer_start(probe->loop, &probe->timer, 0, tell, probe);
    for (size_t i = 0; i < probe->count; i++)
        close_attempt(&probe->attempts[i]);
}

static void fail_one(struct attempt *attempt, int error)
{
    struct tcp_probe *probe = attempt->probe;
    close_attempt(attempt);
    probe->error = error;
    if (++probe->failed < probe->count)
        return;
    failure_set(&probe->failure, probe->error, "can't connect to %s port %u", probe->host,
                (unsigned)probe->port);
    bool ours = error == EMFILE || error == ENFILE || error == ENOMEM || error == ENOBUFS;
    end(probe, ours ? TCP_FAILED : TCP_CLOSED);
}

static void on_connected(void *data, unsigned ready)
{
    (void)ready;
    struct attempt *attempt = data;
    int error = 0;
    socklen_t length = sizeof error;
    if (getsockopt(attempt->fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0)
        error = errno;
    if (error == 0)
        end(attempt->probe, TCP_OPEN);
    else
        fail_one(attempt, error);
}

static void try_address(struct attempt *attempt, const struct addrinfo *address)
{
    struct tcp_probe *probe = attempt->probe;
    attempt->fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (attempt->fd < 0) {
        fail_one(attempt, errno);
        return;
    }
    if (connect(attempt->fd, address->ai_addr, address->ai_addrlen) != 0 && errno != EINPROGRESS) {
        fail_one(attempt, errno);
        return;
    }
    struct failure failure;
    attempt->watch =
        loop_watch(probe->loop, attempt->fd, LOOP_WRITABLE, on_connected, attempt, &failure);
    if (!attempt->watch)
        fail_one(attempt, failure.error);
}

static void on_timeout(void *data)
{
    struct tcp_probe *probe = data;
    failure_set(&probe->failure, ETIMEDOUT,
                probe->looking ? "can't find the address of %s (port %u)"
                               : "can't connect to %s port %u",
                probe->host, (unsigned)probe->port);
    probe->result = probe->looking ? TCP_NO_HOST : TCP_CLOSED;
    tell(probe);
}

static void try_all(struct tcp_probe *probe, const struct addrinfo *list)
{
    for (const struct addrinfo *at = list; at && probe->count < ADDRESSES; at = at->ai_next)
        probe->attempts[probe->count++] = (struct attempt){.probe = probe, .fd = -1};
    size_t i = 0;
    for (const struct addrinfo *at = list; at && i < probe->count; at = at->ai_next)
        try_address(&probe->attempts[i++], at);
}

static void on_lookup(uv_getaddrinfo_t *request, int status, struct addrinfo *list)
{
    struct tcp_probe *probe = request->data;
    probe->looking = false;
    if (probe->is_over) {
        free_probe(probe);
    } else if (status != 0 || !list) {
        failure_set(&probe->failure, 0, "can't find the address of %s: %s", probe->host,
                    status != 0 ? uv_strerror(status) : "it has none");
        end(probe, TCP_NO_HOST);
    } else {
        try_all(probe, list);
    }
    uv_freeaddrinfo(list);
}

struct tcp_probe *tcp_probe(struct loop *loop, const char *host, uint16_t port, int64_t timeout,
                            tcp_done *done, void *data)
{
    struct tcp_probe *probe = calloc(1, sizeof *probe);
    if (!probe || !(probe->host = strdup(host)))
        abort();
    probe->loop = loop;
    probe->port = port;
    probe->done = done;
    probe->data = data;
    probe->lookup.data = probe;
    char service[8];
    snprintf(service, sizeof service, "%u", (unsigned)port);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    int status = uv_getaddrinfo(loop_uv(loop), &probe->lookup, on_lookup, host, service, &hints);
    if (status == 0) {
        probe->looking = true;
        loop_timer_start(loop, &probe->timer, timeout, on_timeout, probe);
    } else {
        /* A name that can't be one. */
        failure_set(&probe->failure, 0, "can't find the address of %s: %s", host,
                    uv_strerror(status));
        end(probe, TCP_NO_HOST);
    }
    return probe;
}

void tcp_cancel(struct tcp_probe *probe)
{
    failure_set(&probe->failure, 0, "cancelled");
    end(probe, TCP_CANCELLED);
}
