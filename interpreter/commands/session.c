#include "commands/session.h"

#include "actions/actions.h"
#include "base/arena.h"
#include "commands/audience.h"
#include "commands/control.h"
#include "commands/options.h"
#include "commands/pace.h"
#include "commands/prompt.h"
#include "lang/secret.h"
#include "lang/catalog.h"
#include "lang/model.h"
#include "lang/value.h"
#include "plan/bind.h"
#include "report/oplog.h"
#include "report/report.h"
#include "report/phrase.h"
#include "store/event.h"
#include "store/journal.h"
#include "store/runs.h"
#include "store/state.h"
#include "sys/failure.h"
#include "sys/file.h"
#include "sys/transfers.h"
#include "sys/loop.h"
#include "sys/person.h"
#include "sys/postgres.h"
#include "sys/process.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

const char *session_state_folder(struct invocation *invocation)
{
    const char *given = option_value(invocation, &option_state);
    if (given == NULL)
        given = getenv("RUNBOOK_STATE");
    if (given != NULL && given[0] != '\0')
        return given;
    if (geteuid() == 0)
        return "/var/lib/runbook";
    const char *base = getenv("XDG_STATE_HOME");
    if (base != NULL && base[0] == '/')
        return arena_format(invocation->arena, "%s/runbook", base);
    const char *home = getenv("HOME");
    return arena_format(invocation->arena, "%s/.local/state/runbook", home ? home : "");
}

const char *session_run_folder(const struct session *session)
{
    return arena_format(session->invocation->arena, "%s/runs/%s", session->state_folder,
                        session->id);
}

const char *session_words(const struct session *session)
{
    struct arena *arena = session->invocation->arena;
    const char *given = option_value(session->invocation, &option_state);
    if (given == NULL)
        return "";
    struct buffer text = {0};
    buffer_text(&text, " --state ");
    phrase_shell(&text, given);
    const char *words = arena_copy(arena, text.at, text.length);
    buffer_free(&text);
    return words;
}

/* ---- options ---- */

/* `STEP=REASON` texts as a list that ends with a NULL step; NULL after saying what is wrong. */
static const struct said *read_said(struct invocation *invocation, const struct option *option)
{
    const char *const *values = option_values(invocation, option);
    size_t count = 0;
    while (values[count] != NULL)
        count++;
    struct said *said = arena_alloc(invocation->arena, (count + 1) * sizeof *said);
    for (size_t i = 0; i < count; i++) {
        const char *equals = strrchr(values[i], '=');
        if (equals == NULL || equals == values[i] || equals[1] == '\0') {
            say_error("runbook: error RB601: --%s wants %s, not '%s'\n"
                      "  = remedy: say why: it is written to the record\n",
                      option->name, option->value, values[i]);
            return NULL;
        }
        said[i].step = arena_copy(invocation->arena, values[i], (size_t)(equals - values[i]));
        said[i].text = equals + 1;
    }
    return said;
}

bool session_options(struct session *session)
{
    struct invocation *invocation = session->invocation;
    const char *jobs = option_value(invocation, &option_jobs);
    char *end = NULL;
    unsigned long count = jobs ? strtoul(jobs, &end, 10) : 0;
    if (jobs != NULL && (*jobs < '0' || *jobs > '9' || *end != '\0' || count < 1 || count > 4096)) {
        say_error("runbook: error RB601: --jobs wants a number from 1 to 4096, not '%s'\n", jobs);
        return false;
    }
    const char *format = option_value(invocation, &option_format);
    if (format != NULL && report_find(format) == NULL) {
        say_error("runbook: error RB601: there is no format '%s'\n"
                  "  = remedy: it is text or json\n",
                  format);
        return false;
    }
    session->options.jobs = count;
    session->options.yes = option_value(invocation, &option_yes) != NULL;
    session->options.until = option_value(invocation, &option_until);
    session->options.approve = option_values(invocation, &option_approve);
    session->options.rerun = read_said(invocation, &option_rerun);
    session->options.assume_done = read_said(invocation, &option_assume_done);
    return session->options.rerun != NULL && session->options.assume_done != NULL;
}

