/* hand: deeds as a person types them into bash when runbook can't run. What only the run would know
 * is a blank: a variable of the shell, which the person sets, and without which a command stops
 * before it begins (`"${steps_kept_path:?}"`). A value never becomes code: each part is a word in
 * quotes. */
#ifndef PLAN_HAND_H
#define PLAN_HAND_H

#include "base/list.h"
#include "base/text.h"

struct arena;
struct deed;
struct value;

struct hand_blank {
    const char *source;   /* as the plan shows it: "steps.kept.path" */
    const char *variable; /* "kept_path" */
    bool list;            /* an array: a word for each member */
    bool bare;            /* a number, a bool, JSON: it has no quotes in JSON */
    bool caught;          /* the shell itself keeps what a command prints: it may be empty */
    bool noted;           /* a step says how it is set: not asked for where it is used */
    bool asked;           /* asked for where it was used first */
};

struct hand {
    struct arena *arena;
    const char *folder;      /* where the person's shell stands: deeds elsewhere go there */
    const struct value *env; /* what is exported there, or NULL */
    struct map blanks;       /* source to struct hand_blank */
    struct map variables;    /* variable to the same */
    struct map named;  /* "steps.kept.path": the outputs that they, or expressions in them, name */
    struct list fresh; /* of struct hand_blank: met in the last command, and set nowhere else */
};

/* The blank for SOURCE, made when there is none. */
struct hand_blank *hand_blank(struct hand *hand, const char *source);
/* Is the output SOURCE ("steps.kept.path"), or an expression that names it, a blank of some
 * command?
 */
bool hand_wants(const struct hand *hand, const char *source);
/* DEED as one command or a few lines. False: there is no command for it, and nothing was added. */
bool hand_command(struct hand *hand, const struct deed *deed, struct buffer *into);
/* A value as one word; BEFORE is put in front of it into the same word. */
void hand_word(struct hand *hand, const char *before, const struct value *value,
               struct buffer *into);
/* A list's members as words with blanks between; anything else as one. */
void hand_words(struct hand *hand, const struct value *list, struct buffer *into);
/* `name=''`, or `name=()`, with what it is behind it. ABOUT NULL: its source. */
void hand_assign(const struct hand_blank *blank, const char *about, struct buffer *into);

#endif
