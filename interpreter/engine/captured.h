/* captured: what a step gives beside what its action gave: its further outputs, and the part of its
 * expectation that speaks of them. Pure; shared by a step's life and by preflight. */
#ifndef ENGINE_CAPTURED_H
#define ENGINE_CAPTURED_H

#include <stdbool.h>

struct arena;
struct expectation;
struct map;
struct moment;
struct step;
struct value;

/* The part of STEP's expectation that speaks of the action's own outputs (OWN), or of the step's
 * further ones; NULL: none. */
const struct expectation *captured_expect(struct arena *arena, const struct step *step, bool own);
/* Those of OUTPUTS (STEP's own, or its action's, which mean something in MOMENT) that are there
 * although nothing was done: what is made of params alone, INPUTS among them (NULL: none). */
const struct value *captured_known(struct arena *arena, const struct step *step,
                                   const struct map *outputs, const struct value *inputs,
                                   const struct moment *moment);
/* The members of two maps in one. */
const struct value *captured_join(struct arena *arena, const struct value *a,
                                  const struct value *b);

#endif
