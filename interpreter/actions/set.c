/* set: values under names of the author's choice. The engine evaluates them. */
#include "actions/actions.h"
#include "lang/action.h"

/* It has no params of its own: each key is a name, and an output of the same name. */
static const struct param_about set_params[] = {{0}};

const struct core_action action_set = {
    .name = "set",
    .about =
        "Computes values and gives them names: `set: {image: \"app:${params.version}\"}` puts out "
        "`image`. A value without `${…}` is a string. On resume it keeps what it was.",
    .effect = EFFECT_READ,
    .form = FORM_ENGINE,
    .params = set_params,
    .outputs = set_params,
};
