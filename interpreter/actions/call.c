/* call: another runbook, as one step. The engine opens it. */
#include "actions/actions.h"
#include "lang/action.h"

static const struct param_about call_params[] = {
    {"runbook", "runbook", NULL, true, "its file, a fixed text, from the folder of this file"},
    {"params", "map<any>", NULL, false, "what it is given"},
    {0},
};
static const struct param_about call_outputs[] = {{0}};

const struct core_action action_call = {
    .name = "call",
    .about = "Runs another runbook inside this run; its outputs are the step's. Its effect is that "
             "of its "
             "steps, its target and preconditions are asked when it begins.",
    .effect = EFFECT_CHANGE,
    .form = FORM_STEPS,
    .params = call_params,
    .outputs = call_outputs,
};
