/* matching: which processes a deed means, for process.list and process.signal.
 * Never this program, those that started it, or process 1: their command lines hold what the
 * operator typed, so that a pattern of the runbook is mostly found there too. Runs in the pool. */
#ifndef ACTIONS_MATCHING_H
#define ACTIONS_MATCHING_H

#include "actions/blocking.h"
#include "base/list.h"

struct describing;
struct problem;

/* The params that both have, for their tables. */
#define MATCHING_PARAMS                                                                      \
    {"command", "regex", NULL, false,                                                        \
     "a pattern that is found in the command line: argv with blanks between"},               \
        {"exe", "string", NULL, false,                                                       \
         "the program itself: its path, or the last part of it; only root sees it of other " \
         "users"},                                                                           \
    {                                                                                        \
        "user", "string", NULL, false, "who it runs as, by name or number"                   \
    }

struct matching {
    struct list found; /* of struct procfs_process: those that meet all that is given, by pid */
    bool means_us;     /* this program would meet it too */
};

/* Looks at the deed's command, exe and user: those given must all be met. */
bool matching_find(struct blocking *blocking, struct matching *matching, struct failure *failure);
/* Takes the inputs over and looks at them. */
bool matching_describe(const struct describing *describing, const struct value *args,
                       struct deed *deed, struct problem *problem);
/* Is any of command, exe and user given? */
bool matching_is_given(const struct deed *deed);
/* For `show`: " whose command matches x and that run as y". */
void matching_show(const struct deed *deed, struct buffer *into);

#endif
