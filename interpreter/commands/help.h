/* help: what `runbook --help` and `runbook COMMAND --help` say, from the tables. */
#ifndef COMMANDS_HELP_H
#define COMMANDS_HELP_H

struct arena;
struct buffer;
struct command;

/* All commands by group, and the exit codes. */
void help_all(struct buffer *into);
/* One command: how it is called, what it does, its options. */
void help_command(struct arena *arena, const struct command *command, struct buffer *into);

#endif
