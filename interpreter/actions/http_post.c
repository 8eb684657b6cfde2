/* http.post: one request with the method POST. */
#include "actions/actions.h"
#include "actions/request.h"

const struct core_action action_http_post = {
    .name = "http.post",
    .about = "Sends a request that changes something. A connection lost after it was sent leaves "
             "it unknown whether it was done.",
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
