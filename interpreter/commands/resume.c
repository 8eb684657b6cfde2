/* resume: a run taken up again where it was left, by the record alone. */
#include "base/arena.h"
#include "base/diagnostic.h"
#include "commands/audience.h"
#include "commands/choose.h"
#include "commands/commands.h"
#include "commands/options.h"
#include "commands/record.h"
#include "commands/session.h"
#include "lang/value.h"
#include "plan/plan.h"
#include "plan/prove.h"
#include "store/event.h"
#include "store/journal.h"
#include "store/state.h"
#include "sys/failure.h"
#include "sys/process.h"

#include <string.h>
#include <unistd.h>

/* The runbook as it is now, with the params that the run was begun with. */
static int load(struct session *session)
{
    struct invocation *invocation = session->invocation;
    const struct state_run *known = state_run(session->state);
    const char *base = strrchr(known->file, '/');
    const char *path =
        arena_format(invocation->arena, "%s/%s", known->folder, base ? base + 1 : known->file);
    session->loaded = load_runbook(invocation, path);
    session->loaded.file = known->file;
    session->loaded.params = known->params;
    const struct plan *plan = NULL;
    if (session->loaded.runbook != NULL && session->loaded.diagnostics->errors == 0)
        plan = plan_make(invocation->arena, session->loaded.runbook, known->params,
                         session->loaded.diagnostics);
    if (plan != NULL)
        plan_prove(plan, session->loaded.diagnostics);
    return load_report(invocation, &session->loaded, SEVERITY_ERROR) || plan == NULL ? EXIT_INVALID
                                                                                     : 0;
}

/* Ends what an interpreter that is gone left running without a shim. */
static void sweep(struct session *session)
{
    struct arena *arena = session->invocation->arena;
    const struct state_step *step;
    struct failure failure;
    size_t count = 0, ended = 0;
    for (size_t i = 0; (step = state_at(session->state, i)) != NULL; i++)
        count++;
    uint64_t *attempts = arena_alloc(arena, (count + 1) * sizeof *attempts);
    count = 0;
    for (size_t i = 0; (step = state_at(session->state, i)) != NULL; i++)
        if (step->attempt != NULL && !step->attempt->ended && !step->attempt->shim)
            attempts[count++] = step->attempt->number;
    if (!process_sweep(session->id, attempts, count, &ended, &failure))
        say_error("runbook resume: warning: %s\n", failure.text);
}

static bool tell_resumed(struct session *session)
{
    struct arena *arena = session->invocation->arena;
    struct person person = session_person(arena, "terminal");
    char host[256] = "";
    gethostname(host, sizeof host - 1);
    struct event event = event_of(EVENT_RESUMED, NULL, session_now());
    event_set_text(&event, FIELD_COMMAND, session->invocation->command->name);
    event_set_text(&event, FIELD_USER, person.user);
    event_set_integer(&event, FIELD_UID, person.uid);
    if (person.login >= 0)
        event_set_integer(&event, FIELD_LOGIN, person.login);
    event_set_text(&event, FIELD_HOST, host);
    event_set_integer(&event, FIELD_PID, getpid());
    event_set_text(&event, FIELD_VERSION, RUNBOOK_VERSION);
    return session_tell(session, &event);
}

static int resume(struct session *session)
{
    int failed = record_open(session);
    if (failed != 0)
        return failed;
    const struct state_run *known = state_run(session->state);
    if (known->over && known->result != NULL && record_final(known->result)) {
        say_error("runbook resume: error RB704: %s has ended: %s\n", session->id, known->result);
        return EXIT_USAGE;
    }
    if ((failed = load(session)) != 0 || (failed = choose_read(session)) != 0 ||
        (failed = session_lock(session)) != 0)
        return failed;
    sweep(session);
    session->audience = audience_open(session);
    return tell_resumed(session) && choose_tell(session, true) ? session_run(session) : EXIT_RECORD;
}

static int run(struct invocation *invocation)
{
    struct session session = {.invocation = invocation};
    session.state_folder = session_state_folder(invocation);
    if (!session_options(&session))
        return EXIT_USAGE;
    int code =
        record_choose(&session, invocation->arguments.count ? invocation->arguments.at[0] : NULL);
    if (code == 0)
        code = resume(&session);
    session_close(&session);
    return code;
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
        "done stays done, by the record; what was in flight is settled before anything begins.",
    .options =
        (const struct option *const[]){&option_from, &option_until, &option_only, &option_skip,
                                       &option_output, &option_jobs, &option_approve, &option_yes,
                                       &option_strict, &option_rerun, &option_assume_done,
                                       &option_accept_changes, &option_format, &option_state, NULL},
    .run = run,
};