/* ---- the record ---- */

int64_t session_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

const struct value *session_term(struct session *session, const struct term *term)
{
    struct arena *arena = session->invocation->arena;
    struct binder binder = {0};
    struct moment moment = {.binder = &binder,
                            .scope =
                                scope_root(arena, session->loaded.runbook, session->loaded.params)};
    struct problem problem = {0};
    const struct value *value = bind_term(arena, term, &value_unset, &moment, &problem);
    return value != NULL && value->kind == VALUE_TEXT ? value : NULL;
}

int session_lock(struct session *session)
{
    struct arena *arena = session->invocation->arena;
    struct failure failure;
    struct run_lock_holder holder = {0};
    const struct value *name = session_term(session, session->loaded.runbook->lock);
    if (name == NULL)
        return 0;
    enum journal_result result =
        !folder_make(AT_FDCWD, session->state_folder, 0700, &failure)
            ? JOURNAL_FAILED
            : run_lock_take(arena, session->state_folder, name->text.at, session->id, session_now(),
                            &session->lock, &holder, &failure);
    if (result == JOURNAL_OK)
        return 0;
    if (result != JOURNAL_LOCKED) {
        say_error("runbook: error RB701: %s\n  = remedy: give a folder that can be written with "
                  "--state or $RUNBOOK_STATE\n",
                  failure.text);
        return EXIT_RECORD;
    }
    say_error("runbook: error RB703: another run holds the lock '%s': %s\n", name->text.at,
              holder.run ? holder.run : "unknown");
    say_error("  = remedy: see it with `runbook show %s`\n", holder.run ? holder.run : "RUN");
    return EXIT_LOCKED;
}

bool session_tell(struct session *session, struct event *event)
{
    struct failure failure;
    if (!state_allows(session->state, event, &failure) ||
        journal_append(session->journal, event, &failure) != JOURNAL_OK ||
        !state_apply(session->state, event, &failure)) {
        say_error("runbook: error RB701: %s\n", failure.text);
        return false;
    }
    if (session->audience != NULL)
        audience_event(session->audience, event);
    return true;
}

bool session_sync(struct session *session)
{
    struct failure failure;
    if (session->journal == NULL || !journal_dirty(session->journal) ||
        journal_sync(session->journal, &failure) == JOURNAL_OK)
        return true;
    say_error("runbook: error RB701: %s\n", failure.text);
    return false;
}

/* ---- running ---- */

struct room {
    struct session *session;
    struct loop *loop;
    struct run *run;
    struct control *control; /* NULL: it can't be spoken to */
    struct pace *pace;       /* NULL: it has no objective */
    struct person person;
    const char *command; /* what others type to answer, as far as the step */
};

static void told(void *context, const struct event *event)
{
    struct room *room = context;
    audience_event(room->session->audience, event);
    pace_event(room->pace, event);
}

static void output(void *context, const char *step, int stream, struct text bytes)
{
    struct room *room = context;
    audience_output(room->session->audience, step, stream, bytes);
}

static bool ask(void *context, const struct question_view *question)
{
    struct room *room = context;
    if (room->session->prompt == NULL)
        return false;
    prompt_ask(room->session->prompt, room->run, question, room->command);
    return true;
}

static void withdraw(void *context, const struct question_view *question)
{
    struct room *room = context;
    if (room->session->prompt != NULL)
        prompt_withdraw(room->session->prompt, question);
}

static void turned(void *context)
{
    struct room *room = context;
    control_turned(room->control);
}

static void ended(void *context)
{
    struct room *room = context;
    loop_stop(room->loop);
}

static void signalled(void *context, int number)
{
    struct room *room = context;
    run_stop(room->run, number == SIGINT ? "Ctrl-C" : strsignal(number), &room->person);
}

