#include "commands/agreed.h"

#include "base/arena.h"
#include "base/digest.h"
#include "commands/options.h"
#include "commands/preview.h"
#include "commands/sources.h"
#include "lang/model.h"
#include "lang/runbook.h"
#include "lang/value.h"
#include "lang/yaml.h"
#include "plan/plan.h"
#include "sys/failure.h"
#include "sys/file.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* A plan of 100,000 steps has some hundred MiB; what is larger is no plan. */
#define MAX_BYTES ((size_t)1 << 30)

/* ---- making ---- */

static json_t *params_json(const struct value *params)
{
    json_t *json = json_object();
    for (size_t i = 0; params != NULL && i < params->map.count; i++)
        if (params->map.at[i].value->kind != VALUE_UNSET)
            json_object_set_new(json, params->map.at[i].key,
                                value_to_plain_json(params->map.at[i].value));
    return json;
}

static json_t *sources_json(struct arena *arena, const struct runbook *runbook)
{
    json_t *json = json_object();
    struct list files = {0};
    sources_find(arena, runbook, &files);
    for (size_t i = 0; i < files.count; i++) {
        const struct source_file *file = files.at[i];
        char hex[DIGEST_TEXT];
        digest_text(source_text(file->source), hex);
        json_object_set_new(json, file->what, json_string(hex));
    }
    return json;
}

static void add_steps(struct arena *arena, json_t *json, const struct steps *steps)
{
    for (size_t i = 0; steps != NULL && i < steps->order.count; i++) {
        const struct step *step = steps->order.at[i];
        json_object_set_new(json, step->id, json_string(step_digest(arena, step)));
    }
}

static json_t *steps_json(struct arena *arena, const struct runbook *runbook)
{
    json_t *json = json_object();
    add_steps(arena, json, runbook->steps);
    add_steps(arena, json, runbook->on_failure);
    return json;
}

static json_t *left_out_json(const struct plan *plan)
{
    json_t *json = json_object();
    for (size_t i = 0; i < plan->steps.count; i++) {
        const struct plan_step *step = plan->steps.at[i];
        if (step->left_out != NULL)
            json_set_text(json, step->step->id, step->left_out);
    }
    return json;
}

static json_t *agreed_json(struct invocation *invocation, const struct loaded *loaded,
                           const struct plan *plan)
{
    struct arena *arena = invocation->arena;
    json_t *agreed = json_object();
    json_object_set_new(agreed, "version", json_string(RUNBOOK_VERSION));
    json_set_text(agreed, "file", loaded->file);
    json_object_set_new(agreed, "params", params_json(loaded->params));
    json_object_set_new(agreed, "sources", sources_json(arena, loaded->runbook));
    json_object_set_new(agreed, "steps", steps_json(arena, loaded->runbook));
    json_object_set_new(agreed, "left_out", left_out_json(plan));
    json_t *json = preview_json(plan);
    json_object_set_new(json, "agreed", agreed);
    return json;
}

bool agreed_save(struct invocation *invocation, const struct loaded *loaded,
                 const struct plan *plan, const char *path)
{
    struct buffer text = {0};
    struct failure failure;
    command_json(agreed_json(invocation, loaded, plan), &text);
    bool saved = file_replace(AT_FDCWD, path, buffer_slice(&text), 0644, FILE_FOLLOW, &failure);
    if (!saved)
        say_error("runbook %s: error RB001: the plan can't be saved: %s\n",
                  invocation->command->name, failure.text);
    buffer_free(&text);
    return saved;
}

/* ---- reading ---- */

static bool is_whole(const json_t *json)
{
    static const char *const maps[] = {"params", "sources", "steps", "left_out"};
    const json_t *agreed = json_object_get(json, "agreed");
    if (json_integer_value(json_object_get(json, "format")) != 1 ||
        !json_is_string(json_object_get(agreed, "file")) ||
        !json_is_string(json_object_get(agreed, "version")))
        return false;
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
        if (!json_is_object(json_object_get(agreed, maps[i])))
            return false;
    return true;
}

struct json_t *agreed_read(struct invocation *invocation, const char *path)
{
    struct buffer text = {0};
    struct failure failure;
    json_error_t error;
    if (!file_read(AT_FDCWD, path, MAX_BYTES, &text, &failure)) {
        say_error("runbook %s: error RB001: --plan: %s\n", invocation->command->name, failure.text);
        return NULL;
    }
    struct text slice = buffer_slice(&text);
    json_t *json = json_loadb(slice.at, slice.length, JSON_REJECT_DUPLICATES, &error);
    buffer_free(&text);
    if (json != NULL && is_whole(json))
        return json;
    const char *why = json != NULL ? "it is JSON, but nothing that --save wrote"
                                   : arena_format(invocation->arena, "line %d, column %d: %s",
                                                  error.line, error.column, error.text);
    say_error("runbook %s: error RB603: %s is no saved plan: %s\n"
              "  = remedy: save one with `runbook plan FILE --save %s`\n",
              invocation->command->name, path, why, path);
    json_decref(json);
    return NULL;
}

