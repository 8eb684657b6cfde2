#include "plan/prove.h"

#include "base/arena.h"
#include "base/units.h"
#include "lang/allow.h"
#include "lang/term.h"
#include "plan/proof.h"

#include <string.h>

#define MAX_PLACES 10

/* ---- RB401: the worst case fits the objective ---- */

static void note_longest(const struct proof *proof, struct diagnostic *finding)
{
    const struct list *steps = &proof->plan->steps;
    const struct plan_step *longest = NULL;
    for (size_t i = 0; i < steps->count; i++) {
        const struct plan_step *step = steps->at[i];
        if (step->worst < 0) {
            diagnostic_note(proof->diagnostics, finding, step->step->mark,
                            "nothing bounds %s: give it a timeout, or its loop a max", step->name);
            return;
        }
        if (longest == NULL || step->worst > longest->worst)
            longest = step;
    }
    if (longest != NULL)
        diagnostic_note(proof->diagnostics, finding, longest->step->mark, "the longest is %s: %s",
                        longest->name, duration_print(proof->arena, longest->worst));
}

static void prove_time(const struct proof *proof)
{
    const struct plan *plan = proof->plan;
    if (plan->objective == 0 || (plan->worst >= 0 && plan->worst <= plan->objective))
        return;
    const char *objective = duration_print(proof->arena, plan->objective);
    struct mark mark = plan->runbook->objective->mark;
    const char *remedy =
        "shorten what may take long (timeout, retry, within), or say a true objective";
    struct diagnostic *finding =
        plan->worst < 0
            ? diagnostic_add(proof->diagnostics, RB401, mark, remedy,
                             "the objective is %s, and nothing bounds the steps", objective)
            : diagnostic_add(proof->diagnostics, RB401, mark, remedy,
                             "the steps may take %s, and the objective is %s",
                             duration_print(proof->arena, plan->worst), objective);
    note_longest(proof, finding);
    allow_settle(proof->diagnostics, finding, proof_allow(proof, NULL, RB401));
}

/* ---- RB402: what a person has to settle ---- */

struct unsettled {
    const struct proof *proof;
    const struct plan_step *places[MAX_PLACES]; /* as written */
    const struct step *last;                    /* to name a place once */
    size_t count;
};

static void find_unsettled(void *context, struct plan_step *step)
{
    struct unsettled *found = context;
    const struct plan_step *written = plan_written(step);
    if (!plan_unsettled(step) || step->step->undo.count > 0 || written->step == found->last)
        return;
    const struct term *why = proof_allow(found->proof, step, RB402);
    if (why != NULL) {
        struct diagnostics *diagnostics = found->proof->diagnostics;
        allow_settle(diagnostics,
                     diagnostic_add(diagnostics, RB402, written->step->mark, NULL,
                                    "cut off half-way, only a person can tell what became of %s",
                                    written->name),
                     why);
        return;
    }
    found->last = written->step;
    if (found->count < MAX_PLACES)
        found->places[found->count] = written;
    found->count++;
}

static void prove_settled(const struct proof *proof)
{
    struct unsettled found = {.proof = proof};
    plan_visit(&proof->plan->steps, find_unsettled, &found);
    plan_visit(&proof->plan->on_failure, find_unsettled, &found);
    if (found.count == 0)
        return;
    const struct plan_step *first = found.places[0];
    struct diagnostic *finding =
        diagnostic_add(proof->diagnostics, RB402, first->step->mark,
                       "where it holds, give it `idempotent: true`, a `done_if` or a `verify`",
                       "%zu change%s cut off half-way: only a person can tell what became of %s",
                       found.count, found.count == 1 ? "" : "s", found.count == 1 ? "it" : "them");
    for (size_t i = 1; i < found.count && i < MAX_PLACES; i++)
        diagnostic_note(proof->diagnostics, finding, found.places[i]->step->mark, "%s",
                        found.places[i]->name);
    if (found.count > MAX_PLACES)
        diagnostic_note(proof->diagnostics, finding, first->step->mark, "and %zu more",
                        found.count - MAX_PLACES);
}

void plan_prove(const struct plan *plan, struct diagnostics *diagnostics)
{
    struct proof proof = {.plan = plan, .arena = plan->arena, .diagnostics = diagnostics};
    prove_loss(&proof);
    prove_target(&proof);
    prove_beside(&proof);
    prove_time(&proof);
    prove_settled(&proof);
}
