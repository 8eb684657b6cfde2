/* What can't have happened, beyond the table of lives: a second line of defence. A record that
 * holds such an event is not trusted, and an engine that wants to write one is stopped before it
 * acts. */
#include "store/state_own.h"

#include "lang/value.h"
#include "store/seeded.h"
#include "sys/failure.h"

#include <inttypes.h>
#include <string.h>

static bool refuse(const struct folding *folding, const char *why)
{
    return failure_set(folding->failure, 0, "%s", why);
}

static bool one_of(const char *word, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (strcmp(word, *words) == 0) {
            return true;
        }
    }
    return false;
}

static const struct state_attempt *attempt_of(const struct folding *folding)
{
    return folding->record->step.attempt;
}

static bool in_flight(const struct folding *folding)
{
    const struct state_attempt *attempt = attempt_of(folding);
    return attempt != NULL && !attempt->ended;
}

/* Nobody can say whether an attempt that ended so did its work. */
static bool ended_in_doubt(enum outcome_kind outcome)
{
    switch (outcome) {
    case OUTCOME_DIED:
    case OUTCOME_TIMED_OUT:
    case OUTCOME_LOST:
    case OUTCOME_CANCELLED:
        return true;
    case OUTCOME_ENDED:
    case OUTCOME_NOT_STARTED:
    case OUTCOME_FAILED:
        break;
    }
    return false;
}

/* The last attempt may have changed something, and may not be repeated. */
static bool doubtful(const struct folding *folding)
{
    const struct state_attempt *attempt = attempt_of(folding);
    return attempt != NULL && attempt->ended && !attempt->repeatable &&
           ended_in_doubt(attempt->outcome);
}

static bool did_act(const struct folding *folding)
{
    const struct state_attempt *attempt = attempt_of(folding);
    return attempt != NULL && attempt->ended && attempt->outcome == OUTCOME_ENDED;
}

static bool nothing_in_flight(const struct folding *folding)
{
    return !in_flight(folding) || refuse(folding, "its attempt has no outcome yet");
}

static bool of_attempt(const struct folding *folding)
{
    if (RUNBOOK_SEEDED_BUG == 6) {
        return true;
    }
    uint64_t number = (uint64_t)event_integer(folding->event, FIELD_ATTEMPT);
    return (in_flight(folding) && attempt_of(folding)->number == number) ||
           failure_set(folding->failure, 0, "attempt %" PRIu64 " is not in flight", number);
}

static bool guard_started(const struct folding *folding)
{
    int64_t format = event_integer(folding->event, FIELD_FORMAT);
    return (format >= 1 && format <= EVENT_FORMAT) ||
           failure_set(folding->failure, 0, "format %" PRId64 " is not known", format);
}

/* Who may answer must not be read as anybody. */
static bool guard_asked(const struct folding *folding)
{
    const struct value *by = event_value(folding->event, FIELD_BY);
    bool named = by == NULL || (by->kind == VALUE_LIST && by->list.count > 0);
    for (size_t i = 0; named && by != NULL && i < by->list.count; i++) {
        named = by->list.at[i]->kind == VALUE_TEXT;
    }
    bool counted = !event_has(folding->event, FIELD_WANTED) ||
                   event_integer(folding->event, FIELD_WANTED) >= 1;
    return (named && counted) || refuse(folding, "who may answer is not known");
}

static bool guard_answered(const struct folding *folding)
{
    return folding->record->step.question != NULL || refuse(folding, "nothing was asked");
}

bool state_owes_well(const struct value *owes)
{
    if (owes->kind != VALUE_LIST) {
        return false;
    }
    for (size_t i = 0; i < owes->list.count; i++) {
        const struct value *entry = value_find(owes->list.at[i], "entry");
        const struct value *undo = value_find(owes->list.at[i], "undo");
        const struct value *context = value_find(owes->list.at[i], "context");
        if (entry == NULL || entry->kind != VALUE_TEXT || undo == NULL ||
            undo->kind != VALUE_BOOL || (context != NULL && context->kind != VALUE_MAP)) {
            return false;
        }
    }
    return true;
}

static bool guard_owes(const struct folding *folding)
{
    const struct value *owes = event_value(folding->event, FIELD_OWES);
    return owes == NULL || state_owes_well(owes) ||
           refuse(folding, "what it owes is no list of {entry, undo, context}");
}

