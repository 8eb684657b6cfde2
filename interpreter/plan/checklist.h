/* checklist: a plan as a person follows it when runbook can't run: a Markdown list of boxes, with
 * every deed as a command for bash, in the order in which they are done. Made of the plan, so that
 * it tells no more and no less than what a run would do. */
#ifndef PLAN_CHECKLIST_H
#define PLAN_CHECKLIST_H

struct buffer;
struct plan;

/* FILE is the runbook's, as people name it. */
void print_checklist(const struct plan *plan, const char *file, struct buffer *into);

#endif
