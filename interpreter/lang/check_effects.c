/* Rules about effects: who may say them, what a check may ask, what may be tried again. */
#include "lang/check_rules.h"

#include "base/arena.h"
#include "base/graph.h"
#include "base/text.h"
#include "lang/check.h"
#include "lang/eval.h"
#include "lang/expr.h"
#include "lang/reach.h"
#include "lang/read.h"
#include "lang/term.h"
#include "lang/type.h"
#include "lang/value.h"
#include "lang/yaml.h"

#include <string.h>

/* ---- constants ---- */

static const struct value *no_value(const struct values *values, const char *root,
                                    const char *member)
{
    (void)values;
    (void)root;
    (void)member;
    return &value_unset;
}

/* Is EXPR one that names nothing, and TRUTH? */
static bool is_always(struct arena *arena, const struct expr *expr, bool truth)
{
    struct list names = {0};
    struct values values = {.find = no_value};
    struct problem problem = {0};
    expr_names(arena, expr, &names);
    if (names.count > 0)
        return false;
    const struct value *value = expr_eval(arena, expr, &values, &problem);
    return value != NULL && value->kind == VALUE_BOOL && value->truth == truth;
}

/* ---- what a step says of itself ---- */

static bool begins_with(const char *name, const char *start)
{
    return strncmp(name, start, strlen(start)) == 0;
}

static bool is_command(const struct action *action)
{
    return action->core != NULL &&
           (strcmp(action->name, "exec") == 0 || strcmp(action->name, "shell") == 0);
}

/* Whose effect only the author can know. */
static bool takes_effect(const struct action *action)
{
    return is_command(action) || (action->core != NULL && begins_with(action->name, "http."));
}

/* What it makes a copy of, or what is gone after it: a read neither makes nor removes anything. */
static bool takes_resources(const struct action *action)
{
    return action->core != NULL && action->core->may_declare && !begins_with(action->name, "http.");
}

static void refuse_key(const struct place *place, const struct step *step, const char *key,
                       const char *who)
{
    const struct action *action = step->use.action;
    struct mark mark = step->mark;
    for (size_t i = 0; i < step->node->count; i++)
        if (strcmp(step->node->pairs[i].key, key) == 0)
            mark = step->node->pairs[i].key_mark;
    diagnostic_add(place->checker->diagnostics, RB202, mark,
                   action->core ? "take it out" : "take it out, or mend the action in its library",
                   "'%s' is said of %s, and '%s' says its own", key, who, action->name);
}

static void rule_declared(const struct place *place, const struct step *step)
{
    static const char resourceful[] = "exec, shell, sql.exec and what changes files and archives";
    const struct action *action = step->use.action;
    struct diagnostics *diagnostics = place->checker->diagnostics;
    bool effect = step->node->count > 1 && node_get(step->node, "effect") != NULL;
    if (effect && !takes_effect(action))
        refuse_key(place, step, "effect", "exec, shell and http");
    if (step->protects.count > 0 && !takes_resources(action))
        refuse_key(place, step, "protects", resourceful);
    if (step->destroys.count > 0 && !takes_resources(action))
        refuse_key(place, step, "destroys", resourceful);
    if (step->destroys.count > 0 && step->effect != EFFECT_DESTROY)
        diagnostic_add(diagnostics, RB202, step->mark, "take `effect` out: it is destroy",
                       "a step that destroys something is not '%s'", effect_name(step->effect));
    if (effect && step->effect == EFFECT_DESTROY && step->destroys.count == 0)
        diagnostic_add(diagnostics, RB202, step->mark,
                       "add what is gone after it: destroys: ['volume:pgdata']",
                       "a step that destroys says what");
}

static const struct block *wait_block(const struct step *step)
{
    for (size_t i = 0; i < step->use.arguments.count; i++) {
        const struct argument *argument = step->use.arguments.at[i].value;
        if (argument->block != NULL)
            return argument->block;
    }
    return NULL;
}

/* Actions that have no time limit but their own. */
static void rule_limits(const struct place *place, const struct step *step)
{
    const struct action *action = step->use.action;
    bool waits = action->core != NULL &&
                 (strcmp(action->name, "wait") == 0 || strcmp(action->name, "manual") == 0);
    if (step->timeout == NULL || !waits)
        return;
    diagnostic_add(place->checker->diagnostics, RB101, step->timeout->mark,
                   wait_block(step) ? "say how long by `within`" : "take it out",
                   "'%s' has no time limit but its own", action->name);
}

