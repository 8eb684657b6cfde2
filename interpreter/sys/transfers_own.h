/* transfers_own: one transfer. For sys/http.c and sys/mail.c alone, which make the handle and say
 * what it means when it is over. */
#ifndef SYS_TRANSFERS_OWN_H
#define SYS_TRANSFERS_OWN_H

#include "sys/failure.h"
#include "sys/transfers.h"

#define CURL_DISABLE_TYPECHECK /* its functions are called by pointers */
#include <curl/curl.h>
#include <stdint.h>

/* libcurl's functions, as they were found when it was loaded. */
struct curl {
#define CURL(name) __typeof__(curl_##name) *name;
#include "sys/curl_functions.def"
#undef CURL
};

struct transfer_limits {
    int64_t whole;   /* ns, 0: none */
    int64_t connect; /* ns, 0: that of the whole */
};

/* A zeroed one is over; it stays where it is until it is over again. */
struct transfer {
    struct transfers *transfers;
    const struct curl *curl;
    CURL *easy; /* NULL: not made */
    bool added;
    char error[CURL_ERROR_SIZE]; /* what libcurl has to say of CODE, or "" */
    /* Called once from the loop, when libcurl is through with it: transfer_end is the callee's. */
    void (*over)(struct transfer *transfer, CURLcode code);
    void *data; /* the callee's */
};

/* Makes the handle, with what holds of each transfer: the limits (ns, 0: none), nothing of the
 * environment, no name server that stops the loop. False with FAILURE: libcurl can't be used. */
bool transfer_make(struct transfer *transfer, struct transfers *transfers,
                   const struct transfer_limits *limits, struct failure *failure);
/* Begins it. False with FAILURE: `over` is not called. */
bool transfer_begin(struct transfer *transfer, struct failure *failure);
/* Takes it out of libcurl's hands; `over` is not called any more. It can still be asked. */
void transfer_cancel(struct transfer *transfer);
/* Cancels it, and frees the handle. */
void transfer_end(struct transfer *transfer);

struct loop *transfers_loop(const struct transfers *transfers);
/* LIST with a copy of TEXT behind it; never NULL. */
struct curl_slist *transfer_list(const struct transfer *transfer, struct curl_slist *list,
                                 const char *text);
void transfer_list_free(const struct transfer *transfer, struct curl_slist *list);

#endif
