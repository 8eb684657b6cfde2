/* check_format: what `check` found, told in several forms: a table of them, a file each. */
#ifndef COMMANDS_CHECK_FORMAT_H
#define COMMANDS_CHECK_FORMAT_H

#include "base/diagnostic.h"
#include "commands/command.h"

/* One file that was named, and all that concerns it: also what stands in a library or a runbook
 * that it calls. */
struct checked_file {
    const char *name;                /* as it was named */
    const struct diagnostics *found; /* by place */
};

struct checked {
    struct arena *arena;
    struct list files;     /* of struct checked_file, in the order in which they were named */
    bool shows_suppressed; /* --suppressed */
};

struct check_format {
    const char *name;
    /* False when it can't be written. */
    bool (*say)(struct invocation *invocation, const struct checked *checked);
};

extern const struct check_format check_text, check_json, check_sarif, check_github;

/* Who is told of a finding, and of the file that it was found for. */
typedef void check_found(void *context, const struct checked_file *file,
                         const struct diagnostic *finding);
/* Calls FOUND with each finding of all files, once where it concerns several of them; with
 * SUPPRESSED those that somebody accepts. */
void check_each(const struct checked *checked, bool suppressed, check_found *found, void *context);
/* NAME of a file as seen from the current folder, where it lies below it; else absolute. */
const char *check_path(struct arena *arena, const char *name);

#endif