/* Whether there is something to do is asked once: waiting for it would be a step of its own. */
static void rule_done_if(const struct place *place, const struct step *step)
{
    const struct block *block = step->done_if_verified ? NULL : step->done_if;
    if (block == NULL)
        return;
    const struct term *waits[] = {block->within, block->every, block->stable_for, block->stall};
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++)
        if (waits[i] != NULL) {
            diagnostic_add(place->checker->diagnostics, RB101, waits[i]->mark,
                           "give the checks alone; to wait for something, use a step `wait`",
                           "'done_if' is asked once, in one round");
            return;
        }
}

static void rule_retry(const struct place *place, const struct step *step)
{
    if (step->retry == NULL || step->effect == EFFECT_READ || step->idempotent)
        return;
    diagnostic_add(place->checker->diagnostics, RB203, step->retry->mark,
                   "say `idempotent: true` if it may be run twice; to wait for something, use "
                   "`verify` with `within`",
                   "'%s' is neither a read nor idempotent, so it is not tried again",
                   step->use.action->name);
}

/* A secret is made of what a core action gave: what other actions gave is in the record already. */
static void rule_made(const struct place *inside, const struct step *step,
                      const struct param *output)
{
    const struct core_action *core = step->use.action->core;
    const struct type *type = place_term(inside, output->value);
    if (output->value != NULL && output->value->kind == TERM_CONSTANT) {
        diagnostic_add(inside->checker->diagnostics, RB301, output->value->mark,
                       "name where it is read: secrets: {password: {file: …}}",
                       "a secret is not written down");
        return;
    }
    if (type == NULL || type->kind == TYPE_SECRET || (core && core->form == FORM_WORK))
        return;
    diagnostic_add(inside->checker->diagnostics, RB301, output->value->mark,
                   "declare the output of the step inside that gets it as a secret",
                   "the output '%s' is to be a secret, and what it is made of is none",
                   output->name);
}

void rule_withheld(const struct place *inside, const struct step *step)
{
    for (size_t i = 0; i < step->outputs.count; i++) {
        const struct param *output = step->outputs.at[i].value;
        if (output->type == NULL || output->type->kind != TYPE_SECRET)
            continue;
        rule_made(inside, step, output);
        if (step->effect != EFFECT_READ && !step->idempotent)
            diagnostic_add(inside->checker->diagnostics, RB203, output->mark,
                           "say `idempotent: true` if the step may be run twice",
                           "a secret is never written down, so a resume runs this step again, and "
                           "'%s' is neither a read nor idempotent",
                           step->use.action->name);
    }
}

static void rule_milder(const struct place *place, const struct step *step)
{
    const struct action *action = place->checker->action;
    const struct core_action *core = step->use.action->core;
    /* A group is what is inside it, which is told of. */
    if (action == NULL || step->effect <= action->effect || (core && core->form == FORM_STEPS))
        return;
    diagnostic_add(place->checker->diagnostics, RB202, step->mark,
                   arena_format(place->checker->arena, "write `effect: %s` for '%s'",
                                effect_name(step->effect), action->name),
                   "the effect of '%s' is %s, and this step of it is %s", action->name,
                   effect_name(action->effect), effect_name(step->effect));
}

static void rule_when(const struct place *place, const struct step *step)
{
    if (step->when == NULL || !is_always(place->checker->arena, step->when, false))
        return;
    struct place at = *place;
    at.step = step;
    place_warn(&at, RB106, expr_mark(step->when), "take the step out",
               arena_format(place->checker->arena, "step '%s' never runs", step->id));
}

/* ---- release_now ---- */

/* The step with a `release` that ID was most likely meant to be, or NULL. */
static const char *nearest_holder(const struct place *place, const struct steps *steps,
                                  const char *id)
{
    struct list names = {0};
    if (!read_may_guess(place->checker->diagnostics, steps->order.count))
        return NULL;
    for (size_t i = 0; i < steps->order.count; i++) {
        const struct step *step = steps->order.at[i];
        if (step->release.count > 0)
            list_add(place->checker->arena, &names, (void *)(uintptr_t)step->id);
    }
    return text_nearest(id, (const char *const *)names.at, names.count);
}

static void rule_released(const struct place *place, const struct step *step, const char *id,
                          struct mark mark)
{
    struct arena *arena = place->checker->arena;
    struct diagnostics *diagnostics = place->checker->diagnostics;
    const struct step *named = map_get(&step->home->by_id, id);
    if (named == NULL) {
        const char *near = nearest_holder(place, step->home, id);
        diagnostic_add(diagnostics, RB205, mark,
                       near ? arena_format(arena, "did you mean '%s'?", near)
                            : "name steps of the same scope",
                       "there is no step '%s' in this scope", id);
    } else if (named->release.count == 0) {
        diagnostic_add(diagnostics, RB205, mark, "give it a `release`, or take it out here",
                       "step '%s' has no `release`", id);
    } else if (!graph_before(step->home->graph, named->index, step->index)) {
        bool below = graph_before(step->home->graph, step->index, named->index);
        diagnostic_add(diagnostics, RB205, mark,
                       below
                           ? "write this step below it"
                           : arena_format(arena, "let this step come after it: `needs: [%s]`", id),
                       "step '%s' does not come before this one", id);
    }
}

