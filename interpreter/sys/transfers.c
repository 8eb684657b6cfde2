#include "sys/transfers.h"

#include "sys/library.h"
#include "sys/loop.h"
#include "sys/transfers_own.h"

#include <stddef.h>
#include <stdlib.h>

struct transfers {
    struct loop *loop;
    struct curl curl; /* once there is a multi handle */
    CURLM *multi;     /* NULL until the first transfer */
    struct loop_timer timer;
};

static void must(bool done)
{
    if (!done)
        abort(); /* out of memory, as in base/arena.c */
}

struct transfers *transfers_new(struct loop *loop)
{
    struct transfers *transfers = calloc(1, sizeof *transfers);
    must(transfers != NULL);
    transfers->loop = loop;
    return transfers;
}

void transfers_free(struct transfers *transfers)
{
    if (!transfers)
        return;
    loop_timer_stop(&transfers->timer);
    if (transfers->multi)
        transfers->curl.multi_cleanup(transfers->multi);
    free(transfers);
}

struct loop *transfers_loop(const struct transfers *transfers)
{
    return transfers->loop;
}

struct curl_slist *transfer_list(const struct transfer *transfer, struct curl_slist *list,
                                 const char *text)
{
    struct curl_slist *longer = transfer->curl->slist_append(list, text);
    must(longer != NULL);
    return longer;
}

void transfer_list_free(const struct transfer *transfer, struct curl_slist *list)
{
    if (list != NULL)
        transfer->curl->slist_free_all(list);
}

/* ---- between libcurl and the loop ---- */

static struct transfer *transfer_of(const struct curl *curl, CURL *easy)
{
    struct transfer *transfer = NULL;
    curl->easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&transfer);
    return transfer;
}

/* Those that libcurl is through with. */
static void take_finished(struct transfers *transfers)
{
    int left;
    for (CURLMsg *message; (message = transfers->curl.multi_info_read(transfers->multi, &left));) {
        if (message->msg != CURLMSG_DONE)
            continue;
        CURLcode code = message->data.result; /* the message goes with the handle */
        struct transfer *transfer = transfer_of(&transfers->curl, message->easy_handle);
        transfer->over(transfer, code);
    }
}

static void act(struct transfers *transfers, curl_socket_t socket, int events)
{
    int running;
    transfers->curl.multi_socket_action(transfers->multi, socket, events, &running);
    take_finished(transfers);
}

static void on_timer(void *data)
{
    act(data, CURL_SOCKET_TIMEOUT, 0);
}

static int set_timer(CURLM *multi, long milliseconds, void *data)
{
    (void)multi;
    struct transfers *transfers = data;
    if (milliseconds < 0)
        loop_timer_stop(&transfers->timer);
    else
        loop_timer_start(transfers->loop, &transfers->timer, (int64_t)milliseconds * 1000000,
                         on_timer, transfers);
    return 0;
}

struct watched {
    struct transfers *transfers;
    curl_socket_t socket;
    struct loop_watch *watch;
};

static void on_ready(void *data, unsigned ready)
{
    struct watched *watched = data; /* may be gone after the call */
    act(watched->transfers, watched->socket,
        (ready & LOOP_READABLE ? CURL_CSELECT_IN : 0) |
            (ready & LOOP_WRITABLE ? CURL_CSELECT_OUT : 0));
}

static int unwatch(struct watched *watched)
{
    if (watched)
        loop_unwatch(watched->watch);
    free(watched);
    return 0;
}

static int set_socket(CURL *easy, curl_socket_t socket, int what, void *data, void *of_socket)
{
    (void)easy;
    struct transfers *transfers = data;
    struct watched *watched = of_socket;
    if (what == CURL_POLL_REMOVE)
        return unwatch(watched);
    unsigned ready =
        (what & CURL_POLL_IN ? LOOP_READABLE : 0U) | (what & CURL_POLL_OUT ? LOOP_WRITABLE : 0U);
    if (watched) {
        loop_watch_change(watched->watch, ready);
        return 0;
    }
    watched = calloc(1, sizeof *watched);
    must(watched != NULL);
    *watched = (struct watched){.transfers = transfers, .socket = socket};
    watched->watch = loop_watch(transfers->loop, socket, ready, on_ready, watched, NULL);
    if (!watched->watch) {
        free(watched);
        return -1;
    }
    transfers->curl.multi_assign(transfers->multi, socket, watched);
    return 0;
}

static const struct library_function functions[] = {
#define CURL(name) {"curl_" #name, offsetof(struct curl, name)},
#include "sys/curl_functions.def"
#undef CURL
    {NULL, 0},
};

/* At the first transfer only: it takes some milliseconds. */
static bool be_ready(struct transfers *transfers, struct failure *failure)
{
    struct curl *curl = &transfers->curl;
    if (transfers->multi)
        return true;
    if (!library_load("libcurl.so.4", functions, curl, failure))
        return false;
    if (curl->global_init(CURL_GLOBAL_DEFAULT) != 0 || !(transfers->multi = curl->multi_init()))
        return failure_set(failure, 0, "can't begin with libcurl");
    curl->multi_setopt(transfers->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
    curl->multi_setopt(transfers->multi, CURLMOPT_SOCKETDATA, transfers);
    curl->multi_setopt(transfers->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl->multi_setopt(transfers->multi, CURLMOPT_TIMERDATA, transfers);
    return true;
}

/* ---- one transfer ---- */

static long milliseconds(int64_t nanoseconds)
{
    int64_t rounded = nanoseconds / 1000000 + (nanoseconds % 1000000 != 0);
    return rounded > INT32_MAX ? INT32_MAX : (long)rounded;
}

bool transfer_make(struct transfer *transfer, struct transfers *transfers,
                   const struct transfer_limits *limits, struct failure *failure)
{
    const struct curl *curl = &transfers->curl;
    int64_t connect = limits->connect > 0 ? limits->connect : limits->whole;
    transfer->transfers = transfers;
    if (!be_ready(transfers, failure))
        return false;
    CURL *easy = curl->easy_init();
    must(easy != NULL);
    transfer->curl = curl;
    transfer->easy = easy;
    curl->easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    curl->easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->error);
    if (limits->whole > 0)
        curl->easy_setopt(easy, CURLOPT_TIMEOUT_MS, milliseconds(limits->whole));
    if (connect > 0)
        curl->easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(connect));
    /* A name server that does not answer must not stop the loop, nor at the end. */
    curl->easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl->easy_setopt(easy, CURLOPT_PROXY, "");
    return true;
}

bool transfer_begin(struct transfer *transfer, struct failure *failure)
{
    const struct curl *curl = transfer->curl;
    CURLMcode code = curl->multi_add_handle(transfer->transfers->multi, transfer->easy);
    transfer->added = code == CURLM_OK;
    return transfer->added || failure_set(failure, 0, "%s", curl->multi_strerror(code));
}

void transfer_cancel(struct transfer *transfer)
{
    if (transfer->added)
        transfer->curl->multi_remove_handle(transfer->transfers->multi, transfer->easy);
    transfer->added = false;
}

void transfer_end(struct transfer *transfer)
{
    transfer_cancel(transfer);
    if (transfer->easy != NULL)
        transfer->curl->easy_cleanup(transfer->easy);
    transfer->easy = NULL;
}
