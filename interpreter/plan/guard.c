#include "plan/guard.h"

#include "base/arena.h"
#include "lang/expr.h"
#include "lang/expr_logic.h"
#include "lang/term.h"
#include "lang/value.h"
#include "plan/place.h"
#include "plan/plan.h"

#include <string.h>

static const struct guard always = {.kind = GUARD_ALWAYS, .truth = true};
static const struct guard never = {.kind = GUARD_ALWAYS, .truth = false};

const struct guard *guard_always(bool truth)
{
    return truth ? &always : &never;
}

static struct guard *make(struct arena *arena, enum guard_kind kind)
{
    struct guard *made = arena_alloc(arena, sizeof *made);
    made->kind = kind;
    return made;
}

/* Both, or one of them; KEEPS is the truth that leaves the other as it is. */
static const struct guard *joined(struct arena *arena, enum guard_kind kind, bool keeps,
                                  const struct guard *const of[2])
{
    for (size_t i = 0; i < 2; i++)
        if (of[i]->kind == GUARD_ALWAYS)
            return of[i]->truth == keeps ? of[1 - i] : of[i];
    struct guard *made = make(arena, kind);
    made->a = of[0];
    made->b = of[1];
    return made;
}

const struct guard *guard_and(struct arena *arena, const struct guard *a, const struct guard *b)
{
    return joined(arena, GUARD_AND, true, (const struct guard *const[]){a, b});
}

const struct guard *guard_or(struct arena *arena, const struct guard *a, const struct guard *b)
{
    return joined(arena, GUARD_OR, false, (const struct guard *const[]){a, b});
}

const struct guard *guard_not(struct arena *arena, const struct guard *a)
{
    if (a->kind == GUARD_ALWAYS)
        return guard_always(!a->truth);
    struct guard *made = make(arena, GUARD_NOT);
    made->a = a;
    return made;
}

const struct guard *guard_fact(struct arena *arena, const char *name)
{
    struct guard *made = make(arena, GUARD_FACT);
    made->name = name;
    return made;
}

/* The name of what is not known: its source without the ‹ and › around it. An item's name may hold
 * a pair of its own. */
static const char *name_of(struct arena *arena, const struct value *value)
{
    static const char open[] = "‹", close[] = "›";
    const size_t mark = sizeof open - 1;
    const char *at = value->text.at, *end = at + value->text.length;
    size_t depth = 0;
    for (const char *c = at; c < end; c++) {
        depth += strncmp(c, open, mark) == 0;
        depth -= depth > 0 && strncmp(c, close, mark) == 0;
        if (depth == 0 && c + mark < end)
            return at; /* a longer text */
        if (depth == 0)
            break;
    }
    return value->text.length < 2 * mark
               ? at
               : arena_copy(arena, at + mark, value->text.length - 2 * mark);
}

/* EXPR itself, or as it is said of a subject: the value that can't be made is a fact like others,
 * of this place alone. */
static const struct guard *of_expr(struct arena *arena, enum guard_kind kind,
                                   const struct logic *logic, const struct moment *moment)
{
    struct values values = moment_values(arena, moment);
    struct problem problem = {0};
    const struct value *value = expr_eval(arena, logic->expr, &values, &problem);
    bool unknown = value != NULL && value->kind == VALUE_UNKNOWN;
    if (value != NULL && !unknown) {
        if (kind == GUARD_FACT && value->kind == VALUE_BOOL)
            return guard_always(value->truth);
        if (kind == GUARD_IS && value->kind == logic->value->kind)
            return guard_always(value_equal(value, logic->value));
        if (kind == GUARD_EXISTS && !value_has_unknown(value))
            return guard_always(value->kind != VALUE_UNSET);
    }
    struct guard *made = make(arena, unknown ? kind : GUARD_FACT);
    made->value = logic->value;
    made->name = unknown ? name_of(arena, value) : expr_print(arena, logic->expr);
    made->fleeting = !unknown || place_fleeting(value->text.at);
    return made;
}

/* Who gives STEP its params: the composite or call that it stands in; NULL: the run. */
static const struct plan_step *giver_of(const struct plan_step *step)
{
    for (; step->parent != NULL; step = step->parent) {
        bool entry = step->relation == PLAN_UNDO || step->relation == PLAN_RELEASE;
        bool gives = step->parent->loop == NULL &&
                     (step->parent->call != NULL || step->parent->step->use.action->core == NULL);
        if (!entry && gives)
            return step->parent;
    }
    return NULL;
}

/* What GIVER gives as NAME, where that is one `${…}`; else NULL. */
static const struct expr *given_as(const struct plan_step *giver, const char *name)
{
    const struct map *arguments = &giver->step->use.arguments;
    const struct argument *argument = map_get(arguments, giver->call != NULL ? "params" : name);
    const struct term *term = argument != NULL ? argument->term : NULL;
    if (giver->call != NULL && term != NULL) {
        const struct term *map = term;
        term = NULL;
        for (size_t i = 0; map->kind == TERM_MAP && i < map->count; i++)
            if (strcmp(map->members[i].key, name) == 0)
                term = map->members[i].term;
    }
    return term != NULL && term->kind == TERM_TEMPLATE ? term->template->whole : NULL;
}

static const struct guard *of_fact(struct arena *arena, const struct logic *logic,
                                   const struct moment *moment, const struct plan_step *step)
{
    const struct plan_step *giver = logic->param != NULL ? giver_of(step) : NULL;
    const struct expr *given = giver != NULL ? given_as(giver, logic->param) : NULL;
    if (given == NULL)
        return of_expr(arena, GUARD_FACT, logic, moment);
    struct moment around = *moment;
    around.scope = giver->scope;
    return guard_bind(arena, given, &around, giver);
}

static const struct guard *of_logic(struct arena *arena, const struct logic *logic,
                                    const struct moment *moment, const struct plan_step *step)
{
    switch (logic->kind) {
    case LOGIC_ALWAYS:
        return guard_always(logic->truth);
    case LOGIC_FACT:
        return of_fact(arena, logic, moment, step);
    case LOGIC_IS:
        return of_expr(arena, GUARD_IS, logic, moment);
    case LOGIC_EXISTS:
        return of_expr(arena, GUARD_EXISTS, logic, moment);
    case LOGIC_NOT:
        return guard_not(arena, of_logic(arena, logic->a, moment, step));
    case LOGIC_AND:
        return guard_and(arena, of_logic(arena, logic->a, moment, step),
                         of_logic(arena, logic->b, moment, step));
    case LOGIC_OR:
        return guard_or(arena, of_logic(arena, logic->a, moment, step),
                        of_logic(arena, logic->b, moment, step));
    }
    return &always;
}

const struct guard *guard_bind(struct arena *arena, const struct expr *expr,
                               const struct moment *moment, const struct plan_step *step)
{
    return of_logic(arena, expr_logic(arena, expr), moment, step);
}
