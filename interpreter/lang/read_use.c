/* An action in use: which one, and its arguments. */
#include "lang/read.h"

#include "base/arena.h"
#include "base/text.h"
#include "lang/catalog.h"
#include "lang/expr.h"
#include "lang/term.h"
#include "lang/type.h"
#include "lang/value.h"
#include "lang/yaml.h"

#include <string.h>

/* ---- which action ---- */

static bool names_action(struct reader *reader, const char *key)
{
    return strchr(key, '.') != NULL || catalog_is_core(reader->catalog, key);
}

/* A word that is neither a key nor an action: whichever it is nearer to was meant. */
static void neither(struct reader *reader, enum mapping mapping, const struct pair *pair)
{
    const char *key = keys_nearest(mapping, pair->key);
    const char *action = catalog_nearest(reader->catalog, pair->key);
    const char *foreign = keys_foreign(mapping, pair->key);
    const char *both[] = {key ? key : action, action};
    const char *near = key && action ? text_nearest(pair->key, both, 2) : both[0];
    const char *remedy =
        foreign ? foreign
        : near  ? arena_format(reader->arena, "did you mean '%s'?", near)
                : "an action is `library.verb`, or one of exec shell wait assert set manual call "
                  "steps release_now undo_run";
    diagnostic_add(reader->diagnostics, RB101, pair->key_mark, remedy,
                   "'%s' is no key of %s, and no action", pair->key, keys_of(mapping)->noun);
}

static void second_action(struct reader *reader, enum mapping mapping, const struct pair *first,
                          const struct pair *second, const char *what)
{
    struct diagnostic *found = diagnostic_add(
        reader->diagnostics, RB101, second->key_mark,
        mapping == MAPPING_STEP ? "make it a step of its own" : "make it a check of its own",
        "%s has two actions: '%s' and '%s'", what, first->key, second->key);
    diagnostic_note(reader->diagnostics, found, first->key_mark, "the first one");
}

const struct pair *read_find_action(struct reader *reader, enum mapping mapping,
                                    const struct others *others, struct mark mark, const char *what)
{
    const struct pair *action = NULL;
    if (others->count == 1 && names_action(reader, others->at[0]->key))
        return others->at[0];
    if (what == NULL)
        what = reader->step->holder ? arena_format(reader->arena, "this entry of the %s of '%s'",
                                                   reader->step->undoes ? "undo" : "release",
                                                   reader->step->holder->id)
                                    : arena_format(reader->arena, "step '%s'", reader->step->id);
    for (size_t i = 0; i < others->count; i++) {
        const struct pair *pair = others->at[i];
        if (!names_action(reader, pair->key))
            neither(reader, mapping, pair);
        else if (action != NULL)
            second_action(reader, mapping, action, pair, what);
        else
            action = pair;
    }
    if (action == NULL && others->count == 0)
        diagnostic_add(reader->diagnostics, RB101, mark,
                       mapping == MAPPING_STEP
                           ? "give it one: exec, shell, wait, assert, set, manual, call, steps, "
                             "release_now, or one of `runbook actions`"
                           : "ask by an action that reads: http.get, tcp.probe, file.stat, exec, "
                             "assert …; or by any, not",
                       "%s has no action", what);
    return action;
}

/* ---- arguments ---- */

static struct argument *argument_new(struct reader *reader, struct use *use, const char *name,
                                     struct mark mark)
{
    struct argument *argument = arena_alloc(reader->arena, sizeof *argument);
    argument->mark = mark;
    map_put(reader->arena, &use->arguments, name, argument);
    return argument;
}

static void read_call(struct reader *reader, const struct node *node, struct argument *argument)
{
    argument->term = term_read(reader->arena, node, type_scalar(TYPE_PATH), reader->diagnostics);
    if (argument->term == NULL)
        return;
    if (argument->term->kind == TERM_CONSTANT) {
        argument->runbook =
            read_called(reader, argument->term->constant->text.at, argument->term->mark);
        return;
    }
    diagnostic_add(reader->diagnostics, RB102, node->mark,
                   "write the file's name; where one of several is called, each has a step with "
                   "its own `when`",
                   "the runbook that is called is a fixed text: it is checked before anything "
                   "runs");
}

