/* preflight: what can be asked before a run is asked, and nothing is changed. */
#include "engine/preflight.h"

#include "actions/actions.h"
#include "base/arena.h"
#include "commands/commands.h"
#include "commands/load.h"
#include "commands/options.h"
#include "lang/secret.h"
#include "lang/value.h"
#include "plan/plan.h"
#include "report/phrase.h"
#include "sys/failure.h"
#include "sys/transfers.h"
#include "sys/loop.h"
#include "sys/postgres.h"
#include "sys/process.h"

#include <jansson.h>
#include <string.h>

#define INDENT "              "

struct asking {
    struct invocation *invocation;
    struct loop *loop;
    struct preflight *preflight;
    struct buffer out;
    json_t *list; /* NULL: told to people */
    size_t asked, later, good, bad, proving_nothing;
    bool stopped;
    bool deaf;
};

/* ---- one finding ---- */

static const struct {
    const char *word, *name, *paint;
} words[] = {
    [PREFLIGHT_HOLDS] = {"holds", "holds", "\x1b[32m"},
    [PREFLIGHT_FAILS] = {"FAILS", "fails", "\x1b[1;31m"},
    [PREFLIGHT_UNASKED] = {"can't ask", "unasked", "\x1b[33m"},
    [PREFLIGHT_NOT_YET] = {"not yet", "not_yet", "\x1b[2m"},
    [PREFLIGHT_ALREADY] = {"no proof", "proves_nothing", "\x1b[33m"},
    [PREFLIGHT_DONE] = {"is done", "is_done", "\x1b[32m"},
    [PREFLIGHT_SKIPPED] = {"skipped", "skipped", "\x1b[2m"},
    [PREFLIGHT_LATER] = {"later", "later", "\x1b[2m"},
    [PREFLIGHT_PERSON] = {"asks", "asks_a_person", "\x1b[33m"},
};

static const char *meaning(const struct preflight_finding *finding)
{
    switch (finding->answer) {
    case PREFLIGHT_NOT_YET:
        return strcmp(finding->what, "done_if") == 0 ? "it has to be done" : "as is to be expected";
    case PREFLIGHT_ALREADY:
        return "it holds before the step, which has no done_if: it proves nothing";
    case PREFLIGHT_DONE:
        return "its action would not be run";
    case PREFLIGHT_SKIPPED:
        return "it is false";
    case PREFLIGHT_PERSON:
        return "a person is asked";
    case PREFLIGHT_HOLDS:
    case PREFLIGHT_FAILS:
    case PREFLIGHT_UNASKED:
    case PREFLIGHT_LATER:
        break;
    }
    return NULL;
}

static void add_subject(const struct preflight_finding *finding, struct buffer *into)
{
    bool step = strcmp(finding->what, "step") == 0;
    if (finding->step != NULL)
        buffer_printable(into, text_of(finding->step));
    if (finding->step == NULL || !step)
        buffer_format(into, "%s%s", finding->step ? ": " : "", finding->what);
    if (finding->shown != NULL) {
        buffer_text(into, ": ");
        buffer_printable(into, text_of(finding->shown));
    }
}

static void add_finding(struct asking *asking, const struct preflight_finding *finding)
{
    bool colour = asking->invocation->colour;
    const char *said = meaning(finding);
    buffer_format(&asking->out, "  %s%-10s%s  ", colour ? words[finding->answer].paint : "",
                  words[finding->answer].word, colour ? "\x1b[0m" : "");
    add_subject(finding, &asking->out);
    if (finding->answer == PREFLIGHT_LATER)
        buffer_format(&asking->out, ": can't be known before %s", finding->before);
    else if (said != NULL)
        buffer_format(&asking->out, ": %s", said);
    buffer_text(&asking->out, "\n");
    if (finding->why == NULL || finding->why[0] == '\0' || finding->answer == PREFLIGHT_HOLDS)
        return;
    buffer_text(&asking->out, INDENT);
    buffer_printable(&asking->out, text_of(finding->why));
    buffer_text(&asking->out, "\n");
}

static void add_json(struct asking *asking, const struct preflight_finding *finding)
{
    json_t *json = json_object();
    json_set_text(json, "step", finding->step);
    json_set_text(json, "what", finding->what);
    json_set_text(json, "asked", finding->shown);
    json_set_text(json, "answer", words[finding->answer].name);
    json_set_text(json, "why", finding->why);
    json_set_text(json, "before", finding->before);
    json_object_set_new(json, "in_the_way", json_boolean(finding->counts));
    json_array_append_new(asking->list, json);
}

static void write_out(struct asking *asking)
{
    if (!asking->deaf && asking->out.length > 0)
        asking->deaf = !say_out(buffer_slice(&asking->out));
    asking->out.length = 0;
}

