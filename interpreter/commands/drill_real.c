/* A drill for real: a run, and its times beside those of earlier drills. */
#include "base/arena.h"
#include "base/units.h"
#include "commands/choose.h"
#include "commands/drill.h"
#include "commands/launch.h"
#include "commands/options.h"
#include "commands/session.h"
#include "lang/model.h"
#include "lang/runbook.h"
#include "plan/plan.h"
#include "report/phrase.h"
#include "store/history.h"
#include "store/state.h"
#include "sys/failure.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LEAST_SLOWER (UNITS_SECOND / 10) /* less than that is noise */

/* One of the runbook's own steps. */
struct lap {
    const char *step;
    int64_t took;
    struct history_figures earlier;
};

static bool is_slower(int64_t took, const struct history_figures *earlier)
{
    return earlier->count > 0 && took - earlier->median >= LEAST_SLOWER &&
           took >= earlier->median + earlier->median / 2;
}

/* Those that were done, in the order of the runbook. */
static size_t find_laps(struct arena *arena, const struct session *session,
                        const struct history *history, struct lap **laps)
{
    const struct list *steps = &session->loaded.runbook->steps->order;
    size_t count = 0;
    *laps = arena_alloc(arena, (steps->count + 1) * sizeof **laps);
    for (size_t i = 0; i < steps->count; i++) {
        const struct step *step = steps->at[i];
        const struct state_step *known = state_step(session->state, step->id);
        if (known == NULL || known->life != LIFE_DONE || known->started == 0)
            continue;
        (*laps)[count++] = (struct lap){step->id, known->ended - known->started,
                                        history_step(history, step->id, step_digest(arena, step))};
    }
    return count;
}

/* ---- telling ---- */

static void add_row(struct buffer *into, const char *name, int64_t took,
                    const struct history_figures *earlier, int64_t objective)
{
    buffer_format(into, "  %-24s  ", name);
    phrase_cell(into, took);
    if (earlier->count > 0) {
        phrase_cell(into, earlier->median);
        phrase_cell(into, earlier->worst);
    } else {
        buffer_format(into, "%-9s%-9s", "-", "-");
    }
    if (objective > 0)
        buffer_format(into, "%3lld %%", (long long)(took * 100 / objective));
    buffer_text(into, is_slower(took, earlier) ? "  slower\n" : "\n");
}

static void tell_people(const struct session *session, const struct lap *laps, size_t count,
                        const struct history_figures *whole, struct buffer *into)
{
    const struct state_run *run = state_run(session->state);
    buffer_text(into, "\ndrilled for real, beside ");
    phrase_count(into, whole->count, "earlier drill", "earlier drills");
    buffer_format(into, "\n  %-24s  %-9s%-9s%-9s%s\n", "step", "this", "median", "worst",
                  run->objective > 0 ? "of the objective" : "");
    for (size_t i = 0; i < count; i++)
        add_row(into, laps[i].step, laps[i].took, &laps[i].earlier, run->objective);
    add_row(into, "the whole", run->ended - run->started, whole, run->objective);
    if (run->objective > 0) {
        buffer_format(into, "  %-24s  ", "objective");
        phrase_duration(into, run->objective);
        buffer_text(into, "\n");
    }
}

static json_t *figures_json(int64_t took, const struct history_figures *earlier)
{
    json_t *json = json_pack("{s:f, s:I, s:b}", "seconds", (double)took / UNITS_SECOND, "earlier",
                             (json_int_t)earlier->count, "slower", is_slower(took, earlier));
    if (earlier->count > 0) {
        json_object_set_new(json, "median", json_real((double)earlier->median / UNITS_SECOND));
        json_object_set_new(json, "worst", json_real((double)earlier->worst / UNITS_SECOND));
    }
    return json;
}

/* One line more behind those of the run. */
static void tell_programs(const struct session *session, const struct lap *laps, size_t count,
                          const struct history_figures *whole, struct buffer *into)
{
    const struct state_run *run = state_run(session->state);
    json_t *steps = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *step = figures_json(laps[i].took, &laps[i].earlier);
        json_object_set_new(step, "step", json_string(laps[i].step));
        json_array_append_new(steps, step);
    }
    json_t *json = json_pack("{s:s, s:s, s:o, s:o}", "event", "drill", "run", session->id, "steps",
                             steps, "whole", figures_json(run->ended - run->started, whole));
    if (run->objective > 0)
        json_object_set_new(json, "objective", json_real((double)run->objective / UNITS_SECOND));
    char *text = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(6));
    buffer_format(into, "%s\n", text ? text : "{}");
    free(text);
    json_decref(json);
}

/* ---- is it meant? ---- */

/* Byte by byte: what is typed behind it is for the questions of the run. */
static void read_line(char *line, size_t room)
{
    size_t length = 0;
    char c;
    while (length + 1 < room && read(STDIN_FILENO, &c, 1) == 1 && c != '\n')
        line[length++] = c;
    line[length] = '\0';
}

static bool is_meant(struct invocation *invocation, const struct loaded *loaded)
{
    char line[256];
    const char *name = loaded->runbook->name;
    if (option_value(invocation, &option_yes) != NULL)
        return true;
    if (!isatty(STDIN_FILENO)) {
        say_error("runbook drill: error RB601: this is real, and nobody is here to be asked\n"
                  "  = remedy: --yes means it; --simulate touches nothing\n");
        return false;
    }
    say_error("This drill is real: it carries %s out. Type '%s' to begin: ", loaded->file, name);
    read_line(line, sizeof line);
    if (strcmp(line, name) == 0)
        return true;
    say_error("runbook drill: not begun; --simulate touches nothing\n");
    return false;
}

int drill_real(struct invocation *invocation, bool json)
{
    struct session session = {.invocation = invocation};
    struct failure failure;
    struct history *history;
    struct lap *laps;
    session.loaded = load_runbook(invocation, invocation->arguments.at[0]);
    const struct plan *plan = load_plan(invocation, &session.loaded, SEVERITY_WARNING);
    if (plan == NULL)
        return EXIT_INVALID;
    if (!session_options(&session) || !is_meant(invocation, &session.loaded))
        return EXIT_USAGE;
    int code = choose_read(&session);
    if (code != 0)
        return code;
    if (history_read(invocation->arena, session_state_folder(invocation),
                     session.loaded.runbook->name, "drill", &history, &failure) != JOURNAL_OK) {
        say_error("runbook drill: error RB702: %s\n", failure.text);
        return EXIT_RECORD;
    }
    code = launch(&session, plan);
    if (session.state != NULL && state_run(session.state)->over) {
        struct buffer text = {0};
        const struct history_figures whole = history_whole(history);
        size_t count = find_laps(invocation->arena, &session, history, &laps);
        (json ? tell_programs : tell_people)(&session, laps, count, &whole, &text);
        if (!say_out(buffer_slice(&text)) && code == EXIT_GOOD)
            code = EXIT_FAILED;
        buffer_free(&text);
    }
    session_close(&session);
    return code;
}
