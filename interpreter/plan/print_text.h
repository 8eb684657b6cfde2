/* print_text: the parts of a plan as people read it. Shared by print.c and the files print_*.c. */
#ifndef PLAN_PRINT_TEXT_H
#define PLAN_PRINT_TEXT_H

#include "plan/plan.h"
#include "plan/print_words.h"

struct paper {
    const struct words *words;
    struct arena *arena; /* the words' */
    struct buffer *into;
    const char *folder; /* of deeds that say no other */
    bool untimed;       /* inside a check: it has the time, not its steps */
    bool closed;        /* what actions of a library are made of is left out */
};

/* Where and with what environment things are done that say nothing else. */
void print_place(const struct words *words, size_t indent, const char *folder,
                 const struct value *env);
/* print_head.c: name, objective, params, and what the whole does in a few lines. */
void print_head(const struct words *words, const struct plan *plan);
/* print_steps.c */
void print_steps(const struct paper *paper, size_t indent, const struct list *steps);
/* What a step itself does, with what it opens into. */
void print_action(const struct paper *paper, size_t indent, const struct plan_step *step);
/* NULL BLOCK prints nothing. */
void print_block(const struct paper *paper, size_t indent, const char *key,
                 const struct plan_block *block);

/* print_lines.c: one key each of a step, "" or NULL where there is nothing to say. */
const char *line_loop(struct arena *arena, const struct plan_step *step);
const char *line_repeat(struct arena *arena, const struct plan_step *step);
const char *line_retry(struct arena *arena, const struct plan_step *step);
const char *line_approve(struct arena *arena, const struct plan_step *step);
const char *line_needs(struct arena *arena, const struct plan_step *step);
const char *line_times(struct arena *arena, const struct plan_block *block);
/* How the worst case is made up, when it has more than one part. */
const char *line_worst(struct arena *arena, const struct plan_step *step);
/* Of a step that destroys: ", only when it is taken back"; "" where a run comes to it by itself. */
const char *line_destroyed(const struct plan_step *step);
const char *line_outputs(struct arena *arena, const struct plan_step *step);
/* The arguments that were written, with their values: "{services: [backend]}"; "" when there are
 * none. */
const char *line_arguments(struct arena *arena, const struct use *use, const struct value *inputs);
/* What a deed does, in one or more lines; FOLDER is where it is done if nothing is said. */
struct text line_deed(struct arena *arena, const struct deed *deed, const char *folder);

#endif
