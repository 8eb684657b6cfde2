/* What the server said: rows, errors with their place, and why it can't be reached. */
#include "sys/postgres_own.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- rows ---- */

/* The types whose values are more than a text; by their fixed numbers in pg_type, which no server
 * changes. */
static const struct {
    Oid of, list;
    enum postgres_kind kind;
} kinds[] = {
    {16, 1000, POSTGRES_BOOL},   {20, 1016, POSTGRES_INT},        {21, 1005, POSTGRES_INT},
    {23, 1007, POSTGRES_INT},    {26, 1028, POSTGRES_INT},        {28, 1011, POSTGRES_INT},
    {700, 1021, POSTGRES_FLOAT}, {701, 1022, POSTGRES_FLOAT},     {1700, 1231, POSTGRES_NUMERIC},
    {1184, 1185, POSTGRES_TIME}, {1186, 1187, POSTGRES_INTERVAL}, {114, 199, POSTGRES_JSON},
    {3802, 3807, POSTGRES_JSON}, {17, 1001, POSTGRES_BYTES},      {25, 1009, POSTGRES_TEXT},
    {1043, 1015, POSTGRES_TEXT}, {19, 1003, POSTGRES_TEXT},       {2950, 2951, POSTGRES_TEXT},
    {1042, 1014, POSTGRES_TEXT}, {5069, 271, POSTGRES_INT},
};

static void describe(struct postgres_column *column, Oid type)
{
    column->kind = POSTGRES_TEXT;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (kinds[i].of == type || kinds[i].list == type) {
            column->kind = kinds[i].kind;
            column->is_array = kinds[i].list == type;
        }
}

static void take_columns(struct postgres *postgres, const PGresult *result)
{
    size_t count = (size_t)postgres->pq.nfields(result);
    struct postgres_column *columns = arena_alloc(postgres->arena, (count + 1) * sizeof *columns);
    for (size_t i = 0; i < count; i++) {
        const char *name = postgres->pq.fname(result, (int)i);
        columns[i].name = arena_copy(postgres->arena, name, strlen(name));
        describe(&columns[i], postgres->pq.ftype(result, (int)i));
    }
    postgres->table.columns = columns;
    postgres->table.column_count = count;
}

static void take_row(struct postgres *postgres, const PGresult *result, int row)
{
    size_t count = postgres->table.column_count;
    struct text *cells = arena_alloc(postgres->arena, (count + 1) * sizeof *cells);
    postgres->row_bytes += (count + 1) * sizeof *cells;
    for (size_t i = 0; i < count; i++) {
        if (postgres->pq.getisnull(result, row, (int)i))
            continue;
        cells[i].length = (size_t)postgres->pq.getlength(result, row, (int)i);
        cells[i].at = arena_copy(postgres->arena, postgres->pq.getvalue(result, row, (int)i),
                                 cells[i].length);
        postgres->row_bytes += cells[i].length;
    }
    list_add(postgres->arena, &postgres->rows, cells);
}

void postgres_take_rows(struct postgres *postgres, const PGresult *result)
{
    if (postgres->table.columns == NULL)
        take_columns(postgres, result);
    for (int row = 0; row < postgres->pq.ntuples(result); row++) {
        take_row(postgres, result, row);
        if (postgres->row_bytes <= postgres->spec.row_cap)
            continue;
        failure_set(&postgres->answer.failure, 0, "the rows are larger than %zu bytes",
                    postgres->spec.row_cap);
        postgres_stop(postgres, POSTGRES_TOO_LARGE);
        return;
    }
}

/* ---- errors ---- */

static const char *field(struct postgres *postgres, const PGresult *result, int code)
{
    const char *text = postgres->pq.resultErrorField(result, code);
    return text ? arena_copy(postgres->arena, text, strlen(text)) : NULL;
}

