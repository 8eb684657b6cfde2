/* approval: `approve` of a step with its values filled in: what is asked, of whom, how many must
 * say yes, how long it is waited for. The plan shows it, and the engine asks just that. */
#ifndef PLAN_APPROVAL_H
#define PLAN_APPROVAL_H

#include <stdint.h>

struct approve;
struct arena;
struct moment;
struct problem;
struct value;

/* What is not known yet when a run is planned is an unknown value, or APPROVAL_UNKNOWN. */
#define APPROVAL_UNKNOWN INT64_MIN
struct approval {
    const struct value *ask;
    const struct value *type; /* text, or NULL */
    const struct value *show; /* list, or NULL */
    const struct value *by;   /* list of texts, or NULL: root and who runs it */
    int64_t count;            /* from 1 */
    int64_t within;           /* ns; 0: not said */
};

/* NULL with *problem when a value can't be made, or nobody could answer. */
const struct approval *approval_bind(struct arena *arena, const struct approve *approve,
                                     const struct moment *moment, struct problem *problem);

#endif
