/* The conversation: its turns, from one phase to the next, its limits and its end. */
#include "sys/postgres_own.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/ssl.h>
#include <unistd.h>

enum { ROW_CAP = 16 << 20 };

static const struct postgres_phase_about *about_phase(const struct postgres *postgres)
{
    return &postgres_phases[postgres->phase];
}

/* ---- its end ---- */

void postgres_release(struct postgres *postgres)
{
    if (postgres->in_pool)
        return;
    if (postgres->place != NULL)
        arena_free(postgres->place->arena);
    if (postgres->file >= 0)
        close(postgres->file);
    free(postgres->chunk);
    arena_free(postgres->arena);
}

/* Whatever is left of the session the server ends by itself. */
static void close_all(struct postgres *postgres)
{
    loop_timer_stop(&postgres->connect_limit);
    loop_timer_stop(&postgres->limit);
    loop_timer_stop(&postgres->grace);
    loop_timer_stop(&postgres->end);
    loop_unwatch(postgres->watch);
    postgres->watch = NULL;
    if (postgres->connection != NULL)
        postgres->pq.finish(postgres->connection);
    postgres->connection = NULL;
}

void postgres_finish(struct postgres *postgres, enum postgres_result result)
{
    struct postgres_answer *answer = &postgres->answer;
    postgres->table.at = (const struct text *const *)postgres->rows.at;
    postgres->table.count = postgres->rows.count;
    answer->rows = &postgres->table;
    answer->result = result;
    answer->duration = loop_now(postgres->loop) - postgres->began;
    close_all(postgres);
    postgres->is_over = true;
    postgres->spec.done(postgres->spec.data, answer);
    postgres_release(postgres);
}

/* The connection broke, or the server did not answer in its grace. */
static void finish_unheard(struct postgres *postgres)
{
    bool working = postgres->phase == PHASE_WORK && postgres->spec.scope == POSTGRES_ALONE;
    postgres->answer.unsettled = postgres->phase == PHASE_COMMIT || working;
    postgres_finish(postgres, postgres->stopping ? postgres->stopped : POSTGRES_LOST);
}

static void finish_lost(struct postgres *postgres)
{
    postgres_take_lost(postgres);
    finish_unheard(postgres);
}

/* ---- its turns ---- */

static void go_on(struct postgres *postgres);

/* A TLS record may be longer than what libpq takes at once. The rest lies in OpenSSL, and the
 * socket says nothing of it. */
static bool has_more(const struct postgres *postgres)
{
    const struct libpq *pq = &postgres->pq;
    return pq->sslInUse(postgres->connection) &&
           SSL_pending(pq->sslStruct(postgres->connection, "OpenSSL")) > 0;
}

static void on_ready(void *data, unsigned ready)
{
    struct postgres *postgres = data;
    /* When it breaks, what came before is taken all the same: the server may have told why. */
    if (ready & LOOP_READABLE)
        while (postgres->pq.consumeInput(postgres->connection) == 1 && has_more(postgres))
            ;
    postgres_turn(postgres);
}

static void on_deaf(void *data)
{
    finish_lost(data);
}

void postgres_watch(struct postgres *postgres, unsigned ready, loop_ready_callback *callback)
{
    /* While it connects libpq may close the socket and get another of the same number. */
    if (postgres->watch != NULL && callback == postgres->watching &&
        postgres->phase > PHASE_CONNECT) {
        loop_watch_change(postgres->watch, ready);
        return;
    }
    loop_unwatch(postgres->watch);
    postgres->watch = NULL;
    postgres->watching = callback;
    if (ready == 0 || postgres->pq.socket(postgres->connection) < 0)
        return;
    postgres->watch = loop_watch(postgres->loop, postgres->pq.socket(postgres->connection), ready,
                                 callback, postgres, &postgres->answer.failure);
    if (postgres->watch == NULL) /* no memory in the kernel: nothing can be heard any more */
        loop_timer_start(postgres->loop, &postgres->end, 0, on_deaf, postgres);
}

static void take(struct postgres *postgres, const PGresult *result)
{
    switch (postgres->pq.resultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_SINGLE_TUPLE:
    case PGRES_COPY_IN:
    case PGRES_COPY_OUT:
        about_phase(postgres)->take(postgres, result);
        return;
    case PGRES_EMPTY_QUERY: /* nothing but a comment: nothing is what it does */
    case PGRES_NONFATAL_ERROR:
        return;
    case PGRES_COPY_BOTH:
    case PGRES_BAD_RESPONSE:
    case PGRES_FATAL_ERROR:
    case PGRES_PIPELINE_SYNC:
    case PGRES_PIPELINE_ABORTED:
        break;
    }
    postgres->failed = true;
    if (!about_phase(postgres)->may_fail)
        postgres_take_error(postgres, result);
}

/* The statement of this phase is over. False when the conversation is. */
static bool over_with_it(struct postgres *postgres)
{
    bool failed = postgres->failed && !about_phase(postgres)->may_fail;
    if (postgres->pq.status(postgres->connection) == CONNECTION_BAD) {
        finish_lost(postgres);
        return false;
    }
    if (failed && postgres->fatal && !postgres->stopping) {
        finish_lost(postgres); /* the session was ended, whatever it was doing */
        return false;
    }
    /* What was committed is done, even where somebody wanted to stop it. */
    if (postgres->stopping && (failed || postgres->phase != PHASE_COMMIT)) {
        postgres_finish(postgres, postgres->stopped);
        return false;
    }
    if (failed) {
        postgres_finish(postgres, POSTGRES_REFUSED);
        return false;
    }
    postgres->failed = false;
    return true;
}

