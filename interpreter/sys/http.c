#include "sys/http.h"

#include "base/arena.h"
#include "sys/loop.h"
#include "sys/transfers_own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { BODY_CAP = 16 << 20, HEADER_CAP = 1 << 20 };

struct http_request {
    struct arena *arena; /* owns it and the copies of its spec */
    struct transfer transfer;
    struct curl_slist *headers, *connect_to;
    size_t body_cap;
    struct buffer head, body;
    int64_t began;
    http_done *done;
    void *data;
    struct http_answer answer;
    struct loop_timer timer; /* tells what did not even begin, or was cancelled */
};

static struct loop *loop_of(const struct http_request *request)
{
    return transfers_loop(request->transfer.transfers);
}

static void free_request(struct http_request *request)
{
    loop_timer_stop(&request->timer);
    transfer_end(&request->transfer);
    transfer_list_free(&request->transfer, request->headers);
    transfer_list_free(&request->transfer, request->connect_to);
    buffer_free(&request->head);
    buffer_free(&request->body);
    arena_free(request->arena);
}

static void tell(void *data)
{
    struct http_request *request = data;
    request->answer.headers = buffer_slice(&request->head);
    request->answer.body = buffer_slice(&request->body);
    request->answer.duration = loop_now(loop_of(request)) - request->began;
    request->done(request->data, &request->answer);
    free_request(request);
}

static void tell_later(struct http_request *request, enum http_result result)
{
    request->answer.result = result;
    loop_timer_start(loop_of(request), &request->timer, 0, tell, request);
}

/* Has anything of it left this machine? libcurl counts the bytes of requests that it handed to the
 * connection. */
static bool was_sent(struct http_request *request)
{
    long sent = 0;
    request->transfer.curl->easy_getinfo(request->transfer.easy, CURLINFO_REQUEST_SIZE, &sent);
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

static void finish(struct transfer *transfer, CURLcode code)
{
    struct http_request *request = transfer->data;
    struct http_answer *answer = &request->answer;
    long status = 0, error = 0;
    request->transfer.curl->easy_getinfo(request->transfer.easy, CURLINFO_RESPONSE_CODE, &status);
    request->transfer.curl->easy_getinfo(request->transfer.easy, CURLINFO_OS_ERRNO, &error);
    answer->status = (int)status;
    answer->sent = was_sent(request);
    answer->result = result_of(request, code);
    if (answer->result == HTTP_TOO_LARGE)
        failure_set(&answer->failure, 0, "the answer is larger than %zu bytes", request->body_cap);
    else if (answer->result != HTTP_ANSWERED)
        failure_set(&answer->failure, answer->result == HTTP_UNREACHABLE ? (int)error : 0, "%s",
                    transfer->error[0] ? transfer->error : transfer->curl->easy_strerror(code));
    tell(request);
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

static bool add_headers(struct http_request *request, const struct http_spec *spec,
                        struct failure *failure)
{
    for (size_t i = 0; spec->headers && spec->headers[i]; i++) {
        const char *header = spec->headers[i];
        /* libcurl would send a line break in a header as the beginning of another. */
        if (!text_is_line(text_of(header)) || !strchr(header, ':'))
            return failure_set(failure, 0, "a header holds a control character, or no ':'");
        /* "Name:" with nothing behind would take a header away; ";" is how it is sent empty. */
        const char *value = strchr(header, ':') + 1;
        if (value[strspn(value, " ")] == '\0')
            header = arena_format(request->arena, "%.*s;", (int)(value - 1 - header), header);
        request->headers = transfer_list(&request->transfer, request->headers, header);
    }
    /* No "Expect: 100-continue", which waits a second for servers that do not know it. */
    request->headers = transfer_list(&request->transfer, request->headers, "Expect:");
    return true;
}

static void set_body(struct http_request *request, const struct http_spec *spec)
{
    const struct curl *curl = request->transfer.curl;
    CURL *easy = request->transfer.easy;
    if (strcmp(spec->method, "HEAD") == 0)
        curl->easy_setopt(easy, CURLOPT_NOBODY, 1L);
    if (spec->body) {
        curl->easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)spec->body->length);
        curl->easy_setopt(easy, CURLOPT_POSTFIELDS,
                          arena_copy(request->arena, spec->body->at, spec->body->length));
    } else if (strcmp(spec->method, "POST") == 0 || strcmp(spec->method, "PUT") == 0 ||
               strcmp(spec->method, "PATCH") == 0) {
        /* Without a length some servers wait for a body. */
        curl->easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)0);
        curl->easy_setopt(easy, CURLOPT_POSTFIELDS, "");
    }
    curl->easy_setopt(easy, CURLOPT_CUSTOMREQUEST, spec->method);
}

