/* touch: the files and resources that the steps of a plan change, copy or read. */
#ifndef PLAN_TOUCH_H
#define PLAN_TOUCH_H

#include "base/list.h"
#include "plan/plan.h"

enum touch_kind {
    TOUCH_CHANGES, /* writes, replaces or destroys it */
    TOUCH_SAVES,   /* makes a copy of it, by what it says (`protects`) */
    TOUCH_READS,   /* takes what is in it; to look whether it is there is no reading */
};
struct touch {
    const struct plan_step *step; /* an action; of a composite what it says of itself, too */
    enum touch_kind kind;
    const char *thing; /* as place_resource gives it */
};

/* What STEP itself touches: struct touch. All is ARENA's, also below. */
void touch_step(struct arena *arena, const struct plan_step *step, struct list *into);
/* All that PLAN's steps touch: thing to struct list of struct touch. */
void touch_all(struct arena *arena, const struct plan *plan, struct map *into);

#endif
