/* Steps: their keys, what they give, and the graph that `needs` makes of them. */
#include "lang/read.h"

#include "base/arena.h"
#include "base/graph.h"
#include "base/text.h"
#include "lang/expr.h"
#include "lang/term.h"
#include "lang/type.h"
#include "lang/value.h"
#include "lang/yaml.h"

#include <string.h>

/* ---- keys that are mappings ---- */

void read_foreach_key(struct reader *reader, void *object, const struct key *key,
                      const struct pair *pair)
{
    struct foreach *foreach = arena_alloc(reader->arena, sizeof *foreach);
    foreach
        ->mark = pair->key_mark;
    if (read_is_map(reader, pair->value, "'foreach'", key->example))
        read_mapping(reader, MAPPING_FOREACH, pair, "'foreach'", foreach);
    *(const struct foreach **)((char *)object + key->at) = foreach;
}

void read_repeat_key(struct reader *reader, void *object, const struct key *key,
                     const struct pair *pair)
{
    struct repeat *repeat = arena_alloc(reader->arena, sizeof *repeat);
    repeat->mark = pair->key_mark;
    if (read_is_map(reader, pair->value, "'repeat'", key->example))
        read_mapping(reader, MAPPING_REPEAT, pair, "'repeat'", repeat);
    *(const struct repeat **)((char *)object + key->at) = repeat;
}

void read_retry_key(struct reader *reader, void *object, const struct key *key,
                    const struct pair *pair)
{
    struct retry *retry = arena_alloc(reader->arena, sizeof *retry);
    retry->mark = pair->key_mark;
    if (read_is_map(reader, pair->value, "'retry'", key->example))
        read_mapping(reader, MAPPING_RETRY, pair, "'retry'", retry);
    *(const struct retry **)((char *)object + key->at) = retry;
}

void read_done_if_key(struct reader *reader, void *object, const struct key *key,
                      const struct pair *pair)
{
    struct step *step = object;
    (void)key;
    if (pair->value->kind != NODE_SCALAR || !text_is(pair->value->text, "verified")) {
        step->done_if = read_block(reader, pair);
        return;
    }
    step->done_if_verified = true;
    step->done_if = step->verify;
    if (step->verify == NULL)
        diagnostic_add(reader->diagnostics, RB101, pair->value->mark,
                       "write the checks here, or give the step a 'verify'",
                       "'done_if: verified' asks the step's own 'verify', and it has none");
}

/* ---- what a step gives ---- */

static const struct type *result_of_set(struct arena *arena, const struct use *use)
{
    struct field *fields = arena_alloc(arena, (use->arguments.count + 1) * sizeof *fields);
    /* The types are those of the expressions, which the check will find. */
    for (size_t i = 0; i < use->arguments.count; i++)
        fields[i] = (struct field){use->arguments.at[i].key, type_scalar(TYPE_JSON)};
    return type_record(arena, NULL, fields, use->arguments.count);
}

/* Actions whose outputs are told by their arguments. */
static const struct type *result_of(struct arena *arena, const struct use *use)
{
    const struct action *action = use->action;
    if (action->core == NULL || action->core->form == FORM_WORK)
        return action->result;
    for (size_t i = 0; i < use->arguments.count; i++) {
        const struct argument *argument = use->arguments.at[i].value;
        if (argument->runbook != NULL)
            return record_of_outputs(arena, &argument->runbook->outputs);
        if (argument->param != NULL) {
            struct field field = {use->arguments.at[i].key, argument->param->type};
            return type_record(arena, NULL, &field, 1);
        }
    }
    if (strcmp(action->name, "set") == 0)
        return result_of_set(arena, use);
    if (strcmp(action->name, "manual") == 0)
        return type_record(arena, NULL, NULL, 0);
    return action->result;
}

static const struct type *with_own(struct reader *reader, const struct step *step)
{
    const struct type *result = step->result;
    size_t count = result->field_count;
    if (step->outputs.count == 0)
        return result;
    struct field *fields =
        arena_alloc(reader->arena, (count + step->outputs.count) * sizeof *fields);
    memcpy(fields, result->fields, count * sizeof *fields);
    for (size_t i = 0; i < step->outputs.count; i++) {
        const struct param *output = step->outputs.at[i].value;
        fields[count++] = (struct field){output->name, output->type};
        if (type_member(result, output->name) != NULL)
            diagnostic_add(reader->diagnostics, RB101, output->mark, "take another name",
                           "'%s' gives an output '%s' already", step->use.action->name,
                           output->name);
    }
    return type_record(reader->arena, NULL, fields, count);
}

