/* The walk over a model: every term and expression is typed at the place where it stands. What
 * single rules judge stands in check_effects.c, check_data.c and check_reach.c. */
#include "lang/check.h"

#include "base/arena.h"
#include "base/text.h"
#include "lang/check_rules.h"
#include "lang/check_use.h"
#include "lang/expr.h"
#include "lang/monitor.h"
#include "lang/read.h"
#include "lang/term.h"
#include "lang/type.h"
#include "lang/value.h"

#include <string.h>

static void check_steps(const struct place *around, const struct steps *steps);

/* ---- steps ---- */

static bool is_set(const struct use *use)
{
    return use->action->core != NULL && use->action->params.count == 0 &&
           strcmp(use->action->name, "set") == 0;
}

/* `set` gives what its expressions are. */
static void check_set(const struct place *place, struct step *step)
{
    struct arena *arena = place->checker->arena;
    size_t count = step->use.arguments.count;
    const struct type **types = arena_alloc(arena, (count + 1) * sizeof *types);
    struct field *fields = arena_alloc(arena, (step->all->field_count + 1) * sizeof *fields);
    check_use(place, &step->use, types);
    memcpy(fields, step->all->fields, step->all->field_count * sizeof *fields);
    for (size_t i = 0; i < count; i++)
        if (types[i] != NULL && types[i]->kind != TYPE_NOTHING)
            fields[i].type = types[i];
    step->result = type_record(arena, NULL, fields, count);
    step->all = type_record(arena, NULL, fields, step->all->field_count);
    step_types(arena, step);
}

static void check_outputs(const struct place *place, const struct map *outputs)
{
    for (size_t i = 0; i < outputs->count; i++)
        place_term(place, ((const struct param *)outputs->at[i].value)->value);
}

static const struct steps *group_of(const struct step *step)
{
    for (size_t i = 0; i < step->use.arguments.count; i++) {
        const struct argument *argument = step->use.arguments.at[i].value;
        if (argument->steps != NULL)
            return argument->steps;
    }
    return NULL;
}

/* A group's outputs are those of the steps inside, when all have ended. */
static void check_own_outputs(const struct place *place, const struct step *step)
{
    struct place inside = *place;
    const struct steps *group = group_of(step);
    if (step->outputs.count == 0)
        return;
    inside.result = step->result;
    if (group != NULL) {
        inside.scope = group;
        inside.step = NULL;
        inside.result = NULL;
    }
    check_outputs(&inside, &step->outputs);
    rule_withheld(&inside, step);
}

static void check_resources(const struct place *place, const struct list *resources)
{
    for (size_t i = 0; i < resources->count; i++)
        place_term(place, resources->at[i]);
}

static void check_allow(const struct place *place, const struct map *allow)
{
    for (size_t i = 0; i < allow->count; i++)
        place_term(place, allow->at[i].value);
}

/* What is settled before the first item: the loop itself, and `when`. */
static void check_before(const struct place *place, const struct step *step)
{
    struct place when = *place;
    when.before_when = true;
    place_condition(&when, step->when, "`when`");
    check_allow(place, &step->allow);
}

static void check_keys(const struct place *place, const struct step *step)
{
    const struct approve *approve = step->approve;
    const struct retry *retry = step->retry;
    place_term(place, step->title);
    place_term(place, step->timeout);
    place_term(place, step->tolerate);
    place_term(place, step->accept_loss);
    place_term(place, step->irreversible);
    check_resources(place, &step->protects);
    check_resources(place, &step->destroys);
    if (!step->done_if_verified)
        check_block(place, step->done_if);
    check_block(place, step->preconditions);
    if (approve != NULL) {
        place_term(place, approve->ask);
        place_term(place, approve->type);
        place_term(place, approve->show);
        place_term(place, approve->by);
        place_term(place, approve->count);
        place_term(place, approve->within);
    }
    if (retry != NULL) {
        place_term(place, retry->attempts);
        place_term(place, retry->delay);
        place_term(place, retry->backoff);
    }
    if (step->repeat != NULL) {
        place_term(place, step->repeat->max);
        place_term(place, step->repeat->pause);
    }
}

