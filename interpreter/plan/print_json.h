/* print_json: the plan as one JSON object, for machines. What the text format tells, this tells
 * too. */
#ifndef PLAN_PRINT_JSON_H
#define PLAN_PRINT_JSON_H

#include <stddef.h>

struct buffer;
struct plan;

void print_json(const struct plan *plan, struct buffer *into);

/* A key that may stand in it. */
struct plan_key {
    const char *of;    /* of what: "plan", "step", "block" … */
    const char *name;  /* the key */
    const char *type;  /* "text", or of what the object is, "list of step" */
    const char *about; /* what it tells */
};
const struct plan_key *plan_key_at(size_t index); /* NULL past the end */

#endif
