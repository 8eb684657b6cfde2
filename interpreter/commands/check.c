/* check: is this runbook right? Reads, types and proves; runs nothing. */
#include "base/arena.h"
#include "base/diagnostic.h"
#include "base/path.h"
#include "commands/check_format.h"
#include "commands/check_idle.h"
#include "commands/commands.h"
#include "commands/load.h"
#include "lang/allow.h"
#include "lang/model.h"
#include "lang/trap_check.h"
#include "plan/plan.h"
#include "plan/prove.h"

#include <string.h>

static const struct option option_check_format = {
    "format", "text|json|sarif|github", false,
    "how findings are written; github is annotations of a pull request"};
static const struct option option_suppressed = {
    "suppressed", NULL, false, "also what is allowed, each with its reason and where that stands"};

/* ---- what kind of file ---- */

static bool is_traps(const char *file)
{
    return strcmp(path_name(file), "traps.yaml") == 0 || load_begins(file, "traps");
}

/* ---- judging ---- */

struct checking {
    struct invocation *invocation;
    struct checked checked;
    struct loaded last; /* what was read before, some of which is not read again */
    const struct traps *traps;
    const char *traps_folder; /* whose they are */
    struct list runbooks;     /* of struct loaded: those that could be read */
};

static const struct traps *traps_for(struct checking *checking, const struct loaded *loaded)
{
    bool known = checking->traps != NULL && strcmp(checking->traps_folder, loaded->folder) == 0;
    if (!known)
        checking->traps =
            load_traps(checking->invocation->arena, loaded->folder, loaded->diagnostics);
    checking->traps_folder = loaded->folder;
    return checking->traps;
}

static struct loaded judge_runbook(struct checking *checking, const char *file)
{
    struct arena *arena = checking->invocation->arena;
    struct loaded loaded =
        load_beside(checking->invocation, file, checking->last.catalog ? &checking->last : NULL);
    bool good = loaded.runbook != NULL && loaded.diagnostics->errors == 0;
    const struct plan *plan =
        good ? plan_make(arena, loaded.runbook, NULL, loaded.diagnostics) : NULL;
    if (plan != NULL)
        plan_prove(plan, loaded.diagnostics);
    if (good)
        trap_check(traps_for(checking, &loaded), loaded.runbook, loaded.diagnostics);
    if (good && loaded.diagnostics->errors == 0)
        allow_unused(loaded.runbook, loaded.diagnostics);
    checking->last = loaded;
    if (loaded.runbook != NULL) {
        struct loaded *kept = arena_alloc(arena, sizeof *kept);
        *kept = loaded;
        list_add(arena, &checking->runbooks, kept);
    }
    return loaded;
}

static struct loaded judge_library(struct checking *checking, const char *file)
{
    struct loaded loaded;
    const struct library *library = load_library(checking->invocation, file, &loaded);
    if (library == NULL)
        return loaded;
    trap_check_library(traps_for(checking, &loaded), library, loaded.diagnostics);
    allow_unused_library(library, loaded.diagnostics);
    return loaded;
}

static struct loaded judge(struct checking *checking, const char *file)
{
    struct loaded loaded;
    if (load_begins(file, "library"))
        return judge_library(checking, file);
    if (!is_traps(file))
        return judge_runbook(checking, file);
    load_traps_file(checking->invocation, file, &loaded);
    return loaded;
}

/* ---- the command ---- */

static const struct checked_file *check_file(struct checking *checking, const char *name)
{
    struct arena *arena = checking->invocation->arena;
    struct loaded loaded = judge(checking, name);
    struct checked_file *file = arena_alloc(arena, sizeof *file);
    diagnostics_sort(loaded.diagnostics);
    *file = (struct checked_file){name, loaded.diagnostics};
    list_add(arena, &checking->checked.files, file);
    return file;
}

/* The format that is asked for; NULL after saying what is wrong. */
static const struct check_format *format_of(const struct invocation *invocation)
{
    static const struct check_format *const formats[] = {&check_text, &check_json, &check_sarif,
                                                         &check_github};
    const char *name = option_value(invocation, &option_check_format);
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (name == NULL || strcmp(name, formats[i]->name) == 0)
            return formats[i];
    say_error("runbook check: error RB601: there is no format '%s'\n"
              "  = remedy: there are text, json, sarif, github\n",
              name);
    return NULL;
}

static int run(struct invocation *invocation)
{
    const struct check_format *format = format_of(invocation);
    struct checking checking = {.invocation = invocation, .checked.arena = invocation->arena};
    int code = EXIT_GOOD;
    if (format == NULL)
        return EXIT_USAGE;
    checking.checked.shows_suppressed = option_value(invocation, &option_suppressed) != NULL;
    for (size_t i = 0; i < invocation->arguments.count; i++) {
        const struct checked_file *file = check_file(&checking, invocation->arguments.at[i]);
        code = file->found->errors > 0 ? EXIT_INVALID : code;
    }
    check_idle(invocation, &checking.runbooks, &checking.checked.files);
    bool said = format->say(invocation, &checking.checked);
    return !said && code == EXIT_GOOD ? EXIT_FAILED : code;
}

const struct command command_check = {
    .name = "check",
    .arguments = "FILE…",
    .least = 1,
    .most = 1000,
    .summary = "is it right? keys, types, what is destroyed unprotected",
    .about =
        "Reads runbooks with their libraries and proves what can be proved without running them,\n"
        "and looks for commands that do something else in a runbook than at a prompt. A library "
        "or\n"
        "a table of traps is a FILE as well; a trap is tried on its own examples.\n"
        "Findings go to standard error, with --format json, sarif or github to standard output. "
        "Each\n"
        "has a code: `runbook explain CODE` tells its story. Only an error gives exit code 3.",
    .options = (const struct option *const[]){&option_check_format, &option_suppressed, NULL},
    .run = run,
};
