/* locate: a full name back to its step and the scope in which it stands, by the record: lists and
 * inputs are those that were journaled when the steps around it were opened. */
#ifndef ENGINE_LOCATE_H
#define ENGINE_LOCATE_H

#include <stdbool.h>

struct arena;
struct run;
struct scope;
struct step;

struct located {
    const struct step *step;
    const struct scope *scope; /* an item's own scope, when the name is an item's */
    bool item;
};

/* False when the name leads nowhere in this runbook, or through something that was never opened. */
bool locate(struct arena *arena, const struct run *run, const char *name, struct located *located);

#endif
