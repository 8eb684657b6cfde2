/* watch: a monitor's rounds: what is wrong is counted, and when it is enough a runbook is run. */
#include "actions/actions.h"
#include "base/arena.h"
#include "commands/commands.h"
#include "commands/load.h"
#include "commands/options.h"
#include "commands/recovery.h"
#include "commands/session.h"
#include "engine/round.h"
#include "lang/secret.h"
#include "lang/value.h"
#include "plan/bind.h"
#include "plan/monitor.h"
#include "plan/plan.h"
#include "plan/prove.h"
#include "report/phrase.h"
#include "store/runs.h"
#include "store/watch.h"
#include "sys/failure.h"
#include "sys/transfers.h"
#include "sys/loop.h"
#include "sys/postgres.h"
#include "sys/process.h"

#include <string.h>

struct watching {
    struct invocation *invocation;
    struct loaded loaded;
    const struct monitor_plan *plan;
    struct watch *watch;
    struct arena *arena; /* of the round at hand */
    struct loop *loop;
    struct loop_timer next;
    struct secrets *secrets;
    struct round_setup setup;
    struct round *round; /* that is being asked, or NULL */
    struct recovery recovery;
    int64_t began; /* the round, monotonic */
    bool *bad;     /* by condition: the round before was */
    bool once;
    bool broken; /* its memory can't be written */
};

static const struct condition *condition_at(const struct watching *watching, size_t index)
{
    return watching->plan->monitor->conditions.at[index].value;
}

static const struct condition *condition_find(const struct watching *watching, const char *name)
{
    return map_get(&watching->plan->monitor->conditions, name);
}

/* ---- telling ---- */

static void say(const char *condition, const char *text, const char *more)
{
    struct buffer line = {0};
    phrase_time(&line, session_now());
    buffer_format(&line, "  %s: ", condition);
    buffer_printable(&line, text_of(text));
    if (more != NULL && more[0] != '\0') {
        buffer_text(&line, ": ");
        buffer_printable(&line, text_of(more));
    }
    buffer_text(&line, "\n");
    (void)say_out(buffer_slice(&line));
    buffer_free(&line);
}

static void broke(struct watching *watching, const struct failure *failure)
{
    say_error("runbook watch: error RB701: %s\n", failure->text);
    watching->broken = true;
    loop_stop(watching->loop);
}

/* EVENT is for programs, TEXT for people. */
static void tell(struct watching *watching, const char *event, const char *condition,
                 const char *run, const char *text, const char *more)
{
    struct failure failure;
    const char *message =
        arena_format(watching->arena, "%s%s%s", text, more ? ": " : "", more ? more : "");
    say(condition, text, more);
    if (!watch_tell(watching->watch, loop_wall(watching->loop), event, condition, run, message,
                    &failure))
        broke(watching, &failure);
}

static bool save(struct watching *watching)
{
    struct failure failure;
    if (watch_save(watching->watch, &failure))
        return true;
    broke(watching, &failure);
    return false;
}

/* ---- the run ---- */

static void run_over(struct watching *watching, bool began, int64_t ended, const char *event,
                     const char *text, const char *more)
{
    const struct watch_run run = *watch_run(watching->watch);
    watch_end(watching->watch, began, ended);
    tell(watching, event, run.condition, run.id, text, more);
    (void)save(watching);
}

/* Is it over? Then that is remembered, and a next one may begin some time. */
static void look_at_run(struct watching *watching)
{
    const struct watch_run *run = watch_run(watching->watch);
    const char *said = NULL;
    int64_t ended = 0;
    if (run == NULL)
        return;
    switch (recovery_look(&watching->recovery, watching->arena, loop_wall(watching->loop), &ended,
                          &said)) {
    case RECOVERY_AT_WORK:
        return;
    case RECOVERY_NOT_BEGUN:
        run_over(watching, false, 0, "not_begun",
                 arena_format(watching->arena, "%s did not begin", run->id), said);
        return;
    case RECOVERY_OVER:
        run_over(watching, true, ended, "ended",
                 arena_format(watching->arena, "%s has ended", run->id), said);
        return;
    }
}

