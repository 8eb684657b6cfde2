/* approve, reject: an answer to what a run asks, from another terminal while it lives, or into its
 * record when nobody attends it. */
#include "base/arena.h"
#include "commands/commands.h"
#include "commands/control.h"
#include "commands/options.h"
#include "commands/record.h"
#include "commands/session.h"
#include "lang/people.h"
#include "lang/value.h"
#include "report/closing.h"
#include "store/approvals.h"
#include "store/event.h"
#include "store/name.h"
#include "store/runs.h"
#include "store/state.h"
#include "store/watch.h"
#include "sys/failure.h"
#include "sys/person.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* How long a run that is at work and hears nobody, since it begins or ends, is waited for. */
enum { TRIES = 250 };
static const struct timespec pause_between = {0, 20 * 1000 * 1000};

struct reply {
    struct session *session;
    struct person person; /* who answers */
    bool yes;
    const char *step; /* NULL: the one that asks */
    const char *text; /* typed back, or evidence */
    const char *reason;
    bool lost;     /* it was sent, and nobody said whether it was heard */
    uint64_t sent; /* the last event in the record before that */
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

static int said(const struct reply *reply, const char *step, const char *more)
{
    struct buffer line = {0};
    buffer_format(&line, "%s: %s%s%s\n", step, reply->yes ? "approved" : "rejected",
                  more ? "; " : "", more ? more : "");
    bool good = say_out(buffer_slice(&line));
    buffer_free(&line);
    return good ? EXIT_GOOD : EXIT_FAILED;
}

static bool is_ours(const struct reply *reply, const struct state_answer *answer)
{
    struct person who = {.uid = answer->uid, .login = answer->login};
    return answer->seq > reply->sent && answer->yes == reply->yes &&
           person_id(&who) == person_id(&reply->person);
}

/* Does the answer that was lost stand in the record? */
static bool was_heard(const struct reply *reply)
{
    const struct state_step *step =
        reply->lost ? state_step(reply->session->state, reply->step) : NULL;
    const struct state_answer *answer = step != NULL ? step->answers : NULL;
    while (answer != NULL && !is_ours(reply, answer))
        answer = answer->next;
    return answer != NULL;
}

/* NOBODY, LOST: nobody attends the run, or not just now. */
static enum control_sent send(struct reply *reply, int *code)
{
    struct session *session = reply->session;
    struct arena *arena = session->invocation->arena;
    const struct state_step *step = reply->step == NULL ? find_question(reply, code) : NULL;
    const char *more = NULL;
    if (reply->step == NULL && step == NULL)
        return CONTROL_REFUSED;
    if (step != NULL)
        reply->step = arena_copy(arena, step->name, strlen(step->name));
    enum control_sent sent =
        control_send(arena, session_run_folder(session),
                     &(struct control_request){.what = reply->yes ? "approve" : "reject",
                                               .step = reply->step,
                                               .text = reply->text,
                                               .reason = reply->reason},
                     &more);
    if (sent == CONTROL_DONE)
        *code = said(reply, reply->step, more);
    if (sent == CONTROL_REFUSED)
        *code = not_asked(reply, more ? more : "it was not heard");
    if (sent == CONTROL_LOST) {
        reply->lost = true;
        reply->sent = state_seq(session->state);
    }
    return sent;
}

/* ---- when nobody attends it ---- */

static bool tell_answered(const struct reply *reply, const struct state_step *step)
{
    struct session *session = reply->session;
    struct event event = event_of(EVENT_ANSWERED, step->name, session_now());
    event_set_truth(&event, FIELD_YES, reply->yes);
    event_set_text(&event, FIELD_DIGEST, step->question->digest);
    event_set_person(&event, &reply->person);
    event_set_text(&event, FIELD_KNOWN_BY, person_known_by(&reply->person));
    event_set_text(&event, FIELD_WHERE, reply->person.where);
    event_set_text(&event, FIELD_REASON, reply->reason);
    return session_tell(session, &event) && session_sync(session);
}

static int64_t still_wanted(const struct state_step *step)
{
    return step->question->count - (int64_t)approvals_count(step, step->question->digest);
}

/* Why the answer can't be taken, or NULL. */
static const char *problem_of(const struct reply *reply, const struct state_step *step)
{
    struct session *session = reply->session;
    struct arena *arena = session->invocation->arena;
    const struct state_question *question = step->question;
    if (question->evidence != NULL)
        return arena_format(arena,
                            "%s wants to be told its evidence, a value of type %s, and nobody "
                            "attends the run: `runbook resume %s%s --output %s.evidence=VALUE`",
                            step->name, question->evidence, session->id, session_words(session),
                            step->name);
    if (!people_have(question->by, &reply->person))
        return people_refusal(arena, question->by, &reply->person, step->name);
    if (!reply->yes)
        return NULL;
    if (question->type != NULL && (reply->text == NULL || strcmp(reply->text, question->type) != 0))
        return arena_format(arena, "%s wants '%s' typed back: --type TEXT", step->name,
                            question->type);
    if (approvals_hold(step, question->digest, person_id(&reply->person)))
        return arena_format(arena, "%s has said yes already; %lld more must", reply->person.user,
                            (long long)still_wanted(step));
    return NULL;
}

/* Root's record is read by the group, and written by root alone. */
static bool may_write(const struct reply *reply)
{
    struct session *session = reply->session;
    const char *path =
        arena_format(session->invocation->arena, "%s/journal.jsonl", session_run_folder(session));
    if (access(path, W_OK) == 0 || errno != EACCES)
        return true;
    say_error("runbook %s: error RB701: nobody attends %s, and its record is another's to write\n"
              "  = remedy: answer with sudo, which keeps who you are, or while it is attended\n",
              command_name(reply), session->id);
    return false;
}

static int write_answer(const struct reply *reply)
{
    struct session *session = reply->session;
    struct arena *arena = session->invocation->arena;
    if (!may_write(reply))
        return EXIT_RECORD;
    int code = record_open(session);
    if (code != 0)
        return code;
    if (was_heard(reply))
        return said(reply, reply->step, NULL);
    const struct state_step *step = find_question(reply, &code);
    if (step == NULL)
        return code;
    const char *problem = problem_of(reply, step);
    if (problem != NULL)
        return not_asked(reply, problem);
    if (!tell_answered(reply, step))
        return EXIT_RECORD;
    int64_t wanted = reply->yes ? still_wanted(step) : 0;
    return said(reply, step->name,
                wanted > 0 ? arena_format(arena, "%lld more must say yes", (long long)wanted)
                           : arena_format(arena, "`runbook %s %s%s` goes on",
                                          name_in_undo(step->name) ? "undo" : "resume", session->id,
                                          session_words(session)));
}

/* ---- either ---- */

static int read_record(struct session *session)
{
    state_free(session->state);
    session->state = NULL;
    return record_read(session);
}

/* Is somebody at work on it? */
static bool is_held(struct session *session)
{
    struct run_about about = {0};
    struct failure failure;
    return run_look(session->invocation->arena, session->state_folder, session->id, &about,
                    &failure) == JOURNAL_OK &&
           about.held;
}

/* Between a run's end and the freedom of its record, and at its beginning, it hears nobody. */
static int give(struct reply *reply)
{
    struct session *session = reply->session;
    for (int i = 0;; i++) {
        int code = read_record(session);
        if (code != 0)
            return code;
        if (was_heard(reply))
            return said(reply, reply->step, NULL);
        enum control_sent sent = send(reply, &code);
        if (sent == CONTROL_DONE || sent == CONTROL_REFUSED)
            return code;
        if (i == TRIES || !is_held(session))
            break;
        nanosleep(&pause_between, NULL);
    }
    state_free(session->state);
    session->state = NULL;
    return write_answer(reply);
}

/* ---- a run that a monitor made ---- */

/* The one of WORD, its id or the end of it; NULL: none waits. */
static const struct watch_asking *find_asking(struct session *session, const char *word)
{
    struct list all = watch_asking_find(session->invocation->arena, session->state_folder);
    for (size_t i = 0; i < all.count; i++) {
        const struct watch_asking *asking = all.at[i];
        if (strcmp(asking->run, word) == 0 || strcmp(strrchr(asking->run, '-') + 1, word) == 0)
            return asking;
    }
    return NULL;
}

static int answer_monitor(const struct reply *reply, const struct watch_asking *asking)
{
    struct failure failure;
    struct session *session = reply->session;
    if (!watch_answer(session->state_folder, asking, reply->yes, &reply->person, reply->reason,
                      session_now(), &failure)) {
        say_error("runbook %s: error RB701: %s\n"
                  "  = remedy: answer as who watches %s does\n",
                  command_name(reply), failure.text, asking->monitor);
        return EXIT_RECORD;
    }
    return said(reply, asking->run,
                arena_format(session->invocation->arena,
                             reply->yes ? "the monitor %s begins it in its next round"
                                        : "the monitor %s does not begin it",
                             asking->monitor));
}

static int answer(struct invocation *invocation, bool yes)
{
    struct session session = {.invocation = invocation};
    const struct list *words = &invocation->arguments;
    struct reply reply = {.session = &session,
                          .person = person_self(invocation->arena, "control"),
                          .yes = yes,
                          .step = words->count > 1 ? words->at[1] : NULL,
                          .text = option_value(invocation, &option_type),
                          .reason = option_value(invocation, &option_reason)};
    session.state_folder = session_state_folder(invocation);
    const struct watch_asking *asking = find_asking(&session, words->at[0]);
    if (asking != NULL)
        return answer_monitor(&reply, asking);
    int code = record_choose(&session, words->at[0]);
    if (code == 0)
        code = give(&reply);
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
        "counts when it is resumed, if still the same is asked then. Where the step names who may\n"
        "answer, who you are is your login, which sudo keeps.",
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
