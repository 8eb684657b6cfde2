/* keys: the keys of the language, data only.
 * One table for each mapping: from it files are read (read.h), unknown keys get their remedy, and
 * grammar.md, help and completion are made and tested. May use base and the model's types; reads
 * nothing itself. */
#ifndef LANG_KEYS_H
#define LANG_KEYS_H

#include <stdbool.h>
#include <stddef.h>

enum mapping {
    MAPPING_RUNBOOK,
    MAPPING_PARAM,
    MAPPING_OUTPUT,
    MAPPING_DEFAULTS,
    MAPPING_STEP,
    MAPPING_FOREACH,
    MAPPING_REPEAT,
    MAPPING_APPROVE,
    MAPPING_RETRY,
    MAPPING_CHECK,
    MAPPING_BLOCK,
    MAPPING_LIBRARY,
    MAPPING_ACTION,
    MAPPING_MATCHER,
    MAPPING_SECRET,
    MAPPING_CONNECTION,
    MAPPING_POSTGRES,
    MAPPING_MONITOR,
    MAPPING_CONDITION,
    MAPPING_STRIKES,
    MAPPING_BREAKER,
    MAPPING_LIMIT,
    MAPPING_TRAPS,
    MAPPING_TRAP,
    MAPPING_COUNT
};

/* How the value of a key is read; read_keys.c has one function for each. */
enum reading {
    READ_APART, /* by the reader of the mapping itself, out of turn */
    READ_TEXT,  /* to READ_FLOAT: one value; the member is a `const struct term *` */
    READ_DURATION,
    READ_PATH,
    READ_COUNT, /* a whole number from 1 */
    READ_FLOAT,
    READ_VALUES,      /* a list of whatever values; a term */
    READ_ENVIRONMENT, /* a map of texts; a term */
    READ_EXPR,        /* one `${…}`; `const struct expr *` */
    READ_ID,          /* `const char *` */
    READ_PROSE,       /* a fixed text; `const char *` */
    READ_BOOL,        /* fixed; `bool` */
    READ_EFFECT,
    READ_OK, /* the word `ok`; `bool` */
    READ_ALSO,
    READ_HOST,
    READ_TYPE,
    READ_TYPED, /* a value of the type that the same mapping declares; a term */
    READ_PATTERN,
    READ_RESOURCES,
    READ_ALLOW,
    READ_PARAMS,
    READ_OUTPUTS,
    READ_DEFAULTS,
    READ_CHECKS,
    READ_BLOCK,
    READ_DONE_IF,
    READ_EXPECT,
    READ_FOREACH,
    READ_REPEAT,
    READ_APPROVE,
    READ_PEOPLE,
    READ_RETRY,
    READ_RELEASE,
    READ_UNDO,
    READ_STEPS,
    READ_ON_FAILURE,
    READ_ACTIONS,
    READ_ARGV,   /* a list of texts; a term */
    READ_SECRET, /* a term of type secret */
    READ_SECRETS,
    READ_CONNECTIONS,
    READ_PERCENT, /* from 1% to 100%, fixed; `int64_t` */
    READ_CONDITIONS,
    READ_STRIKES,
    READ_BREAKER,
    READ_LIMIT,
    READING_COUNT
};

struct key {
    const char *name;
    const char *type;   /* as grammar.md tells it: "duration", "check block" */
    const char *preset; /* default as grammar.md tells it, or NULL */
    bool mandatory;
    bool late;       /* is read when the other keys of its mapping have been */
    bool no_release; /* of a step: not in an entry of `undo` or `release` */
    bool zero;       /* of a duration: 0s means something */
    enum reading reading;
    size_t at;           /* the member of the mapping's struct; of a matcher, its kind */
    const char *about;   /* one sentence */
    const char *example; /* as it is written, or NULL */
};

struct key_table {
    const char *name; /* "step" */
    const char *noun; /* "a step" */
    const struct key *keys;
    size_t count;
};

const struct key_table *keys_of(enum mapping mapping);
/* The key of that name, or NULL. Its place in the table is *INDEX (may
 * be NULL). */
const struct key *key_find(enum mapping mapping, const char *name, size_t *index);
/* The same, quicker, for who asks a hundred thousand times. */
struct key_index {
    unsigned char slots[MAPPING_COUNT][128]; /* 1 + a place in the table; 0: no key */
};
void key_index_fill(struct key_index *index);
const struct key *key_find_by(const struct key_index *keys, enum mapping mapping, const char *name,
                              size_t *index);
/* The key that WORD was most likely meant to be, or NULL. */
const char *keys_nearest(enum mapping mapping, const char *word);
/* What to do about a word that other tools have as a key here (`depends_on`), or NULL. */
const char *keys_foreign(enum mapping mapping, const char *word);

#endif
