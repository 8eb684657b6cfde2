/* What is asked of a step beside its action: when, done_if, preconditions, verify. */
#include "base/arena.h"
#include "engine/live.h"
#include "engine/preflight_own.h"
#include "lang/people.h"
#include "lang/value.h"
#include "plan/plan.h"

/* ---- 2: when ---- */

static const char *before_when(struct preflight *preflight, const struct plan_step *step)
{
    struct problem problem = {0};
    struct values values = moment_values(preflight->arena, &preflight->moment);
    const struct value *value = expr_eval(preflight->arena, step->step->when, &values, &problem);
    const char *before = value ? known_before_value(preflight->arena, value) : NULL;
    return before ? before : "the run";
}

void preflight_when(struct preflight *preflight)
{
    const struct plan_step *step = preflight->turn->step;
    struct problem problem = {0};
    bool asked = step->step->when != NULL && step->relation != PLAN_ITEM;
    int when =
        asked ? bind_condition(preflight->arena, step->step->when, &preflight->moment, &problem)
              : 1;
    if (when == 1) {
        preflight_go_on(preflight, STAGE_DONE_IF);
        return;
    }
    if (when == 0) {
        preflight->step->as = KNOWN_SKIPPED;
        preflight_tell(preflight,
                       (struct preflight_finding){.what = "when", .answer = PREFLIGHT_SKIPPED});
    } else if (when == -2) {
        preflight_no_value(preflight, "when", &problem);
    } else {
        preflight->step->changes = step->effect != EFFECT_READ;
        preflight_later(preflight, "when", before_when(preflight, step));
    }
    preflight_go_on(preflight, STAGE_OVER);
}

/* ---- 4: done_if ---- */

static void done_if_asked(struct preflight *preflight)
{
    struct preflight_finding finding = {.what = "done_if", .why = preflight->why};
    if (preflight->before != NULL) {
        preflight_later(preflight, "done_if", preflight->before);
        preflight_go_on(preflight, STAGE_CALL_TARGET);
    } else if (preflight_all_held(preflight)) {
        finding.answer = PREFLIGHT_DONE;
        preflight->step->as = KNOWN_DONE;
        preflight_tell(preflight, finding);
        preflight_go_on(preflight, STAGE_OVER);
    } else {
        bool unasked = preflight->unasked > 0 && preflight->unasked == preflight->asked;
        finding.answer = unasked ? PREFLIGHT_UNASKED : PREFLIGHT_NOT_YET;
        finding.counts = unasked && preflight->step->changed_by == NULL;
        preflight_tell(preflight, finding);
        preflight_go_on(preflight, STAGE_CALL_TARGET);
    }
}

void preflight_done_if(struct preflight *preflight)
{
    const struct plan_step *step = preflight->turn->step;
    if (step->step->done_if != NULL && step->loop == NULL)
        preflight_block(preflight, "done_if", &step->step->done_if->checks, false, done_if_asked);
    else
        preflight_go_on(preflight, STAGE_CALL_TARGET);
}

/* ---- 5, 6: preconditions, a call's target ---- */

static void block_asked(struct preflight *preflight)
{
    preflight_go_on(preflight, preflight->stage + 1);
}

/* What must hold right before the step is known now only when nothing before it changes. */
static void ask_needed(struct preflight *preflight, const char *what, const struct list *checks)
{
    const char *changed_by = preflight->step->changed_by;
    if (checks == NULL || checks->count == 0)
        preflight_go_on(preflight, preflight->stage + 1);
    else if (changed_by == NULL)
        preflight_block(preflight, what, checks, true, block_asked);
    else {
        preflight_later(preflight, what, arena_format(preflight->arena, "step %s", changed_by));
        preflight_go_on(preflight, preflight->stage + 1);
    }
}

void preflight_preconditions(struct preflight *preflight)
{
    const struct plan_step *step = preflight->turn->step;
    const struct block *block = step->loop == NULL ? step->step->preconditions : NULL;
    ask_needed(preflight, "preconditions", block ? &block->checks : NULL);
}

static const struct runbook *called(const struct plan_step *step)
{
    return step->call != NULL ? step->call->runbook : NULL;
}

