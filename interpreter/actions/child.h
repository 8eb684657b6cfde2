/* child: what exec and shell share: the environment of a program, its run with or without a shim,
 * its outcome. The values `stdout` and `stderr` are read from the run's logs, so that they are the
 * same bytes when the interpreter saw the program and when another took it over; a check has no
 * logs, its output is kept in memory. */
#ifndef ACTIONS_CHILD_H
#define ACTIONS_CHILD_H

#include "lang/action.h"

/* The params that both have, for their tables. */
#define CHILD_ENV                                                                              \
    {                                                                                          \
        "env", "map<string|secret>", NULL, false,                                              \
            "variables for it, beside those of `defaults.env`; a secret reaches it this way. " \
            "Nothing else is "                                                                 \
            "inherited: PATH (fixed), HOME, LANG, TZ (UTC), TERM and RUNBOOK_RUN, _STEP, "     \
            "_ATTEMPT are set"                                                                 \
    }
#define CHILD_CWD                                                                \
    {                                                                            \
        "cwd", "path", NULL, false,                                              \
            "the folder in which it runs. Not given: that of `defaults`, which " \
            "is the runbook's"                                                   \
    }
#define CHILD_USER                                                               \
    {                                                                            \
        "user", "string", NULL, false,                                           \
            "who runs it, with all groups of that user; only root may change it" \
    }

extern const struct param_about child_outputs[];

/* Takes the inputs over, adds `default_env`, and looks at `env`, `cwd` and `user`. */
bool child_describe(const struct describing *describing, const struct value *args,
                    struct deed *deed, struct problem *problem);
/* Starts ARGV (NULL-terminated) with what DEED says beside it. */
struct work *child_start(const struct deed *deed, const struct stage *stage,
                         const char *const *argv);
/* A core_action's adopt and cancel. */
struct work *child_adopt(const struct deed *deed, const struct stage *stage);
void child_cancel(struct work *work);

/* For `show`: "NAME=value " before the program, and "\n  in DIR as USER" behind it. */
void child_show_before(const struct deed *deed, struct buffer *into);
void child_show_behind(const struct deed *deed, struct buffer *into);

#endif
