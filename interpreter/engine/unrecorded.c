#include "engine/unrecorded.h"

#include "engine/live.h"
#include "engine/run.h"
#include "lang/value.h"
#include "store/state.h"

struct run *unrecorded_new(const struct run_setup *setup)
{
    struct run *run = run_new(setup);
    const struct value *id = value_string(run->arena, setup->id);
    const struct member members[] = {
        {"id", id},
        {"stamp", id},
        {"short", id},
        {"started", value_integer(run->arena, VALUE_TIME, loop_wall(setup->loop))},
        {"state", value_string(run->arena, "running")},
        {"irreversible", value_bool(false)},
        {"ok", value_bool(true)},
    };
    run->state = state_new();
    run->binder.run = value_map(run->arena, members, sizeof members / sizeof *members);
    return run;
}

void unrecorded_free(struct run *run)
{
    if (run == NULL)
        return;
    state_free(run->state);
    run_free(run);
}
