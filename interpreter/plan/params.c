#include "plan/params.h"

#include "base/arena.h"
#include "base/diagnostic.h"
#include "lang/constraint.h"
#include "lang/eval.h"
#include "lang/model.h"
#include "lang/term.h"
#include "lang/type.h"
#include "lang/value.h"
#include "lang/yaml.h"

#include <stdlib.h>
#include <string.h>

/* ---- defaults and constraints: the same for what a person gives and what a step hands over ----
 */

/* The params settled so far: a default may name those before it. */
struct settled {
    struct arena *arena;
    struct member *at;
    size_t count;
    bool open; /* what is missing is unknown, and no fault */
};

static const struct value *settled_find(const struct values *values, const char *root,
                                        const char *member)
{
    const struct settled *settled = values->context;
    if (member == NULL)
        return value_unknown(settled->arena, root);
    if (strcmp(root, "params") == 0)
        for (size_t i = 0; i < settled->count; i++)
            if (strcmp(settled->at[i].key, member) == 0)
                return settled->at[i].value;
    return value_unknown(settled->arena, arena_format(settled->arena, "%s.%s", root, member));
}

static const struct value *term_value(struct settled *settled, const struct term *term,
                                      struct problem *problem)
{
    struct values values = {.find = settled_find, .context = settled};
    return term_eval(settled->arena, term, &values, problem);
}

/* A problem with what was given for PARAM: "param version: …". */
static bool refuse(struct arena *arena, const struct param *param, struct problem *problem,
                   const char *why)
{
    problem->message = arena_format(arena, "param %s: %s", param->name, why);
    return false;
}

/* GIVEN or the default, checked, is put behind those settled so far. GIVEN NULL: not given. */
static bool settle(struct settled *settled, const struct param *param, const struct value *given,
                   struct problem *problem)
{
    const struct value *value = given;
    if ((value == NULL || value->kind == VALUE_UNSET) && param->preset != NULL)
        value = term_value(settled, param->preset, problem);
    else if (value == NULL)
        value = &value_unset;
    if (value == NULL)
        return false;
    if (value->kind == VALUE_UNSET && !param->optional && !param->type->optional) {
        if (!settled->open)
            return refuse(settled->arena, param, problem, "it is not given");
        value =
            value_unknown(settled->arena, arena_format(settled->arena, "params.%s", param->name));
    }
    const char *why = constraint_refuses(settled->arena, param, value);
    if (why != NULL)
        return refuse(settled->arena, param, problem, why);
    settled->at[settled->count++] = (struct member){param->name, value};
    return true;
}

static struct settled settled_new(struct arena *arena, const struct map *params)
{
    return (struct settled){.arena = arena,
                            .at = arena_alloc(arena, (params->count + 1) * sizeof(struct member))};
}

const struct value *params_check(struct arena *arena, const struct map *params,
                                 const struct value *values, struct problem *problem)
{
    struct settled settled = settled_new(arena, params);
    for (size_t i = 0; i < params->count; i++) {
        const struct param *param = params->at[i].value;
        if (!settle(&settled, param, value_member(arena, values, param->name), problem))
            return NULL;
    }
    return value_map(arena, settled.at, settled.count);
}

/* ---- what a person gives ---- */

struct reader {
    struct arena *arena;
    const struct runbook *runbook;
    struct diagnostics *diagnostics;
    struct map given; /* name to struct given */
};
struct given {
    const struct value *value;
    struct mark mark;
};

/* The value of NODE, whose texts are data: a `${` in them is two characters. */
static const struct value *node_value(struct arena *arena, const struct type *type,
                                      const struct node *node, struct mark *mark,
                                      const char **problem);

static const struct value *list_value(struct arena *arena, const struct type *type,
                                      const struct node *node, struct mark *mark,
                                      const char **problem)
{
    const struct value **at = arena_alloc(arena, (node->count + 1) * sizeof *at);
    const struct type *element = type->kind == TYPE_LIST ? type->element : type;
    for (size_t i = 0; i < node->count; i++)
        if ((at[i] = node_value(arena, element, node->items[i], mark, problem)) == NULL)
            return NULL;
    return value_list(arena, at, node->count);
}

