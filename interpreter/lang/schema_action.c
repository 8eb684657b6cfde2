/* The schema of actions in use: their params, and how a step or a check has one. */
#include "lang/schema_own.h"

#include "base/arena.h"
#include "base/text.h"
#include "lang/check.h"
#include "lang/model.h"
#include "lang/term.h"
#include "lang/type.h"
#include "lang/value.h"

#include <string.h>

/* ---- params ---- */

static const struct value *constant_of(const struct term *term)
{
    return term != NULL && term->kind == TERM_CONSTANT ? term->constant : NULL;
}

/* What a text may be, where the action names all of them. */
static json_t *choice(const struct param *param)
{
    const struct value *choices = constant_of(param->one_of);
    if (choices == NULL || !type_is_text(param->type))
        return NULL;
    json_t *words = json_array();
    for (size_t i = 0; i < choices->list.count; i++)
        json_array_append_new(words, value_to_json(choices->list.at[i]));
    return json_pack("{s:[{s:o}, {s:s, s:s}]}", "anyOf", "enum", words, "type", "string", "pattern",
                     "\\$\\{");
}

static json_t *code(const struct param *param)
{
    return param->type->kind == TYPE_LIST
               ? json_pack("{s:s, s:o}", "type", "array", "items", schema_see("script"))
               : schema_see("script");
}

/* What is written for PARAM; ALONE: as the action's value, where a mapping would mean params. */
static json_t *argument(struct schema *schema, const struct param *param, bool alone)
{
    json_t *words = choice(param);
    if (words != NULL)
        return words;
    switch (param->kind) {
    case PARAM_VALUE:
        return alone ? schema_value_unmapped(schema, param->type)
                     : schema_value(schema, param->type);
    case PARAM_EXPR:
        return schema_see("expr");
    case PARAM_CHECKS:
        return schema_see("checks");
    case PARAM_STEPS:
        return schema_see("steps");
    case PARAM_RUNBOOK:
        return schema_see("file");
    case PARAM_GIVEN:
        return json_pack("{s:s}", "type", "object");
    case PARAM_PARAM:
        return schema_see("param");
    case PARAM_SCRIPT:
    case PARAM_SQL:
        return code(param);
    }
    return json_object();
}

static bool is_needed(const struct param *param)
{
    return !param->optional && param->preset == NULL;
}

static const char *about_param(struct schema *schema, const struct param *param)
{
    const char *about = param->about != NULL ? param->about : "";
    if (param->kind == PARAM_VALUE)
        about = arena_format(schema->arena, "%s%s(%s)", about, about[0] ? " " : "",
                             type_print(schema->arena, param->type));
    if (param->preset != NULL)
        about = arena_format(schema->arena, "%s\n\nDefault: %s", about,
                             term_print(schema->arena, param->preset));
    return about;
}

/* All params by name. CHECKS: those of a check block are left out. */
static json_t *by_name(struct schema *schema, const struct action *action)
{
    json_t *properties = json_object(), *required = json_array();
    for (size_t i = 0; i < action->params.count; i++) {
        const struct param *param = action->params.at[i].value;
        if (param->kind == PARAM_CHECKS)
            continue;
        json_object_set_new(
            properties, param->name,
            schema_about(argument(schema, param, false), about_param(schema, param)));
        if (is_needed(param))
            json_array_append_new(required, json_string(param->name));
    }
    return schema_object(properties, required);
}

static size_t needed_behind_first(const struct action *action)
{
    size_t count = 0;
    for (size_t i = 1; i < action->params.count; i++)
        count += is_needed(action->params.at[i].value);
    return count;
}

/* `wait`: a time, a mapping with one thing to wait for, or a check block. */
static json_t *one_of_them(struct schema *schema, const struct action *action)
{
    json_t *mapping = by_name(schema, action);
    json_object_set_new(mapping, "minProperties", json_integer(1));
    json_object_set_new(mapping, "maxProperties", json_integer(1));
    return json_pack("{s:[o, o, o]}", "anyOf", argument(schema, action->params.at[0].value, true),
                     mapping, schema_see("block"));
}

static json_t *set_schema(void)
{
    return json_pack("{s:s, s:o, s:i}", "type", "object", "propertyNames", schema_see("id"),
                     "minProperties", 1);
}

static bool takes_checks(const struct action *action)
{
    for (size_t i = 0; i < action->params.count; i++)
        if (((const struct param *)action->params.at[i].value)->kind == PARAM_CHECKS)
            return true;
    return false;
}

