/* Conversations with a real server: what it answers, what happens when it is cut off, held up or
 * killed at the wrong moment. */
#include "postgres_server.h"

#include "sys/postgres.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

static struct server server;
static struct loop *loop;

/* A conversation and what came of it. */
struct talk {
    struct postgres *postgres;
    struct postgres_spec spec;
    struct loop_timer timer;
    int ends;
    enum postgres_result result;
    bool is_down, unsettled, has_error, commits;
    struct postgres_error error;
    char failure[512], message[512], cells[4096], kinds[128], notice[256];
    char transaction[32], server[96];
    size_t row_count, statements;
    long long affected;
    int64_t duration;
    enum postgres_fate fate;
};

static void keep(struct talk *talk, const struct postgres_rows *rows)
{
    size_t length = 0;
    for (size_t i = 0; i < rows->column_count; i++)
        snprintf(talk->kinds + strlen(talk->kinds), 16, "%s%d%s", i ? " " : "",
                 (int)rows->columns[i].kind, rows->columns[i].is_array ? "[]" : "");
    for (size_t row = 0; row < rows->count && length < sizeof talk->cells - 256; row++)
        for (size_t i = 0; i < rows->column_count; i++)
            length += (size_t)snprintf(talk->cells + length, 200, "%s%.*s", row + i ? "|" : "",
                                       rows->at[row][i].at ? (int)rows->at[row][i].length : 4,
                                       rows->at[row][i].at ? rows->at[row][i].at : "null");
}

static void on_done(void *data, const struct postgres_answer *answer)
{
    struct talk *talk = data;
    talk->ends++;
    talk->result = answer->result;
    talk->is_down = answer->is_down;
    talk->unsettled = answer->unsettled;
    talk->statements = answer->statements;
    talk->affected = answer->affected;
    talk->duration = answer->duration;
    talk->has_error = answer->error != NULL;
    if (answer->error) {
        talk->error = *answer->error;
        snprintf(talk->message, sizeof talk->message, "%s", answer->error->message);
    }
    snprintf(talk->failure, sizeof talk->failure, "%s", answer->failure.text);
    talk->row_count = answer->rows->count;
    talk->fate = postgres_fate_of(answer);
    keep(talk, answer->rows);
    loop_stop(loop);
}

static void on_proof(void *data, const struct postgres_proof *proof)
{
    struct talk *talk = data;
    snprintf(talk->transaction, sizeof talk->transaction, "%s", proof->transaction);
    snprintf(talk->server, sizeof talk->server, "%s", proof->server);
    if (talk->commits)
        postgres_commit(talk->postgres);
    else
        loop_stop(loop);
}

static void on_notice(void *data, const char *severity, const char *text)
{
    struct talk *talk = data;
    snprintf(talk->notice, sizeof talk->notice, "%s: %s", severity, text);
}

static const char *const keywords[] = {"host", "user", "dbname", "application_name", NULL};
static const char *values[] = {NULL, "test", "postgres", "talk", NULL};
static struct postgres_statement one;

static struct talk talk_of(enum postgres_scope scope, const char *statement)
{
    one = (struct postgres_statement){.text = statement};
    return (struct talk){.commits = true,
                         .spec = {.keywords = keywords,
                                  .values = values,
                                  .connect_timeout = 20000 * ms,
                                  .timeout = 20000 * ms,
                                  .grace = 5000 * ms,
                                  .scope = scope,
                                  .statements = &one,
                                  .count = 1,
                                  .notice = on_notice,
                                  .done = on_done}};
}

/* The same, of a session that goes by NAME in the server's activity. */
static struct talk talk_named(const char *name, const char *statement)
{
    static const char *named[5];
    struct talk talk = talk_of(POSTGRES_TRANSACTION, statement);
    memcpy(named, values, sizeof named);
    named[3] = name;
    talk.spec.values = named;
    return talk;
}

