/* HTTP requests, probes and the process list, against a server of this test's own that behaves
 * badly where it is asked to. */
#include "sys_help.h"

#include "base/arena.h"
#include "base/list.h"
#include "sys/http.h"
#include "sys/transfers.h"
#include "sys/procfs.h"
#include "sys/tcp.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

static pid_t server;
static uint16_t port;
static char socket_path[108];

static void send_text(int fd, const char *text)
{
    for (size_t length = strlen(text); length > 0;) {
        ssize_t sent = send(fd, text, length, MSG_NOSIGNAL);
        if (sent <= 0)
            _exit(0);
        text += sent;
        length -= (size_t)sent;
    }
}

static void answer(int fd, const char *request)
{
    char reply[16384];
    if (strstr(request, " /ok "))
        send_text(fd, "HTTP/1.1 200 OK\r\nX-One: 1\r\nContent-Length: 5\r\n\r\nhello");
    else if (strstr(request, " /echo ")) {
        snprintf(reply, sizeof reply, "HTTP/1.1 404 Not Found\r\nContent-Length: %zu\r\n\r\n%s",
                 strlen(request), request);
        send_text(fd, reply);
    } else if (strstr(request, " /moved "))
        send_text(fd, "HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n");
    else if (strstr(request, " /cut "))
        send_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf");
    else if (strstr(request, " /garbage "))
        send_text(fd, "this is no HTTP\r\n\r\n");
    else if (strstr(request, " /big ")) {
        send_text(fd, "HTTP/1.1 200 OK\r\n\r\n");
        memset(reply, 'x', sizeof reply - 1);
        reply[sizeof reply - 1] = '\0';
        for (;;)
            send_text(fd, reply);
    } else if (strstr(request, " /reset ")) {
        struct linger linger = {1, 0};
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    } else if (strstr(request, " /silent "))
        help_pause();
    else if (strstr(request, " /drip "))
        for (send_text(fd, "HTTP/1.1 200 OK\r\n\r\n");; usleep(10000))
            send_text(fd, ".");
}

/* Reads one request, its body by Content-Length, and answers. */
static _Noreturn void serve_one(int fd)
{
    char request[8192];
    size_t length = 0, whole = sizeof request;
    while (length < whole) {
        ssize_t got = read(fd, request + length, sizeof request - 1 - length);
        if (got <= 0)
            _exit(0);
        length += (size_t)got;
        request[length] = '\0';
        const char *body = strstr(request, "\r\n\r\n"), *said = strstr(request, "Content-Length: ");
        if (body)
            whole = (size_t)(body + 4 - request) +
                    (said ? strtoul(said + strlen("Content-Length: "), NULL, 10) : 0);
    }
    answer(fd, request);
    _exit(0);
}

static _Noreturn void serve(int tcp, int local)
{
    signal(SIGCHLD, SIG_IGN);
    if (fork() == 0)
        tcp = local;
    for (;;) {
        int fd = accept(tcp, NULL, NULL);
        if (fd >= 0 && fork() == 0)
            serve_one(fd);
        close(fd);
    }
}

static int listen_tcp(uint16_t *chosen)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    assert_int_equal(bind(fd, (struct sockaddr *)&address, length), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    *chosen = ntohs(address.sin_port);
    return fd;
}

static int start_server(void **state)
{
    (void)state;
    int tcp = listen_tcp(&port);
    listen(tcp, 64);
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    snprintf(socket_path, sizeof socket_path, "/tmp/runbook-test-%d.socket", (int)getpid());
    memcpy(name.sun_path, socket_path, sizeof socket_path);
    int local = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(local, (struct sockaddr *)&name, sizeof name), 0);
    listen(local, 64);
    server = fork();
    if (server == 0) {
        setsid();
        serve(tcp, local);
    }
    close(tcp);
    close(local);
    return 0;
}

static int stop_server(void **state)
{
    (void)state;
    kill(-server, SIGKILL);
    waitpid(server, NULL, 0);
    unlink(socket_path);
    return 0;
}

struct asked {
    struct loop *loop;
    struct transfers *transfers;
    struct http_request *request;
    struct loop_timer timer;
    enum http_result result;
    bool sent;
    int status, times;
    char headers[4096], body[65536], failure[512];
    size_t body_length;
    int64_t duration;
};

