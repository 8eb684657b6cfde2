#include "engine/tell.h"

#include "base/arena.h"
#include "engine/ask.h"
#include "engine/run.h"
#include "lang/runbook.h"
#include "lang/type.h"
#include "lang/value.h"
#include "store/event.h"
#include "store/journal.h"
#include "store/name.h"
#include "store/state.h"
#include "sys/failure.h"
#include "sys/loop.h"

#include <assert.h>
#include <jansson.h>
#include <string.h>

/* ---- one event ---- */

static void broken(struct run *run, const char *what, const char *why)
{
    if (run->broken == NULL)
        run->broken = arena_format(run->arena, "%s: %s", what, why);
    run_halt(run);
}

static bool change(const struct job *job)
{
    return job != NULL && job->step->effect != EFFECT_READ;
}

/* NULL, or what is wrong with this event alone: the record goes on without it. */
static const char *append(struct run *run, struct event *event, bool changes)
{
    struct failure failure;
    switch (journal_append(run->setup->journal, event, &failure)) {
    case JOURNAL_OK:
        break;
    case JOURNAL_LOW:
        broken(run, "the disk is full", failure.text);
        break;
    case JOURNAL_REFUSED:
        return arena_format(run->arena, "%s", failure.text);
    case JOURNAL_MISSING:
    case JOURNAL_LOCKED:
    case JOURNAL_DAMAGED:
    case JOURNAL_FAILED:
        run->broken_for_good = true;
        broken(run, "the record can't be written", failure.text);
        return NULL;
    }
    if (event_needs_sync(event->kind, changes))
        run->sync_wanted = true;
    return NULL;
}

static const char *try_to_say(struct run *run, struct event *event, bool changes)
{
    struct failure failure;
    const char *refused = NULL;
    if (run->broken_for_good)
        return NULL;
    if (!state_allows(run->state, event, &failure)) {
        broken(run, "the record would contradict itself", failure.text);
        return NULL;
    }
    if (run->parent != NULL)
        event->seq = ++run->seq;
    else
        refused = append(run, event, changes);
    if (event->seq == 0)
        return refused;
    if (!state_apply(run->state, event, &failure))
        broken(run, "the record contradicts itself", failure.text);
    else if (run->parent == NULL && run->setup->told != NULL)
        run->setup->told(run->setup->context, event);
    return NULL;
}

static void say(struct run *run, struct event *event, bool changes)
{
    const char *refused = try_to_say(run, event, changes);
    if (refused != NULL)
        broken(run, "the record can't hold what happened", refused);
}

static struct event event_for(struct job *job, enum event_kind kind)
{
    return event_of(kind, job->name, loop_wall(job->run->setup->loop));
}

static const char *title(struct job *job)
{
    struct problem problem = {0};
    const struct value *value = job->step->title == NULL ? NULL
                                                         : bind_term(job->arena, job->step->title,
                                                                     NULL, &job->moment, &problem);
    return value != NULL && value->kind == VALUE_TEXT ? value->text.at : job->name;
}

static int64_t lasted(const struct job *job)
{
    const struct state_step *known = state_step(job->run->state, job->name);
    return known && known->started ? loop_wall(job->run->setup->loop) - known->started : 0;
}

static const struct value *owed(struct job *job, bool undo, size_t number)
{
    const char *entry =
        arena_format(job->arena, "%s/%s/%zu", job->name, undo ? "undo" : "release", number);
    const struct member members[] = {
        {"entry", value_string(job->arena, entry)},
        {"undo", value_bool(undo)},
        {"context", value_map(job->arena, NULL, 0)},
    };
    return value_map(job->arena, members, 3);
}

/* What the step owes from here on: its undos and releases, by name. What takes back or gives back
 * is not taken back itself. */
static const struct value *owes(struct job *job)
{
    size_t undos = name_in_entry(job->name) ? 0 : job->step->undo.count;
    size_t releases = job->step->release.count;
    if (undos + releases == 0 || job->run->parent != NULL)
        return NULL;
    const struct value **at = arena_alloc(job->arena, (undos + releases) * sizeof *at);
    for (size_t i = 0; i < undos; i++)
        at[i] = owed(job, true, i + 1);
    for (size_t i = 0; i < releases; i++)
        at[undos + i] = owed(job, false, i + 1);
    return value_list(job->arena, at, undos + releases);
}

static const char *why_irreversible(struct job *job)
{
    struct problem problem = {0};
    if (job->step->irreversible == NULL)
        return NULL;
    const struct value *why =
        bind_term(job->arena, job->step->irreversible, NULL, &job->moment, &problem);
    return why != NULL && why->kind == VALUE_TEXT ? why->text.at : "irreversible";
}

/* ---- checks ---- */

