#include "commands/pace.h"

#include "base/arena.h"
#include "base/text.h"
#include "base/units.h"
#include "commands/session.h"
#include "report/forecast.h"
#include "report/phrase.h"
#include "store/event.h"
#include "store/history.h"
#include "store/state.h"
#include "sys/failure.h"
#include "sys/loop.h"

struct pace {
    struct session *session;
    struct loop *loop;
    struct forecast *forecast;
    struct history_figures whole;
    struct loop_timer next;
    bool deferred, over;
    bool began, late, passed; /* what was told */
};

static const char *took(struct pace *pace, int64_t duration)
{
    struct buffer text = {0};
    phrase_duration(&text, duration);
    const char *shown = arena_copy(pace->session->invocation->arena, text.at, text.length);
    buffer_free(&text);
    return shown;
}

/* REASON: how it is late, NULL when it is not. */
static void tell(struct pace *pace, const char *reason, const char *message)
{
    struct event event = event_of(EVENT_FORECAST, NULL, loop_wall(pace->loop));
    event_set_text(&event, FIELD_MESSAGE, message);
    event_set_text(&event, FIELD_REASON, reason);
    (void)session_tell(pace->session, &event);
}

static void tell_begin(struct pace *pace)
{
    struct arena *arena = pace->session->invocation->arena;
    pace->began = true;
    if (pace->whole.count == 0 || state_run(pace->session->state)->resumes > 0)
        return;
    tell(pace, NULL,
         arena_format(arena, "%s, as %s%zu earlier run%s did (at most %s); the objective is %s",
                      took(pace, pace->whole.median), pace->whole.count > 1 ? "the " : "",
                      pace->whole.count, pace->whole.count > 1 ? "s" : "",
                      took(pace, pace->whole.worst),
                      took(pace, state_run(pace->session->state)->objective)));
}

static void look(void *context)
{
    struct pace *pace = context;
    struct arena *arena = pace->session->invocation->arena;
    const struct state_run *run = state_run(pace->session->state);
    pace->deferred = false;
    if (pace->over || run->over)
        return;
    if (!pace->began)
        tell_begin(pace);
    int64_t now = loop_wall(pace->loop), elapsed = now - run->started;
    int64_t rest = forecast_rest(pace->forecast, pace->session->state, now);
    if (elapsed > run->objective && !pace->passed) {
        pace->passed = pace->late = true;
        tell(pace, "passed",
             arena_format(arena, "the objective of %s has passed%s%s%s", took(pace, run->objective),
                          rest > 0 ? "; by earlier runs " : "", rest > 0 ? took(pace, rest) : "",
                          rest > 0 ? " is left" : ""));
    } else if (elapsed + rest > run->objective && !pace->late) {
        pace->late = true;
        tell(pace, "late",
             arena_format(arena,
                          "the objective of %s will pass: %s have gone, and by earlier runs %s is "
                          "left",
                          took(pace, run->objective), took(pace, elapsed), took(pace, rest)));
    }
    if (pace->passed)
        return;
    /* A step at work uses up its own share while time goes, and all that comes behind it does not:
     * before that is more than there is left, nothing can be late. */
    int64_t behind =
        pace->late ? 0 : forecast_rest(pace->forecast, pace->session->state, INT64_MAX);
    int64_t slack = run->objective - elapsed - behind;
    loop_timer_start(pace->loop, &pace->next, slack + UNITS_SECOND / 1000, look, pace);
}

struct pace *pace_open(struct session *session, struct loop *loop)
{
    struct arena *arena = session->invocation->arena;
    const struct state_run *run = state_run(session->state);
    struct history *history = NULL;
    struct failure failure;
    if (run->objective <= 0 || session->options.undo || session->options.release_only)
        return NULL;
    struct pace *pace = arena_alloc(arena, sizeof *pace);
    *pace = (struct pace){.session = session, .loop = loop};
    if (history_read(arena, session->state_folder, run->runbook, NULL, &history, &failure) ==
        JOURNAL_OK)
        pace->whole = history_whole(history);
    else
        history = NULL;
    pace->forecast = forecast_new(arena, session->loaded.runbook, history);
    loop_later(loop, look, pace);
    return pace;
}

void pace_event(struct pace *pace, const struct event *event)
{
    if (pace == NULL)
        return;
    if (event->kind == EVENT_ENDED) {
        pace->over = true;
        loop_timer_stop(&pace->next);
    } else if (!pace->deferred && !pace->passed && event->step != NULL) {
        pace->deferred = true;
        loop_later(pace->loop, look, pace);
    }
}

void pace_close(struct pace *pace)
{
    if (pace != NULL)
        loop_timer_stop(&pace->next);
}
