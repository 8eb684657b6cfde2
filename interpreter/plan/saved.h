/* saved: has one step, when another begins, made a verified copy of what that destroys? */
#ifndef PLAN_SAVED_H
#define PLAN_SAVED_H

#include "plan/plan.h"

struct guard;
struct world;

/* A step that protects RESOURCE, and one that destroys it. */
struct saving {
    const struct plan_step *protector, *destroyer;
    const char *resource; /* as place_resource gives it */
};

/* In which worlds the copy is sure to be there: NULL, with *WHY, in none. *WHY is a reason, too,
 * where it is not there in all: the end of "STEP protects it, but …". */
const struct guard *saved_before(struct world *world, const struct saving *saving,
                                 const char **why);

#endif
