#include "plan/guard.h"

#include "base/arena.h"
#include "lang/expr.h"
#include "lang/expr_logic.h"
#include "lang/value.h"
#include "plan/bind.h"
#include "plan/place.h"

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

/* The name of what is not known: its source without ‹ and ›. */
static const char *name_of(struct arena *arena, const struct value *value)
{
    static const char open[] = "‹", close[] = "›";
    const size_t mark = sizeof open - 1;
    struct text shown = value->text;
    bool whole = shown.length > 2 * mark && memcmp(shown.at, open, mark) == 0 &&
                 memcmp(shown.at + shown.length - mark, close, mark) == 0 &&
                 strstr(shown.at + mark, open) == NULL;
    return whole ? arena_copy(arena, shown.at + mark, shown.length - 2 * mark) : shown.at;
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

static const struct guard *of_logic(struct arena *arena, const struct logic *logic,
                                    const struct moment *moment)
{
    switch (logic->kind) {
    case LOGIC_ALWAYS:
        return guard_always(logic->truth);
    case LOGIC_FACT:
        return of_expr(arena, GUARD_FACT, logic, moment);
    case LOGIC_IS:
        return of_expr(arena, GUARD_IS, logic, moment);
    case LOGIC_EXISTS:
        return of_expr(arena, GUARD_EXISTS, logic, moment);
    case LOGIC_NOT:
        return guard_not(arena, of_logic(arena, logic->a, moment));
    case LOGIC_AND:
        return guard_and(arena, of_logic(arena, logic->a, moment),
                         of_logic(arena, logic->b, moment));
    case LOGIC_OR:
        return guard_or(arena, of_logic(arena, logic->a, moment),
                        of_logic(arena, logic->b, moment));
    }
    return &always;
}

const struct guard *guard_bind(struct arena *arena, const struct expr *expr,
                               const struct moment *moment)
{
    return of_logic(arena, expr_logic(arena, expr), moment);
}
