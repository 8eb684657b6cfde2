/* withhold: outputs of a step that are secret, such as a token that a server gave.
 * They are made of what the action gave before anything of that is told, so that it is told without
 * them; what is recorded is only which step gave them. A resume runs that step again. */
#ifndef ENGINE_WITHHOLD_H
#define ENGINE_WITHHOLD_H

#include <stdbool.h>

struct arena;
struct moment;
struct problem;
struct secrets;
struct step;
struct value;

/* Has STEP such outputs? Then its output goes into no log. */
bool withhold_any(const struct step *step);
/* Those of the step NAMED, whose MOMENT has its action's result: learned, as a map of secrets. NULL
 * with *problem when one has no value, or can't be a secret. */
const struct value *withhold_learn(struct arena *arena, struct secrets *secrets,
                                   const struct step *step, const char *name,
                                   const struct moment *moment, struct problem *problem);
/* OUTPUTS (map) with the members of WITHHELD (NULL: none) in their places. */
const struct value *withhold_in(struct arena *arena, const struct value *outputs,
                                const struct value *withheld);
/* Is a secret in VALUE that a step gave, and that is not known (to an interpreter that came later)?
 */
bool withhold_lost(const struct secrets *secrets, const struct value *value);

#endif
