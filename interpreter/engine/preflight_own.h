/* preflight_own: what the files of preflight share. */
#ifndef ENGINE_PREFLIGHT_OWN_H
#define ENGINE_PREFLIGHT_OWN_H

#include "engine/known.h"
#include "engine/preflight.h"
#include "engine/run.h"
#include "lang/expect.h"

struct plan_step;
struct probe;
struct runbook;

/* What is being asked of the step at hand. */
enum preflight_stage {
    STAGE_WHEN,
    STAGE_DONE_IF,
    STAGE_CALL_TARGET,
    STAGE_CALL_PRECONDITIONS,
    STAGE_PRECONDITIONS,
    STAGE_PEOPLE,
    STAGE_ACTION,
    STAGE_VERIFY,
    STAGE_OVER,
};

/* A step's turn; a group's comes twice: before and behind what stands in it. */
struct turn {
    const struct plan_step *step; /* NULL: the run's own target and preconditions */
    bool behind;
};

struct preflight {
    const struct preflight_setup *setup;
    struct run_setup run_setup;
    struct run *run;
    struct arena *arena;
    struct known known;
    struct list turns; /* of struct turn, the next last */
    struct turn *turn;
    struct known_step *step; /* the turn's, or NULL */
    enum preflight_stage stage;
    struct moment moment; /* of what is being asked */

    /* A block. */
    const struct list *checks; /* of struct check; NULL: none is being asked */
    size_t index;
    const char *what;
    bool counts; /* what does not hold ends the run */
    size_t asked, held, unasked;
    const char *why;    /* of the first that does not hold */
    const char *before; /* of the first that can't be known */
    void (*block_over)(struct preflight *preflight);

    struct probe *probe;
    bool stopped;
};

/* preflight.c */
void preflight_go_on(struct preflight *preflight, enum preflight_stage stage); /* from the loop */
void preflight_tell(struct preflight *preflight, struct preflight_finding finding);
/* BEFORE: "step backup". */
void preflight_later(struct preflight *preflight, const char *what, const char *before);
/* It has no value, so the run would end there. */
void preflight_no_value(struct preflight *preflight, const char *what,
                        const struct problem *problem);
/* "step X" of the step before that would change something; NULL: none. */
const char *preflight_changed_by(struct preflight *preflight);
/* Gives STEP its turn, next. */
void preflight_turn(struct preflight *preflight, const struct plan_step *step, bool behind);
void preflight_turns(struct preflight *preflight, const struct list *steps);

/* preflight_block.c */
/* Asks CHECKS one after the other, then calls OVER. COUNTS: the run needs each of them, and each is
 * told by itself. */
void preflight_block(struct preflight *preflight, const char *what, const struct list *checks,
                     bool counts, void (*over)(struct preflight *preflight));
bool preflight_all_held(const struct preflight *preflight);
/* "file.read: .env" */
const char *preflight_shown(struct preflight *preflight, const struct use *use);

/* preflight_step.c: stages of a step */
void preflight_when(struct preflight *preflight);
void preflight_done_if(struct preflight *preflight);
void preflight_called(struct preflight *preflight); /* a call's target, its preconditions */
void preflight_preconditions(struct preflight *preflight);
void preflight_people(struct preflight *preflight);
void preflight_verify(struct preflight *preflight);
void preflight_leave(struct preflight *preflight); /* behind what stands in a group, loop or call */

/* preflight_act.c: the action */
void preflight_act(struct preflight *preflight);

#endif
