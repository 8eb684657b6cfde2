/* Values as JSON that loses no kind, and JSON texts as values. The form is told in value.h. */
#include "lang/value.h"

#include "base/arena.h"
#include "base/units.h"
#include "lang/type.h"

#include <jansson.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

enum { JSON_LIMIT = 16 * 1024 * 1024 }; /* bytes of a JSON text: the limit of a value */

static json_t *tagged(const char *tag, json_t *content)
{
    json_t *object = json_object();
    json_object_set_new(object, tag, content);
    return object;
}

/* JSON holds no bytes that are not UTF-8, and a NUL in it is what most readers trip over. */
static bool is_json_text(struct text text)
{
    return text.length == 0 || (memchr(text.at, '\0', text.length) == NULL &&
                                u8_check((const uint8_t *)text.at, text.length) == NULL);
}

static json_t *text_to_json(struct text text)
{
    if (is_json_text(text)) {
        return json_stringn_nocheck(text.length ? text.at : "", text.length);
    }
    unsigned char *encoded = memory_resize(NULL, (text.length + 2) / 3 * 4 + 1);
    int length = EVP_EncodeBlock(encoded, (const unsigned char *)text.at, (int)text.length);
    json_t *bytes = json_stringn((const char *)encoded, (size_t)length);
    free(encoded);
    return tagged("$bytes", bytes);
}

/* How a kind that JSON does not have is told. */
enum form {
    FORM_EXACT, /* {"$duration": "90s"} */
    FORM_PLAIN, /* "90s" */
};

static json_t *to_json(const struct value *value, enum form form);

static json_t *list_to_json(const struct value *value, enum form form)
{
    json_t *array = json_array();
    for (size_t i = 0; i < value->list.count; i++) {
        json_array_append_new(array, to_json(value->list.at[i], form));
    }
    return array;
}

static bool has_json_keys(const struct value *map)
{
    for (size_t i = 0; i < map->map.count; i++) {
        if (!is_json_text(text_of(map->map.at[i].key))) {
            return false;
        }
    }
    return true;
}

/* A map with keys that JSON can't hold, such as a header's name that is not UTF-8. */
static json_t *entries_to_json(const struct value *value, enum form form)
{
    json_t *entries = json_array();
    for (size_t i = 0; i < value->map.count; i++) {
        json_t *entry = json_array();
        json_array_append_new(entry, text_to_json(text_of(value->map.at[i].key)));
        json_array_append_new(entry, to_json(value->map.at[i].value, form));
        json_array_append_new(entries, entry);
    }
    return tagged("$entries", entries);
}

static json_t *map_to_json(const struct value *value, enum form form)
{
    if (!has_json_keys(value)) {
        return entries_to_json(value, form);
    }
    json_t *object = json_object();
    for (size_t i = 0; i < value->map.count; i++) {
        json_object_set_new_nocheck(object, value->map.at[i].key,
                                    to_json(value->map.at[i].value, form));
    }
    bool ambiguous = form == FORM_EXACT && value->map.count == 1 && value->map.at[0].key[0] == '$';
    return ambiguous ? tagged("$map", object) : object;
}

static json_t *unit_to_json(const struct value *value, const char *tag, enum form form)
{
    struct arena *arena = arena_new();
    json_t *text = json_string(value_print(arena, value));
    arena_free(arena);
    return form == FORM_PLAIN ? text : tagged(tag, text);
}

static json_t *to_json(const struct value *value, enum form form)
{
    switch (value->kind) {
    case VALUE_UNSET:
        return json_null();
    case VALUE_TEXT:
        return text_to_json(value->text);
    case VALUE_INT:
        return json_integer(value->integer);
    case VALUE_FLOAT:
        return json_real(value->real);
    case VALUE_BOOL:
        return json_boolean(value->truth);
    case VALUE_DURATION:
        return unit_to_json(value, "$duration", form);
    case VALUE_SIZE:
        return unit_to_json(value, "$size", form);
    case VALUE_TIME:
        return unit_to_json(value, "$time", form);
    case VALUE_LIST:
        return list_to_json(value, form);
    case VALUE_MAP:
        return map_to_json(value, form);
    case VALUE_UNKNOWN:
        return form == FORM_PLAIN ? text_to_json(value->text)
                                  : tagged("$unknown", text_to_json(value->text));
    case VALUE_SECRET:
        return form == FORM_PLAIN ? text_to_json(value->text)
                                  : tagged("$secret", to_json(value_secret_parts(value), form));
    }
    return NULL;
}

struct json_t *json_of_text(const char *text)
{
    return text_to_json(text_of(text));
}

void json_set_text(struct json_t *object, const char *key, const char *text)
{
    if (text != NULL)
        json_object_set_new(object, key, json_of_text(text));
}

struct json_t *value_to_json(const struct value *value)
{
    return to_json(value, FORM_EXACT);
}

struct json_t *value_to_plain_json(const struct value *value)
{
    return to_json(value, FORM_PLAIN);
}

static const struct value *map_from_json(struct arena *arena, json_t *object, enum form form);
static const struct value *from_json(struct arena *arena, json_t *json, enum form form);

static const struct value *bytes_from_json(struct arena *arena, struct text encoded)
{
    if (encoded.length % 4 != 0 || encoded.length > INT32_MAX) {
        return NULL;
    }
    unsigned char *bytes = arena_alloc(arena, encoded.length / 4 * 3 + 1);
    int length = EVP_DecodeBlock(bytes, (const unsigned char *)encoded.at, (int)encoded.length);
    if (length < 0) {
        return NULL;
    }
    /* EVP_DecodeBlock counts the padding as bytes. */
    for (size_t i = encoded.length; i > 0 && encoded.at[i - 1] == '='; i--) {
        length--;
    }
    return value_text(arena, (struct text){(const char *)bytes, (size_t)length});
}

