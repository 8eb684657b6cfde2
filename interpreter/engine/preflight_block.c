/* A block of checks, one after the other, each asked once. */
#include "base/arena.h"
#include "engine/live.h"
#include "engine/preflight_own.h"
#include "engine/probe.h"
#include "lang/value.h"

const char *preflight_shown(struct preflight *preflight, const struct use *use)
{
    struct problem problem = {0};
    struct buffer text = {0};
    const struct value *inputs =
        bind_arguments(preflight->arena, use, &preflight->moment, &problem);
    buffer_text(&text, use->action->name);
    if (inputs != NULL && inputs->kind == VALUE_MAP && use->arguments.count > 0) {
        buffer_text(&text, ": ");
        value_show(use->arguments.count == 1
                       ? value_member(preflight->arena, inputs, use->arguments.at[0].key)
                       : inputs,
                   80, &text);
    }
    const char *shown = arena_copy(preflight->arena, text.at, text.length);
    buffer_free(&text);
    return shown;
}

static const char *shown_check(struct preflight *preflight, const struct check *check)
{
    switch (check->kind) {
    case CHECK_ACTION:
        return preflight_shown(preflight, &check->use);
    case CHECK_ANY:
        return "any";
    case CHECK_NOT:
        return "not";
    }
    return "";
}

static void ask_next(void *context);

/* Each check of a block that the run needs is told by itself. */
static void tell_check(struct preflight *preflight, enum answer answer, const char *why,
                       const char *before)
{
    const struct check *check = preflight->checks->at[preflight->index];
    struct preflight_finding finding = {.what = preflight->what,
                                        .shown = shown_check(preflight, check),
                                        .why = why,
                                        .before = before};
    if (before != NULL)
        finding.answer = PREFLIGHT_LATER;
    else if (answer == ANSWER_HOLDS)
        finding.answer = PREFLIGHT_HOLDS;
    else
        finding.answer = answer == ANSWER_FAILS ? PREFLIGHT_FAILS : PREFLIGHT_UNASKED;
    finding.counts = before == NULL && answer != ANSWER_HOLDS;
    preflight_tell(preflight, finding);
}

static void answered_check(struct preflight *preflight, enum answer answer, const char *why,
                           const char *before)
{
    preflight->asked += before == NULL;
    preflight->held += before == NULL && answer == ANSWER_HOLDS;
    preflight->unasked += before == NULL && answer == ANSWER_UNASKED;
    if (preflight->before == NULL)
        preflight->before = before;
    if (preflight->why == NULL && before == NULL && answer != ANSWER_HOLDS)
        preflight->why = why;
    if (preflight->counts)
        tell_check(preflight, answer, why, before);
    preflight->index++;
    run_later(preflight->run, ask_next, preflight);
}

static void check_answered(void *context, enum answer answer, const char *why,
                           const struct value *outputs)
{
    struct preflight *preflight = context;
    (void)outputs;
    preflight->probe = NULL;
    answered_check(preflight, answer, why, answer == ANSWER_UNKNOWN ? "the run" : NULL);
}

static void ask_next(void *context)
{
    struct preflight *preflight = context;
    struct problem problem = {0};
    if (preflight->stopped) {
        preflight_go_on(preflight, STAGE_OVER);
        return;
    }
    if (preflight->index >= preflight->checks->count) {
        preflight->checks = NULL;
        preflight->block_over(preflight);
        return;
    }
    const struct check *check = preflight->checks->at[preflight->index];
    const char *before = known_before_check(&preflight->known, check, &preflight->moment, &problem);
    if (before != NULL || problem.message != NULL) {
        answered_check(preflight, ANSWER_UNASKED, problem.message, before);
        return;
    }
    preflight->probe = probe_start(&(struct probe_request){.run = preflight->run,
                                                           .name = preflight->what,
                                                           .check = check,
                                                           .moment = &preflight->moment,
                                                           .arena = preflight->arena,
                                                           .answered = check_answered,
                                                           .context = preflight});
}

void preflight_block(struct preflight *preflight, const char *what, const struct list *checks,
                     bool counts, void (*over)(struct preflight *preflight))
{
    preflight->checks = checks;
    preflight->index = 0;
    preflight->what = what;
    preflight->counts = counts;
    preflight->asked = preflight->held = preflight->unasked = 0;
    preflight->why = preflight->before = NULL;
    preflight->block_over = over;
    run_later(preflight->run, ask_next, preflight);
}

bool preflight_all_held(const struct preflight *preflight)
{
    return preflight->before == NULL && preflight->asked == preflight->held;
}