static void on_answer(void *data, const struct http_answer *answered)
{
    struct asked *asked = data;
    asked->result = answered->result;
    asked->sent = answered->sent;
    asked->status = answered->status;
    asked->duration = answered->duration;
    asked->body_length = answered->body.length;
    snprintf(asked->headers, sizeof asked->headers, "%.*s", (int)answered->headers.length,
             answered->headers.at ? answered->headers.at : "");
    snprintf(asked->body, sizeof asked->body, "%.*s", (int)answered->body.length,
             answered->body.at ? answered->body.at : "");
    snprintf(asked->failure, sizeof asked->failure, "%s", answered->failure.text);
    asked->times++;
}

static struct asked *begin(void)
{
    struct asked *asked = calloc(1, sizeof *asked);
    struct failure failure;
    asked->loop = loop_new(NULL, &failure);
    asked->transfers = transfers_new(asked->loop);
    return asked;
}

static void end(struct asked *asked)
{
    transfers_free(asked->transfers);
    loop_free(asked->loop);
    free(asked);
}

static void ask(struct asked *asked, const struct http_spec *spec)
{
    asked->times = 0;
    asked->request = http_send(asked->transfers, spec, on_answer, asked);
    loop_run(asked->loop);
    assert_int_equal(asked->times, 1);
}

static struct http_spec get(const char *path)
{
    static char url[256];
    snprintf(url, sizeof url, "http://127.0.0.1:%u%s", (unsigned)port, path);
    return (struct http_spec){.method = "GET", .url = url, .timeout = 5000 * ms};
}

static void test_answers(void **state)
{
    (void)state;
    struct asked *asked = begin();
    struct http_spec spec = get("/ok");
    for (int i = 0; i < 3; i++) {
        ask(asked, &spec);
        assert_int_equal(asked->result, HTTP_ANSWERED);
        assert_int_equal(asked->status, 200);
        assert_string_equal(asked->body, "hello");
        assert_non_null(strstr(asked->headers, "X-One: 1\r\n"));
        assert_null(strstr(asked->headers, "HTTP/"));
        assert_true(asked->sent && asked->duration > 0);
    }
    spec = get("/moved"); /* told, not followed */
    ask(asked, &spec);
    assert_int_equal(asked->result, HTTP_ANSWERED);
    assert_int_equal(asked->status, 302);
    end(asked);
}

/* What reaches the server is what was asked, to the byte. */
static void test_request(void **state)
{
    (void)state;
    struct asked *asked = begin();
    struct http_spec spec = get("/echo");
    const char *const headers[] = {"X-A: b", "X-Empty:", "Content-Type: application/json", NULL};
    struct text body = {"{\"a\": 1}", 8};
    spec.method = "PATCH";
    spec.headers = headers;
    spec.body = &body;
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    ask(asked, &spec);
    unsetenv("http_proxy");
    assert_int_equal(asked->result, HTTP_ANSWERED);
    assert_int_equal(asked->status, 404);
    char expected[512];
    snprintf(expected, sizeof expected,
             "PATCH /echo HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nUser-Agent: runbook/%s\r\n"
             "Accept: */*\r\nX-A: b\r\nX-Empty:\r\nContent-Type: application/json\r\n"
             "Content-Length: 8\r\n\r\n{\"a\": 1}",
             (unsigned)port, RUNBOOK_VERSION);
    assert_string_equal(asked->body, expected);
    spec = get("/echo");
    spec.method = "POST"; /* without a body: a length of none */
    ask(asked, &spec);
    assert_non_null(strstr(asked->body, "Content-Length: 0\r\n"));
    spec.method = "DELETE";
    ask(asked, &spec);
    assert_true(strncmp(asked->body, "DELETE /echo", 12) == 0);
    end(asked);
}

static void test_routes(void **state)
{
    (void)state;
    struct asked *asked = begin();
    char to[64];
    snprintf(to, sizeof to, "127.0.0.1:%u", (unsigned)port);
    struct http_spec spec = {
        .method = "GET", .url = "http://name.invalid/echo", .connect_to = to, .timeout = 5000 * ms};
    ask(asked, &spec);
    assert_int_equal(asked->status, 404);
    assert_non_null(strstr(asked->body, "Host: name.invalid\r\n"));
    spec.connect_to = NULL;
    spec.unix_socket = socket_path;
    ask(asked, &spec);
    assert_int_equal(asked->status, 404);
    assert_non_null(strstr(asked->body, "Host: name.invalid\r\n"));
    end(asked);
}

static void expect(struct asked *asked, struct http_spec spec, enum http_result result, bool sent)
{
    ask(asked, &spec);
    assert_int_equal(asked->result, result);
    assert_int_equal(asked->sent, sent);
    assert_true(asked->failure[0] != '\0');
}

