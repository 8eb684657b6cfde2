#include "plan/proof.h"

const struct term *proof_allow(const struct proof *proof, const struct plan_step *step,
                               enum diagnostic_code code)
{
    const char *name = diagnostic_about(code)->code;
    for (const struct plan_step *at = step; at != NULL; at = at->parent) {
        const struct term *why = map_get(&at->step->allow, name);
        if (why == NULL && at->call != NULL && at != step)
            why = map_get(&at->call->runbook->allow, name);
        if (why != NULL)
            return why;
    }
    return map_get(&proof->plan->runbook->allow, name);
}
