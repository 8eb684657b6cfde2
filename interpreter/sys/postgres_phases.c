/* The conversation, a row of phases. Each sends one statement and takes its results; the phases
 * that do not apply are passed over.
 *
 *   guard   client_connection_check_interval: a session whose client is gone ends, and does not go
 *           on to commit. May fail (an old server, one on Windows).
 *   where   which server, timeline, and when its statistics began: see Settling. May fail.
 *   begin, set, xid
 *   work    the statements
 *   same    the id again: a statement may have ended the transaction itself
 *   prove   the caller writes the id down
 *   commit
 *
 * A transaction that only reads is left open: the server rolls it back when we leave. */
#include "sys/postgres_own.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const int64_t MILLISECOND = 1000000;

#define SERVER                                            \
    "(select system_identifier from pg_control_system())" \
    " || '/' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)"
#define EPOCH "(select coalesce(extract(epoch from stats_reset)::text, '') from pg_stat_bgwriter)"

static int ask(struct postgres *postgres, const char *statement)
{
    return postgres->pq.sendQueryParams(postgres->connection, statement, 0, NULL, NULL, NULL, NULL,
                                        0);
}

static bool always(const struct postgres *postgres)
{
    (void)postgres;
    return true;
}

static bool is_one(const struct postgres *postgres)
{
    return postgres->spec.scope != POSTGRES_ALONE;
}

static bool changes(const struct postgres *postgres)
{
    return postgres->spec.scope == POSTGRES_TRANSACTION;
}

static bool can_guard(const struct postgres *postgres)
{
    return postgres->pq.serverVersion(postgres->connection) >= 140000;
}

static int send_guard(struct postgres *postgres)
{
    return ask(postgres, "select set_config('client_connection_check_interval', '1s', false)");
}

static int send_where(struct postgres *postgres)
{
    return ask(postgres, "select " SERVER " || '/' || " EPOCH);
}

static const char *first_value(struct postgres *postgres, const PGresult *result)
{
    if (postgres->pq.ntuples(result) != 1 || postgres->pq.getisnull(result, 0, 0))
        return NULL;
    return arena_format(postgres->arena, "%s", postgres->pq.getvalue(result, 0, 0));
}

static void take_where(struct postgres *postgres, const PGresult *result)
{
    const char *server = first_value(postgres, result);
    if (server != NULL)
        postgres->server = server;
}

static int send_begin(struct postgres *postgres)
{
    return ask(postgres, changes(postgres) ? "begin" : "begin read only");
}

/* The server's own limit is for the case that ours is not there any more: a little later. */
static int send_set(struct postgres *postgres)
{
    int64_t limit = postgres->spec.timeout > 0 ? postgres->spec.timeout + postgres->spec.grace : 0;
    limit = limit / MILLISECOND > INT32_MAX ? INT32_MAX : limit / MILLISECOND;
    const char *args[] = {arena_format(postgres->arena, "%d", (int)limit),
                          is_one(postgres) ? "true" : "false"};
    return postgres->pq.sendQueryParams(
        postgres->connection,
        "select set_config('datestyle', 'ISO', $2::bool),"
        " set_config('intervalstyle', 'iso_8601', $2::bool),"
        " set_config('bytea_output', 'hex', $2::bool),"
        " case when $1 <> '0' then set_config('statement_timeout', $1, $2::bool) end",
        2, NULL, args, NULL, NULL, 0);
}

static int send_xid(struct postgres *postgres)
{
    return ask(postgres, "select txid_current()::text");
}

static void take_xid(struct postgres *postgres, const PGresult *result)
{
    postgres->xid = first_value(postgres, result);
}

static int send_work(struct postgres *postgres)
{
    const struct postgres_statement *statement = &postgres->spec.statements[postgres->at];
    int sent = postgres->pq.sendQueryParams(postgres->connection, statement->text,
                                            (int)statement->arg_count, NULL, statement->args, NULL,
                                            NULL, 0);
    /* Row by row: what is too much is seen before it is in memory. */
    if (sent == 1 && postgres->spec.copy == POSTGRES_NO_COPY)
        postgres->pq.setSingleRowMode(postgres->connection);
    return sent;
}