const struct type *record_of_loop(struct arena *arena, const struct type *all)
{
    struct field *fields = arena_alloc(arena, (all->field_count + 1) * sizeof *fields);
    for (size_t i = 0; i < all->field_count; i++)
        fields[i] = (struct field){all->fields[i].name, type_list(arena, all->fields[i].type)};
    return record_of_step(arena, type_record(arena, NULL, fields, all->field_count));
}

void step_types(struct arena *arena, struct step *step)
{
    if (step->foreach != NULL)
        step->type = record_of_loop(arena, step->all);
    else if (step->all == step->use.action->result)
        step->type = step->use.action->type;
    else
        step->type = record_of_step(arena, step->all);
}

/* ---- effect, and whether it may be run twice ---- */

struct inner {
    enum effect effect;
    bool idempotent;
};

static void add_inner(struct inner *inner, const struct steps *steps)
{
    for (size_t i = 0; steps != NULL && i < steps->order.count; i++) {
        const struct step *step = steps->order.at[i];
        if (step->effect > inner->effect)
            inner->effect = step->effect;
        inner->idempotent = inner->idempotent && step->idempotent;
    }
}

/* What the action is by itself; a group or call is what is inside. */
static struct inner inner_of(const struct use *use)
{
    const struct action *action = use->action;
    struct inner inner = {action->effect, action->idempotent};
    if (action->core == NULL || action->core->form != FORM_STEPS)
        return inner;
    inner = (struct inner){EFFECT_READ, true};
    for (size_t i = 0; i < use->arguments.count; i++) {
        const struct argument *argument = use->arguments.at[i].value;
        add_inner(&inner, argument->steps);
        if (argument->runbook != NULL) {
            add_inner(&inner, argument->runbook->steps);
            add_inner(&inner, argument->runbook->on_failure);
        }
    }
    return inner;
}

static void settle_effect(struct reader *reader, struct step *step, const struct found *found)
{
    struct inner inner = inner_of(&step->use);
    bool said = keys_found(reader, MAPPING_STEP, found, "effect") != NULL;
    if (!said)
        step->effect = inner.effect;
    if (step->destroys.count > 0 && !said)
        step->effect = EFFECT_DESTROY;
    if (!step->idempotent_said)
        step->idempotent = inner.idempotent || reader->idempotent || step->effect == EFFECT_READ;
}

/* ---- one step ---- */

static void refuse_in_entry(struct reader *reader, const struct found *found)
{
    const struct key *keys = keys_of(MAPPING_STEP)->keys;
    for (uint64_t rest = found->present; rest != 0; rest &= rest - 1) {
        size_t i = (size_t)__builtin_ctzll(rest);
        if (keys[i].no_release)
            diagnostic_add(reader->diagnostics, RB101, found->at[i]->key_mark, "take it out",
                           "'%s' has no place in an entry of '%s': they run one after the other",
                           keys[i].name, reader->step->undoes ? "undo" : "release");
    }
}

/* `idempotent` and `effect` are read before the action: what is inside a group asks for them. */
static void read_nature(struct reader *reader, struct step *step, const struct found *found)
{
    const struct pair *effect = keys_found(reader, MAPPING_STEP, found, "effect");
    const struct pair *idempotent = keys_found(reader, MAPPING_STEP, found, "idempotent");
    if (effect != NULL)
        read_effect_key(reader, step, key_find(MAPPING_STEP, "effect", NULL), effect);
    if (idempotent != NULL)
        read_bool_key(reader, step, key_find(MAPPING_STEP, "idempotent", NULL), idempotent);
    step->idempotent_said = idempotent != NULL;
}

static void read_action(struct reader *reader, struct step *step, const struct pair *action)
{
    bool idempotent = reader->idempotent;
    if (step->idempotent_said)
        reader->idempotent = step->idempotent;
    bool good = read_use(reader, action, &step->use);
    reader->idempotent = idempotent;
    if (!good && step->use.action == NULL)
        return;
    step->result = result_of(reader->arena, &step->use);
    step->expect = step->use.action->expect;
}

