#include "engine/entry.h"

#include "base/arena.h"
#include "engine/live.h"
#include "engine/locate.h"
#include "lang/value.h"
#include "store/state.h"

static const struct value *result_of(struct run *run, const char *owner)
{
    const struct state_step *known = state_step(run->state, owner);
    return known != NULL && known->outputs != NULL ? value_copy(run->arena, known->outputs)
                                                   : value_map(run->arena, NULL, 0);
}

struct job *entry_job(struct run *run, const struct located *located, const struct step *entry,
                      const char *name, const char *owner)
{
    struct job *job = arena_alloc(run->arena, sizeof *job);
    job->run = run;
    job->step = entry;
    job->scope = located->scope;
    job->name = name;
    job->begun = true;
    job->of_holder = result_of(run, owner);
    job_prepare(job);
    job->moment.result = job->of_holder;
    return job;
}
