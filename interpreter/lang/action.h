/* action: what a core action says of itself, and a deed: all that it will do, fully told.
 * Core actions are data (struct core_action, one table in actions/), handed over by commands.
 * describe makes a deed and start takes nothing but a deed, so what runs is what was printed. */
#ifndef LANG_ACTION_H
#define LANG_ACTION_H

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct core_action;
struct deed;
struct transfers;
struct processes;
struct loop;
struct problem;
struct secrets;
struct value;

enum effect { EFFECT_READ, EFFECT_CHANGE, EFFECT_DESTROY };
const char *effect_name(enum effect effect); /* "read" */

/* A deed: an action's name, where, and its inputs as one map of values. Everything that reaches the
 * kernel or the network is in it; nothing else is. Holes that only the run can fill are
 * unknown values. Relative paths are as written; `folder` is what they are relative to, itself
 * relative to the folder of the runbook that is run ("." mostly), so a plan reads the same
 * everywhere. */
struct deed {
    const struct core_action *action;
    const char *host;           /* "here" */
    const char *folder;         /* see above */
    const struct value *inputs; /* map, in the order in which people want to read it */
};
/* The deed as canonical JSON, and its SHA-256 as 64 hex digits. */
struct json_t;
struct json_t *deed_to_json(const struct deed *deed);
const char *deed_digest(struct arena *arena, const struct deed *deed);
/* The deed that deed_to_json told; CORE is the table of actions (ends with NULL). NULL when it is
 * none. */
const struct deed *deed_from_json(struct arena *arena, const struct json_t *json,
                                  const struct core_action *const *core);

/* How an action ended. */
enum outcome_kind {
    OUTCOME_ENDED,       /* by itself: `outputs` are there; whether they are good is for `expect` */
    OUTCOME_NOT_STARTED, /* nothing was done: no such program, no such user, refused before sending
                          */
    OUTCOME_DIED,        /* by a signal */
    OUTCOME_TIMED_OUT,   /* its limit, or `stall` */
    OUTCOME_LOST,        /* the connection, after the request was sent */
    OUTCOME_CANCELLED,   /* asked to stop, and it stopped */
    OUTCOME_FAILED, /* it ended by itself and says that it could not (a file action: errno); nothing
                       half-done is left */
};
struct outcome {
    enum outcome_kind kind;
    const struct value
        *outputs;        /* map by the descriptor's outputs; also of a failure, what there is */
    const char *message; /* why, when it did not end well: one line */
    int64_t duration;    /* ns */
};

/* What start is handed beside the deed. */
struct stage {
    struct arena *arena; /* lives as long as the attempt */
    struct loop *loop;
    const char *folder; /* absolute: the folder of the runbook that is run */
    int run_folder;   /* descriptor of the run's folder; -1: a check, its output stays in memory */
    uint64_t attempt; /* logs are logs/ATTEMPT.out and .err in the run's folder */
    struct processes *processes;   /* where children are started (sys/process.h, sys/shim.h) */
    const struct secrets *secrets; /* what of DEED's secrets was read, and others; NULL: none */
    struct transfers *transfers;   /* what requests and mail share (sys/transfers.h) */
    bool shim; /* it must not be repeated: under the shim (shim_start), with attempts/ATTEMPT */
    const char *run; /* for the child's RUNBOOK_RUN, RUNBOOK_STEP, RUNBOOK_ATTEMPT */
    const char *step;
    int64_t limit;                                                /* ns for the attempt, 0: none */
    int64_t grace;                                                /* ns from SIGTERM to SIGKILL */
    void (*output)(void *context, int stream, struct text bytes); /* stream 1 or 2; may be NULL */
    /* Right before what can't be taken back: PROOF, which settle gets as `proof`, is put into the
     * record, and WRITTEN called once it is on the disk. The record can't be written: cancel comes
     * instead. NULL: there is no record (inside a check). */
    void (*prove)(void *context, const struct value *proof, void (*written)(void *data),
                  void *data);
    const struct value *proof; /* of settle: the attempt's, or NULL when it did not come so far */
    /* Exactly once, never from inside start. OUTCOME lives in the stage's arena. */
    void (*ended)(void *context, const struct outcome *outcome);
    void *context;
};
struct work; /* a running action; gone once `ended` was called */

struct param_about {
    const char *name;
    const char *type;   /* as type_parse; or "checks", "steps", "runbook", "bool expr", "any" */
    const char *preset; /* default as a YAML scalar, or NULL */
    bool mandatory;
    const char *about;
};

/* Where an action lives. */
enum action_form {
    FORM_WORK,   /* start and cancel below */
    FORM_STEPS,  /* opens steps: `steps`, `call` */
    FORM_ENGINE, /* the engine does it: wait, assert, set, manual, release_now */
};

struct describing {
    struct arena *arena;
    const char *host;
    const char *folder;
    const struct value *env; /* defaults.env, map or NULL */
};

struct core_action {
    const char *name;
    const char *about;
    enum effect effect;
    bool idempotent; /* reads are anyway */
    enum action_form form;
    const struct param_about
        *params; /* ends with a NULL name; the first is the one that may stand alone */
    const struct param_about *outputs;
    const char *expect;   /* default expectation as YAML: "{exit: 0}", or NULL */
    const char *destroys; /* "file:${params.path}", or NULL */
    bool may_declare;     /* takes `effect` (exec, shell, http) or protects/destroys of its own */
    bool may_fail; /* it fails where what it asks for is missing or damaged: a check of it can fail
                      though nothing is expected of its outputs */
    /* Fills DEED's inputs from ARGS (map of all params, defaults filled in; may hold unknowns).
     * False with *problem. Pure. */
    bool (*describe)(const struct describing *describing, const struct value *args,
                     struct deed *deed, struct problem *problem);
    /* Begins. The deed has no unknowns. Never blocks. */
    struct work *(*start)(const struct deed *deed, const struct stage *stage);
    void (*cancel)(struct work *work); /* ended follows */
    /* After a crash. adopt: an attempt that went under the shim: takes it over when it still lives,
     * or reads its outcome; ended is called as if start had been. NULL: not under the shim. */
    struct work *(*adopt)(const struct deed *deed, const struct stage *stage);
    /* The action's own proof whether the deed was done (a file's digest): OUTCOME_ENDED with
     * outputs: it was; OUTCOME_NOT_STARTED: it was not; OUTCOME_LOST: can't say. NULL: has none. */
    struct work *(*settle)(const struct deed *deed, const struct stage *stage);
    /* One or more lines for the plan ("$ git fetch origin"); NULL: name and inputs. */
    void (*show)(const struct deed *deed, struct buffer *into);
};

#endif
