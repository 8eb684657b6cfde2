/* settle: what becomes of a step of which nobody knows whether it happened, and of what an earlier
 * interpreter left in flight. In this order: the action's own proof, done_if or verify, a repeat
 * when it may be repeated, a person. Each answer is journaled with its evidence. */
#ifndef ENGINE_SETTLE_H
#define ENGINE_SETTLE_H

struct job;
struct run;
struct state_step;

/* The action came to an end that says nothing. Told, then settled at once. */
void settle_unknown(struct job *job, const char *message);
/* Resume: the record knows the job in KNOWN's state, which is not waiting. */
void settle_enter(struct job *job, const struct state_step *known);
/* One that failed or was cancelled is to be done again: it waits, or, when its action had ended
 * well, it is unknown and has to be settled first. */
void settle_anew(struct run *run, const struct state_step *step);
/* Resume, before anything is opened: failed, cancelled and undone steps wait again. */
void settle_record(struct run *run);

#endif