static void read_step_keys(struct reader *reader, struct step *step, const struct pair *action,
                           const struct found *found)
{
    read_nature(reader, step, found);
    if (action != NULL)
        read_action(reader, step, action);
    keys_read(reader, MAPPING_STEP, found, false, step);
    if (step->result != NULL) {
        step->all = with_own(reader, step);
        step_types(reader->arena, step);
    }
    reader->outputs = step->all;
    reader->standard = step->expect;
    keys_read(reader, MAPPING_STEP, found, true, step);
    if (step->use.action != NULL)
        settle_effect(reader, step, found);
}

/* Reads NODE into STEP, whose id, home and place are set; *NEEDS is its `needs` or NULL. */
static void read_step(struct reader *reader, struct step *step, const struct node *node,
                      const struct pair **needs)
{
    struct step *outer = reader->step;
    const struct type *outputs = reader->outputs;
    const struct expectation *standard = reader->standard;
    struct found found;
    struct others others = {.count = 0};
    step->node = node;
    reader->step = step;
    if (node->kind != NODE_MAP) {
        read_is_map(reader, node, arena_format(reader->arena, "step '%s'", step->id),
                    "{exec: [systemctl, restart, nginx]}");
    } else {
        keys_collect(reader, MAPPING_STEP, node, &found, &others);
        const struct pair *action =
            read_find_action(reader, MAPPING_STEP, &others, step->mark, NULL);
        if (step->holder != NULL)
            refuse_in_entry(reader, &found);
        read_step_keys(reader, step, action, &found);
        if (needs != NULL)
            *needs = keys_found(reader, MAPPING_STEP, &found, "needs");
    }
    reader->step = outer;
    reader->outputs = outputs;
    reader->standard = standard;
}

/* The entries of `undo` or `release`, into INTO. */
static void read_entries(struct reader *reader, struct step *holder, const struct key *key,
                         const struct pair *pair, struct list *into)
{
    const char *what = arena_format(reader->arena, "'%s'", key->name);
    if (holder->holder != NULL || !read_is_list(reader, pair->value, what, key->example))
        return;
    for (size_t i = 0; i < pair->value->count; i++) {
        const struct node *node = pair->value->items[i];
        struct step *step = arena_alloc(reader->arena, sizeof *step);
        step->id = arena_format(reader->arena, "%zu", i + 1);
        step->mark = node->mark;
        step->home = holder->home;
        step->index = holder->index;
        step->holder = holder;
        step->undoes = into == &holder->undo;
        read_step(reader, step, node, NULL);
        list_add(reader->arena, into, step);
    }
    if (pair->value->count == 0)
        diagnostic_add(reader->diagnostics, RB101, pair->value->mark, "take the key out",
                       "%s has no step in it", what);
}

void read_undo_key(struct reader *reader, void *object, const struct key *key,
                   const struct pair *pair)
{
    struct step *holder = object;
    read_entries(reader, holder, key, pair, &holder->undo);
}

void read_release_key(struct reader *reader, void *object, const struct key *key,
                      const struct pair *pair)
{
    struct step *holder = object;
    read_entries(reader, holder, key, pair, &holder->release);
}

/* ---- the graph ---- */

static void unknown_need(struct reader *reader, const struct steps *steps, const struct node *node,
                         const char *id)
{
    const char *near = read_nearest(reader, &steps->by_id, id);
    const char *remedy =
        near ? arena_format(reader->arena, "did you mean '%s'?", near)
             : "name steps of the same mapping; a group that stands around it is waited for anyway";
    diagnostic_add(reader->diagnostics, RB101, node->mark, remedy, "there is no step '%s' here",
                   id);
}

static void read_need(struct reader *reader, struct steps *steps, struct step *step,
                      const struct node *node)
{
    const char *id = read_fixed(reader, node, "an entry of 'needs'");
    struct step *need = id ? map_get(&steps->by_id, id) : NULL;
    if (need == NULL) {
        if (id != NULL)
            unknown_need(reader, steps, node, id);
        return;
    }
    if (need == step) {
        diagnostic_add(reader->diagnostics, RB103, node->mark, "take it out",
                       "step '%s' can't come after itself", id);
        return;
    }
    for (size_t i = 0; i < step->needs.count; i++)
        if (step->needs.at[i] == need)
            return;
    list_add(reader->arena, &step->needs, need);
    graph_edge(steps->graph, need->index, step->index);
}

