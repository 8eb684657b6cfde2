/* tcp: does somebody listen there?
 * May use base, sys/loop and libuv (for the name's addresses), which nobody above sees. */
#ifndef SYS_TCP_H
#define SYS_TCP_H

#include "sys/failure.h"

#include <stdint.h>

struct loop;
struct tcp_probe;

enum tcp_result {
    TCP_OPEN,
    TCP_CLOSED,  /* refused, no route, or no answer within the time */
    TCP_NO_HOST, /* the name has no address: it can't be asked */
    TCP_FAILED,  /* our own fault: descriptors, memory */
    TCP_CANCELLED,
};

/* FAILURE's text tells why, unless TCP_OPEN. */
typedef void tcp_done(void *data, enum tcp_result result, const struct failure *failure);

/* Connects to all addresses of HOST at once and closes again at the first that answers. TIMEOUT in
 * ns, the name's lookup included. DONE is called exactly once, from the loop; the probe is freed
 * after it. */
struct tcp_probe *tcp_probe(struct loop *loop, const char *host, uint16_t port, int64_t timeout,
                            tcp_done *done, void *data);
/* Ends it now; DONE follows with TCP_CANCELLED, from the loop. */
void tcp_cancel(struct tcp_probe *probe);

#endif
