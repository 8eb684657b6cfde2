/* abandon: a run given up for good. What it owes is not forgotten in passing: it is dropped by
 * name, each with a reason. */
#include "base/arena.h"
#include "commands/audience.h"
#include "commands/commands.h"
#include "commands/copies.h"
#include "commands/options.h"
#include "commands/session.h"
#include "commands/takeup.h"
#include "lang/value.h"
#include "store/event.h"
#include "store/state.h"

#include <string.h>

/* The reason with which ENTRY is dropped, or NULL. */
static const char *dropped(struct session *session, const char *entry)
{
    size_t length = strlen(entry);
    for (const char *const *at = option_values(session->invocation, &option_drop); *at; at++)
        if (strncmp(*at, entry, length) == 0 && (*at)[length] == '=' && (*at)[length + 1] != '\0')
            return *at + length + 1;
    return NULL;
}

static bool owes(struct session *session, const char *word)
{
    const struct state_obligation *owed;
    for (size_t i = 0; (owed = state_obligation(session->state, i)) != NULL; i++) {
        size_t length = strlen(owed->entry);
        if (owed->open && !owed->undo && strncmp(word, owed->entry, length) == 0 &&
            word[length] == '=' && word[length + 1] != '\0')
            return true;
    }
    return false;
}

static int check_drops(struct session *session)
{
    const struct state_obligation *owed;
    bool missing = false;
    for (const char *const *at = option_values(session->invocation, &option_drop); *at; at++)
        if (!owes(session, *at)) {
            say_error("runbook abandon: error RB601: --drop %s: that is not owed\n"
                      "  = remedy: write --drop ENTRY=REASON; `runbook show %s%s` names what is "
                      "owed\n",
                      *at, session->id, session_words(session));
            return EXIT_USAGE;
        }
    for (size_t i = 0; (owed = state_obligation(session->state, i)) != NULL; i++) {
        if (!owed->open || owed->undo || dropped(session, owed->entry) != NULL)
            continue;
        if (!missing)
            say_error("runbook abandon: error RB706: %s still owes:\n", session->id);
        missing = true;
        say_error("  %s\n", owed->entry);
    }
    if (missing)
        say_error("  = remedy: give it back with `runbook release %s%s`, or let it go by name, "
                  "each: --drop ENTRY=REASON\n",
                  session->id, session_words(session));
    return missing ? EXIT_STOPPED : 0;
}

static bool tell_drops(struct session *session)
{
    struct person person = person_self(session->invocation->arena, "option");
    const struct state_obligation *owed;
    for (size_t i = 0; (owed = state_obligation(session->state, i)) != NULL; i++) {
        if (!owed->open || owed->undo)
            continue;
        struct event event = event_of(EVENT_DROPPED, owed->entry, session_now());
        event_set_text(&event, FIELD_REASON, dropped(session, owed->entry));
        event_set_person(&event, &person);
        if (!session_tell(session, &event))
            return false;
    }
    return true;
}

static bool tell_ended(struct session *session)
{
    int64_t now = session_now();
    struct event event = event_of(EVENT_ENDED, NULL, now);
    event_set_text(&event, FIELD_RESULT, "abandoned");
    event_set_integer(&event, FIELD_EXIT, EXIT_GOOD);
    event_set_text(&event, FIELD_REASON, option_value(session->invocation, &option_reason));
    event_set_integer(&event, FIELD_DURATION, now - state_run(session->state)->started);
    return session_tell(session, &event);
}

static int abandon(struct session *session, const char *word)
{
    int failed = takeup_open(session, word, false);
    if (failed == 0)
        failed = check_drops(session);
    if (failed != 0)
        return failed;
    takeup_sweep(session);
    if (takeup_busy(session))
        return EXIT_LOCKED;
    if (!takeup_tell(session, NULL))
        return EXIT_RECORD;
    /* For the operation log alone: a copy that can't be read keeps nobody from giving up. */
    session->loaded = copies_load(session);
    session->loaded.params = state_run(session->state)->params;
    audience_log(session->audience, NULL);
    return tell_drops(session) && tell_ended(session) && session_sync(session) ? EXIT_GOOD
                                                                               : EXIT_RECORD;
}

static int run(struct invocation *invocation)
{
    return session_of_run(invocation, abandon);
}

const struct command command_abandon = {
    .name = "abandon",
    .arguments = "RUN",
    .least = 1,
    .most = 1,
    .summary = "give a run up for good",
    .about =
        "Ends RUN, which did not get there, so that nobody takes it up again. What it still owes\n"
        "has to be given back before (`runbook release`) or let go by name with --drop.",
    .options = (const struct option *const[]){&option_reason, &option_drop, &option_format,
                                              &option_state, NULL},
    .run = run,
};
