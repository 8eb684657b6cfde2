/* An event as a line. Plain texts and numbers, most of all there is, are written as they are; what
 * needs care (escapes, values) is jansson's. */
#include "store/event.h"

#include "lang/value.h"
#include "store/event_table.h"
#include "sys/failure.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>
#include <time.h>
#include <unistr.h>

static int dump_into(const char *at, size_t length, void *into)
{
    buffer_add(into, at, length);
    return 0;
}

static bool dump(const json_t *json, struct buffer *into)
{
    return json_dump_callback(json, dump_into, into, JSON_COMPACT | JSON_ENCODE_ANY) == 0;
}

/* Printable ASCII that JSON needs no escape for. */
static bool is_plain(struct text text)
{
    for (size_t i = 0; i < text.length; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c < 0x20 || c > 0x7e || c == '"' || c == '\\') {
            return false;
        }
    }
    return true;
}

/* False when it isn't UTF-8. */
static bool put_text(struct text text, struct buffer *into)
{
    if (is_plain(text)) {
        buffer_add(into, "\"", 1);
        buffer_add(into, text.at, text.length);
        buffer_add(into, "\"", 1);
        return true;
    }
    json_t *json = json_stringn(text.at, text.length);
    bool ok = json != NULL && dump(json, into);
    json_decref(json);
    return ok;
}

/* What is no UTF-8 becomes \xNN: a message that names a file of such a name must not end the run.
 */
static void put_prose(struct text text, struct buffer *into)
{
    struct buffer clean = {0};
    if (is_plain(text)) {
        put_text(text, into);
        return;
    }
    while (text.length > 0) {
        const uint8_t *bad = u8_check((const uint8_t *)text.at, text.length);
        size_t good = bad == NULL ? text.length : (size_t)((const char *)bad - text.at);
        buffer_add(&clean, text.at, good);
        if (bad != NULL) {
            buffer_format(&clean, "\\x%02x", *bad);
            good++;
        }
        text.at += good;
        text.length -= good;
    }
    put_text(buffer_slice(&clean), into);
    buffer_free(&clean);
}

static void put_texts(const char *const *at, size_t count, struct buffer *into)
{
    buffer_text(into, "[");
    for (size_t i = 0; i < count; i++) {
        buffer_text(into, i == 0 ? "" : ",");
        put_prose(text_of(at[i]), into);
    }
    buffer_text(into, "]");
}

