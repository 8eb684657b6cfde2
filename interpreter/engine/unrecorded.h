/* unrecorded: a run without a record: what is asked before a run, or beside all runs, is asked by
 * the same engine. Inside engine alone. */
#ifndef ENGINE_UNRECORDED_H
#define ENGINE_UNRECORDED_H

struct run;
struct run_setup;

/* SETUP must outlive it; `run.id` and the like give its id. */
struct run *unrecorded_new(const struct run_setup *setup);
void unrecorded_free(struct run *run); /* NULL is allowed */

#endif
