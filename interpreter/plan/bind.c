#include "plan/bind.h"

#include "base/arena.h"
#include "base/units.h"
#include "lang/expr.h"
#include "lang/term.h"
#include "lang/type.h"
#include "lang/value.h"
#include "plan/params.h"

#include <stdlib.h>
#include <string.h>

#define DEFAULT_TIMEOUT (300 * UNITS_SECOND)
#define DEFAULT_GRACE   (10 * UNITS_SECOND)

/* ---- secrets ---- */

/* A runbook's defaults, connections and secrets see the names of its own scope. */
static struct moment top_moment(const struct moment *moment)
{
    return (struct moment){
        .binder = moment->binder, .scope = moment->scope->top, .now = moment->now};
}

/* Where SECRET is to be had; NULL: something of that has no value. */
static const struct value *source_of(struct arena *arena, const struct secret *secret,
                                     const struct moment *moment)
{
    struct problem problem = {0};
    struct moment top = top_moment(moment);
    struct describing place;
    const struct term *term = secret->env    ? secret->env
                              : secret->file ? secret->file
                                             : secret->command;
    const struct value *value = bind_term(arena, term, NULL, &top, &problem);
    if (value == NULL || !bind_place(arena, moment, &place, &problem))
        return NULL;
    const struct member members[] = {
        {"name", value_string(arena, secret->name)},
        {secret->env    ? "env"
         : secret->file ? "file"
                        : "command",
         value},
        {"in", value_string(arena, place.folder)},
        {"with", place.env ? place.env : value_map(arena, NULL, 0)},
    };
    return value_map(arena, members, secret->env ? 2 : secret->file ? 3 : 4);
}

const struct value *bind_secret(struct arena *arena, const struct secret *secret,
                                const struct moment *moment)
{
    const struct value *source = source_of(arena, secret, moment);
    if (source == NULL || value_has_unknown(source))
        return value_unknown(arena, arena_format(arena, "secrets.%s", secret->name));
    return value_secret(arena, value_list(arena, &source, 1));
}

static const struct value *find_secret(struct arena *arena, const struct moment *moment,
                                       const char *name)
{
    const struct secret *secret = name ? map_get(&moment->scope->runbook->secrets, name) : NULL;
    return secret ? bind_secret(arena, secret, moment) : &value_unset;
}

/* ---- names ---- */

struct lookup {
    struct arena *arena;
    const struct moment *moment;
};

static const struct value *find_step(const struct lookup *lookup, const char *id)
{
    const struct binder *binder = lookup->moment->binder;
    if (id == NULL)
        return &value_unset; /* `steps` alone is no value */
    for (const struct scope *scope = lookup->moment->scope; scope != NULL; scope = scope->outer) {
        const struct step *step = scope->steps ? map_get(&scope->steps->by_id, id) : NULL;
        if (step != NULL)
            return binder->outputs(binder, lookup->arena, scope, step,
                                   name_step(lookup->arena, scope, id));
    }
    return &value_unset;
}

static const struct value *find_item(const struct scope *scope, const char *name)
{
    for (; scope != NULL && name != NULL; scope = scope->outer)
        if (scope->item_name != NULL && strcmp(scope->item_name, name) == 0)
            return scope->item;
    return &value_unset;
}

/* MEMBER of a map that may not be there, or the map itself. */
static const struct value *part_of(struct arena *arena, const struct value *map, const char *member)
{
    if (map == NULL)
        return &value_unset;
    return member == NULL ? map : value_member(arena, map, member);
}

static const struct value *find_name(const struct values *values, const char *root,
                                     const char *member)
{
    const struct lookup *lookup = values->context;
    const struct moment *moment = lookup->moment;
    if (strcmp(root, "params") == 0)
        return part_of(lookup->arena, moment->scope->params, member);
    if (strcmp(root, "steps") == 0)
        return find_step(lookup, member);
    if (strcmp(root, "secrets") == 0)
        return find_secret(lookup->arena, moment, member);
    if (strcmp(root, "item") == 0)
        return find_item(moment->scope, member);
    if (strcmp(root, "result") == 0)
        return part_of(lookup->arena, moment->result, member);
    if (strcmp(root, "previous") == 0)
        return part_of(lookup->arena, moment->previous, member);
    if (strcmp(root, "failure") == 0)
        return part_of(lookup->arena, moment->failure, member);
    if (strcmp(root, "usual") == 0)
        return part_of(lookup->arena, moment->usual, member);
    if (strcmp(root, "now") == 0)
        return moment->now ? moment->now : value_unknown(lookup->arena, "now");
    if (strcmp(root, "run") == 0 && member != NULL && strcmp(member, "ok") == 0 && moment->ok)
        return moment->ok;
    return part_of(lookup->arena, moment->binder->run, member);
}

