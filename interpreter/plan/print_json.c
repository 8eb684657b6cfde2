/* Its keys stand in print_json_keys.c. Those that have nothing to say are left out. */
#include "plan/print_json.h"

#include "base/arena.h"
#include "base/units.h"
#include "lang/expr.h"
#include "lang/term.h"
#include "lang/value.h"
#include "plan/plan.h"

#include <jansson.h>

static json_t *step_json(struct arena *arena, const struct plan_step *step);

/* ---- small things ---- */

static void put_text(json_t *object, const char *key, const char *text)
{
    if (text != NULL && text[0] != '\0')
        json_set_text(object, key, text);
}

static void put_value(json_t *object, const char *key, const struct value *value)
{
    if (value != NULL && value->kind != VALUE_UNSET)
        json_object_set_new(object, key, value_to_json(value));
}

static void put_time(json_t *object, const char *key, int64_t time, struct arena *arena)
{
    json_object_set_new(object, key,
                        time < 0 ? json_null() : json_string(duration_print(arena, time)));
}

/* A count that is not told when it is not known. */
static void put_count(json_t *object, const char *key, int64_t count)
{
    if (count > 0)
        json_object_set_new(object, key, json_integer(count));
}

static void put_steps(json_t *object, const char *key, const struct list *steps,
                      struct arena *arena)
{
    if (steps->count == 0)
        return;
    json_t *array = json_array();
    for (size_t i = 0; i < steps->count; i++)
        json_array_append_new(array, step_json(arena, steps->at[i]));
    json_object_set_new(object, key, array);
}

/* ---- checks ---- */

static json_t *check_json(struct arena *arena, const struct plan_check *check);

static json_t *checks_json(struct arena *arena, const struct list *checks)
{
    json_t *array = json_array();
    for (size_t i = 0; i < checks->count; i++)
        json_array_append_new(array, check_json(arena, checks->at[i]));
    return array;
}

static void put_each(json_t *object, struct arena *arena, const struct plan_check *check)
{
    json_t *each = json_object();
    put_text(each, "as", check->check->foreach->as);
    put_value(each, "in", check->list);
    json_object_set_new(each, "checks", checks_json(arena, &check->inside));
    json_object_set_new(object, "each", each);
}

static void put_asked(json_t *object, struct arena *arena, const struct plan_check *check)
{
    const struct use *use = &check->check->use;
    const struct argument *that = use->arguments.count ? use->arguments.at[0].value : NULL;
    put_text(object, "action", use->action->name);
    if (check->deed != NULL)
        json_object_set_new(object, "deed", deed_to_json(check->deed));
    else if (that != NULL && that->expr != NULL)
        put_text(object, "that", expr_print(arena, that->expr));
    else
        put_value(object, "inputs", check->inputs);
    put_text(object, "expect", check->expect);
    if (plan_on_word(check))
        json_object_set_new(object, "on_word", json_true());
    if (check->opened != NULL)
        put_steps(object, "inside", &check->opened->inside, arena);
}

static json_t *check_json(struct arena *arena, const struct plan_check *check)
{
    json_t *object = json_object();
    put_text(object, "host", check->host);
    if (check->list != NULL)
        put_each(object, arena, check);
    else if (check->check->kind == CHECK_ACTION)
        put_asked(object, arena, check);
    else
        json_object_set_new(object, check->check->kind == CHECK_ANY ? "any" : "not",
                            checks_json(arena, &check->inside));
    put_value(object, "because", check->because);
    return object;
}

static void put_block(json_t *object, const char *key, const struct plan_block *block,
                      struct arena *arena)
{
    if (block == NULL)
        return;
    json_t *made = json_object();
    json_object_set_new(made, "checks", checks_json(arena, &block->checks));
    put_text(made, "within", block->within);
    put_text(made, "every", block->every);
    put_text(made, "stable_for", block->stable_for);
    put_text(made, "stall", block->stall);
    json_object_set_new(object, key, made);
}

/* ---- a step ---- */

static void put_when(json_t *object, const struct plan_step *step)
{
    if (step->left_out != NULL)
        put_text(object, "left_out", step->left_out);
    if (step->when_shown == NULL)
        return;
    json_t *when = json_object();
    put_text(when, "condition", step->when_shown);
    json_object_set_new(when, "value", step->when < 0 ? json_null() : json_boolean(step->when));
    json_object_set_new(object, "when", when);
}

