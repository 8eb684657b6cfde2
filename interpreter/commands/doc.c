/* doc: the runbook as a checklist for a person, for the day when runbook can't run. */
#include "commands/commands.h"
#include "commands/load.h"
#include "commands/options.h"
#include "plan/checklist.h"

static int run(struct invocation *invocation)
{
    struct loaded loaded = load_runbook(invocation, invocation->arguments.at[0]);
    loaded.open = true;
    const struct plan *plan = load_plan(invocation, &loaded, SEVERITY_ERROR);
    if (plan == NULL)
        return EXIT_INVALID;
    struct buffer text = {0};
    print_checklist(plan, loaded.file, &text);
    bool said = say_out(buffer_slice(&text));
    buffer_free(&text);
    return said ? EXIT_GOOD : EXIT_FAILED;
}

const struct command command_doc = {
    .name = "doc",
    .arguments = "FILE",
    .least = 1,
    .most = 1,
    .summary = "the runbook as a checklist to follow by hand",
    .about =
        "Prints a Markdown checklist of all that `runbook run FILE` would do: each command as it\n"
        "is typed into bash, what must hold before and after it, how it is taken back, and whom\n"
        "to ask. What only the run can know, and a param that is wanted and not given, is a blank\n"
        "to fill in. Nothing is run or read but the runbook. Print it before you need it.",
    .options = (const struct option *const[]){&option_param, &option_params, NULL},
    .run = run,
};
