/* commands: the descriptors of all commands, one file each; command.c has the table. */
#ifndef COMMANDS_COMMANDS_H
#define COMMANDS_COMMANDS_H

struct command;

extern const struct command command_run, command_preflight, command_resume, command_check,
    command_list, command_show, command_release, command_undo, command_abandon, command_approve,
    command_reject, command_actions, command_explain, command_drill, command_watch, command_plan,
    command_schema, command_completion, command_man, command_ci, command_import, command_diff,
    command_doc;

#endif
