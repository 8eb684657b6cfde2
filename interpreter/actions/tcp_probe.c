/* tcp.probe: does somebody listen there? */
#include "actions/actions.h"
#include "actions/answer.h"
#include "actions/input.h"
#include "base/arena.h"
#include "base/units.h"
#include "lang/value.h"
#include "sys/loop.h"
#include "sys/tcp.h"

#include <errno.h>

struct work {
    struct stage stage;
    struct tcp_probe *probe;
    const char *host;
    int64_t port;
    int64_t began;
};

static bool probe_describe(const struct describing *describing, const struct value *args,
                           struct deed *deed, struct problem *problem)
{
    input_take(describing, args, deed);
    if (!input_is_name(describing, deed, "host", problem))
        return false;
    int64_t port = input_number(deed, "port", 1);
    if (port >= 1 && port <= 65535)
        return true;
    return input_refuse(describing, problem, "tcp.probe: `port` is %lld, wanted 1 to 65535",
                        (long long)port);
}

static struct outcome opened(const struct work *work, bool open)
{
    struct answer answer = {.arena = work->stage.arena};
    answer_add(&answer, "open", value_bool(open));
    return answer_ended(&answer);
}

/* Only a refusal says that nobody listens. No route, or silence, says nothing of the other side:
 * half a network that is cut off would else look like a server that is down. */
static struct outcome outcome_of(const struct work *work, enum tcp_result result,
                                 const struct failure *failure)
{
    enum outcome_kind kind = OUTCOME_FAILED;
    switch (result) {
    case TCP_OPEN:
        return opened(work, true);
    case TCP_CLOSED:
        if (failure->error == ECONNREFUSED || failure->error == ECONNRESET)
            return opened(work, false);
        if (failure->error == ETIMEDOUT)
            kind = OUTCOME_TIMED_OUT;
        break;
    case TCP_NO_HOST:
        kind = OUTCOME_NOT_STARTED;
        break;
    case TCP_FAILED:
        break;
    case TCP_CANCELLED:
        kind = OUTCOME_CANCELLED;
        break;
    }
    return answer_ill(work->stage.arena, kind, "%s port %lld: %s", work->host,
                      (long long)work->port, failure->text);
}

static void probe_done(void *data, enum tcp_result result, const struct failure *failure)
{
    struct work *work = data;
    struct outcome *outcome = arena_alloc(work->stage.arena, sizeof *outcome);
    *outcome = outcome_of(work, result, failure);
    outcome->duration = loop_now(work->stage.loop) - work->began;
    work->stage.ended(work->stage.context, outcome);
}

static struct work *probe_start(const struct deed *deed, const struct stage *stage)
{
    struct work *work = arena_alloc(stage->arena, sizeof *work);
    *work = (struct work){.stage = *stage,
                          .host = input_text(deed, "host"),
                          .port = input_number(deed, "port", 0),
                          .began = loop_now(stage->loop)};
    /* The probe wants a limit; where the stage has none, the kernel's own is a few minutes anyhow.
     */
    int64_t limit = stage->limit > 0 ? stage->limit : 300 * UNITS_SECOND;
    work->probe = tcp_probe(stage->loop, work->host, (uint16_t)work->port, limit, probe_done, work);
    return work;
}

static void probe_cancel(struct work *work)
{
    tcp_cancel(work->probe);
}

static const struct param_about probe_params[] = {
    {"host", "string", NULL, true, "a name or an address"},
    {"port", "int", NULL, true, "1 to 65535"},
    {0},
};
static const struct param_about probe_outputs[] = {
    {"open", "bool", NULL, true, "a connection was accepted; `false`: it was refused"},
    {0},
};

const struct core_action action_tcp_probe = {
    .name = "tcp.probe",
    .about = "Connects and closes again. A refused connection is an answer; no such host, no route "
             "or silence is "
             "none, so that `open: false` is never a mere lack of network.",
    .effect = EFFECT_READ,
    .idempotent = true,
    .form = FORM_WORK,
    .params = probe_params,
    .outputs = probe_outputs,
    .expect = "{open: true}",
    .describe = probe_describe,
    .start = probe_start,
    .cancel = probe_cancel,
};
