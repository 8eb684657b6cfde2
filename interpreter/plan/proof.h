/* proof: what the files prove*.c share: the findings, and whether they are accepted. */
#ifndef PLAN_PROOF_H
#define PLAN_PROOF_H

#include "base/diagnostic.h"
#include "plan/plan.h"

struct term;

struct proof {
    const struct plan *plan;
    struct arena *arena; /* the plan's */
    struct diagnostics *diagnostics;
    struct map *named, *touched; /* of proof_names and proof_touched; empty at first */
};

/* proof.c: all steps by their full names: full name to struct plan_step. Made when first asked for:
 * many runbooks need none. */
const struct map *proof_names(const struct proof *proof);
/* What its steps touch (touch_all), likewise. */
const struct map *proof_touched(const struct proof *proof);

/* proof.c: why the warning or note CODE is accepted by an `allow` of STEP, of one around it, or of
 * the runbook that it is in; NULL: nobody does. For allow_settle (lang/allow.h). */
const struct term *proof_allow(const struct proof *proof, const struct plan_step *step,
                               enum diagnostic_code code);

/* prove_loss.c: RB201 */
void prove_loss(const struct proof *proof);
/* prove_beside.c: RB207 */
void prove_beside(const struct proof *proof);
/* prove_reach.c: RB106, of steps */
void prove_reach(const struct proof *proof);
/* prove_return.c: RB402 */
void prove_return(const struct proof *proof);
/* prove_target.c: RB206 */
void prove_target(const struct proof *proof);

#endif
