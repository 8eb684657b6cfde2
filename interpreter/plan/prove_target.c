/* RB206: a runbook that destroys asks first which system it is on, and asks it of something that is
 * still there while it destroys: `target` is asked again before every step that destroys, and at
 * resume. */
#include "plan/proof.h"

#include "base/arena.h"
#include "lang/allow.h"
#include "lang/value.h"
#include "plan/place.h"

#include <string.h>

struct targets {
    const struct proof *proof;
    const struct runbook *missing; /* told once for each runbook */
    struct list destroyed;         /* of struct destroyed */
};
struct destroyed {
    const struct plan_step *step;
    const char *resource;
    const struct plan_block *target; /* the one asked before it */
};

/* The nearest runbook around STEP, and its target. */
static const struct plan_block *target_of(const struct plan *plan, const struct plan_step *step,
                                          const struct runbook **runbook)
{
    const struct plan_block *target = plan->target;
    *runbook = plan->runbook;
    for (const struct plan_step *at = step; at != NULL; at = at->parent)
        if (at->call != NULL && at != step && at->call->target != NULL)
            return at->call->target;
    return target;
}

static void report_missing(struct targets *targets, const struct plan_step *step,
                           const struct runbook *runbook)
{
    const struct term *why = proof_allow(targets->proof, step, RB206);
    if (targets->missing == runbook)
        return;
    if (why == NULL)
        targets->missing = runbook;
    struct diagnostic *finding = diagnostic_add(
        targets->proof->diagnostics, RB206, runbook->mark,
        "add a `target` that tells this system from every other, for example by host.identity",
        "%s destroys, and no target says on which system it may", runbook->name);
    diagnostic_note(targets->proof->diagnostics, finding, plan_written(step)->step->mark,
                    "%s destroys", step->name);
    allow_settle(targets->proof->diagnostics, finding, why);
}

static void find_destroyer(void *context, struct plan_step *step)
{
    struct targets *targets = context;
    const struct runbook *runbook;
    struct arena *arena = targets->proof->arena;
    if (step->when == 0 || step->loop != NULL || step->effect != EFFECT_DESTROY)
        return;
    const struct plan_block *target = target_of(targets->proof->plan, step, &runbook);
    if (target == NULL) {
        report_missing(targets, step, runbook);
        return;
    }
    for (size_t i = 0; step->destroys != NULL && i < step->destroys->list.count; i++) {
        const struct value *at = step->destroys->list.at[i];
        if (at->kind != VALUE_TEXT && at->kind != VALUE_UNKNOWN)
            continue;
        struct destroyed *found = arena_alloc(arena, sizeof *found);
        *found = (struct destroyed){step, place_resource(arena, step, at->text.at), target};
        list_add(arena, &targets->destroyed, found);
    }
}

/* ---- is it asked of what is destroyed ---- */

struct asking {
    const struct targets *targets;
    const struct plan_block *target;
    const struct plan_check *check;
    bool told;
};

/* Does VALUE hold the text NAME, as a member or whole; of a file, something in it? */
static bool names(const struct value *value, const char *name, bool file)
{
    size_t length = strlen(name);
    switch (value->kind) {
    case VALUE_TEXT:
    case VALUE_UNKNOWN:
    case VALUE_SECRET:
        if (strcmp(value->text.at, name) == 0)
            return true;
        return file && strncmp(value->text.at, name, length) == 0 && value->text.at[length] == '/';
    case VALUE_LIST:
        for (size_t i = 0; i < value->list.count; i++)
            if (names(value->list.at[i], name, file))
                return true;
        return false;
    case VALUE_MAP:
        for (size_t i = 0; i < value->map.count; i++)
            if (names(value->map.at[i].value, name, file))
                return true;
        return false;
    case VALUE_UNSET:
    case VALUE_INT:
    case VALUE_FLOAT:
    case VALUE_BOOL:
    case VALUE_DURATION:
    case VALUE_SIZE:
    case VALUE_TIME:
        return false;
    }
    return false;
}

/* A database can't be asked while it, or the volume under it, is gone. */
static bool asks_database(const struct plan_check *check, const char *resource)
{
    static const char *const kinds[] = {"volume:", "database:", "schema:", "table:"};
    if (check->check->kind != CHECK_ACTION ||
        strncmp(check->check->use.action->name, "sql.", 4) != 0)
        return false;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strncmp(resource, kinds[i], strlen(kinds[i])) == 0)
            return true;
    return false;
}

static bool asks_of(const struct plan_check *check, const char *resource)
{
    const char *colon = strchr(resource, ':');
    const struct value *inputs = check->deed ? check->deed->inputs : check->inputs;
    if (colon == NULL || inputs == NULL)
        return false;
    bool file = strncmp(resource, "file:", 5) == 0;
    return names(inputs, colon + 1, file) || asks_database(check, resource);
}

static void look_at_check(void *context, const struct plan_check *check)
{
    struct asking *asking = context;
    const struct targets *targets = asking->targets;
    for (size_t i = 0; i < targets->destroyed.count && !asking->told; i++) {
        const struct destroyed *destroyed = targets->destroyed.at[i];
        if (destroyed->target != asking->target || !asks_of(check, destroyed->resource))
            continue;
        const struct term *why = proof_allow(targets->proof, destroyed->step, RB206);
        asking->told = why == NULL;
        struct diagnostic *finding = diagnostic_add(
            targets->proof->diagnostics, RB206, check->check->mark,
            "ask it of what stays from beginning to end, for example host.identity",
            "target is asked of %s, which the runbook destroys", destroyed->resource);
        diagnostic_note(targets->proof->diagnostics, finding,
                        plan_written(destroyed->step)->step->mark, "%s destroys it",
                        destroyed->step->name);
        allow_settle(targets->proof->diagnostics, finding, why);
    }
}

void prove_target(const struct proof *proof)
{
    struct targets targets = {.proof = proof};
    plan_visit(&proof->plan->steps, find_destroyer, &targets);
    plan_visit(&proof->plan->on_failure, find_destroyer, &targets);
    for (size_t i = 0; i < targets.destroyed.count; i++) {
        const struct destroyed *destroyed = targets.destroyed.at[i];
        bool seen = false;
        for (size_t j = 0; j < i; j++)
            seen = seen ||
                   ((const struct destroyed *)targets.destroyed.at[j])->target == destroyed->target;
        struct asking asking = {&targets, destroyed->target, NULL, false};
        if (!seen)
            plan_visit_checks(destroyed->target, look_at_check, &asking);
    }
}