struct values moment_values(struct arena *arena, const struct moment *moment)
{
    struct lookup *lookup = arena_alloc(arena, sizeof *lookup);
    lookup->arena = arena;
    lookup->moment = moment;
    return (struct values){.find = find_name, .context = lookup};
}

/* ---- scopes ---- */

const struct scope *scope_root(struct arena *arena, const struct runbook *runbook,
                               const struct value *params)
{
    struct scope *scope = arena_alloc(arena, sizeof *scope);
    *scope = (struct scope){.runbook = runbook,
                            .top = scope,
                            .steps = runbook->steps,
                            .prefix = "",
                            .params = params,
                            .host = "here",
                            .folder = runbook->folder ? runbook->folder : "."};
    return scope;
}

const struct scope *scope_inside(struct arena *arena, const struct scope *outer,
                                 const struct step *step, const char *name,
                                 const struct value *inputs)
{
    struct scope *scope = arena_alloc(arena, sizeof *scope);
    const struct argument *group = map_get(&step->use.arguments, "steps");
    const struct argument *call = map_get(&step->use.arguments, "runbook");
    *scope = *outer;
    scope->item_name = NULL;
    scope->item = NULL;
    scope->prefix = arena_format(arena, "%s/", name);
    scope->depth = outer->depth + 1;
    if (call != NULL && call->runbook != NULL) {
        *scope = *scope_root(arena, call->runbook, inputs);
        scope->top = scope;
        scope->prefix = arena_format(arena, "%s/", name);
        scope->depth = outer->depth + 1;
    } else if (group != NULL && group->steps != NULL) {
        scope->outer = outer;
        scope->steps = group->steps;
    } else {
        scope->outer = NULL;
        scope->steps = step->use.action->steps;
        scope->params = inputs;
    }
    return scope;
}

const struct scope *scope_item(struct arena *arena, const struct scope *outer,
                               const struct step *step, const struct value *value)
{
    struct scope *scope = arena_alloc(arena, sizeof *scope);
    *scope = *outer;
    scope->outer = outer;
    scope->steps = NULL;
    scope->item_name = step->foreach->as;
    scope->item = value;
    return scope;
}

const char *name_step(struct arena *arena, const struct scope *scope, const char *id)
{
    return scope->prefix[0] == '\0' ? id : arena_format(arena, "%s%s", scope->prefix, id);
}

const char *name_item(struct arena *arena, const char *name, const struct value *item, size_t index)
{
    if (item->kind == VALUE_MAP || item->kind == VALUE_LIST || item->kind == VALUE_UNSET)
        return arena_format(arena, "%s[%zu]", name, index + 1);
    struct buffer buffer = {0};
    const char *printed = item->kind == VALUE_UNKNOWN ? item->text.at : value_print(arena, item);
    buffer_format(&buffer, "%s[", name);
    for (const char *c = printed; *c != '\0'; c++) {
        unsigned char byte = (unsigned char)*c;
        if (byte < 0x20 || byte == 0x7f || strchr("/[]#%", byte) != NULL)
            buffer_format(&buffer, "%%%02X", byte);
        else
            buffer_add(&buffer, c, 1);
    }
    buffer_text(&buffer, "]");
    const char *whole = arena_copy(arena, buffer.at, buffer.length);
    buffer_free(&buffer);
    return whole;
}

const char *name_round(struct arena *arena, const char *name, size_t round)
{
    return arena_format(arena, "%s#%zu", name, round);
}

/* ---- values ---- */

const struct value *bind_term(struct arena *arena, const struct term *term,
                              const struct value *default_, const struct moment *moment,
                              struct problem *problem)
{
    if (term == NULL)
        return default_;
    if (term->kind == TERM_CONSTANT)
        return term->constant;
    struct values values = moment_values(arena, moment);
    return term_eval(arena, term, &values, problem);
}

bool bind_number(struct arena *arena, const struct term *term, int64_t fallback,
                 const struct moment *moment, int64_t *number, struct problem *problem)
{
    *number = fallback;
    if (term == NULL)
        return true;
    const struct value *value = bind_term(arena, term, NULL, moment, problem);
    if (value == NULL)
        return false;
    if (value->kind != VALUE_UNKNOWN && value->kind != VALUE_UNSET)
        *number = value->integer;
    return true;
}

