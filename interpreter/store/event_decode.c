/* A line as an event. Strict: an event or field that events.def doesn't know, or of another kind,
 * is refused, since nobody can say what it would have meant. */
#include "store/event.h"

#include "base/arena.h"
#include "base/units.h"
#include "lang/value.h"
#include "store/event_table.h"
#include "sys/failure.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

struct reading {
    struct arena *arena;
    const struct event_files *files;
    struct event *event;
    struct failure *failure;
};

static void decref(void *json)
{
    json_decref(json);
}

static bool read_texts(struct reading *reading, const json_t *json, struct event_slot *slot)
{
    size_t count = json_array_size(json);
    const char **at = arena_alloc(reading->arena, (count + 1) * sizeof *at);
    for (size_t i = 0; i < count; i++) {
        at[i] = json_string_value(json_array_get(json, i));
        if (at[i] == NULL) {
            return false;
        }
    }
    slot->texts.at = at;
    slot->texts.count = count;
    return json_is_array(json);
}

/* {"$file": DIGEST}, which no value is written as: the digest, or NULL. */
static const char *file_of(const json_t *json)
{
    return json_object_size(json) == 1 ? json_string_value(json_object_get(json, "$file")) : NULL;
}

static json_t *load_file(struct reading *reading, const char *digest)
{
    struct buffer bytes = {0};
    json_t *json = NULL;
    if (reading->files->load(reading->files->context, digest, &bytes, reading->failure)) {
        json = json_loadb(bytes.at == NULL ? "" : bytes.at, bytes.length,
                          JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
        if (json == NULL) {
            failure_set(reading->failure, 0, "file %s holds no JSON", digest);
        }
    }
    buffer_free(&bytes);
    return json;
}

/* A map whose only key begins with '$' is written in value_to_json's own form, never in files. */
static bool is_tagged(json_t *outputs)
{
    return json_object_size(outputs) == 1 &&
           json_object_iter_key(json_object_iter(outputs))[0] == '$';
}

/* Puts back the outputs that lie in files. */
static bool fill_outputs(struct reading *reading, json_t *outputs)
{
    const char *key;
    json_t *member;
    if (is_tagged(outputs)) {
        return true;
    }
    json_object_foreach(outputs, key, member)
    {
        const char *digest = file_of(member);
        if (digest == NULL) {
            continue;
        }
        json_t *loaded = load_file(reading, digest);
        if (loaded == NULL) {
            return false;
        }
        json_object_set_new(outputs, key, loaded); /* of a key that is there: the loop may go on */
    }
    return true;
}

static bool read_value(struct reading *reading, enum event_field field, json_t *json,
                       struct event_slot *slot)
{
    if (field == FIELD_OUTPUTS && reading->files != NULL && !fill_outputs(reading, json)) {
        return false;
    }
    slot->value = value_from_json(reading->arena, json);
    return slot->value != NULL;
}

static bool read_slot(struct reading *reading, enum event_field field, json_t *json)
{
    struct event_slot *slot = &reading->event->at[reading->event->count++];
    slot->field = field;
    switch (field_about(field)->kind) {
    case KIND_TEXT:
    case KIND_PROSE:
        slot->text = (struct text){json_string_value(json), json_string_length(json)};
        return json_is_string(json);
    case KIND_INT:
        slot->integer = json_integer_value(json);
        return json_is_integer(json);
    case KIND_BOOL:
        slot->truth = json_is_true(json);
        return json_is_boolean(json);
    case KIND_TEXTS:
        return read_texts(reading, json, slot);
    case KIND_VALUE:
        return read_value(reading, field, json, slot);
    case KIND_JSON:
        slot->json = json;
        return true;
    }
    return false;
}

static bool is_envelope(const char *key)
{
    static const char *const keys[] = {"seq", "time", "event", "step", "hash"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (strcmp(key, keys[i]) == 0) {
            return true;
        }
    }
    return false;
}

static const struct event_member *member_named(const struct event_about *about, const char *name)
{
    for (size_t i = 0; i < about->count; i++) {
        if (strcmp(field_about(about->members[i].field)->name, name) == 0) {
            return &about->members[i];
        }
    }
    return NULL;
}

static bool read_fields(struct reading *reading, json_t *root)
{
    const struct event_about *about = event_about(reading->event->kind);
    const char *key;
    json_t *json;
    json_object_foreach(root, key, json)
    {
        if (is_envelope(key)) {
            continue;
        }
        const struct event_member *member = member_named(about, key);
        if (member == NULL) {
            return failure_set(reading->failure, 0, "event '%s' has no field '%s'", about->name,
                               key);
        }
        failure_set(reading->failure, 0, "not of its kind");
        if (!read_slot(reading, member->field, json)) {
            return failure_wrap(reading->failure, "event '%s', field '%s'", about->name, key);
        }
    }
    return event_complete(reading->event, reading->failure) ||
           failure_wrap(reading->failure, "event '%s'", about->name);
}

/* A newer interpreter's record: said as such before anything else in it is looked at. */
static bool read_format(struct reading *reading, const json_t *root)
{
    const json_t *format = json_object_get(root, "format");
    if (json_is_integer(format) && json_integer_value(format) > EVENT_FORMAT) {
        return failure_set(reading->failure, 0,
                           "written in format %lld by a newer runbook; this one reads up to %d",
                           (long long)json_integer_value(format), EVENT_FORMAT);
    }
    return true;
}

static bool read_head(struct reading *reading, const json_t *root)
{
    struct event *event = reading->event;
    const json_t *seq = json_object_get(root, "seq");
    const char *time = json_string_value(json_object_get(root, "time"));
    const char *name = json_string_value(json_object_get(root, "event"));
    const json_t *step = json_object_get(root, "step");
    if (!json_is_integer(seq) || json_integer_value(seq) < 1 || time == NULL || name == NULL ||
        !time_parse(text_of(time), &event->time)) {
        return failure_set(reading->failure, 0, "no seq, time and event at its head");
    }
    event->seq = (uint64_t)json_integer_value(seq);
    if (!event_find(name, &event->kind)) {
        return failure_set(reading->failure, 0, "'%s' is no event that this runbook knows", name);
    }
    event->step = json_string_value(step);
    enum event_subject subject = event_about(event->kind)->subject;
    bool fits = event->step == NULL ? step == NULL && subject != EVENT_ABOUT_STEP
                                    : subject != EVENT_ABOUT_RUN;
    return fits || failure_set(reading->failure, 0, "event '%s' %s a step", name,
                               subject == EVENT_ABOUT_RUN ? "names" : "doesn't name");
}

bool event_decode(struct arena *arena, struct text line, const struct event_files *files,
                  struct event *event, struct failure *failure)
{
    struct reading reading = {arena, files, event, failure};
    event->count = 0;
    json_error_t error;
    json_t *root = json_loadb(line.at, line.length, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL) {
        return failure_set(failure, 0, "no JSON: %s", error.text);
    }
    arena_finally(arena, decref, root);
    return read_format(&reading, root) && read_head(&reading, root) && read_fields(&reading, root);
}