static void rule_release_now(const struct place *place, const struct step *step)
{
    const struct action *action = step->use.action;
    if (action->core == NULL || strcmp(action->name, "release_now") != 0)
        return;
    const struct argument *steps = map_get(&step->use.arguments, "steps");
    if (steps == NULL || steps->term == NULL)
        return;
    if (steps->term->kind != TERM_CONSTANT) {
        diagnostic_add(place->checker->diagnostics, RB205, steps->term->mark,
                       "write their ids: [frozen, silenced]",
                       "the steps that are released are named by fixed ids");
        return;
    }
    const struct value *ids = steps->term->constant;
    for (size_t i = 0; i < ids->list.count; i++)
        rule_released(place, step, ids->list.at[i]->text.at, steps->term->mark);
}

/* ---- undo_run ---- */

/* It takes back what the steps beside its on_failure did, so it stands nowhere else. */
static void rule_undo_run(const struct place *place, const struct step *step)
{
    const struct action *action = step->use.action;
    if (action->core == NULL || strcmp(action->name, "undo_run") != 0)
        return;
    if (!place->failing || step->holder != NULL || step->home->owner != NULL)
        diagnostic_add(place->checker->diagnostics, RB101, step->mark,
                       "make it a step of on_failure; by hand it is `runbook undo RUN`",
                       "'undo_run' has its place in on_failure alone");
}

void rule_step(const struct place *around, const struct step *step)
{
    rule_when(around, step);
    rule_declared(around, step);
    rule_limits(around, step);
    rule_done_if(around, step);
    rule_retry(around, step);
    rule_milder(around, step);
    rule_release_now(around, step);
    rule_undo_run(around, step);
}

/* ---- checks ---- */

static bool can_fail(const struct expectation *expect)
{
    return expect != NULL && !expect->anything;
}

static bool may_fail(const struct action *action)
{
    return action->core != NULL && action->core->may_fail;
}

/* Can a composite not hold, because an expectation inside it does not? */
static bool steps_can_fail(const struct steps *steps)
{
    for (size_t i = 0; steps != NULL && i < steps->order.count; i++) {
        const struct step *step = steps->order.at[i];
        if (step->tolerate != NULL)
            continue;
        if (can_fail(step->expect) || may_fail(step->use.action) || step->verify ||
            step->preconditions || wait_block(step) ||
            map_get(&step->use.arguments, "that") != NULL ||
            (step->use.action->core == NULL && steps_can_fail(step->use.action->steps)))
            return true;
    }
    return false;
}

static bool is_assert(const struct action *action)
{
    return action->core != NULL && strcmp(action->name, "assert") == 0;
}

/* Does it answer a question, whatever else it does? */
static bool is_asking(const struct action *action)
{
    return action->core == NULL || action->core->form == FORM_WORK || is_assert(action);
}

bool check_may_ask(const struct action *action)
{
    return is_asking(action) && (action->effect == EFFECT_READ || is_command(action));
}

/* False after a diagnostic. */
static bool rule_reads(const struct place *place, const struct check *check)
{
    const struct action *action = check->use.action;
    struct diagnostics *diagnostics = place->checker->diagnostics;
    if (!is_asking(action)) {
        diagnostic_add(diagnostics, RB202, check->mark,
                       strcmp(action->name, "wait") == 0
                           ? "waiting is of the whole block: {within: 60s, checks: […]}"
                           : "make it a step before this one, and `assert` here what it gave",
                       "a check asks one question, and '%s' is none", action->name);
        return false;
    }
    if (check_may_ask(action))
        return true;
    diagnostic_add(diagnostics, RB202, check->mark,
                   "ask by an action that reads; `runbook actions` tells which do",
                   "a check only reads, and the effect of '%s' is %s", action->name,
                   effect_name(action->effect));
    return false;
}

