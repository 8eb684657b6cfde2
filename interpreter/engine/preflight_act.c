/* The action of a step: run where it reads, nothing before it changes and its values are known;
 * entered where it is a group; else it would change something. */
#include "base/arena.h"
#include "engine/captured.h"
#include "engine/live.h"
#include "engine/preflight_own.h"
#include "engine/probe.h"
#include "lang/value.h"
#include "plan/plan.h"

#include <string.h>

/* The step's further outputs, and what is expected of them. */
static bool take_outputs(struct preflight *preflight, const struct value *outputs, const char **why)
{
    const struct plan_step *step = preflight->turn->step;
    struct arena *arena = preflight->arena;
    struct problem problem = {0};
    struct moment moment = preflight->moment;
    moment.result = outputs;
    const struct value *more = bind_outputs(arena, &step->step->outputs, &moment, &problem);
    if (more == NULL) {
        *why = problem.message;
        return false;
    }
    const struct value *all = captured_join(arena, outputs, more);
    const struct expectation *expect = captured_expect(arena, step->step, false);
    moment.result = all;
    struct values values = moment_values(arena, &moment);
    struct buffer text = {0};
    bool good = expect == NULL || expect_judge(arena, expect, all, &values, &text) == ANSWER_HOLDS;
    *why = good ? NULL : arena_copy(arena, text.at ? text.at : "", text.length);
    buffer_free(&text);
    preflight->step->as = KNOWN_DONE;
    preflight->step->outputs = step->step->repeat == NULL ? all : NULL;
    preflight->moment.result = all;
    return good;
}

static void read_failed(struct preflight *preflight, enum answer answer, const char *why)
{
    const struct step *step = preflight->turn->step->step;
    bool tolerated = step->tolerate != NULL;
    preflight->step->as = tolerated ? KNOWN_FAILED : KNOWN_NOT;
    preflight_tell(preflight,
                   (struct preflight_finding){.what = "step",
                                              .shown = preflight_shown(preflight, &step->use),
                                              .answer = answer == ANSWER_FAILS ? PREFLIGHT_FAILS
                                                                               : PREFLIGHT_UNASKED,
                                              .why = why,
                                              .counts = !tolerated});
    preflight_go_on(preflight, STAGE_OVER);
}

static void read_answered(void *context, enum answer answer, const char *why,
                          const struct value *outputs)
{
    struct preflight *preflight = context;
    const struct step *step = preflight->turn->step->step;
    preflight->probe = NULL;
    if (answer == ANSWER_UNKNOWN) {
        preflight_later(preflight, "step", "the run");
        preflight_go_on(preflight, STAGE_OVER);
        return;
    }
    if (answer == ANSWER_HOLDS && step->foreach == NULL) {
        const struct value *kept =
            value_copy(preflight->arena, outputs ? outputs : value_map(preflight->arena, NULL, 0));
        if (!take_outputs(preflight, kept, &why))
            answer = ANSWER_FAILS;
    }
    if (answer != ANSWER_HOLDS) {
        read_failed(preflight, answer, why);
        return;
    }
    preflight_tell(preflight,
                   (struct preflight_finding){.what = "step",
                                              .shown = preflight_shown(preflight, &step->use),
                                              .answer = PREFLIGHT_HOLDS});
    preflight_go_on(preflight, STAGE_VERIFY);
}

static void read_step(struct preflight *preflight)
{
    const struct step *step = preflight->turn->step->step;
    struct check *check = arena_alloc(preflight->arena, sizeof *check);
    *check = (struct check){.mark = step->mark,
                            .kind = CHECK_ACTION,
                            .use = step->use,
                            .expect = captured_expect(preflight->arena, step, true),
                            .because = step->because,
                            .timeout = step->timeout};
    if (preflight->turn->step->relation != PLAN_ITEM)
        check->foreach = step->foreach;
    struct problem problem = {0};
    const char *before = known_before_check(&preflight->known, check, &preflight->moment, &problem);
    if (before != NULL) {
        preflight_later(preflight, "step", before);
        preflight_go_on(preflight, STAGE_OVER);
    } else if (problem.message != NULL) {
        read_failed(preflight, ANSWER_FAILS, problem.message);
    } else {
        preflight->probe = probe_start(&(struct probe_request){.run = preflight->run,
                                                               .name = preflight->turn->step->name,
                                                               .check = check,
                                                               .moment = &preflight->moment,
                                                               .arena = preflight->arena,
                                                               .answered = read_answered,
                                                               .context = preflight});
    }
}