/* Begins it and turns the loop until it ends, or waits for the commit. */
static void begin(struct talk *talk)
{
    talk->spec.data = talk;
    if (talk->spec.scope == POSTGRES_TRANSACTION)
        talk->spec.prove = on_proof;
    talk->postgres = postgres_start(loop, &talk->spec);
}

static void run(struct talk *talk)
{
    begin(talk);
    loop_run(loop);
    assert_int_equal(talk->ends, 1);
}

static struct talk asked(enum postgres_scope scope, const char *statement)
{
    struct talk talk = talk_of(scope, statement);
    run(&talk);
    return talk;
}

static void done(const char *statement)
{
    struct talk talk = asked(POSTGRES_TRANSACTION, statement);
    assert_string_equal(talk.failure, "");
    assert_int_equal(talk.result, POSTGRES_DONE);
}

static char *value_of(const char *query)
{
    static char value[4096];
    struct talk talk = asked(POSTGRES_READING, query);
    assert_string_equal(talk.failure, "");
    memcpy(value, talk.cells, sizeof value);
    return value;
}

/* Asks again and again until the answer is WANTED. */
static void becomes(const char *query, const char *wanted)
{
    int64_t until = help_now() + 30000 * ms;
    struct talk talk;
    do {
        if (help_now() > until)
            fail_msg("never %s: %s", wanted, query);
        talk = asked(POSTGRES_READING, query);
    } while (talk.result != POSTGRES_DONE || strcmp(talk.cells, wanted) != 0);
}

static int set_up(void **state)
{
    (void)state;
    struct failure failure;
    postgres_forget_environment();
    server = server_new();
    values[0] = server.folder;
    loop = loop_new(NULL, &failure);
    assert_non_null(loop);
    becomes("select 1", "1");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    loop_free(loop);
    server_remove(&server);
    return 0;
}

/* ---- what it answers ---- */

static void test_values_have_their_kinds(void **state)
{
    (void)state;
    struct talk talk = asked(
        POSTGRES_READING,
        "select true, 2::int8, 1.5::float8, 12.50::numeric, '2024-01-15 14:30:00+00'::timestamptz"
        " at time zone 'UTC' at time zone 'UTC', '1 day 2 hours'::interval, '{\"a\":1}'::jsonb,"
        " '\\x6869'::bytea, 'é', null, array['a','b c'], array[1,null]");
    assert_string_equal(talk.failure, "");
    assert_string_equal(talk.kinds, "1 2 3 4 5 6 7 8 0 0 0[] 2[]");
    assert_string_equal(talk.cells, "t|2|1.5|12.50|2024-01-15 14:30:00+00|P1DT2H|{\"a\": 1}|"
                                    "\\x6869|é|null|{a,\"b c\"}|{1,NULL}");
}

static void test_parameters_are_bound(void **state)
{
    (void)state;
    const char *const args[] = {"'; drop table x; --", NULL, "41"};
    struct talk talk = talk_of(POSTGRES_READING, "select $1::text, $2::text is null, $3::int + 1");
    one.args = args;
    one.arg_count = 3;
    run(&talk);
    assert_string_equal(talk.cells, "'; drop table x; --|t|42");
}

static void test_reading_changes_nothing(void **state)
{
    (void)state;
    struct talk talk = asked(POSTGRES_READING, "create table no ()");
    assert_int_equal(talk.result, POSTGRES_REFUSED);
    assert_string_equal(talk.error.state, "25006");
    assert_false(talk.unsettled);
}

static void test_error_has_state_and_position(void **state)
{
    (void)state;
    struct talk talk = asked(POSTGRES_READING, "select 'é',\n  nosuch\nfrom pg_class");
    assert_int_equal(talk.result, POSTGRES_REFUSED);
    assert_string_equal(talk.error.state, "42703");
    assert_string_equal(talk.message, "column \"nosuch\" does not exist");
    assert_true(talk.error.has_position);
    assert_int_equal(talk.error.position, strlen("select 'é',\n  "));
    assert_string_equal(talk.failure, "column \"nosuch\" does not exist (SQLSTATE 42703)");
    talk = asked(POSTGRES_READING, "select 1; select 2");
    assert_string_equal(talk.error.state, "42601");
}

