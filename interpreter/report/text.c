/* text: a run told to people, a line an event that they care for, the output of steps under their
 * names. */
#include "base/arena.h"
#include "report/kinds.h"
#include "report/report.h"
#include "store/event.h"

struct text_report {
    struct report_setup setup;
    struct buffer line;
};

static void *open_text(const struct report_setup *setup)
{
    struct text_report *report = arena_alloc(setup->arena, sizeof *report);
    report->setup = *setup;
    return report;
}

static bool worth_telling(enum event_kind kind)
{
    return kind == EVENT_STARTED || kind == EVENT_RESUMED || kind == EVENT_DONE ||
           kind == EVENT_FAILED || kind == EVENT_SKIPPED || kind == EVENT_UNKNOWN ||
           kind == EVENT_RETRYING || kind == EVENT_CANCELLED || kind == EVENT_SETTLED ||
           kind == EVENT_STOPPING || kind == EVENT_ENDED || kind == EVENT_ASKED ||
           kind == EVENT_ANSWERED;
}

static void tell(void *context, const struct event *event)
{
    struct text_report *report = context;
    if (!worth_telling(event->kind))
        return;
    report->line.length = 0;
    event_describe(event, &report->line);
    buffer_text(&report->line, "\n");
    report->setup.write(report->setup.context, buffer_slice(&report->line));
}

static void output(void *context, const char *step, int stream, struct text bytes)
{
    struct text_report *report = context;
    (void)stream;
    while (bytes.length > 0) {
        size_t length = 0;
        while (length < bytes.length && bytes.at[length] != '\n')
            length++;
        report->line.length = 0;
        buffer_format(&report->line, "  %s | %.*s\n", step, (int)length, bytes.at);
        report->setup.write(report->setup.context, buffer_slice(&report->line));
        length += length < bytes.length;
        bytes.at += length;
        bytes.length -= length;
    }
}

static void close_text(void *context)
{
    struct text_report *report = context;
    buffer_free(&report->line);
}

const struct report_kind report_text = {
    .name = "text",
    .about = "for people",
    .open = open_text,
    .event = tell,
    .output = output,
    .close = close_text,
};
