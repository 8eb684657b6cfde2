/* preflight: what can be asked before a run: one round of its checks and of the steps that read,
 * where nothing before them changes and their values are known. Nothing is changed, nothing is
 * waited for, nothing is journaled. */
#ifndef ENGINE_PREFLIGHT_H
#define ENGINE_PREFLIGHT_H

#include <stdbool.h>
#include <stddef.h>

struct core_action;
struct transfers;
struct loop;
struct plan;
struct preflight;
struct processes;

enum preflight_answer {
    PREFLIGHT_HOLDS,
    PREFLIGHT_FAILS,   /* it does not hold, and the run would end there */
    PREFLIGHT_UNASKED, /* it could not be asked */
    PREFLIGHT_NOT_YET, /* it does not hold before its step, as it should be */
    PREFLIGHT_ALREADY, /* a verify that holds before its step, which has no done_if: it proves
                          nothing */
    PREFLIGHT_DONE,    /* done_if holds: the action would not be run */
    PREFLIGHT_SKIPPED, /* its `when` is false */
    PREFLIGHT_LATER,   /* can't be known before a step, see `before` */
    PREFLIGHT_PERSON,  /* a person is asked */
};

struct preflight_finding {
    const char *step; /* full name; NULL: of the run */
    const char *what; /* "target", "preconditions", "done_if", "verify", "wait", "step", "manual" */
    const char *shown; /* what was asked: "file.read: {path: .env}" */
    enum preflight_answer answer;
    const char *why;    /* what was found, or NULL */
    const char *before; /* of LATER: the step's name, or "the run" */
    bool counts;        /* an answer that the run needs, and does not have */
};

struct preflight_setup {
    struct loop *loop;
    struct processes *processes;
    struct transfers *transfers;
    struct secrets *secrets;
    const struct core_action *const *core;
    const struct plan *plan;
    const char *folder; /* absolute: the runbook's */
    void (*found)(void *context, const struct preflight_finding *finding);
    void (*ended)(void *context); /* once, from the loop */
    void *context;
};

/* Begins; SETUP and all that it names must outlive it. */
struct preflight *preflight_start(const struct preflight_setup *setup);
/* Ends what is being asked; `ended` follows. */
void preflight_stop(struct preflight *preflight);
void preflight_free(struct preflight *preflight);

#endif
