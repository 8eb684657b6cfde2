/* Actions in use and checks, wherever they stand: every term typed at its place. */
#include "lang/check_use.h"

#include "base/arena.h"
#include "base/text.h"
#include "lang/check_rules.h"
#include "lang/constraint.h"
#include "lang/expr.h"
#include "lang/term.h"
#include "lang/type.h"
#include "lang/value.h"

#include <string.h>

/* ---- loops ---- */

static const struct type *element_of(const struct place *place, const struct foreach *foreach)
{
    const struct type *type = place_term(place, foreach->in);
    struct diagnostics *diagnostics = place->checker->diagnostics;
    if (type == NULL)
        return NULL;
    if (type->kind == TYPE_LIST && !type->optional)
        return type->element->kind == TYPE_NOTHING ? type_scalar(TYPE_STRING) : type->element;
    if (type->kind == TYPE_JSON)
        return type_scalar(TYPE_JSON);
    if (type->optional && type->kind == TYPE_LIST)
        diagnostic_add(
            diagnostics, RB104, foreach->in->mark,
            arena_format(place->checker->arena,
                         "say what stands in then: `${%s ?\? []}`, with `empty: ok`",
                         expr_print(place->checker->arena, foreach->in->template->whole)),
            "the list of a loop may be unset");
    else
        diagnostic_add(diagnostics, RB102, foreach->in->mark,
                       "make a list: lines(…), split(…, ','), or write it as one",
                       "a loop is over a list, and this is of type %s",
                       type_print(place->checker->arena, type));
    return NULL;
}

bool check_foreach(const struct place *place, const struct foreach *foreach, struct item *item)
{
    if (foreach == NULL)
        return false;
    const struct type *element = foreach->in ? element_of(place, foreach) : NULL;
    place_term(place, foreach->parallel);
    place_term(place, foreach->max);
    place_term(place, foreach->pause);
    place_term(place, foreach->stop_after);
    *item = (struct item){foreach->as, element ? element : type_scalar(TYPE_JSON), foreach,
                          place->items};
    return foreach->as != NULL;
}

/* ---- arguments ---- */

void check_constraint(const struct place *place, const struct param *param, const struct term *term)
{
    if (term == NULL || term->kind != TERM_CONSTANT)
        return;
    const char *why = constraint_refuses(place->checker->arena, param, term->constant);
    if (why != NULL)
        diagnostic_add(place->checker->diagnostics, RB102, term->mark,
                       param->about ? param->about : "give it another value", "param '%s': %s",
                       param->name, why);
}

void check_connection(const struct place *place, const struct param *param, const struct term *term)
{
    struct checker *checker = place->checker;
    bool named = term != NULL && param->type != NULL && param->type->kind == TYPE_CONNECTION &&
                 term->kind == TERM_CONSTANT && term->constant->kind == VALUE_TEXT;
    const struct map *connections = checker->runbook ? &checker->runbook->connections : NULL;
    if (named)
        map_put(checker->arena, &checker->connected, term->constant->text.at, checker);
    if (!named || (connections && map_get(connections, term->constant->text.at) != NULL))
        return;
    const char **names =
        arena_alloc(checker->arena, ((connections ? connections->count : 0) + 1) * sizeof *names);
    for (size_t i = 0; connections != NULL && i < connections->count; i++)
        names[i] = connections->at[i].key;
    const char *near =
        text_nearest(term->constant->text.at, names, connections ? connections->count : 0);
    diagnostic_add(checker->diagnostics, RB101, term->mark,
                   near          ? arena_format(checker->arena, "did you mean '%s'?", near)
                   : connections ? "declare it under 'connections' of the runbook"
                                 : "give the action a param of type connection, and write "
                                   "`${params.NAME}` here",
                   "there is no connection '%s' here", term->constant->text.at);
}

/* What a composite or a called runbook is given. */
static void check_given(const struct place *place, const struct use *use)
{
    for (size_t i = 0; i < use->arguments.count; i++) {
        const struct argument *argument = use->arguments.at[i].value;
        const struct param *param = map_get(&use->action->params, use->arguments.at[i].key);
        if (param != NULL && use->action->core == NULL)
            check_constraint(place, param, argument->term);
        if (param != NULL)
            check_connection(place, param, argument->term);
    }
    const struct argument *file = map_get(&use->arguments, "runbook");
    const struct argument *given = map_get(&use->arguments, "params");
    const struct term *map = file && file->runbook && given ? given->term : NULL;
    for (size_t i = 0; map != NULL && i < map->count; i++) {
        const struct param *param = map_get(&file->runbook->params, map->members[i].key);
        if (param != NULL)
            check_constraint(place, param, map->members[i].term);
        if (param != NULL)
            check_connection(place, param, map->members[i].term);
    }
}

static void check_evidence(const struct place *place, const struct param *param)
{
    place_term(place, param->preset);
    check_constraint(place, param, param->preset);
}

void check_use(const struct place *place, const struct use *use, const struct type **types)
{
    for (size_t i = 0; i < use->arguments.count; i++) {
        const struct argument *argument = use->arguments.at[i].value;
        const struct type *type = place_term(place, argument->term);
        if (types != NULL)
            types[i] = type;
        place_condition(place, argument->expr, "what is asserted");
        check_block(place, argument->block);
        if (argument->param != NULL)
            check_evidence(place, argument->param);
    }
    check_given(place, use);
    rule_data(place, use);
}

/* ---- checks ---- */

/* What `usual` has of a check in a monitor: the numbers that it puts out. */
static const struct type *usual_of(struct arena *arena, const struct type *result)
{
    struct field *fields = arena_alloc(arena, (result->field_count + 1) * sizeof *fields);
    size_t count = 0;
    for (size_t i = 0; i < result->field_count; i++)
        if (type_is_number(result->fields[i].type))
            fields[count++] = (struct field){result->fields[i].name,
                                             type_optional(arena, result->fields[i].type, false)};
    return type_record(arena, NULL, fields, count);
}

static void check_check(const struct place *around, const struct check *check)
{
    struct place place = *around;
    struct item item;
    bool usual = around->watching && check->kind == CHECK_ACTION && check->foreach == NULL;
    place.watching = false;
    if (check_foreach(&place, check->foreach, &item))
        place.items = &item;
    place_term(&place, check->timeout);
    place.inverted = around->inverted || check->kind == CHECK_NOT;
    for (size_t i = 0; i < check->checks.count; i++)
        check_check(&place, check->checks.at[i]);
    if (check->kind == CHECK_ACTION) {
        check_use(&place, &check->use, NULL);
        place.result = check->use.action->result;
        place.verifying = false;
        if (usual)
            place.usual = usual_of(place.checker->arena, place.result);
        if (check->expect != NULL && check->expect != check->use.action->expect)
            place_expect(&place, check->expect, place.result);
    }
    place.usual = NULL;
    place_term(&place, check->because);
    rule_check(around, check);
}

void check_checks(const struct place *place, const struct list *checks)
{
    for (size_t i = 0; i < checks->count; i++)
        check_check(place, checks->at[i]);
}

void check_block(const struct place *place, const struct block *block)
{
    if (block == NULL)
        return;
    place_term(place, block->within);
    place_term(place, block->every);
    place_term(place, block->stable_for);
    place_term(place, block->stall);
    check_checks(place, &block->checks);
}
