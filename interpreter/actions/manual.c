/* manual: something that a person does. The engine asks. */
#include "actions/actions.h"
#include "lang/action.h"

static const struct param_about manual_params[] = {
    {"do", "string", NULL, true, "what the person is asked to do, as a sentence"},
    {"evidence", "any", NULL, false,
     "what the person answers with: `{type, pattern, one_of, min, max, about}`, as a param"},
    {"show", "list<any>", NULL, false, "values that the person needs for it"},
    {0},
};
static const struct param_about manual_outputs[] = {
    {"evidence", "any", NULL, false, "the person's answer, by the type that `evidence` says"},
    {0},
};

const struct core_action action_manual = {
    .name = "manual",
    .about =
        "Asks a person to do something and waits for the answer. Without a terminal the run stops, "
        "and `runbook resume --output STEP.evidence=…` answers.",
    .effect = EFFECT_CHANGE,
    .form = FORM_ENGINE,
    .params = manual_params,
    .outputs = manual_outputs,
};
