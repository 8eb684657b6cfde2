/* transfers_own: one transfer. For sys/http.c and sys/mail.c alone, which make the handle and say
 * what it means when it is over. */
#ifndef SYS_TRANSFERS_OWN_H
#define SYS_TRANSFERS_OWN_H

#include "sys/failure.h"
#include "sys/transfers.h"

#include <curl/curl.h>
#include <stdint.h>

/* A zeroed one is over; it stays where it is until it is over again. */
struct transfer {
    struct transfers *transfers;
    CURL *easy; /* NULL: not made */
    bool added;
    char error[CURL_ERROR_SIZE]; /* what libcurl has to say of CODE, or "" */
    /* Called once from the loop, when libcurl is through with it: transfer_end is the callee's. */
    void (*over)(struct transfer *transfer, CURLcode code);
    void *data; /* the callee's */
};

/* libcurl itself, made at the first call. False with FAILURE. */
bool transfers_ready(struct transfers *transfers, struct failure *failure);
/* Makes the handle, with what holds of each transfer: the limits (ns, 0: none), nothing of the
 * environment, no name server that stops the loop. */
void transfer_make(struct transfer *transfer, struct transfers *transfers, int64_t limit,
                   int64_t connect_limit);
/* Begins it. False with FAILURE: `over` is not called. */
bool transfer_begin(struct transfer *transfer, struct failure *failure);
/* Takes it out of libcurl's hands; `over` is not called any more. It can still be asked. */
void transfer_cancel(struct transfer *transfer);
/* Cancels it, and frees the handle. */
void transfer_end(struct transfer *transfer);

struct loop *transfers_loop(const struct transfers *transfers);
/* LIST with a copy of TEXT behind it; never NULL. */
struct curl_slist *transfer_list(struct curl_slist *list, const char *text);

#endif
