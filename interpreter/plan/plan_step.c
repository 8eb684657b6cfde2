#include "plan/plan.h"

#include <string.h>

bool plan_opens(const struct plan_step *step)
{
    const struct core_action *core = step->step->use.action->core;
    return step->loop == NULL && (core == NULL || core->form == FORM_STEPS);
}

const struct plan_step *plan_written(const struct plan_step *step)
{
    const struct plan_step *written = step;
    const struct step *holder = NULL;
    for (const struct plan_step *at = step; at->parent != NULL; at = at->parent) {
        /* An undo and a release are written where their step is, whatever that is made of. */
        if (at->relation == PLAN_UNDO || at->relation == PLAN_RELEASE)
            holder = at->parent->step;
        if (at->parent->step != holder && at->parent->step->use.action->core == NULL)
            written = at->parent;
    }
    return written;
}

bool plan_manual(const struct plan_step *step)
{
    return step->loop == NULL && strcmp(step->step->use.action->name, "manual") == 0;
}

bool plan_unsettled(const struct plan_step *step)
{
    const struct step *from = step->step;
    const struct core_action *core = from->use.action->core;
    return step->loop == NULL && step->when != 0 && core != NULL && core->form == FORM_WORK &&
           step->effect != EFFECT_READ && !from->idempotent && core->settle == NULL &&
           from->done_if == NULL && from->verify == NULL;
}

/* Nobody takes back what takes back or gives back, or what is done when all has failed. */
bool plan_stays(const struct plan_step *step)
{
    const struct core_action *core = step->step->use.action->core;
    bool does = core != NULL && core->form == FORM_WORK;
    if (step->effect == EFFECT_READ || step->loop != NULL || !(does || plan_manual(step)))
        return false;
    for (const struct plan_step *at = step; at != NULL; at = at->parent)
        if (at->step->undo.count > 0 || at->relation == PLAN_UNDO || at->relation == PLAN_RELEASE ||
            at->relation == PLAN_FAILURE)
            return false;
    return true;
}

bool plan_on_word(const struct plan_check *check)
{
    static const char *const names[] = {"exec", "shell", "http.get"};
    if (check->check->kind != CHECK_ACTION || check->list != NULL)
        return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(check->check->use.action->name, names[i]) == 0)
            return true;
    return false;
}

void plan_visit(const struct list *steps, void (*visit)(void *context, struct plan_step *step),
                void *context)
{
    for (size_t i = 0; i < steps->count; i++) {
        struct plan_step *step = steps->at[i];
        visit(context, step);
        plan_visit(&step->inside, visit, context);
        plan_visit(&step->undo, visit, context);
        plan_visit(&step->release, visit, context);
        if (step->call != NULL)
            plan_visit(&step->call->on_failure, visit, context);
    }
}

static void visit_check(const struct plan_check *check,
                        void (*visit)(void *context, const struct plan_check *check), void *context)
{
    visit(context, check);
    for (size_t i = 0; i < check->inside.count; i++)
        visit_check(check->inside.at[i], visit, context);
}

void plan_visit_checks(const struct plan_block *block,
                       void (*visit)(void *context, const struct plan_check *check), void *context)
{
    for (size_t i = 0; block != NULL && i < block->checks.count; i++)
        visit_check(block->checks.at[i], visit, context);
}
