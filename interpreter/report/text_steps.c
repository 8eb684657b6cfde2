/* What the text report says of steps. */
#include "base/text.h"
#include "report/tail.h"
#include "report/text_own.h"
#include "report/phrase.h"
#include "store/event.h"
#include "store/state.h"

#include <string.h>

#define TAIL_COUNT 10 /* last lines of a failed step's output */

static bool hidden(const struct text_report *report, const struct event *event)
{
    return event->step != NULL && phrase_inside_action(report->setup.state, event->step);
}

/* What is over at once needs no line for its beginning. */
static bool instant(const char *action)
{
    return strcmp(action, "set") == 0 || strcmp(action, "assert") == 0 ||
           strcmp(action, "manual") == 0;
}

void teller_begins(struct text_report *report, const struct event *event)
{
    const char *action = event_text(event, FIELD_ACTION);
    if (hidden(report, event) || (action != NULL && instant(action)))
        return;
    row_begin(report, event, PAINT_FAINT, "begins");
    row_names(report, event);
    if (event_integer(event, FIELD_ROUND) > 1)
        buffer_format(&report->out, ", round %lld", (long long)event_integer(event, FIELD_ROUND));
    row_end(report);
}

void teller_skipped(struct text_report *report, const struct event *event)
{
    if (hidden(report, event))
        return;
    const char *message = event_text(event, FIELD_MESSAGE);
    bool operator_s = strcmp(event_text(event, FIELD_REASON), "operator") == 0;
    row_message(report, event, PAINT_FAINT, operator_s ? "left out" : "skipped",
                operator_s ? message : "its `when` is false");
}

/* The log of the step's last attempt: its last lines, and where it lies. */
static void tell_log(struct text_report *report, const char *name)
{
    const struct state_step *known = state_step(report->setup.state, name);
    if (known == NULL || known->attempt == NULL)
        return;
    uint64_t number = known->attempt->number;
    const char *folder = report->setup.folder;
    struct buffer errors = {0};
    size_t count = tail_lines(&errors, folder, number, 2, TAIL_COUNT, TEXT_INDENT "| ");
    tail_lines(&report->out, folder, number, 1, TAIL_COUNT - count, TEXT_INDENT "| ");
    buffer_add(&report->out, errors.at ? errors.at : "", errors.length);
    buffer_free(&errors);
    for (int stream = 2; stream >= 1; stream--) {
        struct buffer path = {0};
        if (tail_path(&path, report->setup.folder, number, stream))
            buffer_format(&report->out, TEXT_INDENT "log: %s\n", path.at);
        buffer_free(&path);
    }
}

void teller_failed(struct text_report *report, const struct event *event)
{
    const char *tolerated = event_text(event, FIELD_TOLERATED);
    row_step(report, event, tolerated ? PAINT_CARE : PAINT_BAD, tolerated ? "failed" : "FAILED");
    const char *reason = event_text(event, FIELD_REASON);
    buffer_format(&report->out, TEXT_INDENT "%s: ", reason);
    row_text(report, event_text(event, FIELD_MESSAGE));
    row_end(report);
    tell_log(report, event->step);
    if (tolerated != NULL) {
        buffer_text(&report->out, TEXT_INDENT "tolerated: ");
        row_text(report, tolerated);
        row_end(report);
    }
}

void teller_unknown(struct text_report *report, const struct event *event)
{
    row_step(report, event, PAINT_BAD, "UNKNOWN");
    buffer_text(&report->out, TEXT_INDENT "nobody knows whether it happened: ");
    row_text(report, event_text(event, FIELD_MESSAGE));
    row_end(report);
    tell_log(report, event->step);
}

void teller_settled(struct text_report *report, const struct event *event)
{
    row_begin(report, event, PAINT_CARE, "settled");
    row_names(report, event);
    buffer_format(&report->out, ": %s, by %s\n", event_text(event, FIELD_VERDICT),
                  event_text(event, FIELD_HOW));
}

void teller_retrying(struct text_report *report, const struct event *event)
{
    row_begin(report, event, PAINT_CARE, "retries");
    row_names(report, event);
    buffer_text(&report->out, " in ");
    phrase_duration(&report->out, event_integer(event, FIELD_DELAY));
    buffer_text(&report->out, ": ");
    const char *message = event_text(event, FIELD_MESSAGE);
    row_text(report, message ? message : "");
    row_end(report);
}

void teller_done(struct text_report *report, const struct event *event)
{
    if (!hidden(report, event))
        row_step(report, event, PAINT_GOOD, "done");
}

void teller_attached(struct text_report *report, const struct event *event)
{
    row_message(report, event, PAINT_CARE, "attached", "is still at work, and is awaited");
}

void teller_cancelled(struct text_report *report, const struct event *event)
{
    row_step(report, event, PAINT_CARE, "cancelled");
}

/* Of all that is as if it had not begun, only what had to be taken back. */
void teller_undone(struct text_report *report, const struct event *event)
{
    struct buffer entry = {0};
    buffer_format(&entry, "%s/undo/1", event->step);
    bool by_itself = state_life(report->setup.state, entry.at) != LIFE_WAITING;
    buffer_free(&entry);
    if (by_itself)
        row_step(report, event, PAINT_GOOD, "undone");
}

/* Of all that waits again on a resume, only what a person has to know. */
void teller_again(struct text_report *report, const struct event *event)
{
    static const char *const whys[][2] = {
        {"operator", "runs again, on your word"},
        {"hold", "what it held is gone: it is done again"},
        {"released", "it was made under a hold that is gone: it is done again"},
        {"undone", "was undone: it is done again"},
    };
    const char *reason = event_text(event, FIELD_REASON);
    for (size_t i = 0; i < sizeof whys / sizeof *whys; i++)
        if (strcmp(reason, whys[i][0]) == 0 && strchr(event->step, '/') == NULL)
            row_message(report, event, PAINT_CARE, "again", whys[i][1]);
}