static void count(struct asking *asking, const struct preflight_finding *finding)
{
    bool question = finding->answer != PREFLIGHT_SKIPPED && finding->answer != PREFLIGHT_PERSON;
    asking->later += finding->answer == PREFLIGHT_LATER;
    asking->asked += question && finding->answer != PREFLIGHT_LATER;
    asking->good += finding->answer == PREFLIGHT_HOLDS || finding->answer == PREFLIGHT_DONE;
    asking->proving_nothing += finding->answer == PREFLIGHT_ALREADY;
    asking->bad += finding->counts;
}

static void found(void *context, const struct preflight_finding *finding)
{
    struct asking *asking = context;
    count(asking, finding);
    if (asking->list != NULL)
        add_json(asking, finding);
    else
        add_finding(asking, finding);
    write_out(asking);
}

/* ---- all ---- */

static void ended(void *context)
{
    struct asking *asking = context;
    loop_stop(asking->loop);
}

static void signalled(void *context, int number)
{
    struct asking *asking = context;
    (void)number;
    asking->stopped = true;
    preflight_stop(asking->preflight);
}

static void add_summary(struct asking *asking)
{
    struct buffer *out = &asking->out;
    buffer_format(out, "\n%zu of ", asking->asked);
    phrase_count(out, asking->asked + asking->later, "question", "questions");
    buffer_format(out, " could be asked: %zu hold, ", asking->good);
    phrase_count(out, asking->bad, "answer stands", "answers stand");
    buffer_text(out, " in the way");
    if (asking->proving_nothing > 0) {
        buffer_text(out, ", ");
        phrase_count(out, asking->proving_nothing, "verify proves", "verifies prove");
        buffer_text(out, " nothing");
    }
    buffer_text(out, "\n");
    if (asking->stopped)
        buffer_text(out, "stopped before all was asked\n");
}

static void finish(struct asking *asking)
{
    if (asking->list == NULL) {
        add_summary(asking);
    } else {
        command_json(json_pack("{s:I, s:I, s:I, s:I, s:o}", "asked", (json_int_t)asking->asked,
                               "later", (json_int_t)asking->later, "hold", (json_int_t)asking->good,
                               "in_the_way", (json_int_t)asking->bad, "findings", asking->list),
                     &asking->out);
    }
    write_out(asking);
    buffer_free(&asking->out);
}

static int ask(struct asking *asking, const struct plan *plan, const struct loaded *loaded)
{
    struct failure failure;
    struct secrets *secrets = load_secrets(loaded);
    postgres_forget_environment();
    asking->loop = loop_new(NULL, &failure);
    if (asking->loop == NULL) {
        say_error("runbook preflight: error RB701: %s\n", failure.text);
        return EXIT_RECORD;
    }
    struct processes *processes = processes_new(&(struct processes_options){
        .loop = asking->loop, .run = "preflight", .shim = load_shim(asking->invocation->arena)});
    struct transfers *transfers = transfers_new(asking->loop);
    struct preflight_setup setup = {.loop = asking->loop,
                                    .processes = processes,
                                    .transfers = transfers,
                                    .secrets = secrets,
                                    .core = core_actions,
                                    .plan = plan,
                                    .folder = loaded->folder,
                                    .found = found,
                                    .ended = ended,
                                    .context = asking};
    asking->preflight = preflight_start(&setup);
    loop_signals(asking->loop, signalled, asking, &failure);
    loop_run(asking->loop);
    finish(asking);
    transfers_free(transfers);
    secrets_free(secrets);
    processes_free(processes);
    preflight_free(asking->preflight);
    loop_free(asking->loop);
    if (asking->stopped)
        return EXIT_STOPPED;
    return asking->bad > 0 ? EXIT_CONDITION : asking->deaf ? EXIT_FAILED : EXIT_GOOD;
}

static int run(struct invocation *invocation)
{
    struct loaded loaded = load_runbook(invocation, invocation->arguments.at[0]);
    bool json;
    if (!option_json(invocation, &json))
        return EXIT_USAGE;
    const struct plan *plan = load_plan(invocation, &loaded, SEVERITY_WARNING);
    if (plan == NULL)
        return EXIT_INVALID;
    struct asking asking = {.invocation = invocation, .list = json ? json_array() : NULL};
    return ask(&asking, plan, &loaded);
}

const struct command command_preflight = {
    .name = "preflight",
    .arguments = "FILE",
    .least = 1,
    .most = 1,
    .summary = "ask before a run what can be asked, and change nothing",
    .about =
        "Asks once, without waiting, the target, the preconditions, done_if, and the verify of\n"
        "changes, and runs the steps that read, where nothing before them changes and their "
        "values\n"
        "are known. A verify that holds already, of a step without done_if, proves nothing. Exit\n"
        "code 4 when something does not hold that the run needs.",
    .options = (const struct option *const[]){&option_param, &option_params, &option_format, NULL},
    .run = run,
};