static const struct value *map_value(struct arena *arena, const struct type *type,
                                     const struct node *node, struct mark *mark,
                                     const char **problem)
{
    struct member *at = arena_alloc(arena, (node->count + 1) * sizeof *at);
    const struct type *element = type->kind == TYPE_MAP ? type->element : type;
    for (size_t i = 0; i < node->count; i++) {
        at[i].key = node->pairs[i].key;
        at[i].value = node_value(arena, element, node->pairs[i].value, mark, problem);
        if (at[i].value == NULL)
            return NULL;
    }
    return value_map(arena, at, node->count);
}

static const struct value *node_value(struct arena *arena, const struct type *type,
                                      const struct node *node, struct mark *mark,
                                      const char **problem)
{
    bool json = type->kind == TYPE_JSON;
    *mark = node->mark;
    if (node->kind == NODE_LIST && (json || type->kind == TYPE_LIST))
        return list_value(arena, type, node, mark, problem);
    if (node->kind == NODE_MAP && (json || type->kind == TYPE_MAP))
        return map_value(arena, type, node, mark, problem);
    if (node->kind == NODE_SCALAR && type->kind != TYPE_LIST && type->kind != TYPE_MAP)
        return value_read(arena, type, node->text, node->style == STYLE_PLAIN, problem);
    *problem = arena_format(arena, "%s is wanted, and this is a %s", type_print(arena, type),
                            node->kind == NODE_LIST  ? "list"
                            : node->kind == NODE_MAP ? "map"
                                                     : "single value");
    return NULL;
}

static const char *all_names(struct arena *arena, const struct map *params)
{
    const char *names = "";
    for (size_t i = 0; i < params->count; i++)
        names = arena_format(arena, "%s%s%s", names, i ? ", " : "", params->at[i].key);
    return names;
}

static const struct param *param_named(struct reader *reader, const char *name, struct mark mark)
{
    const struct map *params = &reader->runbook->params;
    const struct param *param = map_get(params, name);
    if (param != NULL)
        return param;
    const char **names = arena_alloc(reader->arena, (params->count + 1) * sizeof *names);
    for (size_t i = 0; i < params->count; i++)
        names[i] = params->at[i].key;
    const char *nearest = text_nearest(name, names, params->count);
    const char *remedy = nearest ? arena_format(reader->arena, "did you mean '%s'?", nearest)
                         : params->count == 0 ? "it takes no params"
                                              : arena_format(reader->arena, "its params are: %s",
                                                             all_names(reader->arena, params));
    diagnostic_add(reader->diagnostics, RB602, mark, remedy, "runbook %s has no param '%s'",
                   reader->runbook->name, name);
    return NULL;
}

/* How a param is given, for a remedy: "--param dump=PATH: the whole dump to go back to". */
static const char *how_to_give(struct arena *arena, const struct param *param)
{
    const char *form = type_print(arena, param->type);
    if (param->type->kind == TYPE_LIST)
        form = "[…, …]";
    else if (param->type->kind == TYPE_MAP)
        form = "{name: …}";
    return arena_format(arena, "give it with --param '%s=<%s>'%s%s", param->name, form,
                        param->about ? ": " : "", param->about ? param->about : "");
}

static void wrong_value(struct reader *reader, const struct param *param, struct mark mark,
                        const char *problem)
{
    diagnostic_add(reader->diagnostics, RB602, mark, how_to_give(reader->arena, param),
                   "param %s: %s", param->name, problem);
}

/* A list, map or JSON text on the command line is YAML in one line. */
static const struct value *typed_tree(struct reader *reader, const struct param *param,
                                      const char *text, const char **problem)
{
    struct arena *arena = reader->arena;
    struct diagnostics own = {.arena = arena};
    const struct source *source = source_new(arena, arena_format(arena, "--param %s", param->name),
                                             text_of(arena_copy(arena, text, strlen(text))));
    const struct node *node = yaml_parse(arena, source, &own);
    struct mark mark;
    if (node == NULL) {
        const struct diagnostic *first = own.list.count ? own.list.at[0] : NULL;
        *problem = first ? first->message : "it can't be read";
        return NULL;
    }
    return node_value(arena, param->type, node, &mark, problem);
}

