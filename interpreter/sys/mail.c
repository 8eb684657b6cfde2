#include "sys/mail.h"

#include "base/arena.h"
#include "sys/loop.h"
#include "sys/transfers_own.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    LINE_CAP = 256, /* of a command or an answer, for a message to people */
    SOCKETS = 4,    /* two are tried at a time */
};

struct mail {
    struct arena *arena; /* owns it and the copies of its spec */
    struct transfer transfer;
    struct loop_work *work; /* NULL: it did not begin, or is over */
    const atomic_bool *stop;
    int sockets[SOCKETS]; /* those that are open, in no order; -1: none */
    struct curl_slist *recipients;
    struct text message;
    size_t read;            /* bytes of it that libcurl took */
    bool whole;             /* it has all of it: the end mark may have gone out */
    bool over;              /* we said QUIT: what comes now answers that */
    char command[LINE_CAP]; /* the last one that was sent and is fit to be told, or "" */
    char reply[LINE_CAP];   /* the last line that came */
    int64_t began;
    mail_done *done;
    void *data;
    struct mail_answer answer;
    struct loop_timer timer; /* tells what did not even begin */
};

static struct loop *loop_of(const struct mail *mail)
{
    return transfers_loop(mail->transfer.transfers);
}

static void free_mail(struct mail *mail)
{
    loop_timer_stop(&mail->timer);
    transfer_list_free(&mail->transfer, mail->recipients);
    arena_free(mail->arena);
}

static void tell(void *data)
{
    struct mail *mail = data;
    mail->work = NULL;
    mail->answer.sent = mail->whole;
    mail->answer.duration = loop_now(loop_of(mail)) - mail->began;
    mail->done(mail->data, &mail->answer);
    free_mail(mail);
}

/* ---- what it came to ---- */

/* Did the server say no to the last command? 5xx and 4xx; what libcurl makes of it differs from
 * command to command. */
static bool was_refused(const struct mail *mail, CURLcode code)
{
    switch ((int)code) { /* the codes of a foreign list: most can't come here */
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_ABORTED_BY_CALLBACK:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
        return false;
    case CURLE_LOGIN_DENIED:
        return true;
    }
    return mail->answer.code >= 400;
}

static enum mail_result result_of(const struct mail *mail, CURLcode code)
{
    if (code == CURLE_OK)
        return MAIL_ACCEPTED;
    if (was_refused(mail, code))
        return MAIL_REFUSED;
    switch ((int)code) {
    case CURLE_OPERATION_TIMEDOUT:
        return MAIL_TIMED_OUT;
    case CURLE_ABORTED_BY_CALLBACK:
        return MAIL_CANCELLED;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_BAD_FUNCTION_ARGUMENT:
    case CURLE_OUT_OF_MEMORY:
    case CURLE_FAILED_INIT:
        return mail->whole ? MAIL_LOST : MAIL_NOT_SENT;
    }
    return mail->whole ? MAIL_LOST : MAIL_UNREACHABLE;
}

static bool explain_refused(struct mail *mail, CURLcode code)
{
    bool login = code == CURLE_LOGIN_DENIED;
    const char *what = login ? "the login" : mail->command;
    return failure_set(&mail->answer.failure, 0, "%s%s%s", what, *what ? " was refused: " : "",
                       mail->reply);
}

static bool explain(struct mail *mail, CURLcode code)
{
    struct failure *failure = &mail->answer.failure;
    long error = 0;
    switch ((int)code) { /* where libcurl's own words are none for people */
    case CURLE_ABORTED_BY_CALLBACK:
        return failure_set(failure, 0, "cancelled");
    case CURLE_USE_SSL_FAILED:
        return failure_set(failure, 0, "the server does not offer STARTTLS");
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
        return failure_set(failure, 0, "the connection was lost");
    }
    if (mail->answer.result == MAIL_UNREACHABLE)
        mail->transfer.curl->easy_getinfo(mail->transfer.easy, CURLINFO_OS_ERRNO, &error);
    return failure_set(failure, (int)error, "%s",
                       mail->transfer.error[0] ? mail->transfer.error
                                               : mail->transfer.curl->easy_strerror(code));
}

