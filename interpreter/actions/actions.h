/* actions: the table of core actions, all that can be done and can't be composed.
 * Handed over by commands; nobody left of commands includes this. Rows are data, one file each. */
#ifndef ACTIONS_ACTIONS_H
#define ACTIONS_ACTIONS_H

struct core_action;

/* Ends with NULL; in the order in which `runbook actions` lists them. */
extern const struct core_action *const core_actions[];

#endif