/* The params of an on_limit are the monitor's own, with what tripped. */
static const struct value *given_on_limit(struct arena *arena, const struct value *params,
                                          const struct value *condition, const struct value *reason)
{
    struct member *members = arena_alloc(arena, (params->map.count + 1) * sizeof *members);
    for (size_t i = 0; i < params->map.count; i++) {
        members[i] = params->map.at[i];
        if (strcmp(members[i].key, MONITOR_PARAM_CONDITION) == 0)
            members[i].value = condition;
        if (strcmp(members[i].key, MONITOR_PARAM_REASON) == 0)
            members[i].value = reason;
    }
    return value_map(arena, members, params->map.count);
}

static const struct value *given_to(struct watching *watching, const struct watch_run *run,
                                    const char **why)
{
    struct problem problem = {0};
    static const struct binder nothing = {0};
    const struct moment moment = {
        .binder = &nothing,
        .scope = watching->plan->scope,
        .now = value_integer(watching->arena, VALUE_TIME, loop_wall(watching->loop))};
    if (run->on_limit)
        return given_on_limit(watching->arena, watching->plan->scope->params,
                              value_string(watching->arena, run->condition),
                              value_string(watching->arena, run->reason));
    const struct value *given =
        monitor_given(watching->arena, condition_find(watching, run->condition), &moment, &problem);
    if (given == NULL)
        *why = problem.message;
    return given;
}

static const char *file_of(struct watching *watching, const struct watch_run *run)
{
    if (run->on_limit)
        return watching->loaded.path;
    const struct runbook *runbook = condition_runbook(condition_find(watching, run->condition));
    return arena_format(watching->arena, "%s/%s", watching->loaded.folder, runbook->file);
}

/* It is written down before it begins. */
static void begin_run(struct watching *watching, const struct watch_run *made)
{
    const char *why = NULL;
    watch_begin(watching->watch, made);
    const struct watch_run *run = watch_run(watching->watch);
    const struct value *given = given_to(watching, run, &why);
    if (!save(watching))
        return;
    if (given == NULL || !recovery_begin(&watching->recovery, watching->arena,
                                         file_of(watching, run), given, run->on_limit, &why)) {
        run_over(watching, false, 0, "not_begun",
                 arena_format(watching->arena, "%s did not begin", run->id), why);
        return;
    }
    tell(watching, run->on_limit ? "on_limit" : "begun", run->condition, run->id,
         arena_format(watching->arena,
                      run->on_limit ? "too many runs already: %s calls a person" : "%s begins",
                      run->id),
         NULL);
}

static struct watch_run new_run(struct watching *watching, size_t index, const char *reason,
                                bool on_limit)
{
    const struct condition *condition = condition_at(watching, index);
    const struct runbook *runbook =
        on_limit ? watching->loaded.runbook : condition_runbook(condition);
    int64_t now = loop_wall(watching->loop);
    return (struct watch_run){.id = run_id_new(watching->arena, runbook->name, now),
                              .condition = condition->name,
                              .reason = reason,
                              .made = now,
                              .on_limit = on_limit};
}

static void ask_person(struct watching *watching, size_t index, const char *reason)
{
    struct watch_run run = new_run(watching, index, reason, false);
    watch_wait(watching->watch, index, &run);
    if (save(watching))
        tell(watching, "waits", run.condition, run.id,
             arena_format(watching->arena, "`runbook approve %s` begins it, `reject` does not",
                          run.id),
             NULL);
}

static void passed_over(struct watching *watching, size_t index, const struct watch_run *run,
                        const char *why)
{
    tell(watching, "passed_over", condition_at(watching, index)->name, run ? run->id : NULL,
         "nothing is begun",
         run != NULL ? arena_format(watching->arena, "%s %s", run->id, why) : why);
}

