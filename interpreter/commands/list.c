/* list: the runs of the state folder, newest first, and how each stands. */
#include "commands/list.h"

#include "base/arena.h"
#include "base/units.h"
#include "commands/commands.h"
#include "commands/options.h"
#include "commands/session.h"
#include "lang/value.h"
#include "base/list.h"
#include "report/closing.h"
#include "report/phrase.h"
#include "store/runs.h"
#include "store/state.h"
#include "store/watch.h"
#include "sys/failure.h"

#include <jansson.h>
#include <string.h>

const char *run_standing(const struct run_about *about)
{
    if (about->closed)
        return "closed";
    if (about->damage != NULL)
        return "damaged";
    if (about->held)
        return "at work";
    if (!about->began)
        return "not begun";
    return about->result ? about->result : "interrupted";
}

/* ---- what they ask ---- */

static bool fold(void *context, const struct event *event, struct failure *failure)
{
    return state_apply(context, event, failure);
}

/* The names of the steps that wait for an answer, a list of texts. */
static struct list asking(struct arena *arena, const char *folder, const struct run_about *about)
{
    struct list names = {0};
    struct failure failure;
    const struct state_step *step;
    if (!about->asked || !(about->held || about->resumable))
        return names;
    struct state *state = state_new();
    bool read = journal_read(folder, about->id, fold, state, &failure) == JOURNAL_OK;
    for (size_t i = 0; read && (step = state_at(state, i)) != NULL; i++)
        if (closing_asks(step))
            list_add(arena, &names, arena_copy(arena, step->name, strlen(step->name)));
    state_free(state);
    return names;
}

/* ---- the list ---- */

static size_t width_of(const struct run_about *runs, size_t count)
{
    size_t width = strlen("RUN");
    for (size_t i = 0; i < count; i++)
        width = strlen(runs[i].id) > width ? strlen(runs[i].id) : width;
    return width;
}

static void add_asking(const struct list *asks, struct buffer *into)
{
    for (size_t i = 0; i < asks->count; i++) {
        buffer_text(into, i == 0 ? "; asks at " : ", ");
        buffer_printable(into, text_of(asks->at[i]));
    }
}

static void add_row(const struct run_about *about, const struct list *asks, size_t width,
                    struct buffer *into)
{
    buffer_format(into, "%-*s  %-11s  ", (int)width, about->id, run_standing(about));
    if (about->began)
        phrase_time(into, about->started);
    else
        buffer_format(into, "%-19s", "");
    buffer_text(into, "  ");
    size_t before = into->length;
    buffer_printable(into, text_of(about->user ? about->user : ""));
    for (size_t length = into->length - before; length < 8; length++)
        buffer_text(into, " ");
    buffer_text(into, "  ");
    buffer_printable(into, text_of(about->damage    ? about->damage
                                   : about->title   ? about->title
                                   : about->runbook ? about->runbook
                                                    : ""));
    add_asking(asks, into);
    buffer_text(into, "\n");
}

static void list_text(struct arena *arena, const struct run_about *runs, size_t count,
                      const char *folder, struct buffer *into)
{
    size_t width = width_of(runs, count);
    if (count == 0) {
        buffer_format(into, "no runs in %s\n", folder);
        return;
    }
    buffer_format(into, "%-*s  %-11s  %-19s  %-8s  %s\n", (int)width, "RUN", "STATE", "BEGUN", "BY",
                  "WHAT");
    for (size_t i = 0; i < count; i++) {
        struct list asks = asking(arena, folder, &runs[i]);
        add_row(&runs[i], &asks, width, into);
    }
}

/* ---- what a monitor made, and a person has to allow ---- */

