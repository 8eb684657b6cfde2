/* What is done about a condition that tripped. */
#include "base/arena.h"
#include "commands/watching.h"
#include "lang/value.h"
#include "plan/bind.h"
#include "store/runs.h"

#include <string.h>

static const struct condition *condition_find(const struct watching *watching, const char *name)
{
    return map_get(&watching->plan->monitor->conditions, name);
}

static void run_over(struct watching *watching, bool began, int64_t ended, enum happening what,
                     const char *text, const char *more)
{
    const struct watch_run run = *watch_run(watching->watch);
    watch_end(watching->watch, began, ended);
    watching_tell(watching, what, run.condition, run.id, text, more);
    (void)watching_save(watching);
}

/* Is it over? Then that is remembered, and a next one may begin some time. */
void watching_look(struct watching *watching)
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
        run_over(watching, false, 0, NOT_BEGUN,
                 arena_format(watching->arena, "%s did not begin", run->id), said);
        return;
    case RECOVERY_OVER:
        run_over(watching, true, ended, RUN_ENDED,
                 arena_format(watching->arena, "%s has ended", run->id), said);
        return;
    }
}

/* The params of an on_limit are the monitor's own, with what tripped. */
const struct value *watching_given(struct arena *arena, const struct value *params,
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
        return watching_given(watching->arena, watching->plan->scope->params,
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
    if (!watching_save(watching))
        return;
    if (given == NULL || !recovery_begin(&watching->recovery, watching->arena,
                                         file_of(watching, run), given, run->on_limit, &why)) {
        run_over(watching, false, 0, NOT_BEGUN,
                 arena_format(watching->arena, "%s did not begin", run->id), why);
        return;
    }
    watching_tell(
        watching, run->on_limit ? ON_LIMIT : BEGUN, run->condition, run->id,
        arena_format(watching->arena,
                     run->on_limit ? "too many runs already: %s calls a person" : "%s begins",
                     run->id),
        NULL);
}

static struct watch_run new_run(struct watching *watching, size_t index, const char *reason,
                                bool on_limit)
{
    const struct condition *condition = watching_condition(watching, index);
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
    if (watching_save(watching))
        watching_tell(watching, WAITS, run.condition, run.id,
                      arena_format(watching->arena,
                                   "`runbook approve %s` begins it, `reject` does not", run.id),
                      NULL);
}

static void passed_over(struct watching *watching, size_t index, const struct watch_run *run,
                        const char *why)
{
    watching_tell(watching, PASSED_OVER, watching_condition(watching, index)->name,
                  run ? run->id : NULL, "nothing is begun",
                  run != NULL ? arena_format(watching->arena, "%s %s", run->id, why) : why);
}

void watching_tripped(struct watching *watching, size_t index, const char *reason)
{
    const struct watch_run *waiting = watch_waiting(watching->watch, index);
    struct watch_run run;
    watching_tell(watching, TRIPPED, watching_condition(watching, index)->name, NULL, "tripped",
                  reason);
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
    if (watching_condition(watching, index)->approve) {
        ask_person(watching, index, reason);
        return;
    }
    run = new_run(watching, index, reason, false);
    begin_run(watching, &run);
}

/* What a person said to the run that waits: a yes begins it, whatever limit and cooldown say, when
 * no other is at work. */
void watching_hear(struct watching *watching, size_t index)
{
    const struct watch_run *run = watch_waiting(watching->watch, index);
    struct watch_answer answer;
    if (run == NULL || watching->broken ||
        !watch_answered(watching->watch, watching->arena, run, &answer) ||
        (answer.yes && watch_run(watching->watch) != NULL))
        return;
    watch_wait(watching->watch, index, NULL);
    watching_tell(watching, answer.yes ? APPROVED : REJECTED, run->condition, run->id,
                  arena_format(watching->arena,
                               answer.yes ? "%s is approved by %s" : "%s is rejected by %s",
                               run->id, answer.user),
                  answer.reason);
    struct watch_run now = *run;
    now.made = loop_wall(watching->loop);
    if (answer.yes)
        begin_run(watching, &now);
    else
        (void)watching_save(watching);
}