static void tripped(struct watching *watching, size_t index, const char *reason)
{
    const struct watch_run *waiting = watch_waiting(watching->watch, index);
    struct watch_run run;
    tell(watching, "tripped", condition_at(watching, index)->name, NULL, "tripped", reason);
    if (waiting != NULL) {
        passed_over(watching, index, waiting, "waits for a person");
        return;
    }
    switch (watch_may(watching->watch, watching->plan, loop_wall(watching->loop))) {
    case WATCH_BUSY:
        passed_over(watching, index, watch_run(watching->watch), "is at work");
        return;
    case WATCH_COOLING:
        passed_over(watching, index, NULL, "the last run ended too short a time ago");
        return;
    case WATCH_LIMIT:
        run = new_run(watching, index, reason, true);
        begin_run(watching, &run);
        return;
    case WATCH_RUN:
        break;
    }
    if (condition_at(watching, index)->approve) {
        ask_person(watching, index, reason);
        return;
    }
    run = new_run(watching, index, reason, false);
    begin_run(watching, &run);
}

/* What a person said to the run that waits: a yes begins it, whatever limit and cooldown say, when
 * no other is at work. */
static void hear(struct watching *watching, size_t index)
{
    const struct watch_run *run = watch_waiting(watching->watch, index);
    struct watch_answer answer;
    if (run == NULL || watching->broken ||
        !watch_answered(watching->watch, watching->arena, run, &answer) ||
        (answer.yes && watch_run(watching->watch) != NULL))
        return;
    watch_wait(watching->watch, index, NULL);
    tell(watching, answer.yes ? "approved" : "rejected", run->condition, run->id,
         arena_format(watching->arena, answer.yes ? "%s is approved by %s" : "%s is rejected by %s",
                      run->id, answer.user),
         answer.reason);
    struct watch_run now = *run;
    now.made = loop_wall(watching->loop);
    if (answer.yes)
        begin_run(watching, &now);
    else
        (void)save(watching);
}

/* ---- a round ---- */

static bool asks(void *context, size_t index)
{
    struct watching *watching = context;
    return trip_asks(watch_trip(watching->watch, index), &watching->plan->rules[index],
                     loop_wall(watching->loop));
}

static const struct value *usual(void *context, struct arena *arena, size_t index, size_t check,
                                 const char *digest)
{
    struct watching *watching = context;
    return watch_usual(watching->watch, arena, index, check, digest);
}

static void say_change(struct watching *watching, size_t index, const struct round_answer *answer)
{
    const char *name = condition_at(watching, index)->name;
    const struct trip *trip = watch_trip(watching->watch, index);
    if (!answer->good && trip->gate != TRIP_CLOSED)
        say(name, "bad, its breaker stays open", answer->why);
    else if (!answer->good)
        say(name,
            arena_format(watching->arena, "bad, %zu of the last %lld", trip_bad(trip),
                         (long long)watching->plan->rules[index].of),
            answer->why);
    else if (watching->bad[index])
        say(name, "good again", NULL);
    watching->bad[index] = !answer->good;
}

/* What waits for a yes is not needed any more when all rounds that are looked back on are good. */
static void withdraw_when_good(struct watching *watching, size_t index)
{
    const struct watch_run *run = watch_waiting(watching->watch, index);
    const struct trip *trip = watch_trip(watching->watch, index);
    if (run == NULL || trip->rounds < (size_t)watching->plan->rules[index].of || trip_bad(trip) > 0)
        return;
    watch_wait(watching->watch, index, NULL);
    tell(watching, "withdrawn", run->condition, run->id,
         arena_format(watching->arena, "all is good again: %s is not needed any more", run->id),
         NULL);
}

