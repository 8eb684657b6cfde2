/* checklist_own: what the files checklist*.c share. */
#ifndef PLAN_CHECKLIST_OWN_H
#define PLAN_CHECKLIST_OWN_H

#include "base/text.h"
#include "plan/hand.h"
#include "plan/plan.h"

struct type;

struct checklist {
    struct arena *arena;
    struct buffer *into;
    const struct plan *plan;
    struct hand *hand;
    struct list losses; /* of struct plan_loss */
    bool in_check;      /* the check around has the time, not its steps */
    /* Of struct plan_step, as they were met: what is given back, and taken back, at the end; with
     * those that can't be taken back, where going back ends. */
    struct list releases, undos;
    bool at_end; /* there: what is met is told in its place */
};

/* ---- lines: a bullet, INDENT columns in, is begun and ended by hand ---- */

void checklist_begin(const struct checklist *list, size_t indent, bool box);
void checklist_end(const struct checklist *list);
/* `- WORDS text`, as prose. */
void checklist_line(const struct checklist *list, size_t indent, const char *words,
                    const char *text);
void checklist_value(const struct checklist *list, size_t indent, const char *words,
                     const struct value *value);

/* checklist_check.c: WORDS say when it is asked. NULL BLOCK: nothing. */
void checklist_block(struct checklist *list, size_t indent, const char *words,
                     const struct plan_block *block);
/* What ACTION's outputs must be; EXPECT is what is written in its place, or NULL. */
const char *checklist_expected(struct arena *arena, const struct action *action,
                               const char *expect);

/* checklist_step.c: DEED as a block of code; NAME is the step's whose outputs it gives, or NULL. */
void checklist_deed(struct checklist *list, size_t indent, const struct deed *deed,
                    const char *name);
/* checklist_capture.c: the command that sets BLANK to OUTPUT of STEP from what a program of it
 * printed. False: it takes a person, and nothing was added. */
bool checklist_capture(struct checklist *list, const struct plan_step *step,
                       const struct param *output, const struct hand_blank *blank,
                       struct buffer *into);
/* Has a value of TYPE no quotes in JSON? */
bool checklist_is_bare(const struct type *type);
/* Steps below one another, numbered behind PREFIX ("3."). */
void checklist_steps(struct checklist *list, size_t indent, const char *prefix,
                     const struct list *steps);
/* A step of the runbook itself: a section of its own. */
void checklist_section(struct checklist *list, const char *number, const struct plan_step *step);

#endif
