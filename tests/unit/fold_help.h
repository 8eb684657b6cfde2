/* A fold of its own for each test, and events that it takes or refuses. */
#ifndef FOLD_HELP_H
#define FOLD_HELP_H

#include "store_help.h"

struct folded {
    struct world *world;
    struct state *state;
};

static inline int set_up_state(void **state)
{
    struct folded *folded = calloc(1, sizeof *folded);
    void *world;
    if (set_up(&world) != 0)
        return -1;
    folded->world = world;
    folded->state = state_new();
    *state = folded;
    return 0;
}

static inline int tear_down_state(void **state)
{
    struct folded *folded = *state;
    void *world = folded->world;
    state_free(folded->state);
    free(folded);
    return tear_down(&world);
}

/* Gives it its seq, as journal_append does. */
static inline uint64_t apply(struct folded *folded, struct event event)
{
    event.seq = state_seq(folded->state) + 1;
    if (!state_allows(folded->state, &event, &folded->world->failure) ||
        !state_apply(folded->state, &event, &folded->world->failure))
        fail_msg("%s", folded->world->failure.text);
    return event.seq;
}

static inline void refuse(struct folded *folded, struct event event, const char *why)
{
    struct failure *failure = &folded->world->failure;
    uint64_t before = state_seq(folded->state);
    event.seq = before + 1;
    if (state_allows(folded->state, &event, failure))
        fail_msg("allowed: %s", event_name(event.kind));
    assert_false(state_apply(folded->state, &event, failure));
    if (strstr(failure->text, why) == NULL)
        fail_msg("said: %s\nnot: %s", failure->text, why);
    assert_int_equal(state_seq(folded->state), before);
}

#endif
