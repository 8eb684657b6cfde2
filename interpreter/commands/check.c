/* check: is this runbook right? Reads, types and proves; runs nothing. */
#include "base/arena.h"
#include "base/diagnostic.h"
#include "commands/commands.h"
#include "commands/load.h"
#include "commands/options.h"
#include "plan/plan.h"
#include "plan/prove.h"

static int check_one(struct invocation *invocation, const char *file)
{
    struct loaded loaded = load_runbook(invocation, file);
    if (loaded.runbook != NULL && loaded.diagnostics->errors == 0) {
        const struct plan *plan =
            plan_make(invocation->arena, loaded.runbook, NULL, loaded.diagnostics);
        if (plan != NULL)
            plan_prove(plan, loaded.diagnostics);
    }
    if (load_report(invocation, &loaded, SEVERITY_NOTE))
        return EXIT_INVALID;
    struct buffer line = {0};
    buffer_format(&line, "%s: no errors%s\n", file,
                  loaded.diagnostics->warnings > 0 ? ", but warnings" : "");
    bool said = say_out(buffer_slice(&line));
    buffer_free(&line);
    return said ? EXIT_GOOD : EXIT_FAILED;
}

static int run(struct invocation *invocation)
{
    int code = EXIT_GOOD;
    for (size_t i = 0; i < invocation->arguments.count; i++) {
        int one = check_one(invocation, invocation->arguments.at[i]);
        code = one > code ? one : code;
    }
    return code;
}

const struct command command_check = {
    .name = "check",
    .arguments = "FILE…",
    .least = 1,
    .most = 1000,
    .summary = "is it right? keys, types, the graph, what is destroyed unprotected",
    .about =
        "Reads runbooks with their libraries and proves what can be proved without running them.\n"
        "Each finding has a code: `runbook explain CODE` tells its story. Only an error gives "
        "exit\n"
        "code 3.",
    .options = (const struct option *const[]){NULL},
    .run = run,
};
