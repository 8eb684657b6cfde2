#include "actions/blocking.h"

#include "actions/input.h"
#include "actions/place.h"
#include "base/arena.h"
#include "lang/value.h"
#include "sys/loop.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define STOPPED "it was stopped before it changed anything"

struct work {
    struct blocking blocking; /* `blocking.arena` holds this struct too */
    struct stage stage;       /* gone (loop NULL) once `ended` was called */
    struct loop *loop;
    struct loop_work *pool;
    struct loop_timer timer; /* the limit, then the grace */
    blocking_run *run;
    struct outcome outcome;
    int64_t began;
    bool timed_out;
};

/* ---- a deed that outlives its attempt ---- */

static const struct value *copy_value(struct arena *arena, const struct value *value);

static const struct value *copy_list(struct arena *arena, const struct value *value)
{
    const struct value **at = arena_alloc(arena, (value->list.count + 1) * sizeof *at);
    for (size_t i = 0; i < value->list.count; i++)
        at[i] = copy_value(arena, value->list.at[i]);
    return value_list(arena, at, value->list.count);
}

static const struct value *copy_map(struct arena *arena, const struct value *value)
{
    struct member *at = arena_alloc(arena, (value->map.count + 1) * sizeof *at);
    for (size_t i = 0; i < value->map.count; i++) {
        const struct member *member = &value->map.at[i];
        at[i].key = arena_copy(arena, member->key, strlen(member->key));
        at[i].value = copy_value(arena, member->value);
    }
    return value_map(arena, at, value->map.count);
}

static const struct value *copy_value(struct arena *arena, const struct value *value)
{
    switch (value->kind) {
    case VALUE_TEXT:
        return value_text(arena, value->text);
    case VALUE_INT:
    case VALUE_DURATION:
    case VALUE_SIZE:
    case VALUE_TIME:
        return value_integer(arena, value->kind, value->integer);
    case VALUE_FLOAT:
        return value_float(arena, value->real);
    case VALUE_BOOL:
        return value_bool(value->truth);
    case VALUE_LIST:
        return copy_list(arena, value);
    case VALUE_MAP:
        return copy_map(arena, value);
    case VALUE_UNSET:
    case VALUE_UNKNOWN: /* never in a deed that is begun */
    case VALUE_SECRET:
        return &value_unset;
    }
    return &value_unset;
}

static const struct deed *copy_deed(struct arena *arena, const struct deed *deed)
{
    struct deed *copy = arena_alloc(arena, sizeof *copy);
    *copy = (struct deed){.action = deed->action,
                          .host = arena_copy(arena, deed->host, strlen(deed->host)),
                          .folder = arena_copy(arena, deed->folder, strlen(deed->folder)),
                          .inputs = copy_value(arena, deed->inputs)};
    return copy;
}

/* ---- its life ---- */

static void free_arena(void *arena)
{
    arena_free(arena);
}

static void run_in_pool(void *data, const atomic_bool *stop)
{
    struct work *work = data;
    work->blocking.stop = stop;
    work->outcome = work->run(&work->blocking);
}

/* Tells the outcome. FINISHED: the thread is back and its arena goes over to the stage's. */
static void tell(struct work *work, struct outcome outcome, bool finished)
{
    struct stage stage = work->stage;
    work->stage.loop = NULL;
    loop_timer_stop(&work->timer);
    outcome.duration = loop_now(work->loop) - work->began;
    struct outcome *told = arena_alloc(stage.arena, sizeof *told);
    *told = outcome;
    if (finished)
        arena_finally(stage.arena, free_arena, work->blocking.arena);
    stage.ended(stage.context, told);
}

static void back_from_pool(void *data)
{
    struct work *work = data;
    if (work->stage.loop == NULL) { /* it was left behind, and came back after all */
        arena_free(work->blocking.arena);
        return;
    }
    if (work->outcome.kind == OUTCOME_CANCELLED && work->timed_out)
        work->outcome.kind = OUTCOME_TIMED_OUT;
    tell(work, work->outcome, true);
}

static void leave_behind(void *data)
{
    struct work *work = data;
    struct arena *arena = work->stage.arena;
    tell(
        work,
        answer_ill(
            arena, work->timed_out ? OUTCOME_TIMED_OUT : OUTCOME_CANCELLED,
            "%s does not come back: a disk does not answer, and what it was doing may still happen",
            work->blocking.deed->action->name),
        false);
}

static void stop(struct work *work)
{
    loop_timer_start(work->loop, &work->timer, work->stage.grace, leave_behind, work);
    loop_work_cancel(work->pool);
}

static void limit_over(void *data)
{
    struct work *work = data;
    work->timed_out = true;
    stop(work);
}

struct work *blocking_start(const struct deed *deed, const struct stage *stage, blocking_run *run)
{
    struct arena *arena = arena_new();
    struct work *work = arena_alloc(arena, sizeof *work);
    work->blocking =
        (struct blocking){.arena = arena,
                          .deed = copy_deed(arena, deed),
                          .base = place_base(arena, deed, stage),
                          .home = arena_copy(arena, stage->folder, strlen(stage->folder)),
                          .run_folder = stage->run_folder,
                          .attempt = stage->attempt,
                          .now = loop_wall(stage->loop)};
    work->stage = *stage;
    work->loop = stage->loop;
    work->run = run;
    work->began = loop_now(stage->loop);
    /* What a run that never began is told as: it was cancelled while it waited for a thread. */
    work->outcome = answer_ill(arena, OUTCOME_CANCELLED, "%s", STOPPED);
    if (stage->limit > 0)
        loop_timer_start(stage->loop, &work->timer, stage->limit, limit_over, work);
    work->pool = loop_work(stage->loop, run_in_pool, back_from_pool, work);
    return work;
}

void blocking_cancel(struct work *work)
{
    assert(work->stage.loop != NULL);
    stop(work);
}

bool blocking_stopped(const struct blocking *blocking, struct failure *failure)
{
    if (!atomic_load(blocking->stop))
        return false;
    failure->error = ECANCELED;
    snprintf(failure->text, sizeof failure->text, "%s", STOPPED);
    return true;
}

const char *blocking_path(struct blocking *blocking, const char *path)
{
    return place_join(blocking->arena, blocking->base, path);
}

const char *blocking_input(struct blocking *blocking, const char *name)
{
    const char *path = input_text(blocking->deed, name);
    return path != NULL ? blocking_path(blocking, path) : NULL;
}

struct outcome blocking_failed(struct blocking *blocking, const struct failure *failure)
{
    if (failure->error == ECANCELED)
        return answer_ill(blocking->arena, OUTCOME_CANCELLED, "%s", failure->text);
    return answer_ill(blocking->arena, OUTCOME_FAILED, "%s", failure->text);
}