static void finish(struct mail *mail, CURLcode code)
{
    mail->answer.code = (int)strtol(mail->reply, NULL, 10);
    mail->answer.reply = strlen(mail->reply) > 4 ? mail->reply + 4 : "";
    mail->answer.result = result_of(mail, code);
    if (mail->answer.result == MAIL_REFUSED)
        explain_refused(mail, code);
    else if (mail->answer.result != MAIL_ACCEPTED)
        explain(mail, code);
}

/* ---- libcurl's questions ---- */

static size_t give_message(char *into, size_t one, size_t room, void *data)
{
    struct mail *mail = data;
    size_t left = mail->message.length - mail->read;
    size_t length = left < one * room ? left : one * room;
    memcpy(into, mail->message.at + mail->read, length);
    mail->read += length;
    mail->whole = mail->read == mail->message.length;
    return length;
}

/* A line of the server, or of us, as people may read it. */
static void keep_line(char into[LINE_CAP], const char *at, size_t length)
{
    while (length > 0 && (at[length - 1] == '\r' || at[length - 1] == '\n'))
        length--;
    if (length >= LINE_CAP)
        length = LINE_CAP - 1;
    memcpy(into, at, length);
    into[length] = '\0';
}

static size_t take_reply(char *at, size_t one, size_t length, void *data)
{
    (void)one;
    struct mail *mail = data;
    if (!mail->over)
        keep_line(mail->reply, at, length);
    return length;
}

static size_t take_body(char *at, size_t one, size_t length, void *data)
{
    (void)at, (void)one, (void)data;
    return length; /* SMTP has none */
}

static bool begins(const char *at, size_t length, const char *word)
{
    return length >= strlen(word) && memcmp(at, word, strlen(word)) == 0;
}

static curl_socket_t open_socket(void *data, curlsocktype purpose, struct curl_sockaddr *address)
{
    (void)purpose;
    struct mail *mail = data;
    for (size_t i = 0; i < SOCKETS; i++)
        if (mail->sockets[i] < 0)
            return mail->sockets[i] =
                       socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    return CURL_SOCKET_BAD;
}

static int close_socket(void *data, curl_socket_t closed)
{
    struct mail *mail = data;
    for (size_t i = 0; i < SOCKETS; i++)
        if (mail->sockets[i] == closed)
            mail->sockets[i] = -1;
    return close(closed);
}

static void shut(struct mail *mail, int how)
{
    for (size_t i = 0; i < SOCKETS; i++)
        if (mail->sockets[i] >= 0)
            shutdown(mail->sockets[i], how);
}

/* QUIT was sent. libcurl waits for its answer, up to two minutes for a server that hangs: it shall
 * see the end instead. */
static void say_goodbye(struct mail *mail)
{
    mail->over = true;
    shut(mail, SHUT_RD);
}

/* Called every second at least. A mail that is given up must not be ended by libcurl as if it were
 * whole: nothing leaves any more. */
static int look_at_stop(void *data, curl_off_t down, curl_off_t down_now, curl_off_t up,
                        curl_off_t up_now)
{
    (void)down, (void)down_now, (void)up, (void)up_now;
    struct mail *mail = data;
    if (!atomic_load(mail->stop))
        return 0;
    shut(mail, SHUT_RDWR);
    return 1;
}

/* What libcurl sends. Of a login no word is kept. */
static int watch_commands(CURL *easy, curl_infotype kind, char *at, size_t length, void *data)
{
    (void)easy;
    struct mail *mail = data;
    if (kind != CURLINFO_HEADER_OUT || mail->over)
        return 0;
    if (begins(at, length, "QUIT")) {
        say_goodbye(mail);
        return 0;
    }
    mail->command[0] = '\0';
    if (begins(at, length, "MAIL ") || begins(at, length, "RCPT ") || begins(at, length, "DATA"))
        keep_line(mail->command, at, length);
    return 0;
}

/* ---- sending ---- */

static void set_login(struct mail *mail, const struct mail_spec *spec)
{
    const struct curl *curl = mail->transfer.curl;
    CURL *easy = mail->transfer.easy;
    if (spec->authorities) {
        curl->easy_setopt(easy, CURLOPT_CAINFO, spec->authorities);
        curl->easy_setopt(easy, CURLOPT_CAPATH, NULL);
    }
    curl->easy_setopt(easy, CURLOPT_USE_SSL,
                      spec->starttls ? (long)CURLUSESSL_ALL : (long)CURLUSESSL_NONE);
    if (spec->user) {
        curl->easy_setopt(easy, CURLOPT_USERNAME, spec->user);
        curl->easy_setopt(easy, CURLOPT_PASSWORD, spec->password ? spec->password : "");
    }
}

