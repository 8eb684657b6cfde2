// The backend of the test platform: a small HTTP service that is healthy only while postgres and
// redis truly answer it. One binary is every release; the image's environment says which one:
// RELEASE is its name, RELEASE_FAULT what is wrong with it (health500, dies, or nothing).
//
//   backend                    serves /health /api/status /api/models /metrics on PORT
//   backend test-connection    asks the database once and says what it found
//
// The PG* variables are libpq's own; REDIS_HOST and REDIS_PORT name the cache.
#include <libpq-fe.h>
#include <microhttpd.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { BODY_MAX = 4096, WAIT_SECONDS = 2, DIES_AFTER_SECONDS = 3 };

struct backend {
    const char *release;
    const char *fault; // "" when nothing is wrong with this release
    const char *redis_host;
    const char *redis_port;
    atomic_ulong answered[3]; // by kind: below 400, 4xx, 5xx
};

struct reply {
    unsigned status;
    const char *type;
    char body[BODY_MAX];
};

static const char *env_or(const char *name, const char *otherwise)
{
    const char *value = getenv(name);
    return value && *value ? value : otherwise;
}

static void log_line(const char *level, const char *format, ...)
{
    char stamp[32];
    char text[512];
    time_t now = time(NULL);
    struct tm utc;
    strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    // One write, so that lines of two threads never mix.
    dprintf(STDERR_FILENO, "%s %s %s\n", stamp, level, text);
}

// Asks the database one question of one value. Writes the answer, or the first line of the
// reason, to answer; returns whether it was an answer.
static bool database_ask(const char *question, char *answer, size_t size)
{
    char limits[64];
    snprintf(limits, sizeof limits, "connect_timeout=%d options='-c statement_timeout=2s'",
             WAIT_SECONDS);
    PGconn *connection = PQconnectdb(limits);
    bool good = PQstatus(connection) == CONNECTION_OK;
    PGresult *rows = good ? PQexec(connection, question) : NULL;
    good = rows && PQresultStatus(rows) == PGRES_TUPLES_OK && PQntuples(rows) == 1;
    if (good)
        snprintf(answer, size, "%s", PQgetvalue(rows, 0, 0));
    else
        snprintf(answer, size, "%s", PQerrorMessage(connection));
    answer[strcspn(answer, "\n")] = '\0';
    PQclear(rows);
    PQfinish(connection);
    return good;
}

static int redis_connect(const struct backend *backend)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_family = AF_INET};
    struct addrinfo *found = NULL;
    if (getaddrinfo(backend->redis_host, backend->redis_port, &hints, &found) != 0)
        return -1;
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct timeval limit = {.tv_sec = WAIT_SECONDS};
    if (fd >= 0) {
        // On Linux the limit of sending bounds connect as well.
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        if (connect(fd, found->ai_addr, found->ai_addrlen) != 0) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(found);
    return fd;
}

static bool redis_answers(const struct backend *backend)
{
    static const char ping[] = "PING\r\n";
    char pong[8] = "";
    int fd = redis_connect(backend);
    if (fd < 0)
        return false;
    bool good = send(fd, ping, sizeof ping - 1, MSG_NOSIGNAL) == sizeof ping - 1 &&
                recv(fd, pong, sizeof pong - 1, MSG_WAITALL) > 0 && !strncmp(pong, "+PONG", 5);
    close(fd);
    return good;
}

// What is shown of a text from outside stands between quotes in JSON, so it loses its own.
static void make_quotable(char *text)
{
    for (; *text; text++)
        if (*text == '"' || *text == '\\' || (unsigned char)*text < ' ')
            *text = '\'';
}

static void answer_health(struct backend *backend, struct reply *reply)
{
    char schema[256];
    bool database =
        database_ask("SELECT version FROM schema_versions ORDER BY created_at DESC, version DESC "
                     "LIMIT 1",
                     schema, sizeof schema);
    bool redis = redis_answers(backend);
    bool broken = !strcmp(backend->fault, "health500");
    make_quotable(schema);
    reply->status = broken ? 500 : database && redis ? 200 : 503;
    snprintf(reply->body, sizeof reply->body,
             "{\"status\":\"%s\",\"release\":\"%s\",\"database\":\"%s\",\"redis\":\"%s\","
             "\"%s\":\"%s\"}\n",
             reply->status == 200 ? "ok" : "error", backend->release, database ? "ok" : "error",
             redis ? "ok" : "error", database ? "schema" : "reason", schema);
    if (broken)
        log_line("ERROR", "release %s: prompt template 'default' not found", backend->release);
    if (!database)
        log_line("ERROR", "database: %s", schema);
    if (!redis)
        log_line("ERROR", "redis: no answer from %s:%s", backend->redis_host, backend->redis_port);
}