static void put_integer(int64_t integer, struct buffer *into)
{
    char digits[24];
    char *at = digits + sizeof digits;
    uint64_t rest = integer < 0 ? -(uint64_t)integer : (uint64_t)integer;
    do {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (integer < 0) {
        *--at = '-';
    }
    buffer_add(into, at, (size_t)(digits + sizeof digits - at));
}

static bool put_value(const struct value *value, struct buffer *into)
{
    json_t *json = value_to_json(value);
    bool ok = json != NULL && dump(json, into);
    json_decref(json);
    return ok;
}

/* What was added behind START is too long for a line: it goes into a file, its digest stays. */
static bool move_to_file(const struct event_files *files, size_t start, struct buffer *into,
                         struct failure *failure)
{
    char digest[65];
    struct text bytes = {into->at + start, into->length - start};
    if (!files->keep(files->context, bytes, digest, failure)) {
        return false;
    }
    into->length = start;
    buffer_format(into, "{\"$file\":\"%s\"}", digest);
    return true;
}

static bool not_json(const char *field, struct failure *failure)
{
    return failure_set(failure, 0, "'%s' holds what JSON can't hold (no UTF-8, no finite number)",
                       field);
}

static bool put_outputs(const struct value *map, const struct event_files *files,
                        struct buffer *into, struct failure *failure)
{
    buffer_text(into, "{");
    for (size_t i = 0; i < map->map.count; i++) {
        const struct member *member = &map->map.at[i];
        buffer_text(into, i == 0 ? "" : ",");
        if (!put_text(text_of(member->key), into)) {
            return not_json("outputs", failure);
        }
        buffer_text(into, ":");
        size_t start = into->length;
        if (!put_value(member->value, into)) {
            return not_json(member->key, failure);
        }
        if (files != NULL && into->length - start > EVENT_INLINE &&
            !move_to_file(files, start, into, failure)) {
            return false;
        }
    }
    buffer_text(into, "}");
    return true;
}

/* A map whose only key begins with '$' needs value_to_json's own form. */
static bool is_outputs(const struct event_slot *slot)
{
    return slot->field == FIELD_OUTPUTS && slot->value->kind == VALUE_MAP &&
           !(slot->value->map.count == 1 && slot->value->map.at[0].key[0] == '$');
}

static bool put_slot(const struct event_slot *slot, const struct event_files *files,
                     struct buffer *into, struct failure *failure)
{
    const struct field_about *about = field_about(slot->field);
    bool ok = true;
    switch (about->kind) {
    case KIND_TEXT:
        ok = put_text(slot->text, into);
        break;
    case KIND_PROSE:
        put_prose(slot->text, into);
        break;
    case KIND_INT:
        put_integer(slot->integer, into);
        break;
    case KIND_BOOL:
        buffer_text(into, slot->truth ? "true" : "false");
        break;
    case KIND_TEXTS:
        put_texts(slot->texts.at, slot->texts.count, into);
        break;
    case KIND_VALUE:
        if (is_outputs(slot)) {
            return put_outputs(slot->value, files, into, failure);
        }
        ok = put_value(slot->value, into);
        break;
    case KIND_JSON:
        ok = dump(slot->json, into);
        break;
    }
    return ok || not_json(about->name, failure);
}

static void put_digits(char *at, int count, int64_t number)
{
    for (int i = count - 1; i >= 0; i--) {
        at[i] = (char)('0' + number % 10);
        number /= 10;
    }
}

/* RFC 3339 in UTC, always to the nanosecond: lines of one length are easier to read below each
 * other. */
static bool put_time(int64_t time, struct buffer *into)
{
    time_t seconds = time / 1000000000;
    struct tm parts;
    if (time < 0 || gmtime_r(&seconds, &parts) == NULL) {
        return false;
    }
    char text[] = "\"0000-00-00T00:00:00.000000000Z\"";
    put_digits(text + 1, 4, parts.tm_year + 1900);
    put_digits(text + 6, 2, parts.tm_mon + 1);
    put_digits(text + 9, 2, parts.tm_mday);
    put_digits(text + 12, 2, parts.tm_hour);
    put_digits(text + 15, 2, parts.tm_min);
    put_digits(text + 18, 2, parts.tm_sec);
    put_digits(text + 21, 9, time % 1000000000);
    buffer_add(into, text, sizeof text - 1);
    return true;
}

bool event_complete(const struct event *event, struct failure *failure)
{
    const struct event_about *about = event_about(event->kind);
    for (size_t i = 0; i < about->count; i++) {
        if (about->members[i].must && !event_has(event, about->members[i].field)) {
            return failure_set(failure, 0, "it lacks '%s'",
                               field_about(about->members[i].field)->name);
        }
    }
    return true;
}

static bool put_head(const struct event *event, struct buffer *into, struct failure *failure)
{
    buffer_text(into, EVENT_START);
    put_integer((int64_t)event->seq, into);
    buffer_text(into, ",\"time\":");
    if (!put_time(event->time, into)) {
        return failure_set(failure, 0, "%" PRId64 " is no time that can be written", event->time);
    }
    buffer_text(into, ",\"event\":\"");
    buffer_text(into, event_name(event->kind));
    buffer_text(into, "\"");
    if (event->step != NULL) {
        buffer_text(into, ",\"step\":");
        return put_text(text_of(event->step), into) || not_json("step", failure);
    }
    return true;
}

static bool put_event(const struct event *event, const struct event_files *files,
                      struct buffer *into, struct failure *failure)
{
    if (!event_complete(event, failure) || !put_head(event, into, failure)) {
        return false;
    }
    for (size_t i = 0; i < event->count; i++) {
        buffer_text(into, ",\"");
        buffer_text(into, field_about(event->at[i].field)->name);
        buffer_text(into, "\":");
        if (!put_slot(&event->at[i], files, into, failure)) {
            return false;
        }
    }
    return true;
}

bool event_encode(const struct event *event, const struct event_files *files, struct buffer *into,
                  struct failure *failure)
{
    size_t start = into->length;
    if (put_event(event, files, into, failure)) {
        return true;
    }
    into->length = start;
    return failure_wrap(failure, "event '%s'%s%s", event_name(event->kind),
                        event->step == NULL ? "" : " of ", event->step == NULL ? "" : event->step);
}