static const struct value *entries_from_json(struct arena *arena, json_t *entries)
{
    size_t count = json_array_size(entries);
    struct member *at = arena_alloc(arena, (count + 1) * sizeof *at);
    for (size_t i = 0; i < count; i++) {
        json_t *entry = json_array_get(entries, i);
        if (json_array_size(entry) != 2) {
            return NULL;
        }
        const struct value *key = from_json(arena, json_array_get(entry, 0), FORM_EXACT);
        if (key->kind != VALUE_TEXT) {
            return NULL;
        }
        at[i] =
            (struct member){key->text.at, from_json(arena, json_array_get(entry, 1), FORM_EXACT)};
    }
    return value_map(arena, at, count);
}

static const struct value *secret_from_json(struct arena *arena, json_t *content)
{
    const struct value *parts = from_json(arena, content, FORM_EXACT);
    if (parts == NULL || parts->kind != VALUE_LIST) {
        return NULL;
    }
    for (size_t i = 0; i < parts->list.count; i++) {
        const struct value *part = parts->list.at[i], *name = value_find(part, "name");
        if (part->kind != VALUE_TEXT && (name == NULL || name->kind != VALUE_TEXT)) {
            return NULL;
        }
    }
    return value_secret(arena, parts);
}

/* {"$…": CONTENT}; NULL when it is none of ours. */
static const struct value *tagged_from_json(struct arena *arena, const char *tag, json_t *content)
{
    if (strcmp(tag, "$map") == 0 && json_is_object(content)) {
        return map_from_json(arena, content, FORM_EXACT);
    }
    if (strcmp(tag, "$entries") == 0 && json_is_array(content)) {
        return entries_from_json(arena, content);
    }
    if (strcmp(tag, "$unknown") == 0) {
        const struct value *shown = from_json(arena, content, FORM_EXACT);
        return shown->kind == VALUE_TEXT ? value_unknown_text(arena, shown->text) : NULL;
    }
    if (strcmp(tag, "$secret") == 0) {
        return secret_from_json(arena, content);
    }
    if (!json_is_string(content)) {
        return NULL;
    }
    struct text text = {json_string_value(content), json_string_length(content)};
    const char *ignored = NULL;
    enum type_kind kind = TYPE_NOTHING;
    if (strcmp(tag, "$bytes") == 0) {
        return bytes_from_json(arena, text);
    }
    if (strcmp(tag, "$duration") == 0) {
        kind = TYPE_DURATION;
    } else if (strcmp(tag, "$size") == 0) {
        kind = TYPE_SIZE;
    } else if (strcmp(tag, "$time") == 0) {
        kind = TYPE_TIME;
    }
    return kind == TYPE_NOTHING ? NULL
                                : value_read(arena, type_scalar(kind), text, false, &ignored);
}

static const struct value *map_from_json(struct arena *arena, json_t *object, enum form form)
{
    size_t count = json_object_size(object);
    struct member *at = memory_resize(NULL, count * sizeof *at);
    size_t i = 0;
    const char *key = NULL;
    json_t *member = NULL;
    json_object_foreach(object, key, member)
    {
        at[i].key = arena_copy(arena, key, strlen(key));
        at[i++].value = from_json(arena, member, form);
    }
    const struct value *map = value_map(arena, at, count);
    free(at);
    return map;
}

static const struct value *object_from_json(struct arena *arena, json_t *object, enum form form)
{
    if (form == FORM_EXACT && json_object_size(object) == 1) {
        void *only = json_object_iter(object);
        const char *key = json_object_iter_key(only);
        const struct value *value =
            *key == '$' ? tagged_from_json(arena, key, json_object_iter_value(only)) : NULL;
        if (value != NULL) {
            return value;
        }
    }
    return map_from_json(arena, object, form);
}

static const struct value *array_from_json(struct arena *arena, json_t *array, enum form form)
{
    size_t count = json_array_size(array);
    const struct value **at = memory_resize(NULL, count * sizeof *at);
    for (size_t i = 0; i < count; i++) {
        at[i] = from_json(arena, json_array_get(array, i), form);
    }
    const struct value *list = value_list(arena, at, count);
    free(at);
    return list;
}

static const struct value *from_json(struct arena *arena, json_t *json, enum form form)
{
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        return object_from_json(arena, json, form);
    case JSON_ARRAY:
        return array_from_json(arena, json, form);
    case JSON_STRING:
        return value_text(arena, (struct text){json_string_value(json), json_string_length(json)});
    case JSON_INTEGER:
        return value_integer(arena, VALUE_INT, json_integer_value(json));
    case JSON_REAL:
        return value_float(arena, json_real_value(json));
    case JSON_TRUE:
        return &value_true;
    case JSON_FALSE:
        return &value_false;
    case JSON_NULL:
        break;
    }
    return &value_unset;
}

const struct value *value_from_json(struct arena *arena, const struct json_t *json)
{
    /* jansson's readers take no const; none of them writes. */
    return from_json(arena, (json_t *)json, FORM_EXACT);
}

const struct value *value_parse_json(struct arena *arena, struct text text, const char **problem)
{
    if (text.length > JSON_LIMIT) {
        *problem = "a JSON text has at most 16MiB, and this is more";
        return NULL;
    }
    json_error_t error;
    json_t *json = json_loadb(text.length ? text.at : "", text.length,
                              JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (json == NULL) {
        *problem = arena_format(arena, "bad JSON: %s, at line %d, column %d", error.text,
                                error.line, error.column);
        return NULL;
    }
    const struct value *value = from_json(arena, json, FORM_PLAIN);
    json_decref(json);
    return value;
}
