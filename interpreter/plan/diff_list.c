/* Two lists: what is the same in both is found wherever it stands; of the rest, what is done by the
 * same action is the same thing that changed. */
#include "plan/diff_compare.h"

#include "base/arena.h"

#include <string.h>

enum { FAR = 2000 }; /* a longer list is compared place by place */

struct pairing {
    struct comparison *comparison;
    const struct fact *old, *new;
    size_t *mate; /* of each of old: its place in new + 1; 0: none */
    bool *taken;  /* of new */
};

static const struct fact *member(const struct fact *list, size_t at)
{
    return list->members.at[at].value;
}

static bool is_same(struct pairing *pairing, const struct fact *old, const struct fact *new)
{
    return compare_same(pairing->comparison, old, new);
}

static bool does_same(struct pairing *pairing, const struct fact *old, const struct fact *new)
{
    struct arena *arena = pairing->comparison->arena;
    return old->kind == FACT_MAP &&
           new->kind == FACT_MAP &&fact_find(old, "action") != NULL &&fact_find(new, "action") !=
               NULL &&strcmp(fact_label(arena, old), fact_label(arena, new)) == 0;
}

static bool acts_same(struct pairing *pairing, const struct fact *old, const struct fact *new)
{
    const struct fact *before = fact_find(old, "action"), *now = fact_find(new, "action");
    (void)pairing;
    if (before == NULL || now == NULL)
        return before == now && old->kind == FACT_MAP && new->kind == FACT_MAP &&
               (fact_find(old, "any") == NULL) == (fact_find(new, "any") == NULL);
    return before->kind == now->kind && strcmp(before->text, now->text) == 0;
}

static void pair_by(struct pairing *pairing,
                    bool (*like)(struct pairing *pairing, const struct fact *old,
                                 const struct fact *new))
{
    size_t from = 0;
    for (size_t i = 0; i < pairing->old->members.count; i++) {
        if (pairing->mate[i] != 0)
            continue;
        while (from < pairing->new->members.count && pairing->taken[from])
            from++;
        for (size_t j = from; j < pairing->new->members.count && pairing->mate[i] == 0; j++)
            if (!pairing->taken[j] &&
                like(pairing, member(pairing->old, i), member(pairing->new, j))) {
                pairing->mate[i] = j + 1;
                pairing->taken[j] = true;
            }
    }
}

/* One text that is left on each side is one that changed. */
static void pair_lone(struct pairing *pairing)
{
    size_t old = 0, new = 0, i = 0, j = 0;
    for (size_t at = 0; at < pairing->old->members.count; at++)
        if (pairing->mate[at] == 0)
            old++, i = at;
    for (size_t at = 0; at < pairing->new->members.count; at++)
        if (!pairing->taken[at])
            new ++, j = at;
    if (old != 1 || new != 1)
        return;
    pairing->mate[i] = j + 1;
    pairing->taken[j] = true;
}

/* The elements stand for themselves: none is the other, changed. */
static bool one_by_one(const struct trait *trait)
{
    return trait->judge == JUDGE_WIDENS || trait->judge == JUDGE_DESTROYS ||
           trait->judge == JUDGE_GUARD || trait->judge == JUDGE_RETRY;
}

static bool in_order(const struct pairing *pairing)
{
    size_t last = 0;
    for (size_t i = 0; i < pairing->old->members.count; i++) {
        if (pairing->mate[i] != 0 && pairing->mate[i] < last)
            return false;
        last = pairing->mate[i] ? pairing->mate[i] : last;
    }
    return true;
}

static struct spot spot_of(struct pairing *pairing, const struct spot *spot,
                           const struct fact *fact)
{
    struct spot below = spot_below(pairing->comparison, spot, fact->key, fact->trait);
    if (fact->trait->judge == JUDGE_PLAIN) { /* an element is weighed as its list is */
        below.noun = spot->noun;
        below.trait = spot->trait;
    }
    return below;
}

static void tell(struct pairing *pairing, const struct spot *spot)
{
    const struct fact *old = pairing->old, *new = pairing->new;
    for (size_t i = 0; i < old->members.count; i++) {
        const struct fact *now = pairing->mate[i] ? member(new, pairing->mate[i] - 1) : NULL;
        struct spot below = spot_of(pairing, spot, now ? now : member(old, i));
        compare_facts(pairing->comparison, &below, member(old, i), now);
    }
    for (size_t j = 0; j < new->members.count; j++) {
        struct spot below = spot_of(pairing, spot, member(new, j));
        if (!pairing->taken[j])
            compare_facts(pairing->comparison, &below, NULL, member(new, j));
    }
}

void compare_lists(struct comparison *comparison, const struct spot *spot, const struct fact *old,
                   const struct fact *new)
{
    struct arena *arena = comparison->arena;
    struct pairing pairing = {comparison, old, new,
                              arena_alloc(arena, (old->members.count + 1) * sizeof(size_t)),
                              arena_alloc(arena, new->members.count + 1)};
    const struct fact *first = new->members.count ? member(new, 0) : NULL;
    bool checks = first && first->trait->judge == JUDGE_CHECK;
    for (size_t i = 0; i < old->members.count && i < new->members.count; i++)
        if (old->members.count > FAR || new->members.count > FAR) {
            pairing.mate[i] = i + 1;
            pairing.taken[i] = true;
        }
    pair_by(&pairing, is_same);
    pair_by(&pairing, does_same);
    pair_by(&pairing, acts_same);
    if (!one_by_one(spot->trait) || (first && first->trait->judge == JUDGE_ENTRY))
        pair_lone(&pairing);
    tell(&pairing, spot);
    if (!checks && !one_by_one(spot->trait) && !in_order(&pairing))
        change_add(comparison, spot, CHANGE_MOVED, WEIGHT_CHANGED,
                   arena_format(arena, "%s: in another order", spot->noun));
}
