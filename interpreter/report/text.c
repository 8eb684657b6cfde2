/* text: a run told to people, at three in the morning: a line for each event that they care for,
 * with its local time; the output of steps under their names; and at the end what it came to, what
 * is open, and what to type next. Never redrawn, so that it reads the same in a file. */
#include "base/arena.h"
#include "report/closing.h"
#include "report/kinds.h"
#include "report/talk.h"
#include "report/report.h"
#include "report/text_own.h"
#include "report/phrase.h"
#include "store/event.h"
#include "store/state.h"

#include <string.h>

/* ---- the run ---- */

static void teller_started(struct text_report *report, const struct event *event)
{
    struct buffer *out = &report->out;
    phrase_step(out, event_text(event, FIELD_RUNBOOK), event_text(event, FIELD_TITLE));
    buffer_format(out, "\nrun %s, begun ", event_text(event, FIELD_RUN));
    phrase_time(out, event->time);
    buffer_text(out, " by ");
    row_text(report, event_text(event, FIELD_USER));
    buffer_text(out, " on ");
    row_text(report, event_text(event, FIELD_HOST));
    if (event_has(event, FIELD_OBJECTIVE)) {
        buffer_text(out, ", objective ");
        phrase_duration(out, event_integer(event, FIELD_OBJECTIVE));
    }
    buffer_text(out, "\n\n");
}

static size_t steps_done(const struct state *state)
{
    const struct state_step *step;
    size_t count = 0;
    for (size_t i = 0; (step = state_at(state, i)) != NULL; i++)
        count += step->life == LIFE_DONE && strchr(step->name, '/') == NULL;
    return count;
}

static void teller_resumed(struct text_report *report, const struct event *event)
{
    struct buffer *out = &report->out;
    const struct state_run *run = state_run(report->setup.state);
    phrase_step(out, run->runbook, run->title);
    buffer_format(out, "\nrun %s, begun ", run->id);
    phrase_time(out, run->started);
    buffer_text(out, ", taken up again ");
    phrase_time(out, event->time);
    buffer_text(out, " by ");
    row_text(report, event_text(event, FIELD_USER));
    buffer_text(out, " on ");
    row_text(report, event_text(event, FIELD_HOST));
    buffer_text(out, "\n");
    phrase_count(out, steps_done(report->setup.state), "step is", "steps are");
    buffer_text(out, " done already\n\n");
}

static void teller_stopping(struct text_report *report, const struct event *event)
{
    row_message(report, event, PAINT_CARE, "stopping", event_text(event, FIELD_REASON));
    row_more(report, report->setup.asks
                         ? "nothing new begins; what runs may end; Ctrl-C again cancels it"
                         : "nothing new begins; what runs may end");
}

static void teller_forecast(struct text_report *report, const struct event *event)
{
    bool late = event_has(event, FIELD_REASON);
    row_message(report, event, late ? PAINT_BAD : PAINT_FAINT, late ? "LATE" : "expects",
                event_text(event, FIELD_MESSAGE));
}

static struct closing closing_of(const struct text_report *report)
{
    return (struct closing){.state = report->setup.state,
                            .id = report->setup.id,
                            .folder = report->setup.folder,
                            .words = report->setup.words,
                            .colour = report->setup.colour};
}

static void teller_ended(struct text_report *report, const struct event *event)
{
    struct closing closing = closing_of(report);
    (void)event;
    buffer_text(&report->out, "\n");
    closing_result(&closing, &report->out);
    closing_open(&closing, &report->out);
    buffer_format(&report->out, "  %-11s%s\n", "record", report->setup.folder);
    closing_next(&closing, &report->out);
}

/* ---- all ---- */

static text_teller *const tellers[EVENT_COUNT] = {
    [EVENT_STARTED] = teller_started,     [EVENT_RESUMED] = teller_resumed,
    [EVENT_STOPPING] = teller_stopping,   [EVENT_ENDED] = teller_ended,
    [EVENT_NOTE] = teller_note,           [EVENT_FORECAST] = teller_forecast,
    [EVENT_CHECKED] = teller_checked,     [EVENT_ASKED] = teller_asked,
    [EVENT_ANSWERED] = teller_answered,   [EVENT_SKIPPED] = teller_skipped,
    [EVENT_OPENED] = teller_begins,       [EVENT_INTENT] = teller_begins,
    [EVENT_ATTACHED] = teller_attached,   [EVENT_RETRYING] = teller_retrying,
    [EVENT_DONE] = teller_done,           [EVENT_FAILED] = teller_failed,
    [EVENT_UNKNOWN] = teller_unknown,     [EVENT_SETTLED] = teller_settled,
    [EVENT_CANCELLED] = teller_cancelled, [EVENT_UNDONE] = teller_undone,
    [EVENT_AGAIN] = teller_again,         [EVENT_PERSON_OUTPUT] = teller_person_output,
    [EVENT_DROPPED] = teller_dropped,
};

static void write_out(struct text_report *report)
{
    if (report->out.length > 0)
        report->setup.write(report->setup.context, buffer_slice(&report->out));
    report->out.length = 0;
}

static void tell(void *context, const struct event *event)
{
    struct text_report *report = context;
    if (event->step != NULL)
        talk_end(report->talk, event->step);
    if (tellers[event->kind] != NULL)
        tellers[event->kind](report, event);
    write_out(report);
}

static void show_line(void *context, const char *step, int stream, struct text line)
{
    struct text_report *report = context;
    (void)stream;
    buffer_text(&report->out, TEXT_INDENT);
    buffer_text(&report->out, paint_code(report, PAINT_FAINT));
    buffer_printable(&report->out, text_of(step));
    buffer_format(&report->out, " |%s ", paint_end(report, PAINT_FAINT));
    buffer_add(&report->out, line.at, line.length);
    row_end(report);
}

/* What an action of a library reads for itself is no news: it is in the log. */
static bool for_itself(const struct text_report *report, const char *step, int stream)
{
    const struct state_step *known = state_step(report->setup.state, step);
    return stream == 1 && known != NULL && known->attempt != NULL &&
           known->attempt->effect == EFFECT_READ && phrase_inside_action(report->setup.state, step);
}

static void output(void *context, const char *step, int stream, struct text bytes)
{
    struct text_report *report = context;
    if (for_itself(report, step, stream))
        return;
    talk_add(report->talk, step, stream, bytes);
    write_out(report);
}

static void *open_text(const struct report_setup *setup)
{
    struct text_report *report = arena_alloc(setup->arena, sizeof *report);
    report->setup = *setup;
    report->talk = talk_new(show_line, report);
    return report;
}

static void close_text(void *context)
{
    struct text_report *report = context;
    talk_free(report->talk);
    buffer_free(&report->out);
}

const struct report_kind report_text = {
    .name = "text",
    .about = "for people",
    .open = open_text,
    .event = tell,
    .output = output,
    .close = close_text,
};