static void set_route(struct http_request *request, const struct http_spec *spec)
{
    const struct curl *curl = request->transfer.curl;
    CURL *easy = request->transfer.easy;
    curl->easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl->easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    /* On a connection that was used before and turns out to be dead, libcurl sends again; what the
     * server made of the first time nobody knows. */
    if (strcmp(spec->method, "GET") != 0 && strcmp(spec->method, "HEAD") != 0)
        curl->easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    if (spec->proxy_from_environment)
        curl->easy_setopt(easy, CURLOPT_PROXY, NULL);
    if (spec->unix_socket)
        curl->easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, spec->unix_socket);
    if (spec->connect_to) {
        request->connect_to = transfer_list(&request->transfer, NULL,
                                            arena_format(request->arena, "::%s", spec->connect_to));
        curl->easy_setopt(easy, CURLOPT_CONNECT_TO, request->connect_to);
    }
}

static bool set_up(struct http_request *request, const struct http_spec *spec,
                   struct failure *failure)
{
    const struct curl *curl = request->transfer.curl;
    CURL *easy = request->transfer.easy;
    if (!add_headers(request, spec, failure))
        return false;
    if (!text_is_line(text_of(spec->url)) || strchr(spec->url, ' ') ||
        !text_is_line(text_of(spec->method)))
        return failure_set(failure, 0, "the url holds a blank or a control character");
    curl->easy_setopt(easy, CURLOPT_URL, spec->url);
    curl->easy_setopt(easy, CURLOPT_HTTPHEADER, request->headers);
    curl->easy_setopt(easy, CURLOPT_USERAGENT, "runbook/" RUNBOOK_VERSION);
    curl->easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl->easy_setopt(easy, CURLOPT_WRITEDATA, request);
    curl->easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    curl->easy_setopt(easy, CURLOPT_HEADERDATA, request);
    set_route(request, spec);
    set_body(request, spec);
    return true;
}

struct http_request *http_send(struct transfers *transfers, const struct http_spec *spec,
                               http_done *done, void *data)
{
    struct arena *arena = arena_new();
    struct http_request *request = arena_alloc(arena, sizeof *request);
    request->arena = arena;
    request->transfer.over = finish;
    request->transfer.data = request;
    request->done = done;
    request->data = data;
    request->body_cap = spec->body_cap > 0 ? spec->body_cap : BODY_CAP;
    const struct transfer_limits limits = {spec->timeout, spec->connect_timeout};
    struct failure *failure = &request->answer.failure;
    request->transfer.transfers = transfers;
    request->began = loop_now(loop_of(request));
    if (!transfer_make(&request->transfer, transfers, &limits, failure) ||
        !set_up(request, spec, failure) || !transfer_begin(&request->transfer, failure))
        tell_later(request, HTTP_NOT_SENT);
    return request;
}

void http_cancel(struct http_request *request)
{
    if (request->transfer.added)
        request->answer.sent = was_sent(request);
    transfer_cancel(&request->transfer);
    failure_set(&request->answer.failure, 0, "cancelled");
    tell_later(request, HTTP_CANCELLED);
}