static void check_entries(const struct place *place, const struct step *holder);

/* Where `result` is: after the action. */
static void check_after(const struct place *around, const struct step *step)
{
    struct place place = *around;
    check_own_outputs(&place, step);
    place.result = step->all;
    if (step->expect != NULL && step->expect != step->use.action->expect)
        place_expect(&place, step->expect, step->all);
    place_term(&place, step->because);
    if (step->repeat != NULL)
        place_condition(&place, step->repeat->until, "`until`");
    struct place verifying = place;
    verifying.result = place_result_of(&place, step);
    verifying.verifying = step->done_if != NULL;
    check_block(&verifying, step->verify);
    place.previous = NULL;
    check_entries(&place, step);
}

static void check_step(const struct place *around, struct step *step)
{
    struct place place = *around;
    struct item item;
    place.scope = step->home;
    place.step = step;
    check_before(&place, step);
    if (check_foreach(&place, step->foreach, &item))
        place.items = &item;
    if (step->repeat != NULL)
        place.previous = type_optional(place.checker->arena, step->all, true);
    check_keys(&place, step);
    if (is_set(&step->use))
        check_set(&place, step);
    else
        check_use(&place, &step->use, NULL);
    const struct steps *group = group_of(step);
    if (group != NULL) {
        struct place inside = place;
        inside.previous = NULL;
        check_steps(&inside, group);
    }
    check_after(&place, step);
    rule_step(around, step);
}

/* How it is taken back, and how what it holds is given back. */
static void check_entries(const struct place *place, const struct step *holder)
{
    struct place releasing = *place;
    for (size_t i = 0; i < holder->undo.count; i++)
        check_step(place, holder->undo.at[i]);
    releasing.releasing = true;
    for (size_t i = 0; i < holder->release.count; i++)
        check_step(&releasing, holder->release.at[i]);
}

static void check_steps(const struct place *around, const struct steps *steps)
{
    for (size_t i = 0; steps != NULL && i < steps->order.count; i++)
        check_step(around, steps->order.at[steps->sorted[i]]);
}

/* ---- params ---- */

static void check_params(const struct place *around, const struct map *params)
{
    struct map before = {0};
    struct place place = *around;
    place.params_before = &before;
    place.fixed = "params are settled before the run begins";
    for (size_t i = 0; i < params->count; i++) {
        const struct param *param = params->at[i].value;
        place_term(&place, param->preset);
        check_constraint(&place, param, param->preset);
        check_connection(&place, param, param->preset);
        map_put(place.checker->arena, &before, params->at[i].key, params->at[i].value);
    }
}

/* ---- the doors ---- */

static void check_defaults(const struct place *place, const struct defaults *defaults)
{
    place_term(place, defaults->timeout);
    place_term(place, defaults->check_timeout);
    place_term(place, defaults->grace);
    place_term(place, defaults->every);
    place_term(place, defaults->cwd);
    place_term(place, defaults->env);
}

static void check_secrets(const struct place *place, const struct runbook *runbook)
{
    for (size_t i = 0; i < runbook->secrets.count; i++) {
        const struct secret *secret = runbook->secrets.at[i].value;
        place_term(place, secret->env);
        place_term(place, secret->file);
        place_term(place, secret->command);
        if (secret->made_by != NULL &&
            (runbook->steps == NULL || map_get(&runbook->steps->by_id, secret->made_by) == NULL))
            diagnostic_add(place->checker->diagnostics, RB101, secret->mark,
                           "name the step of the runbook that makes what is read",
                           "there is no step '%s', by which secret '%s' is said to be made",
                           secret->made_by, secret->name);
    }
    for (size_t i = 0; i < runbook->params.count; i++) {
        const struct param *param = runbook->params.at[i].value;
        if (type_holds_secret(param->type))
            diagnostic_add(
                place->checker->diagnostics, RB301, param->mark,
                "name where it is read: secrets: {NAME: {file: …}}",
                "a secret can't be a param of a runbook: it would be seen on the command "
                "line");
    }
}