static void test_failures(void **state)
{
    (void)state;
    struct asked *asked = begin();
    uint16_t closed_port;
    int closed = listen_tcp(&closed_port); /* bound, and nobody listens */
    char url[64];
    struct http_spec spec = {.method = "POST", .url = url, .timeout = 5000 * ms};
    snprintf(url, sizeof url, "http://127.0.0.1:%u/", (unsigned)closed_port);
    expect(asked, spec, HTTP_UNREACHABLE, false);
    close(closed);
    spec.url = "http://name.invalid/";
    expect(asked, spec, HTTP_UNREACHABLE, false);
    spec = get("/");
    snprintf(url, sizeof url, "https://127.0.0.1:%u/", (unsigned)port); /* speaks no TLS */
    spec.url = url;
    spec.timeout = 300 * ms; /* for it waits for the rest of a request */
    expect(asked, spec, HTTP_TIMED_OUT, false);
    expect(asked, get("/reset"), HTTP_LOST, true);
    expect(asked, get("/cut"), HTTP_LOST, true);
    expect(asked, get("/garbage"), HTTP_LOST, true);
    spec = get("/big");
    spec.body_cap = 100000;
    expect(asked, spec, HTTP_TOO_LARGE, true);
    assert_true(asked->body_length <= 100000);
    end(asked);
}

static void test_refuses(void **state)
{
    (void)state;
    struct asked *asked = begin();
    const char *const split[] = {"X-A: b\r\nX-Evil: 1", NULL}, *const none[] = {"nothing", NULL};
    struct http_spec spec = get("/ok");
    spec.headers = split;
    expect(asked, spec, HTTP_NOT_SENT, false);
    spec.headers = none;
    expect(asked, spec, HTTP_NOT_SENT, false);
    spec = get("/ok");
    spec.url = "file:///etc/passwd";
    expect(asked, spec, HTTP_NOT_SENT, false);
    spec.url = "http://127.0.0.1/a b";
    expect(asked, spec, HTTP_NOT_SENT, false);
    spec.url = "no url";
    expect(asked, spec, HTTP_NOT_SENT, false);
    end(asked);
}

static void test_time(void **state)
{
    (void)state;
    struct asked *asked = begin();
    static const char *const paths[] = {"/silent", "/drip"};
    for (int i = 0; i < 2; i++) {
        struct http_spec spec = get(paths[i]);
        spec.timeout = 200 * ms;
        expect(asked, spec, HTTP_TIMED_OUT, true);
        assert_true(asked->duration >= 190 * ms && asked->duration < 2000 * ms);
    }
    end(asked);
}

static void cancel_it(void *data)
{
    struct asked *asked = data;
    http_cancel(asked->request);
}

static void test_cancel(void **state)
{
    (void)state;
    struct asked *asked = begin();
    struct http_spec spec = get("/silent");
    loop_timer_start(asked->loop, &asked->timer, 100 * ms, cancel_it, asked);
    expect(asked, spec, HTTP_CANCELLED, true);
    asked->times = 0;
    asked->request = http_send(asked->transfers, &spec, on_answer, asked);
    http_cancel(asked->request); /* at once */
    loop_run(asked->loop);
    assert_int_equal(asked->times, 1);
    assert_int_equal(asked->result, HTTP_CANCELLED);
    assert_false(asked->sent);
    end(asked);
}

static void count_answer(void *data, const struct http_answer *answered)
{
    if (answered->result == HTTP_ANSWERED && answered->status == 200)
        ++*(int *)data;
}

static void test_many(void **state)
{
    (void)state;
    struct asked *asked = begin();
    int count = 0;
    struct http_spec spec = get("/ok");
    for (int i = 0; i < 50; i++)
        http_send(asked->transfers, &spec, count_answer, &count);
    loop_run(asked->loop);
    assert_int_equal(count, 50);
    end(asked);
}

struct probed {
    struct loop *loop;
    enum tcp_result result;
    int times;
    char failure[512];
};

static void on_probe(void *data, enum tcp_result result, const struct failure *failure)
{
    struct probed *probed = data;
    probed->result = result;
    probed->times++;
    snprintf(probed->failure, sizeof probed->failure, "%s", failure->text);
}

static void probe(struct probed *probed, const char *host, uint16_t to, enum tcp_result expected)
{
    struct failure failure;
    *probed = (struct probed){.loop = loop_new(NULL, &failure)};
    tcp_probe(probed->loop, host, to, 5000 * ms, on_probe, probed);
    loop_run(probed->loop);
    assert_int_equal(probed->times, 1);
    if (probed->result != expected)
        fail_msg("%s: %d, %s", host, (int)probed->result, probed->failure);
    assert_int_equal(probed->failure[0] == '\0', expected == TCP_OPEN);
    loop_free(probed->loop);
}

