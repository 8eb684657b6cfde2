/* Steps: what each asks, does, opens into, gives back. */
#include "plan/open.h"

#include "base/arena.h"
#include "base/diagnostic.h"
#include "base/graph.h"
#include "base/units.h"
#include "lang/expr.h"
#include "lang/term.h"
#include "lang/value.h"
#include "plan/guard.h"

#include <string.h>

/* Ten levels are enough for what people can follow; what reaches itself would have no end. */
#define MAX_DEPTH 10
/* Ten levels that each use ten actions would be 10^10 steps. */
#define MAX_STEPS 1000000

static bool open_step(struct opener *opener, const struct step *step, const char *name,
                      const struct standing *standing, struct list *into);

/* ---- one step ---- */

static bool open_texts(struct opener *opener, struct plan_step *step, const struct moment *moment)
{
    const struct step *from = step->step;
    return open_term(opener, from->title, moment, from->mark, &step->title) &&
           open_term(opener, from->because, moment, from->mark, &step->because) &&
           open_term(opener, from->tolerate, moment, from->mark, &step->tolerate) &&
           open_term(opener, from->accept_loss, moment, from->mark, &step->accept_loss) &&
           open_term(opener, from->irreversible, moment, from->mark, &step->irreversible);
}

static bool open_resources(struct opener *opener, struct plan_step *step,
                           const struct moment *moment)
{
    const struct step *from = step->step;
    const struct action *action = from->use.action;
    struct problem problem = {0};
    bool destroys = from->destroys.count + action->destroys.count > 0;
    bool protects = from->protects.count + action->protects.count > 0;
    if (step->inputs == NULL && (destroys || protects))
        step->inputs = bind_arguments(opener->arena, &from->use, moment, &problem);
    if (destroys && step->inputs != NULL)
        step->destroys = bind_resources(opener->arena, from, true, moment, step->inputs, &problem);
    if (protects && step->inputs != NULL)
        step->protects = bind_resources(opener->arena, from, false, moment, step->inputs, &problem);
    if ((destroys && step->destroys == NULL) || (protects && step->protects == NULL))
        return open_refuse(opener, &problem, from->mark);
    const struct value *env;
    return (!destroys && !protects) ||
           open_place(opener, moment->scope, from->mark, &step->folder, &env);
}

static bool open_approve(struct opener *opener, struct plan_step *step, const struct moment *moment)
{
    const struct approve *from = step->step->approve;
    struct problem problem = {0};
    if (from == NULL)
        return true;
    step->approve = approval_bind(opener->arena, from, moment, &problem);
    return step->approve != NULL || open_refuse(opener, &problem, from->mark);
}

static bool open_repeat(struct opener *opener, struct plan_step *step, const struct moment *moment)
{
    const struct repeat *from = step->step->repeat;
    if (from == NULL)
        return true;
    step->repeat = arena_alloc(opener->arena, sizeof *step->repeat);
    return open_number(opener, from->max, moment, 0, 0, &step->repeat->max) &&
           open_number(opener, from->pause, moment, 0, PLAN_NO_BOUND, &step->repeat->pause);
}

static bool open_backoff(struct opener *opener, const struct term *term,
                         const struct moment *moment, double *backoff)
{
    const struct value *value = NULL;
    *backoff = 1;
    if (!open_term(opener, term, moment, (struct mark){0}, &value))
        return false;
    if (value != NULL && value->kind == VALUE_FLOAT)
        *backoff = value->real;
    else if (value != NULL && value->kind == VALUE_INT)
        *backoff = (double)value->integer;
    return true;
}

static bool open_retry(struct opener *opener, struct plan_step *step, const struct moment *moment)
{
    const struct retry *from = step->step->retry;
    if (from == NULL)
        return true;
    step->retry = arena_alloc(opener->arena, sizeof *step->retry);
    return open_number(opener, from->attempts, moment, 1, PLAN_NO_BOUND, &step->retry->attempts) &&
           open_number(opener, from->delay, moment, UNITS_SECOND, PLAN_NO_BOUND,
                       &step->retry->delay) &&
           open_backoff(opener, from->backoff, moment, &step->retry->backoff);
}

/* An exec of nothing but a constant argv: there is nothing in its deed that could be refused, and
 * nothing that the proof needs. A check of 100,000 of them is not to wait for their deeds. */
