/* What the checker says of one side and not of the other, and what one of them destroys. */
#include "plan/diff_compare.h"

#include "base/arena.h"
#include "base/diagnostic.h"
#include "lang/value.h"
#include "plan/plan.h"

#include <string.h>

/* ---- findings ---- */

/* What it says; its place is no part of that: a step that stands some lines further down is as it
 * was. */
static const char *words_of(struct arena *arena, const struct diagnostic *finding)
{
    return arena_format(arena, "%d %s", (int)finding->code, finding->message);
}

/* How often each is said. */
static struct map counts_of(struct arena *arena, const struct diagnostics *diagnostics)
{
    struct map counts = {0};
    for (uint32_t i = 0; diagnostics != NULL && i < diagnostics->list.count; i++) {
        const char *words = words_of(arena, diagnostics->list.at[i]);
        size_t *count = map_get(&counts, words);
        if (count == NULL) {
            count = arena_alloc(arena, sizeof *count);
            map_put(arena, &counts, words, count);
        }
        ++*count;
    }
    return counts;
}

/* Those of ALL that OTHER has less often: list of struct diagnostic. */
static struct list alone(struct arena *arena, const struct diagnostics *all,
                         const struct diagnostics *other)
{
    struct list found = {0};
    struct map there = counts_of(arena, other);
    for (uint32_t i = 0; all != NULL && i < all->list.count; i++) {
        struct diagnostic *finding = all->list.at[i];
        size_t *left = map_get(&there, words_of(arena, finding));
        if (left == NULL || *left == 0)
            list_add(arena, &found, finding);
        else
            --*left;
    }
    return found;
}

/* The words of a finding that counts something, without the figure and the plural: "that nothing
 * takes back" of "2 changes that nothing takes back". */
static const char *behind_count(const char *message)
{
    message += strspn(message, "0123456789");
    const char *blank = message[0] == ' ' ? strchr(message + 1, ' ') : NULL;
    return blank ? blank + 1 : message;
}

/* The worst case, and a count of changes, is another figure and not another finding. */
static bool same_but_figures(const struct diagnostic *a, const struct diagnostic *b)
{
    if (a->code != b->code)
        return false;
    const char *one = behind_count(a->message), *other = behind_count(b->message);
    return a->code == RB401 || (a->code == RB402 && strcspn(one, " ") == strcspn(other, " ") &&
                                strncmp(one, other, strcspn(one, " ")) == 0);
}

static void add_finding(struct arena *arena, struct diff *diff, const struct diagnostic *old,
                        const struct diagnostic *new)
{
    struct diff_finding *finding = arena_alloc(arena, sizeof *finding);
    *finding = (struct diff_finding){old, new};
    list_add(arena, &diff->findings, finding);
}

static void compare_findings(struct arena *arena, struct diff *diff)
{
    struct list found = alone(arena, diff->new.diagnostics, diff->old.diagnostics);
    struct list gone = alone(arena, diff->old.diagnostics, diff->new.diagnostics);
    for (uint32_t i = 0; i < found.count; i++) {
        const struct diagnostic *now = found.at[i], *before = NULL;
        for (uint32_t j = 0; j < gone.count && before == NULL; j++)
            if (gone.at[j] != NULL && same_but_figures(gone.at[j], now)) {
                before = gone.at[j];
                gone.at[j] = NULL;
            }
        add_finding(arena, diff, before, now);
    }
    for (uint32_t j = 0; j < gone.count; j++)
        if (gone.at[j] != NULL)
            add_finding(arena, diff, gone.at[j], NULL);
}

/* ---- what is destroyed ---- */

struct gathering {
    struct arena *arena;
    struct map resources; /* text to the step's name */
};

static void gather(void *context, struct plan_step *step)
{
    struct gathering *gathering = context;
    const struct value *all = step->when != 0 ? step->destroys : NULL;
    if (all == NULL || all->kind != VALUE_LIST)
        return;
    for (size_t i = 0; i < all->list.count; i++)
        map_put(gathering->arena, &gathering->resources,
                value_print(gathering->arena, all->list.at[i]), (void *)(uintptr_t)step->name);
}

static struct map destroyed_by(struct arena *arena, const struct plan *plan)
{
    struct gathering gathering = {.arena = arena};
    if (plan != NULL) {
        plan_visit(&plan->steps, gather, &gathering);
        plan_visit(&plan->on_failure, gather, &gathering);
    }
    return gathering.resources;
}

static void only_in(struct arena *arena, const struct map *all, const struct map *other,
                    struct list *into)
{
    for (uint32_t i = 0; i < all->count; i++) {
        if (map_get(other, all->at[i].key) != NULL)
            continue;
        struct diff_loss *loss = arena_alloc(arena, sizeof *loss);
        *loss = (struct diff_loss){all->at[i].key, all->at[i].value};
        list_add(arena, into, loss);
    }
}

/* Is it known what the side destroys, if only since it is not there? */
static bool is_known(const struct diff_side *side)
{
    return side->plan != NULL || side->diagnostics == NULL;
}

void compare_proofs(struct arena *arena, struct diff *diff)
{
    if (diff->new.diagnostics != NULL) /* nobody asks what was wrong with what is gone */
        compare_findings(arena, diff);
    if (!is_known(&diff->old) || !is_known(&diff->new))
        return;
    struct map was = destroyed_by(arena, diff->old.plan), is = destroyed_by(arena, diff->new.plan);
    diff->accounted = is.count;
    only_in(arena, &is, &was, &diff->destroyed);
    only_in(arena, &was, &is, &diff->spared);
}
