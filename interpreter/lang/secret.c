#include "lang/secret.h"

#include "base/arena.h"
#include "base/list.h"
#include "base/mask.h"
#include "lang/value.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

struct secrets {
    struct arena *arena; /* of the keys; the bytes are the mask's */
    struct map known;    /* by where it is read: struct text */
    struct mask *mask;
};

struct secrets *secrets_new(void)
{
    struct arena *arena = arena_new();
    struct secrets *secrets = arena_alloc(arena, sizeof *secrets);
    secrets->arena = arena;
    secrets->mask = mask_new();
    return secrets;
}

void secrets_free(struct secrets *secrets)
{
    if (secrets == NULL)
        return;
    mask_free(secrets->mask);
    arena_free(secrets->arena);
}

/* ---- what is a secret in a value ---- */

void secrets_each(const struct value *value, void (*each)(void *data, const struct value *part),
                  void *data)
{
    const struct value *parts = value->kind == VALUE_SECRET ? value_secret_parts(value) : NULL;
    for (size_t i = 0; parts != NULL && i < parts->list.count; i++)
        if (parts->list.at[i]->kind == VALUE_MAP)
            each(data, parts->list.at[i]);
    for (size_t i = 0; value->kind == VALUE_LIST && i < value->list.count; i++)
        secrets_each(value->list.at[i], each, data);
    for (size_t i = 0; value->kind == VALUE_MAP && i < value->map.count; i++)
        secrets_each(value->map.at[i].value, each, data);
}

/* Where it is read, as one text. The caller frees. */
static char *key_of(const struct value *part)
{
    json_t *json = value_to_json(part);
    char *key = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(json);
    if (key == NULL)
        abort();
    return key;
}

static const struct text *find(const struct secrets *secrets, const struct value *part)
{
    char *key = key_of(part);
    const struct text *found = map_get(&secrets->known, key);
    free(key);
    return found;
}

bool secrets_know(const struct secrets *secrets, const struct value *part)
{
    return find(secrets, part) != NULL;
}

static const char *unfit(struct text text)
{
    if (text.length < MASK_LEAST)
        return text.length == 0 ? "it is empty"
                                : "it is shorter than 6 bytes, and could not be hidden in what is "
                                  "printed";
    if (text.length > MASK_MOST)
        return "it is longer than 64 KiB";
    return memchr(text.at, '\0', text.length) ? "it holds a NUL byte" : NULL;
}

/* The mask keeps the one copy there is. */
static struct text copy_of(const struct mask *mask, struct text text)
{
    size_t length = 0;
    const char *at = NULL;
    for (size_t i = 0; (at = mask_secret(mask, i, &length)) != NULL; i++)
        if (text_equal((struct text){at, length}, text))
            break;
    return (struct text){at, length};
}

bool secrets_learn(struct secrets *secrets, const struct value *part, struct text text,
                   const char **why)
{
    *why = unfit(text);
    if (*why != NULL)
        return false;
    mask_learn(secrets->mask, text.at, text.length);
    char *key = key_of(part);
    struct text *kept = arena_alloc(secrets->arena, sizeof *kept);
    *kept = copy_of(secrets->mask, text);
    map_put(secrets->arena, &secrets->known, arena_copy(secrets->arena, key, strlen(key)), kept);
    free(key);
    return true;
}

/* ---- out ---- */

static void add_part(const struct secrets *secrets, const struct value *part, struct buffer *into)
{
    const struct text *known =
        part->kind == VALUE_MAP && secrets != NULL ? find(secrets, part) : &part->text;
    assert(known != NULL); /* a deed begins when all of it is known */
    buffer_add(into, known->at, known->length);
}

struct text secrets_reveal(struct arena *arena, const struct secrets *secrets,
                           const struct value *value)
{
    if (value->kind == VALUE_TEXT)
        return value->text;
    if (value->kind != VALUE_SECRET)
        return text_of(value_print(arena, value));
    const struct value *parts = value_secret_parts(value);
    struct buffer made = {0};
    for (size_t i = 0; i < parts->list.count; i++)
        add_part(secrets, parts->list.at[i], &made);
    struct text text = {arena_copy(arena, made.at, made.length), made.length};
    explicit_bzero(made.at, made.length);
    buffer_free(&made);
    return text;
}

/* ---- and back ---- */

const struct mask *secrets_mask(const struct secrets *secrets)
{
    return secrets ? secrets->mask : NULL;
}

static struct text hide(struct arena *arena, const struct secrets *secrets, struct text text)
{
    size_t length = 0;
    char *masked = mask_text(secrets_mask(secrets), text.at, text.length, &length);
    if (masked == NULL)
        return text;
    struct text hidden = {arena_copy(arena, masked, length), length};
    free(masked);
    return hidden;
}

const char *secrets_hide(struct arena *arena, const struct secrets *secrets, const char *text)
{
    return text ? hide(arena, secrets, text_of(text)).at : NULL;
}

static const struct value *hide_in_list(struct arena *arena, const struct secrets *secrets,
                                        const struct value *value)
{
    const struct value **at = arena_alloc(arena, (value->list.count + 1) * sizeof *at);
    bool same = true;
    for (size_t i = 0; i < value->list.count; i++) {
        at[i] = secrets_hide_in(arena, secrets, value->list.at[i]);
        same = same && at[i] == value->list.at[i];
    }
    return same ? value : value_list(arena, at, value->list.count);
}

static const struct value *hide_in_map(struct arena *arena, const struct secrets *secrets,
                                       const struct value *value)
{
    struct member *at = arena_alloc(arena, (value->map.count + 1) * sizeof *at);
    bool same = true;
    for (size_t i = 0; i < value->map.count; i++) {
        const struct member *member = &value->map.at[i];
        at[i] = (struct member){secrets_hide(arena, secrets, member->key),
                                secrets_hide_in(arena, secrets, member->value)};
        same = same && at[i].key == member->key && at[i].value == member->value;
    }
    return same ? value : value_map(arena, at, value->map.count);
}

const struct value *secrets_hide_in(struct arena *arena, const struct secrets *secrets,
                                    const struct value *value)
{
    if (secrets == NULL || secrets->known.count == 0)
        return value;
    if (value->kind == VALUE_LIST)
        return hide_in_list(arena, secrets, value);
    if (value->kind == VALUE_MAP)
        return hide_in_map(arena, secrets, value);
    if (value->kind != VALUE_TEXT)
        return value;
    struct text hidden = hide(arena, secrets, value->text);
    return hidden.at == value->text.at ? value : value_text(arena, hidden);
}
