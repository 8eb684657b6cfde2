/* commands: the descriptors of all commands, one file each; command.c has the table. */
#ifndef COMMANDS_COMMANDS_H
#define COMMANDS_COMMANDS_H

struct command;

extern const struct command command_run, command_resume, command_check;

#endif
