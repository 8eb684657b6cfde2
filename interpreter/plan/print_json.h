/* print_json: the plan as one JSON object, for machines. What the text format tells, this tells
 * too. */
#ifndef PLAN_PRINT_JSON_H
#define PLAN_PRINT_JSON_H

struct buffer;
struct plan;

void print_json(const struct plan *plan, struct buffer *into);

#endif
