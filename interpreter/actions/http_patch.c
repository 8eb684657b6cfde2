/* http.patch: one request with the method PATCH. */
#include "actions/actions.h"
#include "actions/request.h"

const struct core_action action_http_patch = {
    .name = "http.patch",
    .about = "As http.post, with PATCH.",
    .effect = EFFECT_CHANGE,
    .form = FORM_WORK,
    .params = request_params,
    .outputs = request_outputs,
    .expect = REQUEST_EXPECT,
    .may_declare = true,
    .describe = request_describe,
    .start = request_start,
    .cancel = request_cancel,
    .show = request_show,
};
