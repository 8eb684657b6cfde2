/* model: runbook, library, step and check, typed. Data only; immutable once read.
 * Made by runbook.h and library.h (reading), judged by check.h, opened by plan. All memory is one
 * arena's. */
#ifndef LANG_MODEL_H
#define LANG_MODEL_H

#include "base/list.h"
#include "base/source.h"
#include "lang/action.h"

struct expr;
struct graph;
struct monitor;
struct node;
struct term;
struct type;
struct steps;
struct runbook;

/* What is written for a param. All but the first are a core action's alone. */
enum param_kind {
    PARAM_VALUE,
    PARAM_EXPR,    /* assert: one `${…}` */
    PARAM_CHECKS,  /* wait: a check block */
    PARAM_STEPS,   /* steps */
    PARAM_RUNBOOK, /* call: the file */
    PARAM_GIVEN,   /* call: what the called runbook's params are given */
    PARAM_PARAM,   /* manual: `evidence`, itself a param */
    PARAM_SCRIPT,  /* shell: a text without `${…}` */
    PARAM_SQL,     /* sql: a text, or a list of them, without `${…}` */
};
/* A param of a runbook or of an action, and an output. */
struct param {
    const char *name;
    struct mark mark;
    enum param_kind kind;
    const struct type *type;
    bool optional;              /* not given: unset */
    const struct term *preset;  /* default, or NULL */
    const struct term *value;   /* of an output: what it is; NULL for a core action's */
    const struct term *pattern; /* the constraints; NULL where not given */
    struct arena *arena;        /* of what was read with it */
    struct pattern *compiled;   /* its pattern; NULL until a value is first held against it */
    const struct term *one_of, *min, *max;
    const char *about;
};

/* An action, core or composite. */
struct action {
    const char *name; /* "git.fetch", "exec" */
    struct mark mark; /* source NULL for a core one */
    const char *about;
    enum effect effect;
    bool idempotent;
    struct map params;                /* of struct param; the first may stand alone */
    struct map outputs;               /* of struct param */
    struct list protects, destroys;   /* of struct term: "kind:name" */
    const struct expectation *expect; /* or NULL */
    const struct core_action *core;   /* NULL: a composite */
    const struct steps *steps;        /* of a composite */
    const struct library *library;    /* of a composite */
    const struct node *node;          /* of a composite: its definition as written, for digests */
    const struct type *result;        /* record of its outputs */
    const struct type *type;          /* and with what every step gives: state, started … */
    struct arena *arena;              /* of a composite: its library's */
    bool reached;       /* of a composite: all that it opens into was followed, or its fault told */
    const char *digest; /* of a composite: see action_digest; NULL until it is first asked for */
};

struct library {
    const char *name, *about;
    const struct source *source;
    const struct node *node;
    bool own;           /* from beside the runbook, not the installed stdlib */
    bool broken;        /* it has errors, which were told: its actions are not handed out */
    struct map actions; /* of struct action */
};

/* An argument of an action in use. Exactly one member is set. */
struct argument {
    struct mark mark;
    const struct term *term;
    const struct expr *expr;       /* assert */
    const struct block *block;     /* wait: its check block */
    const struct steps *steps;     /* steps */
    const struct runbook *runbook; /* call; `term` holds its path as written */
    const struct param *param;     /* manual: evidence */
};
struct use {
    const struct action *action;
    struct mark mark;        /* the key that names it */
    const struct node *node; /* what is written for it */
    struct map arguments;    /* of struct argument, those written */
};

/* Matchers and expectations: lang/expect.h judges them. */
enum matcher_kind {
    MATCH_EQUAL,
    MATCH_MIN,
    MATCH_MAX,
    MATCH_NOT,
    MATCH_ONE_OF,
    MATCH_MATCHES,
    MATCH_CONTAINS,
    MATCH_COUNT,
    MATCH_EACH,
    MATCH_JSON,
    MATCH_EXISTS,
};
struct matcher {
    struct mark mark;
    struct list parts; /* of struct matcher_part: all must hold */
};
struct matcher_part {
    enum matcher_kind kind;
    struct mark mark;
    const struct term *term;      /* EQUAL MIN MAX ONE_OF MATCHES CONTAINS EXISTS */
    const struct matcher *inside; /* NOT COUNT EACH */
    struct map json;              /* JSON: pointer to struct matcher */
};
struct expectation {
    struct mark mark;
    const struct expr *expr; /* one bool that sees `result`; else: */
    struct map outputs;      /* output name to struct matcher; with an action's default merged in */
    size_t written;          /* so many of them were written; behind them, an action's default */
    bool anything;           /* `{}`: whatever comes */
};

