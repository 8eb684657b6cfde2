/* undo_order: in which order a run is taken back: what its record says began, last ended first, a
 * scope behind all that stands in it. A pure reading of the fold; may not use the runbook. */
#ifndef ENGINE_UNDO_ORDER_H
#define ENGINE_UNDO_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct state;
struct state_step;

struct undo_place {
    const struct state_step *step;
    uint64_t ended; /* when, as a seq; of a scope: when the first in it did */
    bool owes;      /* an undo of its own */
    bool covered;   /* what it stands in has an undo of its own, which takes it back */
};

/* The steps whose names begin with PREFIX, in that order, *COUNT of them; the arena owns them. */
struct undo_place *undo_order(struct arena *arena, const struct state *state, const char *prefix,
                              size_t *count);
#endif
