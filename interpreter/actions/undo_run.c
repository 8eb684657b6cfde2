/* undo_run: takes back what the run did, when it failed. The engine does it. */
#include "actions/actions.h"
#include "lang/action.h"

static const struct param_about undo_run_params[] = {{0}};
static const struct param_about undo_run_outputs[] = {{0}};

const struct core_action action_undo_run = {
    .name = "undo_run",
    .about = "Takes the run back by the `undo` of its steps, last ended first, up to the last one "
             "that is irreversible. Only in `on_failure`.",
    .effect = EFFECT_CHANGE,
    .form = FORM_ENGINE,
    .params = undo_run_params,
    .outputs = undo_run_outputs,
};
