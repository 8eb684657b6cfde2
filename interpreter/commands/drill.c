/* drill: a runbook exercised before it is needed. */
#include "commands/drill.h"

#include "base/arena.h"
#include "base/diagnostic.h"
#include "commands/commands.h"
#include "commands/load.h"
#include "commands/options.h"

#include <stddef.h>

static const struct option option_simulate = {
    "simulate", NULL, false,
    "make each step fail, time out and crash in a simulation, and tell what comes of it"};

static int simulate(struct invocation *invocation, bool json)
{
    struct drill_found found;
    struct loaded loaded = load_runbook(invocation, invocation->arguments.at[0]);
    const struct plan *plan = load_plan(invocation, &loaded, SEVERITY_ERROR);
    if (plan == NULL)
        return EXIT_INVALID;
    int code = drill_simulate(invocation, &loaded, plan, &found);
    if (code != 0)
        return code;
    struct buffer text = {0};
    if (json)
        drill_json(&found, &text);
    else
        drill_text(invocation->arena, &found, invocation->colour, &text);
    bool said = say_out(buffer_slice(&text));
    buffer_free(&text);
    return said ? EXIT_GOOD : EXIT_FAILED;
}

static int run(struct invocation *invocation)
{
    bool json;
    if (!option_json(invocation, &json))
        return EXIT_USAGE;
    return option_value(invocation, &option_simulate) != NULL ? simulate(invocation, json)
                                                              : drill_real(invocation, json);
}

const struct command command_drill = {
    .name = "drill",
    .arguments = "FILE",
    .least = 1,
    .most = 1,
    .summary = "exercise a runbook, for real or in a simulation",
    .about =
        "Carries FILE out, as `run` does, and tells how long each step took beside the objective "
        "and\n"
        "earlier drills of it. Who means it says so at the terminal, or by --yes, which also "
        "approves\n"
        "what asks for no text to be typed back.\n"
        "With --simulate nothing is real: no process, no server, no file is touched, and waiting\n"
        "takes no time. Each action of FILE in turn fails, runs into its time limit, and is cut "
        "off\n"
        "by a crash after which the run is resumed; what the runbook leaves behind is told, the\n"
        "worst first. What only the world could answer is not known: a `when` on it is taken as\n"
        "true, a check as holding, a loop has one item, people say yes.",
    .options =
        (const struct option *const[]){&option_simulate, &option_param, &option_params, &option_all,
                                       &option_format, &option_state, &option_jobs, &option_approve,
                                       &option_yes, &option_strict, NULL},
    .run = run,
};
