/* plan: what a run would do, as `run --dry-run` prints it, and with --history how long that takes,
 * by the records of earlier runs: the only thing of it that reads one. */
#include "plan/plan.h"

#include "base/arena.h"
#include "base/diagnostic.h"
#include "base/markdown.h"
#include "base/units.h"
#include "commands/agreed.h"
#include "commands/choose.h"
#include "commands/commands.h"
#include "commands/options.h"
#include "commands/preview.h"
#include "commands/session.h"
#include "lang/model.h"
#include "lang/runbook.h"
#include "plan/print.h"
#include "report/forecast.h"
#include "report/phrase.h"
#include "sys/failure.h"

#include <jansson.h>
#include <string.h>

/* What earlier runs say of a plan. */
struct expected {
    const struct plan *plan;
    const struct history *history;
    struct forecast_stop *stops;
    size_t count;
    size_t unknown;         /* of the stops: never measured */
    int64_t median, worst;  /* of the others, together */
    struct list unmeasured; /* of struct step: all of which nothing is known, on the path or not */
};

static bool is_left_out(const struct plan *plan, const struct step *step)
{
    for (size_t i = 0; i < plan->steps.count; i++) {
        const struct plan_step *planned = plan->steps.at[i];
        if (planned->step == step)
            return planned->when == 0;
    }
    return false;
}

static struct expected expect(struct arena *arena, const struct plan *plan,
                              const struct history *history)
{
    struct expected expected = {.plan = plan, .history = history};
    struct forecast *forecast = forecast_new(arena, plan->runbook, history);
    for (size_t i = 0; i < plan->steps.count; i++) {
        const struct plan_step *step = plan->steps.at[i];
        if (step->when == 0)
            forecast_leave_out(forecast, step->step);
    }
    size_t count = forecast_path(forecast, arena, &expected.stops);
    for (size_t i = 0; i < count; i++) {
        if (is_left_out(plan, expected.stops[i].step))
            continue;
        expected.stops[expected.count++] = expected.stops[i];
        expected.unknown += expected.stops[i].took.count == 0;
        expected.median += expected.stops[i].took.median;
        expected.worst += expected.stops[i].took.worst;
    }
    for (size_t i = 0; i < plan->steps.count; i++) {
        const struct plan_step *planned = plan->steps.at[i];
        const struct step *step = planned->step;
        if (planned->when != 0 &&
            history_step(history, step->id, step_digest(arena, step)).count == 0)
            list_add(arena, &expected.unmeasured, (void *)(uintptr_t)step);
    }
    return expected;
}

static bool is_on_path(const struct expected *expected, const struct step *step)
{
    for (size_t i = 0; i < expected->count; i++)
        if (expected->stops[i].step == step)
            return true;
    return false;
}

static bool is_late(const struct expected *expected)
{
    return expected->plan->objective > 0 && expected->median > expected->plan->objective;
}

/* ---- for people ---- */

static void add_row(struct buffer *into, const char *name, struct history_figures took)
{
    buffer_format(into, "  %-24s  ", name);
    if (took.count > 0) {
        phrase_cell(into, took.median);
        phrase_cell(into, took.worst);
        buffer_format(into, "%zu", took.count);
    } else {
        buffer_text(into, "not known");
    }
    if (took.changed > 0)
        buffer_format(into, " (%zu more before it was changed)", took.changed);
    buffer_text(into, "\n");
}

static void add_objective(const struct expected *expected, struct buffer *into)
{
    int64_t objective = expected->plan->objective;
    if (objective <= 0)
        return;
    int64_t left = objective - expected->median;
    buffer_format(into, "  %-24s  ", "objective");
    phrase_duration(into, objective);
    if (expected->unknown == expected->count) {
        buffer_text(into, "\n");
        return;
    }
    buffer_text(into, ": ");
    phrase_duration(into, left < 0 ? -left : left);
    buffer_text(into, left < 0 ? " too little" : " to spare");
    if (left >= 0 && expected->worst > objective)
        buffer_text(into, ", but not at worst");
    buffer_text(into, "\n");
    if (is_late(expected))
        buffer_text(into, "  warning: by earlier runs it takes longer than the objective\n");
}

