/* watch: a monitor's rounds: what is wrong is counted, and when it is enough a runbook is run. */
#include "actions/actions.h"
#include "base/arena.h"
#include "commands/commands.h"
#include "commands/options.h"
#include "commands/session.h"
#include "commands/watching.h"
#include "lang/secret.h"
#include "lang/value.h"
#include "plan/plan.h"
#include "plan/prove.h"
#include "sys/failure.h"
#include "sys/postgres.h"
#include "sys/process.h"
#include "sys/transfers.h"

#include <string.h>

const struct condition *watching_condition(const struct watching *watching, size_t index)
{
    return watching->plan->monitor->conditions.at[index].value;
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
    const char *name = watching_condition(watching, index)->name;
    const struct trip *trip = watch_trip(watching->watch, index);
    if (!answer->good && trip->gate != TRIP_CLOSED)
        watching_say(name, "bad, its breaker stays open", answer->why);
    else if (!answer->good)
        watching_say(name,
                     arena_format(watching->arena, "bad, %zu of the last %lld", trip_bad(trip),
                                  (long long)watching->plan->rules[index].of),
                     answer->why);
    else if (watching->bad[index])
        watching_say(name, "good again", NULL);
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
    watching_tell(
        watching, WITHDRAWN, run->condition, run->id,
        arena_format(watching->arena, "all is good again: %s is not needed any more", run->id),
        NULL);
}

static void take_answer(struct watching *watching, size_t index, const struct round_answer *answer)
{
    struct watch *watch = watching->watch;
    const struct condition *condition = watching_condition(watching, index);
    if (!answer->asked)
        return;
    for (size_t i = 0; answer->good && i < condition->checks.count; i++)
        if (answer->checks[i].outputs != NULL)
            watch_sample(watch, index, i, answer->checks[i].digest, answer->checks[i].outputs);
    bool trips = trip_round(watch_trip(watch, index), &watching->plan->rules[index], answer->good,
                            answer->took, loop_wall(watching->loop));
    if (trips) {
        watching->bad[index] = true;
        watching_tripped(watching, index,
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
    if (watching->broken || !watching_save(watching))
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
    watching_look(watching);
    for (size_t i = 0; i < watching->plan->monitor->conditions.count; i++)
        watching_hear(watching, i);
    if (!watching->broken)
        watching->round = round_start(&watching->setup);
}

static void recovery_ended(void *context)
{
    watching_look(context);
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
            watching_given(invocation->arena, loaded->params,
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
    if (plan->log != NULL)
        watching.log = load_path(invocation->arena, loaded, plan->log->text.at);
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
    .summary = "ask what a monitor watches, and run what it names",
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