static void take_answer(struct watching *watching, size_t index, const struct round_answer *answer)
{
    struct watch *watch = watching->watch;
    const struct condition *condition = condition_at(watching, index);
    if (!answer->asked)
        return;
    for (size_t i = 0; answer->good && i < condition->checks.count; i++)
        if (answer->checks[i].outputs != NULL)
            watch_sample(watch, index, i, answer->checks[i].digest, answer->checks[i].outputs);
    bool trips = trip_round(watch_trip(watch, index), &watching->plan->rules[index], answer->good,
                            answer->took, loop_wall(watching->loop));
    if (trips) {
        watching->bad[index] = true;
        tripped(watching, index,
                answer->why[0] != '\0' ? answer->why : "it took longer than `slow`");
    } else {
        say_change(watching, index, answer);
    }
    withdraw_when_good(watching, index);
}

static void round_begin(void *context);

static void round_ended(void *context, const struct round_answer *answers)
{
    struct watching *watching = context;
    watching->round = NULL;
    for (size_t i = 0; !watching->broken && i < watching->plan->monitor->conditions.count; i++)
        take_answer(watching, i, &answers[i]);
    if (watching->broken || !save(watching))
        return;
    if (watching->once) {
        loop_stop(watching->loop);
        return;
    }
    int64_t passed = loop_now(watching->loop) - watching->began;
    loop_timer_start(watching->loop, &watching->next,
                     passed < watching->plan->every ? watching->plan->every - passed : 0,
                     round_begin, watching);
}

/* Secrets are read anew: they may be changed while it watches. */
static void round_begin(void *context)
{
    struct watching *watching = context;
    arena_free(watching->arena);
    watching->arena = arena_new();
    secrets_free(watching->secrets);
    watching->secrets = load_secrets(&watching->loaded);
    watching->setup.secrets = watching->secrets;
    watching->began = loop_now(watching->loop);
    look_at_run(watching);
    for (size_t i = 0; i < watching->plan->monitor->conditions.count; i++)
        hear(watching, i);
    if (!watching->broken)
        watching->round = round_start(&watching->setup);
}

static void recovery_ended(void *context)
{
    look_at_run(context);
}

static void signalled(void *context, int number)
{
    struct watching *watching = context;
    (void)number;
    loop_stop(watching->loop);
}

/* ---- the command ---- */

static int watch_all(struct watching *watching)
{
    struct failure failure;
    struct invocation *invocation = watching->invocation;
    postgres_forget_environment();
    watching->loop = loop_new(NULL, &failure);
    if (watching->loop == NULL) {
        say_error("runbook watch: error RB701: %s\n", failure.text);
        return EXIT_RECORD;
    }
    struct processes *processes =
        processes_new(&(struct processes_options){.loop = watching->loop,
                                                  .run = watching->loaded.runbook->name,
                                                  .shim = load_shim(invocation->arena)});
    struct transfers *transfers = transfers_new(watching->loop);
    watching->setup = (struct round_setup){.loop = watching->loop,
                                           .processes = processes,
                                           .transfers = transfers,
                                           .core = core_actions,
                                           .plan = watching->plan,
                                           .folder = watching->loaded.folder,
                                           .asks = asks,
                                           .usual = usual,
                                           .ended = round_ended,
                                           .context = watching};
    watching->recovery.loop = watching->loop;
    loop_signals(watching->loop, signalled, watching, &failure);
    loop_timer_start(watching->loop, &watching->next, 0, round_begin, watching);
    loop_run(watching->loop);
    if (watching->round != NULL)
        round_stop(watching->round);
    recovery_leave(&watching->recovery);
    transfers_free(transfers);
    processes_free(processes);
    round_free(watching->round);
    loop_free(watching->loop);
    secrets_free(watching->secrets);
    arena_free(watching->arena);
    return watching->broken ? EXIT_RECORD : EXIT_GOOD;
}

