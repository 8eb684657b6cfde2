/* items: foreach. The list is journaled when the loop opens and is never computed again; from there
 * each item lives on its own. */
#include "engine/live.h"

#include "base/arena.h"
#include "base/list.h"
#include "engine/run.h"
#include "engine/simulation.h"
#include "engine/tell.h"
#include "lang/type.h"
#include "lang/value.h"
#include "store/state.h"

#include <string.h>

struct items {
    struct job *loop;
    struct job *jobs; /* one an item */
    size_t count;
    size_t next; /* the first that has not begun */
    size_t alive;
    size_t failed;    /* ended badly */
    size_t left_open; /* left as they are: the run stopped */
    size_t parallel, stop_after;
    int64_t pause;
    bool cancelled;
    struct loop_timer timer; /* the pause between two */
};

static void items_turn(void *context);

static void items_end(struct items *items)
{
    struct job *loop = items->loop;
    loop->items = NULL;
    loop_timer_stop(&items->timer);
    if (items->failed > 0 || items->cancelled) {
        const struct state_step *bad = NULL;
        for (size_t i = 0; i < items->count && bad == NULL; i++) {
            const struct state_step *known = state_step(loop->run->state, items->jobs[i].name);
            if (items->jobs[i].ending == ENDING_BADLY && known && known->life == LIFE_FAILED)
                bad = known;
        }
        if (bad == NULL)
            job_over(loop, ENDING_BADLY); /* unknown or cancelled: entered again on resume */
        else
            job_fail(loop, "items",
                     arena_format(loop->arena, "%zu of %zu items failed; %s: %s", items->failed,
                                  items->count, bad->name, bad->message ? bad->message : ""));
    } else if (items->next < items->count || items->left_open > 0) {
        job_over(loop, ENDING_OPEN);
    } else {
        tell_done(loop);
        job_over(loop, ENDING_WELL);
    }
}

static bool may_begin(const struct items *items)
{
    return !items->cancelled && items->next < items->count && items->failed < items->stop_after &&
           !job_halted(items->loop);
}

static void item_over(struct job *job)
{
    struct items *items = job->loop->items;
    items->alive--;
    if (job->ending == ENDING_BADLY)
        items->failed++;
    if (job->ending == ENDING_OPEN)
        items->left_open++;
    bool pauses = items->pause > 0 && may_begin(items) && job->ending == ENDING_WELL;
    loop_timer_start(job->run->setup->loop, &items->timer, pauses ? items->pause : 0, items_turn,
                     items);
}

/* An item that the record already knows as ended is over without living again. */
static bool ended_before(struct items *items, struct job *job)
{
    const struct state_step *known = state_step(job->run->state, job->name);
    if (known == NULL || (known->life != LIFE_DONE && known->life != LIFE_SKIPPED))
        return false;
    job->ending = ENDING_WELL;
    items->next++;
    return true;
}

static void items_turn(void *context)
{
    struct items *items = context;
    while (items->alive < items->parallel && may_begin(items)) {
        struct job *job = &items->jobs[items->next];
        if (job->begun) {
            items->next++;
            continue;
        }
        if (ended_before(items, job))
            continue;
        items->next++;
        items->alive++;
        job->begun = true;
        run_later(job->run, job_enter, job);
        if (items->pause > 0)
            break;
    }
    if (items->alive == 0 && !may_begin(items))
        items_end(items);
}

/* Items in flight when the interpreter died are entered at once, however many may run together. */
static void enter_flying(struct items *items)
{
    for (size_t i = 0; i < items->count; i++) {
        struct job *job = &items->jobs[i];
        enum life life = state_life(job->run->state, job->name);
        if (life == LIFE_WAITING || life_final(life))
            continue;
        items->alive++;
        job->begun = true;
        settling_begin(job);
        run_later(job->run, job_enter, job);
    }
}

static const char *make_jobs(struct items *items, const struct value *list)
{
    struct job *loop = items->loop;
    struct arena *arena = loop->run->arena;
    struct map names = {0};
    items->jobs = arena_alloc(arena, (items->count + 1) * sizeof *items->jobs);
    for (size_t i = 0; i < items->count; i++) {
        struct job *job = &items->jobs[i];
        job->run = loop->run;
        job->home = loop->home;
        job->step = loop->step;
        job->loop = loop;
        job->item = i;
        job->over = item_over;
        job->name = name_item(arena, loop->name, list->list.at[i], i);
        job->scope = scope_item(arena, loop->scope, loop->step, list->list.at[i]);
        if (!map_put(arena, &names, job->name, job))
            return arena_format(loop->arena, "two items are equal: %s", job->name);
    }
    return NULL;
}

