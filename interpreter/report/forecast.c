#include "report/forecast.h"

#include "base/arena.h"
#include "base/graph.h"
#include "lang/model.h"
#include "lang/runbook.h"
#include "store/history.h"
#include "store/state.h"

struct forecast {
    const struct steps *steps;
    struct history_figures *took; /* by each step, by its place */
    int64_t *weights;             /* while it is computed: what each step still takes */
    size_t *path;
};

struct forecast *forecast_new(struct arena *arena, const struct runbook *runbook,
                              const struct history *history)
{
    struct forecast *forecast = arena_alloc(arena, sizeof *forecast);
    size_t count = runbook->steps->order.count;
    forecast->steps = runbook->steps;
    forecast->took = arena_alloc(arena, (count + 1) * sizeof *forecast->took);
    forecast->weights = arena_alloc(arena, (count + 1) * sizeof *forecast->weights);
    forecast->path = arena_alloc(arena, (count + 1) * sizeof *forecast->path);
    for (size_t i = 0; history != NULL && i < count; i++) {
        const struct step *step = runbook->steps->order.at[i];
        forecast->took[i] = history_step(history, step->id, step_digest(arena, step));
    }
    return forecast;
}

void forecast_leave_out(struct forecast *forecast, const struct step *step)
{
    forecast->took[step->index] = (struct history_figures){0};
}

static int64_t left_of(const struct forecast *forecast, const struct state *state, size_t index,
                       int64_t now)
{
    const struct step *step = forecast->steps->order.at[index];
    const struct state_step *known = state_step(state, step->id);
    int64_t median = forecast->took[index].median;
    if (known == NULL || known->life == LIFE_WAITING)
        return median;
    if (life_final(known->life))
        return 0;
    int64_t left = median - (now - known->started);
    return left > 0 ? left : 0;
}

int64_t forecast_rest(const struct forecast *forecast, const struct state *state, int64_t now)
{
    size_t length;
    for (size_t i = 0; i < forecast->steps->order.count; i++)
        forecast->weights[i] = left_of(forecast, state, i, now);
    return graph_longest(forecast->steps->graph, forecast->weights, forecast->path, &length);
}

size_t forecast_path(const struct forecast *forecast, struct arena *arena,
                     struct forecast_stop **stops)
{
    size_t length;
    for (size_t i = 0; i < forecast->steps->order.count; i++)
        forecast->weights[i] = forecast->took[i].median;
    (void)graph_longest(forecast->steps->graph, forecast->weights, forecast->path, &length);
    *stops = arena_alloc(arena, (length + 1) * sizeof **stops);
    for (size_t i = 0; i < length; i++)
        (*stops)[i] = (struct forecast_stop){forecast->steps->order.at[forecast->path[i]],
                                             forecast->took[forecast->path[i]]};
    return length;
}