static int exit_of(struct room *room)
{
    int code = run_exit(room->run);
    const char *result = state_run(room->session->state)->result;
    if (run_broken(room->run) != NULL)
        say_error("runbook: error RB701: %s\n", run_broken(room->run));
    if (code == EXIT_GOOD && result != NULL && strcmp(result, "recovered") == 0 &&
        option_value(room->session->invocation, &option_strict) != NULL)
        code = EXIT_STRICT;
    return code;
}

/* Theirs is another state folder, if they don't say which. */
static const char *command_of_others(const struct session *session)
{
    struct arena *arena = session->invocation->arena;
    const char *short_ = strrchr(session->id, '-');
    char *real = realpath(session->state_folder, NULL);
    struct buffer folder = {0};
    phrase_shell(&folder, real != NULL ? real : session->state_folder);
    const char *command = arena_format(arena, "runbook approve --state %s %s", folder.at,
                                       short_ ? short_ + 1 : session->id);
    buffer_free(&folder);
    free(real);
    return command;
}

int session_run(struct session *session)
{
    struct arena *arena = session->invocation->arena;
    struct failure failure;
    struct room room = {.session = session,
                        .person = person_self(arena, "terminal"),
                        .command = command_of_others(session)};
    struct secrets *secrets = load_secrets(&session->loaded);
    postgres_forget_environment();
    room.loop = loop_new(NULL, &failure);
    if (room.loop == NULL) {
        say_error("runbook: error RB701: %s\n", failure.text);
        return EXIT_RECORD;
    }
    struct processes *processes = processes_new(&(struct processes_options){
        .loop = room.loop, .run = session->id, .shim = load_shim(arena)});
    struct transfers *transfers = transfers_new(room.loop);
    struct run_setup setup = {.loop = room.loop,
                              .journal = session->journal,
                              .state = session->state,
                              .processes = processes,
                              .transfers = transfers,
                              .secrets = secrets,
                              .core = core_actions,
                              .runbook = session->loaded.runbook,
                              .params = session->loaded.params,
                              .id = session->id,
                              .folder = session->loaded.folder,
                              .options = session->options,
                              .person = room.person,
                              .told = told,
                              .output = output,
                              .ask = ask,
                              .withdraw = withdraw,
                              .turned = turned,
                              .ended = ended,
                              .context = &room};
    room.run = run_new(&setup);
    session->prompt = prompt_open(arena, room.loop, &room.person);
    room.control = control_open(arena, room.loop, journal_folder(session->journal), room.run);
    loop_signals(room.loop, signalled, &room, &failure);
    audience_log(session->audience, room.loop);
    room.pace = pace_open(session, room.loop);
    run_start(room.run);
    loop_run(room.loop);
    pace_close(room.pace);
    int code = exit_of(&room);
    audience_close(session->audience);
    session->audience = NULL;
    control_close(room.control);
    room.control = NULL;
    prompt_close(session->prompt);
    session->prompt = NULL;
    transfers_free(transfers);
    processes_free(processes);
    loop_before_wait(room.loop, NULL, NULL);
    run_free(room.run);
    loop_free(room.loop);
    secrets_free(secrets);
    return code;
}

void session_close(struct session *session)
{
    audience_close(session->audience);
    oplog_free(session->oplog);
    session_sync(session);
    run_lock_release(session->lock);
    journal_close(session->journal);
    state_free(session->state);
}

int session_of_run(struct invocation *invocation,
                   int (*act)(struct session *session, const char *word))
{
    const struct list *words = &invocation->arguments;
    struct session session = {.invocation = invocation};
    session.state_folder = session_state_folder(invocation);
    if (!session_options(&session))
        return EXIT_USAGE;
    int code = act(&session, words->count > 0 ? words->at[0] : NULL);
    session_close(&session);
    return code;
}
