#include "report/oplog_line.h"

#include "base/arena.h"
#include "base/text.h"
#include "base/units.h"
#include "lang/value.h"
#include "report/closing.h"
#include "report/phrase.h"
#include "report/talk.h"
#include "store/event.h"
#include "store/state.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* What is being said of one event. */
struct saying {
    const struct state *state;
    const struct event *event;
    const char *level; /* INFO, WARN, ERROR; NULL: nothing is said */
    struct buffer message;
};

static void add(struct saying *saying, const char *text)
{
    line_printable(&saying->message, text_of(text));
}

static void add_field(struct saying *saying, const char *before, enum event_field field)
{
    const char *text = event_text(saying->event, field);
    if (text == NULL || text[0] == '\0')
        return;
    add(saying, before);
    add(saying, text);
}

/* The step's title when it has one of its own, else its name. */
static void add_title(struct saying *saying)
{
    const struct state_step *known = state_step(saying->state, saying->event->step);
    const char *title = event_text(saying->event, FIELD_TITLE);
    if (title == NULL || strcmp(title, saying->event->step) == 0)
        title = known != NULL ? known->title : NULL;
    add(saying, title != NULL ? title : saying->event->step);
}

static bool has_title(const struct saying *saying)
{
    const char *title = event_text(saying->event, FIELD_TITLE);
    return title != NULL && strcmp(title, saying->event->step) != 0;
}

static void add_run(struct saying *saying)
{
    const struct state_run *run = state_run(saying->state);
    add(saying, run->title ? run->title : run->runbook);
}

/* ---- of the run ---- */

static void say_started(struct saying *saying)
{
    saying->level = "INFO";
    add_run(saying);
}

static void say_resumed(struct saying *saying)
{
    saying->level = "INFO";
    add_run(saying);
    add_field(saying, ": taken up again by ", FIELD_USER);
}

static void say_stopping(struct saying *saying)
{
    saying->level = "WARN";
    add_field(saying, "Stopping: ", FIELD_REASON);
}

/* "Rollback initiated - Level 1: succeeded in 3m12s, objective 10m" */
static void say_ended(struct saying *saying)
{
    const struct state_run *run = state_run(saying->state);
    struct closing closing = {.state = saying->state};
    bool late = run->objective > 0 && run->ended - run->started > run->objective;
    bool good = strcmp(run->result, "succeeded") == 0 || strcmp(run->result, "undone") == 0;
    bool bad = strcmp(run->result, "failed") == 0 || strcmp(run->result, "in_doubt") == 0;
    saying->level = bad ? "ERROR" : good && !late ? "INFO" : "WARN";
    add_run(saying);
    buffer_text(&saying->message, ": ");
    struct buffer result = {0};
    closing_result(&closing, &result);
    buffer_add(&saying->message, result.at, result.length - 1); /* without its newline */
    buffer_free(&result);
}

/* ---- of a step ---- */

static void say_done(struct saying *saying)
{
    if (!has_title(saying) || phrase_inside_action(saying->state, saying->event->step))
        return;
    saying->level = "INFO";
    add_title(saying);
}

static void say_failed(struct saying *saying)
{
    bool tolerated = event_has(saying->event, FIELD_TOLERATED);
    saying->level = tolerated ? "WARN" : "ERROR";
    add_title(saying);
    add_field(saying, ": failed: ", FIELD_MESSAGE);
    add_field(saying, "; tolerated: ", FIELD_TOLERATED);
}

static void say_unknown(struct saying *saying)
{
    saying->level = "ERROR";
    add_title(saying);
    add_field(saying, ": nobody knows whether it happened: ", FIELD_MESSAGE);
}

static void say_settled(struct saying *saying)
{
    saying->level = "WARN";
    add_title(saying);
    add_field(saying, ": settled by ", FIELD_HOW);
    add_field(saying, ": ", FIELD_VERDICT);
    add_field(saying, ": ", FIELD_REASON);
}

static void say_cancelled(struct saying *saying)
{
    saying->level = "WARN";
    add_title(saying);
    add(saying, ": cancelled");
}

static void say_skipped(struct saying *saying)
{
    if (strcmp(event_text(saying->event, FIELD_REASON), "operator") != 0)
        return;
    saying->level = "WARN";
    add_title(saying);
    add_field(saying, ": left out on the operator's word: ", FIELD_MESSAGE);
}

static void say_answered(struct saying *saying)
{
    bool yes = event_truth(saying->event, FIELD_YES);
    saying->level = yes ? "INFO" : "WARN";
    add_title(saying);
    add_field(saying, yes ? ": allowed by " : ": refused by ", FIELD_USER);
    add_field(saying, ": ", FIELD_REASON);
}

static void say_dropped(struct saying *saying)
{
    saying->level = "WARN";
    add(saying, saying->event->step);
    add_field(saying, ": no longer owed, on the word of ", FIELD_USER);
    add_field(saying, ": ", FIELD_REASON);
}

static void (*const sayers[EVENT_COUNT])(struct saying *saying) = {
    [EVENT_STARTED] = say_started,     [EVENT_RESUMED] = say_resumed,
    [EVENT_STOPPING] = say_stopping,   [EVENT_ENDED] = say_ended,
    [EVENT_DONE] = say_done,           [EVENT_FAILED] = say_failed,
    [EVENT_UNKNOWN] = say_unknown,     [EVENT_SETTLED] = say_settled,
    [EVENT_CANCELLED] = say_cancelled, [EVENT_SKIPPED] = say_skipped,
    [EVENT_ANSWERED] = say_answered,   [EVENT_DROPPED] = say_dropped,
};

/* ---- the two lines ---- */

static const char *for_people(struct arena *arena, const struct saying *saying)
{
    struct buffer line = {0};
    phrase_time(&line, saying->event->time);
    buffer_format(&line, " [%s] %s\n", saying->level, saying->message.at);
    const char *text = arena_copy(arena, line.at, line.length);
    buffer_free(&line);
    return text;
}

static const char *for_programs(struct arena *arena, const struct saying *saying)
{
    const struct event *event = saying->event;
    json_t *json = json_pack("{s:s, s:s, s:s, s:I, s:s}", "time", time_print(arena, event->time),
                             "level", saying->level, "run", state_run(saying->state)->id, "seq",
                             (json_int_t)event->seq, "event", event_name(event->kind));
    if (event->step != NULL)
        json_object_set_new(json, "step", json_of_text(event->step));
    json_object_set_new(json, "message", json_of_text(saying->message.at));
    if (event_has(event, FIELD_DURATION))
        json_object_set_new(
            json, "seconds",
            json_real((double)event_integer(event, FIELD_DURATION) / (double)UNITS_SECOND));
    char *text = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(6));
    const char *line = arena_format(arena, "%s\n", text ? text : "{}");
    free(text);
    json_decref(json);
    return line;
}

struct oplog_line *oplog_line(struct arena *arena, const struct state *state,
                              const struct event *event)
{
    struct saying saying = {.state = state, .event = event};
    struct oplog_line *line = NULL;
    if (sayers[event->kind] != NULL)
        sayers[event->kind](&saying);
    if (saying.level != NULL && saying.message.at != NULL) {
        line = arena_alloc(arena, sizeof *line);
        line->seq = event->seq;
        line->people = for_people(arena, &saying);
        line->programs = for_programs(arena, &saying);
    }
    buffer_free(&saying.message);
    return line;
}