static void read_needs(struct reader *reader, struct steps *steps, struct step *step,
                       const struct pair *pair)
{
    if (pair == NULL) {
        if (step->index == 0)
            return;
        struct step *before = steps->order.at[step->index - 1];
        list_reserve(reader->arena, &step->needs, 1);
        list_add(reader->arena, &step->needs, before);
        graph_edge(steps->graph, before->index, step->index);
        return;
    }
    if (!read_is_list(reader, pair->value, "'needs'", "needs: [stopped, backup]"))
        return;
    for (size_t i = 0; i < pair->value->count; i++)
        read_need(reader, steps, step, pair->value->items[i]);
}

static void tell_circle(struct reader *reader, const struct steps *steps, const size_t *circle,
                        size_t count)
{
    struct buffer path = {0};
    const struct step *first = steps->order.at[circle[0]];
    for (size_t i = 0; i < count; i++)
        buffer_format(&path, "%s → ", ((const struct step *)steps->order.at[circle[i]])->id);
    diagnostic_add(reader->diagnostics, RB103, first->mark,
                   "take one of the `needs` out, or write the steps in another order",
                   "the steps wait for one another: %s%s", path.at, first->id);
    buffer_free(&path);
}

static void order_steps(struct reader *reader, struct steps *steps, const struct pair *const *needs)
{
    size_t count = steps->order.count;
    size_t *order = arena_alloc(reader->arena, (count + 1) * sizeof *order);
    bool circle = false;
    for (size_t i = 0; i < count; i++)
        if (needs[i] != NULL)
            read_needs(reader, steps, steps->order.at[i], needs[i]);
    size_t found = graph_order(steps->graph, order, &circle);
    if (circle)
        tell_circle(reader, steps, order, found);
    steps->sorted = order;
}

/* ---- all of them ---- */

static struct step *begin_step(struct reader *reader, struct steps *steps, const struct pair *pair)
{
    /* One by one, so that a step lies beside its arguments. */
    struct step *step = arena_alloc(reader->arena, sizeof *step);
    step->id = pair->key;
    step->mark = pair->key_mark;
    step->home = steps;
    step->index = steps->order.count;
    read_is_id(reader, pair->key, pair->key_mark);
    map_put(reader->arena, &steps->by_id, pair->key, step);
    list_add(reader->arena, &steps->order, step);
    return step;
}

static void read_all(struct reader *reader, struct steps *steps, const struct node *node)
{
    const struct pair **needs = arena_alloc(reader->arena, node->count * sizeof *needs);
    steps->graph = graph_new(reader->arena, node->count);
    list_reserve(reader->arena, &steps->order, node->count);
    map_reserve(reader->arena, &steps->by_id, node->count);
    for (size_t i = 0; i < node->count; i++) {
        struct step *step = begin_step(reader, steps, &node->pairs[i]);
        read_step(reader, step, node->pairs[i].value, &needs[i]);
        if (needs[i] == NULL)
            read_needs(reader, steps, step, NULL);
    }
    order_steps(reader, steps, needs);
}

const struct steps *read_steps(struct reader *reader, const struct pair *pair,
                               const struct steps *outer, const struct step *owner)
{
    const struct node *node = pair->value;
    const char *what = arena_format(reader->arena, "'%s'", pair->key);
    if (!read_is_map(reader, node, what, "steps: {restarted: {exec: [systemctl, restart, nginx]}}"))
        return NULL;
    if (node->count == 0) {
        diagnostic_add(reader->diagnostics, RB101, node->mark, "write a step",
                       "%s has no step in it", what);
        return NULL;
    }
    const struct steps *scope = reader->scope;
    struct steps *steps = arena_alloc(reader->arena, sizeof *steps);
    steps->outer = outer;
    steps->owner = owner;
    reader->scope = steps;
    read_all(reader, steps, node);
    reader->scope = scope;
    return steps;
}