static const char *answer_name(enum answer answer)
{
    switch (answer) {
    case ANSWER_HOLDS:
        return "holds";
    case ANSWER_FAILS:
        return "fails";
    case ANSWER_UNASKED:
    case ANSWER_UNKNOWN:
        return "unasked";
    }
    return "unasked";
}

void tell_checking(const struct ask_request *request, int64_t within)
{
    struct run *run = request->run;
    struct event event = event_of(EVENT_CHECKING, request->name, loop_wall(run->setup->loop));
    event_set_text(&event, FIELD_BLOCK, request->what);
    if (within > 0)
        event_set_integer(&event, FIELD_WITHIN, within);
    say(run, &event, false);
}

void tell_checked(const struct ask_request *request, unsigned round, enum answer answer,
                  const char *why, bool last)
{
    struct run *run = request->run;
    struct event event = event_of(EVENT_CHECKED, request->name, loop_wall(run->setup->loop));
    event_set_text(&event, FIELD_BLOCK, request->what);
    event_set_integer(&event, FIELD_ROUND, round > 0 ? round : 1);
    event_set_text(&event, FIELD_ANSWER, answer_name(answer));
    const char *reasons[] = {why};
    if (why != NULL && why[0] != '\0')
        event_set_texts(&event, FIELD_REASONS, reasons, 1);
    if (last)
        event_set_truth(&event, FIELD_LAST, true);
    say(run, &event, false);
}

/* ---- people ---- */

void tell_asked(struct job *job, const struct question_view *view)
{
    struct event event = event_for(job, EVENT_ASKED);
    event_set_text(&event, FIELD_ASK, view->ask);
    event_set_value(&event, FIELD_SHOWN, view->shown);
    event_set_text(&event, FIELD_DIGEST, view->digest);
    event_set_text(&event, FIELD_TYPE, view->type);
    event_set_value(&event, FIELD_BY, view->by);
    if (view->count > 1)
        event_set_integer(&event, FIELD_WANTED, view->count);
    if (view->within > 0)
        event_set_integer(&event, FIELD_WITHIN, view->within);
    if (view->evidence != NULL)
        event_set_value(&event, FIELD_EVIDENCE,
                        value_string(job->arena, type_print(job->arena, view->evidence)));
    event_set_text(&event, FIELD_TITLE, title(job));
    say(job->run, &event, change(job));
}

void tell_answered(struct job *job, const struct question_view *view,
                   const struct answer_given *given, const struct value *evidence)
{
    struct event event = event_for(job, EVENT_ANSWERED);
    event_set_truth(&event, FIELD_YES, given->yes);
    event_set_text(&event, FIELD_DIGEST, view->digest);
    event_set_person(&event, &given->person);
    event_set_text(&event, FIELD_KNOWN_BY, person_known_by(&given->person));
    event_set_text(&event, FIELD_WHERE, given->person.where);
    event_set_text(&event, FIELD_REASON, given->reason);
    event_set_value(&event, FIELD_VALUE, evidence);
    say(job->run, &event, true);
}

/* ---- a step's life ---- */

void tell_skipped(struct job *job, const char *reason, const char *message)
{
    struct event event = event_for(job, EVENT_SKIPPED);
    event_set_text(&event, FIELD_REASON, reason);
    event_set_text(&event, FIELD_MESSAGE, message);
    event_set_text(&event, FIELD_TITLE, title(job));
    say(job->run, &event, false);
}

void tell_opened(struct job *job, const char *opens, const struct value *items,
                 const struct value *inputs, int64_t limit)
{
    struct event event = event_for(job, EVENT_OPENED);
    event_set_text(&event, FIELD_OPENS, opens);
    event_set_value(&event, FIELD_ITEMS, items);
    event_set_value(&event, FIELD_INPUTS, inputs);
    if (items == NULL) {
        event_set_value(&event, FIELD_OWES, owes(job));
        event_set_text(&event, FIELD_IRREVERSIBLE, why_irreversible(job));
        event_set_integer(&event, FIELD_TRY, job->tries);
        event_set_integer(&event, FIELD_ROUND, job->round);
    }
    if (job->run->parent == NULL) {
        event_set_text(&event, FIELD_DEFINITION, step_digest(job->arena, job->step));
        event_set_text(&event, FIELD_COPY, state_run(job->run->state)->copy);
    }
    if (limit > 0)
        event_set_integer(&event, FIELD_LIMIT, limit);
    event_set_text(&event, FIELD_TITLE, title(job));
    say(job->run, &event, change(job));
}

void tell_round(struct job *job, int64_t delay)
{
    struct event event = event_for(job, EVENT_ROUND);
    event_set_integer(&event, FIELD_ROUND, job->round);
    if (delay > 0)
        event_set_integer(&event, FIELD_DELAY, delay);
    say(job->run, &event, false);
}

