/* check: is this runbook right? Reads, types and proves; runs nothing. */
#include "base/arena.h"
#include "base/diagnostic.h"
#include "commands/commands.h"
#include "commands/load.h"
#include "commands/options.h"
#include "lang/value.h"
#include "plan/plan.h"
#include "plan/prove.h"

#include <jansson.h>

/* ---- for programs ---- */

static void put_place(json_t *object, struct mark mark)
{
    if (mark.source == NULL)
        return;
    json_object_set_new(object, "file", json_of_text(source_name(mark.source)));
    json_object_set_new(object, "line", json_integer(mark_line(mark)));
    json_object_set_new(object, "column", json_integer(mark_column(mark)));
}

static json_t *finding_json(const struct diagnostic *finding)
{
    const struct diagnostic_about *about = diagnostic_about(finding->code);
    json_t *json =
        json_pack("{s:s, s:s}", "code", about->code, "severity", severity_name(about->severity));
    json_t *notes = json_array();
    put_place(json, finding->mark);
    json_object_set_new(json, "message", json_of_text(finding->message));
    json_set_text(json, "remedy", finding->remedy);
    for (size_t i = 0; i < finding->notes.count; i++) {
        const struct diagnostic_note *note = finding->notes.at[i];
        json_t *one = json_object();
        put_place(one, note->mark);
        json_object_set_new(one, "text", json_of_text(note->text));
        json_array_append_new(notes, one);
    }
    if (json_array_size(notes) > 0)
        json_object_set(json, "notes", notes);
    json_decref(notes);
    return json;
}

static void add_findings(const struct loaded *loaded, json_t *list)
{
    diagnostics_sort(loaded->diagnostics);
    for (size_t i = 0; i < loaded->diagnostics->list.count; i++)
        json_array_append_new(list, finding_json(loaded->diagnostics->list.at[i]));
}

static bool say_json(json_t *list)
{
    struct buffer all = {0};
    command_json(list, &all);
    bool said = say_out(buffer_slice(&all));
    buffer_free(&all);
    return said;
}

/* ---- all ---- */

static struct loaded judge(struct invocation *invocation, const char *file,
                           const struct loaded *before)
{
    struct loaded loaded = load_beside(invocation, file, before);
    const struct plan *plan =
        loaded.runbook != NULL && loaded.diagnostics->errors == 0
            ? plan_make(invocation->arena, loaded.runbook, NULL, loaded.diagnostics)
            : NULL;
    if (plan != NULL)
        plan_prove(plan, loaded.diagnostics);
    return loaded;
}

/* *LAST is what was checked before it, and then what it is itself. */
static int check_one(struct invocation *invocation, const char *file, struct loaded *last,
                     json_t *list)
{
    struct loaded loaded = judge(invocation, file, last->catalog ? last : NULL);
    *last = loaded;
    if (list != NULL) {
        add_findings(&loaded, list);
        return loaded.diagnostics->errors > 0 ? EXIT_INVALID : EXIT_GOOD;
    }
    if (load_report(invocation, &loaded, SEVERITY_NOTE))
        return EXIT_INVALID;
    struct buffer line = {0};
    buffer_printable(&line, text_of(file));
    buffer_format(&line, ": no errors%s\n",
                  loaded.diagnostics->warnings > 0 ? ", but warnings" : "");
    bool said = say_out(buffer_slice(&line));
    buffer_free(&line);
    return said ? EXIT_GOOD : EXIT_FAILED;
}

static int run(struct invocation *invocation)
{
    int code = EXIT_GOOD;
    bool json;
    if (!option_json(invocation, &json))
        return EXIT_USAGE;
    json_t *list = json ? json_array() : NULL;
    struct loaded last = {0};
    for (size_t i = 0; i < invocation->arguments.count; i++) {
        int one = check_one(invocation, invocation->arguments.at[i], &last, list);
        code = one > code ? one : code;
    }
    if (json && !say_json(list) && code == EXIT_GOOD)
        code = EXIT_FAILED;
    return code;
}

const struct command command_check = {
    .name = "check",
    .arguments = "FILE…",
    .least = 1,
    .most = 1000,
    .summary = "is it right? keys, types, what is destroyed unprotected",
    .about =
        "Reads runbooks with their libraries and proves what can be proved without running them.\n"
        "Findings go to standard error, with --format json as a list to standard output. Each has "
        "a\n"
        "code: `runbook explain CODE` tells its story. Only an error gives exit code 3.",
    .options = (const struct option *const[]){&option_format, NULL},
    .run = run,
};
