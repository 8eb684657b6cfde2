/* command: what can be typed: a table of commands, each with a table of options.
 * Help, completion and the man page are made from these tables. The only folder that prints and
 * that gives exit codes. */
#ifndef COMMANDS_COMMAND_H
#define COMMANDS_COMMAND_H

#include "base/list.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

struct arena;

enum exit_code {
    EXIT_GOOD = 0,      /* succeeded, or recovered (said so) */
    EXIT_FAILED = 1,    /* a step failed */
    EXIT_USAGE = 2,     /* the command line */
    EXIT_INVALID = 3,   /* the runbook, a library or a param */
    EXIT_CONDITION = 4, /* a precondition of the run; nothing was changed */
    EXIT_STOPPED = 5,   /* stopped, or waits for a person */
    EXIT_LOCKED = 6,    /* another run holds the lock */
    EXIT_TARGET = 7,    /* not the system that the runbook names */
    EXIT_STRICT = 8,    /* recovered, with --strict */
    EXIT_UNDONE = 9,
    EXIT_DOUBT = 10,  /* a step is unknown */
    EXIT_RECORD = 11, /* the record can't be written or trusted */
};

struct exit_about {
    enum exit_code code;
    const char *means;
};
/* The table of exit codes for help, README and man page; NULL past the end. */
const struct exit_about *exit_about_at(size_t index);

struct option {
    const char *name;  /* "param" */
    const char *value; /* what follows it, as help shows it, of word.h: "STEP"; NULL: a flag */
    bool many;         /* may be given several times */
    const char *about;
};

struct command;

/* One call, its words read. */
struct invocation {
    struct arena *arena;
    const struct command *command;
    struct list arguments; /* of const char */
    struct map options;    /* name to struct list of const char (empty texts for flags) */
    bool colour;           /* standard output is a terminal that takes colours */
    bool colour_errors;    /* standard error is one */
};

struct command {
    const char *name;
    const char *arguments;               /* of word.h: "FILE", "[RUN]", "" */
    size_t least, most;                  /* how many arguments */
    const char *summary;                 /* one line */
    const char *about;                   /* the prose of its --help */
    const struct option *const *options; /* ends with NULL; may be NULL */
    int (*run)(struct invocation *invocation);
};

/* Commands that one looks for together, as help lists them. */
struct command_group {
    const char *title;
    const struct command *const *commands; /* ends with NULL */
};

const struct command_group *command_group_at(size_t index); /* NULL past the end */
const struct command *command_at(size_t index);             /* of all groups, likewise */
const struct command *command_find(const char *name);
/* All of it: reads the words, runs the command, gives the exit code. */
int command_main(int argc, char **argv);

/* An option's value (the last one), or NULL; a flag's is "". */
const char *option_value(const struct invocation *invocation, const struct option *option);
/* All its values, NULL-terminated; never NULL. */
const char *const *option_values(const struct invocation *invocation, const struct option *option);

/* To standard output, to standard error; false when it can't be written (and what was said is in
 * vain): the caller ends with EXIT_FAILED. */
bool say_out(struct text text);
void say_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
