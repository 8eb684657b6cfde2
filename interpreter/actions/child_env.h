/* child_env: the environment of a program. For child.c alone. */
#ifndef ACTIONS_CHILD_ENV_H
#define ACTIONS_CHILD_ENV_H

#include <stdbool.h>

struct deed;
struct describing;
struct problem;
struct stage;

/* The variables in the map INPUT may be set; false with *problem. */
bool child_env_check(const struct describing *describing, const struct deed *deed,
                     const char *input, struct problem *problem);
/* "NAME=value", NULL-terminated: fixed ones, then those of the defaults, then the deed's, then who
 * we are. All memory is the stage's. */
const char *const *child_env_make(const struct deed *deed, const struct stage *stage);

#endif