static bool plain_exec(const struct use *use)
{
    const struct argument *argv = use->arguments.count == 1 ? use->arguments.at[0].value : NULL;
    return argv != NULL && argv->term != NULL && argv->term->kind == TERM_CONSTANT &&
           argv->term->constant->kind == VALUE_LIST && argv->term->constant->list.count > 0 &&
           strcmp(use->action->name, "exec") == 0;
}

/* What the step does: its deed, or what it opens into. */
static bool open_action(struct opener *opener, struct plan_step *step, const struct moment *moment)
{
    const struct step *from = step->step;
    const struct core_action *core = from->use.action->core;
    struct problem problem = {0};
    bool work = core != NULL && core->form == FORM_WORK;
    if (work && (opener->described || !plain_exec(&from->use)))
        step->deed = bind_deed(opener->arena, &from->use, moment, &problem);
    else if (!work)
        step->inputs = bind_arguments(opener->arena, &from->use, moment, &problem);
    if (problem.message != NULL)
        return open_refuse(opener, &problem, from->mark);
    if (!open_resources(opener, step, moment))
        return false;
    if (plan_opens(step))
        return open_inside(opener, moment->scope, from, step->name, step->inputs, step,
                           &step->inside);
    if (core->form == FORM_ENGINE)
        outputs_learn(opener, step, NULL);
    const struct argument *wait = map_get(&from->use.arguments, "checks");
    return wait == NULL || wait->block == NULL ||
           open_block(opener, wait->block, moment, step->name, "wait", &step->wait);
}

static bool open_entries(struct opener *opener, struct plan_step *step, const struct list *from,
                         struct list *into)
{
    bool undo = into == &step->undo;
    for (size_t i = 0; i < from->count; i++) {
        const struct step *entry = from->at[i];
        const char *name = arena_format(opener->arena, "%s/%s/%s", step->name,
                                        undo ? "undo" : "release", entry->id);
        struct standing standing = {step->scope, step, undo ? PLAN_UNDO : PLAN_RELEASE, i};
        if (!open_step(opener, entry, name, &standing, into))
            return false;
    }
    return true;
}

/* What it owes. */
static bool open_owed(struct opener *opener, struct plan_step *step)
{
    struct moment around = opener->around;
    if (step->step->undo.count == 0 && step->step->release.count == 0)
        return true;
    opener->around.result = value_unknown(opener->arena, "result");
    bool good = open_entries(opener, step, &step->step->undo, &step->undo);
    opener->around.ok = value_unknown(opener->arena, "run.ok");
    good = good && open_entries(opener, step, &step->step->release, &step->release);
    opener->around = around;
    return good;
}

/* `done_if` is one round, also where its block (`verified`: that of `verify`) waits. */
static void ask_once(struct plan_block *block)
{
    if (block == NULL)
        return;
    block->worst = 0;
    for (size_t i = 0; i < block->checks.count; i++) {
        const struct plan_check *check = block->checks.at[i];
        block->worst = time_worse(block->worst, check->worst);
    }
}

static bool open_asked(struct opener *opener, struct plan_step *step, const struct moment *moment)
{
    const struct step *from = step->step;
    struct moment after = *moment;
    bool written = from->expect != from->use.action->expect;
    if (from->verify != NULL || from->done_if != NULL || written)
        after.result = outputs_result(opener, step);
    step->expect = open_expect(opener, from->expect, from->use.action, &after);
    if (!open_block(opener, from->done_if, from->done_if_verified ? &after : moment, step->name,
                    "done_if", &step->done_if))
        return false;
    ask_once(step->done_if);
    return open_block(opener, from->preconditions, moment, step->name, "preconditions",
                      &step->preconditions) &&
           open_block(opener, from->verify, &after, step->name, "verify", &step->verify);
}

static void worst_effect(struct plan_step *step)
{
    for (size_t i = 0; i < step->inside.count; i++) {
        const struct plan_step *inside = step->inside.at[i];
        if (inside->when != 0 && inside->effect > step->effect)
            step->effect = inside->effect;
    }
}