const char *tell_intent(struct job *job, const struct intent *intent)
{
    bool quiet = job->run->parent != NULL;
    struct event event = event_for(job, EVENT_INTENT);
    json_t *deed = quiet ? json_null() : deed_to_json(intent->deed);
    const char *copy = quiet ? NULL : state_run(job->run->state)->copy;
    event_set_text(&event, FIELD_ACTION, job->step->use.action->name);
    event_set_text(&event, FIELD_EFFECT, effect_name(job->step->effect));
    event_set_integer(&event, FIELD_TRY, job->tries);
    event_set_integer(&event, FIELD_ROUND, job->round);
    event_set_text(&event, FIELD_DEFINITION, quiet ? "" : step_digest(job->arena, job->step));
    event_set_text(&event, FIELD_COPY, copy ? copy : "");
    event_set_json(&event, FIELD_DEED, deed);
    event_set_text(&event, FIELD_DEED_DIGEST, quiet ? "" : deed_digest(job->arena, intent->deed));
    event_set_integer(&event, FIELD_NOW, job->moment.now->integer);
    if (intent->limit > 0)
        event_set_integer(&event, FIELD_LIMIT, intent->limit);
    if (intent->until > 0)
        event_set_integer(&event, FIELD_UNTIL, intent->until);
    event_set_truth(&event, FIELD_REPEATABLE, intent->repeatable);
    if (intent->shim)
        event_set_truth(&event, FIELD_SHIM, true);
    event_set_value(&event, FIELD_OWES, owes(job));
    event_set_text(&event, FIELD_IRREVERSIBLE, why_irreversible(job));
    event_set_text(&event, FIELD_TITLE, title(job));
    const char *refused = try_to_say(job->run, &event, change(job));
    job->attempt = event.seq;
    json_decref(deed);
    return refused;
}

static const char *try_outcome(struct job *job, const struct outcome *outcome, bool adopted)
{
    struct event event = event_for(job, EVENT_OUTCOME);
    event_set_integer(&event, FIELD_ATTEMPT, (int64_t)job->attempt);
    event_set_text(&event, FIELD_OUTCOME, event_outcome_name(outcome->kind));
    event_set_value(&event, FIELD_OUTPUTS, outcome->outputs);
    if (outcome->message != NULL && outcome->message[0] != '\0')
        event_set_text(&event, FIELD_MESSAGE, outcome->message);
    if (outcome->duration > 0)
        event_set_integer(&event, FIELD_DURATION, outcome->duration);
    if (adopted)
        event_set_truth(&event, FIELD_ADOPTED, true);
    return try_to_say(job->run, &event, change(job));
}

/* That it ended well is not enough to go on with: others may need what it gave. */
struct outcome tell_outcome(struct job *job, const struct outcome *outcome, bool adopted)
{
    const char *refused = try_outcome(job, outcome, adopted);
    if (refused == NULL)
        return *outcome;
    struct outcome lost = {.kind = OUTCOME_LOST, .duration = outcome->duration};
    lost.message = arena_format(job->arena, "it ended, but its outputs can't be kept: %s", refused);
    refused = try_outcome(job, &lost, adopted);
    if (refused != NULL)
        broken(job->run, "the record can't hold what happened", refused);
    return lost;
}

const char *tell_computed(struct job *job, const struct value *outputs)
{
    struct event event = event_for(job, EVENT_COMPUTED);
    event_set_value(&event, FIELD_OUTPUTS, outputs);
    const char *refused = try_to_say(job->run, &event, false);
    return refused ? arena_format(job->arena, "its outputs can't be kept: %s", refused) : NULL;
}

void tell_proof(struct job *job, const struct value *proof)
{
    struct event event = event_for(job, EVENT_PROOF);
    event_set_integer(&event, FIELD_ATTEMPT, (int64_t)job->attempt);
    event_set_value(&event, FIELD_PROOF, proof);
    say(job->run, &event, true);
}

void tell_retrying(struct job *job, int64_t delay, const char *reason, const char *message)
{
    struct event event = event_for(job, EVENT_RETRYING);
    event_set_integer(&event, FIELD_TRY, job->tries + 1);
    event_set_integer(&event, FIELD_DELAY, delay);
    event_set_text(&event, FIELD_REASON, reason);
    event_set_text(&event, FIELD_MESSAGE, message);
    say(job->run, &event, false);
}

void tell_verifying(struct job *job)
{
    struct event event = event_for(job, EVENT_VERIFYING);
    event_set_text(&event, FIELD_TITLE, title(job));
    say(job->run, &event, false);
}

