/* word: what stands for a word of the command line in the tables of commands and options ("RUN",
 * "STEP=REASON"), and what such a word can be. Completion and the man page are made from it. */
#ifndef COMMANDS_WORD_H
#define COMMANDS_WORD_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct list;

enum word {
    WORD_FREE,   /* what nobody else can know */
    WORD_CHOICE, /* "text|json": one of these */
    WORD_FILE,
    WORD_FOLDER,
    WORD_RUN,
    WORD_STEP, /* of the runbook or run that is named before it */
    WORD_PARAM,
    WORD_ACTION,
    WORD_CODE,
};

struct word_about {
    const char *name; /* "STEP=REASON" */
    enum word word;
    const char *behind; /* what follows it at once: "=", or NULL */
    const char *means;  /* for the man page, or NULL: an option says it */
};

/* The table; NULL past the end. */
const struct word_about *word_at(size_t index);
/* What NAME stands for: an entry of the table, or one for any choice; NULL: it is in no table. */
const struct word_about *word_find(const char *name);
/* The names in ARGUMENTS ("RUN [STEP]", "FILE…"), without brackets: list of const char. */
struct list word_names(struct arena *arena, const char *arguments);
/* May the last of them be given several times? */
bool word_repeats(const char *arguments);
/* The choices of "text|json": list of const char. */
struct list word_choices(struct arena *arena, const char *name);

#endif
