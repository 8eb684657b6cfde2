#include "plan/print_text.h"

#include "base/arena.h"
#include "lang/expr.h"
#include "lang/type.h"
#include "lang/value.h"

#include <string.h>

/* A step's line and, four columns in, what it is made of. */
static void print_step(const struct paper *paper, size_t indent, const struct plan_step *step);

static void print_key(const struct paper *paper, size_t indent, const char *key, const char *text)
{
    if (text != NULL && text[0] != '\0')
        words_prose(paper->words, indent, key, text);
}

static void print_value(const struct paper *paper, size_t indent, const char *key,
                        const struct value *value)
{
    if (value != NULL && value->kind != VALUE_UNSET)
        words_prose(paper->words, indent, key, words_value(paper->arena, value));
}

void print_steps(const struct paper *paper, size_t indent, const struct list *steps)
{
    for (size_t i = 0; i < steps->count; i++)
        print_step(paper, indent, steps->at[i]);
}

/* ---- checks ---- */

/* The expression of an `assert` as written, and its answer when that is known already. */
static const char *asserted(const struct paper *paper, const struct use *use,
                            const struct value *inputs)
{
    const struct argument *that = use->arguments.count ? use->arguments.at[0].value : NULL;
    const struct value *answer = inputs && inputs->kind == VALUE_MAP && inputs->map.count > 0
                                     ? inputs->map.at[0].value
                                     : &value_unset;
    const char *known = answer->kind != VALUE_BOOL ? "" : answer->truth ? "  (true)" : "  (FALSE)";
    if (that == NULL || that->expr == NULL)
        return "";
    return arena_format(paper->arena, "${%s}%s", expr_print(paper->arena, that->expr), known);
}

static void print_check(const struct paper *paper, size_t indent, const struct plan_check *check);

static void print_inside(const struct paper *paper, size_t indent, const struct plan_check *check)
{
    for (size_t i = 0; i < check->inside.count; i++)
        print_check(paper, indent, check->inside.at[i]);
}

/* The first line stands behind the `?`, the rest below it. */
static void print_asked(const struct paper *paper, size_t indent, const struct plan_check *check)
{
    const struct use *use = &check->check->use;
    words_indent(paper->words, indent);
    words_colour(paper->words, "36", "? ");
    if (check->deed != NULL) {
        struct text deed = line_deed(paper->arena, check->deed, paper->folder);
        const char *end = memchr(deed.at, '\n', deed.length);
        size_t first = end ? (size_t)(end - deed.at) : deed.length;
        buffer_printable(paper->into, (struct text){deed.at, first});
        buffer_text(paper->into, plan_on_word(check) ? "  (a read on the author's word)\n" : "\n");
        if (end != NULL)
            words_exact(paper->words, indent + 2, (struct text){end + 1, deed.length - first - 1});
        return;
    }
    const char *given = strcmp(use->action->name, "assert") == 0
                            ? asserted(paper, use, check->inputs)
                            : line_arguments(paper->arena, use, check->inputs);
    buffer_text(paper->into, use->action->name);
    if (given[0] != '\0') {
        buffer_text(paper->into, ": ");
        buffer_printable(paper->into, text_of(given));
    }
    buffer_add(paper->into, "\n", 1);
}

static void print_check(const struct paper *paper, size_t indent, const struct plan_check *check)
{
    const struct check *from = check->check;
    if (check->list != NULL) {
        words_prose(paper->words, indent, "? for every",
                    arena_format(paper->arena, "%s in %s", from->foreach->as,
                                 words_value(paper->arena, check->list)));
        print_inside(paper, indent + 4, check);
        return;
    }
    if (from->kind != CHECK_ACTION) {
        words_prose(paper->words, indent, NULL,
                    from->kind == CHECK_ANY ? "? any of these holds:" : "? this does not hold:");
        print_inside(paper, indent + 4, check);
    } else {
        print_asked(paper, indent, check);
        print_key(paper, indent + 4, "expect", check->expect);
    }
    print_value(paper, indent + 4, "because", check->because);
    if (check->opened != NULL && !paper->closed) {
        struct paper inside = *paper;
        inside.untimed = true;
        print_steps(&inside, indent + 4, &check->opened->inside);
    }
}