/* A step that was never measured takes nothing, so that the path may pass it by though it is the
 * longest: it is named. */
static void add_unmeasured(const struct expected *expected, struct buffer *into)
{
    bool any = false;
    for (size_t i = 0; i < expected->unmeasured.count; i++) {
        const struct step *step = expected->unmeasured.at[i];
        if (is_on_path(expected, step))
            continue;
        buffer_format(into, "%s%s", any ? ", " : "  beside it, not known: ", step->id);
        any = true;
    }
    if (any)
        buffer_text(into, "\n");
}

static void add_expected(const struct expected *expected, struct buffer *into)
{
    const struct history_about *about = history_about(expected->history);
    buffer_text(into, "\nexpected, by ");
    if (about->runs == 0)
        buffer_text(into, "no earlier run: none got there yet");
    else
        phrase_count(into, about->runs, "earlier run that got there",
                     "earlier runs that got there");
    if (about->damaged + about->closed > 0)
        buffer_format(into, " (%zu damaged and %zu closed passed over)", about->damaged,
                      about->closed);
    buffer_text(into, "\n");
    if (about->runs == 0)
        return;
    buffer_format(into, "  %-24s  %-9s%-9s%s\n", "the critical path", "median", "worst", "runs");
    for (size_t i = 0; i < expected->count; i++)
        add_row(into, expected->stops[i].step->id, expected->stops[i].took);
    buffer_format(into, "  %-24s  ", "together");
    phrase_cell(into, expected->median);
    phrase_duration(into, expected->worst);
    if (expected->unknown > 0)
        buffer_format(into, ", without %zu of which nothing is known", expected->unknown);
    buffer_text(into, "\n");
    add_unmeasured(expected, into);
    add_row(into, "the whole run", history_whole(expected->history));
    add_objective(expected, into);
}

/* The same below a plan in Markdown, in what a comment has left beside that. */
static void make_markdown(struct buffer *text)
{
    enum { MAX_EXPECTED = 3000 };
    struct buffer block = {0};
    buffer_text(&block, "\n### Expected\n\n");
    if (text->length > MAX_EXPECTED)
        buffer_text(&block, "A comment has no room for it: `runbook plan --history` tells.\n");
    else
        markdown_block(&block, 0, "", (struct text){text->at + 1, text->length - 1});
    buffer_free(text);
    *text = block;
}

/* ---- for machines ---- */

static json_t *figures_json(struct history_figures took)
{
    json_t *json = json_object();
    json_object_set_new(json, "runs", json_integer((json_int_t)took.count));
    if (took.count > 0) {
        json_object_set_new(json, "median", json_real((double)took.median / UNITS_SECOND));
        json_object_set_new(json, "worst", json_real((double)took.worst / UNITS_SECOND));
    }
    if (took.changed > 0)
        json_object_set_new(json, "changed", json_integer((json_int_t)took.changed));
    return json;
}

/* Durations are seconds, as `show` tells them. */
static json_t *expected_json(const struct expected *expected)
{
    const struct history_about *about = history_about(expected->history);
    json_t *path = json_array();
    for (size_t i = 0; i < expected->count; i++) {
        json_t *stop = figures_json(expected->stops[i].took);
        json_object_set_new(stop, "step", json_string(expected->stops[i].step->id));
        json_array_append_new(path, stop);
    }
    json_t *unmeasured = json_array();
    for (size_t i = 0; i < expected->unmeasured.count; i++) {
        const struct step *step = expected->unmeasured.at[i];
        json_array_append_new(unmeasured, json_string(step->id));
    }
    json_t *json = json_object();
    json_object_set_new(json, "runs", json_integer((json_int_t)about->runs));
    json_object_set_new(json, "damaged", json_integer((json_int_t)about->damaged));
    json_object_set_new(json, "closed", json_integer((json_int_t)about->closed));
    json_object_set_new(json, "path", path);
    json_object_set_new(json, "unmeasured", unmeasured);
    json_object_set_new(json, "median", json_real((double)expected->median / UNITS_SECOND));
    json_object_set_new(json, "worst", json_real((double)expected->worst / UNITS_SECOND));
    json_object_set_new(json, "whole", figures_json(history_whole(expected->history)));
    if (expected->plan->objective > 0) {
        json_object_set_new(json, "objective",
                            json_real((double)expected->plan->objective / UNITS_SECOND));
        json_object_set_new(json, "late", json_boolean(is_late(expected)));
    }
    return json;
}

