/* entries: the output `entries` of the archive actions, being gathered. */
#ifndef ACTIONS_ENTRIES_H
#define ACTIONS_ENTRIES_H

#include "actions/answer.h"
#include "base/list.h"

struct entries {
    struct arena *arena;
    struct list names; /* of struct value */
    size_t bytes;
    bool full; /* a value can't hold more; `names` has the first ones */
};
void entries_add(struct entries *entries, const char *name);
void entries_answer(const struct entries *entries, struct answer *answer);

#endif
