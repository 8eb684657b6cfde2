/* completion: scripts that complete the command line, made from the tables of commands, options and
 * words. What only the state folder or a file can tell, a script asks of `runbook completion WHAT`.
 */
#ifndef COMMANDS_COMPLETION_H
#define COMMANDS_COMPLETION_H

struct arena;
struct buffer;
struct word_about;

/* The script for each shell. */
void completion_bash(struct arena *arena, struct buffer *into);
void completion_zsh(struct arena *arena, struct buffer *into);
void completion_fish(struct arena *arena, struct buffer *into);

/* What is asked for WORD: "runs", "steps" …; NULL: it is not asked for. */
const char *completion_asks(const struct word_about *word);
/* TEXT in single quotes, as each of the three shells reads it. */
const char *completion_quoted(struct arena *arena, const char *text);

#endif
