#include "lang/action.h"

#include "base/arena.h"
#include "base/digest.h"
#include "lang/value.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

const char *effect_name(enum effect effect)
{
    switch (effect) {
    case EFFECT_READ:
        return "read";
    case EFFECT_CHANGE:
        return "change";
    case EFFECT_DESTROY:
        return "destroy";
    }
    return "?";
}

struct json_t *deed_to_json(const struct deed *deed)
{
    json_t *json = json_object();
    json_object_set_new(json, "action", json_string(deed->action->name));
    json_object_set_new(json, "host", json_of_text(deed->host));
    json_object_set_new(json, "folder", json_of_text(deed->folder));
    json_object_set_new(json, "inputs", value_to_json(deed->inputs));
    return json;
}

const char *deed_digest(struct arena *arena, const struct deed *deed)
{
    char hex[DIGEST_TEXT];
    json_t *json = deed_to_json(deed);
    char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
    digest_text(text_of(text ? text : ""), hex);
    free(text);
    json_decref(json);
    return arena_copy(arena, hex, sizeof hex - 1);
}

/* What json_of_text told, or NULL. */
static const char *text_from(struct arena *arena, const json_t *json)
{
    const struct value *value = json != NULL ? value_from_json(arena, json) : NULL;
    return value != NULL && value->kind == VALUE_TEXT ? value->text.at : NULL;
}

const struct deed *deed_from_json(struct arena *arena, const struct json_t *json,
                                  const struct core_action *const *core)
{
    const char *name = json_string_value(json_object_get(json, "action"));
    const char *host = text_from(arena, json_object_get(json, "host"));
    const char *folder = text_from(arena, json_object_get(json, "folder"));
    const json_t *inputs = json_object_get(json, "inputs");
    if (name == NULL || host == NULL || folder == NULL || inputs == NULL)
        return NULL;
    while (*core != NULL && strcmp((*core)->name, name) != 0)
        core++;
    if (*core == NULL)
        return NULL;
    struct deed *deed = arena_alloc(arena, sizeof *deed);
    *deed = (struct deed){.action = *core,
                          .host = arena_copy(arena, host, strlen(host)),
                          .folder = arena_copy(arena, folder, strlen(folder)),
                          .inputs = value_from_json(arena, inputs)};
    return deed->inputs != NULL ? deed : NULL;
}