int bind_condition(struct arena *arena, const struct expr *expr, const struct moment *moment,
                   struct problem *problem)
{
    struct values values = moment_values(arena, moment);
    const struct value *value = expr_eval(arena, expr, &values, problem);
    if (value == NULL)
        return -2;
    if (value->kind == VALUE_UNKNOWN)
        return -1;
    if (value->kind == VALUE_BOOL)
        return value->truth;
    const char *why = NULL;
    const struct value *truth = value_convert(arena, type_scalar(TYPE_BOOL), value, &why);
    if (truth != NULL && truth->kind == VALUE_BOOL)
        return truth->truth;
    problem->mark = expr_mark(expr);
    problem->message = "the condition is neither true nor false";
    return -2;
}

const struct value *bind_outputs(struct arena *arena, const struct map *outputs,
                                 const struct moment *inside, struct problem *problem)
{
    struct member *members = arena_alloc(arena, (outputs->count + 1) * sizeof *members);
    size_t count = 0;
    for (size_t i = 0; i < outputs->count; i++) {
        const struct param *output = outputs->at[i].value;
        const struct value *value = bind_term(arena, output->value, &value_unset, inside, problem);
        if (value == NULL)
            return NULL;
        members[count++] = (struct member){output->name, value};
    }
    return value_map(arena, members, count);
}

/* ---- arguments ---- */

/* A connection that is named becomes what the name stands for, its name with it; what is none, or
 * written in place, stays. NULL with *problem. */
static const struct value *as_connection(struct arena *arena, const struct param *param,
                                         const struct value *value, const struct moment *moment,
                                         struct problem *problem)
{
    if (value == NULL || param->type->kind != TYPE_CONNECTION || value->kind != VALUE_TEXT)
        return value;
    const struct term *term = map_get(&moment->scope->runbook->connections, value->text.at);
    if (term == NULL) {
        problem->message = arena_format(arena, "there is no connection '%s'", value->text.at);
        return NULL;
    }
    struct moment top = top_moment(moment);
    const struct value *found = bind_term(arena, term, NULL, &top, problem);
    if (found == NULL || found->kind != VALUE_MAP)
        return found;
    const struct member members[] = {{"name", value}, found->map.at[0]};
    return value_map(arena, members, 2);
}

static const struct value *written(struct arena *arena, const struct argument *argument,
                                   const struct moment *moment, struct problem *problem)
{
    if (argument->expr != NULL) {
        struct values values = moment_values(arena, moment);
        return expr_eval(arena, argument->expr, &values, problem);
    }
    return bind_term(arena, argument->term, &value_unset, moment, problem);
}

/* A core action's: what is written, else the preset. `set` has no params of its own: all that is
 * written. */
static const struct value *core_arguments(struct arena *arena, const struct use *use,
                                          const struct moment *moment, struct problem *problem)
{
    const struct map *params = &use->action->params;
    const struct map *given = &use->arguments;
    struct member *members =
        arena_alloc(arena, (params->count + given->count + 1) * sizeof *members);
    size_t count = 0;
    for (size_t i = 0; i < params->count; i++) {
        const struct param *param = params->at[i].value;
        const struct argument *argument = map_get(given, param->name);
        const struct value *value =
            argument != NULL ? written(arena, argument, moment, problem)
                             : bind_term(arena, param->preset, &value_unset, moment, problem);
        value = as_connection(arena, param, value, moment, problem);
        if (value == NULL)
            return NULL;
        members[count++] = (struct member){param->name, value};
    }
    for (size_t i = 0; i < given->count; i++) {
        if (map_get(params, given->at[i].key) != NULL)
            continue;
        const struct value *value = written(arena, given->at[i].value, moment, problem);
        if (value == NULL)
            return NULL;
        members[count++] = (struct member){given->at[i].key, value};
    }
    return value_map(arena, members, count);
}

static const struct value *composite_arguments(struct arena *arena, const struct use *use,
                                               const struct moment *moment, struct problem *problem)
{
    const struct map *given = &use->arguments;
    struct member *members = arena_alloc(arena, (given->count + 1) * sizeof *members);
    for (size_t i = 0; i < given->count; i++) {
        const struct param *param = map_get(&use->action->params, given->at[i].key);
        const struct value *value = written(arena, given->at[i].value, moment, problem);
        value = param ? as_connection(arena, param, value, moment, problem) : value;
        if (value == NULL)
            return NULL;
        members[i] = (struct member){given->at[i].key, value};
    }
    return params_check(arena, &use->action->params, value_map(arena, members, given->count),
                        problem);
}

/* What a called runbook is given: the names of connections are the caller's. */
static const struct value *connect_given(struct arena *arena, const struct map *params,
                                         const struct value *given, const struct moment *moment,
                                         struct problem *problem)
{
    if (given->kind != VALUE_MAP)
        return given;
    struct member *members = arena_alloc(arena, (given->map.count + 1) * sizeof *members);
    for (size_t i = 0; i < given->map.count; i++) {
        const struct param *param = map_get(params, given->map.at[i].key);
        members[i] = given->map.at[i];
        if (param != NULL)
            members[i].value = as_connection(arena, param, members[i].value, moment, problem);
        if (members[i].value == NULL)
            return NULL;
    }
    return value_map(arena, members, given->map.count);
}

