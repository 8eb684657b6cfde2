#include "actions/request.h"

#include "actions/answer.h"
#include "actions/input.h"
#include "actions/request_parts.h"
#include "actions/show.h"
#include "base/arena.h"
#include "base/units.h"
#include "lang/value.h"
#include "sys/http.h"
#include "sys/loop.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

struct work {
    struct stage stage;
    struct http_request *request; /* NULL: it could not even be made */
    const char *line;             /* "GET http://…", for messages */
    const char *problem;
    bool reads;
};

const struct param_about request_params[] = {
    {"url", "string|secret", NULL, true,
     "http:// or https://; certificates are always checked, no redirect is followed. All or a part "
     "of it may be a secret, as of a webhook whose address is its password"},
    {"query", "map<string>", NULL, false, "parameters, encoded and added to the url"},
    {"headers", "map<string|secret>", NULL, false,
     "further headers; a secret reaches the server this way"},
    {"json", "json", NULL, false, "the body, as JSON"},
    {"body", "string", NULL, false, "the body, as it is"},
    {"connect_to", "string", NULL, false,
     "HOST:PORT to really connect to, whatever the url says: one server behind a balancer"},
    {0},
};
const struct param_about request_outputs[] = {
    {"answered", "bool", NULL, true,
     "there was an answer. Of http.get a refused connection is an answer too: `false`, and the "
     "rest is unset"},
    {"status", "int?", NULL, false, "its status, as 200"},
    {"headers", "map<string>?", NULL, false, "its headers, names in lower case"},
    {"body", "string?", NULL, false, "its body, at most 16 MiB"},
    {"duration", "duration", NULL, true, "from the start to the last byte"},
    {0},
};

/* ---- describing ---- */

bool request_describe(const struct describing *describing, const struct value *args,
                      struct deed *deed, struct problem *problem)
{
    input_take(describing, args, deed);
    return request_parts_check(describing, deed, problem);
}

/* "http.get" is GET. */
static const char *method_of(struct arena *arena, const struct deed *deed)
{
    const char *verb = strchr(deed->action->name, '.') + 1;
    char *method = arena_copy(arena, verb, strlen(verb));
    for (char *c = method; *c != '\0'; c++)
        *c = (char)toupper((unsigned char)*c);
    return method;
}

static const char *request_line(struct arena *arena, const struct deed *deed)
{
    struct buffer url = {0};
    request_url(deed, NULL, &url);
    const char *line = arena_format(arena, "%s %s", method_of(arena, deed), url.at ? url.at : "");
    buffer_free(&url);
    return line;
}

static void show_headers(const struct deed *deed, struct buffer *into)
{
    const struct value *headers = input_value(deed, "headers");
    for (size_t i = 0; headers->kind == VALUE_MAP && i < headers->map.count; i++) {
        buffer_format(into, "\n  %s: ", headers->map.at[i].key);
        input_show_value(headers->map.at[i].value, into);
    }
    if (headers->kind == VALUE_UNKNOWN) {
        buffer_text(into, "\n  ");
        input_show_value(headers, into);
    }
}

void request_show(const struct deed *deed, struct buffer *into)
{
    struct arena *arena = arena_new();
    const char *problem = NULL;
    buffer_text(into, request_line(arena, deed));
    show_headers(deed, into);
    if (input_value(deed, "connect_to")->kind != VALUE_UNSET) {
        buffer_text(into, "\n  at ");
        input_show(deed, "connect_to", into);
    }
    const struct text *body = request_body(arena, deed, &problem);
    if (body != NULL)
        show_lines(value_text(arena, *body), into);
    arena_free(arena);
}

/* ---- the outcome ---- */

static struct outcome answered(const struct work *work, const struct http_answer *reply)
{
    struct arena *arena = work->stage.arena;
    struct answer answer = {.arena = arena};
    answer_add(&answer, "answered", &value_true);
    answer_add(&answer, "status", value_integer(arena, VALUE_INT, reply->status));
    answer_add(&answer, "headers", request_read_headers(arena, reply->headers));
    answer_add(&answer, "body", value_text(arena, reply->body));
    answer_add(&answer, "duration", value_integer(arena, VALUE_DURATION, reply->duration));
    return answer_ended(&answer);
}

