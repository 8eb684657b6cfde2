/* diff: what would be done differently by a changed runbook: two files, or all that a branch
 * changes. Reads and compares; runs nothing but git. */
#include "plan/diff.h"

#include "base/arena.h"
#include "base/diagnostic.h"
#include "commands/commands.h"
#include "commands/load.h"
#include "commands/options.h"
#include "lang/model.h"
#include "plan/diff_print.h"
#include "plan/params.h"
#include "plan/plan.h"
#include "plan/prove.h"

#include <string.h>

static const struct option option_diff_format = {"format", "NAME", false,
                                                 "how the output is written: text"};

/* What was asked for. */
struct request {
    struct invocation *invocation;
    const struct diff_format *format;
    struct diff_paper paper;
    bool invalid; /* something of the new side has errors */
};

/* ---- one side ---- */

/* Those of --param that name params of RUNBOOK: each side has its own. */
static const char *const *own_params(struct invocation *invocation, const struct runbook *runbook)
{
    const char *const *typed = option_values(invocation, &option_param);
    struct list own = {0};
    for (; *typed != NULL; typed++) {
        size_t length = strcspn(*typed, "=");
        char *name = arena_copy(invocation->arena, *typed, length);
        if (map_get(&runbook->params, name) != NULL)
            list_add(invocation->arena, &own, (void *)(uintptr_t)*typed);
    }
    list_add(invocation->arena, &own, NULL);
    return (const char *const *)own.at;
}

static struct diff_side side_of(struct invocation *invocation, const struct loaded *loaded)
{
    struct arena *arena = invocation->arena;
    struct diff_side side = {.runbook = loaded->runbook, .diagnostics = loaded->diagnostics};
    if (side.runbook == NULL || side.diagnostics->errors > 0)
        return side;
    struct params_given given = {.typed = own_params(invocation, side.runbook), .open = true};
    const struct value *params =
        given.typed[0] ? params_read(arena, side.runbook, &given, side.diagnostics) : NULL;
    if (side.diagnostics->errors == 0)
        side.plan = plan_make(arena, side.runbook, params, side.diagnostics);
    if (side.plan != NULL)
        plan_prove(side.plan, side.diagnostics);
    if (side.diagnostics->errors > 0)
        side.plan = NULL;
    diagnostics_sort(side.diagnostics);
    return side;
}

/* ---- a pair ---- */

static void add_entry(struct request *request, const struct diff_entry *entry)
{
    struct arena *arena = request->invocation->arena;
    struct diff_entry *kept = arena_alloc(arena, sizeof *kept);
    *kept = *entry;
    list_add(arena, &request->paper.entries, kept);
}

static void compare(struct request *request, const struct loaded *old, const struct loaded *new)
{
    struct invocation *invocation = request->invocation;
    struct diff_side before = side_of(invocation, old), now = side_of(invocation, new);
    struct diff_entry entry = {.old_name = old->file, .new_name = new->file};
    request->paper.compared++;
    request->invalid = request->invalid || now.diagnostics->errors > 0;
    entry.diff = diff_make(invocation->arena, &before, &now);
    if (!diff_empty(entry.diff))
        add_entry(request, &entry);
}

/* ---- the command ---- */

static int compare_files(struct request *request)
{
    struct invocation *invocation = request->invocation;
    const char *const *names = (const char *const *)invocation->arguments.at;
    if (invocation->arguments.count != 2) {
        say_error("runbook diff: error RB601: two files are compared\n"
                  "  = remedy: usage: runbook diff OLD NEW\n");
        return EXIT_USAGE;
    }
    struct loaded old = load_runbook(invocation, names[0]);
    struct loaded new = load_runbook(invocation, names[1]);
    request->paper.old_side = names[0];
    request->paper.new_side = names[1];
    compare(request, &old, &new);
    return EXIT_GOOD;
}

static int print(struct request *request)
{
    struct buffer text = {0};
    request->format->print(&request->paper, request->invocation->colour, &text);
    bool said = say_out(buffer_slice(&text));
    buffer_free(&text);
    if (!said)
        return EXIT_FAILED;
    return request->invalid ? EXIT_INVALID : EXIT_GOOD;
}

static int run(struct invocation *invocation)
{
    struct request request = {.invocation = invocation};
    const char *name = option_value(invocation, &option_diff_format);
    request.format = diff_format_find(name ? name : "text");
    if (request.format == NULL) {
        say_error("runbook diff: error RB601: there is no format '%s'\n"
                  "  = remedy: text\n",
                  name);
        return EXIT_USAGE;
    }
    int code = compare_files(&request);
    return code == EXIT_GOOD ? print(&request) : code;
}

const struct command command_diff = {
    .name = "diff",
    .arguments = "OLD NEW",
    .least = 0,
    .most = 1000,
    .summary = "what a changed runbook would do differently",
    .about =
        "Compares two runbooks by what they mean, never by text: steps that are new, gone, moved, "
        "now\n"
        "side by side; limits, checks and effects; commands word by word; and what the checker "
        "says of\n"
        "one of them alone. What weakens safety stands first.\n",
    .options = (const struct option *const[]){&option_param, &option_diff_format, NULL},
    .run = run,
};
