/* postgres_own: what the files of sys/postgres share; nobody else includes it. */
#ifndef SYS_POSTGRES_OWN_H
#define SYS_POSTGRES_OWN_H

#include "base/arena.h"
#include "base/list.h"
#include "sys/loop.h"
#include "sys/postgres.h"

#include <libpq-fe.h>

/* libpq's functions, as they were found when it was loaded. */
struct libpq {
#define LIBPQ(name) __typeof__(PQ##name) *name;
#include "sys/postgres_functions.def"
#undef LIBPQ
};

/* ---- where to connect to (postgres_place.c) ---- */

/* Keywords and values as libpq takes them. In memory of its own: a thread of the pool works on it,
 * and may come back when the conversation is long over. */
struct postgres_place {
    struct arena *arena;
    struct list keywords, values;
    struct failure failure; /* its text is empty when all went well */
};
/* Copies those of SPEC; the caller frees its arena. */
struct postgres_place *postgres_place_new(const struct postgres_spec *spec);
/* In the pool: reads the service file, finds the addresses of its hosts. */
void postgres_place_find(void *place, const atomic_bool *stop);

/* ---- the conversation ---- */

enum postgres_phase {
    PHASE_PLACE,   /* the pool looks for the addresses */
    PHASE_CONNECT, /* libpq connects */
    PHASE_GUARD,   /* the server shall notice when we are gone */
    PHASE_WHERE,   /* which server it is */
    PHASE_BEGIN,
    PHASE_SET,   /* how it writes values, its own time limit */
    PHASE_XID,   /* the transaction's id */
    PHASE_WORK,  /* the statements, one after the other */
    PHASE_SAME,  /* is it still the same transaction? */
    PHASE_PROVE, /* the caller writes the id down */
    PHASE_COMMIT,
    PHASE_OVER,
};

enum postgres_flow { FLOW_RESULTS, FLOW_IN, FLOW_OUT };
enum copy_unsent { UNSENT_NOTHING, UNSENT_BYTES, UNSENT_END };

struct postgres {
    struct arena *arena; /* owns it and what is answered */
    struct loop *loop;
    struct libpq pq; /* once there is a connection */
    struct postgres_spec spec;
    struct postgres_place *place;
    PGconn *connection;
    enum postgres_phase phase;
    size_t at; /* the statement that works */
    struct loop_watch *watch;
    loop_ready_callback *watching; /* whom it calls */
    struct loop_timer connect_limit, limit, grace, end;
    bool in_pool;  /* a thread has a part of it: it can't be freed before that comes back */
    bool is_over;  /* told */
    bool stopping; /* no further statement: */
    enum postgres_result stopped; /* how it will be told */
    bool failed;                  /* the statement that works ended with `error` */
    bool fatal;                   /* and the session with it */
    const char *xid, *server;
    /* A copy. */
    enum postgres_flow flow;
    enum copy_unsent unsent;
    int file; /* our own descriptor of it; -1: none */
    char *chunk;
    size_t chunk_length;
    int file_error;
    /* Rows. */
    struct list rows;
    size_t row_bytes;
    struct postgres_rows table;
    struct postgres_error error;
    struct postgres_answer answer;
    int64_t began;
};

/* ---- the phases (postgres_phases.c) ---- */

struct postgres_phase_about {
    bool (*applies)(const struct postgres *postgres);
    int (*send)(struct postgres *postgres);
    void (*take)(struct postgres *postgres, const PGresult *result);
    bool may_fail; /* what it asked for is done without */
};
/* By postgres_phase; those before PHASE_GUARD have no row of their own. */
extern const struct postgres_phase_about postgres_phases[];

/* ---- its turns (postgres.c) ---- */

/* Tells RESULT and frees; only from the loop's callbacks. */
void postgres_finish(struct postgres *postgres, enum postgres_result result);
/* The server is to stop what it does; RESULT is told when it has. */
void postgres_stop(struct postgres *postgres, enum postgres_result result);
/* After each step of libpq: sends what waits, takes what came. */
void postgres_turn(struct postgres *postgres);
/* Watches the socket, anew: libpq may have changed it under the same number. 0: not at all. */
void postgres_watch(struct postgres *postgres, unsigned ready, loop_ready_callback *callback);
/* Frees it once nobody has a part of it. */
void postgres_release(struct postgres *postgres);

/* ---- connecting (postgres_connect.c) ---- */

void postgres_connect(struct postgres *postgres); /* postgres_connected follows */
void postgres_connected(struct postgres *postgres);

/* ---- a copy (postgres_copy.c) ---- */

/* RESULT says that the server waits for data, or sends some. */
void postgres_copy_begin(struct postgres *postgres, const PGresult *result);
/* Goes on with it. False while it waits for the file or the socket; true when results follow. */
bool postgres_copy_turn(struct postgres *postgres);
/* Lets the server end a copy that it waits for. */
void postgres_copy_stop(struct postgres *postgres);

/* ---- what the server said (postgres_answer.c) ---- */

void postgres_take_rows(struct postgres *postgres, const PGresult *result);
/* Fills `error` and the failure. */
void postgres_take_error(struct postgres *postgres, const PGresult *result);
/* The same for what libpq says of the connection. */
void postgres_take_lost(struct postgres *postgres);
void postgres_take_unreachable(struct postgres *postgres);

/* ---- cancelling (postgres_cancel.c) ---- */

/* Tells the server to stop what the connection asked of it, by a child that nobody waits for longer
 * than LIMIT ns. Nothing of it is told: the answer comes on the connection itself. */
void postgres_send_cancel(const struct postgres *postgres, int64_t limit);

#endif
