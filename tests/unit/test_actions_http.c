/* The http actions against a server that does what it is told: answers, silence, a cut connection.
 */
#include "actions_world.h"

#include "sys/transfers.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

/* What the server does with its one connection. */
struct server {
    pthread_t thread;
    int fd;
    int64_t port;
    const char *
        reply; /* sent when the request is there; NULL: nothing, and it waits for the other to go */
    bool reset; /* closes at once instead */
    struct buffer request;
};

static int http_make(void **state)
{
    world_make(state);
    struct world *world = *state;
    world->stage.transfers = transfers_new(world->loop);
    world->stage.limit = 10 * UNITS_SECOND;
    return 0;
}

static int http_end(void **state)
{
    struct world *world = *state;
    transfers_free(world->stage.transfers);
    return world_end(state);
}

#define HTTP_TEST(name) cmocka_unit_test_setup_teardown(name, http_make, http_end)

/* Is all of the request there: its head, and as much behind it as that promises? */
static bool is_whole(const struct buffer *request)
{
    const char *end = request->at ? strstr(request->at, "\r\n\r\n") : NULL;
    const char *length = request->at ? strstr(request->at, "Content-Length: ") : NULL;
    size_t body = length ? strtoul(length + 16, NULL, 10) : 0;
    return end && request->length >= (size_t)(end + 4 - request->at) + body;
}

static void *serve(void *data)
{
    struct server *server = data;
    char piece[4096];
    ssize_t got = 0;
    int fd = accept(server->fd, NULL, NULL);
    while (!is_whole(&server->request) && (got = recv(fd, piece, sizeof piece, 0)) > 0)
        buffer_add(&server->request, piece, (size_t)got);
    if (server->reply != NULL)
        send(fd, server->reply, strlen(server->reply), MSG_NOSIGNAL);
    else if (!server->reset)
        while (recv(fd, piece, sizeof piece, 0) > 0)
            ;
    close(fd);
    return NULL;
}

static void server_start(struct server *server, const char *reply)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    server->reply = reply;
    server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(server->fd >= 0);
    assert_int_equal(bind(server->fd, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(server->fd, 4), 0);
    assert_int_equal(getsockname(server->fd, (struct sockaddr *)&address, &length), 0);
    server->port = ntohs(address.sin_port);
    assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
}

/* The request that came. */
static const char *server_end(struct world *world, struct server *server)
{
    pthread_join(server->thread, NULL);
    close(server->fd);
    const char *request = arena_copy(world->arena, server->request.at ? server->request.at : "",
                                     server->request.length);
    buffer_free(&server->request);
    return request;
}

static const struct value *url_of(struct world *world, const struct server *server,
                                  const char *path)
{
    return text(world, arena_format(world->arena, "http://127.0.0.1:%lld%s",
                                    (long long)server->port, path));
}

/* ---- answers ---- */

static void an_answer_is_told(void **state)
{
    struct world *world = *state;
    struct server server = {0};
    server_start(&server, "HTTP/1.1 503 Busy\r\nContent-Length: 5\r\nX-Two: a\r\nx-two:  b \r\n"
                          "Retry-After: 7\r\n\r\nhello");
    const struct value *out =
        done(world, &action_http_get, ARGS({"url", url_of(world, &server, "/health")}));
    const char *request = server_end(world, &server);
    assert_true(output_truth(world, out, "answered"));
    assert_int_equal(output_number(world, out, "status"), 503);
    assert_string_equal(output_text(world, out, "body"), "hello");
    const struct value *headers = value_member(world->arena, out, "headers");
    assert_string_equal(output_text(world, headers, "x-two"), "a, b");
    assert_string_equal(output_text(world, headers, "retry-after"), "7");
    assert_true(output_number(world, out, "duration") > 0);
    assert_int_equal(strncmp(request, "GET /health HTTP/1.1\r\n", 22), 0);
    assert_non_null(strstr(request, "X-Runbook-Run: demo-20240115-143000-x7k2q\r\n"));
    assert_non_null(strstr(request, "X-Runbook-Step: outer/inner\r\n"));
    assert_non_null(strstr(request, "X-Runbook-Attempt: 42\r\n"));
}

