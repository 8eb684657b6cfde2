/* resume: a run taken up again where it was left, by the record alone. */
#include "commands/choose.h"
#include "commands/commands.h"
#include "commands/copies.h"
#include "commands/options.h"
#include "commands/session.h"
#include "commands/takeup.h"
#include "commands/undo.h"
#include "store/state.h"

#include <stddef.h>

/* A `runbook undo` that was cut off: going on is going on with that. */
static int go_on_undoing(struct session *session)
{
    say_error("runbook resume: %s was being taken back: going on with that\n", session->id);
    return undo_take_back(session, state_run(session->state)->undo_from);
}

static int resume(struct session *session, const char *word)
{
    const struct plan *plan = NULL;
    int failed = takeup_open(session, word, false);
    if (failed == 0 && state_run(session->state)->undoing)
        return go_on_undoing(session);
    if (failed == 0)
        failed = takeup_file(session, &plan);
    if (failed == 0)
        failed = choose_read(session);
    if (failed == 0 && choose_plan(session, plan, true) == NULL)
        failed = EXIT_INVALID;
    if (failed == 0)
        failed = session_lock(session);
    if (failed != 0)
        return failed;
    takeup_sweep(session);
    if (copies_same(session))
        plan = NULL;
    return takeup_tell(session, plan) && choose_tell(session, true) ? session_run(session)
                                                                    : EXIT_RECORD;
}

static int run(struct invocation *invocation)
{
    return session_of_run(invocation, resume);
}

const struct command command_resume = {
    .name = "resume",
    .arguments = "[RUN]",
    .least = 0,
    .most = 1,
    .summary = "take a run up again where it was left",
    .about =
        "Takes up RUN (an id, or the end of one); left out, the one run that can be resumed. What "
        "is\n"
        "done stays done, by the record; what was in flight is settled before anything begins. A\n"
        "runbook that was changed since needs --accept-changes.",
    .options =
        (const struct option *const[]){&option_from, &option_until, &option_only, &option_skip,
                                       &option_output, &option_jobs, &option_approve, &option_yes,
                                       &option_strict, &option_rerun, &option_assume_done,
                                       &option_accept_changes, &option_format, &option_state, NULL},
    .run = run,
};
