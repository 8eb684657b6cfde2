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

static bool has_title(const struct saying *saying)
{
    const char *title = event_text(saying->event, FIELD_TITLE);
    return title != NULL && strcmp(title, saying->event->step) != 0;
}

/* A step that did not end as it should, by name: "restart (Docker services restarted)". A title
 * says what has been done, and it has not. */
static void add_step(struct saying *saying)
{
    const struct state_step *known = state_step(saying->state, saying->event->step);
    const char *title = has_title(saying) ? event_text(saying->event, FIELD_TITLE)
                        : known != NULL   ? known->title
                                          : NULL;
    add(saying, saying->event->step);
    if (title == NULL || strcmp(title, saying->event->step) == 0)
        return;
    add(saying, " (");
    add(saying, title);
    add(saying, ")");
}

static void add_run(struct saying *saying)
{
    const struct state_run *run = state_run(saying->state);
    add(saying, run->title ? run->title : run->runbook);
}

/* ---- of the run ---- */

static void say_started(struct saying *saying)
{
    const struct state_run *run = state_run(saying->state);
    saying->level = "INFO";
    if (run->begins != NULL)
        add(saying, run->begins);
    else
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

static bool result_is(const struct state_run *run, const char *result)
{
    return strcmp(run->result, result) == 0;
}

/* "Rollback completed - Level 1 in 3m12s (objective 10m)" */
static void add_ends(struct saying *saying)
{
    const struct state_run *run = state_run(saying->state);
    int64_t took = run->ended - run->started;
    struct buffer *message = &saying->message;
    add(saying, run->ends);
    buffer_text(message, " in ");
    phrase_duration(message, took);
    if (run->objective > 0) {
        buffer_text(message, took > run->objective ? ", OVER the objective of " : " (objective ");
        phrase_duration(message, run->objective);
        buffer_text(message, took > run->objective ? "" : ")");
    }
    if (result_is(run, "recovered"))
        buffer_text(message, "; not all went as it should: recovered, not succeeded");
}

/* "Rollback - Level 1: FAILED after 3m12s, objective 10m: restart: exit is 1, wanted 0" */
static void add_result(struct saying *saying)
{
    struct closing closing = {.state = saying->state};
    struct buffer result = {0};
    add_run(saying);
    buffer_text(&saying->message, ": ");
    closing_result(&closing, &result);
    buffer_add(&saying->message, result.at, result.length - 1); /* without its newline */
    buffer_free(&result);
}

static void say_ended(struct saying *saying)
{
    const struct state_run *run = state_run(saying->state);
    bool late = run->objective > 0 && run->ended - run->started > run->objective;
    bool good = result_is(run, "succeeded") || result_is(run, "undone");
    bool bad = result_is(run, "failed") || result_is(run, "in_doubt");
    saying->level = bad ? "ERROR" : good && !late ? "INFO" : "WARN";
    if (run->ends != NULL && (result_is(run, "succeeded") || result_is(run, "recovered")))
        add_ends(saying);
    else
        add_result(saying);
}

/* ---- of a step ---- */

static void say_done(struct saying *saying)
{
    if (!has_title(saying) || phrase_inside_action(saying->state, saying->event->step))
        return;
    saying->level = "INFO";
    add_field(saying, "", FIELD_TITLE);
}

static void say_failed(struct saying *saying)
{
    bool tolerated = event_has(saying->event, FIELD_TOLERATED);
    if (phrase_inside_action(saying->state, saying->event->step))
        return; /* the step that has the action tells it, and whether it is tolerated */
    saying->level = tolerated || event_truth(saying->event, FIELD_BORNE) ? "WARN" : "ERROR";
    add_step(saying);
    add_field(saying, " failed: ", FIELD_MESSAGE);
    add_field(saying, "; tolerated: ", FIELD_TOLERATED);
}

static void say_unknown(struct saying *saying)
{
    saying->level = "ERROR";
    add_step(saying);
    add_field(saying, ": nobody knows whether it happened: ", FIELD_MESSAGE);
}

static void say_settled(struct saying *saying)
{
    saying->level = "WARN";
    add_step(saying);
    add_field(saying, ": settled by ", FIELD_HOW);
    add_field(saying, ": ", FIELD_VERDICT);
    add_field(saying, ": ", FIELD_REASON);
}

static void say_cancelled(struct saying *saying)
{
    saying->level = "WARN";
    add_step(saying);
    add(saying, ": cancelled");
}

static void say_skipped(struct saying *saying)
{
    if (strcmp(event_text(saying->event, FIELD_REASON), "operator") != 0)
        return;
    saying->level = "WARN";
    add_step(saying);
    add_field(saying, ": left out on the operator's word: ", FIELD_MESSAGE);
}

static void say_answered(struct saying *saying)
{
    bool yes = event_truth(saying->event, FIELD_YES);
    saying->level = yes ? "INFO" : "WARN";
    add_step(saying);
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

static void say_forecast(struct saying *saying)
{
    if (!event_has(saying->event, FIELD_REASON))
        return;
    saying->level = "WARN";
    add_run(saying);
    add_field(saying, ": ", FIELD_MESSAGE);
}

static void (*const sayers[EVENT_COUNT])(struct saying *saying) = {
    [EVENT_STARTED] = say_started,     [EVENT_RESUMED] = say_resumed,
    [EVENT_STOPPING] = say_stopping,   [EVENT_ENDED] = say_ended,
    [EVENT_DONE] = say_done,           [EVENT_FAILED] = say_failed,
    [EVENT_UNKNOWN] = say_unknown,     [EVENT_SETTLED] = say_settled,
    [EVENT_CANCELLED] = say_cancelled, [EVENT_SKIPPED] = say_skipped,
    [EVENT_ANSWERED] = say_answered,   [EVENT_DROPPED] = say_dropped,
    [EVENT_FORECAST] = say_forecast,
};

/* ---- the two lines ---- */

static const char *for_people(struct arena *arena, int64_t time, const char *level,
                              const char *message)
{
    struct buffer line = {0};
    phrase_time(&line, time);
    buffer_format(&line, " [%s] %s\n", level, message);
    const char *text = arena_copy(arena, line.at, line.length);
    buffer_free(&line);
    return text;
}

static json_t *seconds(int64_t duration)
{
    return json_real((double)duration / (double)UNITS_SECOND);
}

static void add_end(json_t *json, const struct state_run *run)
{
    json_object_set_new(json, "result", json_string(run->result));
    json_object_set_new(json, "seconds", seconds(run->ended - run->started));
    if (run->objective > 0)
        json_object_set_new(json, "objective", seconds(run->objective));
}

static const char *line_of_json(struct arena *arena, json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(6));
    const char *line = arena_format(arena, "%s\n", text ? text : "{}");
    free(text);
    json_decref(json);
    return line;
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
        json_object_set_new(json, "seconds", seconds(event_integer(event, FIELD_DURATION)));
    if (event->kind == EVENT_ENDED)
        add_end(json, state_run(saying->state));
    return line_of_json(arena, json);
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
        line->people = for_people(arena, event->time, saying.level, saying.message.at);
        line->programs = for_programs(arena, &saying);
    }
    buffer_free(&saying.message);
    return line;
}

struct oplog_line *oplog_line_said(struct arena *arena, int64_t time, const char *level,
                                   const char *message, json_t *programs)
{
    struct oplog_line *line = arena_alloc(arena, sizeof *line);
    struct buffer shown = {0};
    line_printable(&shown, text_of(message));
    json_object_set_new(programs, "time", json_string(time_print(arena, time)));
    json_object_set_new(programs, "level", json_string(level));
    json_object_set_new(programs, "message", json_of_text(message));
    line->people = for_people(arena, time, level, shown.at ? shown.at : "");
    line->programs = line_of_json(arena, programs);
    buffer_free(&shown);
    return line;
}
