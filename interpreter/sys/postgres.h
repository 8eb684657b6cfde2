/* postgres: one conversation with a PostgreSQL server on the loop: connect, do it, leave.
 * Values go as bound parameters, never as a part of a statement's text. What changes something does
 * so in one transaction, whose id is told before its COMMIT, so that nobody has to guess when the
 * connection breaks right then. Nothing of the environment (PGHOST …) counts once
 * postgres_forget_environment was called. May use base, sys/loop and libpq, which nobody above
 * sees. */
#ifndef SYS_POSTGRES_H
#define SYS_POSTGRES_H

#include "base/text.h"
#include "sys/failure.h"

#include <stdint.h>

struct loop;
struct postgres; /* a conversation; gone once `done` was called */

enum postgres_scope {
    POSTGRES_READING,     /* in a transaction that the server lets change nothing */
    POSTGRES_TRANSACTION, /* all of it or nothing */
    POSTGRES_ALONE,       /* each statement by itself, for what can't be in a transaction */
};

struct postgres_statement {
    const char *text;        /* exactly one statement; its parameters are $1, $2 … */
    const char *const *args; /* as text, the server knows their types; NULL: SQL's null */
    size_t arg_count;
};

enum postgres_copy { POSTGRES_NO_COPY, POSTGRES_COPY_IN, POSTGRES_COPY_OUT };

enum postgres_kind { /* what a column holds; its values come as the server writes them */
                     POSTGRES_TEXT,
                     POSTGRES_BOOL, /* t, f */
                     POSTGRES_INT,
                     POSTGRES_FLOAT,
                     POSTGRES_NUMERIC,
                     POSTGRES_TIME,     /* with a zone: 2024-01-15 14:30:00.5+00 */
                     POSTGRES_INTERVAL, /* ISO 8601: P1DT2H */
                     POSTGRES_JSON,
                     POSTGRES_BYTES, /* \x6869 */
};
struct postgres_column {
    const char *name;
    enum postgres_kind kind;
    bool is_array; /* of that kind: {1,2} */
};
struct postgres_rows {
    const struct postgres_column *columns;
    size_t column_count;
    const struct text *const *at; /* rows of cells; the cell of a null has `at` NULL */
    size_t count;
};

enum postgres_result {
    POSTGRES_DONE,        /* and committed, where it was a transaction */
    POSTGRES_UNREACHABLE, /* no connection: no such host, refused, TLS or login not agreed */
    POSTGRES_REFUSED,     /* the server says why in `error` */
    POSTGRES_LOST,        /* the connection broke */
    POSTGRES_TIMED_OUT,
    POSTGRES_CANCELLED,
    POSTGRES_TOO_LARGE, /* more rows than the cap */
    POSTGRES_NO_FILE,   /* the file that is copied can't be read or written */
};

/* What the server said. Texts are NULL where it said nothing. */
struct postgres_error {
    char state[6]; /* SQLSTATE, "" when the error is no server's */
    const char *message, *detail, *hint;
    size_t statement; /* place in the spec's statements */
    size_t position;  /* bytes from its beginning, where has_position */
    bool has_position;
};

struct postgres_answer {
    enum postgres_result result;
    bool is_down;      /* of UNREACHABLE: nobody listens there, or it is starting or ending */
    bool unsettled;    /* it may have been done or not, and only the server can tell: its
                          `postgres_proof` was told before. Otherwise what is not DONE has
                          changed nothing, but for the first `statements` of ALONE */
    size_t statements; /* that ended well */
    int64_t affected;  /* rows that they changed; of a copy, its rows */
    const struct postgres_rows *rows;   /* of the last statement, when READING; never NULL */
    const struct postgres_error *error; /* of REFUSED, and of others when the server said it */
    int64_t duration;                   /* ns */
    struct failure failure;             /* one line, unless DONE */
};

/* What settles a transaction later: postgres_settle. Texts without blanks. */
struct postgres_proof {
    const char *transaction; /* its id */
    const char *server;      /* which one, and since when without a crash; "" where it won't tell */
};

struct postgres_spec {
    /* libpq's keywords ("host", "sslmode" …) and `servicefile`; both end with NULL. */
    const char *const *keywords, *const *values;
    int64_t connect_timeout; /* ns; 0: only `timeout` counts */
    int64_t timeout;         /* ns, all of it up to COMMIT; 0: none */
    int64_t grace;           /* ns that the server has to answer a cancel, or a COMMIT once the time
                                is over */
    enum postgres_scope scope;
    const struct postgres_statement *statements;
    size_t count;
    enum postgres_copy copy; /* the one statement is a COPY from stdin or to stdout: */
    int file;                /* open at its beginning; stays the caller's */
    size_t row_cap;          /* bytes of rows that are kept; 0: 16 MiB */
    /* Of a TRANSACTION, before its COMMIT: go on with postgres_commit once it is written down.
     * NULL: nobody asks. */
    void (*prove)(void *data, const struct postgres_proof *proof);
    void (*notice)(void *data, const char *severity, const char *text); /* may be NULL */
    /* Exactly once, from the loop; ANSWER lives as long as the call. */
    void (*done)(void *data, const struct postgres_answer *answer);
    void *data;
};

/* Begins; whatever goes wrong comes by `done`. SPEC is copied; what it points to lives until
 * `done`. */
struct postgres *postgres_start(struct loop *loop, const struct postgres_spec *spec);
void postgres_commit(struct postgres *postgres);
/* Ends it as the time limit does: the server is told to stop at once, and `done` follows when it
 * has, or after the grace. */
void postgres_cancel(struct postgres *postgres);

enum postgres_fate {
    POSTGRES_COMMITTED,
    POSTGRES_ABORTED,
    POSTGRES_AT_WORK,   /* still: ask again */
    POSTGRES_FORGOTTEN, /* too long ago, by another server, or the server crashed since: nobody can
                           tell */
    POSTGRES_UNASKED,   /* no answer: its failure tells why */
};
/* The statement that asks what became of a transaction; its two arguments are PROOF's texts.
 * postgres_fate_of reads its answer. */
extern const char postgres_settle[];
enum postgres_fate postgres_fate_of(const struct postgres_answer *answer);

/* Takes libpq's variables (PGHOST, PGPASSWORD …) out of the environment: what a runbook connects to
 * stands in the runbook. Before any thread is started. */
void postgres_forget_environment(void);

#endif
