#include "sys/http.h"

#include "base/arena.h"
#include "sys/loop.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { BODY_CAP = 16 << 20, HEADER_CAP = 1 << 20 };

struct http {
    struct loop *loop;
    CURLM *multi; /* NULL until the first request */
    struct loop_timer timer;
};

struct http_request {
    struct arena *arena; /* owns it and the copies of its spec */
    struct http *http;
    CURL *easy;
    struct curl_slist *headers, *connect_to;
    bool added;
    size_t body_cap;
    struct buffer head, body;
    char error[CURL_ERROR_SIZE];
    int64_t began;
    http_done *done;
    void *data;
    struct http_answer answer;
    struct loop_timer timer; /* tells what did not even begin, or was cancelled */
};

static void must(bool done)
{
    if (!done)
        abort(); /* out of memory, as in base/arena.c */
}

struct http *http_new(struct loop *loop)
{
    struct http *http = calloc(1, sizeof *http);
    must(http != NULL);
    http->loop = loop;
    return http;
}

void http_free(struct http *http)
{
    if (!http)
        return;
    loop_timer_stop(&http->timer);
    if (http->multi)
        curl_multi_cleanup(http->multi);
    free(http);
}

static void free_request(struct http_request *request)
{
    loop_timer_stop(&request->timer);
    if (request->added)
        curl_multi_remove_handle(request->http->multi, request->easy);
    curl_easy_cleanup(request->easy);
    curl_slist_free_all(request->headers);
    curl_slist_free_all(request->connect_to);
    buffer_free(&request->head);
    buffer_free(&request->body);
    arena_free(request->arena);
}

static void tell(void *data)
{
    struct http_request *request = data;
    request->answer.headers = buffer_slice(&request->head);
    request->answer.body = buffer_slice(&request->body);
    request->answer.duration = loop_now(request->http->loop) - request->began;
    request->done(request->data, &request->answer);
    free_request(request);
}

static void tell_later(struct http_request *request, enum http_result result)
{
    request->answer.result = result;
    loop_timer_start(request->http->loop, &request->timer, 0, tell, request);
}

/* Has anything of it left this machine? libcurl counts the bytes of requests that it handed to the
 * connection. */
static bool was_sent(struct http_request *request)
{
    long sent = 0;
    curl_easy_getinfo(request->easy, CURLINFO_REQUEST_SIZE, &sent);
    return sent > 0;
}

static enum http_result result_of(const struct http_request *request, CURLcode code)
{
    switch ((int)code) { /* the codes of a foreign list: most can't come here */
    case CURLE_OK:
        return HTTP_ANSWERED;
    case CURLE_OPERATION_TIMEDOUT:
        return HTTP_TIMED_OUT;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_BAD_FUNCTION_ARGUMENT:
    case CURLE_OUT_OF_MEMORY:
    case CURLE_FAILED_INIT:
        return request->answer.sent ? HTTP_LOST : HTTP_NOT_SENT;
    case CURLE_WRITE_ERROR:
    case CURLE_FILESIZE_EXCEEDED:
        return HTTP_TOO_LARGE;
    }
    return request->answer.sent ? HTTP_LOST : HTTP_UNREACHABLE;
}

static void finish(struct http_request *request, CURLcode code)
{
    struct http_answer *answer = &request->answer;
    long status = 0, error = 0;
    curl_easy_getinfo(request->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(request->easy, CURLINFO_OS_ERRNO, &error);
    answer->status = (int)status;
    answer->sent = was_sent(request);
    answer->result = result_of(request, code);
    if (answer->result == HTTP_TOO_LARGE)
        failure_set(&answer->failure, 0, "the answer is larger than %zu bytes", request->body_cap);
    else if (answer->result != HTTP_ANSWERED)
        failure_set(&answer->failure, answer->result == HTTP_UNREACHABLE ? (int)error : 0, "%s",
                    request->error[0] ? request->error : curl_easy_strerror(code));
    tell(request);
}

/* Those that libcurl is through with. */
static void take_finished(struct http *http)
{
    int left;
    for (CURLMsg *message; (message = curl_multi_info_read(http->multi, &left));) {
        if (message->msg != CURLMSG_DONE)
            continue;
        struct http_request *request = NULL;
        CURLcode code = message->data.result; /* the message goes with the handle */
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&request);
        finish(request, code);
    }
}

