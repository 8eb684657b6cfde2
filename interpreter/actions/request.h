/* request: what the five http actions share: one HTTP request, told and sent.
 * Values reach it as encoded parts: no value can add a header, a parameter or a path. */
#ifndef ACTIONS_REQUEST_H
#define ACTIONS_REQUEST_H

#include "lang/action.h"

extern const struct param_about request_params[];
extern const struct param_about request_outputs[];

/* Good where the server answered with 200 to 299. `answered` is asked beside it, so that it is
 * enough to write `answered: false` of a server that shall be down. */
#define REQUEST_EXPECT "{answered: true, status: {min: 200, max: 299}}"

/* The members of a core_action. The method is the action's name behind its dot. */
bool request_describe(const struct describing *describing, const struct value *args,
                      struct deed *deed, struct problem *problem);
struct work *request_start(const struct deed *deed, const struct stage *stage);
void request_cancel(struct work *work);
void request_show(const struct deed *deed, struct buffer *into);

#endif