static void rule_can_fail(const struct place *place, const struct check *check)
{
    const struct action *action = check->use.action;
    struct arena *arena = place->checker->arena;
    bool inside = action->core == NULL && steps_can_fail(action->steps);
    const struct argument *asserted = map_get(&check->use.arguments, "that");
    if (is_assert(action)) {
        if (asserted != NULL && asserted->expr != NULL && is_always(arena, asserted->expr, true))
            diagnostic_add(place->checker->diagnostics, RB204, expr_mark(asserted->expr),
                           "assert something that can be false", "this always holds");
        return;
    }
    bool always = check->expect != NULL && check->expect->expr != NULL &&
                  is_always(arena, check->expect->expr, true);
    /* Under `not` a failure is no answer: only an expectation can come out either way. */
    if (inside || (may_fail(action) && !place->inverted) || (can_fail(check->expect) && !always))
        return;
    const char *first = action->outputs.count ? action->outputs.at[0].key : "OUTPUT";
    diagnostic_add(place->checker->diagnostics, RB204, check->mark,
                   arena_format(arena, "say what you expect of it: `expect: {%s: …}`", first),
                   "nothing is expected of '%s', so this check always holds", action->name);
}

/* A loop over nothing asks nothing. */
static void rule_asks(const struct place *place, const struct check *check)
{
    const struct term *in = check->foreach != NULL ? check->foreach->in : NULL;
    bool none = in != NULL && ((in->kind == TERM_CONSTANT && in->constant->kind == VALUE_LIST &&
                                in->constant->list.count == 0) ||
                               (in->kind == TERM_LIST && in->count == 0));
    if (none)
        diagnostic_add(place->checker->diagnostics, RB204, in->mark,
                       "name what it is to be asked for",
                       "the list is empty, so this always holds");
}

void rule_check(const struct place *around, const struct check *check)
{
    rule_asks(around, check);
    if (check->kind == CHECK_ACTION && rule_reads(around, check))
        rule_can_fail(around, check);
}

/* ---- a whole runbook or action ---- */

/* The first step that destroys something, groups looked into, calls not: those have their own
 * target. */
static const struct step *first_destroyer(const struct steps *steps)
{
    for (size_t i = 0; steps != NULL && i < steps->order.count; i++) {
        const struct step *step = steps->order.at[i];
        bool opens = step->use.action->core != NULL && step->use.action->core->form == FORM_STEPS;
        if (step->effect != EFFECT_DESTROY)
            continue;
        if (!opens)
            return step;
        const struct argument *group = map_get(&step->use.arguments, "steps");
        const struct step *inner = group ? first_destroyer(group->steps) : NULL;
        if (inner != NULL)
            return inner;
    }
    return NULL;
}

void rule_action(const struct place *place, const struct action *action)
{
    struct diagnostics *diagnostics = place->checker->diagnostics;
    if (action->effect == EFFECT_DESTROY && action->destroys.count == 0 &&
        first_destroyer(action->steps) == NULL)
        diagnostic_add(diagnostics, RB202, action->mark,
                       "add what is gone after it: destroys: ['volume:${params.name}']",
                       "an action that destroys says what");
    reach_action(place->checker->arena, action, diagnostics);
}

void rule_unused(const struct place *place, const struct map *params)
{
    struct checker *checker = place->checker;
    for (size_t i = 0; i < params->count; i++) {
        const struct param *param = params->at[i].value;
        if (map_get(&checker->used, param->name) == NULL)
            place_warn(place, RB106, param->mark, "take it out",
                       arena_format(checker->arena, "nothing uses the param '%s'", param->name));
    }
}

void rule_connections(const struct place *place, const struct runbook *runbook)
{
    struct checker *checker = place->checker;
    if (checker->diagnostics->errors > 0)
        return; /* a name that was misspelled is told, and enough */
    for (size_t i = 0; i < runbook->params.count; i++) {
        const struct param *param = runbook->params.at[i].value;
        if (param->type->kind == TYPE_CONNECTION)
            return; /* whoever begins the run may name any of them */
    }
    for (size_t i = 0; i < runbook->connections.count; i++) {
        const struct term *term = runbook->connections.at[i].value;
        const char *name = runbook->connections.at[i].key;
        if (map_get(&checker->connected, name) == NULL)
            place_warn(place, RB106, term->mark, "take it out",
                       arena_format(checker->arena, "nothing uses the connection '%s'", name));
    }
}

void rule_secrets(const struct place *place, const struct runbook *runbook)
{
    struct checker *checker = place->checker;
    for (size_t i = 0; i < runbook->secrets.count && checker->diagnostics->errors == 0; i++) {
        const struct secret *secret = runbook->secrets.at[i].value;
        if (map_get(&checker->secret, secret->name) == NULL)
            place_warn(place, RB106, secret->mark, "take it out",
                       arena_format(checker->arena, "nothing uses the secret '%s'", secret->name));
    }
}
