#include "plan/approval.h"

#include "base/arena.h"
#include "lang/people.h"
#include "lang/term.h"
#include "lang/value.h"
#include "plan/bind.h"

#include <stddef.h>

/* *VALUE is NULL where nothing is said, or where it is said by a value that is unset. */
static bool bind_one(struct arena *arena, const struct term *term, const struct moment *moment,
                     const struct value **value, struct problem *problem)
{
    const struct value *bound = bind_term(arena, term, &value_unset, moment, problem);
    *value = bound == NULL || bound->kind == VALUE_UNSET ? NULL : bound;
    return bound != NULL;
}

/* FALLBACK where nothing is said. */
static bool bind_amount(struct arena *arena, const struct term *term, const char *key,
                        int64_t fallback, const struct moment *moment, int64_t *amount,
                        struct problem *problem)
{
    *amount = fallback;
    if (term == NULL)
        return true;
    if (!bind_number(arena, term, APPROVAL_UNKNOWN, moment, amount, problem))
        return false;
    if (*amount >= 1 || *amount == APPROVAL_UNKNOWN)
        return true;
    *problem = (struct problem){
        .mark = term->mark, .message = arena_format(arena, "'%s' is to be more than nothing", key)};
    return false;
}

/* A list that is written there and has no value must not be read as none. */
static const char *problem_of(struct arena *arena, const struct approve *approve,
                              const struct approval *approval)
{
    if (approve->by != NULL && approval->by == NULL)
        return "'by' has no value, so nobody could answer";
    return people_problem(arena, approval->by,
                          approval->count == APPROVAL_UNKNOWN ? 0 : approval->count);
}

const struct approval *approval_bind(struct arena *arena, const struct approve *approve,
                                     const struct moment *moment, struct problem *problem)
{
    struct approval *approval = arena_alloc(arena, sizeof *approval);
    if (!bind_one(arena, approve->ask, moment, &approval->ask, problem) ||
        !bind_one(arena, approve->type, moment, &approval->type, problem) ||
        !bind_one(arena, approve->show, moment, &approval->show, problem) ||
        !bind_one(arena, approve->by, moment, &approval->by, problem) ||
        !bind_amount(arena, approve->count, "count", 1, moment, &approval->count, problem) ||
        !bind_amount(arena, approve->within, "within", 0, moment, &approval->within, problem))
        return NULL;
    const char *message = problem_of(arena, approve, approval);
    if (message == NULL)
        return approval;
    *problem = (struct problem){.mark = approve->by->mark, .message = message};
    return NULL;
}
