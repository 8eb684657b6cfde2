/* What is owed: releases and undos, from the intent on. */
#include "store/state_own.h"

#include "base/arena.h"
#include "lang/value.h"

#include <string.h>

/* Owed anew, so its release or undo, when it ran before, is to be run anew. */
static void entry_waits(struct state *state, const char *entry)
{
    struct record *record = map_get(&state->records, entry);
    if (record != NULL && life_final(record->step.life) &&
        life_next(record->step.life, EVENT_AGAIN, &record->step.life)) {
        state_wait_again(record, true);
    }
}

static struct state_obligation *obligation_new(struct folding *folding, const char *entry)
{
    struct state *state = folding->state;
    struct obligation_holder *holder = map_get(&state->obligations, entry);
    if (holder == NULL) {
        holder = arena_alloc(state->arena, sizeof *holder);
        map_put(state->arena, &state->obligations, state_keep(state, entry), holder);
    } else if (holder->last->open) {
        return holder->last;
    }
    entry_waits(state, entry);
    struct state_obligation *owed = arena_alloc(state->arena, sizeof *owed);
    owed->entry = state_share(state, entry);
    owed->step = folding->record->step.name;
    owed->seq = folding->event->seq;
    owed->open = true;
    list_add(state->arena, &state->owed, owed);
    holder->last = owed;
    return owed;
}

static void owe(struct folding *folding, const struct value *entry)
{
    struct state_obligation *owed = obligation_new(folding, value_find(entry, "entry")->text.at);
    const struct value *context = value_find(entry, "context");
    owed->undo = value_find(entry, "undo")->truth;
    owed->attempt = folding->event->seq;
    owed->copy = event_has(folding->event, FIELD_COPY) ? state_word(folding, FIELD_COPY)
                                                       : folding->state->run.copy;
    /* A second try mostly owes the very same. */
    if (context == NULL || owed->context == NULL || !value_equal(context, owed->context)) {
        owed->context = state_keep_value(folding->state->arena, context);
    }
}

void fold_owes(struct folding *folding)
{
    const struct value *owes = event_value(folding->event, FIELD_OWES);
    for (size_t i = 0; owes != NULL && i < owes->list.count; i++) {
        owe(folding, owes->list.at[i]);
    }
}

void fold_dropped(struct folding *folding)
{
    struct obligation_holder *holder = map_get(&folding->state->obligations, folding->event->step);
    holder->last->open = false;
}

/* A release that is done is given back; its step holds that no more. */
void state_give_back(struct folding *folding)
{
    struct obligation_holder *holder = map_get(&folding->state->obligations, folding->event->step);
    if (holder == NULL || !holder->last->open || holder->last->undo) {
        return;
    }
    holder->last->open = false;
    struct record *owner = map_get(&folding->state->records, holder->last->step);
    if (owner != NULL) {
        owner->step.released = true;
    }
}

/* The open undos of STEP; BEGUN: one that is no more as if it had never run. */
static bool owes_undo(const struct state *state, const char *step, bool begun)
{
    for (size_t i = state->owed.count; i > 0; i--) {
        const struct state_obligation *owed = state->owed.at[i - 1];
        if (!owed->undo || !owed->open || strcmp(owed->step, step) != 0) {
            continue;
        }
        if (!begun || state_life(state, owed->entry) != LIFE_WAITING) {
            return true;
        }
    }
    return false;
}

bool state_owes_undo(const struct state *state, const char *step)
{
    return owes_undo(state, step, false);
}

bool state_undo_begun(const struct state *state, const char *step)
{
    return owes_undo(state, step, true);
}

void state_close_undos(struct folding *folding)
{
    for (size_t i = 0; i < folding->state->owed.count; i++) {
        struct state_obligation *owed = folding->state->owed.at[i];
        if (owed->undo && owed->step == folding->record->step.name) {
            owed->open = false;
        }
    }
}
