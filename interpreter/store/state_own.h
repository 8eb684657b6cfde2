/* state_own: the inside of a state, for the files of store/state alone. */
#ifndef STORE_STATE_OWN_H
#define STORE_STATE_OWN_H

#include "base/list.h"
#include "store/state.h"

struct arena;

/* A step, and the memory of what is replaced while it lives: small values lie in the state's arena
 * for ever, large ones in one of these, so that a loop of many rounds doesn't keep them all. */
struct record {
    struct state_step step;
    struct arena *now;        /* result and outputs */
    struct arena *before;     /* previous */
    struct json_t *deed;      /* counted */
    const struct value *told; /* map: outputs on a person's word, which another try does not
                                 forget; or NULL */
    unsigned session;         /* run.resumes when its last intent was written */
};

struct obligation_holder {
    struct state_obligation *last; /* of this entry */
};

struct state {
    struct arena *arena;
    struct state_run run;
    uint64_t seq;
    struct map records;     /* name -> struct record */
    struct map texts;       /* name -> itself: words that many events share are kept once */
    struct list owed;       /* of struct state_obligation */
    struct map obligations; /* entry -> struct obligation_holder */
};

/* One event on its way into the state. */
struct folding {
    struct state *state;
    const struct event *event;
    struct record *record; /* of its step; while guarding a blank one when no event named it yet;
                              NULL: of the run */
    enum life from;
    enum life to;
    struct failure *failure;
};

/* Can it be, beyond what the table of lives says? False with the failure filled. */
bool state_guard(const struct folding *folding);
/* Is OWES a list of {entry, undo, context}? */
bool state_owes_well(const struct value *owes);

/* Lets it be so. */
void state_fold(struct folding *folding);

/* What has its own file. state_run.c: */
void fold_started(struct folding *folding);
void fold_resumed(struct folding *folding);
void fold_left_out(struct folding *folding);
void fold_stopping(struct folding *folding);
void fold_logged(struct folding *folding);
void fold_ended(struct folding *folding);
void fold_checked(struct folding *folding);
/* state_owed.c: */
void fold_owes(struct folding *folding);
void fold_dropped(struct folding *folding);
/* Its step is done: when it is a release, it is owed no more. */
void state_give_back(struct folding *folding);
/* Its step is undone: its undos are owed no more. */
void state_close_undos(struct folding *folding);
/* state_fold.c: the step is as if it had not begun; what it was opened into is forgotten if FRESH.
 */
void state_wait_again(struct record *record, bool fresh);

/* Copies of text and values into the state. NULL stays NULL. */
const char *state_keep(struct state *state, const char *text);
/* The same for words that come again and again. */
const char *state_share(struct state *state, const char *text);
const struct value *state_keep_value(struct arena *arena, const struct value *value);
/* The same of a field of the event. */
const char *state_text(struct folding *folding, enum event_field field);
const char *state_word(struct folding *folding, enum event_field field);
const struct value *state_value(struct folding *folding, enum event_field field);
/* About how many bytes it takes. */
size_t state_weight(const struct value *value);
/* A map of all of BASE (map or NULL) and ADD; where both have a key, ADD's. */
const struct value *state_merge(struct arena *arena, const struct value *base,
                                const struct value *add);

#endif