/* While it runs only a further round is opened; a list is never computed twice. */
static bool guard_opened(const struct folding *folding)
{
    const struct state_opened *opened = folding->record->step.opened;
    if (folding->from == LIFE_RUNNING &&
        (opened == NULL || opened->round == folding->record->step.round)) {
        return refuse(folding, "it is open already");
    }
    return guard_owes(folding);
}

static bool guard_intent(const struct folding *folding)
{
    static const char *const effects[] = {"read", "change", "destroy", NULL};
    if (!one_of(event_text(folding->event, FIELD_EFFECT), effects)) {
        return refuse(folding, "its effect is not known");
    }
    if (RUNBOOK_SEEDED_BUG == 1) {
        return guard_owes(folding);
    }
    if (!nothing_in_flight(folding)) {
        return false;
    }
    /* While it runs only a further round begins; a retry goes by way of asking. */
    const struct state_step *step = &folding->record->step;
    if (folding->from == LIFE_RUNNING && step->attempt != NULL &&
        (doubtful(folding) || step->round <= step->attempt->round)) {
        return refuse(folding, "its attempt may have happened, and may not be repeated");
    }
    return guard_owes(folding);
}

static bool outputs_well(const struct folding *folding)
{
    const struct value *outputs = event_value(folding->event, FIELD_OUTPUTS);
    return outputs == NULL || outputs->kind == VALUE_MAP ||
           refuse(folding, "its outputs are no map");
}

static bool guard_outcome(const struct folding *folding)
{
    enum outcome_kind outcome;
    return of_attempt(folding) && outputs_well(folding) &&
           (event_outcome_find(event_text(folding->event, FIELD_OUTCOME), &outcome) ||
            refuse(folding, "its outcome is not known"));
}

static bool guard_computed(const struct folding *folding)
{
    return outputs_well(folding) && nothing_in_flight(folding);
}

static bool guard_round(const struct folding *folding)
{
    if (event_integer(folding->event, FIELD_ROUND) <= (int64_t)folding->record->step.round) {
        return refuse(folding, "that round was there already");
    }
    return nothing_in_flight(folding) &&
           (!doubtful(folding) || refuse(folding, "whether the round before happened is open"));
}

/* Read or idempotent only; of a scope everything inside decides for itself. */
static bool guard_retrying(const struct folding *folding)
{
    const struct state_attempt *attempt = attempt_of(folding);
    return nothing_in_flight(folding) &&
           (attempt == NULL || attempt->repeatable || attempt->outcome == OUTCOME_NOT_STARTED ||
            refuse(folding, "it may not be repeated"));
}

static bool guard_verifying(const struct folding *folding)
{
    return nothing_in_flight(folding) && (folding->from != LIFE_RUNNING || !doubtful(folding) ||
                                          refuse(folding, "whether it happened is open"));
}

static bool settled_as(const struct folding *folding, const char *verdict)
{
    const struct state_step *step = &folding->record->step;
    return (step->verdict != 0 && strcmp(step->settled_verdict, verdict) == 0) ||
           failure_set(folding->failure, 0, "it was not settled as '%s'", verdict);
}

static bool guard_done(const struct folding *folding)
{
    if (!outputs_well(folding)) {
        return false;
    }
    if (folding->from == LIFE_UNKNOWN) {
        return settled_as(folding, "done");
    }
    if (RUNBOOK_SEEDED_BUG == 4) {
        return true;
    }
    const struct state_attempt *attempt = attempt_of(folding);
    if (folding->from == LIFE_RUNNING && attempt != NULL && attempt->ended &&
        attempt->outcome != OUTCOME_ENDED) {
        return refuse(folding, "its attempt did not end well");
    }
    return nothing_in_flight(folding);
}

static bool guard_failed(const struct folding *folding)
{
    if (folding->from == LIFE_RUNNING && doubtful(folding)) {
        return refuse(folding, "it may have happened: it is unknown, not failed");
    }
    return outputs_well(folding) && nothing_in_flight(folding);
}

static bool guard_unknown(const struct folding *folding)
{
    if (folding->from == LIFE_RUNNING) {
        return nothing_in_flight(folding) && (attempt_of(folding) == NULL || doubtful(folding) ||
                                              refuse(folding, "its outcome is known"));
    }
    if (folding->from == LIFE_DONE) {
        return state_undo_begun(folding->state, folding->event->step) ||
               refuse(folding, "it is done");
    }
    return folding->record->step.acted || refuse(folding, "its action had not ended well");
}

