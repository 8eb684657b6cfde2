#include "report/forecast.h"

#include "base/arena.h"
#include "base/graph.h"
#include "lang/model.h"
#include "lang/runbook.h"
#include "store/history.h"
#include "store/state.h"

struct forecast {
    const struct steps *steps;
    int64_t *median; /* of each step, by its place; 0: never measured */
    int64_t *finish; /* while it is computed: the longest path up to each step's end */
};

struct forecast *forecast_new(struct arena *arena, const struct runbook *runbook,
                              const struct history *history)
{
    struct forecast *forecast = arena_alloc(arena, sizeof *forecast);
    size_t count = runbook->steps->order.count;
    forecast->steps = runbook->steps;
    forecast->median = arena_alloc(arena, (count + 1) * sizeof *forecast->median);
    forecast->finish = arena_alloc(arena, (count + 1) * sizeof *forecast->finish);
    for (size_t i = 0; history != NULL && i < count; i++) {
        const struct step *step = runbook->steps->order.at[i];
        forecast->median[i] = history_step(history, step->id, step_digest(arena, step)).median;
    }
    return forecast;
}

static int64_t left_of(const struct forecast *forecast, const struct state *state, size_t index,
                       int64_t now)
{
    const struct step *step = forecast->steps->order.at[index];
    const struct state_step *known = state_step(state, step->id);
    int64_t median = forecast->median[index];
    if (known == NULL || known->life == LIFE_WAITING)
        return median;
    if (life_final(known->life))
        return 0;
    int64_t left = median - (now - known->started);
    return left > 0 ? left : 0;
}

int64_t forecast_rest(const struct forecast *forecast, const struct state *state, int64_t now)
{
    int64_t longest = 0;
    for (size_t i = 0; i < forecast->steps->order.count; i++) {
        size_t index = forecast->steps->sorted[i];
        const size_t *needs;
        size_t count = graph_needs(forecast->steps->graph, index, &needs);
        int64_t begins = 0;
        for (size_t j = 0; j < count; j++)
            if (forecast->finish[needs[j]] > begins)
                begins = forecast->finish[needs[j]];
        forecast->finish[index] = begins + left_of(forecast, state, index, now);
        if (forecast->finish[index] > longest)
            longest = forecast->finish[index];
    }
    return longest;
}
