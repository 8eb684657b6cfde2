/* What the text report says of checks and questions, and of what people said. */
#include "base/text.h"
#include "lang/value.h"
#include "report/asked.h"
#include "report/text_own.h"
#include "store/approvals.h"
#include "store/event.h"
#include "store/state.h"

#include <string.h>

static void add_reasons(struct text_report *report, const struct event *event)
{
    const char *const *reasons = NULL;
    size_t count = event_texts(event, FIELD_REASONS, &reasons);
    for (size_t i = 0; i < count; i++)
        row_more(report, reasons[i]);
}

/* Of a step's checks only that they do not hold yet is told: what follows from their end has an
 * event of its own. */
void teller_checked(struct text_report *report, const struct event *event)
{
    const char *block = event_text(event, FIELD_BLOCK);
    bool holds = strcmp(event_text(event, FIELD_ANSWER), "holds") == 0;
    bool last = event_truth(event, FIELD_LAST);
    if (event->step == NULL && last) {
        row_begin(report, event, holds ? PAINT_GOOD : PAINT_BAD, holds ? "holds" : "FAILED");
        buffer_format(&report->out, "%s%s\n", block, holds ? "" : " of the run do not hold");
    } else if (!holds && !last) {
        row_begin(report, event, PAINT_CARE, "waits");
        if (event->step != NULL)
            row_names(report, event);
        buffer_format(&report->out, "%s%s not yet\n", event->step ? ", " : "", block);
    } else {
        return;
    }
    if (!holds)
        add_reasons(report, event);
}

void teller_asked(struct text_report *report, const struct event *event)
{
    if (report->setup.asks)
        return;
    row_message(report, event, PAINT_CARE, "asks", event_text(event, FIELD_ASK));
    const struct value *shown = event_value(event, FIELD_SHOWN);
    for (size_t i = 0; shown != NULL && i < shown->list.count; i++) {
        struct buffer text = {0};
        value_show(shown->list.at[i], TEXT_SHOWN, &text);
        row_more(report, text.at ? text.at : "");
        buffer_free(&text);
    }
    struct buffer people = {0};
    asked_of_step(state_step(report->setup.state, event->step), &people);
    if (people.length > 0)
        row_more(report, people.at);
    buffer_free(&people);
}

/* "1 of 2", where more than one must say yes. */
static void add_place(struct text_report *report, const struct event *event)
{
    const struct state_step *step = state_step(report->setup.state, event->step);
    if (step->question->count > 1 && event_truth(event, FIELD_YES))
        buffer_format(&report->out, ", %zu of %lld", approvals_count(step, step->question->digest),
                      (long long)step->question->count);
}

void teller_answered(struct text_report *report, const struct event *event)
{
    bool yes = event_truth(event, FIELD_YES);
    row_begin(report, event, yes ? PAINT_GOOD : PAINT_BAD, yes ? "allowed" : "REFUSED");
    row_names(report, event);
    buffer_text(&report->out, ", by ");
    row_text(report, event_text(event, FIELD_USER));
    buffer_format(&report->out, " (%s)", event_text(event, FIELD_WHERE));
    add_place(report, event);
    const char *reason = event_text(event, FIELD_REASON);
    if (reason != NULL) {
        buffer_text(&report->out, ": ");
        row_text(report, reason);
    }
    row_end(report);
}

void teller_person_output(struct text_report *report, const struct event *event)
{
    struct buffer text = {0};
    buffer_format(&text, "%s is ", event_text(event, FIELD_NAME));
    value_show(event_value(event, FIELD_VALUE), TEXT_SHOWN, &text);
    buffer_format(&text, ", on the word of %s", event_text(event, FIELD_USER));
    row_message(report, event, PAINT_CARE, "told", text.at);
    buffer_free(&text);
}

void teller_dropped(struct text_report *report, const struct event *event)
{
    row_message(report, event, PAINT_CARE, "dropped", event_text(event, FIELD_REASON));
}

void teller_note(struct text_report *report, const struct event *event)
{
    row_message(report, event, PAINT_CARE, "note", event_text(event, FIELD_MESSAGE));
}
