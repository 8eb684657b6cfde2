#include "engine/handlers.h"

#include "base/arena.h"
#include "engine/live.h"
#include "engine/tell.h"
#include "store/state.h"

/* Handlers of an earlier failure waited for this one: they run again. */
static void forget(struct run *run, const struct opened *handlers)
{
    for (size_t i = 0; i < handlers->count; i++) {
        enum life life = state_life(run->state, handlers->jobs[i].name);
        if (life_final(life) && life != LIFE_UNKNOWN)
            tell_again(run, handlers->jobs[i].name, "failure", true);
    }
}

void handlers_begin(struct run *run, const struct scope *scope, const struct steps *steps,
                    struct job *owner, void (*closed)(struct opened *handlers))
{
    struct scope *inside = arena_alloc(run->arena, sizeof *inside);
    *inside = *scope;
    inside->outer = scope; /* the steps that failed and those before them can be named */
    inside->steps = steps;
    struct opened *handlers = opened_new(run, inside, steps, owner, closed);
    handlers->handlers = true;
    if (owner != NULL || !run->going_on)
        forget(run, handlers);
    if (owner == NULL)
        run->handlers = handlers;
    opened_begin(handlers);
}
