/* approve, reject: an answer to what a run asks, from another terminal while it lives, or into its
 * record when nobody attends it. */
#include "base/arena.h"
#include "commands/commands.h"
#include "commands/control.h"
#include "commands/options.h"
#include "commands/record.h"
#include "commands/session.h"
#include "lang/value.h"
#include "report/closing.h"
#include "store/event.h"
#include "store/state.h"

#include <string.h>

struct reply {
    struct session *session;
    bool yes;
    const char *step; /* NULL: the one that asks */
    const char *text; /* typed back, or evidence */
    const char *reason;
};

static const char *command_name(const struct reply *reply)
{
    return reply->session->invocation->command->name;
}

/* ---- what is asked ---- */

static void list_questions(const struct reply *reply)
{
    const struct state_step *step;
    for (size_t i = 0; (step = state_at(reply->session->state, i)) != NULL; i++)
        if (closing_asks(step))
            say_error("  %s: %s\n", step->name, step->question->ask);
}

static int not_asked(const struct reply *reply, const char *message)
{
    say_error("runbook %s: error RB707: %s\n", command_name(reply), message);
    list_questions(reply);
    say_error("  = remedy: `runbook show %s%s` shows what is asked\n", reply->session->id,
              session_words(reply->session));
    return EXIT_USAGE;
}

/* The step that asks: the one that is named, or the only one. NULL after saying why not. */
static const struct state_step *find_question(const struct reply *reply, int *code)
{
    struct session *session = reply->session;
    const struct state_step *step, *found = NULL;
    size_t count = 0;
    for (size_t i = 0; (step = state_at(session->state, i)) != NULL; i++)
        if (closing_asks(step) && (reply->step == NULL || strcmp(step->name, reply->step) == 0)) {
            found = step;
            count++;
        }
    if (count == 1)
        return found;
    const char *message = count > 1 ? "several steps ask; name one:"
                          : reply->step == NULL
                              ? "nothing is asked"
                              : arena_format(session->invocation->arena,
                                             "nothing is asked at the step '%s'", reply->step);
    *code = not_asked(reply, message);
    return NULL;
}

/* ---- while it lives ---- */

static void said(const struct reply *reply, const char *step, const char *more)
{
    struct buffer line = {0};
    buffer_format(&line, "%s: %s%s\n", step, reply->yes ? "approved" : "rejected", more);
    say_out(buffer_slice(&line));
    buffer_free(&line);
}

/* CONTROL_NOBODY: nobody attends the run. */
static enum control_sent send(const struct reply *reply, int *code)
{
    struct session *session = reply->session;
    const char *why = NULL, *step = reply->step;
    if (record_read(session) != 0)
        return *code = EXIT_RECORD, CONTROL_REFUSED;
    if (step == NULL) {
        const struct state_step *found = find_question(reply, code);
        if (found == NULL)
            return CONTROL_REFUSED;
        step = found->name;
    }
    enum control_sent sent =
        control_send(session->invocation->arena, session_run_folder(session),
                     &(struct control_request){.what = reply->yes ? "approve" : "reject",
                                               .step = step,
                                               .text = reply->text,
                                               .reason = reply->reason},
                     &why);
    if (sent == CONTROL_DONE)
        said(reply, step, "");
    else if (sent == CONTROL_REFUSED)
        *code = not_asked(reply, why);
    return sent;
}

/* ---- when nobody attends it ---- */

static bool tell_answered(const struct reply *reply, const struct state_step *step)
{
    struct session *session = reply->session;
    struct person person = person_self(session->invocation->arena, "control");
    struct event event = event_of(EVENT_ANSWERED, step->name, session_now());
    event_set_truth(&event, FIELD_YES, reply->yes);
    event_set_text(&event, FIELD_DIGEST, step->question->digest);
    event_set_person(&event, &person);
    event_set_text(&event, FIELD_KNOWN_BY, person_known_by(&person));
    event_set_text(&event, FIELD_WHERE, person.where);
    event_set_text(&event, FIELD_REASON, reply->reason);
    return session_tell(session, &event) && session_sync(session);
}

static int write_answer(const struct reply *reply)
{
    struct session *session = reply->session;
    int code = record_open(session);
    if (code != 0)
        return code;
    const struct state_step *step = find_question(reply, &code);
    if (step == NULL)
        return code;
    if (step->question->evidence != NULL)
        return not_asked(
            reply, arena_format(session->invocation->arena,
                                "%s wants to be told its evidence, a value of type %s, and nobody "
                                "attends the run: `runbook resume %s%s --output %s.evidence=VALUE`",
                                step->name, step->question->evidence, session->id,
                                session_words(session), step->name));
    const char *type = step->question->type;
    if (reply->yes && type != NULL && (reply->text == NULL || strcmp(reply->text, type) != 0))
        return not_asked(reply,
                         arena_format(session->invocation->arena,
                                      "%s wants '%s' typed back: --type TEXT", step->name, type));
    if (!tell_answered(reply, step))
        return EXIT_RECORD;
    said(reply, step->name,
         arena_format(session->invocation->arena, "; `runbook resume %s%s` goes on", session->id,
                      session_words(session)));
    return EXIT_GOOD;
}

static int answer(struct invocation *invocation, bool yes)
{
    struct session session = {.invocation = invocation};
    const struct list *words = &invocation->arguments;
    struct reply reply = {.session = &session,
                          .yes = yes,
                          .step = words->count > 1 ? words->at[1] : NULL,
                          .text = option_value(invocation, &option_type),
                          .reason = option_value(invocation, &option_reason)};
    session.state_folder = session_state_folder(invocation);
    int code = record_choose(&session, words->at[0]);
    if (code == 0 && send(&reply, &code) == CONTROL_NOBODY) {
        state_free(session.state);
        session.state = NULL;
        code = write_answer(&reply);
    }
    session_close(&session);
    return code;
}

static int approve(struct invocation *invocation)
{
    return answer(invocation, true);
}

static int reject(struct invocation *invocation)
{
    return answer(invocation, false);
}

const struct command command_approve = {
    .name = "approve",
    .arguments = "RUN [STEP]",
    .least = 1,
    .most = 2,
    .summary = "allow what a step of a run asks, or say that it is done",
    .about =
        "Answers yes to what STEP of RUN asks; STEP may be left out when only one asks. A run "
        "that\n"
        "is attended goes on at once; for one that is not, the answer stands in its record and\n"
        "counts when it is resumed, if still the same is asked then.",
    .options = (const struct option *const[]){&option_type, &option_reason, &option_state, NULL},
    .run = approve,
};

const struct command command_reject = {
    .name = "reject",
    .arguments = "RUN [STEP]",
    .least = 1,
    .most = 2,
    .summary = "refuse what a step of a run asks",
    .about =
        "Answers no to what STEP of RUN asks: the step fails, reason refused. STEP may be left\n"
        "out when only one asks.",
    .options = (const struct option *const[]){&option_reason, &option_state, NULL},
    .run = reject,
};
