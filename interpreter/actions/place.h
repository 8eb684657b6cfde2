/* place: what a deed's relative paths are relative to.
 * A deed has its paths as they are written, so that a plan reads the same everywhere; the kernel
 * gets them absolute. */
#ifndef ACTIONS_PLACE_H
#define ACTIONS_PLACE_H

struct arena;
struct deed;
struct stage;

/* The absolute folder that relative paths of DEED are relative to; ARENA's. */
const char *place_base(struct arena *arena, const struct deed *deed, const struct stage *stage);
/* PATH when it is absolute, else BASE/PATH. May return one of its arguments. */
const char *place_join(struct arena *arena, const char *base, const char *path);

#endif
