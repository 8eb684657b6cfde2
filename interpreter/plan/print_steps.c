#include "plan/print_text.h"

#include "base/arena.h"
#include "lang/expr.h"
#include "lang/type.h"
#include "lang/value.h"

#include <string.h>

/* A step's line and, four columns in, what it is made of. */
static void print_step(const struct words *words, size_t indent, const struct plan_step *step);

static void print_key(const struct words *words, size_t indent, const char *key, const char *text)
{
    if (text != NULL && text[0] != '\0')
        words_prose(words, indent, key, text);
}

static void print_value(const struct words *words, size_t indent, const char *key,
                        const struct value *value)
{
    if (value != NULL && value->kind != VALUE_UNSET)
        words_prose(words, indent, key, words_value(words->arena, value));
}

void print_steps(const struct words *words, size_t indent, const struct list *steps)
{
    for (size_t i = 0; i < steps->count; i++)
        print_step(words, indent, steps->at[i]);
}

/* ---- checks ---- */

/* The expression of an `assert` as written, and its answer when that is known already. */
static const char *asserted(const struct words *words, const struct use *use,
                            const struct value *inputs)
{
    const struct argument *that = use->arguments.count ? use->arguments.at[0].value : NULL;
    const struct value *answer = inputs && inputs->kind == VALUE_MAP && inputs->map.count > 0
                                     ? inputs->map.at[0].value
                                     : &value_unset;
    const char *known = answer->kind != VALUE_BOOL ? "" : answer->truth ? "  (true)" : "  (FALSE)";
    if (that == NULL || that->expr == NULL)
        return "";
    return arena_format(words->arena, "${%s}%s", expr_print(words->arena, that->expr), known);
}

static void print_check(const struct words *words, size_t indent, const struct plan_check *check);

static void print_inside(const struct words *words, size_t indent, const struct plan_check *check)
{
    for (size_t i = 0; i < check->inside.count; i++)
        print_check(words, indent, check->inside.at[i]);
}

/* The first line stands behind the `?`, the rest below it. */
static void print_asked(const struct words *words, size_t indent, const struct plan_check *check)
{
    const struct use *use = &check->check->use;
    words_indent(words, indent);
    words_colour(words, "36", "? ");
    if (check->deed != NULL) {
        struct text deed = line_deed(words->arena, check->deed);
        const char *end = memchr(deed.at, '\n', deed.length);
        size_t first = end ? (size_t)(end - deed.at) : deed.length;
        buffer_printable(words->into, (struct text){deed.at, first});
        buffer_text(words->into, plan_on_word(check) ? "  (a read on the author's word)\n" : "\n");
        if (end != NULL)
            words_exact(words, indent + 2, (struct text){end + 1, deed.length - first - 1});
        return;
    }
    const char *given = strcmp(use->action->name, "assert") == 0
                            ? asserted(words, use, check->inputs)
                            : line_arguments(words->arena, use, check->inputs);
    buffer_text(words->into, use->action->name);
    if (given[0] != '\0') {
        buffer_text(words->into, ": ");
        buffer_printable(words->into, text_of(given));
    }
    buffer_add(words->into, "\n", 1);
}

static void print_check(const struct words *words, size_t indent, const struct plan_check *check)
{
    const struct check *from = check->check;
    if (check->list != NULL) {
        words_prose(words, indent, "? for every",
                    arena_format(words->arena, "%s in %s", from->foreach->as,
                                 words_value(words->arena, check->list)));
        print_inside(words, indent + 4, check);
        return;
    }
    if (from->kind != CHECK_ACTION) {
        words_prose(words, indent, NULL,
                    from->kind == CHECK_ANY ? "? any of these holds:" : "? this does not hold:");
        print_inside(words, indent + 4, check);
    } else {
        print_asked(words, indent, check);
        print_key(words, indent + 4, "expect",
                  line_expect(words->arena, from->expect, from->use.action));
    }
    print_value(words, indent + 4, "because", check->because);
    if (check->opened != NULL)
        print_steps(words, indent + 4, &check->opened->inside);
}

void print_block(const struct words *words, size_t indent, const char *key,
                 const struct plan_block *block)
{
    if (block == NULL)
        return;
    const char *times = line_times(words->arena, block);
    words_prose(words, indent, NULL,
                arena_format(words->arena, "%s:%s%s", key, times[0] ? " " : "", times));
    for (size_t i = 0; i < block->checks.count; i++)
        print_check(words, indent + 2, block->checks.at[i]);
}

/* ---- what a step does ---- */

static void print_manual(const struct words *words, size_t indent, const struct plan_step *step)
{
    struct arena *arena = words->arena;
    const struct argument *evidence = map_get(&step->step->use.arguments, "evidence");
    print_value(words, indent, "manual", value_member(arena, step->inputs, "do"));
    print_value(words, indent, "show", value_member(arena, step->inputs, "show"));
    if (evidence != NULL && evidence->param != NULL)
        words_prose(words, indent, "evidence",
                    arena_format(arena, "%s%s%s", type_print(arena, evidence->param->type),
                                 evidence->param->about ? ", " : "",
                                 evidence->param->about ? evidence->param->about : ""));
}

static void print_engine_action(const struct words *words, size_t indent,
                                const struct plan_step *step)
{
    const struct use *use = &step->step->use;
    const char *name = use->action->name;
    if (step->wait != NULL) {
        print_block(words, indent, name, step->wait);
        return;
    }
    if (strcmp(name, "assert") == 0)
        words_prose(words, indent, name, asserted(words, use, step->inputs));
    else if (plan_manual(step))
        print_manual(words, indent, step);
    else
        words_prose(words, indent, name, line_arguments(words->arena, use, step->inputs));
}

