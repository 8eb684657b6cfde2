/* state: what is so, folded from what happened.
 * A live run and a resumed one come from the same events by the same state_apply, so they can't
 * differ. Everybody else only reads. May not use the journal, the plan or a runbook's model.
 * The state owns all that can be reached from it, until the next event of that step (values) or
 * state_free (everything else). */
#ifndef STORE_STATE_H
#define STORE_STATE_H

#include "lang/action.h"
#include "store/event.h"
#include "store/life.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct failure;
struct json_t;
struct value;

/* An answer to an approval or a question of `manual`. */
struct state_answer {
    const struct state_answer *next; /* the one given before it */
    uint64_t seq;
    int64_t time;
    bool yes;
    const char *digest; /* of what was asked when it was given */
    const char *user;
    int64_t uid;
    int64_t login; /* -1: none */
    const char *where;
    const char *reason; /* or NULL */
};

/* What was asked of people last. */
struct state_question {
    uint64_t seq;
    int64_t time;
    const char *ask;
    const char *digest;
    const char *type;          /* or NULL */
    const char *evidence;      /* the type of what is to be told, or NULL: nothing is */
    const struct value *shown; /* list or NULL */
    const struct value *by;    /* list of users and %groups, or NULL: root and who runs it */
    int64_t count;             /* how many must say yes */
    int64_t within;            /* ns, 0: for ever */
};

/* The last intent, and how it ended. */
struct state_attempt {
    uint64_t number; /* seq of its intent: attempts/NUMBER, logs/NUMBER.out */
    int64_t time;    /* of the intent */
    unsigned tries;  /* from 1, in this round, since the step last began to wait */
    unsigned round;
    const char *action;
    enum effect effect;
    bool repeatable;
    bool shim;
    const char *host; /* or NULL: here */
    const char *definition;
    const char *copy;          /* "runbook/1" */
    const struct json_t *deed; /* until the step is done */
    const char *deed_digest;
    int64_t now;
    int64_t limit;             /* wall-clock end, 0: none */
    int64_t until;             /* wall-clock end of a wait, 0: none */
    const struct value *proof; /* or NULL */
    bool ended;                /* its outcome is there; else it is in flight */
    enum outcome_kind outcome;
    const char *message;
    int64_t duration;
};

/* What a loop, group, composite or call was opened into. */
struct state_opened {
    uint64_t seq;
    unsigned round;             /* of the step, when it was opened */
    const char *opens;          /* loop, group, composite, call */
    const struct value *items;  /* list or NULL */
    const struct value *inputs; /* map or NULL */
    const char *definition;
    const char *copy;
    int64_t now;
    int64_t limit;
};

struct state_step {
    const char *name;
    enum life life;
    bool tolerated;    /* failed, and that is borne */
    bool left_out;     /* skipped on the operator's word */
    bool acted;        /* an attempt ended by itself or nobody knows: the change may be there */
    bool released;     /* one of its releases ran since it was done */
    uint64_t order;    /* place among the steps, from 0, by the first event that names them */
    uint64_t began;    /* seq of the event with which it left waiting, 0: it waits */
    uint64_t finished; /* seq of the event with which it ended, 0: it hasn't */
    int64_t started;   /* time of the former */
    int64_t ended;     /* time of the latter */
    unsigned round;    /* of repeat, from 1; 0 before any */
    uint64_t verdict;  /* seq of the last `settled`, 0: none since it became unknown */
    const char *settled_how;
    const char *settled_verdict;
    const char *reason; /* of failed, skipped, cancelled, unknown */
    const char *message;
    const char *title;            /* the last that was told */
    const struct value *result;   /* map: what the action itself gave last, or NULL */
    const struct value *outputs;  /* map: the same, with what was computed and what a person gave */
    const struct value *previous; /* map: result of the round before, or NULL */
    struct state_attempt *attempt;      /* NULL before the first intent */
    struct state_opened *opened;        /* NULL unless it was opened */
    struct state_question *question;    /* NULL: nothing was asked */
    const struct state_answer *answers; /* last given first */
};

