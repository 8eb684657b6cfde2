#include "plan/proof.h"

#include "plan/touch.h"

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

static void add_name(void *context, struct plan_step *step)
{
    const struct proof *proof = context;
    map_put(proof->arena, proof->named, step->name, step);
}

const struct map *proof_names(const struct proof *proof)
{
    if (proof->named->count == 0) {
        plan_visit(&proof->plan->steps, add_name, (void *)(uintptr_t)proof);
        plan_visit(&proof->plan->on_failure, add_name, (void *)(uintptr_t)proof);
    }
    return proof->named;
}

const struct map *proof_touched(const struct proof *proof)
{
    if (proof->touched->count == 0)
        touch_all(proof->arena, proof->plan, proof->touched);
    return proof->touched;
}
