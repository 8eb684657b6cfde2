/* prompt: questions asked at the terminal, one at a time, without the run standing still. */
#ifndef COMMANDS_PROMPT_H
#define COMMANDS_PROMPT_H

#include <stdbool.h>

struct arena;
struct loop;
struct person;
struct prompt;
struct question_view;
struct run;

/* Can somebody be asked here: are standard input and output a terminal, and we in its foreground?
 */
bool prompt_possible(void);
/* NULL when standard input and output are no terminal: then nobody can be asked here. */
struct prompt *prompt_open(struct arena *arena, struct loop *loop, const struct person *person);
/* RUN gets the answers. A question that is for others is only shown, with what they type: COMMAND,
 * as far as the step. */
void prompt_ask(struct prompt *prompt, struct run *run, const struct question_view *question,
                const char *command);
void prompt_withdraw(struct prompt *prompt, const struct question_view *question);
/* Something else is about to be written: the question that stands there is left, and shown again
 * when that is over. NULL is allowed, as below. */
void prompt_interrupt(struct prompt *prompt);
void prompt_close(struct prompt *prompt);

#endif