/* A release or undo that is owed. */
struct state_obligation {
    const char *entry; /* full name of its step: "freeze/release/1" */
    const char *step;  /* whose it is */
    bool undo;
    const struct value *context; /* map: what its expressions read, journaled with the intent */
    const char *copy;            /* which copy of the runbook it comes from */
    uint64_t seq;                /* of the intent that first owed it: their order */
    uint64_t attempt;            /* the last intent that owed it */
    bool open;                   /* else it was given back, dropped, or its step undone */
};

/* The run as a whole. */
struct state_run {
    const char *id;
    const char *runbook;
    const char *command;       /* what began it: run, drill; NULL: an older record */
    const char *title;         /* or NULL, as the two below */
    const char *begins, *ends; /* what its operation log says of its begin and its good end */
    const char *file;
    const char *folder;
    const char *plan;
    const char *lock; /* or NULL */
    const struct value *params;
    const struct value *options; /* or NULL */
    const char *copy;            /* which copy of the runbook holds now */
    const struct value *copies;  /* its files */
    const char *version;
    int64_t objective;
    int64_t started;
    int64_t taken; /* when who holds it now, or held it last, took it up */
    const char *user;
    const char *host;
    int64_t pid;
    const char *boot;
    unsigned resumes;
    bool target_held;         /* was asked and held since it was taken up */
    bool preconditions_held;  /* they held once */
    const char *irreversible; /* the last step with a point of no return that began, or NULL */
    uint64_t logged;          /* the last event that surely stands in the operation log */
    bool left_out;            /* steps were left out on the operator's word */
    bool unknown_passed;      /* an unknown step was settled by a resume or a person */
    bool undoing;             /* `runbook undo` took it up, and has not ended */
    const char *undo_from;    /* of that: its --from, or NULL */
    bool undo_run;            /* an undo_run of its on_failure began, and the run has not ended */
    bool stopping;
    const char *stopping_reason;
    bool over; /* ended, and not taken up again */
    const char
        *result; /* succeeded recovered failed stopped in_doubt undone abandoned; NULL: none */
    const char *reason;
    int64_t exit;
    int64_t ended;
};

struct state;

struct state *state_new(void);
/* Can it have happened? False with FAILURE: a field missing, a step in another state, an outcome of
 * no attempt … Asked before journal_append, so that no such line is ever written. */
bool state_allows(const struct state *state, const struct event *event, struct failure *failure);
/* The only setter: of an event that was journaled, so that it has its seq. False, with nothing
 * changed and FAILURE filled, when it can't have happened, or is not the next one. */
bool state_apply(struct state *state, const struct event *event, struct failure *failure);
const struct state_run *state_run(const struct state *state);
/* seq of the last event, 0: none. */
uint64_t state_seq(const struct state *state);
/* The step of that full name, or NULL when no event named it yet: then it waits. */
const struct state_step *state_step(const struct state *state, const char *name);
/* LIFE_WAITING also for what no event named. */
enum life state_life(const struct state *state, const char *name);
/* The INDEXth in the order in which events first named them; NULL behind the last. */
const struct state_step *state_at(const struct state *state, size_t index);
/* The INDEXth owed, in the order of intents, open or not; NULL behind the last. */
const struct state_obligation *state_obligation(const struct state *state, size_t index);
/* Is an undo of STEP owed? Did one of them begin, without its step being undone by now? */
bool state_owes_undo(const struct state *state, const char *step);
bool state_undo_begun(const struct state *state, const char *step);
/* An answer that decides what was asked last, and that nothing followed from yet: it was given
 * while nobody attended the run. NULL: none; of several people that must say yes, not all have. */
const struct state_answer *state_answer_waiting(const struct state_step *step);
/* The answer that counts for a question of this digest: the last one given to it; NULL: none. */
const struct state_answer *state_answer(const struct state_step *step, const char *digest);
void state_free(struct state *state);

#endif
