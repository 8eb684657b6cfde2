/* undo: what a run did is taken back, by the undos that the runbook said when it was done. */
#include "commands/undo.h"

#include "commands/commands.h"
#include "commands/options.h"
#include "commands/session.h"
#include "commands/takeup.h"
#include "lang/model.h"
#include "store/state.h"

#include <stddef.h>
#include <string.h>

static bool is_step(struct session *session, const char *id)
{
    const struct steps *steps = session->loaded.runbook->steps;
    if (id == NULL || map_get(&steps->by_id, id) != NULL)
        return true;
    load_no_step(session->invocation, &session->loaded, "runbook undo", &option_undo_from, id);
    return false;
}

int undo_take_back(struct session *session, const char *from)
{
    /* By the copy: it is taken back as was meant when it was done, never by a later edit. */
    int failed = takeup_copy(session);
    if (failed == 0 && !is_step(session, from))
        failed = EXIT_USAGE;
    if (failed == 0)
        failed = session_lock(session);
    if (failed != 0)
        return failed;
    takeup_sweep(session);
    session->options.undo = true;
    session->options.undo_from = from;
    return takeup_tell(session, NULL) ? session_run(session) : EXIT_RECORD;
}

/* Taken back or given up already. */
static bool is_gone(struct session *session)
{
    const char *result = state_run(session->state)->result;
    if (result == NULL || (strcmp(result, "undone") != 0 && strcmp(result, "abandoned") != 0))
        return false;
    say_error("runbook undo: error RB704: %s has ended: %s\n"
              "  = remedy: `runbook show %s%s` tells how\n",
              session->id, result, session->id, session_words(session));
    return true;
}

static int undo(struct session *session, const char *word)
{
    int failed = takeup_open(session, word, true);
    if (failed != 0)
        return failed;
    if (is_gone(session))
        return EXIT_USAGE;
    return undo_take_back(session, option_value(session->invocation, &option_undo_from));
}

static int run(struct invocation *invocation)
{
    return session_of_run(invocation, undo);
}

const struct command command_undo = {
    .name = "undo",
    .arguments = "RUN",
    .least = 1,
    .most = 1,
    .summary = "take back what a run did",
    .about =
        "Runs the undos of the steps that RUN began, last ended first, back to the last one that "
        "is\n"
        "irreversible. A change without an undo is named and left. A step of which nobody knows\n"
        "whether it happened stops it: --assume-done STEP=REASON. What was cut off goes on by the\n"
        "same command, or by `runbook resume`.",
    .options =
        (const struct option *const[]){&option_undo_from, &option_jobs, &option_yes, &option_rerun,
                                       &option_assume_done, &option_format, &option_state, NULL},
    .run = run,
};
