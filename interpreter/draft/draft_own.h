/* draft_own: what the files of draft/ share: the draft while it is made. */
#ifndef DRAFT_OWN_H
#define DRAFT_OWN_H

#include "base/list.h"
#include "base/text.h"
#include "draft/branch.h"
#include "draft/draft.h"
#include "draft/shell.h"

#include <stdint.h>

struct arena;
struct piece;

enum draft_effect { DRAFT_READS, DRAFT_CHANGES, DRAFT_DESTROYS };
enum draft_role { ROLE_ACTION, ROLE_CHECK, ROLE_SLEEP, ROLE_NOTE };

struct draft_step {
    const char *id;
    const char *title;    /* a template; NULL: none */
    struct list notes;    /* of const char: comments above it */
    enum draft_role role; /* of ROLE_NOTE there is nothing but its notes */
    enum draft_effect effect;
    const char *action; /* its key; NULL: a group */
    struct branch *argument;
    struct branch *keys;    /* further keys, in their order */
    struct branch *verify;  /* a check block, the last key; NULL: none */
    const char *seconds;    /* of ROLE_SLEEP: how long, as a duration */
    uint32_t line;          /* of the document */
    const char *command;    /* in one line, for the traps; NULL: of none */
    const char *when;       /* an expression; NULL: always */
    struct list inner;      /* of a group: struct draft_step */
    struct branch *outputs; /* of a group: what others read of it; NULL: nothing */
    struct draft_step *outer;
    struct map taken;    /* of a group: ids of its steps */
    uint32_t heading;    /* of a group: the level of its heading */
    const char *written; /* of a group: its heading, as written */
};

/* What the variables and blanks of the document became. */
enum variable_kind { VARIABLE_PARAM, VARIABLE_TEXT, VARIABLE_STEP, VARIABLE_SECRET };

struct variable {
    enum variable_kind kind;
    const char *name;              /* as the document has it */
    const char *value;             /* of a text: a template */
    const struct shell_word *word; /* of a text: what it was made of */
    bool busy;                     /* it is being made anew */
    struct draft_param *param;
    struct draft_step *step; /* whose output it is */
    const char *output;
    bool split; /* its value has blanks: without quotes a shell makes several words of it */
};

struct draft_param {
    const char *name, *type, *pattern, *value, *about; /* value: a template; NULL: must be given */
    struct branch *one_of;                             /* NULL: any */
    bool secret;
    const char *variable; /* of a secret: the environment's */
};

struct draft {
    struct arena *arena;
    const struct draft_request *request;
    const struct piece *document;
    const char *log; /* a file that the document names as its log; NULL: none */
    uint32_t log_line;
    struct draft_step *root;
    const char *name, *title, *about, *objective;
    struct list params; /* of struct draft_param */
    struct map param_names;
    struct map variables; /* name to struct variable, the newest */
    struct map blanks;    /* as written, to struct draft_param */
    struct branch *connections;
    struct map connection_keys, connection_names; /* what they connect to, to the name; the names */
    bool folder;                                  /* `$(pwd)` became params.folder */
    struct draft_counts counts;
    struct draft_step *group; /* where steps are added now */
    const char *cwd;          /* by a `cd` before, a template; NULL: the runbook's folder */
    uint32_t line;            /* of the document, of the command that is made into steps now */
    bool parted;              /* the sections are alternatives: one is run at a time */
    bool asking;              /* the section asks how things stand: one of checks, or before them */
    bool verifying;           /* the section is one of checks */
    struct branch *exported;  /* the env of all: `export NAME=value`; NULL: none */
    struct map told;          /* ids of traps, to the line where each was told first */
    bool full;                /* more commands than a procedure has */
};

/* ---- draft_params.c ---- */
/* A param of that NAME (made unique); ABOUT, PATTERN and VALUE may be NULL. */
struct draft_param *draft_param(struct draft *draft, const char *name, const char *type,
                                const char *pattern, const char *value, const char *about);
/* The narrowest usual pattern that VALUE meets, NULL when there is none. */
const char *draft_pattern(const char *value);
/* "${params.NAME}", of a secret "${secrets.NAME}". */
const char *draft_param_text(struct draft *draft, const struct draft_param *param);
/* The param `project` of compose's actions, made when it is first asked for. */
const char *draft_project(struct draft *draft);
/* The folder in which all is done, made when it is first asked for. */
const char *draft_folder(struct draft *draft);

/* ---- variables.c ---- */
enum date_use { DATE_NEW, DATE_EXISTING };

/* A word as a template, in *TEXT. False when only a shell can make it: *WHY says what it has. */
bool draft_word(struct draft *draft, const struct shell_word *word, enum date_use dates,
                const char **text, const char **why);
/* An assignment of the document: what its name means from now on. STEP is told what became of it,
 * or is the step that computes it, which is added then. */
void draft_assign(struct draft *draft, const struct shell_assignment *assignment,
                  const struct shell_line *line, const char *comment, struct draft_step *step);
/* May a step's env have it? What makes a loader or a shell run other code it may not. */
bool draft_may_set(const char *name);
/* The env for a script: what it expands and the document set before. NULL: nothing. */
struct branch *draft_env(struct draft *draft, struct text script);
/* The value of a variable as a template, NULL when it is not known. */
const char *draft_variable(struct draft *draft, const char *name, bool quoted, const char **why);

/* ---- block.c ---- */
/* The steps of a block of code, added to the group that is being made. PROSE: what stood right
 * before it, NULL: nothing. */
void draft_block(struct draft *draft, const struct piece *piece, const char *prose);

/* ---- fold.c ---- */
/* Of the group's steps from FIRST on: checks become `verify` of the change before them, or one
 * `wait`; a sleep before them becomes its `within`. */
void draft_fold(struct draft *draft, struct draft_step *group, size_t first);

/* ---- faults.c ---- */
/* What goes wrong between commands that are each right: notes it at their steps. */
void draft_faults(struct draft *draft);

/* ---- print.c ---- */
/* The draft as a text; counts what has to be decided only because it is in there. */
void draft_print(struct draft *draft, struct buffer *into);

/* ---- draft_steps.c ---- */
struct draft_step *draft_step_new(struct draft *draft);
void draft_note(struct draft *draft, struct draft_step *step, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same, counted as something to be decided. */
void draft_todo(struct draft *draft, struct draft_step *step, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Adds it to the group that is being made. */
void draft_step_add(struct draft *draft, struct draft_step *step);
/* A trap that this program knows by itself, counted. */
void draft_trap(struct draft *draft, struct draft_step *step, const char *id, const char *format,
                ...) __attribute__((format(printf, 4, 5)));
/* A further key of the step, of one text. */
void draft_key(struct draft *draft, struct draft_step *step, const char *key, const char *value);

#endif
