/* world: may these hold at once? A world is one way in which a run can go: which facts are true,
 * which steps fail that may. Guards are put into the facts that they are about: what a step's state
 * can be hangs on its own `when`, and on whether its failure is borne.
 * Nothing here is exact beyond that: a fact is true or false, whatever it says. */
#ifndef PLAN_WORLD_H
#define PLAN_WORLD_H

#include "base/list.h"
#include "plan/plan.h"

struct arena;
struct guard;
struct world;

/* STEPS: full name to struct plan_step, all of PLAN's. Memory is ARENA's, scratch. */
struct world *world_new(struct arena *arena, const struct plan *plan, const struct map *steps);

struct arena *world_arena(const struct world *world);
const struct plan *world_plan(const struct world *world);

/* GUARD as STEP reads it when it begins: of facts alone. */
const struct guard *world_read(struct world *world, const struct guard *guard,
                               const struct plan_step *step);
/* That STEP, and all around it up to (and without) OUTER, NULL: the run, begins. */
const struct guard *world_begins(struct world *world, const struct plan_step *step,
                                 const struct plan_step *outer);
/* That STEP ran and ended well, once its scope has ended, or it came before who asks. Of one in
 * the steps whose failure on_failure answers, SAFELY is false: it may never have begun. */
const struct guard *world_ended_well(struct world *world, const struct plan_step *step,
                                     bool safely);
/* That the list of a LOOP is not empty. */
const struct guard *world_has_items(struct world *world, const struct plan_step *loop);

/* What is sure of lists when STEP begins: a loop before it, for which an empty one is a failure,
 * has ended well. To be asked when all else was: it tells of the lists that were asked for. */
void world_learn(struct world *world, const struct plan_step *step);

/* Can GUARD (of facts) be true? If so, and EXAMPLE is not NULL, *EXAMPLE tells when, as people read
 * it ("params.full is false"); empty: always. What is too much to try counts as true. */
bool world_possible(struct world *world, const struct guard *guard, const char **example);

#endif