static void check_head(const struct place *around, const struct runbook *runbook)
{
    struct place place = *around;
    check_params(&place, &runbook->params);
    place_term(&place, runbook->log);
    check_defaults(&place, &runbook->defaults);
    place.fixed = "it is settled before the run begins";
    place_term(&place, runbook->title);
    place_term(&place, runbook->begins);
    place_term(&place, runbook->ends);
    place_term(&place, runbook->about);
    place_term(&place, runbook->objective);
    place_term(&place, runbook->lock);
    check_secrets(&place, runbook);
    for (size_t i = 0; i < runbook->connections.count; i++)
        place_term(&place, runbook->connections.at[i].value);
    check_allow(&place, &runbook->allow);
}

static void check_runbook_outputs(const struct place *around, const struct map *outputs,
                                  const struct steps *steps)
{
    struct place place = *around;
    place.scope = steps;
    check_outputs(&place, outputs);
}

static void check_condition(const struct place *around, const struct condition *condition)
{
    struct place place = *around;
    place_term(&place, condition->about);
    place_term(&place, condition->every);
    place.watching = true;
    check_checks(&place, &condition->checks);
    place.watching = false;
    if (condition->strikes != NULL) {
        place_term(&place, condition->strikes->failed);
        place_term(&place, condition->strikes->of);
    }
    if (condition->breaker != NULL) {
        place_term(&place, condition->breaker->of);
        place_term(&place, condition->breaker->slow);
        place_term(&place, condition->breaker->reset);
    }
    check_use(&place, &condition->run, NULL);
}

static void check_monitor(const struct place *place, const struct monitor *monitor)
{
    place_term(place, monitor->every);
    place_term(place, monitor->cooldown);
    place_term(place, monitor->limit->runs);
    place_term(place, monitor->limit->within);
    for (size_t i = 0; i < monitor->conditions.count; i++)
        check_condition(place, monitor->conditions.at[i].value);
    /* Not every on_limit says what tripped. */
    struct checker *checker = place->checker;
    map_put(checker->arena, &checker->used, MONITOR_PARAM_CONDITION, checker);
    map_put(checker->arena, &checker->used, MONITOR_PARAM_REASON, checker);
}

void runbook_check(struct arena *arena, const struct runbook *runbook,
                   struct diagnostics *diagnostics)
{
    struct checker checker = {
        .arena = arena,
        .diagnostics = diagnostics,
        .runbook = runbook,
        .params = &runbook->params,
    };
    struct place place = {.checker = &checker};
    check_head(&place, runbook);
    check_checks(&place, &runbook->target);
    check_block(&place, runbook->preconditions);
    check_steps(&place, runbook->steps);
    struct place failing = place;
    failing.failing = true;
    check_steps(&failing, runbook->on_failure);
    check_runbook_outputs(&place, &runbook->outputs, runbook->steps);
    if (runbook->monitor != NULL)
        check_monitor(&place, runbook->monitor);
    rule_unused(&place, &runbook->params);
    rule_connections(&place, runbook);
    rule_secrets(&place, runbook);
}

static void check_action(struct arena *arena, const struct action *action,
                         struct diagnostics *diagnostics)
{
    struct checker checker = {
        .arena = arena,
        .diagnostics = diagnostics,
        .action = action,
        .params = &action->params,
    };
    struct place place = {.checker = &checker};
    check_params(&place, &action->params);
    check_resources(&place, &action->protects);
    check_resources(&place, &action->destroys);
    check_steps(&place, action->steps);
    check_runbook_outputs(&place, &action->outputs, action->steps);
    if (action->expect != NULL) {
        place.result = action->result;
        place_expect(&place, action->expect, action->result);
    }
    rule_action(&place, action);
    rule_unused(&place, &action->params);
}

void library_check(struct arena *arena, const struct library *library,
                   struct diagnostics *diagnostics)
{
    for (size_t i = 0; i < library->actions.count; i++)
        check_action(arena, library->actions.at[i].value, diagnostics);
}