static void put_needs(json_t *object, const struct plan_step *step)
{
    if (step->relation != PLAN_INSIDE && step->relation != PLAN_FAILURE)
        return;
    json_t *needs = json_array();
    for (size_t i = 0; i < step->step->needs.count; i++)
        json_array_append_new(needs,
                              json_string(((const struct step *)step->step->needs.at[i])->id));
    json_object_set_new(object, "needs", needs);
}

static void put_loop(json_t *object, const struct plan_step *step, struct arena *arena)
{
    const struct plan_loop *from = step->loop;
    if (from == NULL)
        return;
    json_t *loop = json_object();
    put_text(loop, "as", step->step->foreach->as);
    put_value(loop, "in", from->list);
    put_count(loop, "parallel", from->parallel);
    put_count(loop, "max", from->max);
    put_count(loop, "stop_after", from->stop_after);
    put_time(loop, "pause", from->pause, arena);
    json_object_set_new(object, "foreach", loop);
}

static void put_repeat(json_t *object, const struct plan_step *step, struct arena *arena)
{
    if (step->repeat == NULL)
        return;
    json_t *repeat = json_object();
    put_text(repeat, "until", expr_print(arena, step->step->repeat->until));
    put_count(repeat, "max", step->repeat->max);
    put_time(repeat, "pause", step->repeat->pause, arena);
    json_object_set_new(object, "repeat", repeat);
}

static void put_retry(json_t *object, const struct plan_step *step, struct arena *arena)
{
    if (step->retry == NULL)
        return;
    json_t *retry = json_object();
    json_t *also = json_array();
    put_count(retry, "attempts", step->retry->attempts);
    put_time(retry, "delay", step->retry->delay, arena);
    json_object_set_new(retry, "backoff", json_real(step->retry->backoff));
    if (step->step->retry->also_timeout)
        json_array_append_new(also, json_string("timeout"));
    if (step->step->retry->also_verify)
        json_array_append_new(also, json_string("verify"));
    json_object_set_new(retry, "also", also);
    json_object_set_new(object, "retry", retry);
}

static void put_approve(json_t *object, const struct plan_step *step, struct arena *arena)
{
    if (step->approve == NULL)
        return;
    json_t *approve = json_object();
    put_value(approve, "ask", step->approve->ask);
    put_value(approve, "type", step->approve->type);
    put_value(approve, "show", step->approve->show);
    put_value(approve, "by", step->approve->by);
    if (step->step->approve->count != NULL)
        put_count(approve, "count", step->approve->count);
    if (step->step->approve->within != NULL)
        put_time(approve, "within", step->approve->within, arena);
    json_object_set_new(object, "approve", approve);
}

static void put_call(json_t *object, const struct plan_step *step, struct arena *arena)
{
    if (step->call == NULL)
        return;
    json_t *call = json_object();
    put_text(call, "runbook", step->call->runbook->name);
    put_text(call, "folder", step->call->folder);
    put_value(call, "env", step->call->env);
    put_block(call, "target", step->call->target, arena);
    put_block(call, "preconditions", step->call->preconditions, arena);
    put_steps(call, "on_failure", &step->call->on_failure, arena);
    json_object_set_new(object, "call", call);
}

static void put_action(json_t *object, const struct plan_step *step, struct arena *arena)
{
    const struct use *use = &step->step->use;
    const struct argument *that = use->arguments.count ? use->arguments.at[0].value : NULL;
    put_text(object, "action", use->action->name);
    if (step->deed != NULL)
        json_object_set_new(object, "deed", deed_to_json(step->deed));
    else if (that != NULL && that->expr != NULL)
        put_text(object, "that", expr_print(arena, that->expr));
    else
        put_value(object, "inputs", step->inputs);
    put_block(object, "wait", step->wait, arena);
    put_steps(object, "inside", &step->inside, arena);
    put_call(object, step, arena);
}