static struct outcome refused(const struct work *work, const struct http_answer *reply)
{
    struct answer answer = {.arena = work->stage.arena};
    answer_add(&answer, "answered", &value_false);
    answer_add(&answer, "duration", value_integer(answer.arena, VALUE_DURATION, reply->duration));
    return answer_ended(&answer);
}

/* What a broken request means. Of a change it is not known once a byte of it was sent. */
static enum outcome_kind ill_kind(const struct work *work, const struct http_answer *reply)
{
    bool may_have_done = reply->sent && !work->reads;
    switch (reply->result) {
    case HTTP_ANSWERED:
        return OUTCOME_ENDED;
    case HTTP_UNREACHABLE:
    case HTTP_NOT_SENT:
        return OUTCOME_NOT_STARTED;
    case HTTP_LOST:
        return reply->sent ? OUTCOME_LOST : OUTCOME_NOT_STARTED;
    case HTTP_TIMED_OUT:
        return reply->sent || work->reads ? OUTCOME_TIMED_OUT : OUTCOME_NOT_STARTED;
    case HTTP_TOO_LARGE:
        return may_have_done ? OUTCOME_LOST : OUTCOME_FAILED;
    case HTTP_CANCELLED:
        return OUTCOME_CANCELLED;
    }
    return OUTCOME_LOST;
}

static struct outcome outcome_of(const struct work *work, const struct http_answer *reply)
{
    if (reply->result == HTTP_ANSWERED)
        return answered(work, reply);
    if (work->reads && reply->result == HTTP_UNREACHABLE && reply->failure.error == ECONNREFUSED)
        return refused(work, reply);
    const char *why = reply->failure.text;
    if (reply->result == HTTP_TIMED_OUT)
        why = arena_format(work->stage.arena, "no whole answer within %s",
                           duration_print(work->stage.arena, work->stage.limit));
    return answer_ill(work->stage.arena, ill_kind(work, reply), "%s: %s%s", work->line, why,
                      reply->sent && !work->reads ? ", and the server may have acted on it" : "");
}

static void request_done(void *data, const struct http_answer *reply)
{
    struct work *work = data;
    struct outcome *outcome = arena_alloc(work->stage.arena, sizeof *outcome);
    *outcome = outcome_of(work, reply);
    outcome->duration = reply->duration;
    work->request = NULL;
    work->stage.ended(work->stage.context, outcome);
}

/* ---- starting ---- */

static void request_not_made(void *data)
{
    struct work *work = data;
    struct http_answer reply = {.result = HTTP_NOT_SENT};
    failure_set(&reply.failure, 0, "%s", work->problem);
    request_done(work, &reply);
}

struct work *request_start(const struct deed *deed, const struct stage *stage)
{
    struct arena *arena = stage->arena;
    struct work *work = arena_alloc(arena, sizeof *work);
    struct buffer url = {0};
    request_url(deed, stage, &url);
    *work = (struct work){.stage = *stage,
                          .line = request_line(arena, deed),
                          .reads = deed->action->effect == EFFECT_READ};
    struct http_spec spec = {.method = method_of(arena, deed),
                             .url = url.at,
                             .headers = request_headers(deed, stage),
                             .body = request_body(arena, deed, &work->problem),
                             .connect_to = input_text(deed, "connect_to"),
                             .timeout = stage->limit};
    if (work->problem == NULL)
        work->problem = request_headers_problem(arena, spec.headers);
    if (work->problem == NULL)
        work->problem = request_url_problem(text_of(spec.url));
    if (work->problem != NULL)
        loop_later(stage->loop, request_not_made, work);
    else
        work->request = http_send(stage->transfers, &spec, request_done, work);
    buffer_free(&url);
    return work;
}

void request_cancel(struct work *work)
{
    if (work->request != NULL)
        http_cancel(work->request);
}