static void act(struct http *http, curl_socket_t socket, int events)
{
    int running;
    curl_multi_socket_action(http->multi, socket, events, &running);
    take_finished(http);
}

static void on_timer(void *data)
{
    act(data, CURL_SOCKET_TIMEOUT, 0);
}

static int set_timer(CURLM *multi, long milliseconds, void *data)
{
    (void)multi;
    struct http *http = data;
    if (milliseconds < 0)
        loop_timer_stop(&http->timer);
    else
        loop_timer_start(http->loop, &http->timer, (int64_t)milliseconds * 1000000, on_timer, http);
    return 0;
}

struct watched {
    struct http *http;
    curl_socket_t socket;
    struct loop_watch *watch;
};

static void on_ready(void *data, unsigned ready)
{
    struct watched *watched = data; /* may be gone after the call */
    act(watched->http, watched->socket,
        (ready & LOOP_READABLE ? CURL_CSELECT_IN : 0) |
            (ready & LOOP_WRITABLE ? CURL_CSELECT_OUT : 0));
}

static int set_socket(CURL *easy, curl_socket_t socket, int what, void *data, void *of_socket)
{
    (void)easy;
    struct http *http = data;
    struct watched *watched = of_socket;
    if (what == CURL_POLL_REMOVE) {
        if (watched)
            loop_unwatch(watched->watch);
        free(watched);
        return 0;
    }
    unsigned ready =
        (what & CURL_POLL_IN ? LOOP_READABLE : 0U) | (what & CURL_POLL_OUT ? LOOP_WRITABLE : 0U);
    if (watched) {
        loop_watch_change(watched->watch, ready);
        return 0;
    }
    watched = calloc(1, sizeof *watched);
    must(watched != NULL);
    *watched = (struct watched){.http = http, .socket = socket};
    watched->watch = loop_watch(http->loop, socket, ready, on_ready, watched, NULL);
    if (!watched->watch) {
        free(watched);
        return -1;
    }
    curl_multi_assign(http->multi, socket, watched);
    return 0;
}

static size_t take_body(char *at, size_t one, size_t length, void *data)
{
    (void)one;
    struct http_request *request = data;
    /* Content-Length is no promise: what comes is counted. */
    if (length > request->body_cap - request->body.length)
        return 0;
    buffer_add(&request->body, at, length);
    return length;
}

/* The header lines of the last answer: after 100 Continue they begin anew. */
static size_t take_header(char *at, size_t one, size_t length, void *data)
{
    (void)one;
    struct http_request *request = data;
    if (length >= 5 && memcmp(at, "HTTP/", 5) == 0) {
        request->head.length = 0;
        return length;
    }
    if (length <= 2)
        return length; /* the empty line */
    if (request->head.length + length > HEADER_CAP)
        return 0;
    buffer_add(&request->head, at, length);
    return length;
}

static bool begin_multi(struct http *http, struct failure *failure)
{
    if (http->multi)
        return true;
    /* At the first request only: it takes a quarter of a millisecond. */
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0 || !(http->multi = curl_multi_init()))
        return failure_set(failure, 0, "can't begin with HTTP");
    curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
    curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
    curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
    return true;
}

/* libcurl would send a line break in a header as the beginning of another. */
static bool is_clean(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return false;
    return true;
}

static bool add_headers(struct http_request *request, const struct http_spec *spec,
                        struct failure *failure)
{
    for (size_t i = 0; spec->headers && spec->headers[i]; i++) {
        const char *header = spec->headers[i];
        if (!is_clean(header) || !strchr(header, ':'))
            return failure_set(failure, 0, "a header holds a control character, or no ':'");
        /* "Name:" with nothing behind would take a header away; ";" is how it is sent empty. */
        const char *value = strchr(header, ':') + 1;
        if (value[strspn(value, " ")] == '\0')
            header = arena_format(request->arena, "%.*s;", (int)(value - 1 - header), header);
        struct curl_slist *list = curl_slist_append(request->headers, header);
        must(list != NULL);
        request->headers = list;
    }
    /* No "Expect: 100-continue", which waits a second for servers that do not know it. */
    struct curl_slist *list = curl_slist_append(request->headers, "Expect:");
    must(list != NULL);
    request->headers = list;
    return true;
}

