/* prove: nothing is destroyed unprotected, and what runs side by side does not meet.
 * Works on the opened graph: RB106 of steps, RB201, RB206, RB207, RB401, RB402. */
#ifndef PLAN_PROVE_H
#define PLAN_PROVE_H

struct arena;
struct diagnostics;
struct list;
struct plan;
struct plan_step;
struct value;

void plan_prove(const struct plan *plan, struct diagnostics *diagnostics);

/* One thing that a plan destroys, and what RB201 goes by. */
struct plan_loss {
    const struct plan_step *step;      /* what destroys it */
    const char *resource;              /* "volume:shop_data" */
    const struct plan_step *protector; /* made the verified copy; `step`: a step in it did */
    const struct value *accepted;      /* else: why the loss is accepted. Neither: not proved */
};
/* All of them, undos, releases and on_failure included, in the plan's order: not what an
 * action around has told. All is ARENA's. */
void plan_losses(struct arena *arena, const struct plan *plan, struct list *into);

#endif
