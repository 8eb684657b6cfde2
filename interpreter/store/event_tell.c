/* An event's sentence for people, from its template in events.def. */
#include "store/event.h"

#include "base/arena.h"
#include "base/units.h"
#include "lang/value.h"
#include "store/event_table.h"

#include <inttypes.h>
#include <string.h>

enum { SHOWN_VALUE = 200 /* characters: a sentence is one line */ };

static void tell_texts(const struct event_slot *slot, struct buffer *into)
{
    for (size_t i = 0; i < slot->texts.count; i++) {
        buffer_text(into, i == 0 ? "" : "; ");
        buffer_text(into, slot->texts.at[i]);
    }
}

static void tell_slot(const struct event_slot *slot, struct buffer *into)
{
    switch (field_about(slot->field)->kind) {
    case KIND_TEXT:
    case KIND_PROSE:
        buffer_add(into, slot->text.at, slot->text.length);
        break;
    case KIND_INT:
        buffer_format(into, "%" PRId64, slot->integer);
        break;
    case KIND_BOOL:
        buffer_text(into, slot->truth ? "yes" : "no");
        break;
    case KIND_TEXTS:
        tell_texts(slot, into);
        break;
    case KIND_VALUE:
        value_show(slot->value, SHOWN_VALUE, into);
        break;
    case KIND_JSON:
        break; /* no sentence holds a deed */
    }
}

static void tell_time(int64_t time, struct buffer *into)
{
    struct arena *arena = arena_new();
    buffer_text(into, time_print(arena, time));
    arena_free(arena);
}

static const struct event_slot *slot_named(const struct event *event, struct text name)
{
    for (size_t i = 0; i < event->count; i++) {
        if (text_is(name, field_about(event->at[i].field)->name)) {
            return &event->at[i];
        }
    }
    return NULL;
}

/* False when there is no such thing in the event. */
static bool tell_name(const struct event *event, struct text name, struct buffer *into)
{
    if (text_is(name, "time")) {
        tell_time(event->time, into);
        return true;
    }
    const struct event_slot *slot = slot_named(event, name);
    if (slot != NULL) {
        tell_slot(slot, into);
        return true;
    }
    /* A step without a title goes by its name. */
    if (event->step != NULL && (text_is(name, "step") || text_is(name, "title"))) {
        buffer_text(into, event->step);
        return true;
    }
    return false;
}

void event_describe(const struct event *event, struct buffer *into)
{
    size_t part = 0; /* where the part in [ ] began */
    bool whole = true;
    for (const char *at = event_about(event->kind)->sentence; *at != '\0'; at++) {
        if (*at == '[') {
            part = into->length;
            whole = true;
        } else if (*at == ']') {
            into->length = whole ? into->length : part;
        } else if (*at == '{') {
            size_t length = strcspn(at + 1, "}");
            whole = tell_name(event, (struct text){at + 1, length}, into) && whole;
            at += length + 1;
        } else {
            buffer_add(into, at, 1);
        }
    }
    buffer_add(into, "", 0); /* ends it where a part was taken back */
}
