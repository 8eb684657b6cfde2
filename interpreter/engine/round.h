/* round: one round of a monitor: the checks of its conditions, asked side by side, each once.
 * Nothing is changed and nothing is journaled. */
#ifndef ENGINE_ROUND_H
#define ENGINE_ROUND_H

#include "lang/monitor.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct core_action;
struct transfers;
struct loop;
struct monitor_plan;
struct processes;
struct round;
struct secrets;
struct value;

/* What one check of a condition came to. */
struct round_check {
    const char *digest;          /* of what it asks, its values filled in */
    const struct value *outputs; /* map; NULL: it could not be asked */
    bool good;
};
struct round_answer {
    bool asked;      /* false: its breaker is open, or it is not its time */
    bool good;       /* all its checks hold */
    int64_t took;    /* ns, until the last of them answered */
    const char *why; /* of those that do not hold: "…; …"; "" */
    struct round_check *checks;
};

struct round_setup {
    struct loop *loop;
    struct processes *processes;
    struct transfers *transfers;
    struct secrets *secrets;
    const struct core_action *const *core;
    const struct monitor_plan *plan;
    const char *folder; /* absolute: the monitor's */
    /* Is the INDEXth condition asked in this round? */
    bool (*asks)(void *context, size_t condition);
    /* Medians for one of its checks, a map, or unset: then what names `usual` does not count. */
    const struct value *(*usual)(void *context, struct arena *arena, size_t condition, size_t check,
                                 const char *digest);
    /* Once, from the loop; ANSWERS, one for each condition, live as long as the call. */
    void (*ended)(void *context, const struct round_answer *answers);
    void *context;
};

/* Begins; SETUP must outlive it. It frees itself after `ended`. */
struct round *round_start(const struct round_setup *setup);
/* Ends what is being asked; `ended` does not come. Freed by round_free when the loop has ended. */
void round_stop(struct round *round);
void round_free(struct round *round);

#endif
