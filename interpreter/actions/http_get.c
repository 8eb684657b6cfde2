/* http.get: one request with the method GET. */
#include "actions/actions.h"
#include "actions/request.h"

const struct core_action action_http_get = {
    .name = "http.get",
    .about = "Asks a server. As a check a refused connection is an answer; no such host, or none "
             "within the time, is none.",
    .effect = EFFECT_READ,
    .idempotent = true,
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
