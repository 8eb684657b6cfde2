/* own: the actions that the engine does itself: assert, set, wait, manual, release_now.
 * They start no process and hold no place of --jobs; on resume they are entered again. */
#ifndef ENGINE_OWN_H
#define ENGINE_OWN_H

struct job;

/* job_acted, job_fail or job_over follows. */
void own_begin(struct job *job);

#endif