static const char *const shell_remedy =
    "hand the value over by `env: {NAME: …}` and write \"$NAME\"; what is the shell's own is "
    "written `$x` or `$${x}`";
static const char *const sql_remedy =
    "write $1 where the value stands and hand it over by `args: [\"${…}\"]`";

/* A value in NODE could become code, so none gets in. False after a diagnostic. */
static bool holds_no_value(struct reader *reader, const struct node *node, enum param_kind kind)
{
    bool sql = kind == PARAM_SQL;
    for (size_t i = 0; node->kind == NODE_LIST && i < node->count; i++)
        if (!holds_no_value(reader, node->items[i], kind))
            return false;
    const char *text = node->kind == NODE_SCALAR ? node->text.at : "";
    for (const char *at = strstr(text, "${"); at != NULL; at = strstr(at + 2, "${")) {
        if (at > text && at[-1] == '$')
            continue;
        const char *end = strchr(at, '}');
        diagnostic_add(reader->diagnostics, RB302,
                       node_mark_at(node, (size_t)(at - text), end ? (size_t)(end + 1 - at) : 2),
                       sql ? sql_remedy : shell_remedy,
                       "%s holds no `${…}`: a value in it could become code",
                       sql ? "a statement" : "a script");
        return false;
    }
    return true;
}

static const struct term *read_code(struct reader *reader, const struct node *node,
                                    const struct param *param)
{
    return holds_no_value(reader, node, param->kind)
               ? term_read(reader->arena, node, param->type, reader->diagnostics)
               : NULL;
}

static void read_evidence(struct reader *reader, const struct pair *pair, struct argument *argument)
{
    argument->param = read_param(reader, pair, false);
}

/* What is handed over may be unset where the param may: a composite's default stands in then too.
 */
static const struct type *place_of(struct arena *arena, const struct action *action,
                                   const struct param *param)
{
    bool stands_in = action->core == NULL && param->preset != NULL;
    return type_optional(arena, param->type, param->optional || stands_in);
}

/* PAIR is what is written for PARAM; its value may also be the action's, when the param stands
 * alone. */
static void read_argument(struct reader *reader, struct use *use, const struct param *param,
                          const struct pair *pair)
{
    struct argument *argument = argument_new(reader, use, param->name, pair->key_mark);
    switch (param->kind) {
    case PARAM_VALUE:
        argument->term =
            term_read(reader->arena, pair->value, place_of(reader->arena, use->action, param),
                      reader->diagnostics);
        return;
    case PARAM_SCRIPT:
    case PARAM_SQL:
        argument->term = read_code(reader, pair->value, param);
        return;
    case PARAM_EXPR:
        argument->expr =
            read_expr(reader, pair->value, arena_format(reader->arena, "'%s'", use->action->name));
        return;
    case PARAM_CHECKS:
        argument->block = read_block(reader, pair);
        return;
    case PARAM_STEPS:
        argument->steps = read_steps(reader, pair, reader->scope, reader->step);
        return;
    case PARAM_RUNBOOK:
        read_call(reader, pair->value, argument);
        return;
    case PARAM_GIVEN:
        return; /* read when the runbook is known: read_given */
    case PARAM_PARAM:
        read_evidence(reader, pair, argument);
        return;
    }
}

/* What takes params: an action, or a runbook that is called. */
struct taker {
    const char *noun; /* "" or "the runbook " */
    const char *name;
    const struct map *params;
};

