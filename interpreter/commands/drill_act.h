/* drill_act: what an action comes to in a drill: nothing is done, and what it would put out is
 * unknown. Each gives work whose end is told by the loop. */
#ifndef COMMANDS_DRILL_ACT_H
#define COMMANDS_DRILL_ACT_H

#include <stdbool.h>

struct deed;
struct expectation;
struct stage;
struct work;

/* Ends by itself, with unknown outputs. */
struct work *drill_act(const struct deed *deed, const struct stage *stage);
/* Ends badly: with exit 1 or status 500 where EXPECT (or NULL) does not bear that, else as one that
 * could not do it. */
struct work *drill_act_fail(const struct deed *deed, const struct stage *stage,
                            const struct expectation *expect);
struct work *drill_act_time_out(const struct stage *stage);
/* Nobody saw its end. */
struct work *drill_act_lost(const struct stage *stage);
/* What the action's own proof says. */
struct work *drill_act_proof(const struct deed *deed, const struct stage *stage, bool happened);
void drill_act_cancel(struct work *work);

#endif