static bool guard_undone(const struct folding *folding)
{
    bool fresh = folding->from == LIFE_WAITING || folding->from == LIFE_ASKING;
    if (fresh && !state_owes_undo(folding->state, folding->event->step)) {
        return refuse(folding, "nothing of it is to be taken back");
    }
    return nothing_in_flight(folding) && (folding->from != LIFE_RUNNING || !doubtful(folding) ||
                                          refuse(folding, "whether it happened is open"));
}

static bool guard_settled(const struct folding *folding)
{
    static const char *const hows[] = {"proof", "done_if", "verify", "idempotent", "person", NULL};
    static const char *const verdicts[] = {"done", "again", "failed", NULL};
    return (one_of(event_text(folding->event, FIELD_HOW), hows) &&
            one_of(event_text(folding->event, FIELD_VERDICT), verdicts)) ||
           refuse(folding, "how it was settled is not known");
}

static bool guard_cancelled(const struct folding *folding)
{
    if (folding->from == LIFE_RUNNING && doubtful(folding)) {
        return refuse(folding, "it may have happened: it is unknown, not cancelled");
    }
    return nothing_in_flight(folding);
}

static bool guard_again(const struct folding *folding)
{
    if (RUNBOOK_SEEDED_BUG == 1) {
        return true;
    }
    const struct state_step *step = &folding->record->step;
    const char *reason = event_text(folding->event, FIELD_REASON);
    bool operator_s = strcmp(reason, "operator") == 0;
    bool resume = strcmp(reason, "resume") == 0;
    if (folding->from == LIFE_UNKNOWN) {
        return settled_as(folding, "again");
    }
    if (folding->from == LIFE_DONE && resume) {
        return refuse(folding, "it is done");
    }
    if (in_flight(folding) && !step->attempt->repeatable) {
        return refuse(folding, "its attempt may have happened, and may not be repeated");
    }
    if (folding->from == LIFE_RUNNING && doubtful(folding)) {
        return refuse(folding, "it may have happened: that is to be settled first");
    }
    bool ended_well = step->acted || (folding->from == LIFE_RUNNING && did_act(folding));
    /* A scope has no attempt: everything inside decides for itself. */
    bool twice = ended_well && step->attempt != NULL && !step->attempt->repeatable && !operator_s;
    return !(twice && (!life_final(folding->from) || resume)) ||
           refuse(folding, "its action ended well: that is to be settled first");
}

static bool guard_dropped(const struct folding *folding)
{
    struct obligation_holder *holder = map_get(&folding->state->obligations, folding->event->step);
    return (holder != NULL && holder->last->open) || refuse(folding, "it is not owed");
}

static bool (*const guards[EVENT_COUNT])(const struct folding *folding) = {
    [EVENT_STARTED] = guard_started,     [EVENT_ASKED] = guard_asked,
    [EVENT_ANSWERED] = guard_answered,   [EVENT_OPENED] = guard_opened,
    [EVENT_ROUND] = guard_round,         [EVENT_INTENT] = guard_intent,
    [EVENT_PROOF] = of_attempt,          [EVENT_ATTACHED] = of_attempt,
    [EVENT_OUTCOME] = guard_outcome,     [EVENT_COMPUTED] = guard_computed,
    [EVENT_RETRYING] = guard_retrying,   [EVENT_VERIFYING] = guard_verifying,
    [EVENT_DONE] = guard_done,           [EVENT_FAILED] = guard_failed,
    [EVENT_UNKNOWN] = guard_unknown,     [EVENT_SETTLED] = guard_settled,
    [EVENT_CANCELLED] = guard_cancelled, [EVENT_UNDONE] = guard_undone,
    [EVENT_AGAIN] = guard_again,         [EVENT_OWED] = guard_owes,
    [EVENT_DROPPED] = guard_dropped,
};

/* After its end a run is only told of, or taken up again. */
static bool goes_on_after_end(enum event_kind kind)
{
    return kind == EVENT_RESUMED || kind == EVENT_ANSWERED || kind == EVENT_NOTE ||
           kind == EVENT_LOGGED;
}

bool state_guard(const struct folding *folding)
{
    enum event_kind kind = folding->event->kind;
    if ((folding->state->seq == 0) != (kind == EVENT_STARTED)) {
        return refuse(folding, kind == EVENT_STARTED ? "the run has started already"
                                                     : "the run has not started");
    }
    if (folding->state->run.over && !goes_on_after_end(kind)) {
        return refuse(folding, "the run has ended");
    }
    return guards[kind] == NULL || guards[kind](folding);
}
