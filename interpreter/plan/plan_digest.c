/* The plan's digest: SHA-256 over a text of all that would be done, in order. Each part is told
 * with its length or ends with a character that it can't hold, so that two different plans never
 * give the same text. */
#include "plan/plan.h"

#include "base/arena.h"
#include "base/digest.h"
#include "lang/expect.h"
#include "lang/expr.h"
#include "lang/term.h"
#include "lang/value.h"

#include <inttypes.h>
#include <string.h>

struct telling {
    struct arena *arena; /* for what is made on the way */
    struct buffer text;
};

/* A plan may have 100,000 steps: the common parts go without printf. */
static void tell_length(struct telling *telling, const char *key, size_t length)
{
    char digits[24];
    size_t at = sizeof digits;
    digits[--at] = ' ';
    do
        digits[--at] = (char)('0' + length % 10);
    while ((length /= 10) > 0);
    digits[--at] = ' ';
    buffer_add(&telling->text, key, strlen(key));
    buffer_add(&telling->text, digits + at, sizeof digits - at);
}

static void tell_text(struct telling *telling, const char *key, struct text text)
{
    tell_length(telling, key, text.length);
    buffer_add(&telling->text, text.at, text.length);
    buffer_add(&telling->text, "\n", 1);
}

static void tell_string(struct telling *telling, const char *key, const char *string)
{
    if (string != NULL)
        tell_text(telling, key, text_of(string));
}

static void tell_number(struct telling *telling, const char *key, int64_t number)
{
    if (number != 0)
        buffer_format(&telling->text, "%s %" PRId64 "\n", key, number);
}

static void tell_value(struct telling *telling, const char *key, const struct value *value)
{
    switch (value->kind) {
    case VALUE_UNSET:
        buffer_format(&telling->text, "%s unset\n", key);
        return;
    case VALUE_TEXT:
    case VALUE_UNKNOWN:
        buffer_add(&telling->text, value->kind == VALUE_TEXT ? "t " : "u ", 2);
        tell_text(telling, key, value->text);
        return;
    case VALUE_SECRET:
        tell_value(telling, key, value_secret_parts(value));
        return;
    case VALUE_INT:
    case VALUE_FLOAT:
    case VALUE_BOOL:
    case VALUE_DURATION:
    case VALUE_SIZE:
    case VALUE_TIME:
        buffer_format(&telling->text, "%d ", (int)value->kind);
        tell_string(telling, key, value_print(telling->arena, value));
        return;
    case VALUE_LIST:
        tell_length(telling, key, value->list.count);
        buffer_add(&telling->text, "[", 1);
        for (size_t i = 0; i < value->list.count; i++)
            tell_value(telling, "", value->list.at[i]);
        return;
    case VALUE_MAP:
        tell_length(telling, key, value->map.count);
        buffer_add(&telling->text, "{", 1);
        for (size_t i = 0; i < value->map.count; i++)
            tell_value(telling, value->map.at[i].key, value->map.at[i].value);
        return;
    }
}

static void tell_optional(struct telling *telling, const char *key, const struct value *value)
{
    if (value != NULL)
        tell_value(telling, key, value);
}

static void tell_deed(struct telling *telling, const struct deed *deed)
{
    if (deed == NULL)
        return;
    tell_string(telling, "deed", deed->action->name);
    tell_string(telling, "host", deed->host);
    tell_string(telling, "folder", deed->folder);
    tell_value(telling, "inputs", deed->inputs);
}

/* What a composite expects by itself may be mended in its library; a core action's never changes.
 */
static void tell_expect(struct telling *telling, const struct expectation *expect,
                        const struct action *action, const char *written)
{
    struct buffer shown = {0};
    tell_string(telling, "expect", written);
    if (written != NULL || expect == NULL || action->core != NULL)
        return;
    expect_print(telling->arena, expect, NULL, &shown);
    tell_text(telling, "expect", buffer_slice(&shown));
    buffer_free(&shown);
}

static void tell_use(struct telling *telling, const struct use *use)
{
    tell_string(telling, "action", use->action->name);
    for (size_t i = 0; i < use->arguments.count; i++) {
        const struct argument *argument = use->arguments.at[i].value;
        if (argument->expr != NULL)
            tell_string(telling, "that", expr_print(telling->arena, argument->expr));
    }
}

static void tell_steps(struct telling *telling, const char *key, const struct list *steps);

static void tell_check(struct telling *telling, const struct plan_check *check)
{
    buffer_format(&telling->text, "check %d\n", (int)check->check->kind);
    tell_optional(telling, "each", check->list);
    tell_string(telling, "host", check->host);
    if (check->check->kind == CHECK_ACTION && check->list == NULL) {
        tell_use(telling, &check->check->use);
        tell_expect(telling, check->check->expect, check->check->use.action, check->expect);
        tell_number(telling, "limit", check->worst);
    }
    tell_optional(telling, "inputs", check->inputs);
    tell_deed(telling, check->deed);
    for (size_t i = 0; i < check->inside.count; i++)
        tell_check(telling, check->inside.at[i]);
    if (check->opened != NULL)
        tell_steps(telling, "opened", &check->opened->inside);
    buffer_text(&telling->text, "checked\n");
}

