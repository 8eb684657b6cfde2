/* http.delete: one request with the method DELETE. */
#include "actions/actions.h"
#include "actions/request.h"

const struct core_action action_http_delete = {
    .name = "http.delete",
    .about = "As http.post, with DELETE.",
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
