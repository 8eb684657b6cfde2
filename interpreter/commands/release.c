/* release: what a run still holds is given back, without going on. */
#include "commands/commands.h"
#include "commands/options.h"
#include "commands/session.h"
#include "commands/takeup.h"
#include "report/closing.h"
#include "store/state.h"

#include <stddef.h>

static int release(struct session *session, const char *word)
{
    int failed = takeup_open(session, word, true);
    if (failed != 0)
        return failed;
    if (closing_owed(session->state) == 0) {
        say_error("runbook release: %s owes nothing\n", session->id);
        return EXIT_GOOD;
    }
    /* By the copy: what was owed is given back as it was meant then, never by a later edit. */
    failed = takeup_copy(session);
    if (failed == 0)
        failed = session_lock(session);
    if (failed != 0)
        return failed;
    takeup_sweep(session);
    if (takeup_busy(session))
        return EXIT_LOCKED;
    const char *result = state_run(session->state)->result;
    session->options.release_only = true;
    session->options.result = result ? result : "stopped";
    return takeup_tell(session, NULL) ? session_run(session) : EXIT_RECORD;
}

static int run(struct invocation *invocation)
{
    return session_of_run(invocation, release);
}

const struct command command_release = {
    .name = "release",
    .arguments = "RUN",
    .least = 1,
    .most = 1,
    .summary = "give back what a run still holds, without going on",
    .about =
        "Runs the releases that RUN owes, last taken first, as the runbook said when they were\n"
        "taken. The run stands afterwards as it stood before; what fails stays owed. `runbook\n"
        "show RUN` names what is owed.",
    .options = (const struct option *const[]){&option_jobs, &option_approve, &option_yes,
                                              &option_format, &option_state, NULL},
    .run = run,
};
