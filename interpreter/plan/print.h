/* print: the plan for people and for machines. A table of formats. */
#ifndef PLAN_PRINT_H
#define PLAN_PRINT_H

#include <stdbool.h>
#include <stddef.h>

struct buffer;
struct plan;

/* How it is looked at. */
struct plan_look {
    bool colour;
    unsigned columns; /* prose is wrapped there; 0: at 100 */
    size_t room;      /* bytes that a comment may have; 0: as GitHub's */
};

struct plan_format {
    const char *name; /* "text", "json" */
    const char *about;
    void (*print)(const struct plan *plan, const struct plan_look *look, struct buffer *into);
};
/* The format NAME, or NULL. */
const struct plan_format *plan_format_find(const char *name);
const struct plan_format *plan_format_at(unsigned index); /* NULL past the end */

#endif
