/* wait: a read that ends after a time, at a time, or when a check block holds. The engine does it.
 */
#include "actions/actions.h"
#include "lang/action.h"

static const struct param_about wait_params[] = {
    {"for", "duration", NULL, false, "how long to wait; prefer `checks`, a time is a hope"},
    {"until", "time", NULL, false, "the moment to wait for"},
    {"checks", "checks", NULL, false,
     "what must hold; with `within`, `every`, `stable_for` and `stall` beside it"},
    {0},
};
static const struct param_about wait_outputs[] = {
    {"waited", "duration", NULL, true, "how long it took"},
    {0},
};

const struct core_action action_wait = {
    .name = "wait",
    .about =
        "Waits for a time, until a time, or until checks hold. It has no time limit but its own.",
    .effect = EFFECT_READ,
    .form = FORM_ENGINE,
    .params = wait_params,
    .outputs = wait_outputs,
};