static void answer_status(struct backend *backend, struct reply *reply)
{
    char facts[BODY_MAX / 2];
    answer_health(backend, reply);
    if (reply->status != 200)
        return;
    if (!database_ask("SELECT json_build_object('latest', (SELECT created_at FROM messages"
                      " WHERE body <> '' ORDER BY id DESC LIMIT 1),"
                      " 'rows', json_build_object('customers', (SELECT count(*) FROM customers),"
                      " 'conversations', (SELECT count(*) FROM conversations),"
                      " 'messages', (SELECT count(*) FROM messages)))",
                      facts, sizeof facts)) {
        log_line("ERROR", "status: %s", facts);
        reply->status = 503;
        snprintf(reply->body, sizeof reply->body, "{\"status\":\"error\"}\n");
        return;
    }
    char *end = strrchr(reply->body, '}');
    snprintf(end, sizeof reply->body - (size_t)(end - reply->body), ",%s\n", facts + 1);
}

static void answer_models(struct backend *backend, struct reply *reply)
{
    (void)backend;
    char models[BODY_MAX - 16];
    bool good = database_ask("SELECT coalesce(json_agg(json_build_object('provider', provider,"
                             " 'name', name, 'enabled', enabled) ORDER BY id), '[]') FROM models",
                             models, sizeof models);
    reply->status = good ? 200 : 503;
    if (!good)
        log_line("ERROR", "models: %s", models);
    snprintf(reply->body, sizeof reply->body, "%s\n", good ? models : "{\"status\":\"error\"}");
}

static void answer_metrics(struct backend *backend, struct reply *reply)
{
    static const char *const kinds[] = {"good", "refused", "failed"};
    size_t used = 0;
    reply->status = 200;
    reply->type = "text/plain; version=0.0.4";
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        used += (size_t)snprintf(reply->body + used, sizeof reply->body - used,
                                 "conea_requests_total{result=\"%s\"} %lu\n", kinds[i],
                                 atomic_load(&backend->answered[i]));
}

static const struct {
    const char *path;
    void (*answer)(struct backend *backend, struct reply *reply);
} routes[] = {
    {"/health", answer_health},
    {"/api/status", answer_status},
    {"/api/models", answer_models},
    {"/metrics", answer_metrics},
};

static void answer(struct backend *backend, const char *method, const char *path,
                   struct reply *reply)
{
    reply->type = "application/json";
    reply->status = 405;
    snprintf(reply->body, sizeof reply->body, "{\"status\":\"error\"}\n");
    if (strcmp(method, "GET") != 0)
        return;
    reply->status = 404;
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++)
        if (!strcmp(path, routes[i].path))
            routes[i].answer(backend, reply);
}

static enum MHD_Result on_request(void *self, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **state)
{
    struct backend *backend = self;
    struct reply reply;
    (void)version, (void)upload, (void)state;
    *upload_size = 0; // a body is never looked at
    answer(backend, method, path, &reply);
    atomic_fetch_add(&backend->answered[reply.status < 400 ? 0 : reply.status < 500 ? 1 : 2], 1);
    if (reply.status >= 400)
        log_line("WARN", "%s %s %u", method, path, reply.status);
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(reply.body), reply.body, MHD_RESPMEM_MUST_COPY);
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, "Content-Type", reply.type);
    enum MHD_Result queued = MHD_queue_response(connection, reply.status, response);
    MHD_destroy_response(response);
    return queued;
}

static int serve(struct backend *backend)
{
    int port = atoi(env_or("PORT", "3000"));
    sigset_t ends;
    int signal_number;
    // Process 1 of a container has no default for SIGTERM: without this a stop takes ten seconds.
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION, (uint16_t)port, NULL, NULL,
        on_request, backend, MHD_OPTION_CONNECTION_TIMEOUT, 30u, MHD_OPTION_END);
    if (!daemon) {
        log_line("ERROR", "cannot listen on port %d", port);
        return 1;
    }
    log_line("INFO", "release %s listens on port %d", backend->release, port);
    if (!strcmp(backend->fault, "dies")) {
        sleep(DIES_AFTER_SECONDS);
        log_line("ERROR", "release %s: out of workers", backend->release);
        return 1;
    }
    sigwait(&ends, &signal_number);
    log_line("INFO", "release %s stops", backend->release);
    MHD_stop_daemon(daemon);
    return 0;
}

static int test_connection(void)
{
    char answer[256];
    bool good = database_ask("SELECT 'database ' || current_database() || ', ' || count(*) || "
                             "' schema versions' FROM schema_versions",
                             answer, sizeof answer);
    fprintf(good ? stdout : stderr, "%s\n", answer);
    return good ? 0 : 1;
}

int main(int count, char **arguments)
{
    struct backend backend = {
        .release = env_or("RELEASE", "unknown"),
        .fault = env_or("RELEASE_FAULT", ""),
        .redis_host = env_or("REDIS_HOST", "redis"),
        .redis_port = env_or("REDIS_PORT", "6379"),
    };
    if (count == 2 && !strcmp(arguments[1], "test-connection"))
        return test_connection();
    if (count != 1) {
        fprintf(stderr, "usage: backend [test-connection]\n");
        return 2;
    }
    return serve(&backend);
}
