/* print_markdown: the plan as a comment under a pull request: what is destroyed and why that is
 * safe, what a reviewer should know, a table of the steps, and each step exactly, folded. Within
 * what GitHub takes as one comment; what has no room is named. */
#ifndef PLAN_PRINT_MARKDOWN_H
#define PLAN_PRINT_MARKDOWN_H

#include <stddef.h>

struct buffer;
struct plan;

/* ROOM: its bytes; 0: as GitHub's. What a reviewer has to know is told in any case. */
void print_markdown(const struct plan *plan, size_t room, struct buffer *into);

#endif