static void test_notice_comes(void **state)
{
    (void)state;
    struct talk talk = asked(POSTGRES_READING, "do $$ begin raise warning 'look'; end $$");
    assert_int_equal(talk.result, POSTGRES_DONE);
    assert_string_equal(talk.notice, "WARNING: look");
}

static void test_rows_have_a_cap(void **state)
{
    (void)state;
    struct talk talk =
        talk_of(POSTGRES_READING, "select repeat('x', 1000) from generate_series(1, 50000000)");
    talk.spec.row_cap = 1 << 20;
    run(&talk);
    assert_int_equal(talk.result, POSTGRES_TOO_LARGE);
    assert_true(talk.row_count < 1200);
    becomes("select count(*) from pg_stat_activity where query like 'select repeat%'", "0");
}

/* ---- transactions ---- */

static void test_statements_are_all_or_nothing(void **state)
{
    (void)state;
    done("create table account (name text primary key, amount int check (amount >= 0))");
    const struct postgres_statement statements[] = {
        {.text = "insert into account values ('a', 5), ('b', 6)"},
        {.text = "update account set amount = amount + 1"},
        {.text = "update account set amount = amount - 7"}};
    struct talk talk = talk_of(POSTGRES_TRANSACTION, NULL);
    talk.spec.statements = statements;
    talk.spec.count = 3;
    run(&talk);
    assert_int_equal(talk.result, POSTGRES_REFUSED);
    assert_int_equal(talk.error.statement, 2);
    assert_string_equal(talk.error.state, "23514");
    assert_string_equal(talk.transaction, ""); /* it never came to a COMMIT */
    assert_string_equal(value_of("select count(*) from account"), "0");
    talk.ends = 0;
    talk.spec.count = 2;
    run(&talk);
    assert_int_equal(talk.result, POSTGRES_DONE);
    assert_int_equal(talk.affected, 4);
    assert_int_equal(talk.statements, 2);
    assert_string_equal(value_of("select sum(amount) from account"), "13");
}

static void test_alone_keeps_what_was_done(void **state)
{
    (void)state;
    done("create table alone (n int)");
    const struct postgres_statement statements[] = {{.text = "insert into alone values (1)"},
                                                    {.text = "vacuum alone"},
                                                    {.text = "insert into nosuch values (1)"}};
    struct talk talk = talk_of(POSTGRES_ALONE, NULL);
    talk.spec.statements = statements;
    talk.spec.count = 3;
    run(&talk);
    assert_int_equal(talk.result, POSTGRES_REFUSED);
    assert_int_equal(talk.statements, 2);
    assert_string_equal(value_of("select count(*) from alone"), "1");
}

static void test_deferred_constraint_fails_the_commit(void **state)
{
    (void)state;
    done("create table deferred (n int unique deferrable initially deferred)");
    struct talk talk = asked(POSTGRES_TRANSACTION, "insert into deferred values (1), (1)");
    assert_int_equal(talk.result, POSTGRES_REFUSED);
    assert_string_equal(talk.error.state, "23505");
    assert_false(talk.unsettled);
    assert_string_equal(value_of("select count(*) from deferred"), "0");
}

static void test_commit_inside_is_seen(void **state)
{
    (void)state;
    struct talk talk = asked(POSTGRES_TRANSACTION, "commit");
    assert_int_equal(talk.result, POSTGRES_REFUSED);
    assert_true(talk.unsettled);
    assert_non_null(strstr(talk.failure, "ended the transaction"));
}

