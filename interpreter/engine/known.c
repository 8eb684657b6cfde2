#include "engine/known.h"

#include "base/arena.h"
#include "engine/captured.h"
#include "lang/value.h"
#include "plan/plan.h"
#include "store/life.h"

#include <ctype.h>
#include <string.h>

/* ---- what names give ---- */

static const struct value *with_state(struct arena *arena, const struct value *outputs,
                                      enum life life)
{
    const struct member own[] = {{"state", value_string(arena, life_name(life))},
                                 {"attempts", value_integer(arena, VALUE_INT, 1)}};
    const struct value *map = value_map(arena, own, 2);
    return outputs != NULL && outputs->kind == VALUE_MAP ? captured_join(arena, outputs, map) : map;
}

static const struct value *outputs_of(const struct binder *binder, struct arena *arena,
                                      const struct scope *scope, const struct step *step,
                                      const char *name)
{
    const struct known *known = binder->context;
    const struct known_step *found = map_get(&known->steps, name);
    (void)scope;
    switch (found != NULL ? found->as : KNOWN_NOT) {
    case KNOWN_DONE:
        if (found->outputs != NULL)
            return with_state(arena, found->outputs, LIFE_DONE);
        break;
    case KNOWN_SKIPPED:
        return with_state(arena, NULL, LIFE_SKIPPED);
    case KNOWN_FAILED:
        return with_state(arena, NULL, LIFE_FAILED);
    case KNOWN_NOT:
        break;
    }
    return value_unknown(arena, arena_format(arena, "steps.%s", step->id));
}

void known_begin(struct known *known, struct arena *arena)
{
    *known = (struct known){.arena = arena};
    known->binder = (struct binder){
        .outputs = outputs_of, .context = known, .run = value_unknown(arena, "run")};
}

/* ---- steps ---- */

static const char *changed_before(const struct known *known, const struct known_step *entered)
{
    const struct plan_step *plan = entered->plan;
    const struct step *step = plan->step;
    for (size_t i = 0; plan->relation != PLAN_ITEM && i < step->needs.count; i++) {
        const struct step *need = step->needs.at[i];
        const struct known_step *before =
            map_get(&known->steps, name_step(known->arena, plan->scope, need->id));
        if (before == NULL)
            continue;
        if (before->changes)
            return before->plan->name;
        if (before->changed_by != NULL)
            return before->changed_by;
    }
    return entered->parent ? entered->parent->changed_by : NULL;
}

struct known_step *known_enter(struct known *known, const struct plan_step *step)
{
    struct known_step *entered = arena_alloc(known->arena, sizeof *entered);
    entered->plan = step;
    entered->parent = step->parent ? map_get(&known->steps, step->parent->name) : NULL;
    entered->changed_by = changed_before(known, entered);
    map_put(known->arena, &known->steps, step->name, entered);
    return entered;
}

struct moment known_moment(const struct known *known, const struct plan_step *step, int64_t now)
{
    return (struct moment){
        .binder = &known->binder,
        .scope = step->scope,
        .result =
            value_unknown(known->arena, arena_format(known->arena, "steps.%s", step->step->id)),
        .previous = &value_unset,
        .now = value_integer(known->arena, VALUE_TIME, now)};
}

/* ---- what is not known ---- */

/* "‹steps.backup.path›" is known behind backup, and so is all that is made of it. */
static const char *before_source(struct arena *arena, struct text source)
{
    static const char steps[] = "steps.";
    const char *end = source.at + source.length;
    const char *at = memmem(source.at, source.length, steps, sizeof steps - 1);
    if (at == NULL)
        return "the run";
    at += sizeof steps - 1;
    size_t length = 0;
    while (at + length < end && (isalnum((unsigned char)at[length]) || at[length] == '_'))
        length++;
    return arena_format(arena, "step %.*s", (int)length, at);
}

static const char *before_text(struct arena *arena, struct text text)
{
    static const char open[] = "\xe2\x80\xb9", close[] = "\xe2\x80\xba", item[] = "item.";
    const char *end = text.at + text.length;
    for (const char *at = text.at; at < end;) {
        const char *begin = memmem(at, (size_t)(end - at), open, 3);
        const char *behind = begin ? memmem(begin, (size_t)(end - begin), close, 3) : NULL;
        if (behind == NULL)
            return NULL;
        struct text source = {begin + 3, (size_t)(behind - begin - 3)};
        bool own = source.length > sizeof item - 1 && memcmp(source.at, item, sizeof item - 1) == 0;
        if (!own)
            return before_source(arena, source);
        at = behind + 3;
    }
    return NULL;
}

const char *known_before_value(struct arena *arena, const struct value *value)
{
    const char *before = NULL;
    if (value->kind == VALUE_UNKNOWN)
        return before_text(arena, value->text);
    if (value->kind == VALUE_LIST)
        for (size_t i = 0; before == NULL && i < value->list.count; i++)
            before = known_before_value(arena, value->list.at[i]);
    if (value->kind == VALUE_MAP)
        for (size_t i = 0; before == NULL && i < value->map.count; i++)
            before = known_before_value(arena, value->map.at[i].value);
    return before;
}

const char *known_before_use(const struct known *known, const struct use *use,
                             const struct moment *moment, struct problem *problem)
{
    const struct value *inputs = bind_arguments(known->arena, use, moment, problem);
    return inputs != NULL ? known_before_value(known->arena, inputs) : NULL;
}

static const char *before_loop(const struct known *known, const struct check *check,
                               const struct moment *moment, struct problem *problem)
{
    const struct foreach *foreach = check->foreach;
    struct moment inside = *moment;
    struct scope scope = *moment->scope;
    struct check single = *check;
    const struct value *list = bind_term(known->arena, foreach->in, NULL, moment, problem);
    const char *before = list != NULL ? known_before_value(known->arena, list) : NULL;
    if (list == NULL || before != NULL)
        return before;
    scope.outer = moment->scope;
    scope.steps = NULL;
    scope.item_name = foreach->as;
    scope.item = value_unknown(known->arena, arena_format(known->arena, "item.%s", foreach->as));
    inside.scope = &scope;
    single.foreach = NULL;
    return known_before_check(known, &single, &inside, problem);
}

const char *known_before_check(const struct known *known, const struct check *check,
                               const struct moment *moment, struct problem *problem)
{
    const char *before = NULL;
    if (check->foreach != NULL)
        return before_loop(known, check, moment, problem);
    if (check->kind == CHECK_ACTION)
        return known_before_use(known, &check->use, moment, problem);
    for (size_t i = 0; before == NULL && problem->message == NULL && i < check->checks.count; i++)
        before = known_before_check(known, check->checks.at[i], moment, problem);
    return before;
}