const struct value *bind_arguments(struct arena *arena, const struct use *use,
                                   const struct moment *moment, struct problem *problem)
{
    const struct argument *call = map_get(&use->arguments, "runbook");
    if (use->action->core == NULL)
        return composite_arguments(arena, use, moment, problem);
    if (call != NULL && call->runbook != NULL) {
        const struct argument *params = map_get(&use->arguments, "params");
        const struct value *given =
            params ? written(arena, params, moment, problem) : value_map(arena, NULL, 0);
        given = given ? connect_given(arena, &call->runbook->params, given, moment, problem) : NULL;
        return given ? params_check(arena, &call->runbook->params, given, problem) : NULL;
    }
    return core_arguments(arena, use, moment, problem);
}

/* ---- deeds ---- */

bool bind_place(struct arena *arena, const struct moment *moment, struct describing *describing,
                struct problem *problem)
{
    const struct defaults *defaults = &moment->scope->runbook->defaults;
    struct moment top = top_moment(moment);
    const struct value *cwd = bind_term(arena, defaults->cwd, &value_unset, &top, problem);
    const struct value *env = bind_term(arena, defaults->env, &value_unset, &top, problem);
    if (cwd == NULL || env == NULL)
        return false;
    const char *folder = moment->scope->folder;
    if (cwd->kind == VALUE_TEXT || cwd->kind == VALUE_UNKNOWN)
        folder = cwd->text.at[0] == '/' || strcmp(folder, ".") == 0
                     ? cwd->text.at
                     : arena_format(arena, "%s/%s", folder, cwd->text.at);
    *describing = (struct describing){.arena = arena,
                                      .host = moment->scope->host,
                                      .folder = folder,
                                      .env = env->kind == VALUE_MAP ? env : NULL};
    return true;
}

const struct deed *bind_deed(struct arena *arena, const struct use *use,
                             const struct moment *moment, struct problem *problem)
{
    struct describing describing;
    const struct value *arguments = bind_arguments(arena, use, moment, problem);
    if (arguments == NULL || !bind_place(arena, moment, &describing, problem))
        return NULL;
    struct deed *deed = arena_alloc(arena, sizeof *deed);
    *deed = (struct deed){
        .action = use->action->core, .host = describing.host, .folder = describing.folder};
    if (!deed->action->describe(&describing, arguments, deed, problem)) {
        if (problem->mark.source == NULL)
            problem->mark = use->mark;
        return NULL;
    }
    return deed;
}

static bool add_resources(struct arena *arena, const struct list *terms,
                          const struct moment *moment, const struct value **at, size_t *count,
                          struct problem *problem)
{
    for (size_t i = 0; i < terms->count; i++) {
        const struct value *value = bind_term(arena, terms->at[i], NULL, moment, problem);
        if (value == NULL)
            return false;
        at[(*count)++] = value;
    }
    return true;
}

const struct value *bind_resources(struct arena *arena, const struct step *step, bool destroys,
                                   const struct moment *moment, const struct value *inputs,
                                   struct problem *problem)
{
    const struct action *action = step->use.action;
    const struct list *own = destroys ? &step->destroys : &step->protects;
    const struct list *its = destroys ? &action->destroys : &action->protects;
    const struct value **at = arena_alloc(arena, (own->count + its->count + 1) * sizeof *at);
    size_t count = 0;
    struct scope inside = *moment->scope;
    inside.params = inputs;
    struct moment declared = *moment;
    declared.scope = &inside;
    if (!add_resources(arena, own, moment, at, &count, problem) ||
        !add_resources(arena, its, &declared, at, &count, problem))
        return NULL;
    return value_list(arena, at, count);
}

bool bind_limits(struct arena *arena, const struct step *step, const struct moment *moment,
                 struct limits *limits, struct problem *problem)
{
    const struct defaults *defaults = &moment->scope->runbook->defaults;
    const struct core_action *core = step->use.action->core;
    bool works = core != NULL && core->form == FORM_WORK;
    struct moment top = top_moment(moment);
    if (!bind_number(arena, defaults->grace, DEFAULT_GRACE, &top, &limits->grace, problem))
        return false;
    if (step->timeout != NULL || !works)
        return bind_number(arena, step->timeout, 0, moment, &limits->timeout, problem);
    return bind_number(arena, defaults->timeout, DEFAULT_TIMEOUT, &top, &limits->timeout, problem);
}
