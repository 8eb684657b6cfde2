#include "store/state.h"

#include "base/arena.h"
#include "store/approvals.h"
#include "store/state_own.h"
#include "sys/failure.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

struct state *state_new(void)
{
    struct arena *arena = arena_new();
    struct state *state = arena_alloc(arena, sizeof *state);
    state->arena = arena;
    return state;
}

/* BLANK stands for a step that no event named yet. */
static bool check(struct folding *folding, struct record *blank)
{
    const struct event *event = folding->event;
    if (!event_complete(event, folding->failure)) {
        return false;
    }
    if (event->step != NULL) {
        struct record *found = map_get(&folding->state->records, event->step);
        folding->record = found == NULL ? blank : found;
        folding->from = folding->record->step.life;
        folding->to = folding->from;
    }
    if (!state_guard(folding)) {
        return false;
    }
    return event->step == NULL || life_next(folding->from, event->kind, &folding->to) ||
           failure_set(folding->failure, 0, "the step is %s", life_name(folding->from));
}

static bool refused(const struct event *event, struct failure *failure)
{
    return failure_wrap(failure, "event '%s'%s%s can't be", event_name(event->kind),
                        event->step == NULL ? "" : " of ", event->step == NULL ? "" : event->step);
}

bool state_allows(const struct state *state, const struct event *event, struct failure *failure)
{
    struct record blank = {0};
    /* Nothing is changed before the fold. */
    struct folding folding = {.state = (struct state *)state, .event = event, .failure = failure};
    return check(&folding, &blank) || refused(event, failure);
}

static struct record *record_of(struct state *state, const char *name)
{
    struct record *record = map_get(&state->records, name);
    if (record == NULL) {
        record = arena_alloc(state->arena, sizeof *record);
        record->step.name = state_share(state, name);
        record->step.order = state->records.count;
        map_put(state->arena, &state->records, record->step.name, record);
    }
    return record;
}

/* The one place that moves a step. */
static void move(struct folding *folding)
{
    struct state_step *step = &folding->record->step;
    step->life = folding->to;
    if (folding->from == LIFE_WAITING && folding->to != LIFE_WAITING) {
        step->began = folding->event->seq;
        step->started = folding->event->time;
    }
    if (!life_final(folding->from) && life_final(folding->to)) {
        step->finished = folding->event->seq;
        step->ended = folding->event->time;
    }
    if (event_has(folding->event, FIELD_TITLE)) {
        step->title = state_word(folding, FIELD_TITLE);
    }
}

bool state_apply(struct state *state, const struct event *event, struct failure *failure)
{
    struct record blank = {0};
    struct folding folding = {.state = state, .event = event, .failure = failure};
    if (event->seq != state->seq + 1) {
        return failure_set(failure, 0, "event %" PRIu64 " where %" PRIu64 " was expected",
                           event->seq, state->seq + 1);
    }
    if (!check(&folding, &blank)) {
        return refused(event, failure);
    }
    if (event->step != NULL) {
        folding.record = record_of(state, event->step);
        move(&folding);
    }
    state_fold(&folding);
    state->seq = event->seq;
    return true;
}

const struct state_run *state_run(const struct state *state)
{
    return &state->run;
}

uint64_t state_seq(const struct state *state)
{
    return state->seq;
}

const struct state_step *state_step(const struct state *state, const char *name)
{
    const struct record *record = map_get(&state->records, name);
    return record == NULL ? NULL : &record->step;
}

enum life state_life(const struct state *state, const char *name)
{
    const struct state_step *step = state_step(state, name);
    return step == NULL ? LIFE_WAITING : step->life;
}

const struct state_step *state_at(const struct state *state, size_t index)
{
    if (index >= state->records.count) {
        return NULL;
    }
    const struct record *record = state->records.at[index].value;
    return &record->step;
}

const struct state_obligation *state_obligation(const struct state *state, size_t index)
{
    return index < state->owed.count ? state->owed.at[index] : NULL;
}

const struct state_answer *state_answer(const struct state_step *step, const char *digest)
{
    for (const struct state_answer *answer = step->answers; answer != NULL; answer = answer->next) {
        if (strcmp(answer->digest, digest) == 0) {
            return answer;
        }
    }
    return NULL;
}

const struct state_answer *state_answer_waiting(const struct state_step *step)
{
    const struct state_question *question = step->question;
    bool asking = step->life == LIFE_ASKING ||
                  (step->life == LIFE_RUNNING && step->attempt != NULL && !step->attempt->ended);
    const struct state_answer *answer =
        asking && question != NULL ? state_answer(step, question->digest) : NULL;
    if (answer == NULL || answer->seq <= question->seq) {
        return NULL;
    }
    bool enough = approvals_count(step, question->digest) >= (size_t)question->count;
    return !answer->yes || enough ? answer : NULL;
}

void state_free(struct state *state)
{
    if (state == NULL) {
        return;
    }
    for (size_t i = 0; i < state->records.count; i++) {
        struct record *record = state->records.at[i].value;
        arena_free(record->now);
        arena_free(record->before);
        json_decref(record->deed);
    }
    arena_free(state->arena);
}