void print_block(const struct paper *paper, size_t indent, const char *key,
                 const struct plan_block *block)
{
    if (block == NULL)
        return;
    const char *times = line_times(paper->arena, block);
    words_prose(paper->words, indent, NULL,
                arena_format(paper->arena, "%s:%s%s", key, times[0] ? " " : "", times));
    for (size_t i = 0; i < block->checks.count; i++)
        print_check(paper, indent + 2, block->checks.at[i]);
}

/* ---- what a step does ---- */

static void print_manual(const struct paper *paper, size_t indent, const struct plan_step *step)
{
    struct arena *arena = paper->arena;
    const struct argument *evidence = map_get(&step->step->use.arguments, "evidence");
    print_value(paper, indent, "manual", value_member(arena, step->inputs, "do"));
    print_value(paper, indent, "show", value_member(arena, step->inputs, "show"));
    if (evidence != NULL && evidence->param != NULL)
        words_prose(paper->words, indent, "evidence",
                    arena_format(arena, "%s%s%s", type_print(arena, evidence->param->type),
                                 evidence->param->about ? ", " : "",
                                 evidence->param->about ? evidence->param->about : ""));
}

static void print_engine_action(const struct paper *paper, size_t indent,
                                const struct plan_step *step)
{
    const struct use *use = &step->step->use;
    const char *name = use->action->name;
    if (step->wait != NULL) {
        print_block(paper, indent, name, step->wait);
        return;
    }
    if (strcmp(name, "assert") == 0)
        words_prose(paper->words, indent, name, asserted(paper, use, step->inputs));
    else if (plan_manual(step))
        print_manual(paper, indent, step);
    else
        words_prose(paper->words, indent, name, line_arguments(paper->arena, use, step->inputs));
}

static void print_call(const struct paper *paper, size_t indent, const struct plan_step *step)
{
    const struct plan_call *call = step->call;
    const char *given =
        step->inputs && step->inputs->kind == VALUE_MAP && step->inputs->map.count > 0
            ? words_value(paper->arena, step->inputs)
            : "";
    words_prose(
        paper->words, indent, "call",
        arena_format(paper->arena, "%s%s%s", call->runbook->name, given[0] ? " with " : "", given));
    struct paper there = *paper;
    there.folder = call->folder;
    print_place(paper->words, indent, call->folder, call->env);
    print_block(&there, indent, "target", call->target);
    print_block(&there, indent, "preconditions", call->preconditions);
    print_steps(&there, indent, &step->inside);
    if (call->on_failure.count > 0)
        words_prose(paper->words, indent, NULL, "on_failure:");
    print_steps(&there, indent + 2, &call->on_failure);
}

static void print_composite(const struct paper *paper, size_t indent, const struct plan_step *step)
{
    const struct use *use = &step->step->use;
    const char *given = line_arguments(paper->arena, use, step->inputs);
    words_prose(paper->words, indent, given[0] ? use->action->name : NULL,
                given[0] ? given : use->action->name);
}

void print_action(const struct paper *paper, size_t indent, const struct plan_step *step)
{
    const struct use *use = &step->step->use;
    if (step->deed != NULL) {
        words_exact(paper->words, indent, line_deed(paper->arena, step->deed, paper->folder));
    } else if (step->call != NULL) {
        print_call(paper, indent, step);
    } else if (!plan_opens(step)) {
        print_engine_action(paper, indent, step);
    } else {
        bool composite = use->action->core == NULL;
        if (composite)
            print_composite(paper, indent, step);
        if (!composite || !paper->closed)
            print_steps(paper, indent, &step->inside);
    }
}

/* ---- a step ---- */

