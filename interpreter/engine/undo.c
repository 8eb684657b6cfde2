#include "engine/undo.h"

#include "base/arena.h"
#include "base/graph.h"
#include "base/list.h"
#include "engine/entry.h"
#include "engine/live.h"
#include "engine/locate.h"
#include "engine/run.h"
#include "engine/settle.h"
#include "engine/tell.h"
#include "engine/undo_order.h"
#include "lang/value.h"
#include "store/name.h"
#include "store/state.h"

#include <string.h>

struct undoing {
    struct run *run;
    const char *from; /* or NULL */
    struct undo_place *places;
    size_t count, next;  /* next: the place that is being taken back */
    size_t entry;        /* of its undo: how many are over */
    struct job *job;     /* the entry that is at work, or NULL */
    bool stopped_before; /* a person had stopped the run before the walk began */
    bool cancelled;
    enum undo_end end;
    const char *why;
    undo_ended *ended;
    void *context;
};

static void walk(void *context);

static void tell_end(void *context)
{
    struct undoing *undoing = context;
    undoing->run->undoing = NULL;
    undoing->ended(undoing->context, undoing->end, undoing->why);
}

static void end(struct undoing *undoing, enum undo_end how, const char *why)
{
    undoing->end = how;
    undoing->why = why;
    run_later(undoing->run, tell_end, undoing);
}

/* ---- what is left ---- */

static bool acted(const struct state_step *step)
{
    const struct state_attempt *attempt = step->attempt;
    return attempt != NULL && attempt->effect != EFFECT_READ &&
           !(attempt->ended && attempt->outcome == OUTCOME_NOT_STARTED);
}

/* A change of the system, or by a person, that nothing takes back. */
static bool stays(const struct state_step *step, const struct step *model)
{
    const struct core_action *core = model->use.action->core;
    bool does = core != NULL && (core->form == FORM_WORK || strcmp(core->name, "manual") == 0);
    return does && acted(step);
}

static void name_left(struct undoing *undoing, const char *before)
{
    struct run *run = undoing->run;
    for (size_t i = undoing->next; i < undoing->count; i++) {
        const struct state_step *step = undoing->places[i].step;
        if (acted(step) && strcmp(step->name, before) != 0)
            tell_note(run, step->name,
                      arena_format(run->arena, "stands before %s, so it is left as it is", before));
    }
}

/* ---- one entry ---- */

static void entry_over(struct job *job)
{
    struct undoing *undoing = job->waiter;
    enum ending ending = job->ending;
    undoing->job = NULL;
    if (ending == ENDING_WELL) {
        undoing->entry++;
        run_later(job->run, walk, undoing);
    } else if (state_life(job->run->state, job->name) == LIFE_UNKNOWN) {
        end(undoing, UNDO_UNKNOWN,
            arena_format(job->run->arena, "nobody knows whether %s happened", job->name));
    } else if (ending == ENDING_OPEN || undoing->cancelled) {
        end(undoing, UNDO_STOPPED, job->run->reason);
    } else {
        end(undoing, UNDO_FAILED, arena_format(job->run->arena, "%s failed", job->name));
    }
}

static void begin_entry(struct undoing *undoing, const struct located *located,
                        const struct step *entry, const char *name)
{
    struct run *run = undoing->run;
    const struct state_step *known = state_step(run->state, name);
    if (known != NULL && (known->life == LIFE_FAILED || known->life == LIFE_CANCELLED))
        settle_anew(run, known);
    const char *owner = undoing->places[undoing->next].step->name;
    struct job *job = entry_job(run, located, entry, name, owner);
    job->over = entry_over;
    job->waiter = undoing;
    job->taken_up = state_life(run->state, name) != LIFE_WAITING;
    undoing->job = job;
    run_later(run, job_enter, job);
}

/* The next entry of the step's undo that has not run; false: all have. */
static bool next_entry(struct undoing *undoing, const struct located *located)
{
    struct run *run = undoing->run;
    const struct state_step *step = undoing->places[undoing->next].step;
    for (; undoing->entry < located->step->undo.count; undoing->entry++) {
        const char *name = arena_format(run->arena, "%s/undo/%zu", step->name, undoing->entry + 1);
        enum life life = state_life(run->state, name);
        if (life == LIFE_DONE || life == LIFE_SKIPPED)
            continue;
        begin_entry(undoing, located, located->step->undo.at[undoing->entry], name);
        return true;
    }
    return false;
}

