/* Connecting: libpq's own steps, each watched anew. */
#include "sys/library.h"
#include "sys/postgres_own.h"

#include <stddef.h>
#include <stdio.h>

static void on_ready(void *data, unsigned ready);

static void take_notice(void *data, const PGresult *result)
{
    struct postgres *postgres = data;
    const char *severity = postgres->pq.resultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    const char *text = postgres->pq.resultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (postgres->spec.notice != NULL && text != NULL && !postgres->is_over)
        postgres->spec.notice(postgres->spec.data, severity ? severity : "", text);
}

static void refuse(struct postgres *postgres)
{
    postgres_take_unreachable(postgres);
    postgres_finish(postgres, POSTGRES_UNREACHABLE);
}

static void step(struct postgres *postgres)
{
    switch (postgres->pq.connectPoll(postgres->connection)) {
    case PGRES_POLLING_READING:
        postgres_watch(postgres, LOOP_READABLE, on_ready);
        return;
    case PGRES_POLLING_WRITING:
        postgres_watch(postgres, LOOP_WRITABLE, on_ready);
        return;
    case PGRES_POLLING_OK:
        loop_timer_stop(&postgres->connect_limit);
        postgres->pq.setErrorVerbosity(postgres->connection, PQERRORS_DEFAULT);
        if (postgres->pq.setnonblocking(postgres->connection, 1) == 0)
            postgres_connected(postgres);
        else
            refuse(postgres);
        return;
    case PGRES_POLLING_FAILED:
    case PGRES_POLLING_ACTIVE: /* libpq: "unused; keep for backwards compatibility" */
        break;
    }
    refuse(postgres);
}

static void on_ready(void *data, unsigned ready)
{
    (void)ready;
    step(data);
}

static void on_limit(void *data)
{
    struct postgres *postgres = data;
    failure_set(&postgres->answer.failure, 0, "%s",
                postgres->phase == PHASE_PLACE ? "the host's address was not found in time"
                                               : "the server did not answer in time");
    postgres_finish(postgres, POSTGRES_TIMED_OUT);
}

static const struct library_function functions[] = {
#define LIBPQ(name) {"PQ" #name, offsetof(struct libpq, name)},
#include "sys/postgres_functions.def"
#undef LIBPQ
    {NULL, 0},
};

/* In the pool. */
static void find(void *data, const atomic_bool *stop)
{
    struct postgres *postgres = data;
    postgres_place_find(postgres->place, stop);
}

static void on_found(void *data)
{
    struct postgres *postgres = data;
    struct postgres_place *place = postgres->place;
    postgres->in_pool = false;
    if (postgres->is_over) {
        postgres_release(postgres);
        return;
    }
    if (place->failure.text[0] != '\0') {
        postgres->answer.failure = place->failure;
        postgres_finish(postgres, POSTGRES_UNREACHABLE);
        return;
    }
    if (!library_load("libpq.so.5", functions, &postgres->pq, &postgres->answer.failure)) {
        postgres_finish(postgres, POSTGRES_UNREACHABLE);
        return;
    }
    postgres->phase = PHASE_CONNECT;
    postgres->connection = postgres->pq.connectStartParams(
        (const char *const *)place->keywords.at, (const char *const *)place->values.at, 0);
    if (postgres->connection == NULL)
        memory_exhausted(sizeof *place);
    if (postgres->pq.status(postgres->connection) == CONNECTION_BAD) {
        refuse(postgres);
        return;
    }
    postgres->pq.setNoticeReceiver(postgres->connection, take_notice, postgres);
    /* So that the reason bears its SQLSTATE: libpq has no other way to tell it. */
    postgres->pq.setErrorVerbosity(postgres->connection, PQERRORS_VERBOSE);
    /* By the manual: behave as if the last poll had said "writing". */
    postgres_watch(postgres, LOOP_WRITABLE, on_ready);
}

void postgres_connect(struct postgres *postgres)
{
    postgres->place = postgres_place_new(&postgres->spec);
    if (postgres->spec.connect_timeout > 0)
        loop_timer_start(postgres->loop, &postgres->connect_limit, postgres->spec.connect_timeout,
                         on_limit, postgres);
    postgres->in_pool = true;
    loop_work(postgres->loop, find, on_found, postgres);
}
