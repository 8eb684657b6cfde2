/* diff_fact: a runbook, a library's action or a part of one as a tree of facts, so that two of them
 * can be compared without knowing what they are. Made by the tables of lang/keys.h: no key of the
 * language can be forgotten. What is the same to the interpreter is the same fact, however it is
 * written: the short form, a default written out, another order of keys, `300s` for `5m`.
 * Works on what could be read of a model with errors too: what is NULL there is no fact. */
#ifndef PLAN_DIFF_FACT_H
#define PLAN_DIFF_FACT_H

#include "base/list.h"
#include "lang/keys.h"
#include "lang/model.h"

#include <stdbool.h>

struct trait;

enum fact_kind {
    FACT_SCALAR, /* `text`, and `value` when it is a constant */
    FACT_MAP,    /* `members` by key */
    FACT_LIST,   /* `members` in order; their keys are "1", "2" … */
    FACT_STEPS,  /* of struct steps: `members` by id */
    FACT_USE,    /* of struct use: `text` is the action's name, `members` its arguments */
    FACT_NODE,   /* what could not be read, as it is written: `node` */
};

struct fact {
    const char *key;
    enum fact_kind kind;
    const struct trait *trait; /* how a change of it is weighed; never NULL */
    struct mark mark;
    const char *text;
    const struct value *value;
    bool standard;      /* nobody wrote it: it holds by default */
    struct map members; /* of struct fact */
    union {             /* what it was made of, by its kind and trait */
        const void *object;
        const struct step *step;
        const struct steps *steps;
        const struct check *check;
        const struct matcher *matcher;
        const struct use *use;
        const struct node *node;
    };
};

struct fact_maker {
    struct arena *arena;
    const struct runbook *runbook; /* whose defaults hold; NULL: of a library's action */
};

/* All of a runbook, or of a monitor. */
const struct fact *fact_runbook(struct arena *arena, const struct runbook *runbook);
/* A composite: its params, outputs, effect, steps. */
const struct fact *fact_action(struct arena *arena, const struct action *action);

/* Shared by diff_fact.c and diff_fact_step.c. All may give NULL: nothing is said. */
struct fact *fact_new(const struct fact_maker *maker, const char *key, enum fact_kind kind,
                      struct mark mark);
void fact_add(const struct fact_maker *maker, struct fact *into, struct fact *member);
/* Every key of MAPPING that OBJECT (its struct) has, put into INTO. */
void fact_keys(const struct fact_maker *maker, enum mapping mapping, const void *object,
               struct fact *into);
struct fact *fact_term(const struct fact_maker *maker, const char *key, const struct term *term);
struct fact *fact_expr(const struct fact_maker *maker, const char *key, const struct expr *expr);
struct fact *fact_text(const struct fact_maker *maker, const char *key, const char *text,
                       struct mark mark);
struct fact *fact_param(const struct fact_maker *maker, const struct param *param, bool output);
/* diff_fact_step.c */
struct fact *fact_steps(const struct fact_maker *maker, const char *key, const struct steps *steps);
struct fact *fact_step(const struct fact_maker *maker, const char *key, const struct step *step);
struct fact *fact_use(const struct fact_maker *maker, const struct use *use,
                      const struct node *node);
struct fact *fact_checks(const struct fact_maker *maker, const char *key,
                         const struct list *checks);
struct fact *fact_block(const struct fact_maker *maker, const char *key, const struct block *block);
/* STANDARD is what the action expects by itself, or NULL. */
struct fact *fact_expect(const struct fact_maker *maker, const struct expectation *expect,
                         const struct expectation *standard);

/* diff_fact_show.c */
/* Do they say the same? With WORDS also in their titles and reasons. NULL equals NULL alone. */
bool fact_equal(const struct fact *a, const struct fact *b, bool words);
/* Appends it in one line for people: "{from: a, to: b}", "http.get http://localhost/health". */
void fact_show(const struct fact *fact, struct buffer *into);
const char *fact_shown(struct arena *arena, const struct fact *fact);
/* The member, or NULL, also of NULL. */
const struct fact *fact_find(const struct fact *fact, const char *key);

#endif
