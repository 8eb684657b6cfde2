#include "lang/walk.h"

#include "lang/model.h"

static void walk_checks(const struct walker *walker, const struct list *checks);

static void walk_use(const struct walker *walker, const struct use *use)
{
    if (use->action == NULL)
        return;
    walker->use(walker, use);
    if (use->action->core == NULL || use->action->core->form == FORM_WORK)
        return;
    for (size_t i = 0; i < use->arguments.count; i++) {
        const struct argument *argument = use->arguments.at[i].value;
        walk_block(walker, argument->block);
        walk_steps(walker, argument->steps);
    }
}

static void walk_checks(const struct walker *walker, const struct list *checks)
{
    for (size_t i = 0; i < checks->count; i++) {
        const struct check *check = checks->at[i];
        struct walker inside = *walker;
        inside.check = check;
        if (check->kind == CHECK_ACTION)
            walk_use(&inside, &check->use);
        else
            walk_checks(walker, &check->checks);
    }
}

void walk_block(const struct walker *walker, const struct block *block)
{
    if (block != NULL)
        walk_checks(walker, &block->checks);
}

void walk_step(const struct walker *walker, const struct step *step)
{
    struct walker inside = *walker;
    inside.step = step;
    inside.check = NULL;
    if (walker->enter != NULL)
        walker->enter(&inside, step);
    walk_use(&inside, &step->use);
    if (!step->done_if_verified)
        walk_block(&inside, step->done_if);
    walk_block(&inside, step->preconditions);
    walk_block(&inside, step->verify);
    for (size_t i = 0; i < step->undo.count; i++)
        walk_step(&inside, step->undo.at[i]);
    for (size_t i = 0; i < step->release.count; i++)
        walk_step(&inside, step->release.at[i]);
}

void walk_steps(const struct walker *walker, const struct steps *steps)
{
    for (size_t i = 0; steps != NULL && i < steps->order.count; i++)
        walk_step(walker, steps->order.at[i]);
}

void walk_runbook(const struct walker *walker, const struct runbook *runbook)
{
    walk_checks(walker, &runbook->target);
    walk_block(walker, runbook->preconditions);
    walk_steps(walker, runbook->steps);
    walk_steps(walker, runbook->on_failure);
}
