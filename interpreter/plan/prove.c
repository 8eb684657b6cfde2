#include "plan/prove.h"

#include "base/arena.h"
#include "base/units.h"
#include "lang/allow.h"
#include "lang/term.h"
#include "plan/proof.h"

#include <string.h>

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

void plan_prove(const struct plan *plan, struct diagnostics *diagnostics)
{
    struct map named = {0}, touched = {0};
    struct proof proof = {.plan = plan,
                          .arena = plan->arena,
                          .diagnostics = diagnostics,
                          .named = &named,
                          .touched = &touched};
    prove_loss(&proof);
    prove_target(&proof);
    prove_beside(&proof);
    prove_reach(&proof);
    prove_time(&proof);
    prove_return(&proof);
}