/* The plan as its JSON is, and what is expected beside it. */
static void add_json(const struct expected *expected, struct buffer *into)
{
    json_t *json = preview_json(expected->plan);
    json_object_set_new(json, "expected", expected_json(expected));
    command_json(json, into);
}

/* ---- the command ---- */

static int print_expected(struct invocation *invocation, const struct plan *plan)
{
    struct history *history;
    struct failure failure;
    const char *format = option_value(invocation, &option_plan_format);
    bool json = format != NULL && strcmp(format, "json") == 0;
    if (format != NULL && (strcmp(format, "dot") == 0 || strcmp(format, "mermaid") == 0)) {
        say_error("runbook plan: error RB601: --history has no place in a graph\n"
                  "  = remedy: it goes with text, json and markdown\n");
        return EXIT_USAGE;
    }
    if (history_read(invocation->arena, session_state_folder(invocation), plan->runbook->name, NULL,
                     &history, &failure) != JOURNAL_OK) {
        say_error("runbook plan: error RB702: %s\n", failure.text);
        return EXIT_RECORD;
    }
    struct expected expected = expect(invocation->arena, plan, history);
    struct buffer text = {0};
    if (json) {
        add_json(&expected, &text);
    } else {
        int code = preview_print(invocation, plan);
        if (code != EXIT_GOOD)
            return code;
        add_expected(&expected, &text);
        if (format != NULL && strcmp(format, "markdown") == 0)
            make_markdown(&text);
    }
    bool said = say_out(buffer_slice(&text));
    buffer_free(&text);
    return said ? EXIT_GOOD : EXIT_FAILED;
}

static int run(struct invocation *invocation)
{
    struct session session = {.invocation = invocation};
    session.loaded = load_runbook(invocation, invocation->arguments.at[0]);
    const char *save = option_value(invocation, &option_save);
    session.loaded.open = save == NULL;
    const struct plan *whole = load_plan(invocation, &session.loaded, SEVERITY_WARNING);
    if (whole == NULL)
        return EXIT_INVALID;
    int code = choose_read(&session);
    if (code != 0)
        return code;
    const struct plan *part = choose_plan(&session, whole, false);
    if (part == NULL)
        return EXIT_INVALID;
    if (save != NULL && !agreed_save(invocation, &session.loaded, part, save))
        return EXIT_FAILED;
    return option_value(invocation, &option_history) != NULL ? print_expected(invocation, part)
                                                             : preview_print(invocation, part);
}

const struct command command_plan = {
    .name = "plan",
    .arguments = "FILE",
    .least = 1,
    .most = 1,
    .summary = "what a run would do, and how long that takes",
    .about =
        "Prints what `runbook run FILE` would do, as its --dry-run does. A param that is wanted "
        "and\n"
        "not given is no error here: it stands as ‹params.NAME›. With --history it also\n"
        "tells how long that takes, step by step along the critical path, by the records of up to\n"
        "a hundred earlier runs that got there; with --format json as `expected`. --save writes it "
        "to\n"
        "a file, for others to agree to: `runbook run --plan` then runs that and nothing else.",
    .options =
        (const struct option *const[]){&option_history, &option_save, &option_param, &option_params,
                                       &option_from, &option_only, &option_skip, &option_output,
                                       &option_plan_format, &option_room, &option_state, NULL},
    .run = run,
};