static int open_memory(struct watching *watching)
{
    struct failure failure;
    const char *folder = session_state_folder(watching->invocation);
    const char *name = watching->loaded.runbook->name;
    switch (watch_open(folder, watching->plan, &watching->watch, &failure)) {
    case WATCH_OK:
        watching->recovery = (struct recovery){.program = load_program(watching->invocation->arena),
                                               .state_folder = folder,
                                               .watch = watching->watch,
                                               .ended = recovery_ended,
                                               .context = watching};
        return 0;
    case WATCH_LOCKED:
        say_error("runbook watch: error RB703: somebody watches %s already\n", name);
        return EXIT_LOCKED;
    case WATCH_DAMAGED:
        say_error("runbook watch: error RB702: %s\n"
                  "  = remedy: move %s/monitors/%s/state.json away, and it begins from nothing\n",
                  failure.text, folder, name);
        return EXIT_RECORD;
    case WATCH_FAILED:
        break;
    }
    say_error("runbook watch: error RB701: %s\n", failure.text);
    return EXIT_RECORD;
}

static int print_monitor(struct watching *watching, const struct plan *plan)
{
    struct buffer text = {0};
    monitor_print(watching->plan, plan, watching->invocation->colour, &text);
    bool said = say_out(buffer_slice(&text));
    buffer_free(&text);
    return said ? EXIT_GOOD : EXIT_FAILED;
}

static int run(struct invocation *invocation)
{
    struct watching watching = {.invocation = invocation,
                                .loaded = load_runbook(invocation, invocation->arguments.at[0]),
                                .once = option_value(invocation, &option_once) != NULL};
    struct loaded *loaded = &watching.loaded;
    const struct runbook *runbook = loaded->runbook;
    if (runbook != NULL && runbook->monitor == NULL && loaded->diagnostics->errors == 0) {
        say_error("runbook watch: error RB601: %s is a runbook, and no monitor\n"
                  "  = remedy: a monitor begins with `monitor: NAME`, and names the runbook in a "
                  "condition\n",
                  loaded->file);
        return EXIT_USAGE;
    }
    const struct plan *plan = NULL;
    bool dry = option_value(invocation, &option_dry_run) != NULL;
    bool good =
        runbook != NULL && loaded->diagnostics->errors == 0 && load_params(invocation, loaded);
    if (good && dry) /* only the monitor knows */
        loaded->params =
            given_on_limit(invocation->arena, loaded->params,
                           value_unknown(invocation->arena, "params." MONITOR_PARAM_CONDITION),
                           value_unknown(invocation->arena, "params." MONITOR_PARAM_REASON));
    if (good)
        plan = plan_make(invocation->arena, runbook, loaded->params, loaded->diagnostics);
    if (plan != NULL) {
        plan_prove(plan, loaded->diagnostics);
        watching.plan =
            monitor_plan(invocation->arena, runbook->monitor, loaded->params, loaded->diagnostics);
    }
    if (load_report(invocation, loaded, SEVERITY_WARNING) || watching.plan == NULL)
        return EXIT_INVALID;
    if (dry)
        return print_monitor(&watching, plan);
    watching.bad = arena_alloc(invocation->arena,
                               (runbook->monitor->conditions.count + 1) * sizeof *watching.bad);
    watching.arena = arena_new();
    int code = open_memory(&watching);
    if (code == 0)
        code = watch_all(&watching);
    else
        arena_free(watching.arena);
    watch_close(watching.watch);
    return code;
}

const struct command command_watch = {
    .name = "watch",
    .arguments = "FILE",
    .least = 1,
    .most = 1,
    .summary = "ask what a monitor watches, round by round, and run what it names",
    .about =
        "Asks the checks of each condition, counts, and begins the runbook of one that trips, "
        "when\n"
        "none is at work, the last one is long enough over and the limit is not reached. What it\n"
        "counted is in the state folder and outlives it; so does the run that it began. A run "
        "that\n"
        "waits for a person is begun by `runbook approve RUN`.",
    .options = (const struct option *const[]){&option_once, &option_dry_run, &option_param,
                                              &option_params, &option_state, NULL},
    .run = run,
};
