/* place: how two opened steps stand to each other: before, side by side, one inside the other.
 * Pure; the proof is built upon it. */
#ifndef PLAN_PLACE_H
#define PLAN_PLACE_H

#include "plan/plan.h"

struct meeting {
    const struct plan_step *a, *b; /* the two that stand beside each other under the nearest common
                                      parent: the steps themselves, or what is around them */
};
/* False when one is inside the other, or they are the same. */
bool place_meet(const struct plan_step *a, const struct plan_step *b, struct meeting *meeting);
/* Is OUTER around STEP, or STEP itself? */
bool place_within(const struct plan_step *step, const struct plan_step *outer);
/* Does everything of meeting.a end, and end well, before anything of meeting.b begins, if both are
 * in the run? */
bool place_before(const struct meeting *meeting);
/* Does the loop do one item after the other? */
bool place_in_turn(const struct plan_step *loop);
/* May the two steps be at work at the same time, if both are in the run? */
bool place_beside(const struct plan_step *a, const struct plan_step *b);

/* What a step protects, destroys or writes, as a text that is equal when it is the same thing:
 * "file:backups/x" is told by the root runbook's folder, whatever runbook it is written in. */
const char *place_resource(struct arena *arena, const struct plan_step *step, const char *resource);
const char *place_file(struct arena *arena, const struct plan_step *step, const char *path);
/* The folder of a file as such a text; NULL: it is no file, or has none that could be saved. */
const char *place_folder_of(struct arena *arena, const char *resource);

/* Does what is not known yet in TEXT (its `‹…›`) hang on the name NAME: "now", "item.v"? */
bool place_mentions(const char *text, const char *name);
/* Does it hang on something that is not the same at two places or two times? Then two texts that
 * are written alike need not be equal. */
bool place_fleeting(const char *text);

#endif
