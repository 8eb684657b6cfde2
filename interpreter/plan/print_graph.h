/* print_graph: the plan as a graph: for Graphviz and for Mermaid, which GitHub and GitLab draw. */
#ifndef PLAN_PRINT_GRAPH_H
#define PLAN_PRINT_GRAPH_H

#include "base/text.h"

struct plan;

void print_dot(const struct plan *plan, struct buffer *into);
void print_mermaid(const struct plan *plan, struct buffer *into);
/* TEXT inside a quoted label of Mermaid's: what that, the Markdown in it, or HTML may take for a
 * sign is written as `#NN;`, which it shows as the sign. A line break becomes a blank. */
void mermaid_label(struct buffer *into, struct text text);

#endif