static json_t *use_schema(struct schema *schema, const struct action *action)
{
    const struct param *first = action->params.count ? action->params.at[0].value : NULL;
    if (first == NULL)
        return strcmp(action->name, "set") == 0
                   ? set_schema()
                   : json_pack("{s:[s, s], s:i}", "type", "object", "null", "maxProperties", 0);
    if (first->kind == PARAM_STEPS)
        return schema_see("steps");
    if (takes_checks(action))
        return one_of_them(schema, action);
    json_t *ways = json_pack("[o]", by_name(schema, action));
    if (needed_behind_first(action) == 0)
        json_array_insert_new(ways, 0, argument(schema, first, true));
    if (needed_behind_first(action) == 0 && !is_needed(first))
        json_array_append_new(ways, json_pack("{s:s}", "type", "null"));
    if (json_array_size(ways) > 1)
        return json_pack("{s:o}", "anyOf", ways);
    json_t *only = json_incref(json_array_get(ways, 0));
    json_decref(ways);
    return only;
}

static const char *about_action(struct schema *schema, const struct action *action)
{
    struct buffer about = {0};
    buffer_format(&about, "%s\n\nEffect: %s", action->about ? action->about : "",
                  effect_name(action->effect));
    for (size_t i = 0; i < action->result->field_count; i++)
        buffer_format(&about, "%s%s (%s)",
                      i > 0 ? ", " : ". Gives: ", action->result->fields[i].name,
                      type_print(schema->arena, action->result->fields[i].type));
    const char *copy = arena_copy(schema->arena, about.at, about.length);
    buffer_free(&about);
    return copy;
}

/* ---- steps and checks ---- */

static bool can_have(const struct action *action, bool asking)
{
    return !asking || check_may_ask(action);
}

static const char *name_of(struct arena *arena, const struct action *action)
{
    return arena_format(arena, "action.%s", action->name);
}

void schema_add_actions(json_t *properties, const struct list *actions, bool asking)
{
    for (size_t i = 0; i < actions->count; i++) {
        const struct action *action = actions->at[i];
        char name[256];
        snprintf(name, sizeof name, "action.%s", action->name);
        if (can_have(action, asking))
            json_object_set_new(properties, action->name, schema_see(name));
    }
}

/* The outputs of these are told by what they are given. */
static bool has_own_outputs(const struct action *action)
{
    return action->core != NULL && action->core->form != FORM_WORK &&
           strcmp(action->name, "wait") != 0;
}

static json_t *names_only(const struct action *action)
{
    json_t *names = json_array();
    for (size_t i = 0; i < action->result->field_count; i++)
        json_array_append_new(names, json_string(action->result->fields[i].name));
    if (json_array_size(names) > 0)
        return json_pack("{s:{s:o}}", "propertyNames", "enum", names);
    json_decref(names);
    return json_pack("{s:i}", "maxProperties", 0);
}

/* What `expect` may name beside ACTION; a step may have outputs of its own besides. */
static json_t *expecting(struct schema *schema, const struct action *action, bool asking)
{
    json_t *known = schema_expectation(schema, action);
    if (asking)
        return json_pack("{s:{s:{s:[o, o]}}}", "properties", "expect", "allOf", known,
                         names_only(action));
    return json_pack("{s:{s:o}, s:{s:{s:[s]}}, s:{s:{s:o}}}", "properties", "expect", known, "if",
                     "not", "required", "outputs", "then", "properties", "expect",
                     names_only(action));
}

/* Exactly one of NAMES; with none of them it says what is MISSING. */
static json_t *exactly_one(json_t *names, const char *missing)
{
    json_t *each = json_array();
    for (size_t i = 0; i < json_array_size(names); i++)
        json_array_append_new(each, json_pack("{s:[O]}", "required", json_array_get(names, i)));
    /* A string is what it never is. */
    return json_pack("{s:{s:{s:{s:o}}}, s:{s:s, s:s}, s:{s:o}}", "if", "propertyNames", "not",
                     "enum", names, "then", "type", "string", "errorMessage", missing, "else",
                     "oneOf", each);
}

static json_t *one_action(struct schema *schema, const struct list *actions, bool asking)
{
    json_t *names = asking ? json_pack("[s, s]", "any", "not") : json_array();
    json_t *beside = json_object();
    for (size_t i = 0; i < actions->count; i++) {
        const struct action *action = actions->at[i];
        if (!can_have(action, asking))
            continue;
        json_array_append_new(names, json_string(action->name));
        if (!has_own_outputs(action))
            json_object_set_new(beside, action->name, expecting(schema, action, asking));
    }
    json_t *rule = exactly_one(
        names, asking
                   ? "a check has one action that reads: http.get, tcp.probe, exec …; or any, not"
                   : "a step has one action: exec, shell, or library.verb");
    json_object_set_new(rule, "dependencies", beside);
    return rule;
}

void schema_define_actions(struct schema *schema, const struct list *actions)
{
    for (size_t i = 0; i < actions->count; i++) {
        const struct action *action = actions->at[i];
        schema_define(schema, name_of(schema->arena, action),
                      schema_about(use_schema(schema, action), about_action(schema, action)));
    }
    schema_define(schema, "one_action", one_action(schema, actions, false));
    schema_define(schema, "one_question", one_action(schema, actions, true));
}
