/* release_now: gives back what steps hold, before the run ends. The engine does it. */
#include "actions/actions.h"
#include "lang/action.h"

static const struct param_about release_now_params[] = {
    {"steps", "list<string>", NULL, true, "ids of steps of this scope that have a `release`"},
    {0},
};
static const struct param_about release_now_outputs[] = {{0}};

const struct core_action action_release_now = {
    .name = "release_now",
    .about = "Runs the `release` of the named steps here, last taken first, and not at the end of "
             "the run. "
             "What was given back already is passed over.",
    .effect = EFFECT_CHANGE,
    .form = FORM_ENGINE,
    .params = release_now_params,
    .outputs = release_now_outputs,
};
