/* What events make so of a step. By now they were guarded: nothing here can be refused. */
#include "store/state_own.h"

#include "base/arena.h"
#include "lang/value.h"

#include <jansson.h>
#include <string.h>

/* Values up to here stay in the state's arena when they are replaced. */
enum { LARGE_VALUE = 2048 };

static void drop(struct arena **arena)
{
    arena_free(*arena);
    *arena = NULL;
}

/* Where a value of the step goes: see struct record. */
static struct arena *place_for(struct folding *folding, const struct value *value)
{
    if (folding->record->now == NULL && state_weight(value) > LARGE_VALUE) {
        folding->record->now = arena_new();
    }
    return folding->record->now == NULL ? folding->state->arena : folding->record->now;
}

static void forget_values(struct record *record)
{
    drop(&record->now);
    drop(&record->before);
    record->step.result = NULL;
    record->step.outputs = NULL;
    record->step.previous = NULL;
}

static void add_outputs(struct folding *folding, const struct value *outputs)
{
    if (outputs != NULL) {
        struct state_step *step = &folding->record->step;
        struct arena *place = place_for(folding, outputs);
        step->outputs = state_merge(place, step->outputs, state_keep_value(place, outputs));
    }
}

static void fold_outputs(struct folding *folding)
{
    add_outputs(folding, event_value(folding->event, FIELD_OUTPUTS));
}

static void fold_person_output(struct folding *folding)
{
    struct member member = {event_text(folding->event, FIELD_NAME),
                            event_value(folding->event, FIELD_VALUE)};
    struct value map = {.kind = VALUE_MAP, .map = {&member, 1}};
    struct arena *arena = folding->state->arena;
    add_outputs(folding, &map);
    folding->record->told =
        state_merge(arena, folding->record->told, state_keep_value(arena, &map));
}

static void let_deed_go(struct record *record)
{
    json_decref(record->deed);
    record->deed = NULL;
    if (record->step.attempt != NULL) {
        record->step.attempt->deed = NULL;
    }
}

void state_wait_again(struct record *record, bool fresh)
{
    struct state_step *step = &record->step;
    if (step->attempt != NULL && !step->attempt->ended) {
        /* It may be repeated (guarded), so nobody waits for how it ended. */
        step->attempt->ended = true;
        step->attempt->outcome = OUTCOME_LOST;
    }
    step->tolerated = false;
    step->left_out = false;
    step->acted = false;
    step->released = false;
    step->began = 0;
    step->finished = 0;
    step->started = 0;
    step->ended = 0;
    step->round = 0;
    step->verdict = 0;
    step->reason = NULL;
    step->message = NULL;
    forget_values(record);
    if (fresh) {
        step->opened = NULL;
        record->told = NULL;
    }
    step->outputs = record->told;
}

static void fold_asked(struct folding *folding)
{
    struct state_question *question = arena_alloc(folding->state->arena, sizeof *question);
    question->seq = folding->event->seq;
    question->time = folding->event->time;
    question->ask = state_text(folding, FIELD_ASK);
    question->digest = state_text(folding, FIELD_DIGEST);
    question->type = state_text(folding, FIELD_TYPE);
    const struct value *evidence = event_value(folding->event, FIELD_EVIDENCE);
    question->evidence = evidence != NULL && evidence->kind == VALUE_TEXT
                             ? state_keep(folding->state, evidence->text.at)
                             : NULL;
    question->shown = state_value(folding, FIELD_SHOWN);
    question->by = state_value(folding, FIELD_BY);
    question->count =
        event_has(folding->event, FIELD_WANTED) ? event_integer(folding->event, FIELD_WANTED) : 1;
    question->within = event_integer(folding->event, FIELD_WITHIN);
    folding->record->step.question = question;
}

static void fold_answered(struct folding *folding)
{
    struct state_step *step = &folding->record->step;
    struct state_answer *answer = arena_alloc(folding->state->arena, sizeof *answer);
    answer->next = step->answers;
    answer->seq = folding->event->seq;
    answer->time = folding->event->time;
    answer->yes = event_truth(folding->event, FIELD_YES);
    answer->digest = state_text(folding, FIELD_DIGEST);
    answer->user = state_word(folding, FIELD_USER);
    answer->uid = event_integer(folding->event, FIELD_UID);
    answer->login =
        event_has(folding->event, FIELD_LOGIN) ? event_integer(folding->event, FIELD_LOGIN) : -1;
    answer->where = state_word(folding, FIELD_WHERE);
    answer->reason = state_text(folding, FIELD_REASON);
    step->answers = answer;
}

