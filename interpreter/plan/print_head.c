#include "plan/print_text.h"

#include "base/arena.h"
#include "base/units.h"
#include "lang/term.h"
#include "lang/value.h"
#include "plan/prove.h"
#include "plan/summary.h"

#include <string.h>

/* Names told in the head; the steps themselves tell the rest. */
#define MAX_NAMES 12

struct names {
    const char *text;
    size_t count;
};

static void add_name(struct arena *arena, struct names *names, const char *name)
{
    if (names->count++ < MAX_NAMES)
        names->text = words_join(arena, names->text, name);
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

static void print_named(const struct words *words, const char *key, const struct list *steps)
{
    struct names names = {0};
    for (size_t i = 0; i < steps->count; i++)
        add_name(words->arena, &names, ((const struct plan_step *)steps->at[i])->name);
    print_names(words, key, &names);
}

static const char *why_safe(struct arena *arena, const struct plan_loss *loss)
{
    if (loss->accepted != NULL)
        return arena_format(arena, "no copy is kept: %s", words_value(arena, loss->accepted));
    if (loss->protector == NULL)
        return "NOT PROVED";
    return loss->protector == loss->step
               ? "it makes a copy first, and verifies it"
               : arena_format(arena, "%s made a copy before, and verified it",
                              loss->protector->name);
}

static void print_destroyed(const struct words *words, const struct plan *plan)
{
    struct list losses = {0};
    plan_losses(words->arena, plan, &losses);
    if (losses.count > 0)
        words_prose(words, 2, NULL, "destroys:");
    for (size_t i = 0; i < losses.count; i++) {
        const struct plan_loss *loss = losses.at[i];
        words_prose(words, 4, NULL,
                    arena_format(words->arena, "%s, by %s%s; %s", loss->resource, loss->step->name,
                                 line_destroyed(loss->step), why_safe(words->arena, loss)));
    }
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

/* The signs before the steps' names are told here. */
static const char *count_line(struct arena *arena, const struct plan_summary *summary)
{
    const size_t *effects = summary->effects;
    const char *line =
        arena_format(arena, "%zu that read, %zu that change (~), %zu that destroy (!)",
                     effects[EFFECT_READ], effects[EFFECT_CHANGE], effects[EFFECT_DESTROY]);
    return summary->later == 0 ? line
                               : arena_format(arena, "%s; %zu more to take back or give back", line,
                                              summary->later);
}

static void print_summary(const struct words *words, const struct plan *plan)
{
    struct plan_summary summary;
    plan_summarise(words->arena, plan, &summary);
    words_prose(words, 2, "steps", count_line(words->arena, &summary));
    print_destroyed(words, plan);
    print_named(words, "no way back after", &summary.irreversible);
    print_named(words, "asks a person in", &summary.asks);
    print_named(words, "may fail without failing the run", &summary.tolerated);
    print_named(words, "a person has to settle, if cut off half-way", &summary.unsettled);
    print_named(words, "skipped (-)", &summary.skipped);
    if (summary.on_word > 0)
        words_prose(words, 2, "reads on the author's word",
                    arena_format(words->arena, "%zu", summary.on_word));
}

void print_head(const struct words *words, const struct plan *plan)
{
    const char *title = plan->title != NULL ? words_value(words->arena, plan->title) : NULL;
    words_prose(words, 0, NULL,
                title ? arena_format(words->arena, "runbook %s: %s", plan->runbook->name, title)
                      : arena_format(words->arena, "runbook %s", plan->runbook->name));
    const struct term *about = plan->runbook->about;
    if (about != NULL)
        words_prose(words, 2, NULL, term_print(words->arena, about));
    print_time(words, plan);
    print_summary(words, plan);
    print_value(words, "lock", plan->lock);
    print_value(words, "log", plan->log);
    print_place(words, 2, plan->folder, plan->env);
    print_params(words, plan->params);
    print_secrets(words, &plan->secrets);
}