static void put_outputs(json_t *object, const struct plan_step *step, struct arena *arena)
{
    const struct map *from = &step->step->outputs;
    if (from->count == 0)
        return;
    json_t *outputs = json_object();
    for (size_t i = 0; i < from->count; i++) {
        const struct param *output = from->at[i].value;
        put_text(outputs, output->name, output->value ? term_print(arena, output->value) : NULL);
    }
    json_object_set_new(object, "outputs", outputs);
}

static void put_before(json_t *object, const struct plan_step *step, struct arena *arena)
{
    put_text(object, "host", step->host);
    put_loop(object, step, arena);
    put_repeat(object, step, arena);
    put_block(object, "done_if", step->done_if, arena);
    put_block(object, "preconditions", step->preconditions, arena);
    put_approve(object, step, arena);
    put_value(object, "protects", step->protects);
    put_value(object, "destroys", step->destroys);
    put_value(object, "accept_loss", step->accept_loss);
    put_value(object, "irreversible", step->irreversible);
}

static void put_after(json_t *object, const struct plan_step *step, struct arena *arena)
{
    put_text(object, "expect", step->expect);
    put_value(object, "because", step->because);
    put_outputs(object, step, arena);
    put_retry(object, step, arena);
    put_block(object, "verify", step->verify, arena);
    if (step->timeout > 0)
        put_time(object, "timeout", step->timeout, arena);
    put_time(object, "worst_case", step->worst, arena);
    put_value(object, "tolerate", step->tolerate);
    json_object_set_new(object, "idempotent", json_boolean(step->step->idempotent));
    if (plan_unsettled(step))
        json_object_set_new(object, "unsettled", json_true());
    put_steps(object, "undo", &step->undo, arena);
    if (plan_stays(step))
        json_object_set_new(object, "stays", json_true());
    put_steps(object, "release", &step->release, arena);
}

static json_t *step_json(struct arena *arena, const struct plan_step *step)
{
    json_t *object = json_object();
    put_text(object, "name", step->name);
    put_text(object, "id", step->step->id);
    put_value(object, "title", step->title);
    put_text(object, "effect", effect_name(step->effect));
    put_needs(object, step);
    put_when(object, step);
    if (step->when == 0)
        return object;
    put_before(object, step, arena);
    if (step->loop != NULL) {
        put_steps(object, "inside", &step->inside, arena);
        put_time(object, "worst_case", step->worst, arena);
        return object;
    }
    put_action(object, step, arena);
    put_after(object, step, arena);
    return object;
}

/* ---- the whole ---- */

static void put_secrets(json_t *object, const struct list *secrets)
{
    json_t *array = secrets->count > 0 ? json_array() : NULL;
    for (size_t i = 0; i < secrets->count; i++)
        json_array_append_new(array, value_to_json(secrets->at[i]));
    if (array != NULL)
        json_object_set_new(object, "secrets", array);
}

static json_t *plan_json(struct arena *arena, const struct plan *plan)
{
    json_t *object = json_object();
    json_object_set_new(object, "format", json_integer(1));
    put_text(object, "runbook", plan->runbook->name);
    put_value(object, "title", plan->title);
    put_value(object, "begins", plan->begins);
    put_value(object, "ends", plan->ends);
    if (plan->objective > 0)
        put_time(object, "objective", plan->objective, arena);
    put_time(object, "worst_case", plan->worst, arena);
    put_value(object, "lock", plan->lock);
    put_value(object, "log", plan->log);
    put_text(object, "folder", plan->folder);
    put_value(object, "env", plan->env);
    put_value(object, "params", plan->params);
    put_secrets(object, &plan->secrets);
    put_text(object, "digest", plan_digest(arena, plan));
    put_block(object, "target", plan->target, arena);
    put_block(object, "preconditions", plan->preconditions, arena);
    put_steps(object, "steps", &plan->steps, arena);
    put_steps(object, "on_failure", &plan->on_failure, arena);
    return object;
}

static int add_bytes(const char *bytes, size_t length, void *context)
{
    buffer_add(context, bytes, length);
    return 0;
}

void print_json(const struct plan *plan, struct buffer *into)
{
    struct arena *arena = arena_new();
    json_t *object = plan_json(arena, plan);
    json_dump_callback(object, add_bytes, into, JSON_INDENT(2));
    buffer_add(into, "\n", 1);
    json_decref(object);
    arena_free(arena);
}