static void fold_skipped(struct folding *folding)
{
    struct state_step *step = &folding->record->step;
    step->reason = state_word(folding, FIELD_REASON);
    step->message = state_text(folding, FIELD_MESSAGE);
    step->left_out = strcmp(step->reason, "operator") == 0;
    folding->state->run.left_out |= step->left_out;
}

static void pass_irreversible(struct folding *folding)
{
    if (event_has(folding->event, FIELD_IRREVERSIBLE)) {
        folding->state->run.irreversible = folding->record->step.name;
    }
}

static void fold_opened(struct folding *folding)
{
    struct state_opened *opened = arena_alloc(folding->state->arena, sizeof *opened);
    opened->seq = folding->event->seq;
    if (event_has(folding->event, FIELD_ROUND)) {
        folding->record->step.round = (unsigned)event_integer(folding->event, FIELD_ROUND);
    }
    opened->round = folding->record->step.round;
    opened->opens = state_word(folding, FIELD_OPENS);
    opened->items = state_value(folding, FIELD_ITEMS);
    opened->inputs = state_value(folding, FIELD_INPUTS);
    opened->definition = state_word(folding, FIELD_DEFINITION);
    opened->copy = state_word(folding, FIELD_COPY);
    opened->now = event_integer(folding->event, FIELD_NOW);
    opened->limit = event_integer(folding->event, FIELD_LIMIT);
    folding->record->step.opened = opened;
    pass_irreversible(folding);
    fold_owes(folding);
}

/* What this round gave is what the next one sees as `previous`. A scope has no result of its own.
 */
static void fold_round(struct folding *folding)
{
    struct record *record = folding->record;
    record->step.round = (unsigned)event_integer(folding->event, FIELD_ROUND);
    drop(&record->before);
    record->before = record->now;
    record->now = NULL;
    record->step.previous =
        record->step.result != NULL ? record->step.result : record->step.outputs;
    record->step.result = NULL;
    record->step.outputs = NULL;
}

static enum effect effect_of(const char *name)
{
    return strcmp(name, "read") == 0     ? EFFECT_READ
           : strcmp(name, "change") == 0 ? EFFECT_CHANGE
                                         : EFFECT_DESTROY;
}

static void describe_attempt(struct folding *folding, struct state_attempt *attempt)
{
    const struct event *event = folding->event;
    attempt->number = event->seq;
    attempt->time = event->time;
    attempt->tries = (unsigned)event_integer(event, FIELD_TRY);
    attempt->round = (unsigned)event_integer(event, FIELD_ROUND);
    attempt->action = state_word(folding, FIELD_ACTION);
    attempt->effect = effect_of(event_text(event, FIELD_EFFECT));
    attempt->repeatable = event_truth(event, FIELD_REPEATABLE);
    attempt->shim = event_truth(event, FIELD_SHIM);
    attempt->host = state_word(folding, FIELD_HOST);
    attempt->definition = state_word(folding, FIELD_DEFINITION);
    attempt->copy = state_word(folding, FIELD_COPY);
    attempt->deed_digest = state_text(folding, FIELD_DEED_DIGEST);
    attempt->now = event_integer(event, FIELD_NOW);
    attempt->limit = event_integer(event, FIELD_LIMIT);
    attempt->until = event_integer(event, FIELD_UNTIL);
}

/* It is gone on with, when nobody sees its end. One of a called runbook is its caller's. */
static void begin_undo_run(struct folding *folding)
{
    if (strcmp(event_text(folding->event, FIELD_ACTION), "undo_run") == 0 &&
        strchr(folding->event->step, '/') == NULL) {
        folding->state->run.undo_run = true;
    }
}

static void fold_intent(struct folding *folding)
{
    struct record *record = folding->record;
    let_deed_go(record);
    if (record->step.attempt == NULL) {
        record->step.attempt = arena_alloc(folding->state->arena, sizeof *record->step.attempt);
    }
    *record->step.attempt = (struct state_attempt){0};
    describe_attempt(folding, record->step.attempt);
    /* jansson counts references through a pointer that is not const; the JSON itself is not
     * changed. */
    record->deed = json_incref((json_t *)event_json(folding->event, FIELD_DEED));
    record->step.attempt->deed = record->deed;
    record->step.round = record->step.attempt->round;
    record->session = folding->state->run.resumes;
    begin_undo_run(folding);
    pass_irreversible(folding);
    fold_owes(folding);
}

static void fold_proof(struct folding *folding)
{
    folding->record->step.attempt->proof = state_value(folding, FIELD_PROOF);
}