static void print_call(const struct words *words, size_t indent, const struct plan_step *step)
{
    const struct plan_call *call = step->call;
    const char *given =
        step->inputs && step->inputs->kind == VALUE_MAP && step->inputs->map.count > 0
            ? words_value(words->arena, step->inputs)
            : "";
    words_prose(
        words, indent, "call",
        arena_format(words->arena, "%s%s%s", call->runbook->name, given[0] ? " with " : "", given));
    print_block(words, indent, "target", call->target);
    print_block(words, indent, "preconditions", call->preconditions);
    print_steps(words, indent, &step->inside);
    if (call->on_failure.count > 0)
        words_prose(words, indent, NULL, "on_failure:");
    print_steps(words, indent + 2, &call->on_failure);
}

static void print_action(const struct words *words, size_t indent, const struct plan_step *step)
{
    const struct use *use = &step->step->use;
    if (step->deed != NULL) {
        words_exact(words, indent, line_deed(words->arena, step->deed));
    } else if (step->call != NULL) {
        print_call(words, indent, step);
    } else if (!plan_opens(step)) {
        print_engine_action(words, indent, step);
    } else {
        if (use->action->core == NULL)
            words_prose(words, indent, NULL,
                        arena_format(words->arena, "%s: %s", use->action->name,
                                     line_arguments(words->arena, use, step->inputs)));
        print_steps(words, indent, &step->inside);
    }
}

/* ---- a step ---- */

static void print_before(const struct words *words, size_t indent, const struct plan_step *step)
{
    if (step->when_shown != NULL)
        words_prose(words, indent, "when",
                    arena_format(words->arena, "${%s}  (%s)", step->when_shown,
                                 step->when == 1 ? "true" : "decided at run time"));
    print_key(words, indent, "repeat", line_repeat(words->arena, step));
    print_key(words, indent, "host", step->host);
    if (step->step->done_if_verified)
        words_prose(words, indent, "done_if", "verified, as told by verify");
    else
        print_block(words, indent, "done_if", step->done_if);
    print_block(words, indent, "preconditions", step->preconditions);
    print_key(words, indent, "approve", line_approve(words->arena, step));
    print_value(words, indent, "protects", step->protects);
    print_value(words, indent, "destroys", step->destroys);
    print_value(words, indent, "accept_loss", step->accept_loss);
    print_value(words, indent, "irreversible", step->irreversible);
}

static void print_after(const struct words *words, size_t indent, const struct plan_step *step)
{
    print_key(words, indent, "expect",
              line_expect(words->arena, step->step->expect, step->step->use.action));
    print_value(words, indent, "because", step->because);
    print_key(words, indent, "outputs", line_outputs(words->arena, step));
    print_key(words, indent, "retry", line_retry(words->arena, step));
    print_block(words, indent, "verify", step->verify);
    print_key(words, indent, "worst case", line_worst(words->arena, step));
    print_value(words, indent, "tolerate", step->tolerate);
    if (plan_unsettled(step))
        words_prose(words, indent, "in doubt", "cut off half-way, a person has to settle it");
    if (step->release.count > 0)
        words_prose(words, indent, NULL,
                    "release, owed from here on, given back when its scope ends:");
    print_steps(words, indent + 2, &step->release);
}

static const char *const signs[] = {
    [EFFECT_READ] = "  ", [EFFECT_CHANGE] = "~ ", [EFFECT_DESTROY] = "! "};
static const char *const colours[] = {
    [EFFECT_READ] = "1", [EFFECT_CHANGE] = "1;33", [EFFECT_DESTROY] = "1;31"};

static const char *step_time(const struct words *words, const struct plan_step *step)
{
    if (step->when == 0)
        return "  (skipped)";
    if (plan_manual(step))
        return "  (waits for a person)";
    if (step->worst < 0)
        return "  (no time limit)";
    return step->worst == 0 ? ""
                            : arena_format(words->arena, "  (at most %s)",
                                           words_time(words->arena, step->worst));
}

static void print_step(const struct words *words, size_t indent, const struct plan_step *step)
{
    words_indent(words, indent);
    const char *sign = step->when == 0 ? "- " : signs[step->effect];
    words_colour(words, colours[step->when == 0 ? EFFECT_READ : step->effect],
                 arena_format(words->arena, "%s%s", sign, step->name));
    if (step->title != NULL && step->relation != PLAN_ITEM) {
        buffer_text(words->into, ": ");
        buffer_printable(words->into, text_of(words_value(words->arena, step->title)));
    }
    buffer_format(words->into, "%s%s\n",
                  step->effect == EFFECT_DESTROY && step->when ? "  DESTROYS" : "",
                  step_time(words, step));
    size_t in = indent + 4;
    print_key(words, in, "needs", line_needs(words->arena, step));
    if (step->when == 0) {
        words_prose(words, in, "when",
                    arena_format(words->arena, "${%s}  (false)", step->when_shown));
        return;
    }
    print_before(words, in, step);
    if (step->loop != NULL) {
        words_prose(words, in, "foreach", line_loop(words->arena, step));
        print_steps(words, in, &step->inside);
        return;
    }
    print_action(words, in, step);
    print_after(words, in, step);
}
