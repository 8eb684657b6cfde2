/* connection: which server an action speaks to, as it is written.
 * A place of type connection takes the name of one of the runbook's `connections`, or the same
 * mapping in place. May use base and lang. */
#ifndef LANG_CONNECTION_H
#define LANG_CONNECTION_H

#include <stdbool.h>

struct arena;
struct diagnostics;
struct node;
struct term;

/* Reads the mapping `{postgres: {…}}`, a term of type connection; NULL after a diagnostic. Its
 * value is a map of that form. */
const struct term *connection_read(struct arena *arena, const struct node *node,
                                   struct diagnostics *diagnostics);

#endif
