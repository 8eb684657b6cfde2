/* Does one matcher hold for more than another? Told for what can be told: constants that are equal
 * to something, one of something, or within bounds; and parts that all must hold. */
#include "plan/diff_compare.h"

#include "base/arena.h"
#include "lang/term.h"
#include "lang/value.h"

#include <string.h>

/* What a matcher lets through: the listed values, else what is within the bounds. */
struct range {
    const struct value *const *values;
    size_t count;
    const struct value *min, *max; /* or NULL */
};

static bool put_part(struct arena *arena, const struct matcher_part *part, struct range *range)
{
    const struct value *value =
        part->term && part->term->kind == TERM_CONSTANT ? part->term->constant : NULL;
    if (value == NULL)
        return false;
    if (part->kind == MATCH_MIN || part->kind == MATCH_MAX) {
        *(part->kind == MATCH_MIN ? &range->min : &range->max) = value;
        return true;
    }
    if (range->values != NULL)
        return false;
    if (part->kind == MATCH_EQUAL) {
        const struct value **one = arena_alloc(arena, sizeof *one);
        *one = value;
        range->values = one;
        range->count = 1;
        return true;
    }
    if (part->kind != MATCH_ONE_OF || value->kind != VALUE_LIST)
        return false;
    range->values = value->list.at;
    range->count = value->list.count;
    return true;
}

static bool range_of(struct arena *arena, const struct matcher *matcher, struct range *range)
{
    *range = (struct range){0};
    for (uint32_t i = 0; i < matcher->parts.count; i++)
        if (!put_part(arena, matcher->parts.at[i], range))
            return false;
    return range->values == NULL || (range->min == NULL && range->max == NULL);
}

static bool is_number(const struct value *value)
{
    return value->kind == VALUE_INT || value->kind == VALUE_FLOAT ||
           value->kind == VALUE_DURATION || value->kind == VALUE_SIZE || value->kind == VALUE_TIME;
}

/* -1, 0, 1; 2: they can't be compared. */
static int order_of(const struct value *a, const struct value *b)
{
    bool plain = (a->kind == VALUE_INT || a->kind == VALUE_FLOAT) &&
                 (b->kind == VALUE_INT || b->kind == VALUE_FLOAT);
    if (!is_number(a) || (a->kind != b->kind && !plain))
        return 2;
    return value_compare(a, b);
}

static bool lets_value(const struct range *range, const struct value *value)
{
    for (size_t i = 0; i < range->count; i++)
        if (value_equal(range->values[i], value))
            return true;
    if (range->values != NULL)
        return false;
    int low = range->min ? order_of(range->min, value) : -1;
    int high = range->max ? order_of(value, range->max) : -1;
    return (low == -1 || low == 0) && (high == -1 || high == 0);
}

/* Is all that INNER lets through let through by OUTER? */
static bool lets_all(const struct range *outer, const struct range *inner)
{
    for (size_t i = 0; i < inner->count; i++)
        if (!lets_value(outer, inner->values[i]))
            return false;
    if (inner->values != NULL)
        return true;
    if (outer->values != NULL)
        return false;
    int low = outer->min == NULL ? -1 : inner->min == NULL ? 2 : order_of(outer->min, inner->min);
    int high = outer->max == NULL ? -1 : inner->max == NULL ? 2 : order_of(inner->max, outer->max);
    return (low == -1 || low == 0) && (high == -1 || high == 0);
}

static bool part_equal(const struct matcher_part *a, const struct matcher_part *b);

static bool matcher_equal(const struct matcher *a, const struct matcher *b)
{
    if (a == NULL || b == NULL || a->parts.count != b->parts.count)
        return a == b;
    for (uint32_t i = 0; i < a->parts.count; i++)
        if (!part_equal(a->parts.at[i], b->parts.at[i]))
            return false;
    return true;
}

static bool term_equal(const struct term *a, const struct term *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    struct arena *arena = arena_new();
    bool same = strcmp(term_print(arena, a), term_print(arena, b)) == 0;
    arena_free(arena);
    return same;
}

static bool part_equal(const struct matcher_part *a, const struct matcher_part *b)
{
    if (a->kind != b->kind || !term_equal(a->term, b->term) || a->json.count != b->json.count)
        return false;
    for (uint32_t i = 0; i < a->json.count; i++)
        if (!matcher_equal(a->json.at[i].value, map_get(&b->json, a->json.at[i].key)))
            return false;
    return matcher_equal(a->inside, b->inside);
}

/* Does PART ask all that SOME does, which is equal to it or asks less of the same JSON? */
static bool part_covers(const struct matcher_part *part, const struct matcher_part *some)
{
    if (part->kind != MATCH_JSON || some->kind != MATCH_JSON)
        return part_equal(part, some);
    for (uint32_t i = 0; i < some->json.count; i++)
        if (!matcher_equal(some->json.at[i].value, map_get(&part->json, some->json.at[i].key)))
            return false;
    return true;
}

/* Does each part of SOME stand in ALL? Then ALL lets no more through. */
static bool has_parts(const struct matcher *all, const struct matcher *some)
{
    for (uint32_t i = 0; i < some->parts.count; i++) {
        bool found = false;
        for (uint32_t j = 0; j < all->parts.count; j++)
            found = found || part_covers(all->parts.at[j], some->parts.at[i]);
        if (!found)
            return false;
    }
    return true;
}

enum change_kind compare_matchers(struct arena *arena, const struct matcher *old,
                                  const struct matcher *new)
{
    struct range was, is;
    if (range_of(arena, old, &was) && range_of(arena, new, &is)) {
        if (lets_all(&is, &was))
            return CHANGE_LOOSER;
        return lets_all(&was, &is) ? CHANGE_TIGHTER : CHANGE_CHANGED;
    }
    if (has_parts(old, new))
        return CHANGE_LOOSER;
    return has_parts(new, old) ? CHANGE_TIGHTER : CHANGE_CHANGED;
}
