/* inside: a group, composite or call as one step: its inside opened, limited, ended, and its
 * outputs made. It does nothing itself: on resume it is entered again, with the inputs that were
 * journaled. */
#ifndef ENGINE_INSIDE_H
#define ENGINE_INSIDE_H

struct job;

/* job_acted, job_fail or job_over follows. */
void inside_open(struct job *job);

#endif
