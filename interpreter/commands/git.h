/* git: what the system's git says of the repository around the current folder. Run by its argv, in
 * an environment of its own; what the repository's configuration would run (fsmonitor, hooks) is
 * off, nothing is fetched, and nothing of what is asked here looks at filters or textconv. */
#ifndef COMMANDS_GIT_H
#define COMMANDS_GIT_H

#include "base/text.h"
#include "sys/failure.h"

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* Runs `git ARGUMENTS` (NULL-terminated) in FOLDER with INPUT as its standard input, and puts what
 * it prints into OUTPUT (added to). False with *failure: it can't be run, was too slow or too much,
 * or did not end with 0; then the failure ends with the first line of what it said. */
bool git_run(struct arena *arena, const char *folder, const char *const *arguments,
             struct text input, struct buffer *output, struct failure *failure);
/* The same for what it prints in one line, without its line break; NULL with *failure. */
const char *git_line(struct arena *arena, const char *folder, const char *const *arguments,
                     struct failure *failure);

#endif
