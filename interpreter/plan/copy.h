/* copy: is the copy that a protector made still there when a destroyer begins? It lies in the files
 * that the protector writes; what else changes those, or removes the folder they lie in, may come
 * in between. Where a copy lies is known of files alone. */
#ifndef PLAN_COPY_H
#define PLAN_COPY_H

#include "plan/saved.h"

struct map;

/* In which worlds it stays; TOUCHED is touch_all's. *WHY, when it does not in all: the end of "STEP
 * protects it, but …"; else it is left as it is. */
const struct guard *copy_stays(struct world *world, const struct saving *saving,
                               const struct map *touched, const char **why);

#endif
