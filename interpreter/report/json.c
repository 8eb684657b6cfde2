/* json: a run told to programs: every event as its line of the journal, without the hash. */
#include "base/arena.h"
#include "report/kinds.h"
#include "report/report.h"
#include "store/event.h"

struct json_report {
    struct report_setup setup;
    struct buffer line;
};

static void *open_json(const struct report_setup *setup)
{
    struct json_report *report = arena_alloc(setup->arena, sizeof *report);
    report->setup = *setup;
    return report;
}

static void tell(void *context, const struct event *event)
{
    struct json_report *report = context;
    report->line.length = 0;
    if (!event_encode(event, NULL, &report->line, NULL))
        return;
    buffer_text(&report->line, "}\n");
    report->setup.write(report->setup.context, buffer_slice(&report->line));
}

static void close_json(void *context)
{
    struct json_report *report = context;
    buffer_free(&report->line);
}

const struct report_kind report_json = {
    .name = "json",
    .about = "for programs: one event a line, as in the journal",
    .open = open_json,
    .event = tell,
    .close = close_json,
};
