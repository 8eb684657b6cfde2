/* prove: nothing is destroyed unprotected, and what runs side by side does not meet.
 * Works on the opened graph: RB201, RB206, RB207, RB401, RB402. */
#ifndef PLAN_PROVE_H
#define PLAN_PROVE_H

struct diagnostics;
struct plan;

void plan_prove(const struct plan *plan, struct diagnostics *diagnostics);

#endif
