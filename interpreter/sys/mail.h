/* mail: one message handed to an SMTP server, by a thread of the loop's pool.
 * smtp and smtps only, certificates always checked, no proxy. Over a connection of its own: what
 * libcurl would send a second time may be a second mail. May use base, sys/loop and sys/transfers.
 */
#ifndef SYS_MAIL_H
#define SYS_MAIL_H

#include "base/text.h"
#include "sys/failure.h"

#include <stdint.h>

struct mail;
struct transfers;

struct mail_spec {
    const char *url;               /* "smtp://mail.example.org:587", "smtps://…" */
    const char *from;              /* the envelope's: "ops@example.org" */
    const char *const *recipients; /* NULL-terminated, at least one */
    struct text message;           /* head and body, lines ending in CRLF */
    bool starttls;                 /* of smtp://: nothing is told before TLS is agreed */
    const char *authorities;       /* path of PEM certificates to trust; NULL: the system's */
    const char *user, *password;   /* NULL: nobody logs in */
    int64_t timeout;               /* ns, all of it; 0: none */
};

enum mail_result {
    MAIL_ACCEPTED,    /* the server took it over */
    MAIL_REFUSED,     /* it said no, to the login, an address or the message */
    MAIL_UNREACHABLE, /* no such host, refused, TLS not agreed, or lost before all was sent: the
                         server has no whole message */
    MAIL_NOT_SENT,    /* it can't even be tried: a bad url, no resources */
    MAIL_LOST,        /* all was sent, and no answer came: nobody knows */
    MAIL_TIMED_OUT,
    MAIL_CANCELLED,
};

struct mail_answer {
    enum mail_result result;
    bool sent;              /* the server has the whole message: unless it answered, the outcome is
                               unknown */
    int code;               /* of its last answer, as 250; 0: none came */
    const char *reply;      /* its last line, behind the code; "" */
    int64_t duration;       /* ns */
    struct failure failure; /* unless ACCEPTED */
};

/* Called exactly once, from the loop; ANSWER lives as long as the call. */
typedef void mail_done(void *data, const struct mail_answer *answer);

/* Sends it; SPEC is copied. Whatever goes wrong comes by DONE; the mail is freed after it. */
struct mail *mail_send(struct transfers *transfers, const struct mail_spec *spec, mail_done *done,
                       void *data);
/* Ends it within a second; DONE follows from the loop, with MAIL_CANCELLED unless it was over. */
void mail_cancel(struct mail *mail);

#endif
