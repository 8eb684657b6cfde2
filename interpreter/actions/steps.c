/* steps: a group of steps, as one step. The engine opens it. */
#include "actions/actions.h"
#include "lang/action.h"

static const struct param_about steps_params[] = {
    {"steps", "steps", NULL, true, "the steps inside, by id, as in a runbook"},
    {0},
};
static const struct param_about steps_outputs[] = {{0}};

const struct core_action action_steps = {
    .name = "steps",
    .about = "A group: its steps run as one step with one `when`, `foreach`, `timeout` and "
             "`verify`. Outside, "
             "only what the step's `outputs` names is seen.",
    .effect = EFFECT_CHANGE,
    .form = FORM_STEPS,
    .params = steps_params,
    .outputs = steps_outputs,
};
