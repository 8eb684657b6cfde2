/* options: the options that several commands share, each described once. */
#ifndef COMMANDS_OPTIONS_H
#define COMMANDS_OPTIONS_H

#include "commands/command.h"

struct json_t;

extern const struct option option_help, option_state, option_format, option_plan_format,
    option_room, option_param, option_params, option_dry_run, option_from, option_undo_from,
    option_until, option_only, option_skip, option_output, option_jobs, option_approve, option_yes,
    option_strict, option_rerun, option_assume_done, option_accept_changes, option_reason,
    option_type, option_colour, option_all, option_history, option_drop, option_beside, option_once,
    option_id, option_on_limit, option_save, option_plan;

/* --format of a command that has text and json; false after saying what is wrong. */
bool option_json(const struct invocation *invocation, bool *json);
/* What such a command prints: JSON, which is taken over, indented and with a newline. */
void command_json(struct json_t *json, struct buffer *into);

#endif
