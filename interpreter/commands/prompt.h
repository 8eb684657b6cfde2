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

/* NULL when standard input and output are no terminal: then nobody can be asked here. */
struct prompt *prompt_open(struct arena *arena, struct loop *loop, const struct person *person);
/* RUN gets the answers. */
void prompt_ask(struct prompt *prompt, struct run *run, const struct question_view *question);
void prompt_withdraw(struct prompt *prompt, const struct question_view *question);
void prompt_close(struct prompt *prompt);

#endif
