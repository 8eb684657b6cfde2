#include "commands/takeup.h"

#include "base/arena.h"
#include "base/diagnostic.h"
#include "base/path.h"
#include "commands/audience.h"
#include "commands/changes.h"
#include "commands/copies.h"
#include "commands/options.h"
#include "commands/record.h"
#include "commands/session.h"
#include "lang/model.h"
#include "lang/value.h"
#include "plan/params.h"
#include "plan/plan.h"
#include "plan/prove.h"
#include "store/event.h"
#include "store/runs.h"
#include "store/state.h"
#include "sys/failure.h"
#include "sys/process.h"

#include <string.h>
#include <unistd.h>

int takeup_open(struct session *session, const char *word, bool over)
{
    int failed = record_choose(session, word);
    if (failed == 0)
        failed = record_open(session);
    if (failed != 0)
        return failed;
    const struct state_run *known = state_run(session->state);
    const char *name = session->invocation->command->name;
    if (state_seq(session->state) == 0) {
        say_error("runbook %s: error RB704: %s never began\n", name, session->id);
        return EXIT_USAGE;
    }
    if (!over && known->over && known->result != NULL && record_final(known->result)) {
        say_error("runbook %s: error RB704: %s has ended: %s\n"
                  "  = remedy: `runbook show %s%s` tells how\n",
                  name, session->id, known->result, session->id, session_words(session));
        return EXIT_USAGE;
    }
    return 0;
}

/* ---- the runbook ---- */

/* The params of the run: what the changed runbook does not know any more is left away, what it has
 * more of gets its default. */
static const struct value *params_now(struct session *session)
{
    struct arena *arena = session->invocation->arena;
    const struct value *known = state_run(session->state)->params;
    const struct map *params = &session->loaded.runbook->params;
    struct member *members = arena_alloc(arena, (known->map.count + 1) * sizeof *members);
    struct problem problem = {0};
    size_t count = 0;
    for (size_t i = 0; i < known->map.count; i++)
        if (map_get(params, known->map.at[i].key) != NULL)
            members[count++] = known->map.at[i];
    const struct value *now =
        params_check(arena, params, value_map(arena, members, count), &problem);
    if (now == NULL)
        say_error("runbook %s: error RB602: %s\n"
                  "  = remedy: the params of a run never change; give a new one a default\n",
                  session->invocation->command->name, problem.message);
    return now;
}

int takeup_copy(struct session *session)
{
    session->loaded = copies_load(session);
    if (load_report(session->invocation, &session->loaded, SEVERITY_ERROR) ||
        session->loaded.runbook == NULL)
        return EXIT_INVALID;
    if (!copies_same(session)) {
        say_error("runbook %s: error RB702: the copy of the runbook in the record of %s, or what "
                  "it calls, is not what it was\n"
                  "  = remedy: fetch the record from a backup\n",
                  session->invocation->command->name, session->id);
        return EXIT_RECORD;
    }
    session->loaded.params = params_now(session);
    return session->loaded.params != NULL ? 0 : EXIT_INVALID;
}

static const char *file_path(struct session *session)
{
    const struct state_run *known = state_run(session->state);
    return arena_format(session->invocation->arena, "%s/%s", known->folder, path_name(known->file));
}

/* A record that was carried elsewhere, or whose runbook was moved, goes on by its copy. */
static int load_file(struct session *session)
{
    const char *path = file_path(session);
    if (access(path, F_OK) != 0) {
        say_error("runbook %s: warning: %s is gone: going on by the copy in the record\n",
                  session->invocation->command->name, path);
        return takeup_copy(session);
    }
    session->loaded = load_runbook(session->invocation, path);
    session->loaded.file = state_run(session->state)->file;
    if (session->loaded.runbook != NULL && session->loaded.diagnostics->errors == 0)
        session->loaded.params = params_now(session);
    return load_report(session->invocation, &session->loaded, SEVERITY_ERROR) ||
                   session->loaded.params == NULL
               ? EXIT_INVALID
               : 0;
}

int takeup_file(struct session *session, const struct plan **plan)
{
    struct loaded *loaded = &session->loaded;
    int failed = load_file(session);
    if (failed != 0)
        return failed;
    *plan =
        plan_make(session->invocation->arena, loaded->runbook, loaded->params, loaded->diagnostics);
    if (*plan != NULL)
        plan_prove(*plan, loaded->diagnostics);
    if (load_report(session->invocation, loaded, SEVERITY_ERROR) || *plan == NULL)
        return EXIT_INVALID;
    return changes_allow(session, *plan);
}

/* ---- what was left running ---- */

void takeup_sweep(struct session *session)
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
        say_error("runbook %s: warning: %s\n", session->invocation->command->name, failure.text);
}

bool takeup_busy(struct session *session)
{
    if (!run_shim_lives(session->state_folder, session->id))
        return false;
    say_error("runbook %s: error RB703: a step of %s is still at work, though nobody attends it\n"
              "  = remedy: `runbook resume %s%s` takes it over\n",
              session->invocation->command->name, session->id, session->id, session_words(session));
    return true;
}

/* ---- telling ---- */

static bool tell_changes(struct session *session, const struct plan *plan, struct event *event)
{
    struct arena *arena = session->invocation->arena;
    const struct value *copies;
    unsigned number = copies_number(session) + 1;
    if (!copies_keep(session, number, &copies))
        return false;
    event_set_text(event, FIELD_COPY, arena_format(arena, "runbook/%u", number));
    event_set_value(event, FIELD_COPIES, copies);
    event_set_text(event, FIELD_PLAN, plan_digest(arena, plan));
    return true;
}

bool takeup_tell(struct session *session, const struct plan *plan)
{
    struct arena *arena = session->invocation->arena;
    struct person person = person_self(arena, "terminal");
    char host[256] = "";
    gethostname(host, sizeof host - 1);
    struct event event = event_of(EVENT_RESUMED, NULL, session_now());
    event_set_text(&event, FIELD_COMMAND, session->invocation->command->name);
    event_set_person(&event, &person);
    event_set_text(&event, FIELD_HOST, host);
    event_set_integer(&event, FIELD_PID, getpid());
    event_set_text(&event, FIELD_VERSION, RUNBOOK_VERSION);
    if (session->options.undo && session->options.undo_from != NULL) {
        const struct member from = {"from", value_string(arena, session->options.undo_from)};
        event_set_value(&event, FIELD_OPTIONS, value_map(arena, &from, 1));
    }
    if (plan != NULL && !tell_changes(session, plan, &event))
        return false;
    session->audience = audience_open(session);
    return session_tell(session, &event);
}
