/* check_idle: RB106 for a team's library that no runbook of its folder uses. That can be said only
 * when all of them are checked together. */
#ifndef COMMANDS_CHECK_IDLE_H
#define COMMANDS_CHECK_IDLE_H

#include "base/list.h"
#include "commands/command.h"

/* CHECKED: struct loaded, of each runbook that was named and could be read. Adds a struct
 * checked_file (check_format.h) for each library to FILES, or the finding to the one that is there.
 */
void check_idle(struct invocation *invocation, const struct list *checked, struct list *files);

#endif