static void take_work(struct postgres *postgres, const PGresult *result)
{
    ExecStatusType status = postgres->pq.resultStatus(result);
    if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT) {
        postgres_copy_begin(postgres, result);
        return;
    }
    if (postgres->spec.scope == POSTGRES_READING && postgres->at + 1 == postgres->spec.count &&
        !postgres->stopping && (status == PGRES_SINGLE_TUPLE || status == PGRES_TUPLES_OK))
        postgres_take_rows(postgres, result);
    const char *tag = postgres->pq.cmdTuples((PGresult *)(uintptr_t)result);
    /* Rows that were only looked at are none that were changed. */
    if (status == PGRES_COMMAND_OK ||
        (status == PGRES_TUPLES_OK &&
         strncmp(postgres->pq.cmdStatus((PGresult *)(uintptr_t)result), "SELECT", 6) != 0))
        postgres->answer.affected += strtoll(tag, NULL, 10);
}

static void take_same(struct postgres *postgres, const PGresult *result)
{
    const char *xid = first_value(postgres, result);
    bool same = xid != NULL && postgres->xid != NULL && strcmp(xid, postgres->xid) == 0 &&
                postgres->pq.transactionStatus(postgres->connection) != PQTRANS_IDLE;
    if (same || postgres->stopping)
        return;
    failure_set(&postgres->answer.failure, 0,
                "a statement ended the transaction that it stands in (COMMIT, ROLLBACK): what was "
                "done before it is done");
    postgres->answer.unsettled = true;
    postgres->stopping = true;
    postgres->stopped = POSTGRES_REFUSED;
}

static int send_commit(struct postgres *postgres)
{
    return ask(postgres, "commit");
}

/* Of a transaction that failed, COMMIT is answered by ROLLBACK. */
static void take_commit(struct postgres *postgres, const PGresult *result)
{
    if (strcmp(postgres->pq.cmdStatus((PGresult *)(uintptr_t)result), "COMMIT") == 0)
        return;
    failure_set(&postgres->answer.failure, 0, "the server rolled the transaction back");
    postgres->failed = true;
}

static void take_nothing(struct postgres *postgres, const PGresult *result)
{
    (void)postgres;
    (void)result;
}

static bool asks_proof(const struct postgres *postgres)
{
    return changes(postgres) && postgres->spec.prove != NULL;
}

const struct postgres_phase_about postgres_phases[] = {
    [PHASE_GUARD] = {can_guard, send_guard, take_nothing, true},
    [PHASE_WHERE] = {asks_proof, send_where, take_where, true},
    [PHASE_BEGIN] = {is_one, send_begin, take_nothing, false},
    [PHASE_SET] = {always, send_set, take_nothing, false},
    [PHASE_XID] = {changes, send_xid, take_xid, false},
    [PHASE_WORK] = {always, send_work, take_work, false},
    [PHASE_SAME] = {changes, send_xid, take_same, false},
    [PHASE_PROVE] = {asks_proof, NULL, NULL, false},
    [PHASE_COMMIT] = {changes, send_commit, take_commit, false},
};
static_assert(sizeof postgres_phases / sizeof postgres_phases[0] == PHASE_OVER,
              "a row for each phase");

/* ---- settling ----
 *
 * A transaction's id means something to one server, on one timeline, and only if it is on its disk:
 * an id that was handed out right before a crash is handed out again after it, to somebody else. So
 * "committed" counts when there was no crash since. The statistics tell: a crash discards them, and
 * stats_reset is then the time of it. "aborted" counts always: what was committed is on the disk,
 * and its id never comes again. An id of the future was never on the disk. */

const char postgres_settle[] =
    "select case when " SERVER " <> split_part($2, '/', 1) || '/' || split_part($2, '/', 2)"
    " then 'another server'"
    " when " EPOCH " = split_part($2, '/', 3) then txid_status($1::bigint)"
    " when txid_status($1::bigint) = 'committed' then 'crashed since'"
    " else txid_status($1::bigint) end";

enum postgres_fate postgres_fate_of(const struct postgres_answer *answer)
{
    const struct postgres_rows *rows = answer->rows;
    const char *future = "22023"; /* invalid_parameter_value: it has not come to that id yet */
    if (answer->error != NULL && strcmp(answer->error->state, future) == 0)
        return POSTGRES_ABORTED;
    if (answer->result != POSTGRES_DONE)
        return POSTGRES_UNASKED;
    if (rows->count != 1 || rows->column_count != 1 || rows->at[0][0].at == NULL)
        return POSTGRES_FORGOTTEN;
    struct text said = rows->at[0][0];
    return text_is(said, "committed")     ? POSTGRES_COMMITTED
           : text_is(said, "aborted")     ? POSTGRES_ABORTED
           : text_is(said, "in progress") ? POSTGRES_AT_WORK
                                          : POSTGRES_FORGOTTEN;
}
