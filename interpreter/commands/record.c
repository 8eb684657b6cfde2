#include "commands/record.h"

#include "base/arena.h"
#include "commands/session.h"
#include "report/oplog.h"
#include "store/journal.h"
#include "store/runs.h"
#include "store/state.h"
#include "sys/failure.h"

#include <string.h>

bool record_final(const char *result)
{
    static const char *const finals[] = {"succeeded", "recovered", "undone", "abandoned"};
    for (size_t i = 0; i < sizeof finals / sizeof *finals; i++)
        if (strcmp(finals[i], result) == 0)
            return true;
    return false;
}

static int choose_only(struct session *session)
{
    struct arena *arena = session->invocation->arena;
    struct run_about *runs = NULL;
    struct failure failure;
    size_t count = 0, resumable = 0, held = 0;
    const char *at_work = NULL;
    if (runs_find(arena, session->state_folder, &runs, &count, &failure) != JOURNAL_OK) {
        say_error("runbook: error RB702: %s\n", failure.text);
        return EXIT_RECORD;
    }
    for (size_t i = 0; i < count; i++)
        if (runs[i].resumable) {
            session->id = runs[i].id;
            resumable++;
        } else if (runs[i].held) {
            at_work = runs[i].id;
            held++;
        }
    if (resumable == 1)
        return 0;
    if (resumable == 0 && held == 1) {
        session->id = at_work; /* opening it will tell by whom */
        return 0;
    }
    if (resumable == 0) {
        say_error("runbook: error RB704: no run in %s can be resumed\n", session->state_folder);
        return EXIT_USAGE;
    }
    say_error("runbook: error RB704: several runs can be resumed; name one:\n");
    for (size_t i = 0; i < count; i++)
        if (runs[i].resumable)
            say_error("  %s  %s\n", runs[i].id, runs[i].result ? runs[i].result : "interrupted");
    return EXIT_USAGE;
}

int record_choose(struct session *session, const char *word)
{
    struct failure failure;
    if (word == NULL)
        return choose_only(session);
    switch (run_named(session->invocation->arena, session->state_folder, word, &session->id,
                      &failure)) {
    case JOURNAL_OK:
        return 0;
    case JOURNAL_MISSING:
        say_error("runbook: error RB704: %s\n  = remedy: `runbook list` shows the runs of %s\n",
                  failure.text, session->state_folder);
        return EXIT_USAGE;
    case JOURNAL_LOW:
    case JOURNAL_LOCKED:
    case JOURNAL_REFUSED:
    case JOURNAL_DAMAGED:
    case JOURNAL_FAILED:
        break;
    }
    say_error("runbook: error RB702: %s\n", failure.text);
    return EXIT_RECORD;
}

static bool fold(void *context, const struct event *event, struct failure *failure)
{
    struct session *session = context;
    if (!state_apply(session->state, event, failure))
        return false;
    if (session->oplog != NULL)
        oplog_recall(session->oplog, event);
    return true;
}

static int tell_result(enum journal_result result, const struct failure *failure)
{
    switch (result) {
    case JOURNAL_OK:
        return 0;
    case JOURNAL_LOCKED:
        say_error(
            "runbook: error RB703: %s\n  = remedy: wait for it, or look with `runbook show`\n",
            failure->text);
        return EXIT_LOCKED;
    case JOURNAL_MISSING:
        say_error("runbook: error RB704: %s\n", failure->text);
        return EXIT_USAGE;
    case JOURNAL_LOW:
    case JOURNAL_REFUSED:
    case JOURNAL_FAILED:
        say_error("runbook: error RB701: %s\n", failure->text);
        return EXIT_RECORD;
    case JOURNAL_DAMAGED:
        say_error("runbook: error RB702: %s\n", failure->text);
        return EXIT_RECORD;
    }
    return EXIT_RECORD;
}

int record_open(struct session *session)
{
    struct failure failure;
    session->state = state_new();
    session->oplog = oplog_new(session->state);
    return tell_result(journal_open(session->state_folder, session->id, session_now(), fold,
                                    session, &session->journal, &failure),
                       &failure);
}

int record_read(struct session *session)
{
    struct failure failure;
    session->state = state_new();
    return tell_result(journal_read(session->state_folder, session->id, fold, session, &failure),
                       &failure);
}