static void test_transaction_is_proved(void **state)
{
    (void)state;
    done("create table proved (n int)");
    struct talk talk = talk_of(POSTGRES_TRANSACTION, "insert into proved values (1)");
    talk.commits = false;
    begin(&talk);
    loop_run(loop);
    assert_int_equal(talk.ends, 0);
    assert_non_null(strchr(talk.server, '/'));
    assert_string_equal(value_of("select count(*) from proved"), "0"); /* nothing before the word */
    postgres_commit(talk.postgres);
    loop_run(loop);
    assert_int_equal(talk.result, POSTGRES_DONE);
    assert_string_equal(value_of("select count(*) from proved"), "1");
    assert_string_equal(value_of("select min(xmin::text) from proved"), talk.transaction);
}

/* ---- fates ---- */

static enum postgres_fate fate_of(const struct talk *of)
{
    const char *const args[] = {of->transaction, of->server};
    struct talk talk = talk_of(POSTGRES_READING, postgres_settle);
    one.args = args;
    one.arg_count = 2;
    run(&talk);
    return talk.fate;
}

static pid_t backend_of(const char *application)
{
    char query[256];
    snprintf(query, sizeof query, "select pid from pg_stat_activity where application_name = '%s'",
             application);
    return (pid_t)strtol(value_of(query), NULL, 10);
}

/* Its COMMIT is sent into a session that is held up, and the answer never heard. */
static struct talk unheard_commit(const char *statement, pid_t *backend)
{
    struct talk talk = talk_named("held", statement);
    talk.spec.grace = 100 * ms;
    talk.commits = false;
    begin(&talk);
    loop_run(loop);
    *backend = backend_of("held");
    assert_int_equal(kill(*backend, SIGSTOP), 0);
    postgres_commit(talk.postgres);
    postgres_cancel(talk.postgres);
    talk.spec.data = &talk;
    loop_run(loop);
    assert_int_equal(talk.ends, 1);
    assert_int_equal(talk.result, POSTGRES_CANCELLED);
    assert_true(talk.unsettled);
    return talk;
}

static void test_lost_commit_is_settled(void **state)
{
    (void)state;
    done("create table settled (n int)");
    pid_t backend;
    struct talk talk = unheard_commit("insert into settled values (1)", &backend);
    assert_int_equal(fate_of(&talk), POSTGRES_AT_WORK);
    kill(backend, SIGCONT);
    becomes("select count(*) from settled", "1");
    assert_int_equal(fate_of(&talk), POSTGRES_COMMITTED);
    struct talk other = talk;
    memcpy(other.server, "1", 1);
    memcpy(other.server + 1, talk.server, sizeof talk.server - 1);
    assert_int_equal(fate_of(&other), POSTGRES_FORGOTTEN);
    struct talk killed = unheard_commit("insert into settled values (2)", &backend);
    kill(backend, SIGKILL);
    becomes("select count(*) from settled", "1");
    assert_int_equal(fate_of(&killed), POSTGRES_ABORTED);
    /* Its id may be somebody else's now: after the crash a "committed" says nothing. */
    for (int i = 0; i < 3; i++)
        done("insert into settled values (3)");
    assert_true(fate_of(&killed) == POSTGRES_ABORTED || fate_of(&killed) == POSTGRES_FORGOTTEN);
    assert_int_equal(fate_of(&talk), POSTGRES_FORGOTTEN);
}

/* Nobody has to be the server's master to have a transaction settled. */
static void test_common_user_can_settle(void **state)
{
    (void)state;
    done("create role common login");
    done("create table commons (n int)");
    done("grant all on commons to common");
    const char *others[] = {server.folder, "common", "postgres", "common", NULL};
    struct talk talk = talk_of(POSTGRES_TRANSACTION, "insert into commons values (1)");
    talk.spec.values = others;
    run(&talk);
    assert_int_equal(talk.result, POSTGRES_DONE);
    const char *const args[] = {talk.transaction, talk.server};
    struct talk asking = talk_of(POSTGRES_READING, postgres_settle);
    one.args = args;
    one.arg_count = 2;
    asking.spec.values = others;
    run(&asking);
    assert_string_equal(asking.failure, "");
    assert_int_equal(asking.fate, POSTGRES_COMMITTED);
}

