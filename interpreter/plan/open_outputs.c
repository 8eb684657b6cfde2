#include "plan/open.h"

#include "base/arena.h"
#include "lang/type.h"
#include "lang/value.h"

#include <string.h>

/* What every step has beside its outputs. */
static const char *const common[] = {"state", "started", "ended", "duration", "attempts"};
enum { COMMON = sizeof common / sizeof *common };

/* Is a hole of a text, `‹run.stamp›`, a name and no longer expression? */
static bool is_name(const char *at, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (at[i] == ' ' || at[i] == '(' || at[i] == '\'')
            return false;
    return true;
}

/* Does a value that is not all known tell more than the name of the output? `‹x.y›` alone does not,
 * nor does a text around a long expression; `dump_‹run.stamp›` does. */
static bool tells_more(const struct value *value)
{
    static const char open[] = "‹", close[] = "›";
    const size_t mark = sizeof open - 1;
    if (value->kind == VALUE_LIST) {
        for (size_t i = 0; i < value->list.count; i++)
            if (!tells_more(value->list.at[i]))
                return false;
        return true;
    }
    if (value->kind != VALUE_UNKNOWN)
        return true;
    size_t known = value->text.length;
    for (const char *at = value->text.at; (at = strstr(at, open)) != NULL;) {
        const char *end = strstr(at, close);
        if (end == NULL || !is_name(at + mark, (size_t)(end - at) - mark))
            return false;
        known -= (size_t)(end - at) + mark;
        at = end;
    }
    return known > 0;
}

static struct member member_of(struct arena *arena, const struct value *known, const char *root,
                               const char *name)
{
    if (known != NULL)
        for (size_t i = 0; i < known->map.count; i++)
            if (strcmp(known->map.at[i].key, name) == 0 && tells_more(known->map.at[i].value))
                return known->map.at[i];
    return (struct member){name, value_unknown(arena, arena_format(arena, "%s.%s", root, name))};
}

/* The record of STEP's outputs: what is KNOWN, and `‹ROOT.name›` for the rest. */
static const struct value *view(struct arena *arena, const struct step *step,
                                const struct value *known, const char *root, bool whole)
{
    const struct type *type = step->type ? step->type : step->result;
    if (type == NULL || type->kind != TYPE_RECORD)
        return value_unknown(arena, root);
    struct member *at = arena_alloc(arena, (type->field_count + COMMON) * sizeof *at);
    size_t count = 0;
    for (size_t i = 0; i < type->field_count; i++)
        at[count++] = member_of(arena, known, root, type->fields[i].name);
    for (size_t i = 0; whole && i < COMMON; i++)
        at[count++] = member_of(arena, NULL, root, common[i]);
    return value_map(arena, at, count);
}

/* The step of that full NAME, or NULL. Many runbooks ask for none, so the map waits for the first.
 */
static const struct plan_step *step_named(struct opener *opener, const char *name)
{
    while (opener->named < opener->made.count) {
        struct plan_step *made = opener->made.at[opener->named++];
        map_put(opener->arena, &opener->steps, made->name, made);
    }
    return map_get(&opener->steps, name);
}

/* It gives nothing, but what a person says in its place; its state can be asked. */
static const struct value *of_skipped(struct opener *opener, const struct plan_step *step)
{
    const struct value *given =
        step->left_out != NULL ? map_get(&opener->part->given, step->step->id) : NULL;
    size_t count = given != NULL ? given->map.count : 0;
    struct member *at = arena_alloc(opener->arena, (count + 2) * sizeof *at);
    if (count > 0)
        memcpy(at, given->map.at, count * sizeof *at);
    at[count] = (struct member){"state", value_string(opener->arena, "skipped")};
    at[count + 1] = (struct member){"attempts", value_integer(opener->arena, VALUE_INT, 0)};
    return value_map(opener->arena, at, count + 2);
}

const struct value *outputs_of(const struct binder *binder, struct arena *arena,
                               const struct scope *scope, const struct step *step, const char *name)
{
    (void)scope;
    struct opener *opener = binder->context;
    const struct plan_step *found = step_named(opener, name);
    const char *root = arena_format(opener->arena, "steps.%s", name);
    if (found != NULL && found->when == 0)
        return of_skipped(opener, found);
    bool sure = found != NULL && found->when == 1 && found->loop == NULL &&
                found->step->tolerate == NULL && found->outputs != NULL &&
                (!opener->handling || found->relation == PLAN_FAILURE);
    if (!sure)
        return value_unknown(opener->arena, root);
    return view(arena, step, found->outputs, root, true);
}

const struct value *outputs_result(struct opener *opener, const struct plan_step *step)
{
    if (step->outputs == NULL)
        return value_unknown(opener->arena, "result");
    return view(opener->arena, step->step, step->outputs, "result", false);
}

/* Both maps as one. */
static const struct value *joined(struct arena *arena, const struct value *a, const struct value *b)
{
    if (a == NULL || b == NULL)
        return a ? a : b;
    struct member *at = arena_alloc(arena, (a->map.count + b->map.count + 1) * sizeof *at);
    memcpy(at, a->map.at, a->map.count * sizeof *at);
    memcpy(at + a->map.count, b->map.at, b->map.count * sizeof *at);
    return value_map(arena, at, a->map.count + b->map.count);
}

/* What the action itself gives: of `set` its names, of what opens what its outputs say. */
static const struct value *of_action(struct opener *opener, const struct plan_step *step,
                                     const struct scope *inside)
{
    const struct action *action = step->step->use.action;
    if (action->core != NULL && strcmp(action->name, "set") == 0)
        return step->inputs;
    if (inside == NULL)
        return NULL;
    const struct map *outputs = step->call             ? &step->call->runbook->outputs
                                : action->core == NULL ? &action->outputs
                                                       : &step->step->outputs;
    struct moment moment = open_moment(opener, inside);
    struct problem problem = {0};
    return bind_outputs(opener->arena, outputs, &moment, &problem);
}

void outputs_learn(struct opener *opener, struct plan_step *step, const struct scope *inside)
{
    /* behind `done_if` and after rounds, what the inside would give is not what there will be */
    if (step->step->done_if != NULL || step->repeat != NULL)
        return;
    const struct value *known = of_action(opener, step, inside);
    step->outputs = known;
    bool group = inside != NULL && step->step->use.action->core != NULL && step->call == NULL;
    if (group || step->step->outputs.count == 0)
        return;
    struct moment moment = open_moment(opener, step->scope);
    struct problem problem = {0};
    moment.result = view(opener->arena, step->step, known, "result", false);
    const struct value *further =
        bind_outputs(opener->arena, &step->step->outputs, &moment, &problem);
    step->outputs = joined(opener->arena, known, further);
}