/* Takes results as long as there are some. False when there will be more, or it is over. */
static bool drain(struct postgres *postgres)
{
    while (postgres->flow == FLOW_RESULTS) {
        if (postgres->pq.isBusy(postgres->connection) &&
            postgres->pq.status(postgres->connection) != CONNECTION_BAD)
            return false;
        PGresult *result = postgres->pq.getResult(postgres->connection);
        if (result == NULL)
            return true;
        take(postgres, result);
        postgres->pq.clear(result);
    }
    return false;
}

void postgres_turn(struct postgres *postgres)
{
    for (;;) {
        if (postgres->flow != FLOW_RESULTS && !postgres_copy_turn(postgres))
            break;
        if (drain(postgres)) {
            if (over_with_it(postgres))
                go_on(postgres);
            return;
        }
        if (postgres->flow == FLOW_RESULTS)
            break;
    }
    if (postgres->in_pool && postgres->flow == FLOW_OUT)
        return;
    int unsent = postgres->pq.flush(postgres->connection);
    if (unsent < 0 && postgres->flow != FLOW_RESULTS)
        finish_lost(postgres);
    else
        postgres_watch(postgres, LOOP_READABLE | (unsent > 0 ? LOOP_WRITABLE : 0U), on_ready);
}

static void send_phase(struct postgres *postgres)
{
    if (postgres->phase == PHASE_PROVE) {
        const struct postgres_proof proof = {postgres->xid, postgres->server};
        postgres_watch(postgres, 0, NULL);
        postgres->spec.prove(postgres->spec.data, &proof);
        return;
    }
    if (about_phase(postgres)->send(postgres) == 1)
        postgres_turn(postgres);
    else
        finish_lost(postgres);
}

/* The next statement, or the next phase. */
static void go_on(struct postgres *postgres)
{
    if (postgres->phase == PHASE_WORK) {
        postgres->answer.statements++;
        if (++postgres->at < postgres->spec.count) {
            send_phase(postgres);
            return;
        }
    }
    do
        postgres->phase++;
    while (postgres->phase < PHASE_OVER && !about_phase(postgres)->applies(postgres));
    if (postgres->phase == PHASE_OVER)
        postgres_finish(postgres, POSTGRES_DONE);
    else
        send_phase(postgres);
}

void postgres_connected(struct postgres *postgres)
{
    go_on(postgres);
}

/* ---- stopping it ---- */

static void on_grace(void *data)
{
    finish_unheard(data);
}

void postgres_stop(struct postgres *postgres, enum postgres_result result)
{
    if (postgres->stopping)
        return;
    postgres->stopping = true;
    postgres->stopped = result;
    loop_timer_start(postgres->loop, &postgres->grace, postgres->spec.grace, on_grace, postgres);
    if (postgres->phase == PHASE_COMMIT)
        return; /* it can't be taken back, only awaited */
    postgres_copy_stop(postgres);
    postgres_send_cancel(postgres, postgres->spec.grace);
}

/* Is the server at something that it has to be told to stop? */
static bool is_asking(const struct postgres *postgres)
{
    return postgres->phase > PHASE_CONNECT && postgres->phase != PHASE_PROVE;
}

static void end_now(void *data)
{
    struct postgres *postgres = data;
    postgres_finish(postgres, postgres->stopped);
}

static void stop_or_end(struct postgres *postgres, enum postgres_result result)
{
    if (postgres->stopping)
        return;
    if (is_asking(postgres)) {
        bool out = postgres->flow == FLOW_IN && !postgres->in_pool;
        postgres_stop(postgres, result);
        if (out)
            postgres_turn(postgres);
        return;
    }
    postgres->stopping = true;
    postgres->stopped = result;
    loop_timer_start(postgres->loop, &postgres->end, 0, end_now, postgres);
}

static void on_limit(void *data)
{
    struct postgres *postgres = data;
    if (postgres->answer.failure.text[0] == '\0' && !postgres->stopping)
        failure_set(&postgres->answer.failure, 0, "%s",
                    is_asking(postgres) ? "it was not over in time"
                                        : "the server did not answer in time");
    stop_or_end(postgres, POSTGRES_TIMED_OUT);
}

void postgres_cancel(struct postgres *postgres)
{
    if (postgres->answer.failure.text[0] == '\0' && !postgres->stopping)
        failure_set(&postgres->answer.failure, 0, "cancelled");
    stop_or_end(postgres, POSTGRES_CANCELLED);
}

void postgres_commit(struct postgres *postgres)
{
    assert(postgres->phase == PHASE_PROVE);
    if (!postgres->stopping)
        go_on(postgres);
}

/* ---- its beginning ---- */

struct postgres *postgres_start(struct loop *loop, const struct postgres_spec *spec)
{
    struct arena *arena = arena_new();
    struct postgres *postgres = arena_alloc(arena, sizeof *postgres);
    postgres->arena = arena;
    postgres->loop = loop;
    postgres->spec = *spec;
    if (spec->row_cap == 0)
        postgres->spec.row_cap = ROW_CAP;
    postgres->server = "";
    postgres->began = loop_now(loop);
    /* Our own: the thread that reads it may come back when the caller has closed his. */
    postgres->file = spec->copy == POSTGRES_NO_COPY ? -1 : fcntl(spec->file, F_DUPFD_CLOEXEC, 3);
    if (spec->timeout > 0)
        loop_timer_start(loop, &postgres->limit, spec->timeout, on_limit, postgres);
    if (spec->copy != POSTGRES_NO_COPY && postgres->file < 0) {
        failure_set(&postgres->answer.failure, errno, "can't copy");
        postgres->stopping = true;
        postgres->stopped = POSTGRES_NO_FILE;
        loop_timer_start(loop, &postgres->end, 0, end_now, postgres);
        return postgres;
    }
    postgres_connect(postgres);
    return postgres;
}