static void tell_block(struct telling *telling, const char *key, const struct plan_block *block)
{
    if (block == NULL)
        return;
    buffer_format(&telling->text, "%s %u\n", key, block->checks.count);
    tell_string(telling, "within", block->within);
    tell_string(telling, "every", block->every);
    tell_string(telling, "stable_for", block->stable_for);
    tell_string(telling, "stall", block->stall);
    for (size_t i = 0; i < block->checks.count; i++)
        tell_check(telling, block->checks.at[i]);
}

static void tell_rounds(struct telling *telling, const struct plan_step *step)
{
    const struct step *from = step->step;
    if (step->loop != NULL) {
        tell_value(telling, "loop", step->loop->list);
        tell_number(telling, "parallel", step->loop->parallel);
        tell_number(telling, "max", step->loop->max);
        tell_number(telling, "pause", step->loop->pause);
        tell_number(telling, "stop_after", step->loop->stop_after);
        tell_number(telling, "empty_ok", from->foreach->empty_ok);
    }
    if (step->repeat != NULL) {
        tell_string(telling, "until", expr_print(telling->arena, from->repeat->until));
        tell_number(telling, "rounds", step->repeat->max);
        tell_number(telling, "pause", step->repeat->pause);
    }
    if (step->retry != NULL) {
        tell_number(telling, "attempts", step->retry->attempts);
        tell_number(telling, "delay", step->retry->delay);
        tell_number(telling, "backoff", (int64_t)(step->retry->backoff * 1000));
        tell_number(telling, "also_timeout", from->retry->also_timeout);
        tell_number(telling, "also_verify", from->retry->also_verify);
    }
}

static void tell_asked(struct telling *telling, const struct plan_step *step)
{
    if (step->approve != NULL) {
        tell_optional(telling, "ask", step->approve->ask);
        tell_optional(telling, "type", step->approve->type);
        tell_optional(telling, "show", step->approve->show);
        tell_optional(telling, "by", step->approve->by);
        if (step->step->approve->count != NULL)
            tell_number(telling, "count", step->approve->count);
        if (step->step->approve->within != NULL)
            tell_number(telling, "within", step->approve->within);
    }
    tell_block(telling, "done_if", step->done_if);
    tell_block(telling, "preconditions", step->preconditions);
    tell_block(telling, "verify", step->verify);
    tell_block(telling, "wait", step->wait);
}

static void tell_said(struct telling *telling, const struct plan_step *step)
{
    tell_string(telling, "when", step->when_shown);
    tell_number(telling, "when", step->when);
    tell_number(telling, "idempotent", step->step->idempotent);
    tell_number(telling, "timeout", step->timeout);
    tell_number(telling, "tolerate", step->tolerate != NULL);
    tell_number(telling, "accept_loss", step->accept_loss != NULL);
    tell_number(telling, "irreversible", step->irreversible != NULL);
    tell_optional(telling, "protects", step->protects);
    tell_optional(telling, "destroys", step->destroys);
    tell_expect(telling, step->step->expect, step->step->use.action, step->expect);
    for (size_t i = 0; i < step->step->outputs.count; i++) {
        const struct param *output = step->step->outputs.at[i].value;
        tell_string(telling, "output", output->name);
        if (output->value != NULL)
            tell_string(telling, "value", term_print(telling->arena, output->value));
    }
}

static void tell_step(struct telling *telling, const struct plan_step *step)
{
    tell_string(telling, "step", step->name);
    tell_string(telling, "effect", effect_name(step->effect));
    for (size_t i = 0; i < step->step->needs.count; i++)
        tell_string(telling, "need", ((const struct step *)step->step->needs.at[i])->id);
    tell_said(telling, step);
    tell_rounds(telling, step);
    tell_asked(telling, step);
    tell_use(telling, &step->step->use);
    tell_optional(telling, "inputs", step->inputs);
    tell_deed(telling, step->deed);
    if (step->call != NULL) {
        tell_string(telling, "call", step->call->runbook->name);
        tell_block(telling, "target", step->call->target);
        tell_block(telling, "preconditions", step->call->preconditions);
        tell_steps(telling, "on_failure", &step->call->on_failure);
    }
    tell_steps(telling, "inside", &step->inside);
    tell_steps(telling, "release", &step->release);
    tell_steps(telling, "undo", &step->undo);
}

static void tell_steps(struct telling *telling, const char *key, const struct list *steps)
{
    if (steps->count > 0)
        buffer_format(&telling->text, "%s %u\n", key, steps->count);
    for (size_t i = 0; i < steps->count; i++)
        tell_step(telling, steps->at[i]);
}

const char *plan_digest(struct arena *arena, const struct plan *plan)
{
    struct telling telling = {.arena = arena_new()};
    char hex[DIGEST_TEXT];
    tell_string(&telling, "runbook", plan->runbook->name);
    tell_optional(&telling, "lock", plan->lock);
    tell_optional(&telling, "params", plan->params);
    tell_block(&telling, "target", plan->target);
    tell_block(&telling, "preconditions", plan->preconditions);
    tell_steps(&telling, "steps", &plan->steps);
    tell_steps(&telling, "on_failure", &plan->on_failure);
    digest_text(buffer_slice(&telling.text), hex);
    buffer_free(&telling.text);
    arena_free(telling.arena);
    return arena_copy(arena, hex, strlen(hex));
}
