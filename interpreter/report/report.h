/* report: readers of events: each tells a run in its own way, to what it is handed.
 * A line is a function of its event and the fold, never of the clock. */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "base/text.h"

#include <stdbool.h>

struct arena;
struct event;
struct state;

struct report_setup {
    struct arena *arena;
    const struct state *state; /* as it is after the event */
    const char *id;            /* the run's */
    const char *folder;        /* its record: for the last lines of a log, and to name it */
    const char *words;         /* what a command needs to find it: " --state /srv/state", or "" */
    bool colour;
    bool asks; /* questions are asked at this terminal, which shows them itself */
    /* Writes to wherever the report goes; false: it can't be written any more. */
    bool (*write)(void *context, struct text text);
    void *context;
};

struct report_kind {
    const char *name; /* "text", "json" */
    const char *about;
    void *(*open)(const struct report_setup *setup);
    void (*event)(void *report, const struct event *event);
    void (*output)(void *report, const char *step, int stream, struct text bytes); /* may be NULL */
    void (*close)(void *report);
};

/* The kind NAME, or NULL; the INDEXth, NULL past the end. */
const struct report_kind *report_find(const char *name);
const struct report_kind *report_at(size_t index);

#endif
