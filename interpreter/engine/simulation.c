#include "engine/simulation.h"

#include "base/arena.h"
#include "engine/live.h"
#include "engine/run.h"
#include "lang/model.h"
#include "lang/value.h"

const struct simulation *simulation_of(const struct run *run)
{
    return run->setup->simulation;
}

enum answer simulation_answer(const struct run *run, const char *name, const char *what,
                              enum answer answer)
{
    const struct simulation *simulation = simulation_of(run);
    if (simulation == NULL || answer != ANSWER_UNKNOWN)
        return answer;
    return simulation->holds(simulation->context, name, what) ? ANSWER_HOLDS : ANSWER_FAILS;
}

int simulation_condition(const struct run *run, int condition)
{
    return condition == -1 && simulation_of(run) != NULL ? 1 : condition;
}

const struct value *simulation_list(struct arena *arena, const struct run *run,
                                    const struct foreach *foreach, const struct value *list)
{
    if (simulation_of(run) == NULL || list == NULL || list->kind != VALUE_UNKNOWN)
        return list;
    const struct value *item = value_unknown(arena, arena_format(arena, "item.%s", foreach->as));
    return value_list(arena, &item, 1);
}
