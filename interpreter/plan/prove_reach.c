/* RB106: steps that never run, whatever the params are and however the run goes: their conditions,
 * with those around them, can't all be true. What a composite or a called runbook is made of is not
 * asked: it may well be given what makes a part of it idle. */
#include "plan/proof.h"

#include "base/arena.h"
#include "lang/allow.h"
#include "lang/expr.h"
#include "lang/value.h"
#include "plan/guard.h"
#include "plan/world.h"

#include <string.h>

struct reaching {
    const struct proof *proof;
};

static void report(const struct proof *proof, const struct plan_step *step, struct mark mark,
                   const char *why)
{
    allow_settle(proof->diagnostics,
                 diagnostic_add(proof->diagnostics, RB106, mark, "take the step out",
                                "step '%s' never runs%s", step->name, why),
                 proof_allow(proof, step, RB106));
}

/* Does GUARD ask for a state that no step that this one follows can have? */
static bool asks_failed(const struct guard *guard)
{
    return guard->kind == GUARD_IS && guard->value->kind == VALUE_TEXT &&
           strcmp(guard->value->text.at, "failed") == 0;
}

static bool can_begin(struct reaching *reaching, const struct plan_step *step)
{
    struct arena *scratch = arena_new();
    struct world *world = world_new(scratch, reaching->proof->plan, proof_names(reaching->proof));
    bool can = world_possible(world, world_begins(world, step, NULL), NULL);
    arena_free(scratch);
    return can;
}

/* Is the condition made of names? Of one that is not, the reading told already. */
static bool names_something(const struct proof *proof, const struct expr *when)
{
    struct list found = {0};
    expr_names(proof->arena, when, &found);
    return found.count > 0;
}

static void look_at(void *context, struct plan_step *step)
{
    struct reaching *reaching = context;
    const struct proof *proof = reaching->proof;
    const struct expr *when = step->step->when;
    const struct value *list = step->loop != NULL ? step->loop->list : NULL;
    if (list != NULL && list->kind == VALUE_LIST && list->list.count == 0)
        report(proof, step, step->step->foreach->mark, ": its list is empty");
    if (when == NULL || step->relation == PLAN_ITEM ||
        (step->when == 0 && !names_something(proof, when)))
        return;
    if (step->when == 0)
        report(proof, step, expr_mark(when), ": its `when` is always false");
    else if (step->guard != NULL && !can_begin(reaching, step) &&
             (step->parent == NULL || can_begin(reaching, step->parent)))
        report(proof, step, expr_mark(when),
               asks_failed(step->guard) ? ": what fails and is not tolerated blocks it"
                                        : ": its conditions can't all be true");
}

/* Composites and calls are looked at by themselves. */
static void look_at_all(struct reaching *reaching, const struct list *steps)
{
    for (size_t i = 0; i < steps->count; i++) {
        struct plan_step *step = steps->at[i];
        /* Of known items one may be what another is not. */
        bool inside = step->call == NULL && step->step->use.action->core != NULL &&
                      (step->loop == NULL || step->loop->list->kind != VALUE_LIST);
        look_at(reaching, step);
        if (inside)
            look_at_all(reaching, &step->inside);
        look_at_all(reaching, &step->undo);
        look_at_all(reaching, &step->release);
    }
}

void prove_reach(const struct proof *proof)
{
    struct reaching reaching = {.proof = proof};
    if (proof->plan->params != NULL)
        return; /* with these params, or what an operator leaves out, it may well be so */
    look_at_all(&reaching, &proof->plan->steps);
    look_at_all(&reaching, &proof->plan->on_failure);
}