/* ---- one step ---- */

/* Of what it opened, too: its own undo took that back. The step itself last, so that a walk that is
 * cut off here goes on here. */
static void tell_taken_back(struct undoing *undoing)
{
    struct run *run = undoing->run;
    const char *name = undoing->places[undoing->next].step->name;
    for (size_t i = 0; i < undoing->count; i++) {
        const struct state_step *step = undoing->places[i].step;
        if (undoing->places[i].covered && name_inside(step->name, name) &&
            step->life != LIFE_UNDONE)
            tell_undone(run, step->name);
    }
    tell_undone(run, name);
}

/* Of `--from STEP`: STEP and what follows it. What is none of the runbook's steps was done when one
 * of them had failed. */
static bool in_part(const struct undoing *undoing, const char *name)
{
    const struct run *run = undoing->run;
    const struct steps *steps = run->setup->runbook->steps;
    if (undoing->from == NULL)
        return true;
    const char *id = arena_copy(run->arena, name, strcspn(name, "[#/"));
    const struct step *from = map_get(&steps->by_id, undoing->from);
    const struct step *step = map_get(&steps->by_id, id);
    return step == NULL || step == from ||
           (from != NULL && graph_before(steps->graph, from->index, step->index));
}

/* One that nobody attended any more when its interpreter died, and that no resume entered: a
 * handler. False: it may have happened. */
static bool at_rest(struct run *run, const struct state_step *step)
{
    if (step->attempt == NULL || step->attempt->ended)
        return true;
    if (step->life == LIFE_RUNNING && step->attempt->repeatable)
        tell_again(run, step->name, "resume", false);
    return step->attempt->repeatable;
}

/* False when the walk ended, or an entry was begun. */
static bool take_back(struct undoing *undoing, const struct undo_place *place)
{
    struct run *run = undoing->run;
    const char *name = place->step->name;
    struct located located;
    if (!locate(run->arena, run, name, &located)) {
        tell_note(run, name, "is not in the runbook any more, so it is left as it is");
        return true;
    }
    bool began = place->step->attempt != NULL || place->step->opened != NULL;
    if (located.step->irreversible != NULL && began) {
        name_left(undoing, name);
        end(undoing, UNDO_IRREVERSIBLE, arena_format(run->arena, "%s can't be taken back", name));
        return false;
    }
    bool half_undone = place->owes && state_undo_begun(run->state, name);
    if ((place->step->life == LIFE_UNKNOWN && !half_undone) || !at_rest(run, place->step)) {
        end(undoing, UNDO_UNKNOWN,
            arena_format(run->arena, "nobody knows whether %s happened", name));
        return false;
    }
    if (place->covered)
        return true;
    if (place->owes && next_entry(undoing, &located))
        return false;
    if (!place->owes && stays(place->step, located.step))
        tell_note(run, name, "has no undo, so it is left as it is");
    else if (place->owes || place->step->life != LIFE_WAITING)
        tell_taken_back(undoing);
    return true;
}

static bool stopped(const struct undoing *undoing)
{
    const struct run *run = undoing->run;
    return undoing->cancelled || run->cancelling || run->broken != NULL ||
           (run->stopping && !undoing->stopped_before);
}

static void walk(void *context)
{
    struct undoing *undoing = context;
    for (; undoing->next < undoing->count; undoing->next++, undoing->entry = 0) {
        const struct undo_place *place = &undoing->places[undoing->next];
        if (stopped(undoing)) {
            end(undoing, UNDO_STOPPED, undoing->run->reason);
            return;
        }
        if (in_part(undoing, place->step->name) && !take_back(undoing, place))
            return;
    }
    end(undoing, UNDO_ALL, NULL);
}

struct undoing *undo_begin(struct run *run, const struct scope *scope, const char *from,
                           undo_ended *ended, void *context)
{
    struct undoing *undoing = arena_alloc(run->arena, sizeof *undoing);
    *undoing = (struct undoing){.run = run,
                                .from = from,
                                .stopped_before = run->stopping,
                                .ended = ended,
                                .context = context};
    undoing->places = undo_order(run->arena, run->state, scope->prefix, &undoing->count);
    run->undoing = undoing;
    run_later(run, walk, undoing);
    return undoing;
}

void undo_cancel(struct undoing *undoing)
{
    undoing->cancelled = true;
    if (undoing->job != NULL && undoing->job->ending == ENDING_NONE)
        job_cancel(undoing->job);
}