static void set_envelope(struct mail *mail, const struct mail_spec *spec)
{
    const struct curl *curl = mail->transfer.curl;
    CURL *easy = mail->transfer.easy;
    curl->easy_setopt(easy, CURLOPT_MAIL_FROM, arena_format(mail->arena, "<%s>", spec->from));
    for (size_t i = 0; spec->recipients[i]; i++)
        mail->recipients = transfer_list(&mail->transfer, mail->recipients,
                                         arena_format(mail->arena, "<%s>", spec->recipients[i]));
    curl->easy_setopt(easy, CURLOPT_MAIL_RCPT, mail->recipients);
    curl->easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl->easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)spec->message.length);
    curl->easy_setopt(easy, CURLOPT_READFUNCTION, give_message);
    curl->easy_setopt(easy, CURLOPT_READDATA, mail);
}

static void set_up(struct mail *mail, const struct mail_spec *spec)
{
    const struct curl *curl = mail->transfer.curl;
    CURL *easy = mail->transfer.easy;
    curl->easy_setopt(easy, CURLOPT_URL, spec->url);
    curl->easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl->easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    curl->easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    curl->easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl->easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_reply);
    curl->easy_setopt(easy, CURLOPT_HEADERDATA, mail);
    curl->easy_setopt(easy, CURLOPT_DEBUGFUNCTION, watch_commands);
    curl->easy_setopt(easy, CURLOPT_DEBUGDATA, mail);
    curl->easy_setopt(easy, CURLOPT_VERBOSE, 1L); /* else commands are not shown to the above */
    curl->easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl->easy_setopt(easy, CURLOPT_OPENSOCKETDATA, mail);
    curl->easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
    curl->easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, mail);
    curl->easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, look_at_stop);
    curl->easy_setopt(easy, CURLOPT_XFERINFODATA, mail);
    curl->easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    set_login(mail, spec);
    set_envelope(mail, spec);
}

/* In the pool: libcurl 7.88 waits for the answer to the message, and to QUIT, without giving back
 * the thread, be it asked by curl_multi_socket_action or not; the loop would stand still with it.
 */
static void work(void *data, const atomic_bool *stop)
{
    struct mail *mail = data;
    mail->stop = stop;
    finish(mail, mail->transfer.curl->easy_perform(mail->transfer.easy));
    transfer_end(&mail->transfer);
}

static void worked(void *data)
{
    struct mail *mail = data;
    if (mail->transfer.easy != NULL) /* it was cancelled before it began */
        transfer_end(&mail->transfer);
    tell(mail);
}

struct mail *mail_send(struct transfers *transfers, const struct mail_spec *spec, mail_done *done,
                       void *data)
{
    struct arena *arena = arena_new();
    struct mail *mail = arena_alloc(arena, sizeof *mail);
    mail->arena = arena;
    mail->done = done;
    mail->data = data;
    mail->message.at = arena_copy(arena, spec->message.at, spec->message.length);
    mail->message.length = spec->message.length;
    mail->answer.reply = "";
    mail->transfer.transfers = transfers;
    mail->began = loop_now(loop_of(mail));
    for (size_t i = 0; i < SOCKETS; i++)
        mail->sockets[i] = -1;
    const struct transfer_limits limits = {.whole = spec->timeout};
    if (transfer_make(&mail->transfer, transfers, &limits, &mail->answer.failure)) {
        set_up(mail, spec);
        mail->answer.result = MAIL_CANCELLED; /* unless it begins */
        failure_set(&mail->answer.failure, 0, "cancelled");
        mail->work = loop_work(loop_of(mail), work, worked, mail);
    } else {
        mail->answer.result = MAIL_NOT_SENT;
        loop_timer_start(loop_of(mail), &mail->timer, 0, worked, mail);
    }
    return mail;
}

void mail_cancel(struct mail *mail)
{
    if (mail->work != NULL)
        loop_work_cancel(mail->work);
}
