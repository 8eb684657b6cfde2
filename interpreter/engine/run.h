/* run: one run of a runbook, from its lock being held to its end: the engine's door for commands.
 * The caller owns loop, journal, state and processes; the run owns what lives while it runs.
 * Decides nothing from anything but the fold and what it is handed, so a resumed run is the same as
 * a live one. */
#ifndef ENGINE_RUN_H
#define ENGINE_RUN_H

#include "base/text.h"
#include "lang/action.h"
#include "store/event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct block;
struct failure;
struct journal;
struct moment;
struct run;
struct runbook;
struct secrets;
struct simulation;
struct state;
struct type;
struct value;

/* What is asked of a person. Lives until it is answered or withdrawn. */
struct question_view {
    const char *step;
    const char *ask;
    const char *type;          /* to be typed back, or NULL */
    const struct value *shown; /* list, may be NULL */
    const struct value *by;    /* who may answer: users and %groups; NULL: root and who runs it */
    int64_t count;             /* how many of them must say yes */
    int64_t within;            /* ns from the asking, then the run stops; 0: for ever */
    const char *given;         /* who said yes already: "alice, bob", or "" */
    bool here;                 /* who runs it may answer, and has not yet */
    const char *digest;
    bool manual;                 /* something to do, not something to allow */
    const struct type *evidence; /* what a manual answer is, or NULL: none */
};

/* A step and what was said of it on the command line: `--skip STEP=REASON`. */
struct said {
    const char *step;
    const char *text;
};
struct run_options {
    size_t jobs; /* actions at work at a time; 0: 32 */
    bool yes;    /* approves what has no `type` */
    const char *until;
    const char *const *approve; /* NULL-terminated names of steps */
    const struct said *rerun;   /* ends with a NULL step; may be NULL, as the others */
    const struct said *assume_done;
    bool release_only;     /* `runbook release`: nothing but what is owed */
    bool undo;             /* `runbook undo`: nothing but taking it back */
    const char *undo_from; /* STEP and what follows it alone; NULL: all */
    const char *result;    /* of the run before that: it stands as it stood */
};

struct run_setup {
    struct loop *loop;
    struct journal *journal; /* held; what was folded into STATE came from it */
    struct state *state;
    struct processes *processes;
    struct transfers *transfers;
    struct secrets *secrets; /* what was read of them; NULL: the runbook may name none */
    const struct core_action *const *core;
    const struct runbook *runbook;
    const struct value *params;
    const char *id;     /* the run's */
    const char *folder; /* absolute: the runbook's */
    struct run_options options;
    struct person person;                /* who runs it */
    const struct simulation *simulation; /* NULL: all that is done is real */
    /* Each event, after it was folded; EVENT lives as long as the call. */
    void (*told)(void *context, const struct event *event);
    void (*output)(void *context, const char *step, int stream, struct text bytes);
    /* Does somebody see the question here? Then run_answer may follow, some time. When one of
     * several has said yes it is withdrawn and asked again. */
    bool (*ask)(void *context, const struct question_view *question);
    void (*withdraw)(void *context, const struct question_view *question);
    /* The end of a turn of the loop: what was said in it is synced, where it has to be, or
     * run_broken. May be NULL. */
    void (*turned)(void *context);
    void (*ended)(void *context); /* the record holds its end, synced (or run_broken) */
    void *context;
};

/* A run that has not begun; SETUP must outlive it. */
struct run *run_new(const struct run_setup *setup);
/* Begins, or goes on after a resume: what the fold says is done stays done. `ended` follows, from
 * the loop. */
void run_start(struct run *run);
/* Ctrl-C: once begins nothing new and lets what runs end; twice cancels. */
void run_stop(struct run *run, const char *reason, const struct person *person);

struct answer_given {
    const char *step;
    bool yes;
    const char *text;   /* what was typed back, or the evidence; may be NULL */
    const char *reason; /* may be NULL */
    struct person person;
};
enum answer_taken {
    ANSWER_TAKEN,
    ANSWER_NOT_ASKED,
    ANSWER_NOT_NAMED, /* not by one who may */
    ANSWER_TWICE,     /* by one who has said yes already */
    ANSWER_NOT_TYPED,
    ANSWER_NOT_EVIDENCE,
};
/* An answer to an open question; *WHY (while ARENA and the question live) tells what was wrong, or,
 * of one that was taken, how many more are wanted; NULL: none. Nothing of GIVEN is kept. */
enum answer_taken run_answer(struct run *run, const struct answer_given *given, struct arena *arena,
                             const char **why);

/* Exit code of language and README: 0, 1, 4, 5, 7, 10, 11. */
int run_exit(const struct run *run);
/* What was tried when the record could not be written, or NULL. */
const char *run_broken(const struct run *run);
void run_free(struct run *run);

/* For the files of engine. */
struct loop *run_loop(const struct run *run);
struct block *run_target_block(struct arena *arena, const struct runbook *runbook);

#endif