/* A called runbook's names are those of its own scope. */
void preflight_called(struct preflight *preflight)
{
    const struct plan_step *step = preflight->turn->step;
    const struct runbook *runbook = called(step);
    const struct plan_step *inside = step->inside.count > 0 ? step->inside.at[0] : NULL;
    if (runbook == NULL || inside == NULL) {
        preflight_go_on(preflight, STAGE_PRECONDITIONS);
        return;
    }
    preflight->moment.scope = inside->scope;
    if (preflight->stage == STAGE_CALL_TARGET)
        ask_needed(preflight, "target", &runbook->target);
    else
        ask_needed(preflight, "preconditions",
                   runbook->preconditions ? &runbook->preconditions->checks : NULL);
}

/* ---- 7: people ---- */

/* Where nobody whom `by` names is known here the question could never be answered. */
static void tell_approval(struct preflight *preflight, const struct approval *approval)
{
    struct arena *arena = preflight->arena;
    struct preflight_finding finding = {.what = "approve", .answer = PREFLIGHT_PERSON};
    const char *missing = people_missing(arena, approval->by, &finding.counts);
    struct buffer why = {0};
    people_print(approval->by, approval->count, &why);
    if (missing != NULL)
        buffer_format(&why, "; not known here: %s", missing);
    if (why.length > 0)
        finding.why = arena_copy(arena, why.at, why.length);
    buffer_free(&why);
    preflight_tell(preflight, finding);
}

void preflight_people(struct preflight *preflight)
{
    const struct plan_step *step = preflight->turn->step;
    if (step->approve != NULL)
        tell_approval(preflight, step->approve);
    else if (plan_manual(step))
        preflight_tell(preflight,
                       (struct preflight_finding){.what = "manual", .answer = PREFLIGHT_PERSON});
    preflight_go_on(preflight, STAGE_ACTION);
}

/* ---- 11: verify ---- */

static void verify_asked(struct preflight *preflight)
{
    const struct step *step = preflight->turn->step->step;
    bool changes = preflight->step->changes;
    struct preflight_finding finding = {.what = "verify", .why = preflight->why};
    if (preflight->before != NULL)
        finding.answer = PREFLIGHT_LATER, finding.before = preflight->before;
    else if (preflight_all_held(preflight))
        finding.answer = changes && step->done_if == NULL ? PREFLIGHT_ALREADY : PREFLIGHT_HOLDS;
    else if (preflight->unasked > 0)
        finding.answer = PREFLIGHT_UNASKED;
    else
        finding.answer = changes ? PREFLIGHT_NOT_YET : PREFLIGHT_FAILS;
    finding.counts = !changes && !preflight_all_held(preflight) && preflight->before == NULL;
    preflight_tell(preflight, finding);
    preflight_go_on(preflight, STAGE_OVER);
}

void preflight_verify(struct preflight *preflight)
{
    const struct step *step = preflight->turn->step->step;
    if (step->verify == NULL)
        preflight_go_on(preflight, STAGE_OVER);
    else
        preflight_block(preflight, "verify", &step->verify->checks, false, verify_asked);
}

/* ---- behind a group ---- */

static void group_outputs(struct preflight *preflight)
{
    const struct plan_step *step = preflight->turn->step;
    const struct plan_step *inside = step->inside.count > 0 ? step->inside.at[0] : NULL;
    const struct runbook *runbook = called(step);
    struct problem problem = {0};
    if (step->loop != NULL || inside == NULL || preflight->step->changes)
        return;
    struct moment moment = preflight->moment;
    moment.scope = inside->scope;
    const struct value *outputs = bind_outputs(
        preflight->arena, runbook ? &runbook->outputs : &step->step->outputs, &moment, &problem);
    if (outputs == NULL || value_has_unknown(outputs))
        return;
    preflight->step->as = KNOWN_DONE;
    preflight->step->outputs = outputs;
}

void preflight_leave(struct preflight *preflight)
{
    const struct plan_step *step = preflight->turn->step;
    for (size_t i = 0; i < step->inside.count; i++) {
        const struct plan_step *inside = step->inside.at[i];
        const struct known_step *known = map_get(&preflight->known.steps, inside->name);
        if (known != NULL && known->changes)
            preflight->step->changes = true;
    }
    group_outputs(preflight);
    if (step->loop != NULL)
        preflight_go_on(preflight, STAGE_OVER);
    else
        preflight_verify(preflight);
}