static bool is_tree(const struct type *type, const char *text)
{
    if (type->kind == TYPE_LIST || type->kind == TYPE_MAP)
        return true;
    return type->kind == TYPE_JSON && text[0] != '\0' && strchr("[{\"'", text[0]) != NULL;
}

static void read_typed(struct reader *reader, const char *text)
{
    struct mark nowhere = {0};
    const char *equals = strchr(text, '=');
    if (equals == NULL || equals == text) {
        diagnostic_add(reader->diagnostics, RB602, nowhere, "write --param NAME=VALUE",
                       "--param '%s' names no param", text);
        return;
    }
    const char *name = arena_copy(reader->arena, text, (size_t)(equals - text));
    const struct param *param = param_named(reader, name, nowhere);
    if (param == NULL)
        return;
    const char *problem = "it can't be read";
    const struct value *value =
        is_tree(param->type, equals + 1)
            ? typed_tree(reader, param, equals + 1, &problem)
            : value_read(reader->arena, param->type, text_of(equals + 1), true, &problem);
    if (value == NULL) {
        wrong_value(reader, param, nowhere, problem);
        return;
    }
    struct given *given = arena_alloc(reader->arena, sizeof *given);
    given->value = value;
    if (!map_put(reader->arena, &reader->given, param->name, given))
        diagnostic_add(reader->diagnostics, RB602, nowhere, "give it once",
                       "param %s is given twice", param->name);
}

static void read_pair(struct reader *reader, const struct pair *pair)
{
    const struct param *param = param_named(reader, pair->key, pair->key_mark);
    if (param == NULL || map_get(&reader->given, param->name) != NULL)
        return; /* what is typed wins over the file */
    const char *problem = "it can't be read";
    struct given *given = arena_alloc(reader->arena, sizeof *given);
    given->value = node_value(reader->arena, param->type, pair->value, &given->mark, &problem);
    if (given->value == NULL)
        wrong_value(reader, param, given->mark, problem);
    else
        map_put(reader->arena, &reader->given, param->name, given);
}

static void read_file(struct reader *reader, const struct node *file)
{
    bool empty = file->kind == NODE_SCALAR && file->text.length == 0;
    if (file->kind == NODE_MAP)
        for (size_t i = 0; i < file->count; i++)
            read_pair(reader, &file->pairs[i]);
    else if (!empty)
        diagnostic_add(reader->diagnostics, RB602, file->mark, "write one 'name: value' a line",
                       "a file of params is a map");
}

/* One finding for each param that is missing or does not hold. */
static bool settle_given(struct reader *reader, struct settled *settled, const struct param *param)
{
    const struct given *given = map_get(&reader->given, param->name);
    struct problem problem = {0};
    if (settle(settled, param, given ? given->value : NULL, &problem))
        return true;
    struct mark mark = given ? given->mark : problem.mark.source ? problem.mark : param->mark;
    diagnostic_add(reader->diagnostics, RB602, mark, how_to_give(reader->arena, param), "%s",
                   problem.message);
    settled->at[settled->count++] = (struct member){
        param->name,
        value_unknown(reader->arena, arena_format(reader->arena, "params.%s", param->name))};
    return false;
}

const struct value *params_read(struct arena *arena, const struct runbook *runbook,
                                const struct params_given *given, struct diagnostics *diagnostics)
{
    struct reader reader = {.arena = arena, .runbook = runbook, .diagnostics = diagnostics};
    size_t errors = diagnostics->errors;
    for (size_t i = 0; given->typed[i] != NULL; i++)
        read_typed(&reader, given->typed[i]);
    if (given->file != NULL)
        read_file(&reader, given->file);
    if (diagnostics->errors > errors)
        return NULL;
    struct settled settled = settled_new(arena, &runbook->params);
    settled.open = given->open;
    for (size_t i = 0; i < runbook->params.count; i++)
        settle_given(&reader, &settled, runbook->params.at[i].value);
    return diagnostics->errors > errors ? NULL : value_map(arena, settled.at, settled.count);
}