static const struct value *items_list(struct job *job, struct problem *problem)
{
    const struct state_step *known = state_step(job->run->state, job->name);
    if (known != NULL && known->opened != NULL && known->opened->items != NULL)
        return value_copy(job->run->arena, known->opened->items);
    const struct value *list =
        bind_term(job->arena, job->step->foreach->in, NULL, &job->moment, problem);
    list = simulation_list(job->run->arena, job->run, job->step->foreach, list);
    if (list != NULL && list->kind != VALUE_LIST) {
        problem->mark = job->step->foreach->mark;
        problem->message = "what `in` gives is no list";
        return NULL;
    }
    return list;
}

static bool items_limits(struct items *items, int64_t *max, struct problem *problem)
{
    struct job *job = items->loop;
    const struct foreach *foreach = job->step->foreach;
    int64_t parallel, stop_after;
    if (!bind_number(job->arena, foreach->parallel, 1, &job->moment, &parallel, problem) ||
        !bind_number(job->arena, foreach->stop_after, 1, &job->moment, &stop_after, problem) ||
        !bind_number(job->arena, foreach->max, INT64_MAX, &job->moment, max, problem) ||
        !bind_number(job->arena, foreach->pause, 0, &job->moment, &items->pause, problem))
        return false;
    items->parallel = parallel > 0 ? (size_t)parallel : 1;
    items->stop_after = stop_after > 0 ? (size_t)stop_after : 1;
    return true;
}

void items_begin(struct job *job)
{
    struct problem problem = {0};
    int64_t max = 0;
    struct items *items = arena_alloc(job->run->arena, sizeof *items);
    items->loop = job;
    const struct value *list = items_list(job, &problem);
    if (list == NULL || !items_limits(items, &max, &problem)) {
        job_fail(job, "value", run_problem(job, &problem));
        return;
    }
    items->count = list->list.count;
    const char *wrong = NULL;
    if ((int64_t)items->count > max)
        wrong = arena_format(job->arena, "%zu items are more than `max` %lld", items->count,
                             (long long)max);
    else if (items->count == 0 && !job->step->foreach->empty_ok)
        wrong = "the list is empty; `empty: ok` allows that";
    else
        wrong = make_jobs(items, list);
    if (wrong != NULL) {
        job_fail(job, "items", wrong);
        return;
    }
    const struct state_step *known = state_step(job->run->state, job->name);
    if (known == NULL || known->life != LIFE_RUNNING)
        tell_opened(job, "loop", list, NULL, 0);
    job->items = items;
    enter_flying(items);
    items_turn(items);
}

void items_wake(struct items *items)
{
    for (size_t i = 0; i < items->count; i++)
        if (items->jobs[i].begun && items->jobs[i].ending == ENDING_NONE)
            job_wake(&items->jobs[i]);
    loop_timer_start(items->loop->run->setup->loop, &items->timer, 0, items_turn, items);
}

void items_cancel(struct items *items)
{
    items->cancelled = true;
    loop_timer_stop(&items->timer);
    for (size_t i = 0; i < items->count; i++)
        if (items->jobs[i].begun && items->jobs[i].ending == ENDING_NONE)
            job_cancel(&items->jobs[i]);
    loop_timer_start(items->loop->run->setup->loop, &items->timer, 0, items_turn, items);
}

/* Lists of what the items that are done gave, in the order of `in`. */
const struct value *items_outputs(struct arena *arena, const struct run *run,
                                  const struct step *step, const char *name)
{
    const struct state_step *loop = state_step(run->state, name);
    const struct value *list = loop && loop->opened ? loop->opened->items : NULL;
    size_t fields = step->all->field_count; /* what is of the loop itself is none of its items */
    struct member *members = arena_alloc(arena, (fields + 1) * sizeof *members);
    size_t count = list ? list->list.count : 0, done = 0;
    const struct value **outputs = arena_alloc(arena, (count + 1) * sizeof *outputs);
    for (size_t i = 0; i < count; i++) {
        const struct state_step *item =
            state_step(run->state, name_item(arena, name, list->list.at[i], i));
        if (item != NULL && item->life == LIFE_DONE && item->outputs != NULL)
            outputs[done++] = item->outputs;
    }
    for (size_t f = 0; f < fields; f++) {
        const char *key = step->all->fields[f].name;
        const struct value **column = arena_alloc(arena, (done + 1) * sizeof *column);
        for (size_t o = 0; o < done; o++)
            column[o] = value_member(arena, outputs[o], key);
        members[f] = (struct member){key, value_list(arena, column, done)};
    }
    return value_map(arena, members, fields);
}
