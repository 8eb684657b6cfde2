/* walk: every action in use within a step or steps, whatever key it stands under. */
#ifndef LANG_WALK_H
#define LANG_WALK_H

struct block;
struct check;
struct runbook;
struct step;
struct steps;
struct use;

struct walker {
    /* Every use is handed over once, an outer one before what is inside it. */
    void (*use)(const struct walker *walker, const struct use *use);
    /* NULL, or is handed every step, before its use. */
    void (*enter)(const struct walker *walker, const struct step *step);
    void *context;
    /* Set by the walk: what the use stands in. */
    const struct step *step;   /* the innermost one; NULL: none */
    const struct check *check; /* the check that it answers; NULL: it is a step's own */
};

void walk_step(const struct walker *walker, const struct step *step);
void walk_steps(const struct walker *walker, const struct steps *steps); /* NULL: nothing */
void walk_block(const struct walker *walker, const struct block *block); /* NULL: nothing */
/* Its target, preconditions, steps and on_failure; not what it calls. */
void walk_runbook(const struct walker *walker, const struct runbook *runbook);

#endif