struct check {
    struct mark mark;
    enum { CHECK_ACTION, CHECK_ANY, CHECK_NOT } kind;
    struct use use;                   /* CHECK_ACTION */
    struct list checks;               /* of struct check: any: one at least; not: exactly one */
    const struct expectation *expect; /* written, or the action's, or NULL */
    const struct term *because, *host, *timeout;
    const struct foreach *foreach;
};
struct block {
    struct mark mark;
    struct list checks;                                     /* of struct check */
    const struct term *within, *every, *stable_for, *stall; /* NULL: the default */
};

struct foreach {
    struct mark mark;
    const char *as;
    const struct term *in, *parallel, *max, *pause, *stop_after;
    bool empty_ok;
};
struct repeat {
    struct mark mark;
    const struct expr *until;
    const struct term *max, *pause;
};
struct approve {
    struct mark mark;
    const struct term *ask, *type, *show;
    const struct term *by, *count, *within; /* NULL: anybody who runs it, 1, for ever */
};
struct retry {
    struct mark mark;
    const struct term *attempts, *delay, *backoff;
    bool also_timeout, also_verify;
};

struct step {
    const char *id;            /* of an entry of undo or release: "1", "2" … */
    struct mark mark;          /* its key */
    const struct node *node;   /* its definition as written, for its digest */
    const struct steps *home;  /* the steps it stands in; of an entry, its holder's */
    size_t index;              /* its place there, and its node in home->graph; likewise */
    const struct step *holder; /* of an entry of undo or release: whose it is; else NULL */
    bool undoes;               /* of an entry: of an undo */
    struct use use;
    const struct term *title, *because, *timeout, *host, *tolerate, *accept_loss, *irreversible;
    struct list needs; /* of struct step, resolved */
    const struct expr *when;
    const struct foreach *foreach;
    const struct repeat *repeat;
    const struct block *done_if;
    bool done_if_verified; /* `done_if: verified`; done_if is then verify */
    const struct block *preconditions, *verify;
    const struct approve *approve;
    const struct expectation *expect; /* written, or the action's, or NULL */
    struct map outputs;               /* further ones, of struct param */
    const struct retry *retry;
    struct list undo, release; /* of struct step */
    enum effect effect;        /* the action's, or as declared */
    bool idempotent;
    bool idempotent_said;           /* the step itself says so */
    struct list protects, destroys; /* of struct term: declared here */
    struct map allow;               /* code to struct term: why */
    const struct type *result;      /* record of the action's outputs: `result` in `outputs` */
    const struct type *all;         /* and its own ones: `result` from `expect` on */
    const struct type
        *type; /* what `steps.ID` gives: all, of a loop as lists, and state, started … */
};
struct steps {
    struct list order; /* of struct step, as written */
    struct map by_id;
    struct graph *graph;
    const size_t *sorted; /* places in `order`, so that what is needed comes first */
    /* The scope around it whose steps can be named inside, or NULL. Of `on_failure`, which has no
     * owner: `steps`. */
    const struct steps *outer;
    const struct step *owner; /* the step that opens it (`steps`), or NULL */
};

struct defaults {
    const struct term *timeout, *check_timeout, *grace, *every, *host, *cwd,
        *env; /* NULL: built in */
};

/* Where a secret is read; one of `env`, `file`, `command`. */
struct secret {
    const char *name;
    struct mark mark;
    const struct term *env, *file, *command;
    const char *made_by; /* the step that makes what is read, or NULL */
};

struct runbook {
    const char *name;
    struct mark mark; /* the value of `runbook` */
    const struct source *source;
    const struct node *node;
    const char *file; /* as named by the user or by `call` */
    const char
        *folder; /* of a called one: relative to the root runbook's folder; "." for the root */
    const struct term *title, *about, *objective, *lock, *log, *begins, *ends;
    struct map params;      /* of struct param */
    struct map secrets;     /* of struct secret */
    struct map connections; /* name to struct term, of type connection */
    struct defaults defaults;
    struct list target; /* of struct check */
    const struct block *preconditions;
    const struct steps *steps;
    const struct steps *on_failure; /* or NULL */
    struct map outputs;             /* of struct param */
    struct map allow;               /* code to struct term */
    struct list libraries;          /* of struct library: those used, calls' included */
    const struct monitor *monitor;  /* whose head it is (monitor.h), or NULL */
};

#endif
