/* assert: one expression that must be true. The engine evaluates it. */
#include "actions/actions.h"
#include "lang/action.h"

static const struct param_about assert_params[] = {
    {"that", "bool expr", NULL, true, "one `${…}` that is true or false"},
    {0},
};
static const struct param_about assert_outputs[] = {{0}};

const struct core_action action_assert = {
    .name = "assert",
    .about =
        "Holds when its expression is true. As a check it judges values that are there already; "
        "say what is wrong with `because`.",
    .effect = EFFECT_READ,
    .form = FORM_ENGINE,
    .params = assert_params,
    .outputs = assert_outputs,
};
