#include "store/event.h"

#include "lang/value.h"
#include "store/event_table.h"

#include <assert.h>
#include <string.h>

static const struct field_about fields[] = {
#define FIELD(id, name, kind) [FIELD_##id] = {name, KIND_##kind},
#include "store/events.def"
#undef FIELD
};
static_assert(sizeof fields / sizeof fields[0] == FIELD_COUNT, "one line for each field");

#define MUST(id)         \
    {                    \
        FIELD_##id, true \
    }
#define MAY(id)           \
    {                     \
        FIELD_##id, false \
    }
#define EVENT(id, name, about, sync, sentence, ...)                  \
    static const struct event_member members_##id[] = {__VA_ARGS__}; \
    static_assert(sizeof members_##id / sizeof members_##id[0] <= EVENT_FIELDS, name);
#include "store/events.def"
#undef EVENT

static const struct event_about abouts[] = {
#define EVENT(id, name, about, sync, sentence, ...)                   \
    [EVENT_##id] = {name,     EVENT_ABOUT_##about, EVENT_SYNC_##sync, \
                    sentence, members_##id,        sizeof members_##id / sizeof members_##id[0]},
#include "store/events.def"
#undef EVENT
};
static_assert(sizeof abouts / sizeof abouts[0] == EVENT_COUNT, "one line for each event");

static const char *const outcome_names[] = {
    [OUTCOME_ENDED] = "ended",   [OUTCOME_NOT_STARTED] = "not_started",
    [OUTCOME_DIED] = "died",     [OUTCOME_TIMED_OUT] = "timed_out",
    [OUTCOME_LOST] = "lost",     [OUTCOME_CANCELLED] = "cancelled",
    [OUTCOME_FAILED] = "failed",
};
enum { OUTCOMES = sizeof outcome_names / sizeof outcome_names[0] };

const struct event_about *event_about(enum event_kind kind)
{
    assert(kind < EVENT_COUNT);
    return &abouts[kind];
}

const struct field_about *field_about(enum event_field field)
{
    assert(field < FIELD_COUNT);
    return &fields[field];
}

struct event event_of(enum event_kind kind, const char *step, int64_t time)
{
    assert(abouts[kind].subject != EVENT_ABOUT_STEP || step != NULL);
    assert(abouts[kind].subject != EVENT_ABOUT_RUN || step == NULL);
    struct event event;
    event.kind = kind;
    event.seq = 0;
    event.time = time;
    event.step = step;
    event.count = 0; /* the slots behind the count are never read */
    return event;
}

static bool may_have(enum event_kind kind, enum event_field field)
{
    for (size_t i = 0; i < abouts[kind].count; i++) {
        if (abouts[kind].members[i].field == field) {
            return true;
        }
    }
    return false;
}

/* Prose is a text to who sets or asks. */
static bool is_kind(enum event_field field, enum field_kind kind)
{
    return fields[field].kind == kind || (fields[field].kind == KIND_PROSE && kind == KIND_TEXT);
}

static struct event_slot *slot_add(struct event *event, enum event_field field,
                                   enum field_kind kind)
{
    assert(is_kind(field, kind));
    (void)kind;
    assert(may_have(event->kind, field));
    assert(event_slot(event, field) == NULL);
    struct event_slot *slot = &event->at[event->count++];
    slot->field = field;
    return slot;
}

void event_set_text(struct event *event, enum event_field field, const char *text)
{
    if (text != NULL) {
        slot_add(event, field, KIND_TEXT)->text = text_of(text);
    }
}

void event_set_person(struct event *event, const struct person *person)
{
    event_set_text(event, FIELD_USER, person->user);
    event_set_integer(event, FIELD_UID, person->uid);
    if (person->login >= 0)
        event_set_integer(event, FIELD_LOGIN, person->login);
}

void event_set_integer(struct event *event, enum event_field field, int64_t integer)
{
    slot_add(event, field, KIND_INT)->integer = integer;
}

void event_set_truth(struct event *event, enum event_field field, bool truth)
{
    slot_add(event, field, KIND_BOOL)->truth = truth;
}

void event_set_texts(struct event *event, enum event_field field, const char *const *at,
                     size_t count)
{
    if (at != NULL) {
        struct event_slot *slot = slot_add(event, field, KIND_TEXTS);
        slot->texts.at = at;
        slot->texts.count = count;
    }
}

void event_set_value(struct event *event, enum event_field field, const struct value *value)
{
    if (value != NULL) {
        slot_add(event, field, KIND_VALUE)->value = value;
    }
}

void event_set_json(struct event *event, enum event_field field, const struct json_t *json)
{
    if (json != NULL) {
        slot_add(event, field, KIND_JSON)->json = json;
    }
}

const struct event_slot *event_slot(const struct event *event, enum event_field field)
{
    for (size_t i = 0; i < event->count; i++) {
        if (event->at[i].field == field) {
            return &event->at[i];
        }
    }
    return NULL;
}

bool event_has(const struct event *event, enum event_field field)
{
    return event_slot(event, field) != NULL;
}

/* Asking for a field by the wrong kind is a mistake of the program, not of the record. */
static const struct event_slot *slot_of(const struct event *event, enum event_field field,
                                        enum field_kind kind)
{
    assert(is_kind(field, kind));
    (void)kind;
    return event_slot(event, field);
}

const char *event_text(const struct event *event, enum event_field field)
{
    const struct event_slot *slot = slot_of(event, field, KIND_TEXT);
    return slot == NULL ? NULL : slot->text.at;
}

int64_t event_integer(const struct event *event, enum event_field field)
{
    const struct event_slot *slot = slot_of(event, field, KIND_INT);
    return slot == NULL ? 0 : slot->integer;
}

bool event_truth(const struct event *event, enum event_field field)
{
    const struct event_slot *slot = slot_of(event, field, KIND_BOOL);
    return slot != NULL && slot->truth;
}

size_t event_texts(const struct event *event, enum event_field field, const char *const **at)
{
    const struct event_slot *slot = slot_of(event, field, KIND_TEXTS);
    *at = slot == NULL ? NULL : slot->texts.at;
    return slot == NULL ? 0 : slot->texts.count;
}

const struct value *event_value(const struct event *event, enum event_field field)
{
    const struct event_slot *slot = slot_of(event, field, KIND_VALUE);
    return slot == NULL ? NULL : slot->value;
}

const struct json_t *event_json(const struct event *event, enum event_field field)
{
    const struct event_slot *slot = slot_of(event, field, KIND_JSON);
    return slot == NULL ? NULL : slot->json;
}

bool event_needs_sync(enum event_kind kind, bool change)
{
    enum event_sync sync = abouts[kind].sync;
    return sync == EVENT_SYNC_ALWAYS || (sync == EVENT_SYNC_CHANGE && change);
}

const char *event_name(enum event_kind kind)
{
    return event_about(kind)->name;
}

bool event_find(const char *name, enum event_kind *kind)
{
    for (size_t i = 0; i < EVENT_COUNT; i++) {
        if (strcmp(abouts[i].name, name) == 0) {
            *kind = (enum event_kind)i;
            return true;
        }
    }
    return false;
}

const char *event_outcome_name(enum outcome_kind kind)
{
    return outcome_names[kind];
}

bool event_outcome_find(const char *name, enum outcome_kind *kind)
{
    for (size_t i = 0; i < OUTCOMES; i++) {
        if (strcmp(outcome_names[i], name) == 0) {
            *kind = (enum outcome_kind)i;
            return true;
        }
    }
    return false;
}