void tell_done(struct job *job)
{
    struct event event = event_for(job, EVENT_DONE);
    event_set_text(&event, FIELD_TITLE, title(job));
    event_set_integer(&event, FIELD_DURATION, lasted(job));
    say(job->run, &event, change(job));
}

/* Does a step around it tolerate that it failed? Then the run goes on, and is recovered at best. */
static bool is_borne(const struct job *job)
{
    if (job->loop != NULL && job->step->tolerate != NULL)
        return true;
    for (const struct opened *home = job->home; home != NULL && home->owner != NULL;
         home = home->owner->home)
        if (home->owner->step->tolerate != NULL)
            return true;
    return false;
}

void tell_failed(struct job *job, const char *reason, const char *message, const char *tolerated)
{
    struct event event = event_for(job, EVENT_FAILED);
    event_set_text(&event, FIELD_REASON, reason);
    event_set_text(&event, FIELD_MESSAGE, message ? message : "");
    event_set_text(&event, FIELD_TOLERATED, tolerated);
    if (tolerated == NULL && is_borne(job))
        event_set_truth(&event, FIELD_BORNE, true);
    event_set_text(&event, FIELD_TITLE, title(job));
    event_set_integer(&event, FIELD_DURATION, lasted(job));
    say(job->run, &event, change(job));
}

void tell_unknown(struct job *job, const char *message)
{
    tell_unknown_name(job->run, job->name, message);
}

void tell_unknown_name(struct run *run, const char *name, const char *message)
{
    struct event event = event_of(EVENT_UNKNOWN, name, loop_wall(run->setup->loop));
    event_set_text(&event, FIELD_MESSAGE, message ? message : "");
    event_set_text(&event, FIELD_TITLE, name);
    say(run, &event, true);
}

void tell_settled(struct job *job, const char *how, const char *verdict, const char *reason)
{
    const struct person *person = &job->run->setup->person;
    struct event event = event_for(job, EVENT_SETTLED);
    event_set_text(&event, FIELD_HOW, how);
    event_set_text(&event, FIELD_VERDICT, verdict);
    if (reason != NULL && reason[0] != '\0')
        event_set_text(&event, FIELD_REASON, reason);
    if (strcmp(how, "person") == 0) {
        event_set_text(&event, FIELD_USER, person->user);
        event_set_integer(&event, FIELD_UID, person->uid);
    }
    say(job->run, &event, true);
}

void tell_cancelled(struct job *job, const char *reason)
{
    struct event event = event_for(job, EVENT_CANCELLED);
    if (reason != NULL && reason[0] != '\0')
        event_set_text(&event, FIELD_REASON, reason);
    event_set_text(&event, FIELD_TITLE, title(job));
    event_set_integer(&event, FIELD_DURATION, lasted(job));
    say(job->run, &event, change(job));
}

void tell_undone(struct run *run, const char *name)
{
    const struct state_step *known = state_step(run->state, name);
    struct event event = event_of(EVENT_UNDONE, name, loop_wall(run->setup->loop));
    event_set_text(&event, FIELD_TITLE, known != NULL && known->title ? known->title : name);
    say(run, &event, true);
}

void tell_again(struct run *run, const char *name, const char *reason, bool fresh)
{
    struct event event = event_of(EVENT_AGAIN, name, loop_wall(run->setup->loop));
    event_set_text(&event, FIELD_REASON, reason);
    if (fresh)
        event_set_truth(&event, FIELD_FRESH, true);
    say(run, &event, false);
}

void tell_note(struct run *run, const char *name, const char *message)
{
    struct event event = event_of(EVENT_NOTE, name, loop_wall(run->setup->loop));
    event_set_text(&event, FIELD_MESSAGE, message);
    say(run, &event, false);
}

/* ---- the run ---- */

void tell_stopping(struct run *run, const char *reason, const char *user)
{
    struct event event = event_of(EVENT_STOPPING, NULL, loop_wall(run->setup->loop));
    event_set_text(&event, FIELD_REASON, reason);
    event_set_text(&event, FIELD_USER, user);
    say(run, &event, false);
}

void tell_ended(struct run *run, const char *result, int exit, const char *reason,
                const char *const *tolerated, size_t count)
{
    const struct state_run *known = state_run(run->state);
    int64_t now = loop_wall(run->setup->loop);
    struct event event = event_of(EVENT_ENDED, NULL, now);
    event_set_text(&event, FIELD_RESULT, result);
    event_set_integer(&event, FIELD_EXIT, exit);
    event_set_text(&event, FIELD_REASON, reason);
    if (count > 0)
        event_set_texts(&event, FIELD_STEPS, tolerated, count);
    event_set_integer(&event, FIELD_DURATION, now - known->started);
    say(run, &event, true);
}