static void values_become_encoded_parts(void **state)
{
    struct world *world = *state;
    struct server server = {0};
    server_start(&server, "HTTP/1.1 204 No Content\r\n\r\n");
    const struct member query[] = {{"a b", text(world, "1&x=2#\r\nEvil: 1")},
                                   {"t", value_integer(world->arena, VALUE_DURATION, UNITS_SECOND)},
                                   {"u", text(world, "caf\xc3\xa9")}};
    const struct member headers[] = {{"X-Token", text(world, "abc")}};
    const struct value *out = done(world, &action_http_get,
                                   ARGS({"url", url_of(world, &server, "/p?k=v#fragment")},
                                        {"query", value_map(world->arena, query, 3)},
                                        {"headers", value_map(world->arena, headers, 1)}));
    const char *request = server_end(world, &server);
    assert_int_equal(output_number(world, out, "status"), 204);
    const char *line =
        "GET /p?k=v&a%20b=1%26x%3D2%23%0D%0AEvil%3A%201&t=1s&u=caf%C3%A9 HTTP/1.1\r\n";
    assert_int_equal(strncmp(request, line, strlen(line)), 0);
    assert_non_null(strstr(request, "X-Token: abc\r\n"));
    assert_null(strstr(request, "\r\nEvil"));
}

