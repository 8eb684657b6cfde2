/* simulation: a run in which nothing is real (a drill): who stands in for the world, and what is
 * taken for what only the world could tell. The engine, its events and its fold are those of every
 * run: values that an action would have put out are unknown ones, and the few places at which a run
 * has to know come here. Without a simulation (run_setup's is NULL) nothing is taken for anything.
 */
#ifndef ENGINE_SIMULATION_H
#define ENGINE_SIMULATION_H

#include "engine/begin.h"
#include "lang/expect.h"

#include <stdbool.h>

struct arena;
struct foreach;
struct question_view;
struct run;

struct simulation {
    /* In the place of the deed's action: as its start, settle or adopt. */
    struct work *(*begin)(void *context, const struct deed *deed, const struct stage *stage,
                          enum begin_how how);
    void (*cancel)(void *context, struct work *work); /* `ended` follows */
    /* Does the block WHAT of the step NAME hold (NULL: of the run), if nobody can know? */
    bool (*holds)(void *context, const char *name, const char *what);
    /* A person is asked: is it a yes? */
    bool (*agrees)(void *context, const struct question_view *view);
    void *context;
};

/* The simulation in which RUN goes on, or NULL: it is real. */
const struct simulation *simulation_of(const struct run *run);
/* ANSWER, or what an unknown one is taken for. */
enum answer simulation_answer(const struct run *run, const char *name, const char *what,
                              enum answer answer);
/* What bind_condition gave; an unknown one is taken as true. */
int simulation_condition(const struct run *run, int condition);
/* What `in` gave; an unknown list has the one unknown item ‹item.AS›. */
const struct value *simulation_list(struct arena *arena, const struct run *run,
                                    const struct foreach *foreach, const struct value *list);

#endif
