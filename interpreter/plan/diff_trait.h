/* diff_trait: how a change of a key is weighed: a row for each key of the language where a change
 * is more than a change. */
#ifndef PLAN_DIFF_TRAIT_H
#define PLAN_DIFF_TRAIT_H

#include "lang/keys.h"

enum judge {
    JUDGE_PLAIN,   /* something else is done */
    JUDGE_WORDS,   /* people read it, nothing is done by it */
    JUDGE_GUARD,   /* it makes things safe: without it they are less so */
    JUDGE_LICENCE, /* it allows something; its text is a reason */
    JUDGE_MOST,    /* a limit: more is less safe, none the least */
    JUDGE_LEAST,   /* what is wanted at least: less is less safe, none the least */
    JUDGE_NUMBER,  /* told as raised or lowered, neither of which is safer */
    JUDGE_WIDENS,  /* a list of what is let through: more is less safe, no list the least */
    JUDGE_DESTROYS,
    JUDGE_EFFECT,
    JUDGE_WHEN,
    JUDGE_SOURCE, /* where a secret is read */
    JUDGE_RETRY,  /* of what may be done twice */
    JUDGE_CHECK,  /* a check in a list */
    JUDGE_EXPECT, /* what an output must be */
    JUDGE_STEPS,
    JUDGE_STEP,
    JUDGE_ENTRY, /* a step of an undo or a release */
};

struct trait {
    enum mapping mapping; /* MAPPING_COUNT: of no table; `action` then, or neither */
    const char *key;
    enum judge judge;
    const char *action; /* of an argument of that action: "file.move" */
};

/* Never NULL. */
const struct trait *trait_of(enum mapping mapping, const char *key);
const struct trait *trait_of_argument(const char *action, const char *key);
/* One that stands for nothing but its judge. */
const struct trait *trait_plain(enum judge judge);

#endif