static const char *text_at(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

const char *agreed_file(struct invocation *invocation, const struct json_t *json)
{
    const char *file = text_at(json_object_get(json, "agreed"), "file");
    return arena_copy(invocation->arena, file, strlen(file));
}

void agreed_params(struct invocation *invocation, const struct json_t *json, struct loaded *loaded)
{
    struct arena *arena = invocation->arena;
    char *text = json_dumps(json_object_get(json_object_get(json, "agreed"), "params"),
                            JSON_INDENT(1) | JSON_ENSURE_ASCII);
    const char *kept = arena_copy(arena, text ? text : "{}", text ? strlen(text) : 2);
    free(text);
    loaded->given = yaml_parse(arena, source_new(arena, "the params of the plan", text_of(kept)),
                               loaded->diagnostics);
}

/* ---- comparing ---- */

struct differences {
    struct invocation *invocation;
    const json_t *then, *now; /* `agreed` of both */
    struct buffer lines;
};

static void add(struct differences *found, const char *what, const char *how)
{
    buffer_text(&found->lines, "  ");
    buffer_printable(&found->lines, text_of(what));
    buffer_format(&found->lines, ": %s\n", how);
}

static const char *shown(struct arena *arena, const json_t *value)
{
    char *text = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_SORT_KEYS) : NULL;
    const char *copy = text ? arena_copy(arena, text, strlen(text)) : "nothing";
    free(text);
    return copy;
}

/* Calls TELL with each key of the map NAME whose value is not the same in both. */
static void compare(struct differences *found, const char *name,
                    void (*tell)(struct differences *found, const char *key, const json_t *then,
                                 const json_t *now))
{
    json_t *then = json_object_get(found->then, name), *now = json_object_get(found->now, name);
    const char *key;
    json_t *value;
    json_object_foreach(then, key, value)
    {
        const json_t *other = json_object_get(now, key);
        if (other == NULL || !json_equal(value, other))
            tell(found, key, value, other);
    }
    json_object_foreach(now, key, value) if (json_object_get(then, key) == NULL)
        tell(found, key, NULL, value);
}

static void tell_param(struct differences *found, const char *key, const json_t *then,
                       const json_t *now)
{
    struct arena *arena = found->invocation->arena;
    add(found, arena_format(arena, "param %s", key),
        arena_format(arena, "%s was agreed, and %s is given", shown(arena, then),
                     shown(arena, now)));
}

static void tell_source(struct differences *found, const char *key, const json_t *then,
                        const json_t *now)
{
    add(found, key,
        then == NULL  ? "it was not used in what was agreed"
        : now == NULL ? "it is not used any more"
                      : "its file was changed");
}

static void tell_step(struct differences *found, const char *key, const json_t *then,
                      const json_t *now)
{
    add(found, arena_format(found->invocation->arena, "step %s", key),
        then == NULL  ? "it is new"
        : now == NULL ? "it is gone"
                      : "it does something else");
}

static void tell_left_out(struct differences *found, const char *key, const json_t *then,
                          const json_t *now)
{
    add(found, arena_format(found->invocation->arena, "step %s", key),
        then == NULL  ? "it is left out, and was not in what was agreed"
        : now == NULL ? "it was left out of what was agreed, and now is not"
                      : "it is left out for another reason");
}

/* All is the same, and yet the plan is not: told by the first of its keys that differs. */
static void tell_rest(struct differences *found, json_t *then, const json_t *now)
{
    const char *version = text_at(found->then, "version");
    const char *key;
    json_t *value;
    if (strcmp(version, RUNBOOK_VERSION) != 0) {
        add(found, "the program",
            arena_format(found->invocation->arena,
                         "runbook %s saved the plan, and this is " RUNBOOK_VERSION, version));
        return;
    }
    json_object_foreach(then, key, value)
    {
        const json_t *other = json_object_get(now, key);
        if (strcmp(key, "agreed") != 0 && (other == NULL || !json_equal(value, other))) {
            add(found, "the plan's file",
                arena_format(found->invocation->arena, "'%s' was changed after it was saved", key));
            return;
        }
    }
    add(found, "the plan's file", "something was added after it was saved");
}

/* The same but for what may differ: the program's version, and how the file was named. */
static bool is_same(const json_t *then, const json_t *now)
{
    json_t *a = json_deep_copy(then), *b = json_deep_copy(now);
    json_t *const both[] = {a, b};
    for (size_t i = 0; i < 2; i++) {
        json_object_del(json_object_get(both[i], "agreed"), "version");
        json_object_del(json_object_get(both[i], "agreed"), "file");
    }
    bool same = json_equal(a, b);
    json_decref(a);
    json_decref(b);
    return same;
}

static void find_differences(struct differences *found, json_t *then, const json_t *now)
{
    compare(found, "params", tell_param);
    compare(found, "sources", tell_source);
    compare(found, "steps", tell_step);
    compare(found, "left_out", tell_left_out);
    if (found->lines.length == 0)
        tell_rest(found, then, now);
}

bool agreed_holds(struct invocation *invocation, struct json_t *then, const struct loaded *loaded,
                  const struct plan *plan)
{
    json_t *now = agreed_json(invocation, loaded, plan);
    /* As it comes back from a file: a whole number that was a float is one again. */
    struct buffer text = {0};
    command_json(now, &text);
    now = json_loadb(text.at, text.length, 0, NULL);
    buffer_free(&text);
    bool same = is_same(then, now);
    if (!same) {
        struct differences found = {.invocation = invocation,
                                    .then = json_object_get(then, "agreed"),
                                    .now = json_object_get(now, "agreed")};
        find_differences(&found, then, now);
        say_error("runbook %s: error RB603: this is not what was agreed:\n%s"
                  "  = remedy: put it back as it was, or let the new plan be agreed to: "
                  "`runbook plan FILE --save`\n",
                  invocation->command->name, found.lines.at);
        buffer_free(&found.lines);
    }
    json_decref(now);
    return same;
}