/* All of a step, or of one item of a loop, but its `when`. */
static bool open_body(struct opener *opener, struct plan_step *step)
{
    const struct step *from = step->step;
    struct moment around = opener->around;
    const struct scope *scope = open_host(opener, step->scope, from->host, from->mark);
    struct limits limits = {0};
    struct problem problem = {0};
    if (scope == NULL)
        return false;
    if (scope != step->scope)
        step->host = scope->host;
    if (from->repeat != NULL)
        opener->around.previous = value_unknown(opener->arena, "previous");
    struct moment moment = open_moment(opener, scope);
    bool good = bind_limits(opener->arena, from, &moment, &limits, &problem) ||
                open_refuse(opener, &problem, from->mark);
    step->timeout = limits.timeout;
    good = good && open_texts(opener, step, &moment) && open_repeat(opener, step, &moment) &&
           open_retry(opener, step, &moment) && open_approve(opener, step, &moment) &&
           open_action(opener, step, &moment) && open_asked(opener, step, &moment) &&
           open_owed(opener, step);
    opener->around = around;
    if (plan_opens(step) && from->use.action->core != NULL)
        step->effect = EFFECT_READ;
    worst_effect(step);
    time_step(opener->arena, step);
    return good;
}

/* ---- loops ---- */

static struct plan_step *new_step(struct opener *opener, const struct step *step, const char *name,
                                  const struct standing *standing)
{
    struct plan_step *made = arena_alloc(opener->arena, sizeof *made);
    /* Members one by one: it is zero and large, and a plan makes 100,000 of them. */
    made->step = step;
    made->scope = standing->scope;
    made->name = name;
    made->parent = standing->parent;
    made->relation = standing->relation;
    made->place = standing->place;
    made->when = 1;
    made->effect = step->effect;
    opener->plan->step_count++;
    return made;
}

static bool open_item(struct opener *opener, struct plan_step *loop, const struct value *value,
                      size_t index)
{
    const struct scope *scope = scope_item(opener->arena, loop->scope, loop->step, value);
    const char *name = name_item(opener->arena, loop->name, value, index);
    struct standing standing = {scope, loop, PLAN_ITEM, index};
    struct plan_step *item = new_step(opener, loop->step, name, &standing);
    list_add(opener->arena, &loop->inside, item);
    return open_body(opener, item);
}

static const struct value *any_item(struct opener *opener, const struct foreach *loop)
{
    return value_unknown(opener->arena, arena_format(opener->arena, "item.%s", loop->as));
}

static bool open_items(struct opener *opener, struct plan_step *loop)
{
    const struct value *list = loop->loop->list;
    if (list->kind == VALUE_LIST && list->list.count <= PLAN_MAX_ITEMS) {
        for (size_t i = 0; i < list->list.count; i++)
            if (!open_item(opener, loop, list->list.at[i], i))
                return false;
        return true;
    }
    return open_item(opener, loop, any_item(opener, loop->step->foreach), 0);
}

static bool open_loop(struct opener *opener, struct plan_step *step)
{
    const struct foreach *from = step->step->foreach;
    struct moment moment = open_moment(opener, step->scope);
    struct plan_loop *loop = arena_alloc(opener->arena, sizeof *loop);
    step->loop = loop;
    bool good = open_term(opener, step->step->title, &moment, from->mark, &step->title) &&
                open_term(opener, from->in, &moment, from->mark, &loop->list) &&
                open_number(opener, from->parallel, &moment, 1, 1, &loop->parallel) &&
                open_number(opener, from->max, &moment, 0, 0, &loop->max) &&
                open_number(opener, from->pause, &moment, 0, PLAN_NO_BOUND, &loop->pause) &&
                open_number(opener, from->stop_after, &moment, 1, 1, &loop->stop_after) &&
                open_items(opener, step);
    if (!good)
        return false;
    worst_effect(step);
    time_step(opener->arena, step);
    return true;
}

/* ---- steps ---- */

/* `when` sees no item, so it is decided for the whole loop. */
static bool open_when(struct opener *opener, struct plan_step *step)
{
    const struct expr *when = step->step->when;
    struct problem problem = {0};
    if (opener->part != NULL && step->parent == NULL && step->relation == PLAN_INSIDE)
        step->left_out = map_get(&opener->part->left_out, step->step->id);
    if (step->left_out != NULL)
        step->when = 0;
    if (when == NULL || step->left_out != NULL)
        return true;
    struct moment moment = open_moment(opener, step->scope);
    step->when = bind_condition(opener->arena, when, &moment, &problem);
    step->when_shown = expr_print(opener->arena, when);
    if (step->when == -1)
        step->guard = guard_bind(opener->arena, when, &moment, step);
    return step->when != -2 || open_refuse(opener, &problem, expr_mark(when));
}

