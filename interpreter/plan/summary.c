#include "plan/summary.h"

#include "lang/value.h"
#include "plan/plan.h"

static void count_check(void *context, const struct plan_check *check)
{
    struct plan_summary *summary = context;
    summary->on_word += plan_on_word(check);
}

static void count_checks(struct plan_summary *summary, const struct plan_step *step)
{
    const struct plan_block *blocks[] = {step->done_if, step->preconditions, step->verify,
                                         step->wait};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        plan_visit_checks(blocks[i], count_check, summary);
}

static void add(struct plan_summary *summary, struct list *list, bool really,
                struct plan_step *step)
{
    if (really)
        list_add(summary->arena, list, step);
}

static bool is_later(const struct plan_step *step)
{
    for (; step != NULL; step = step->parent)
        if (step->relation == PLAN_UNDO || step->relation == PLAN_RELEASE)
            return true;
    return false;
}

/* A skipped step does nothing; the inside of one is not opened. A loop is what its items are. */
static void count_step(void *context, struct plan_step *step)
{
    struct plan_summary *summary = context;
    bool written =
        plan_written(step) == step; /* what a library's own steps skip or tolerate stands there */
    add(summary, &summary->skipped, step->when == 0 && written, step);
    if (step->when == 0 || step->loop != NULL)
        return;
    if (!plan_opens(step) && is_later(step))
        summary->later++;
    else if (!plan_opens(step))
        summary->effects[step->effect]++;
    count_checks(summary, step);
    add(summary, &summary->destroys, step->destroys != NULL, step);
    add(summary, &summary->irreversible, step->irreversible != NULL, step);
    add(summary, &summary->tolerated, step->tolerate != NULL && written, step);
    add(summary, &summary->asks, step->approve != NULL || plan_manual(step), step);
    add(summary, &summary->unsettled, plan_unsettled(step), step);
    add(summary, &summary->stays, plan_stays(step) && step->irreversible == NULL, step);
}

void plan_summarise(struct arena *arena, const struct plan *plan, struct plan_summary *summary)
{
    *summary = (struct plan_summary){.arena = arena};
    plan_visit_checks(plan->target, count_check, summary);
    plan_visit_checks(plan->preconditions, count_check, summary);
    plan_visit(&plan->steps, count_step, summary);
}