/* `wait`: one round, without waiting; that it does not hold yet says nothing. */
static void wait_asked(struct preflight *preflight)
{
    struct preflight_finding finding = {.what = "wait", .why = preflight->why};
    if (preflight->before != NULL)
        preflight_later(preflight, "wait", preflight->before);
    else {
        finding.answer = preflight_all_held(preflight) ? PREFLIGHT_HOLDS
                         : preflight->unasked > 0      ? PREFLIGHT_UNASKED
                                                       : PREFLIGHT_NOT_YET;
        preflight_tell(preflight, finding);
    }
    preflight_go_on(preflight, STAGE_OVER);
}

/* What the engine does itself. */
static void own_step(struct preflight *preflight)
{
    const struct plan_step *step = preflight->turn->step;
    const char *name = step->step->use.action->name;
    struct problem problem = {0};
    if (step->wait != NULL && preflight->step->changed_by == NULL) {
        preflight_block(preflight, "wait", &step->wait->block->checks, false, wait_asked);
        return;
    }
    if (strcmp(name, "assert") == 0) {
        read_step(preflight);
        return;
    }
    if (strcmp(name, "set") == 0) {
        const struct value *set =
            bind_arguments(preflight->arena, &step->step->use, &preflight->moment, &problem);
        const char *why = NULL;
        if (set != NULL)
            take_outputs(preflight, set, &why);
        else
            preflight_no_value(preflight, "step", &problem);
    } else if (step->wait != NULL) {
        preflight_later(preflight, "wait", preflight_changed_by(preflight));
    }
    preflight->step->changes = step->effect != EFFECT_READ && !plan_manual(step);
    preflight_go_on(preflight, STAGE_OVER);
}

/* A group, a call, or a loop whose items are known: its turn comes again behind what is in it. */
static void enter_inside(struct preflight *preflight)
{
    preflight_turn(preflight, preflight->turn->step, true);
    preflight_turns(preflight, &preflight->turn->step->inside);
    preflight_go_on(preflight, STAGE_OVER);
}

static bool is_opened(const struct plan_step *step)
{
    if (step->loop != NULL)
        return step->loop->list->kind == VALUE_LIST &&
               step->inside.count == step->loop->list->list.count;
    return plan_opens(step) && step->step->use.action->core != NULL;
}

/* One that does something itself, or a library's action as a whole. */
static bool is_work(const struct plan_step *step)
{
    const struct core_action *core = step->step->use.action->core;
    return core == NULL || core->form == FORM_WORK;
}

/* A loop over what only the run can know. */
static void tell_loop(struct preflight *preflight)
{
    const struct plan_step *step = preflight->turn->step;
    const char *before = known_before_value(preflight->arena, step->loop->list);
    preflight->step->changes = step->effect != EFFECT_READ;
    preflight_later(preflight, "step", before ? before : "the run");
    preflight_go_on(preflight, STAGE_OVER);
}

void preflight_act(struct preflight *preflight)
{
    const struct plan_step *step = preflight->turn->step;
    if (is_opened(step)) {
        enter_inside(preflight);
    } else if (step->loop != NULL && (!is_work(step) || step->effect != EFFECT_READ)) {
        tell_loop(preflight);
    } else if (!is_work(step)) {
        own_step(preflight);
    } else if (step->effect != EFFECT_READ) {
        preflight->step->changes = true;
        preflight_go_on(preflight, STAGE_VERIFY);
    } else if (preflight->step->changed_by != NULL) {
        preflight_later(preflight, "step", preflight_changed_by(preflight));
        preflight_go_on(preflight, STAGE_OVER);
    } else {
        read_step(preflight);
    }
}
