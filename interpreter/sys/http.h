/* http: one HTTP request on the loop.
 * http and https only, certificates always checked, no proxy of the environment unless asked. A
 * redirect is an answer like any other: it is told, not followed. What may change something is sent
 * over a connection of its own, so that libcurl never sends it twice. May use base,
 * sys/loop and sys/transfers. */
#ifndef SYS_HTTP_H
#define SYS_HTTP_H

#include "base/text.h"
#include "sys/failure.h"

#include <stdint.h>

struct transfers; /* whose connections requests share */
struct http_request;

struct http_spec {
    const char *method; /* "GET" */
    const char *url;
    const char *const *headers; /* NULL-terminated "Name: value"; may be NULL. A byte below 0x20
                                   or 0x7f in one is refused */
    const struct text *body;    /* NULL: none */
    const char *connect_to;     /* "host:port" to really connect to; NULL: the url's */
    const char *unix_socket;    /* path of a socket to really connect to; NULL: none */
    int64_t timeout;            /* ns, all of it; 0: none */
    int64_t connect_timeout;    /* ns, until connected; 0: the timeout */
    size_t body_cap;            /* bytes of the answer's body; more is HTTP_TOO_LARGE. 0: 16 MiB */
    bool proxy_from_environment;
};

enum http_result {
    HTTP_ANSWERED,    /* status, headers and body are there */
    HTTP_UNREACHABLE, /* no such host, refused, no route, TLS not agreed: nothing was sent */
    HTTP_NOT_SENT,    /* the request itself is not possible: bad url, bad header, no resources */
    HTTP_LOST,        /* the connection broke, or the answer was none, after something was sent */
    HTTP_TIMED_OUT,
    HTTP_TOO_LARGE,
    HTTP_CANCELLED,
};

struct http_answer {
    enum http_result result;
    bool sent;           /* the server may have the request: of a change the outcome is unknown
                            unless it ANSWERED */
    int status;          /* e.g. 200 */
    struct text headers; /* "Name: value\r\n" each, of the last answer */
    struct text body;
    int64_t duration; /* ns */
    struct failure
        failure; /* unless ANSWERED; of UNREACHABLE its error is connect's, as ECONNREFUSED */
};

/* Its `done` is called exactly once, from the loop; ANSWER lives as long as the call. */
typedef void http_done(void *data, const struct http_answer *answer);

/* Sends it; SPEC is copied. Whatever goes wrong comes by DONE; the request is freed after it. */
struct http_request *http_send(struct transfers *transfers, const struct http_spec *spec,
                               http_done *done, void *data);
/* Ends it now; DONE follows with HTTP_CANCELLED, from the loop. */
void http_cancel(struct http_request *request);

#endif