static long milliseconds(int64_t nanoseconds)
{
    int64_t rounded = nanoseconds / 1000000 + (nanoseconds % 1000000 != 0);
    return rounded > INT32_MAX ? INT32_MAX : (long)rounded;
}

static void set_limits(struct http_request *request, const struct http_spec *spec)
{
    CURL *easy = request->easy;
    if (spec->timeout > 0)
        curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, milliseconds(spec->timeout));
    int64_t connect = spec->connect_timeout > 0 ? spec->connect_timeout : spec->timeout;
    if (connect > 0)
        curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(connect));
    request->body_cap = spec->body_cap > 0 ? spec->body_cap : BODY_CAP;
    /* A name server that does not answer must not stop the loop, nor at the end. */
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
}

static void set_body(struct http_request *request, const struct http_spec *spec)
{
    CURL *easy = request->easy;
    if (strcmp(spec->method, "HEAD") == 0)
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    if (spec->body) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)spec->body->length);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS,
                         arena_copy(request->arena, spec->body->at, spec->body->length));
    } else if (strcmp(spec->method, "POST") == 0 || strcmp(spec->method, "PUT") == 0 ||
               strcmp(spec->method, "PATCH") == 0) {
        /* Without a length some servers wait for a body. */
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)0);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, "");
    }
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, spec->method);
}

static void set_route(struct http_request *request, const struct http_spec *spec)
{
    CURL *easy = request->easy;
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    /* On a connection that was used before and turns out to be dead, libcurl sends again; what the
     * server made of the first time nobody knows. */
    if (strcmp(spec->method, "GET") != 0 && strcmp(spec->method, "HEAD") != 0)
        curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    if (!spec->proxy_from_environment)
        curl_easy_setopt(easy, CURLOPT_PROXY, "");
    if (spec->unix_socket)
        curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, spec->unix_socket);
    if (spec->connect_to) {
        request->connect_to =
            curl_slist_append(NULL, arena_format(request->arena, "::%s", spec->connect_to));
        must(request->connect_to != NULL);
        curl_easy_setopt(easy, CURLOPT_CONNECT_TO, request->connect_to);
    }
}

static bool set_up(struct http_request *request, const struct http_spec *spec,
                   struct failure *failure)
{
    CURL *easy = request->easy = curl_easy_init();
    must(easy != NULL);
    if (!add_headers(request, spec, failure))
        return false;
    if (!is_clean(spec->url) || strchr(spec->url, ' ') || !is_clean(spec->method))
        return failure_set(failure, 0, "the url holds a blank or a control character");
    curl_easy_setopt(easy, CURLOPT_URL, spec->url);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, request->headers);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "runbook/" RUNBOOK_VERSION);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, request->error);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, request);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, request);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, request);
    set_limits(request, spec);
    set_route(request, spec);
    set_body(request, spec);
    return true;
}

struct http_request *http_send(struct http *http, const struct http_spec *spec, http_done *done,
                               void *data)
{
    struct arena *arena = arena_new();
    struct http_request *request = arena_alloc(arena, sizeof *request);
    request->arena = arena;
    request->http = http;
    request->done = done;
    request->data = data;
    request->began = loop_now(http->loop);
    struct failure *failure = &request->answer.failure;
    bool sent = begin_multi(http, failure) && set_up(request, spec, failure);
    if (sent) {
        CURLMcode code = curl_multi_add_handle(http->multi, request->easy);
        request->added = code == CURLM_OK;
        sent = request->added || failure_set(failure, 0, "%s", curl_multi_strerror(code));
    }
    if (!sent)
        tell_later(request, HTTP_NOT_SENT);
    return request;
}

void http_cancel(struct http_request *request)
{
    if (request->added) {
        request->answer.sent = was_sent(request);
        curl_multi_remove_handle(request->http->multi, request->easy);
        request->added = false;
    }
    failure_set(&request->answer.failure, 0, "cancelled");
    tell_later(request, HTTP_CANCELLED);
}
