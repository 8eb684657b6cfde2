/* A copy from or to a file: the socket in the loop, the file in the pool, one piece at a time, so
 * that neither waits for the other and no more than a piece is in memory. */
#include "sys/postgres_own.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK = 256 << 10 };

static void back_from_file(void *data);

/* ---- the pool's part ---- */

static void read_file(void *data, const atomic_bool *stop)
{
    struct postgres *postgres = data;
    ssize_t got;
    (void)stop;
    do
        got = read(postgres->file, postgres->chunk, CHUNK);
    while (got < 0 && errno == EINTR);
    postgres->file_error = got < 0 ? errno : 0;
    postgres->chunk_length = got < 0 ? 0 : (size_t)got;
}

static void write_file(void *data, const atomic_bool *stop)
{
    struct postgres *postgres = data;
    size_t written = 0;
    (void)stop;
    postgres->file_error = 0;
    while (written < postgres->chunk_length && postgres->file_error == 0) {
        ssize_t put =
            write(postgres->file, postgres->chunk + written, postgres->chunk_length - written);
        if (put >= 0)
            written += (size_t)put;
        else if (errno != EINTR)
            postgres->file_error = errno;
    }
    postgres->chunk_length = 0;
}

static void into_pool(struct postgres *postgres, void (*run)(void *, const atomic_bool *))
{
    postgres->in_pool = true;
    /* What comes meanwhile stays in the kernel: so a fast server waits for a slow disk. */
    if (postgres->flow == FLOW_OUT)
        postgres_watch(postgres, 0, NULL);
    loop_work(postgres->loop, run, back_from_file, postgres);
}

static void fail_file(struct postgres *postgres, const char *what)
{
    failure_set(&postgres->answer.failure, postgres->file_error, "can't %s the file", what);
    postgres_stop(postgres, POSTGRES_NO_FILE);
}

static void back_from_file(void *data)
{
    struct postgres *postgres = data;
    postgres->in_pool = false;
    if (postgres->is_over) {
        postgres_release(postgres);
        return;
    }
    if (postgres->file_error != 0 && !postgres->stopping)
        fail_file(postgres, postgres->flow == FLOW_IN ? "read" : "write");
    else if (postgres->flow == FLOW_IN && postgres->unsent == UNSENT_NOTHING)
        postgres->unsent = postgres->chunk_length > 0 ? UNSENT_BYTES : UNSENT_END;
    postgres_turn(postgres);
}

/* ---- in ---- */

/* Hands what is unsent to libpq; false when its buffer is full, or the connection broken. */
static bool put(struct postgres *postgres)
{
    const char *reason = postgres->stopping ? "cancelled" : NULL;
    int put = postgres->unsent == UNSENT_BYTES
                  ? postgres->pq.putCopyData(postgres->connection, postgres->chunk,
                                             (int)postgres->chunk_length)
                  : postgres->pq.putCopyEnd(postgres->connection, reason);
    if (put == 0)
        return false;
    /* Of a broken connection the results tell. */
    if (put < 0 || postgres->unsent == UNSENT_END)
        postgres->flow = FLOW_RESULTS;
    postgres->unsent = UNSENT_NOTHING;
    return true;
}

static bool turn_in(struct postgres *postgres)
{
    if (postgres->in_pool)
        return false;
    if (postgres->pq.status(postgres->connection) == CONNECTION_BAD)
        postgres->flow = FLOW_RESULTS; /* libpq would take the rest, and send it nowhere */
    else if (postgres->unsent != UNSENT_NOTHING && !put(postgres))
        return false;
    if (postgres->flow == FLOW_RESULTS)
        return true;
    /* The next piece only when this one has left: so a slow server makes nothing grow. */
    if (postgres->pq.flush(postgres->connection) == 0)
        into_pool(postgres, read_file);
    return false;
}

/* ---- out ---- */

/* Gathers what has come; true when the server has sent all. */
static bool gather(struct postgres *postgres)
{
    while (postgres->chunk_length < CHUNK) {
        char *row = NULL;
        int length = postgres->pq.getCopyData(postgres->connection, &row, 1);
        if (length < 0)
            return true;
        if (length == 0)
            return false;
        size_t room = postgres->chunk_length + (size_t)length;
        if (room > CHUNK) /* a row may be of any length */
            postgres->chunk = memory_resize(postgres->chunk, room);
        if (!postgres->stopping) {
            memcpy(postgres->chunk + postgres->chunk_length, row, (size_t)length);
            postgres->chunk_length = room;
        }
        postgres->pq.freemem(row);
    }
    return false;
}

static bool turn_out(struct postgres *postgres)
{
    if (postgres->in_pool)
        return false;
    bool ended = gather(postgres);
    if (postgres->chunk_length >= CHUNK || (ended && postgres->chunk_length > 0)) {
        into_pool(postgres, write_file);
        return false;
    }
    if (ended)
        postgres->flow = FLOW_RESULTS;
    return ended;
}

/* ---- both ---- */

void postgres_copy_begin(struct postgres *postgres, const PGresult *result)
{
    bool in = postgres->pq.resultStatus(result) == PGRES_COPY_IN;
    bool wanted = postgres->spec.copy == (in ? POSTGRES_COPY_IN : POSTGRES_COPY_OUT);
    postgres->flow = in ? FLOW_IN : FLOW_OUT;
    if (postgres->chunk == NULL)
        postgres->chunk = memory_resize(NULL, CHUNK);
    if (wanted)
        return;
    failure_set(&postgres->answer.failure, 0,
                "a COPY from or to the client has no file here: it is an action of its own");
    postgres_stop(postgres, POSTGRES_REFUSED);
}

bool postgres_copy_turn(struct postgres *postgres)
{
    return postgres->flow == FLOW_IN ? turn_in(postgres) : turn_out(postgres);
}

void postgres_copy_stop(struct postgres *postgres)
{
    if (postgres->flow == FLOW_IN)
        postgres->unsent = UNSENT_END;
}