static void a_body_is_json_or_as_it_is(void **state)
{
    struct world *world = *state;
    struct server server = {0};
    const struct value *list[] = {number(world, 1), &value_true, &value_unset,
                                  value_float(world->arena, 1.5), text(world, "q\"\n")};
    const struct member members[] = {
        {"list", value_list(world->arena, list, 5)},
        {"wait", value_integer(world->arena, VALUE_DURATION, 90 * UNITS_SECOND)}};
    server_start(&server, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    done(world, &action_http_post,
         ARGS({"url", url_of(world, &server, "/")}, {"json", value_map(world->arena, members, 2)}));
    const char *request = server_end(world, &server);
    assert_int_equal(strncmp(request, "POST / HTTP/1.1\r\n", 17), 0);
    assert_non_null(strstr(request, "Content-Type: application/json\r\n"));
    assert_non_null(
        strstr(request, "\r\n\r\n{\"list\":[1,true,null,1.5,\"q\\\"\\n\"],\"wait\":\"1m30s\"}"));
    const struct core_action *const others[] = {&action_http_put, &action_http_patch,
                                                &action_http_delete};
    static const char *const words[] = {"PUT /", "PATCH /", "DELETE /"};
    for (size_t i = 0; i < 3; i++) {
        struct server again = {0};
        server_start(&again, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        done(world, others[i],
             ARGS({"url", url_of(world, &again, "/")}, {"body", text(world, "plain body")}));
        request = server_end(world, &again);
        assert_int_equal(strncmp(request, words[i], strlen(words[i])), 0);
        assert_non_null(strstr(request, "Content-Type: text/plain; charset=utf-8\r\n"));
        assert_non_null(strstr(request, "\r\n\r\nplain body"));
    }
}

static void it_can_connect_elsewhere(void **state)
{
    struct world *world = *state;
    struct server server = {0};
    server_start(&server, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    const char *there = arena_format(world->arena, "127.0.0.1:%lld", (long long)server.port);
    done(
        world, &action_http_get,
        ARGS({"url", text(world, "http://www.example.com/x")}, {"connect_to", text(world, there)}));
    const char *request = server_end(world, &server);
    assert_non_null(strstr(request, "Host: www.example.com\r\n"));
}

static void a_redirect_is_an_answer(void **state)
{
    struct world *world = *state;
    struct server server = {0};
    server_start(&server, "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n"
                          "Content-Length: 0\r\n\r\n");
    const struct value *out =
        done(world, &action_http_get, ARGS({"url", url_of(world, &server, "/")}));
    server_end(world, &server);
    assert_int_equal(output_number(world, out, "status"), 302);
}

/* ---- none ---- */

static void refused_is_an_answer_to_a_question_alone(void **state)
{
    struct world *world = *state;
    struct server server = {0};
    server_start(&server, "");
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); /* so that the server ends */
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)server.port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    close(fd);
    server_end(world, &server);
    const struct value *url = url_of(world, &server, "/");
    const struct value *out = done(world, &action_http_get, ARGS({"url", url}));
    assert_false(output_truth(world, out, "answered"));
    assert_int_equal(value_member(world->arena, out, "status")->kind, VALUE_UNSET);
    ill(world, act(world, &action_http_post, ARGS({"url", url})), OUTCOME_NOT_STARTED, "POST http");
}

static void no_such_host_is_none(void **state)
{
    struct world *world = *state;
    world->stage.limit = 5 * UNITS_SECOND;
    const struct outcome *outcome =
        act(world, &action_http_get, ARGS({"url", text(world, "http://no-such-host.invalid/")}));
    assert_true(outcome->kind == OUTCOME_NOT_STARTED || outcome->kind == OUTCOME_TIMED_OUT);
    assert_non_null(strstr(outcome->message, "GET http://no-such-host.invalid/"));
}

/* What was sent may have been done: only a change is in doubt. */
static void a_connection_that_breaks_after_sending_is_lost(void **state)
{
    struct world *world = *state;
    static const char *const replies[] = {NULL, "",
                                          "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"};
    for (size_t i = 0; i < 3; i++) {
        struct server server = {.reset = true};
        server_start(&server, replies[i]);
        const struct outcome *outcome =
            act(world, &action_http_post,
                ARGS({"url", url_of(world, &server, "/")}, {"body", text(world, "x")}));
        server_end(world, &server);
        ill(world, outcome, OUTCOME_LOST, "may have acted on it");
    }
}

static void silence_is_a_time_out(void **state)
{
    struct world *world = *state;
    world->stage.limit = UNITS_SECOND / 5;
    const struct core_action *const both[] = {&action_http_get, &action_http_put};
    for (size_t i = 0; i < 2; i++) {
        struct server server = {0};
        server_start(&server, NULL);
        const struct outcome *outcome =
            act(world, both[i], ARGS({"url", url_of(world, &server, "/")}));
        ill(world, outcome, OUTCOME_TIMED_OUT, "within 200ms");
        assert_true(outcome->duration < UNITS_SECOND);
        server_end(world, &server);
    }
}

static void it_can_be_cancelled(void **state)
{
    struct world *world = *state;
    struct server server = {0};
    server_start(&server, NULL);
    const struct deed *deed =
        deed_of(world, &action_http_get, ARGS({"url", url_of(world, &server, "/")}));
    assert_int_equal(begin_with(world, deed, action_http_get.start, UNITS_SECOND / 20)->kind,
                     OUTCOME_CANCELLED);
    server_end(world, &server);
}

/* ---- describing ---- */

static void what_is_no_request_is_refused(void **state)
{
    struct world *world = *state;
    const struct value *url = text(world, "http://h/"), *x = text(world, "x");
    static const char *const urls[] = {"file:///etc/passwd",   "h", "ftp://h/", "http://h/a b",
                                       "http://h/\r\nEvil: 1", ""};
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
        refused(world, &action_http_get, ARGS({"url", text(world, urls[i])}), "url");
    static const char *const names[] = {"", "a b", "X:", "X\r\nEvil"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct member headers[] = {{names[i], x}};
        refused(world, &action_http_get,
                ARGS({"url", url}, {"headers", value_map(world->arena, headers, 1)}), "header");
    }
    const struct member evil[] = {{"X", text(world, "1\r\nEvil: 1")}};
    refused(world, &action_http_get,
            ARGS({"url", url}, {"headers", value_map(world->arena, evil, 1)}), "line break");
    refused(world, &action_http_post, ARGS({"url", url}, {"json", x}, {"body", x}), "not both");
}

static void a_json_that_is_no_utf8_is_not_sent(void **state)
{
    struct world *world = *state;
    ill(world,
        act(world, &action_http_post,
            ARGS({"url", text(world, "http://127.0.0.1:1/")}, {"json", text(world, "\xff")})),
        OUTCOME_NOT_STARTED, "UTF-8");
}

static void plans_show_the_request(void **state)
{
    struct world *world = *state;
    const struct value *unknown = value_unknown(world->arena, "steps.a.token");
    const struct member query[] = {{"id", unknown}, {"q", text(world, "a b")}};
    const struct member headers[] = {{"X-Token", unknown}};
    const struct member json[] = {{"a", unknown}};
    assert_string_equal(shown(world, &action_http_get, ARGS({"url", text(world, "http://h/x")})),
                        "GET http://h/x");
    assert_string_equal(
        shown(world, &action_http_post,
              ARGS({"url", text(world, "http://h/x")}, {"query", value_map(world->arena, query, 2)},
                   {"headers", value_map(world->arena, headers, 1)},
                   {"connect_to", text(world, "10.0.0.1:80")},
                   {"json", value_map(world->arena, json, 1)})),
        "POST http://h/x?id=‹steps.a.token›&q=a%20b\n"
        "  X-Token: ‹steps.a.token›\n"
        "  at 10.0.0.1:80\n"
        "  | {\"a\":\"‹steps.a.token›\"}");
    assert_string_equal(shown(world, &action_http_delete, ARGS({"url", unknown})),
                        "DELETE ‹steps.a.token›");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HTTP_TEST(an_answer_is_told),
        HTTP_TEST(values_become_encoded_parts),
        HTTP_TEST(a_body_is_json_or_as_it_is),
        HTTP_TEST(it_can_connect_elsewhere),
        HTTP_TEST(a_redirect_is_an_answer),
        HTTP_TEST(refused_is_an_answer_to_a_question_alone),
        HTTP_TEST(no_such_host_is_none),
        HTTP_TEST(a_connection_that_breaks_after_sending_is_lost),
        HTTP_TEST(silence_is_a_time_out),
        HTTP_TEST(it_can_be_cancelled),
        HTTP_TEST(what_is_no_request_is_refused),
        HTTP_TEST(a_json_that_is_no_utf8_is_not_sent),
        HTTP_TEST(plans_show_the_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