static void unknown_param(struct reader *reader, const struct taker *taker, const struct pair *pair)
{
    const struct map *params = taker->params;
    const char *near = read_nearest(reader, params, pair->key);
    struct buffer all = {0};
    buffer_text(&all, params->count ? "its params are" : "it has none");
    for (size_t i = 0; i < params->count; i++)
        buffer_format(&all, "%s %s", i ? "," : "", params->at[i].key);
    const char *block = key_find(MAPPING_BLOCK, pair->key, NULL) && map_get(params, "checks")
                            ? "it is a part of a check block: write `checks` beside it"
                            : NULL;
    const char *hint = block ? block
                       : strcmp(pair->key, "expect") == 0 || strcmp(pair->key, "verify") == 0 ||
                               strcmp(pair->key, "timeout") == 0
                           ? "it is a key of the step: write it one level further out"
                           : NULL;
    diagnostic_add(reader->diagnostics, RB101, pair->key_mark,
                   hint   ? hint
                   : near ? arena_format(reader->arena, "did you mean '%s'?", near)
                          : all.at,
                   "'%s' is no param of %s'%s'", pair->key, taker->noun, taker->name);
    buffer_free(&all);
}

static void missing_params(struct reader *reader, const struct taker *taker,
                           bool (*given)(const void *from, const char *name), const void *from,
                           struct mark mark)
{
    for (size_t i = 0; i < taker->params->count; i++) {
        const struct param *param = taker->params->at[i].value;
        if (param->optional || param->preset != NULL || given(from, param->name))
            continue;
        diagnostic_add(reader->diagnostics, RB101, mark,
                       param->about ? arena_format(reader->arena, "give it: %s", param->about)
                                    : arena_format(reader->arena, "give it a value of type %s",
                                                   type_print(reader->arena, param->type)),
                       "%s'%s' needs '%s'", taker->noun, taker->name, param->name);
    }
}

static bool is_argument(const void *from, const char *name)
{
    return map_get(from, name) != NULL;
}

static bool is_pair(const void *from, const char *name)
{
    return from != NULL && node_get(from, name) != NULL;
}

/* ---- call: what the other runbook is given ---- */

static void read_given(struct reader *reader, struct use *use, const struct node *node,
                       struct argument *argument)
{
    const struct argument *file = map_get(&use->arguments, "runbook");
    const struct runbook *runbook = file ? file->runbook : NULL;
    if (runbook == NULL || (node != NULL && !read_is_map(reader, node, "'params'", NULL)))
        return;
    struct taker taker = {"the runbook ", runbook->name, &runbook->params};
    missing_params(reader, &taker, is_pair, node, argument ? argument->mark : use->mark);
    if (node == NULL)
        return;
    struct term_member *members = arena_alloc(reader->arena, (node->count + 1) * sizeof *members);
    struct term *term = arena_alloc(reader->arena, sizeof *term);
    for (size_t i = 0; i < node->count; i++) {
        const struct pair *pair = &node->pairs[i];
        const struct param *param = map_get(&runbook->params, pair->key);
        if (param == NULL) {
            unknown_param(reader, &taker, pair);
            continue;
        }
        members[term->count++] = (struct term_member){
            pair->key, pair->key_mark,
            term_read(reader->arena, pair->value,
                      type_optional(reader->arena, param->type, param->optional || param->preset),
                      reader->diagnostics)};
    }
    term->kind = TERM_MAP;
    term->mark = node->mark;
    term->members = members;
    argument->term = term;
}

static void read_call_params(struct reader *reader, struct use *use, const struct node *node)
{
    for (size_t i = 0; i < use->action->params.count; i++) {
        const struct param *param = use->action->params.at[i].value;
        if (param->kind == PARAM_GIVEN)
            read_given(reader, use, node_get(node, param->name),
                       map_get(&use->arguments, param->name));
    }
}

/* ---- set: names of one's own ---- */

static void read_set(struct reader *reader, struct use *use, const struct node *node)
{
    if (!read_is_map(reader, node, "'set'", "set: {image: 'app:${params.version}'}"))
        return;
    for (size_t i = 0; i < node->count; i++) {
        const struct pair *pair = &node->pairs[i];
        if (!read_is_id(reader, pair->key, pair->key_mark))
            continue;
        struct argument *argument = argument_new(reader, use, pair->key, pair->key_mark);
        argument->term = term_read(reader->arena, pair->value, NULL, reader->diagnostics);
    }
    if (node->count == 0)
        diagnostic_add(reader->diagnostics, RB101, use->mark, "give it a name and a value",
                       "'set' sets nothing");
}

