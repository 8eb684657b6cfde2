#include "plan/prove.h"

#include "base/arena.h"
#include "base/graph.h"
#include "base/units.h"
#include "lang/allow.h"
#include "lang/term.h"
#include "plan/proof.h"

#include <stdlib.h>

/* So many of the steps that take long are named. */
#define MAX_LONGEST 3

/* ---- RB401: the worst case fits the objective ---- */

/* A step of the longest way, with the time that people are given to answer in it. */
struct stretch {
    const struct plan_step *step;
    int64_t time;
};
struct way {
    struct stretch *stretches; /* longest first */
    size_t count;
    int64_t time; /* of all of them */
};

static void add_answers(void *context, struct plan_step *step)
{
    int64_t *time = context;
    if (step->approve != NULL && step->approve->within > 0)
        *time += step->approve->within;
}

static int64_t time_of(struct arena *arena, struct plan_step *step)
{
    struct list one = {0};
    int64_t time = step->worst;
    list_add(arena, &one, step);
    plan_visit(&one, add_answers, &time);
    return time;
}

static int by_time(const void *a, const void *b)
{
    const struct stretch *one = a, *other = b;
    return (one->time < other->time) - (one->time > other->time);
}

/* The longest way through the steps, each of which is bounded. */
static struct way longest_way(const struct proof *proof)
{
    const struct list *steps = &proof->plan->steps;
    const struct steps *home = proof->plan->runbook->steps;
    size_t room = home->order.count + 1, length = 0;
    int64_t *weights = arena_alloc(proof->arena, room * sizeof *weights);
    size_t *path = arena_alloc(proof->arena, room * sizeof *path);
    bool *is_on = arena_alloc(proof->arena, room * sizeof *is_on);
    struct way way = {.stretches = arena_alloc(proof->arena, room * sizeof(struct stretch))};
    for (size_t i = 0; i < steps->count; i++) {
        struct plan_step *step = steps->at[i];
        weights[step->step->index] = time_of(proof->arena, step);
    }
    way.time = graph_longest(home->graph, weights, path, &length);
    for (size_t i = 0; i < length; i++)
        is_on[path[i]] = true;
    for (size_t i = 0; i < steps->count; i++) {
        const struct plan_step *step = steps->at[i];
        if (is_on[step->step->index])
            way.stretches[way.count++] = (struct stretch){step, weights[step->step->index]};
    }
    qsort(way.stretches, way.count, sizeof *way.stretches, by_time);
    return way;
}

static const struct plan_step *unbounded(const struct list *steps)
{
    for (size_t i = 0; i < steps->count; i++)
        if (((const struct plan_step *)steps->at[i])->worst < 0)
            return steps->at[i];
    return NULL;
}

static void find_release(void *context, struct plan_step *step)
{
    const struct plan_step **found = context;
    if (*found == NULL && step->relation == PLAN_RELEASE && step->worst < 0)
        *found = step;
}

static struct diagnostic *add_late(const struct proof *proof, const char *message)
{
    return diagnostic_add(
        proof->diagnostics, RB401, proof->plan->runbook->objective->mark,
        "shorten what may take long (timeout, retry, within), or say a true objective",
        "%s, and the objective is %s", message,
        duration_print(proof->arena, proof->plan->objective));
}

static void tell_unbounded(const struct proof *proof, const struct plan_step *step)
{
    struct diagnostic *finding = add_late(proof, "nothing bounds the steps");
    if (step == NULL)
        plan_visit(&proof->plan->steps, find_release, &step);
    if (step != NULL)
        diagnostic_note(proof->diagnostics, finding, step->step->mark,
                        "nothing bounds %s: give it a timeout, or its loop a max", step->name);
    allow_settle(proof->diagnostics, finding, proof_allow(proof, NULL, RB401));
}

static void tell_late(const struct proof *proof, const struct way *way, const char *message)
{
    struct diagnostic *finding = add_late(proof, message);
    for (size_t i = 0; i < way->count && i < MAX_LONGEST && way->stretches[i].time > 0; i++)
        diagnostic_note(proof->diagnostics, finding, way->stretches[i].step->step->mark,
                        "%s: %s of it", way->stretches[i].step->name,
                        duration_print(proof->arena, way->stretches[i].time));
    allow_settle(proof->diagnostics, finding, proof_allow(proof, NULL, RB401));
}

static void prove_time(const struct proof *proof)
{
    const struct plan *plan = proof->plan;
    struct arena *arena = proof->arena;
    const struct plan_step *without = unbounded(&plan->steps);
    if (plan->objective == 0)
        return;
    if (plan->worst < 0 || without != NULL) {
        tell_unbounded(proof, without);
        return;
    }
    struct way way = longest_way(proof);
    if (plan->worst > plan->objective)
        tell_late(proof, &way,
                  arena_format(arena, "the steps may take %s", duration_print(arena, plan->worst)));
    else if (way.time > plan->objective)
        tell_late(proof, &way,
                  arena_format(arena,
                               "with the time that people are given to answer the steps may "
                               "take %s",
                               duration_print(arena, way.time)));
}

void plan_prove(const struct plan *plan, struct diagnostics *diagnostics)
{
    struct map named = {0}, touched = {0};
    struct proof proof = {.plan = plan,
                          .arena = plan->arena,
                          .diagnostics = diagnostics,
                          .named = &named,
                          .touched = &touched};
    prove_loss(&proof);
    prove_target(&proof);
    prove_beside(&proof);
    prove_reach(&proof);
    prove_time(&proof);
    prove_return(&proof);
}
