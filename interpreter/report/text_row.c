/* The shapes of the text report's lines. */
#include "report/talk.h"
#include "report/text_own.h"
#include "report/phrase.h"
#include "store/event.h"
#include "store/state.h"

#include <string.h>

const char *paint_code(const struct text_report *report, enum paint paint)
{
    static const char *const codes[] = {"", "\x1b[2m", "\x1b[32m", "\x1b[33m", "\x1b[1;31m"};
    return report->setup.colour ? codes[paint] : "";
}

const char *paint_end(const struct text_report *report, enum paint paint)
{
    return report->setup.colour && paint != PAINT_PLAIN ? "\x1b[0m" : "";
}

void row_begin(struct text_report *report, const struct event *event, enum paint paint,
               const char *word)
{
    phrase_clock(&report->out, event->time);
    buffer_format(&report->out, "  %s%-9s%s ", paint_code(report, paint), word,
                  paint_end(report, paint));
}

void row_text(struct text_report *report, const char *text)
{
    line_printable(&report->out, text_of(text));
}

void row_end(struct text_report *report)
{
    buffer_text(&report->out, "\n");
}

void row_more(struct text_report *report, const char *text)
{
    buffer_text(&report->out, TEXT_INDENT);
    row_text(report, text);
    row_end(report);
}

void row_names(struct text_report *report, const struct event *event)
{
    const struct state_step *known = state_step(report->setup.state, event->step);
    const char *title = event_text(event, FIELD_TITLE);
    phrase_step(&report->out, event->step, title ? title : known ? known->title : NULL);
}

/* "; 9m20s left" of the objective, behind each of the run's own steps that is done. */
static void add_left(struct text_report *report, const struct event *event)
{
    const struct state_run *run = state_run(report->setup.state);
    int64_t left = run->objective - (event->time - run->started);
    if (run->objective <= 0 || event->kind != EVENT_DONE || strchr(event->step, '/') != NULL)
        return;
    buffer_text(&report->out, "; ");
    phrase_duration(&report->out, left >= 0 ? left : -left);
    buffer_text(&report->out, left >= 0 ? " left" : " over");
}

static void add_took(struct text_report *report, const struct event *event)
{
    if (!event_has(event, FIELD_DURATION))
        return;
    buffer_text(&report->out, " (");
    phrase_duration(&report->out, event_integer(event, FIELD_DURATION));
    add_left(report, event);
    buffer_text(&report->out, ")");
}

void row_step(struct text_report *report, const struct event *event, enum paint paint,
              const char *word)
{
    row_begin(report, event, paint, word);
    row_names(report, event);
    add_took(report, event);
    row_end(report);
}

void row_message(struct text_report *report, const struct event *event, enum paint paint,
                 const char *word, const char *message)
{
    row_begin(report, event, paint, word);
    if (event->step != NULL)
        row_names(report, event);
    if (event->step != NULL && message != NULL && message[0] != '\0')
        buffer_text(&report->out, ": ");
    row_text(report, message ? message : "");
    row_end(report);
}
