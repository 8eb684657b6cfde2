/* entry: a step of an undo or a release, as a job of its own: it runs when its owner was done long
 * before, and sees what that gave. */
#ifndef ENGINE_ENTRY_H
#define ENGINE_ENTRY_H

struct job;
struct located;
struct run;
struct step;

/* ENTRY, called NAME, of the step OWNER, in LOCATED's scope; its `result` is what OWNER gave. It
 * belongs to the run; who gets it sets `over` and `waiter`, and has it entered (job_enter). */
struct job *entry_job(struct run *run, const struct located *located, const struct step *entry,
                      const char *name, const char *owner);

#endif