static void test_probe(void **state)
{
    (void)state;
    struct probed probed;
    struct failure failure;
    uint16_t closed_port;
    int closed = listen_tcp(&closed_port);
    probe(&probed, "127.0.0.1", port, TCP_OPEN);
    probe(&probed, "localhost", port, TCP_OPEN); /* ::1 refuses, or is not there */
    probe(&probed, "127.0.0.1", closed_port, TCP_CLOSED);
    assert_non_null(strstr(probed.failure, "Connection refused"));
    probe(&probed, "name.invalid", 80, TCP_NO_HOST);
    probe(&probed, "", 80, TCP_NO_HOST);
    /* Nobody accepts: the queue of one that listens is full. */
    uint16_t full_port;
    int full = listen_tcp(&full_port), busy[4];
    listen(full, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(full_port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    for (int i = 0; i < 4; i++) {
        busy[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        connect(busy[i], (struct sockaddr *)&address, sizeof address);
    }
    probed = (struct probed){.loop = loop_new(NULL, &failure)};
    int64_t before = help_now();
    tcp_probe(probed.loop, "127.0.0.1", full_port, 200 * ms, on_probe, &probed);
    loop_run(probed.loop);
    assert_int_equal(probed.result, TCP_CLOSED);
    assert_true(help_now() - before >= 200 * ms && help_now() - before < 4000 * ms);
    tcp_cancel(tcp_probe(probed.loop, "127.0.0.1", full_port, 5000 * ms, on_probe, &probed));
    loop_run(probed.loop);
    assert_int_equal(probed.times, 2);
    assert_int_equal(probed.result, TCP_CANCELLED);
    loop_free(probed.loop);
    for (int i = 0; i < 4; i++)
        close(busy[i]);
    close(full);
    close(closed);
}

static const struct procfs_process *find(const struct list *list, pid_t pid)
{
    for (size_t i = 0; i < list->count; i++)
        if (((struct procfs_process *)list->at[i])->pid == pid)
            return list->at[i];
    return NULL;
}

/* Its name is there a moment before its words are. */
static bool lists(struct arena *arena, struct list *list, pid_t pid, const char *command)
{
    struct failure failure;
    *list = (struct list){0};
    const struct procfs_process *it = procfs_list(arena, list, &failure) ? find(list, pid) : NULL;
    return it != NULL && it->command != NULL && strcmp(it->command, command) == 0;
}

static void test_processes(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct list list = {0};
    struct failure failure;
    pid_t child = fork();
    if (child == 0) {
        execl("/bin/sleep", "sleep", "60", (char *)NULL);
        _exit(127);
    }
    help_wait_for(lists(arena, &list, child, "sleep 60"));
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    const struct procfs_process *us = find(&list, getpid()), *it = find(&list, child);
    assert_non_null(us);
    assert_non_null(it);
    assert_int_equal(it->parent, getpid());
    assert_int_equal(it->uid, getuid());
    assert_string_equal(it->command, "sleep 60");
    assert_non_null(strstr(it->exe, "sleep"));
    assert_string_equal(us->exe, help_self());
    assert_true(llabs(it->started / 1000000000 - now.tv_sec) < 10);
    if (getuid() == 0)
        assert_string_equal(it->user, "root");
    for (size_t i = 1; i < list.count; i++)
        assert_true(((struct procfs_process *)list.at[i - 1])->pid <
                    ((struct procfs_process *)list.at[i])->pid);
    /* Its pid with another start time is another process. */
    assert_int_equal(procfs_signal(child, it->ticks + 1, SIGKILL, &failure), PROCFS_GONE);
    assert_int_equal(procfs_signal(child, it->ticks, SIGTERM, &failure), PROCFS_SIGNALLED);
    int status;
    waitpid(child, &status, 0);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    assert_int_equal(procfs_signal(child, it->ticks, SIGTERM, &failure), PROCFS_GONE);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers), cmocka_unit_test(test_request),
        cmocka_unit_test(test_routes),  cmocka_unit_test(test_failures),
        cmocka_unit_test(test_refuses), cmocka_unit_test(test_time),
        cmocka_unit_test(test_cancel),  cmocka_unit_test(test_many),
        cmocka_unit_test(test_probe),   cmocka_unit_test(test_processes),
    };
    return cmocka_run_group_tests_name("sys_net", tests, start_server, stop_server);
}
