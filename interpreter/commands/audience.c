#include "commands/audience.h"

#include "base/arena.h"
#include "commands/options.h"
#include "commands/prompt.h"
#include "commands/session.h"
#include "lang/model.h"
#include "lang/value.h"
#include "report/oplog.h"
#include "report/report.h"
#include "store/event.h"
#include "sys/failure.h"
#include "sys/loop.h"

struct audience {
    struct session *session;
    const struct report_kind *kind;
    void *report;
    bool deaf; /* standard output can't be written any more */
    struct loop *loop;
    bool deferred; /* the operation log is written at the end of this turn */
};

static bool write_report(void *context, struct text text)
{
    struct audience *audience = context;
    prompt_interrupt(audience->session->prompt);
    if (audience->deaf || say_out(text))
        return !audience->deaf;
    audience->deaf = true;
    say_error("  = remedy: the run goes on; `runbook show %s%s` tells how it stands\n",
              audience->session->id, session_words(audience->session));
    return false;
}

struct audience *audience_open(struct session *session)
{
    struct arena *arena = session->invocation->arena;
    const char *format = option_value(session->invocation, &option_format);
    struct audience *audience = arena_alloc(arena, sizeof *audience);
    audience->session = session;
    audience->kind = report_find(format ? format : "text");
    audience->report =
        audience->kind->open(&(struct report_setup){.arena = arena,
                                                    .state = session->state,
                                                    .id = session->id,
                                                    .folder = session_run_folder(session),
                                                    .words = session_words(session),
                                                    .colour = session->invocation->colour,
                                                    .asks = prompt_possible(),
                                                    .write = write_report,
                                                    .context = audience});
    return audience;
}

/* ---- the operation log ---- */

static void note(struct audience *audience, const char *message)
{
    struct event event = event_of(EVENT_NOTE, NULL, session_now());
    event_set_text(&event, FIELD_MESSAGE, message);
    session_tell(audience->session, &event);
}

static void write_log(void *context)
{
    struct audience *audience = context;
    struct session *session = audience->session;
    struct failure failure;
    uint64_t mark = 0;
    audience->deferred = false;
    if (session->oplog == NULL || !oplog_waits(session->oplog))
        return;
    if (!oplog_write(session->oplog, &mark, &failure)) {
        note(audience,
             arena_format(session->invocation->arena,
                          "the operation log can't be written any more: %s", failure.text));
        return;
    }
    struct event event = event_of(EVENT_LOGGED, NULL, session_now());
    event_set_integer(&event, FIELD_MARK, (int64_t)mark);
    session_tell(session, &event);
}

/* The path of the runbook's `log`, or NULL: it has none. */
static const char *log_path(struct session *session)
{
    const struct runbook *runbook = session->loaded.runbook;
    const struct value *log = runbook ? session_term(session, runbook->log) : NULL;
    if (log == NULL)
        return NULL;
    return load_path(session->invocation->arena, &session->loaded, log->text.at);
}

void audience_log(struct audience *audience, struct loop *loop)
{
    struct session *session = audience->session;
    struct failure failure;
    const char *path = log_path(session);
    audience->loop = loop;
    if (path == NULL) {
        oplog_free(session->oplog);
        session->oplog = NULL;
        return;
    }
    if (!oplog_open(session->oplog, path, &failure))
        note(audience, arena_format(session->invocation->arena, "there is no operation log: %s",
                                    failure.text));
    else
        write_log(audience);
}

/* ---- all ---- */

void audience_event(struct audience *audience, const struct event *event)
{
    struct oplog *oplog = audience->session->oplog;
    audience->kind->event(audience->report, event);
    if (oplog == NULL)
        return;
    oplog_event(oplog, event);
    if (audience->loop != NULL && !audience->deferred && oplog_waits(oplog)) {
        audience->deferred = true;
        loop_later(audience->loop, write_log, audience);
    }
}

void audience_output(struct audience *audience, const char *step, int stream, struct text bytes)
{
    if (audience->kind->output != NULL)
        audience->kind->output(audience->report, step, stream, bytes);
}

void audience_close(struct audience *audience)
{
    if (audience == NULL)
        return;
    audience->loop = NULL;
    write_log(audience);
    audience->kind->close(audience->report);
}