static void add_waiting(struct arena *arena, const char *folder, struct buffer *into)
{
    struct list waiting = watch_asking_find(arena, folder);
    for (size_t i = 0; i < waiting.count; i++) {
        const struct watch_asking *asking = waiting.at[i];
        buffer_format(into, "%s  waits for `runbook approve`: %s of monitor %s: ", asking->run,
                      asking->condition, asking->monitor);
        buffer_printable(into, text_of(asking->reason));
        buffer_text(into, "\n");
    }
}

static void append_waiting(struct arena *arena, const char *folder, json_t *list)
{
    struct list waiting = watch_asking_find(arena, folder);
    for (size_t i = 0; i < waiting.count; i++) {
        const struct watch_asking *asking = waiting.at[i];
        json_t *row = json_object();
        json_set_text(row, "run", asking->run);
        json_set_text(row, "state", "waits");
        json_set_text(row, "monitor", asking->monitor);
        json_set_text(row, "condition", asking->condition);
        json_set_text(row, "reason", asking->reason);
        json_set_text(row, "made", time_print(arena, asking->made));
        json_array_append_new(list, row);
    }
}

static json_t *names_json(const struct list *names)
{
    json_t *list = json_array();
    for (size_t i = 0; i < names->count; i++)
        json_array_append_new(list, json_of_text(names->at[i]));
    return list;
}

static json_t *row_json(struct arena *arena, const struct run_about *about, const struct list *asks)
{
    json_t *row = json_object();
    json_set_text(row, "run", about->id);
    json_set_text(row, "state", run_standing(about));
    json_set_text(row, "result", about->result);
    json_set_text(row, "runbook", about->runbook);
    json_set_text(row, "title", about->title);
    json_set_text(row, "user", about->user);
    json_set_text(row, "host", about->host);
    if (about->began)
        json_set_text(row, "started", time_print(arena, about->started));
    if (about->ended != 0)
        json_set_text(row, "ended", time_print(arena, about->ended));
    if (about->held)
        json_object_set_new(row, "pid", json_integer(about->pid));
    json_object_set_new(row, "resumable", json_boolean(about->resumable));
    if (asks->count > 0)
        json_object_set_new(row, "asks", names_json(asks));
    json_set_text(row, "damage", about->damage);
    return row;
}

static void list_json(struct arena *arena, const struct run_about *runs, size_t count,
                      const char *folder, struct buffer *into)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        struct list asks = asking(arena, folder, &runs[i]);
        json_array_append_new(list, row_json(arena, &runs[i], &asks));
    }
    append_waiting(arena, folder, list);
    command_json(list, into);
}

static int run(struct invocation *invocation)
{
    struct run_about *runs = NULL;
    struct failure failure;
    size_t count = 0;
    bool json;
    const char *folder = session_state_folder(invocation);
    if (!option_json(invocation, &json))
        return EXIT_USAGE;
    if (runs_find(invocation->arena, folder, &runs, &count, &failure) != JOURNAL_OK) {
        say_error("runbook list: error RB702: %s\n", failure.text);
        return EXIT_RECORD;
    }
    struct buffer text = {0};
    if (json)
        list_json(invocation->arena, runs, count, folder, &text);
    else
        list_text(invocation->arena, runs, count, folder, &text);
    if (!json)
        add_waiting(invocation->arena, folder, &text);
    bool said = say_out(buffer_slice(&text));
    buffer_free(&text);
    return said ? EXIT_GOOD : EXIT_FAILED;
}

const struct command command_list = {
    .name = "list",
    .arguments = "",
    .least = 0,
    .most = 0,
    .summary = "the runs, newest first, and how each stands",
    .about =
        "Lists the runs of the state folder. A run is at work (somebody attends it), interrupted\n"
        "(whoever attended it is gone: `runbook resume` goes on), or has ended: succeeded,\n"
        "recovered, failed, stopped, in_doubt, undone, abandoned. One that is closed is another's. "
        "Below\n"
        "stand runs that a monitor made and that wait for `runbook approve`.",
    .options = (const struct option *const[]){&option_format, &option_state, NULL},
    .run = run,
};
