/* approvals: who said yes to what is asked, each person once, since somebody said no. From the fold
 * alone, so that the run, `approve` and `show` count alike. DIGEST tells what was asked: an answer
 * to anything else counts for nothing. */
#ifndef STORE_APPROVALS_H
#define STORE_APPROVALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct state_answer;
struct state_step;

/* How many people. */
size_t approvals_count(const struct state_step *step, const char *digest);
/* The INDEXth of them, first given first; NULL behind the last. */
const struct state_answer *approvals_at(const struct state_step *step, const char *digest,
                                        size_t index);
/* Did that person (person_id) say yes? */
bool approvals_hold(const struct state_step *step, const char *digest, int64_t id);

#endif
