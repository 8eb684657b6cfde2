/* event: one thing that happened in a run, and its line of JSON.
 * For whoever tells the journal what happens (engine, commands) and whoever reads it (fold,
 * reports). What can happen stands in events.def. May not use the engine, nor anything of a
 * runbook's model: a step is its full name. An event owns nothing: what it points to belongs to the
 * one who made it, or, when it was read, to the arena it was read into. */
#ifndef STORE_EVENT_H
#define STORE_EVENT_H

#include "base/text.h"
#include "lang/action.h"
#include "sys/person.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct buffer;
struct failure;
struct json_t;
struct value;

enum event_field {
#define FIELD(id, name, kind) FIELD_##id,
#include "store/events.def"
#undef FIELD
    FIELD_COUNT
};

enum event_kind {
#define EVENT(id, ...) EVENT_##id,
#include "store/events.def"
#undef EVENT
    EVENT_COUNT
};

enum {
    EVENT_FORMAT = 1,
    EVENT_FIELDS = 32, /* the most that one event has */
    EVENT_INLINE = 64 * 1024
};
#define EVENT_START "{ \"seq\":"

enum field_kind { KIND_TEXT, KIND_PROSE, KIND_INT, KIND_BOOL, KIND_TEXTS, KIND_VALUE, KIND_JSON };
enum event_subject { EVENT_ABOUT_STEP, EVENT_ABOUT_RUN, EVENT_ABOUT_ANY };
enum event_sync { EVENT_SYNC_NEVER, EVENT_SYNC_CHANGE, EVENT_SYNC_ALWAYS }; /* see events.def */

struct event_slot {
    enum event_field field;
    union {
        struct text text;
        int64_t integer;
        bool truth;
        struct {
            const char *const *at;
            size_t count;
        } texts;
        const struct value *value;
        const struct json_t *json;
    };
};

struct event {
    enum event_kind kind;
    uint64_t seq;     /* from 1, without a gap; journal_append gives it */
    int64_t time;     /* ns since 1970 UTC */
    const char *step; /* full name; NULL: of the run */
    struct event_slot at[EVENT_FIELDS];
    size_t count;
};

/* An event without fields; STEP is kept, not copied. */
struct event event_of(enum event_kind kind, const char *step, int64_t time);
/* Each sets a field that the event may have and that is of that kind (asserted). NULL sets nothing,
 * so that what may be absent needs no branch. Nothing is copied. */
void event_set_text(struct event *event, enum event_field field, const char *text);
/* Who: user, uid and, where there is one, login id. */
void event_set_person(struct event *event, const struct person *person);
void event_set_integer(struct event *event, enum event_field field, int64_t integer);
void event_set_truth(struct event *event, enum event_field field, bool truth);
void event_set_texts(struct event *event, enum event_field field, const char *const *at,
                     size_t count);
void event_set_value(struct event *event, enum event_field field, const struct value *value);
void event_set_json(struct event *event, enum event_field field, const struct json_t *json);

bool event_has(const struct event *event, enum event_field field);
/* NULL, 0, false when it isn't there. A text is NUL-terminated. */
const char *event_text(const struct event *event, enum event_field field);
int64_t event_integer(const struct event *event, enum event_field field);
bool event_truth(const struct event *event, enum event_field field);
size_t event_texts(const struct event *event, enum event_field field, const char *const **at);
const struct value *event_value(const struct event *event, enum event_field field);
const struct json_t *event_json(const struct event *event, enum event_field field);

/* Has it all fields that it must have? False with FAILURE. */
bool event_complete(const struct event *event, struct failure *failure);

/* Where an output goes that is too long for a line (over EVENT_INLINE bytes of JSON). Each is false
 * with FAILURE filled. */
struct event_files {
    /* Keeps BYTES, durably, and gives their SHA-256 in hex. */
    bool (*keep)(void *context, struct text bytes, char digest[65], struct failure *failure);
    /* Appends what was kept; it must still have that digest. */
    bool (*load)(void *context, const char *digest, struct buffer *into, struct failure *failure);
    void *context;
};

/* Appends the event as JSON, one line without its end: an open object, to which the journal adds
 * the hash and the closing brace. It begins with EVENT_START and no event holds these bytes
 * anywhere else (values are written without blanks, quotes in texts are escaped): so the start of a
 * record can be told in a damaged file. False with FAILURE, and INTO as it was, when a field that
 * must be there is not, or a text is not UTF-8. FILES may be NULL: all outputs stand in the line.
 */
bool event_encode(const struct event *event, const struct event_files *files, struct buffer *into,
                  struct failure *failure);
/* Reads a whole line (with its hash, which is not looked at). False with FAILURE: no JSON, a higher
 * format, an unknown event or field, one of a wrong kind, one missing. FILES may be NULL: an output
 * that is kept in a file is then a map of its digest. */
bool event_decode(struct arena *arena, struct text line, const struct event_files *files,
                  struct event *event, struct failure *failure);

/* Must it be synced before what it tells of begins or counts, when its step changes something or
 * not? */
bool event_needs_sync(enum event_kind kind, bool change);
const char *event_name(enum event_kind kind); /* "intent" */
bool event_find(const char *name, enum event_kind *kind);
/* The sentence for people, filled in. */
void event_describe(const struct event *event, struct buffer *into);

/* "not_started", as it stands in an outcome event. */
const char *event_outcome_name(enum outcome_kind kind);
bool event_outcome_find(const char *name, enum outcome_kind *kind);

#endif
