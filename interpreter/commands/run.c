/* run: a runbook carried out from its beginning, or with --dry-run printed as a plan. */
#include "base/arena.h"
#include "base/diagnostic.h"
#include "commands/agreed.h"
#include "commands/choose.h"
#include "commands/commands.h"
#include "commands/launch.h"
#include "commands/options.h"
#include "commands/preview.h"
#include "commands/session.h"
#include "lang/model.h"
#include "plan/plan.h"
#include "store/runs.h"

#include <jansson.h>

/* Is --id, where it is given, an id of a run of the runbook? Else says so. */
static bool has_good_id(struct invocation *invocation, const struct loaded *loaded)
{
    const char *id = option_value(invocation, &option_id);
    const char *name = loaded->runbook->name;
    if (id == NULL || run_id_fits(id, name))
        return true;
    say_error("runbook run: error RB601: --id: '%s' is no id of a run of %s\n"
              "  = remedy: %s-YYYYMMDD-HHMMSS-abcde\n",
              id, name, name);
    return false;
}

/* The runbook that was named, or that of the plan that was AGREED (NULL: none). NULL after saying
 * why it can't be run. */
static const struct plan *load_whole(struct session *session, const struct json_t *agreed)
{
    struct invocation *invocation = session->invocation;
    const char *file = invocation->arguments.count > 0 ? invocation->arguments.at[0]
                                                       : agreed_file(invocation, agreed);
    session->loaded = load_runbook(invocation, file);
    if (agreed != NULL)
        agreed_params(invocation, agreed, &session->loaded);
    return load_plan(invocation, &session->loaded, SEVERITY_WARNING);
}

static int run_of(struct invocation *invocation, struct json_t *agreed)
{
    struct session session = {.invocation = invocation};
    const struct plan *whole = load_whole(&session, agreed);
    if (whole == NULL)
        return EXIT_INVALID;
    bool dry = option_value(invocation, &option_dry_run) != NULL;
    if (!dry && !session_options(&session))
        return EXIT_USAGE;
    if (!has_good_id(invocation, &session.loaded))
        return EXIT_USAGE;
    int code = choose_read(&session);
    if (code != 0)
        return code;
    const struct plan *part = choose_plan(&session, whole, false);
    if (part == NULL ||
        (agreed != NULL && !agreed_holds(invocation, agreed, &session.loaded, part)))
        return EXIT_INVALID;
    code = dry ? preview_print(invocation, part) : launch(&session, whole);
    session_close(&session);
    return code;
}

static int run(struct invocation *invocation)
{
    const char *path = option_value(invocation, &option_plan);
    if (path == NULL && invocation->arguments.count == 0) {
        say_error("runbook run: error RB601: an argument is missing\n"
                  "  = remedy: usage: runbook run FILE, or runbook run --plan FILE\n");
        return EXIT_USAGE;
    }
    struct json_t *agreed = path != NULL ? agreed_read(invocation, path) : NULL;
    if (path != NULL && agreed == NULL)
        return EXIT_INVALID;
    int code = run_of(invocation, agreed);
    json_decref(agreed);
    return code;
}

const struct command command_run = {
    .name = "run",
    .arguments = "[FILE]",
    .least = 0,
    .most = 1,
    .summary = "carry a runbook out, or print its plan with --dry-run",
    .about =
        "Carries FILE out: as named, else in $RUNBOOK_PATH, else among the installed runbooks.\n"
        "Ctrl-C once begins nothing new and lets what runs end; twice cancels it. What was begun "
        "can\n"
        "be taken up again with `runbook resume`. With --plan what runs is the plan that was saved "
        "and\n"
        "agreed to, with its params, of the runbook that it names or of FILE: where the runbook, "
        "a\n"
        "library or a param differs, nothing is started.",
    .options =
        (const struct option *const[]){&option_dry_run, &option_param, &option_params, &option_from,
                                       &option_until, &option_only, &option_skip, &option_output,
                                       &option_jobs, &option_approve, &option_yes, &option_strict,
                                       &option_plan, &option_format, &option_state, &option_id,
                                       &option_on_limit, NULL},
    .run = run,
};