/* ---- limits, cancels, kills ---- */

static void cancel_now(void *data)
{
    postgres_cancel(((struct talk *)data)->postgres);
}

#define SLEEPING                                                                           \
    "select count(*) from pg_stat_activity where state = 'active' and query like 'select " \
    "pg_sleep%'"

static void test_time_limit_cancels_on_the_server(void **state)
{
    (void)state;
    struct talk talk = talk_of(POSTGRES_READING, "select pg_sleep(600)");
    talk.spec.timeout = 300 * ms;
    run(&talk);
    assert_int_equal(talk.result, POSTGRES_TIMED_OUT);
    assert_true(talk.duration < 3000 * ms);
    assert_string_equal(value_of(SLEEPING), "0");
    char *log = help_read(server.folder, "log");
    assert_non_null(strstr(log, "canceling statement due to user request"));
    free(log);
}

static void test_cancel_is_seen_in_the_activity(void **state)
{
    (void)state;
    struct talk talk = talk_named("sleeper", "select pg_sleep(600)");
    struct postgres_statement sleep = one;
    talk.spec.statements = &sleep;
    begin(&talk);
    becomes(SLEEPING, "1");
    cancel_now(&talk);
    while (talk.ends == 0)
        loop_run(loop);
    assert_int_equal(talk.result, POSTGRES_CANCELLED);
    assert_false(talk.unsettled);
    assert_string_equal(value_of(SLEEPING), "0");
}

/* A postmaster that is held up takes no cancel; we are not held up by it. */
static void test_cancel_does_not_wait(void **state)
{
    (void)state;
    struct talk talk = talk_of(POSTGRES_READING, "select pg_sleep(600)");
    struct postgres_statement sleep = one;
    talk.spec.statements = &sleep;
    talk.spec.grace = 400 * ms;
    begin(&talk);
    becomes(SLEEPING, "1");
    kill(server.pid, SIGSTOP);
    int64_t before = help_now();
    cancel_now(&talk);
    assert_true(help_now() - before < 200 * ms);
    while (talk.ends == 0)
        loop_run(loop);
    assert_true(help_now() - before < 3000 * ms);
    assert_int_equal(talk.result, POSTGRES_CANCELLED);
    kill(server.pid, SIGCONT);
    becomes(SLEEPING, "0"); /* it goes once its client is gone */
}

static void test_cancel_at_every_moment(void **state)
{
    (void)state;
    done("create table moments (n int)");
    int cancelled = 0, finished = 0;
    for (int i = 0; i < 60; i++) {
        struct talk talk = talk_of(POSTGRES_TRANSACTION, "insert into moments select 1");
        begin(&talk);
        loop_timer_start(loop, &talk.timer, i * ms / 5, cancel_now, &talk);
        loop_run(loop);
        loop_timer_stop(&talk.timer);
        assert_int_equal(talk.ends, 1);
        assert_false(talk.unsettled);
        if (talk.result == POSTGRES_DONE)
            finished++;
        else
            cancelled++;
    }
    assert_true(cancelled > 0);
    char wanted[16];
    snprintf(wanted, sizeof wanted, "%d", finished);
    assert_string_equal(value_of("select count(*) from moments"), wanted);
}

static void test_backend_is_killed(void **state)
{
    (void)state;
    struct talk talk = talk_named("victim", "select pg_sleep(600)");
    struct postgres_statement sleep = one;
    talk.spec.statements = &sleep;
    begin(&talk);
    becomes(SLEEPING, "1");
    kill(backend_of("victim"), SIGTERM);
    while (talk.ends == 0)
        loop_run(loop);
    assert_int_equal(talk.result, POSTGRES_LOST);
    assert_true(talk.has_error);
    assert_string_equal(talk.error.state, "57P01");
    assert_false(talk.unsettled);
    talk.ends = 0;
    begin(&talk);
    becomes(SLEEPING, "1");
    kill(backend_of("victim"), SIGKILL);
    while (talk.ends == 0)
        loop_run(loop);
    assert_int_equal(talk.result, POSTGRES_LOST);
    assert_false(talk.unsettled);
    becomes("select 1", "1");
}

