/* list: how a run stands, in a word. */
#ifndef COMMANDS_LIST_H
#define COMMANDS_LIST_H

struct run_about;

/* "at work", "interrupted", "failed" … */
const char *run_standing(const struct run_about *about);

#endif
