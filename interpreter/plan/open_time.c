/* Worst cases: attempts x (timeout + delay) + within, along the longest path. What people take to
 * answer is not counted: nobody can promise it. */
#include "plan/open.h"

#include "base/arena.h"
#include "lang/value.h"

#include <string.h>

int64_t time_add(int64_t a, int64_t b)
{
    int64_t sum;
    if (a < 0 || b < 0 || __builtin_add_overflow(a, b, &sum))
        return PLAN_NO_BOUND;
    return sum;
}

int64_t time_times(int64_t count, int64_t time)
{
    int64_t product;
    if (count < 0 || time < 0 || __builtin_mul_overflow(count, time, &product))
        return PLAN_NO_BOUND;
    return product;
}

int64_t time_worse(int64_t a, int64_t b)
{
    return a < 0 || b < 0 ? PLAN_NO_BOUND : a > b ? a : b;
}

static int64_t block_time(const struct plan_block *block)
{
    return block == NULL ? 0 : block->worst;
}

static int64_t list_time(const struct list *steps)
{
    int64_t total = 0;
    for (size_t i = 0; i < steps->count; i++)
        total = time_add(total, ((const struct plan_step *)steps->at[i])->worst);
    return total;
}

/* How many items there may be; PLAN_NO_BOUND: nobody knows. */
static int64_t item_count(const struct plan_loop *loop)
{
    return loop->list->kind == VALUE_LIST ? (int64_t)loop->list->list.count
           : loop->max > 0                ? loop->max
                                          : PLAN_NO_BOUND;
}

/* What STEP, or each item of a loop, gives back when its scope ends: one after the other. */
static int64_t release_time(const struct plan_step *step)
{
    int64_t most = 0;
    if (step->loop == NULL)
        return list_time(&step->release);
    for (size_t i = 0; i < step->inside.count; i++)
        most =
            time_worse(most, list_time(&((const struct plan_step *)step->inside.at[i])->release));
    return most == 0 ? 0 : time_times(item_count(step->loop), most);
}

int64_t time_path(struct arena *arena, const struct list *steps)
{
    int64_t worst = 0, released = 0;
    if (steps->count == 0)
        return 0;
    const struct plan_step *first = steps->at[0];
    int64_t *ended = arena_alloc(arena, first->step->home->order.count * sizeof *ended);
    for (size_t i = 0; i < steps->count; i++) {
        const struct plan_step *step = steps->at[i];
        int64_t begins = 0;
        for (size_t n = 0; n < step->step->needs.count; n++) {
            const struct step *need = step->step->needs.at[n];
            begins = time_worse(begins, ended[need->index]);
        }
        ended[step->step->index] = time_add(begins, step->worst);
        worst = time_worse(worst, ended[step->step->index]);
        released = time_add(released, release_time(step));
    }
    return time_add(worst, released);
}

static int64_t loop_time(const struct plan_step *step)
{
    const struct plan_loop *loop = step->loop;
    int64_t one = 0;
    for (size_t i = 0; i < step->inside.count; i++)
        one = time_worse(one, ((const struct plan_step *)step->inside.at[i])->worst);
    int64_t count = item_count(loop);
    if (count <= 0)
        return count;
    int64_t parallel = loop->parallel > 0 ? loop->parallel : 1;
    int64_t turns = (count + parallel - 1) / parallel;
    bool known = parallel == 1 && (int64_t)step->inside.count == count;
    return time_add(known ? list_time(&step->inside) : time_times(turns, one),
                    time_times(turns - 1, loop->pause));
}

static int64_t wait_time(const struct plan_step *step)
{
    if (step->wait != NULL)
        return step->wait->worst;
    bool waits = strcmp(step->step->use.action->name, "wait") == 0;
    for (size_t i = 0; waits && step->inputs != NULL && i < step->inputs->map.count; i++) {
        const struct value *value = step->inputs->map.at[i].value;
        if (value->kind == VALUE_DURATION)
            return value->integer;
        if (value->kind == VALUE_TIME || value->kind == VALUE_UNKNOWN)
            return PLAN_NO_BOUND;
    }
    return 0;
}

/* Once, before `repeat` and `retry`. */
static int64_t once(struct arena *arena, const struct plan_step *step)
{
    const struct core_action *core = step->step->use.action->core;
    int64_t inside = 0;
    if (core != NULL && core->form == FORM_WORK)
        return step->timeout > 0 ? step->timeout : PLAN_NO_BOUND;
    if (core != NULL && core->form == FORM_ENGINE)
        inside = wait_time(step);
    else
        inside = time_path(arena, &step->inside);
    if (step->call != NULL)
        inside = time_add(inside, time_add(block_time(step->call->target),
                                           block_time(step->call->preconditions)));
    if (step->timeout > 0 && (inside < 0 || inside > step->timeout))
        return step->timeout;
    return inside;
}

/* A delay is given or taken a tenth, and grows by the factor. */
static int64_t delays(const struct plan_retry *retry)
{
    double delay = (double)retry->delay * 1.1, total = 0;
    for (int64_t i = 1; i < retry->attempts && total < 9e18; i++, delay *= retry->backoff)
        total += delay;
    return total < 9e18 ? (int64_t)total : PLAN_NO_BOUND;
}

void time_step(struct arena *arena, struct plan_step *step)
{
    if (step->loop != NULL) {
        step->worst = loop_time(step);
        return;
    }
    if (step->when == 0)
        return;
    step->action = once(arena, step);
    int64_t work = step->action;
    if (step->repeat != NULL) {
        int64_t rounds = step->repeat->max > 0 ? step->repeat->max : PLAN_NO_BOUND;
        work = time_add(time_times(rounds, step->action),
                        rounds < 1 ? PLAN_NO_BOUND : time_times(rounds - 1, step->repeat->pause));
    }
    int64_t verify = block_time(step->verify);
    int64_t before = time_add(block_time(step->done_if), block_time(step->preconditions));
    const struct plan_retry *retry = step->retry;
    if (retry == NULL) {
        step->worst = time_add(time_add(before, work), verify);
        return;
    }
    bool again = step->step->retry->also_verify;
    int64_t attempt = time_add(time_add(before, work), again ? verify : 0);
    step->worst = time_add(time_times(retry->attempts, attempt), delays(retry));
    step->worst = time_add(step->worst, again ? 0 : verify);
}