static bool open_step(struct opener *opener, const struct step *step, const char *name,
                      const struct standing *standing, struct list *into)
{
    struct plan_step *made = new_step(opener, step, name, standing);
    list_add(opener->arena, into, made);
    list_add(opener->arena, &opener->made, made);
    if (opener->plan->step_count > MAX_STEPS) {
        diagnostic_add(opener->diagnostics, RB005, step->mark,
                       "do the work in fewer steps, or in a program of its own",
                       "the runbook opens into more than %d steps", MAX_STEPS);
        return false;
    }
    if (!open_when(opener, made))
        return false;
    if (made->when == 0) {
        struct moment moment = open_moment(opener, made->scope);
        return step->foreach != NULL ||
               open_term(opener, step->title, &moment, step->mark, &made->title);
    }
    return step->foreach != NULL ? open_loop(opener, made) : open_body(opener, made);
}

/* ---- scopes ---- */

/* Most steps need only what is written before them: then the order is that of the file. */
static bool in_order(const struct steps *steps)
{
    for (size_t i = 0; i < steps->order.count; i++) {
        const struct step *step = steps->order.at[i];
        for (size_t n = 0; n < step->needs.count; n++)
            if (((const struct step *)step->needs.at[n])->index >= i)
                return false;
    }
    return true;
}

bool open_steps(struct opener *opener, const struct steps *steps, const struct standing *standing,
                struct list *into)
{
    size_t *order = NULL, count = steps->order.count;
    bool circle = false;
    struct standing each = *standing;
    if (into->count == 0)
        list_reserve(opener->arena, into, count);
    if (!in_order(steps)) {
        order = arena_alloc(opener->arena, count * sizeof *order);
        count = graph_order(steps->graph, order, &circle);
    }
    for (size_t i = 0; i < count && !circle; i++) {
        const struct step *step = steps->order.at[order ? order[i] : i];
        each.place = i;
        if (!open_step(opener, step, name_step(opener->arena, standing->scope, step->id), &each,
                       into))
            return false;
    }
    return true;
}

static bool too_deep(struct opener *opener, const struct scope *scope, const struct step *step)
{
    if (scope->depth < MAX_DEPTH)
        return false;
    diagnostic_add(opener->diagnostics, RB005, step->mark,
                   "an action or runbook that reaches itself has no end; else make it flatter",
                   "more than %d levels of steps inside steps", MAX_DEPTH);
    return true;
}

/* A call's runbook asks its target and preconditions when it begins. */
static bool open_call(struct opener *opener, const struct runbook *runbook,
                      const struct scope *inside, struct plan_step *step)
{
    struct moment moment = open_moment(opener, inside);
    step->call = arena_alloc(opener->arena, sizeof *step->call);
    step->call->runbook = runbook;
    return open_place(opener, inside, runbook->mark, &step->call->folder, &step->call->env) &&
           open_target(opener, &runbook->target, &moment, step->name, &step->call->target) &&
           open_block(opener, runbook->preconditions, &moment, step->name, "preconditions",
                      &step->call->preconditions);
}

bool open_handlers(struct opener *opener, const struct scope *scope, const struct steps *steps,
                   struct plan_step *parent, struct list *into)
{
    if (steps == NULL)
        return true;
    struct scope *handlers = arena_alloc(opener->arena, sizeof *handlers);
    struct moment around = opener->around;
    bool handling = opener->handling;
    *handlers = *scope;
    handlers->outer = scope;
    handlers->steps = steps;
    opener->handling = true;
    opener->around.failure = value_unknown(opener->arena, "failure");
    struct standing standing = {handlers, parent, PLAN_FAILURE, 0};
    bool good = open_steps(opener, steps, &standing, into);
    opener->handling = handling;
    opener->around = around;
    return good;
}

bool open_inside(struct opener *opener, const struct scope *scope, const struct step *step,
                 const char *name, const struct value *inputs, struct plan_step *parent,
                 struct list *into)
{
    const struct argument *call = map_get(&step->use.arguments, "runbook");
    const struct runbook *called = call != NULL ? call->runbook : NULL;
    if (too_deep(opener, scope, step))
        return false;
    const struct scope *inside = scope_inside(opener->arena, scope, step, name, inputs);
    struct standing standing = {inside, parent, PLAN_INSIDE, 0};
    if ((called != NULL && !open_call(opener, called, inside, parent)) ||
        !open_steps(opener, inside->steps, &standing, into))
        return false;
    outputs_learn(opener, parent, inside);
    return called == NULL ||
           open_handlers(opener, inside, called->on_failure, parent, &parent->call->on_failure);
}
