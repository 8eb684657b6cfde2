#include "plan/proof.h"

bool proof_allowed(const struct proof *proof, const struct plan_step *step,
                   enum diagnostic_code code)
{
    const char *name = diagnostic_about(code)->code;
    for (; step != NULL; step = step->parent)
        if (map_get(&step->step->allow, name) != NULL)
            return true;
    return map_get(&proof->plan->runbook->allow, name) != NULL;
}
