#include "plan/plan.h"

#include "base/arena.h"
#include "lang/monitor.h"
#include "lang/value.h"
#include "plan/open.h"

/* Where they are read; params that are not known yet tell nothing of it. */
static void open_secrets(struct arena *arena, const struct moment *moment, struct plan *plan)
{
    const struct map *secrets = &plan->runbook->secrets;
    for (size_t i = 0; i < secrets->count; i++) {
        const struct value *value = bind_secret(arena, secrets->at[i].value, moment);
        if (value->kind == VALUE_SECRET)
            list_add(arena, &plan->secrets,
                     (void *)(uintptr_t)value_secret_parts(value)->list.at[0]);
    }
}

static bool open_head(struct opener *opener, struct plan *plan)
{
    const struct runbook *runbook = plan->runbook;
    struct moment moment = open_moment(opener, plan->scope);
    struct mark mark = runbook->mark;
    open_secrets(opener->arena, &moment, plan);
    return open_place(opener, plan->scope, mark, &plan->folder, &plan->env) &&
           open_term(opener, runbook->title, &moment, mark, &plan->title) &&
           open_term(opener, runbook->begins, &moment, mark, &plan->begins) &&
           open_term(opener, runbook->ends, &moment, mark, &plan->ends) &&
           open_term(opener, runbook->lock, &moment, mark, &plan->lock) &&
           open_term(opener, runbook->log, &moment, mark, &plan->log) &&
           open_number(opener, runbook->objective, &moment, 0, 0, &plan->objective) &&
           open_target(opener, &runbook->target, &moment, "", &plan->target) &&
           open_block(opener, runbook->preconditions, &moment, "", "preconditions",
                      &plan->preconditions);
}

/* The checks of each condition; what is usual only the monitor knows. */
static bool open_watched(struct opener *opener, struct plan *plan)
{
    const struct monitor *monitor = plan->runbook->monitor;
    struct moment moment = open_moment(opener, plan->scope);
    moment.usual = value_unknown(opener->arena, "usual");
    for (size_t i = 0; monitor != NULL && i < monitor->conditions.count; i++) {
        const struct condition *condition = monitor->conditions.at[i].value;
        struct plan_block *block;
        if (!open_target(opener, &condition->checks, &moment, condition->name, &block))
            return false;
        list_add(opener->arena, &plan->watched, block);
    }
    return true;
}

static void time_plan(struct plan *plan)
{
    int64_t before = time_add(plan->target ? plan->target->worst : 0,
                              plan->preconditions ? plan->preconditions->worst : 0);
    plan->worst = time_add(before, time_path(plan->arena, &plan->steps));
}

const struct plan *plan_make(struct arena *arena, const struct runbook *runbook,
                             const struct value *params, struct diagnostics *diagnostics)
{
    return plan_make_part(arena, runbook, params, NULL, diagnostics);
}

const struct plan *plan_make_part(struct arena *arena, const struct runbook *runbook,
                                  const struct value *params, const struct plan_part *part,
                                  struct diagnostics *diagnostics)
{
    struct plan *plan = arena_alloc(arena, sizeof *plan);
    struct opener *opener = arena_alloc(arena, sizeof *opener);
    const struct value *bound = params ? params : value_unknown(arena, "params");
    *plan = (struct plan){.arena = arena,
                          .runbook = runbook,
                          .params = params,
                          .scope = scope_root(arena, runbook, bound)};
    *opener = (struct opener){.arena = arena,
                              .diagnostics = diagnostics,
                              .plan = plan,
                              .part = part,
                              .described = params != NULL,
                              .inside = open_inside};
    opener->binder = (struct binder){
        .outputs = outputs_of, .context = opener, .run = value_unknown(arena, "run")};
    struct standing standing = {plan->scope, NULL, PLAN_INSIDE, 0};
    list_reserve(arena, &opener->made, runbook->steps->order.count);
    if (!open_head(opener, plan) || !open_steps(opener, runbook->steps, &standing, &plan->steps) ||
        !open_handlers(opener, plan->scope, runbook->on_failure, NULL, &plan->on_failure) ||
        !open_watched(opener, plan))
        return NULL;
    time_plan(plan);
    return plan;
}
