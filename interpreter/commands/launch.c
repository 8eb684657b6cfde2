#include "commands/launch.h"

#include "base/arena.h"
#include "commands/audience.h"
#include "commands/choose.h"
#include "commands/copies.h"
#include "commands/options.h"
#include "commands/session.h"
#include "lang/model.h"
#include "lang/value.h"
#include "plan/plan.h"
#include "report/oplog.h"
#include "store/event.h"
#include "store/journal.h"
#include "store/runs.h"
#include "store/state.h"
#include "sys/failure.h"

#include <unistd.h>

/* What TERM of the runbook's head says, if it is there. */
static void set_words(struct session *session, struct event *event, enum event_field field,
                      const struct term *term)
{
    const struct value *words = session_term(session, term);
    if (words != NULL)
        event_set_text(event, field, words->text.at);
}

static bool tell_started(struct session *session, const struct plan *plan)
{
    struct arena *arena = session->invocation->arena;
    const struct runbook *runbook = session->loaded.runbook;
    const struct value *copies;
    char host[256] = "";
    if (!copies_keep(session, 1, &copies))
        return false;
    gethostname(host, sizeof host - 1);
    struct person person = person_self(arena, "terminal");
    struct event event = event_of(EVENT_STARTED, NULL, session_now());
    event_set_integer(&event, FIELD_FORMAT, EVENT_FORMAT);
    event_set_text(&event, FIELD_RUN, session->id);
    event_set_text(&event, FIELD_RUNBOOK, runbook->name);
    set_words(session, &event, FIELD_TITLE, runbook->title);
    set_words(session, &event, FIELD_BEGINS, runbook->begins);
    set_words(session, &event, FIELD_ENDS, runbook->ends);
    event_set_text(&event, FIELD_FILE, session->loaded.file);
    event_set_text(&event, FIELD_FOLDER, session->loaded.folder);
    event_set_value(&event, FIELD_PARAMS, session->loaded.params);
    event_set_text(&event, FIELD_PLAN, plan_digest(arena, plan));
    const struct value *lock = session_term(session, runbook->lock);
    if (lock != NULL)
        event_set_text(&event, FIELD_LOCK, lock->text.at);
    if (plan->objective > 0)
        event_set_integer(&event, FIELD_OBJECTIVE, plan->objective);
    event_set_person(&event, &person);
    event_set_text(&event, FIELD_HOST, host);
    event_set_integer(&event, FIELD_PID, getpid());
    event_set_text(&event, FIELD_VERSION, RUNBOOK_VERSION);
    event_set_text(&event, FIELD_COPY, "runbook/1");
    event_set_value(&event, FIELD_COPIES, copies);
    event_set_text(&event, FIELD_COMMAND, session->invocation->command->name);
    return session_tell(session, &event);
}

int launch(struct session *session, const struct plan *plan)
{
    struct arena *arena = session->invocation->arena;
    struct failure failure;
    session->state_folder = session_state_folder(session->invocation);
    const char *id = option_value(session->invocation, &option_id);
    session->id = id != NULL ? id : run_id_new(arena, session->loaded.runbook->name, session_now());
    int locked = session_lock(session);
    if (locked != 0)
        return locked;
    if (journal_create(session->state_folder, session->id, &session->journal, &failure) !=
        JOURNAL_OK) {
        say_error("runbook: error RB701: %s\n  = remedy: give a folder that can be written with "
                  "--state or $RUNBOOK_STATE\n",
                  failure.text);
        return EXIT_RECORD;
    }
    session->state = state_new();
    session->oplog = oplog_new(session->state);
    session->audience = audience_open(session);
    return tell_started(session, plan) && choose_tell(session, false) ? session_run(session)
                                                                      : EXIT_RECORD;
}
