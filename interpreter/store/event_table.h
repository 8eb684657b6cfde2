/* event_table: events.def as data, for the files of store/event alone. */
#ifndef STORE_EVENT_TABLE_H
#define STORE_EVENT_TABLE_H

#include "store/event.h"

struct event_member {
    enum event_field field;
    bool must;
};

struct event_about {
    const char *name;
    enum event_subject subject;
    enum event_sync sync;
    const char *sentence;
    const struct event_member *members;
    size_t count;
};

struct field_about {
    const char *name;
    enum field_kind kind;
};

const struct event_about *event_about(enum event_kind kind);
const struct field_about *field_about(enum event_field field);
/* The slot of that field, or NULL. */
const struct event_slot *event_slot(const struct event *event, enum event_field field);

#endif
