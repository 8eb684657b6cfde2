/* handlers: on_failure: steps that run when something failed; here a failure blocks nothing. */
#ifndef ENGINE_HANDLERS_H
#define ENGINE_HANDLERS_H

struct job;
struct opened;
struct run;
struct scope;
struct steps;

/* Opens STEPS in SCOPE (of the run, or of a call whose job is OWNER). CLOSED is called when all
 * have ended. */
void handlers_begin(struct run *run, const struct scope *scope, const struct steps *steps,
                    struct job *owner, void (*closed)(struct opened *handlers));

#endif
