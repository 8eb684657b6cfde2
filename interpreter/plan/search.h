/* search: can a guard of facts be true? Knows nothing of steps. */
#ifndef PLAN_SEARCH_H
#define PLAN_SEARCH_H

#include "base/list.h"

struct guard;

struct fact {
    const char *told[2]; /* what it is when false, and when true; NULL: follows from others */
    int truth;           /* -1: not chosen, as before and after each search */
};

/* Is there a choice of FACTS (name to struct fact: all that GUARD names) by which GUARD, of
 * GUARD_ALWAYS, FACT, NOT, AND and OR, is true? If so, and EXAMPLE is not NULL, *EXAMPLE tells
 * which of them it takes. What is too much to try counts as one that there is. */
bool search_possible(struct arena *arena, const struct guard *guard, const struct map *facts,
                     const char **example);

#endif