static void print_before(const struct paper *paper, size_t indent, const struct plan_step *step)
{
    if (step->when_shown != NULL)
        words_prose(paper->words, indent, "when",
                    arena_format(paper->arena, "${%s}  (%s)", step->when_shown,
                                 step->when == 1 ? "true" : "decided at run time"));
    print_key(paper, indent, "repeat", line_repeat(paper->arena, step));
    print_key(paper, indent, "host", step->host);
    if (step->step->done_if_verified)
        words_prose(paper->words, indent, "done_if", "verified, as told by verify");
    else
        print_block(paper, indent, "done_if", step->done_if);
    print_block(paper, indent, "preconditions", step->preconditions);
    print_key(paper, indent, "approve", line_approve(paper->arena, step));
    print_value(paper, indent, "protects", step->protects);
    print_value(paper, indent, "destroys", step->destroys);
    print_value(paper, indent, "accept_loss", step->accept_loss);
    print_value(paper, indent, "irreversible", step->irreversible);
}

static void print_after(const struct paper *paper, size_t indent, const struct plan_step *step)
{
    print_key(paper, indent, "expect", step->expect);
    print_value(paper, indent, "because", step->because);
    print_key(paper, indent, "outputs", line_outputs(paper->arena, step));
    print_key(paper, indent, "retry", line_retry(paper->arena, step));
    print_block(paper, indent, "verify", step->verify);
    if (!paper->untimed)
        print_key(paper, indent, "worst case", line_worst(paper->arena, step));
    print_value(paper, indent, "tolerate", step->tolerate);
    if (plan_unsettled(step))
        words_prose(paper->words, indent, "in doubt",
                    "cut off half-way, a person has to settle it");
    if (step->undo.count > 0)
        words_prose(paper->words, indent, NULL, "undo, owed from here on, takes it back:");
    print_steps(paper, indent + 2, &step->undo);
    if (plan_stays(step) && step->irreversible == NULL)
        words_prose(paper->words, indent, "undo", "none: it can't be taken back");
    if (step->release.count > 0)
        words_prose(paper->words, indent, NULL,
                    "release, owed from here on, given back when its scope ends:");
    print_steps(paper, indent + 2, &step->release);
}

static const char *const signs[] = {
    [EFFECT_READ] = "  ", [EFFECT_CHANGE] = "~ ", [EFFECT_DESTROY] = "! "};
static const char *const colours[] = {
    [EFFECT_READ] = "1", [EFFECT_CHANGE] = "1;33", [EFFECT_DESTROY] = "1;31"};

static const char *step_time(const struct paper *paper, const struct plan_step *step)
{
    if (step->when == 0)
        return "  (skipped)";
    if (paper->untimed)
        return "";
    if (plan_manual(step))
        return "  (waits for a person)";
    if (step->worst < 0)
        return "  (no time limit)";
    return step->worst == 0 ? ""
                            : arena_format(paper->arena, "  (at most %s)",
                                           words_time(paper->arena, step->worst));
}

static void print_step(const struct paper *paper, size_t indent, const struct plan_step *step)
{
    words_indent(paper->words, indent);
    const char *sign = step->when == 0 ? "- " : signs[step->effect];
    words_colour(paper->words, colours[step->when == 0 ? EFFECT_READ : step->effect],
                 arena_format(paper->arena, "%s%s", sign, step->name));
    if (step->title != NULL && step->relation != PLAN_ITEM) {
        buffer_text(paper->into, ": ");
        buffer_printable(paper->into, text_of(words_value(paper->arena, step->title)));
    }
    buffer_format(paper->into, "%s%s\n",
                  step->effect == EFFECT_DESTROY && step->when ? "  DESTROYS" : "",
                  step_time(paper, step));
    size_t in = indent + 4;
    print_key(paper, in, "needs", line_needs(paper->arena, step));
    if (step->when == 0) {
        if (step->left_out != NULL)
            words_prose(paper->words, in, "left out", step->left_out);
        else
            words_prose(paper->words, in, "when",
                        arena_format(paper->arena, "${%s}  (false)", step->when_shown));
        return;
    }
    print_before(paper, in, step);
    if (step->loop != NULL) {
        words_prose(paper->words, in, "foreach", line_loop(paper->arena, step));
        print_steps(paper, in, &step->inside);
        return;
    }
    print_action(paper, in, step);
    print_after(paper, in, step);
}