static void fold_outcome(struct folding *folding)
{
    struct record *record = folding->record;
    struct state_attempt *attempt = record->step.attempt;
    if (attempt == NULL) {
        return; /* only under a seeded bug */
    }
    attempt->ended = true;
    (void)event_outcome_find(event_text(folding->event, FIELD_OUTCOME), &attempt->outcome);
    attempt->message = state_text(folding, FIELD_MESSAGE);
    attempt->duration = event_integer(folding->event, FIELD_DURATION);
    drop(&record->now);
    record->step.result = NULL;
    record->step.outputs = NULL;
    fold_outputs(folding);
    record->step.result = record->step.outputs;
}

static bool attempt_ended_well(const struct state_step *step)
{
    return step->attempt != NULL && step->attempt->ended && step->attempt->outcome == OUTCOME_ENDED;
}

static void fold_retrying(struct folding *folding)
{
    folding->record->step.acted = false;
}

/* From running: the action ended well, so what it changes is there. From asking (done_if held) it
 * was not run. */
static void fold_verifying(struct folding *folding)
{
    if (folding->from == LIFE_RUNNING) {
        folding->record->step.acted = attempt_ended_well(&folding->record->step);
    }
}

static void fold_done(struct folding *folding)
{
    let_deed_go(folding->record);
    fold_outputs(folding);
    state_give_back(folding);
}

static void fold_failed(struct folding *folding)
{
    struct state_step *step = &folding->record->step;
    step->reason = state_word(folding, FIELD_REASON);
    step->message = state_text(folding, FIELD_MESSAGE);
    step->tolerated = event_has(folding->event, FIELD_TOLERATED);
    bool not_settled = strcmp(step->reason, "value") == 0 || strcmp(step->reason, "verify") == 0;
    if (not_settled && folding->from == LIFE_RUNNING) {
        step->acted = attempt_ended_well(step);
    }
    fold_outputs(folding);
}

static void fold_unknown(struct folding *folding)
{
    struct state_step *step = &folding->record->step;
    step->acted = true;
    step->verdict = 0;
    step->reason = NULL;
    step->message = state_text(folding, FIELD_MESSAGE);
}

/* Settled at once, in the same run: nothing was passed over. By a person, or by a later resume: the
 * run can at best recover. */
static void fold_settled(struct folding *folding)
{
    struct state_step *step = &folding->record->step;
    step->verdict = folding->event->seq;
    step->settled_how = state_word(folding, FIELD_HOW);
    step->settled_verdict = state_word(folding, FIELD_VERDICT);
    bool person = strcmp(step->settled_how, "person") == 0;
    if (person || folding->record->session < folding->state->run.resumes) {
        folding->state->run.unknown_passed = true;
    }
}

static void fold_cancelled(struct folding *folding)
{
    struct state_step *step = &folding->record->step;
    step->reason = state_text(folding, FIELD_REASON);
    if (folding->from == LIFE_RUNNING) {
        step->acted = attempt_ended_well(step);
    }
}

static void fold_undone(struct folding *folding)
{
    let_deed_go(folding->record);
    state_close_undos(folding);
}

static void fold_again(struct folding *folding)
{
    state_wait_again(folding->record, event_truth(folding->event, FIELD_FRESH));
}

static void (*const folds[EVENT_COUNT])(struct folding *folding) = {
    [EVENT_STARTED] = fold_started,     [EVENT_RESUMED] = fold_resumed,
    [EVENT_LEFT_OUT] = fold_left_out,   [EVENT_STOPPING] = fold_stopping,
    [EVENT_LOGGED] = fold_logged,       [EVENT_ENDED] = fold_ended,
    [EVENT_CHECKED] = fold_checked,     [EVENT_ASKED] = fold_asked,
    [EVENT_ANSWERED] = fold_answered,   [EVENT_SKIPPED] = fold_skipped,
    [EVENT_OPENED] = fold_opened,       [EVENT_ROUND] = fold_round,
    [EVENT_INTENT] = fold_intent,       [EVENT_PROOF] = fold_proof,
    [EVENT_OUTCOME] = fold_outcome,     [EVENT_COMPUTED] = fold_outputs,
    [EVENT_RETRYING] = fold_retrying,   [EVENT_VERIFYING] = fold_verifying,
    [EVENT_DONE] = fold_done,           [EVENT_FAILED] = fold_failed,
    [EVENT_UNKNOWN] = fold_unknown,     [EVENT_SETTLED] = fold_settled,
    [EVENT_CANCELLED] = fold_cancelled, [EVENT_UNDONE] = fold_undone,
    [EVENT_AGAIN] = fold_again,         [EVENT_PERSON_OUTPUT] = fold_person_output,
    [EVENT_OWED] = fold_owes,           [EVENT_DROPPED] = fold_dropped,
};

void state_fold(struct folding *folding)
{
    if (folds[folding->event->kind] != NULL) {
        folds[folding->event->kind](folding);
    }
}
