/* print_markdown: the plan as a comment under a pull request: what is destroyed and why that is
 * safe, what a reviewer should know, a table of the steps, and each step exactly, folded. Within
 * what GitHub takes as one comment; what has no room is named. */
#ifndef PLAN_PRINT_MARKDOWN_H
#define PLAN_PRINT_MARKDOWN_H

struct buffer;
struct plan;

void print_markdown(const struct plan *plan, struct buffer *into);

#endif