static void test_server_is_killed(void **state)
{
    (void)state;
    struct talk talk = talk_of(POSTGRES_ALONE, "select pg_sleep(600)");
    struct postgres_statement sleep = one;
    talk.spec.statements = &sleep;
    begin(&talk);
    becomes(SLEEPING, "1");
    server_kill(&server);
    while (talk.ends == 0)
        loop_run(loop);
    assert_int_equal(talk.result, POSTGRES_LOST);
    assert_true(talk.unsettled); /* alone, it may have come to its end */
    talk = asked(POSTGRES_READING, "select 1");
    assert_int_equal(talk.result, POSTGRES_UNREACHABLE);
    assert_true(talk.is_down);
    server_start(&server);
    becomes("select 1", "1");
}

/* ---- where it connects ---- */

static struct talk connected(const char *const *with, const char *const *to)
{
    struct talk talk = talk_of(POSTGRES_READING, "select current_database()");
    talk.spec.keywords = with;
    talk.spec.values = to;
    run(&talk);
    return talk;
}

static int listening(uint16_t *port, int backlog)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    assert_int_equal(bind(fd, (struct sockaddr *)&address, length), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    if (backlog >= 0)
        assert_int_equal(listen(fd, backlog), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

static void test_silent_port(void **state)
{
    (void)state;
    uint16_t number;
    int fd = listening(&number, 8);
    char port[8];
    snprintf(port, sizeof port, "%u", number);
    static const char *const with[] = {"host", "port", "user", NULL};
    const char *const to[] = {"localhost", port, "test", NULL};
    struct talk talk = talk_of(POSTGRES_READING, "select 1");
    talk.spec.keywords = with;
    talk.spec.values = to;
    talk.spec.connect_timeout = 300 * ms;
    run(&talk);
    assert_int_equal(talk.result, POSTGRES_TIMED_OUT);
    assert_true(talk.duration < 2000 * ms);
    assert_string_equal(talk.failure, "the server did not answer in time");
    close(fd);
}

static void test_closed_port(void **state)
{
    (void)state;
    uint16_t number;
    int fd = listening(&number, -1); /* nobody else gets it */
    char port[8];
    snprintf(port, sizeof port, "%u", number);
    static const char *const with[] = {"host", "port", "user", NULL};
    const char *const to[] = {"127.0.0.1", port, "test", NULL};
    struct talk talk = connected(with, to);
    assert_int_equal(talk.result, POSTGRES_UNREACHABLE);
    assert_true(talk.is_down);
    close(fd);
}

static void test_wrong_database_is_not_down(void **state)
{
    (void)state;
    static const char *const with[] = {"host", "user", "dbname", NULL};
    const char *const to[] = {server.folder, "test", "nosuch", NULL};
    struct talk talk = connected(with, to);
    assert_int_equal(talk.result, POSTGRES_UNREACHABLE);
    assert_false(talk.is_down);
    assert_non_null(strstr(talk.failure, "3D000"));
}

static void test_no_such_host(void **state)
{
    (void)state;
    static const char *const with[] = {"host", "user", NULL};
    const char *const to[] = {"no-such-host.invalid", "test", NULL};
    struct talk talk = connected(with, to);
    assert_int_equal(talk.result, POSTGRES_UNREACHABLE);
    assert_false(talk.is_down);
    assert_non_null(strstr(talk.failure, "no-such-host.invalid"));
}

static void test_several_hosts(void **state)
{
    (void)state;
    uint16_t number;
    int fd = listening(&number, -1);
    char hosts[128], ports[32];
    snprintf(hosts, sizeof hosts, "localhost,no-such-host.invalid,%s", server.folder);
    snprintf(ports, sizeof ports, "%u,1,5432", number);
    static const char *const with[] = {"host", "port", "user", "dbname", NULL};
    const char *const to[] = {hosts, ports, "test", "postgres", NULL};
    struct talk talk = connected(with, to);
    assert_string_equal(talk.cells, "postgres");
    close(fd);
}

static void test_service_file(void **state)
{
    (void)state;
    char path[96];
    snprintf(path, sizeof path, "%s/services", server.folder);
    FILE *file = fopen(path, "w");
    fprintf(file, "# one\n[other]\nhost=nosuch\n\n[main]\nhost=%s\n  user=test\ndbname=template1\n",
            server.folder);
    fclose(file);
    static const char *const with[] = {"service", "servicefile", "dbname", NULL};
    const char *to[] = {"main", path, "postgres", NULL};
    struct talk talk = connected(with, to);
    assert_string_equal(talk.failure, "");
    assert_string_equal(talk.cells, "postgres"); /* the runbook's own word counts more */
    to[0] = "nosuch";
    talk = connected(with, to);
    assert_int_equal(talk.result, POSTGRES_UNREACHABLE);
    assert_non_null(strstr(talk.failure, "no service 'nosuch'"));
}

static void test_wrong_keyword_is_told(void **state)
{
    (void)state;
    static const char *const with[] = {"host", "sslmode", NULL};
    const char *const to[] = {server.folder, "nosuch", NULL};
    struct talk talk = connected(with, to);
    assert_int_equal(talk.result, POSTGRES_UNREACHABLE);
    assert_non_null(strstr(talk.failure, "sslmode"));
}

/* ---- copies ---- */

enum { ROWS = 100000 };

static int written_rows(const char *path)
{
    FILE *file = fopen(path, "w");
    for (int i = 1; i <= ROWS; i++)
        fprintf(file, "%d\trow %d of many\t%s\n", i, i, i % 3 ? "\\N" : "x\\ty");
    fclose(file);
    return open(path, O_RDONLY | O_CLOEXEC);
}

static struct talk copied(enum postgres_copy copy, const char *statement, int file)
{
    struct talk talk =
        talk_of(copy == POSTGRES_COPY_IN ? POSTGRES_TRANSACTION : POSTGRES_READING, statement);
    talk.spec.copy = copy;
    talk.spec.file = file;
    run(&talk);
    close(file);
    return talk;
}

static void test_copy_both_ways(void **state)
{
    (void)state;
    char from[96], to[96], command[256];
    snprintf(from, sizeof from, "%s/from", server.folder);
    snprintf(to, sizeof to, "%s/to", server.folder);
    done("create table many (n int primary key, t text, u text)");
    struct talk talk = copied(POSTGRES_COPY_IN, "copy many from stdin", written_rows(from));
    assert_string_equal(talk.failure, "");
    assert_int_equal(talk.affected, ROWS);
    int64_t in = talk.duration;
    talk = copied(POSTGRES_COPY_OUT, "copy (select * from many order by n) to stdout",
                  open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    assert_string_equal(talk.failure, "");
    assert_int_equal(talk.affected, ROWS);
    print_message("# copy of %d rows: in %.0f ms, out %.0f ms\n", ROWS, (double)in / 1e6,
                  (double)talk.duration / 1e6);
    snprintf(command, sizeof command, "cmp '%s' '%s'", from, to);
    assert_int_equal(system(command), 0);
}

static void test_bad_row_copies_nothing(void **state)
{
    (void)state;
    char path[96];
    snprintf(path, sizeof path, "%s/bad", server.folder);
    FILE *file = fopen(path, "w");
    fprintf(file, "1\n2\nthree\n4\n");
    fclose(file);
    done("create table strict (n int)");
    struct talk talk =
        copied(POSTGRES_COPY_IN, "copy strict from stdin", open(path, O_RDONLY | O_CLOEXEC));
    assert_int_equal(talk.result, POSTGRES_REFUSED);
    assert_string_equal(talk.error.state, "22P02");
    assert_string_equal(value_of("select count(*) from strict"), "0");
}

static void test_copy_without_a_file(void **state)
{
    (void)state;
    struct talk talk = asked(POSTGRES_TRANSACTION, "copy pg_class to stdout");
    assert_int_equal(talk.result, POSTGRES_REFUSED);
    assert_non_null(strstr(talk.failure, "COPY"));
    done("create table fileless (n int)");
    talk = asked(POSTGRES_TRANSACTION, "copy fileless from stdin");
    assert_int_equal(talk.result, POSTGRES_REFUSED);
    assert_false(talk.unsettled);
}

static void test_copy_to_a_full_disk(void **state)
{
    (void)state;
    struct talk talk = copied(POSTGRES_COPY_OUT,
                              "copy (select repeat('x', 100) from "
                              "generate_series(1, 10000000)) to stdout",
                              open("/dev/full", O_WRONLY | O_CLOEXEC));
    assert_int_equal(talk.result, POSTGRES_NO_FILE);
    assert_non_null(strstr(talk.failure, "No space left"));
    becomes("select count(*) from pg_stat_activity where query like 'copy (select repeat%'", "0");
}

static void test_copy_is_cancelled(void **state)
{
    (void)state;
    int pipes[2];
    done("create table piped (t text)");
    struct talk talk = talk_of(POSTGRES_TRANSACTION, "copy piped from stdin");
    struct postgres_statement copy = one;
    assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
    assert_int_equal(write(pipes[1], "a\n", 2), 2);
    talk.spec.statements = &copy;
    talk.spec.copy = POSTGRES_COPY_IN;
    talk.spec.file = pipes[0];
    talk.spec.timeout = 300 * ms;
    run(&talk);
    assert_int_equal(talk.result, POSTGRES_TIMED_OUT);
    assert_false(talk.unsettled);
    close(pipes[1]); /* the thread that still reads comes back now */
    close(pipes[0]);
    assert_string_equal(value_of("select count(*) from piped"), "0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_have_their_kinds),
        cmocka_unit_test(test_parameters_are_bound),
        cmocka_unit_test(test_reading_changes_nothing),
        cmocka_unit_test(test_error_has_state_and_position),
        cmocka_unit_test(test_notice_comes),
        cmocka_unit_test(test_rows_have_a_cap),
        cmocka_unit_test(test_statements_are_all_or_nothing),
        cmocka_unit_test(test_alone_keeps_what_was_done),
        cmocka_unit_test(test_deferred_constraint_fails_the_commit),
        cmocka_unit_test(test_commit_inside_is_seen),
        cmocka_unit_test(test_transaction_is_proved),
        cmocka_unit_test(test_lost_commit_is_settled),
        cmocka_unit_test(test_common_user_can_settle),
        cmocka_unit_test(test_time_limit_cancels_on_the_server),
        cmocka_unit_test(test_cancel_is_seen_in_the_activity),
        cmocka_unit_test(test_cancel_does_not_wait),
        cmocka_unit_test(test_cancel_at_every_moment),
        cmocka_unit_test(test_backend_is_killed),
        cmocka_unit_test(test_server_is_killed),
        cmocka_unit_test(test_silent_port),
        cmocka_unit_test(test_closed_port),
        cmocka_unit_test(test_wrong_database_is_not_down),
        cmocka_unit_test(test_no_such_host),
        cmocka_unit_test(test_several_hosts),
        cmocka_unit_test(test_service_file),
        cmocka_unit_test(test_wrong_keyword_is_told),
        cmocka_unit_test(test_copy_both_ways),
        cmocka_unit_test(test_bad_row_copies_nothing),
        cmocka_unit_test(test_copy_without_a_file),
        cmocka_unit_test(test_copy_to_a_full_disk),
        cmocka_unit_test(test_copy_is_cancelled),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
