#include "plan/search.h"

#include "base/arena.h"
#include "base/text.h"
#include "plan/guard.h"

/* So many places of a guard are looked at before one is given up: a fraction of a second. */
#define MAX_LOOKS 4000000
/* So many facts tell a case; more, nobody reads. */
#define MAX_TOLD 4

struct search {
    struct arena *arena;
    const struct map *facts;
    size_t looks;
};

/* 1 true, 0 false, -1 not settled by the facts chosen so far. */
static int truth_of(struct search *search, const struct guard *guard)
{
    int a, b;
    search->looks++;
    switch (guard->kind) {
    case GUARD_ALWAYS:
        return guard->truth;
    case GUARD_FACT:
        return ((const struct fact *)map_get(search->facts, guard->name))->truth;
    case GUARD_NOT:
        a = truth_of(search, guard->a);
        return a < 0 ? a : !a;
    case GUARD_AND:
        a = truth_of(search, guard->a);
        if (a == 0)
            return 0;
        b = truth_of(search, guard->b);
        return b == 0 ? 0 : a < 0 || b < 0 ? -1 : 1;
    case GUARD_OR:
        a = truth_of(search, guard->a);
        if (a == 1)
            return 1;
        b = truth_of(search, guard->b);
        return b == 1 ? 1 : a < 0 || b < 0 ? -1 : 0;
    case GUARD_IS:
    case GUARD_EXISTS:
        break;
    }
    return -1;
}

/* A fact on which GUARD, that is not settled, hangs. */
static struct fact *open_fact(struct search *search, const struct guard *guard)
{
    while (guard->kind != GUARD_FACT)
        guard = guard->b == NULL || truth_of(search, guard->a) < 0 ? guard->a : guard->b;
    return map_get(search->facts, guard->name);
}

static bool find(struct search *search, const struct guard *guard)
{
    int truth = truth_of(search, guard);
    if (truth >= 0 || search->looks > MAX_LOOKS)
        return truth != 0;
    struct fact *fact = open_fact(search, guard);
    for (int choice = 0; choice < 2; choice++) {
        fact->truth = choice;
        if (find(search, guard))
            return true;
    }
    fact->truth = -1;
    return false;
}

/* What of the world found is needed, in words. */
static const char *tell(struct search *search, const struct guard *guard)
{
    struct buffer text = {0};
    size_t told = 0;
    for (size_t i = 0; i < search->facts->count && told < MAX_TOLD; i++) {
        struct fact *fact = search->facts->at[i].value;
        int truth = fact->truth;
        fact->truth = -1;
        if (truth < 0 || truth_of(search, guard) == 1)
            continue;
        fact->truth = truth;
        if (fact->told[truth] != NULL)
            buffer_format(&text, "%s%s", told++ > 0 ? " and " : "", fact->told[truth]);
    }
    const char *copy = arena_copy(search->arena, text.at ? text.at : "", text.length);
    buffer_free(&text);
    return copy;
}

bool search_possible(struct arena *arena, const struct guard *guard, const struct map *facts,
                     const char **example)
{
    struct search search = {.arena = arena, .facts = facts};
    bool possible = find(&search, guard);
    if (example != NULL)
        *example = possible && search.looks <= MAX_LOOKS ? tell(&search, guard) : "";
    for (size_t i = 0; i < facts->count; i++)
        ((struct fact *)facts->at[i].value)->truth = -1;
    return possible;
}
