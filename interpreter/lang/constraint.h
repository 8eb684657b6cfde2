/* constraint: what a param lets through: `pattern`, `one_of`, `min`, `max`. Constants, since they
 * are compared before anything is known. */
#ifndef LANG_CONSTRAINT_H
#define LANG_CONSTRAINT_H

struct arena;
struct param;
struct value;

/* NULL when VALUE may be PARAM's, else why not: "'x y' does not match ^[a-z]+$" (arena text). What
 * is unset or not known yet is let through. */
const char *constraint_refuses(struct arena *arena, const struct param *param,
                               const struct value *value);

#endif