/* The server counts characters from 1, and not bytes. */
static size_t bytes_before(const char *text, const char *position)
{
    size_t at = 0;
    for (long character = strtol(position, NULL, 10); character > 1 && text[at] != '\0';
         character--) {
        at++;
        while (((unsigned char)text[at] & 0xc0) == 0x80)
            at++;
    }
    return at;
}

static void take_position(struct postgres *postgres, const PGresult *result)
{
    const char *position = postgres->pq.resultErrorField(result, PG_DIAG_STATEMENT_POSITION);
    struct postgres_error *error = &postgres->error;
    error->statement = postgres->at;
    error->has_position = position != NULL && postgres->phase == PHASE_WORK;
    if (error->has_position)
        error->position = bytes_before(postgres->spec.statements[postgres->at].text, position);
}

/* Text of libpq's own, in one line. */
static const char *own_words(struct postgres *postgres, const char *text)
{
    struct buffer line = {0};
    for (; *text != '\0'; text++)
        if (*text != '\n' || text[1] != '\0')
            buffer_add(&line, *text == '\n' || *text == '\t' ? " " : text, 1);
    const char *words = arena_copy(postgres->arena, line.at ? line.at : "", line.length);
    buffer_free(&line);
    return words;
}

void postgres_take_error(struct postgres *postgres, const PGresult *result)
{
    struct postgres_error *error = &postgres->error;
    const char *state = postgres->pq.resultErrorField(result, PG_DIAG_SQLSTATE);
    const char *severity = postgres->pq.resultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    if (postgres->answer.error != NULL || postgres->stopping)
        return; /* the first one tells why; that it was stopped is known */
    *error = (struct postgres_error){
        .message = field(postgres, result, PG_DIAG_MESSAGE_PRIMARY),
        .detail = field(postgres, result, PG_DIAG_MESSAGE_DETAIL),
        .hint = field(postgres, result, PG_DIAG_MESSAGE_HINT),
    };
    if (state == NULL) {
        postgres_take_lost(postgres);
        postgres->fatal = true;
        return;
    }
    snprintf(error->state, sizeof error->state, "%s", state);
    postgres->fatal = severity != NULL && strcmp(severity, "ERROR") != 0;
    postgres->answer.error = error;
    take_position(postgres, result);
    failure_set(&postgres->answer.failure, 0, "%s (SQLSTATE %s)",
                error->message ? error->message : "", error->state);
}

void postgres_take_lost(struct postgres *postgres)
{
    if (postgres->answer.failure.text[0] == '\0')
        failure_set(&postgres->answer.failure, 0, "%s",
                    own_words(postgres, postgres->pq.errorMessage(postgres->connection)));
}

/* ---- not reached ---- */

/* Does this line of libpq's say that nobody listens there, or that the server does not answer
 * anybody yet, or no more? */
static bool says_down(const char *line)
{
    static const int refusals[] = {ECONNREFUSED, ECONNRESET, ENOENT};
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
        if (strstr(line, strerrordesc_np(refusals[i])) != NULL)
            return true;
    /* A proxy in front of a server that is down takes the connection and drops it. */
    return strstr(line, "57P03:") != NULL ||
           strstr(line, "server closed the connection unexpectedly") != NULL;
}

void postgres_take_unreachable(struct postgres *postgres)
{
    struct buffer words = {0};
    char *text =
        arena_format(postgres->arena, "%s", postgres->pq.errorMessage(postgres->connection));
    postgres->answer.is_down = true;
    for (char *line = text, *next; line != NULL && *line != '\0'; line = next) {
        next = strchr(line, '\n');
        if (next != NULL)
            *next++ = '\0';
        if (line[0] == '\t' || strncmp(line, "LOCATION:", 9) == 0)
            continue; /* advice, and a place in the server's source */
        postgres->answer.is_down = postgres->answer.is_down && says_down(line);
        buffer_format(&words, "%s%s", words.length ? "; " : "", line);
    }
    postgres->answer.is_down = postgres->answer.is_down && words.length > 0;
    failure_set(&postgres->answer.failure, 0, "%s", words.at ? words.at : "can't connect");
    buffer_free(&words);
}
