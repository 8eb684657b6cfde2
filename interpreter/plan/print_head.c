#include "plan/print_text.h"

#include "base/arena.h"
#include "base/units.h"
#include "lang/term.h"
#include "lang/value.h"

#include <string.h>

/* Names told in the head; the steps themselves tell the rest. */
#define MAX_NAMES 12

struct names {
    const char *text;
    size_t count;
};

struct summary {
    struct arena *arena;
    size_t effects[3];
    size_t on_word;
    struct names destroys, irreversible, accepted, tolerated, questions, unsettled, skipped;
};

static void add_name(struct summary *summary, struct names *names, const char *name)
{
    if (names->count++ < MAX_NAMES)
        names->text = words_join(summary->arena, names->text, name);
}

static void count_check(void *context, const struct plan_check *check)
{
    struct summary *summary = context;
    summary->on_word += plan_on_word(check);
}

static void count_checks(struct summary *summary, const struct plan_step *step)
{
    const struct plan_block *blocks[] = {step->done_if, step->preconditions, step->verify,
                                         step->wait};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        plan_visit_checks(blocks[i], count_check, summary);
}

static void add_destroyed(struct summary *summary, const struct plan_step *step)
{
    if (step->destroys == NULL)
        return;
    for (size_t i = 0; i < step->destroys->list.count; i++)
        add_name(summary, &summary->destroys,
                 arena_format(summary->arena, "%s (%s)",
                              words_value(summary->arena, step->destroys->list.at[i]), step->name));
}

/* A skipped step does nothing; the inside of one is not opened. A loop is what its items are. */
static void count_step(void *context, struct plan_step *step)
{
    struct summary *summary = context;
    bool written =
        plan_written(step) == step; /* what a library's own steps skip or tolerate stands there */
    if (step->when == 0 && written)
        add_name(summary, &summary->skipped, step->name);
    if (step->when == 0 || step->loop != NULL)
        return;
    if (!plan_opens(step))
        summary->effects[step->effect]++;
    add_destroyed(summary, step);
    count_checks(summary, step);
    if (step->irreversible != NULL)
        add_name(summary, &summary->irreversible, step->name);
    if (step->accept_loss != NULL)
        add_name(summary, &summary->accepted, step->name);
    if (step->tolerate != NULL && written)
        add_name(summary, &summary->tolerated, step->name);
    if (step->approve != NULL || plan_manual(step))
        add_name(summary, &summary->questions, step->name);
    if (plan_unsettled(step))
        add_name(summary, &summary->unsettled, step->name);
}

static void print_names(const struct words *words, const char *key, const struct names *names)
{
    if (names->count == 0)
        return;
    const char *more = names->count > MAX_NAMES
                           ? arena_format(words->arena, " and %zu more", names->count - MAX_NAMES)
                           : "";
    words_prose(words, 2, key, arena_format(words->arena, "%s%s", names->text, more));
}

static void print_value(const struct words *words, const char *key, const struct value *value)
{
    if (value != NULL && value->kind != VALUE_UNSET)
        words_prose(words, 2, key, words_value(words->arena, value));
}

static void print_params(const struct words *words, const struct value *params)
{
    if (params == NULL || params->kind != VALUE_MAP || params->map.count == 0)
        return;
    words_prose(words, 2, NULL, "params:");
    for (size_t i = 0; i < params->map.count; i++) {
        const struct member *param = &params->map.at[i];
        words_prose(words, 4, param->key,
                    param->value->kind == VALUE_UNSET ? "(not given)"
                                                      : words_value(words->arena, param->value));
    }
}

/* Their names, and where each is read. */
static void print_secrets(const struct words *words, const struct list *secrets)
{
    if (secrets->count > 0)
        words_prose(words, 2, NULL, "secrets, hidden wherever they turn up:");
    for (size_t i = 0; i < secrets->count; i++) {
        const struct value *part = secrets->at[i];
        const struct member *source = &part->map.at[1];
        words_prose(words, 4, part->map.at[0].value->text.at,
                    arena_format(words->arena, "%s %s", source->key,
                                 words_value(words->arena, source->value)));
    }
}

static const char *unbounded(const struct plan *plan)
{
    for (size_t i = 0; i < plan->steps.count; i++) {
        const struct plan_step *step = plan->steps.at[i];
        if (step->worst < 0)
            return step->name;
    }
    return "what is given back at the end";
}

static void print_time(const struct words *words, const struct plan *plan)
{
    struct arena *arena = words->arena;
    const char *worst = plan->worst < 0
                            ? arena_format(arena, "nothing bounds %s", unbounded(plan))
                            : arena_format(arena, "%s, without what people take to answer",
                                           duration_print(arena, plan->worst));
    bool fits = plan->worst >= 0 && plan->worst <= plan->objective;
    if (plan->objective > 0)
        words_prose(words, 2, "objective", duration_print(arena, plan->objective));
    words_prose(words, 2, "worst case",
                arena_format(arena, "%s%s", worst,
                             plan->objective == 0 || fits ? "" : "; MORE THAN THE OBJECTIVE"));
}

static void print_summary(const struct words *words, const struct summary *summary)
{
    const size_t *effects = summary->effects;
    words_prose(words, 2, "steps",
                arena_format(words->arena, "%zu that read, %zu that change, %zu that destroy",
                             effects[EFFECT_READ], effects[EFFECT_CHANGE],
                             effects[EFFECT_DESTROY]));
    print_names(words, "destroys", &summary->destroys);
    print_names(words, "accepts loss in", &summary->accepted);
    print_names(words, "no way back after", &summary->irreversible);
    print_names(words, "asks a person in", &summary->questions);
    print_names(words, "may fail without failing the run", &summary->tolerated);
    print_names(words, "a person has to settle, if cut off half-way", &summary->unsettled);
    print_names(words, "skipped", &summary->skipped);
    if (summary->on_word > 0)
        words_prose(words, 2, "reads on the author's word",
                    arena_format(words->arena, "%zu", summary->on_word));
}

static void summarise(struct summary *summary, const struct plan *plan)
{
    plan_visit_checks(plan->target, count_check, summary);
    plan_visit_checks(plan->preconditions, count_check, summary);
    plan_visit(&plan->steps, count_step, summary);
}

void print_head(const struct words *words, const struct plan *plan)
{
    struct summary summary = {.arena = words->arena};
    const char *title = plan->title != NULL ? words_value(words->arena, plan->title) : NULL;
    words_prose(words, 0, NULL,
                title ? arena_format(words->arena, "runbook %s: %s", plan->runbook->name, title)
                      : arena_format(words->arena, "runbook %s", plan->runbook->name));
    const struct term *about = plan->runbook->about;
    if (about != NULL)
        words_prose(words, 2, NULL, term_print(words->arena, about));
    print_time(words, plan);
    print_value(words, "lock", plan->lock);
    print_value(words, "log", plan->log);
    print_place(words, 2, plan->folder, plan->env);
    print_params(words, plan->params);
    print_secrets(words, &plan->secrets);
    summarise(&summary, plan);
    print_summary(words, &summary);
}