/* ---- all of them ---- */

static const struct param *first_param(const struct action *action)
{
    return action->params.count ? action->params.at[0].value : NULL;
}

/* `wait` with `checks` is one check block, whose other keys stand beside them. */
static const struct param *block_param(const struct action *action, const struct node *node)
{
    for (size_t i = 0; i < action->params.count; i++) {
        const struct param *param = action->params.at[i].value;
        if (param->kind == PARAM_CHECKS && node_get(node, param->name) != NULL)
            return param;
    }
    return NULL;
}

static void read_named(struct reader *reader, struct use *use, const struct node *node)
{
    struct taker taker = {"", use->action->name, &use->action->params};
    map_reserve(reader->arena, &use->arguments, node->count);
    for (size_t i = 0; i < node->count; i++) {
        const struct pair *pair = &node->pairs[i];
        const struct param *param = map_get(&use->action->params, pair->key);
        if (param == NULL)
            unknown_param(reader, &taker, pair);
        else
            read_argument(reader, use, param, pair);
    }
}

static bool is_nothing(const struct node *node)
{
    return node->kind == NODE_SCALAR && node->style == STYLE_PLAIN && node->text.length == 0;
}

static void read_alone(struct reader *reader, struct use *use, const struct pair *pair)
{
    const struct param *first = first_param(use->action);
    if (first != NULL) {
        map_reserve(reader->arena, &use->arguments, 1);
        read_argument(reader, use, first, pair);
        return;
    }
    diagnostic_add(reader->diagnostics, RB102, pair->value->mark,
                   arena_format(reader->arena, "write `%s: {}`", pair->key), "'%s' takes no params",
                   pair->key);
}

/* `wait` has one thing to wait for. */
static void one_of_three(struct reader *reader, const struct use *use, size_t errors)
{
    bool waits = false;
    for (size_t i = 0; i < use->action->params.count; i++) {
        const struct param *param = use->action->params.at[i].value;
        waits = waits || param->kind == PARAM_CHECKS;
    }
    if (waits && use->arguments.count != 1 && reader->diagnostics->errors == errors)
        diagnostic_add(reader->diagnostics, RB101, use->mark,
                       "write `wait: 30s`, `wait: {until: '${…}'}` or `wait: {within: 60s, "
                       "checks: […]}`",
                       "'%s' wants one of 'for', 'until' and 'checks'", use->action->name);
}

static void read_arguments(struct reader *reader, struct use *use, const struct pair *pair)
{
    const struct param *first = first_param(use->action);
    bool whole = first != NULL && first->kind == PARAM_STEPS;
    struct pair block = *pair;
    size_t errors = reader->diagnostics->errors;
    const struct param *checks = block_param(use->action, pair->value);
    if (checks != NULL)
        read_argument(reader, use, checks, &block);
    else if (pair->value->kind == NODE_MAP && !whole)
        read_named(reader, use, pair->value);
    else if (!is_nothing(pair->value) || whole)
        read_alone(reader, use, pair);
    read_call_params(reader, use, pair->value);
    struct taker taker = {"", use->action->name, &use->action->params};
    missing_params(reader, &taker, is_argument, &use->arguments, use->mark);
    one_of_three(reader, use, errors);
}

static bool is_set(const struct action *action)
{
    return action->params.count == 0 && action->core != NULL && strcmp(action->name, "set") == 0;
}

bool read_use(struct reader *reader, const struct pair *pair, struct use *use)
{
    size_t errors = reader->diagnostics->errors;
    use->mark = pair->key_mark;
    use->node = pair->value;
    use->action = catalog_find(reader->catalog, pair->key, pair->key_mark);
    if (use->action == NULL) {
        reader->broken = true;
        return false;
    }
    if (is_set(use->action))
        read_set(reader, use, pair->value);
    else
        read_arguments(reader, use, pair);
    return reader->diagnostics->errors == errors;
}
