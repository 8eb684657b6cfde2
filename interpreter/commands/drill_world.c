#include "commands/drill_world.h"

#include "actions/actions.h"
#include "base/arena.h"
#include "base/text.h"
#include "base/units.h"
#include "commands/drill_act.h"
#include "commands/load.h"
#include "commands/session.h"
#include "engine/run.h"
#include "engine/simulation.h"
#include "lang/model.h"
#include "lang/secret.h"
#include "lang/value.h"
#include "plan/plan.h"
#include "store/event.h"
#include "store/journal.h"
#include "store/runs.h"
#include "store/state.h"
#include "sys/failure.h"
#include "sys/file.h"
#include "sys/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct drill_world {
    struct arena *arena;
    const struct loaded *loaded;
    const struct plan *plan;
    struct map steps; /* name to struct plan_step */
    struct person person;
    const char *state_folder, *id;
    struct buffer record; /* of the life without a fault */
    struct map intents;   /* step to its first intent in it, an int64_t: the line's number */
    /* of the life that is being lived */
    const struct drill_case *wanted;
    struct drill_life *life;
    struct loop *loop;
    struct journal *journal;
    int64_t began, now; /* UTC of its begin; the moved clock */
};

/* ---- the clock ---- */

static int64_t clock_now(void *data)
{
    return ((struct drill_world *)data)->now;
}

static int64_t clock_wall(void *data)
{
    const struct drill_world *world = data;
    return world->began + world->now;
}

static void clock_idle(void *data, int64_t until)
{
    struct drill_world *world = data;
    if (until > world->now)
        world->now = until;
}

/* ---- what stands in for the world ---- */

static bool meant(const struct drill_world *world, const char *name)
{
    return world->wanted->step != NULL && name != NULL && strcmp(world->wanted->step, name) == 0;
}

static struct work *begin(void *context, const struct deed *deed, const struct stage *stage,
                          enum begin_how how)
{
    struct drill_world *world = context;
    const struct drill_case *wanted = world->wanted;
    enum drill_fault fault = meant(world, stage->step) ? wanted->fault : DRILL_NONE;
    const struct plan_step *step = drill_world_step(world, stage->step);
    switch (how) {
    case BEGIN_ADOPT:
        return drill_act_lost(stage);
    case BEGIN_SETTLE:
        world->life->doubted = true;
        return drill_act_proof(deed, stage, wanted->happened);
    case BEGIN_START:
        break;
    }
    if (fault == DRILL_FAILS) {
        world->life->struck = true;
        return drill_act_fail(deed, stage, step ? step->step->expect : NULL);
    }
    if (fault == DRILL_TIMES_OUT && stage->limit > 0) {
        world->life->struck = true;
        return drill_act_time_out(stage);
    }
    return drill_act(deed, stage);
}

static void cancel(void *context, struct work *work)
{
    (void)context;
    drill_act_cancel(work);
}

/* What is still to be done is not done yet, and what was done holds. */
static bool holds(void *context, const char *name, const char *what)
{
    struct drill_world *world = context;
    const struct drill_case *wanted = world->wanted;
    bool here = meant(world, name);
    if (name != NULL && state_life(world->life->state, name) == LIFE_UNKNOWN) {
        world->life->doubted = true;
        return wanted->happened;
    }
    bool faulty = here && (wanted->fault == DRILL_FAILS || wanted->fault == DRILL_TIMES_OUT);
    bool itself = strcmp(what, "wait") == 0 || strcmp(what, "assert") == 0;
    if (faulty && itself && (wanted->fault == DRILL_FAILS || strcmp(what, "wait") == 0)) {
        world->life->struck = true;
        return false;
    }
    return strcmp(what, "done_if") != 0;
}

static bool agrees(void *context, const struct question_view *view)
{
    struct drill_world *world = context;
    struct arena *arena = world->arena;
    if (view->manual && meant(world, view->step) && world->wanted->fault == DRILL_FAILS) {
        world->life->struck = true;
        return false;
    }
    struct drill_question *question = arena_alloc(arena, sizeof *question);
    question->step = arena_copy(arena, view->step, strlen(view->step));
    question->ask = arena_copy(arena, view->ask, strlen(view->ask));
    list_add(arena, &world->life->asked, question);
    return true;
}

/* ---- the record ---- */

static const char *journal_path(const struct drill_world *world)
{
    return arena_format(world->arena, "%s/runs/%s/journal.jsonl", world->state_folder, world->id);
}

static bool tell(struct drill_world *world, struct event *event, struct failure *failure)
{
    return state_allows(world->life->state, event, failure) &&
           journal_append(world->journal, event, failure) == JOURNAL_OK &&
           state_apply(world->life->state, event, failure);
}

static void set_who(const struct drill_world *world, struct event *event, const char *command)
{
    event_set_person(event, &world->person);
    event_set_text(event, FIELD_HOST, "here");
    event_set_integer(event, FIELD_PID, getpid());
    event_set_text(event, FIELD_VERSION, RUNBOOK_VERSION);
    event_set_text(event, FIELD_COMMAND, command);
}

static bool tell_started(struct drill_world *world, struct failure *failure)
{
    const struct loaded *loaded = world->loaded;
    struct event event = event_of(EVENT_STARTED, NULL, clock_wall(world));
    event_set_integer(&event, FIELD_FORMAT, EVENT_FORMAT);
    event_set_text(&event, FIELD_RUN, world->id);
    event_set_text(&event, FIELD_RUNBOOK, loaded->runbook->name);
    event_set_text(&event, FIELD_FILE, loaded->file);
    event_set_text(&event, FIELD_FOLDER, loaded->folder);
    event_set_value(&event, FIELD_PARAMS, loaded->params);
    event_set_text(&event, FIELD_PLAN, plan_digest(world->arena, world->plan));
    event_set_text(&event, FIELD_COPY, "runbook/1");
    set_who(world, &event, "drill");
    return tell(world, &event, failure);
}

static bool tell_resumed(struct drill_world *world, struct failure *failure)
{
    struct event event = event_of(EVENT_RESUMED, NULL, clock_wall(world));
    set_who(world, &event, "resume");
    return tell(world, &event, failure);
}

static bool fold(void *context, const struct event *event, struct failure *failure)
{
    struct drill_world *world = context;
    return state_apply(world->life->state, event, failure);
}

/* The record as it was when the step's intent had been written, and nothing behind it. */
static bool put_cut(struct drill_world *world, int64_t lines, struct failure *failure)
{
    const char *path = journal_path(world), *end = world->record.at;
    while (lines-- > 0)
        end = strchr(end, '\n') + 1;
    size_t length = (size_t)(end - world->record.at);
    int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOFOLLOW);
    bool good = fd >= 0 && write(fd, world->record.at, length) == (ssize_t)length;
    if (!good)
        failure_set(failure, errno, "can't write %s", path);
    if (fd >= 0)
        close(fd);
    return good;
}

static bool take_up(struct drill_world *world, struct failure *failure)
{
    const int64_t *line = map_get(&world->intents, world->wanted->step);
    return line != NULL && put_cut(world, *line, failure) &&
           journal_open(world->state_folder, world->id, clock_wall(world), fold, world,
                        &world->journal, failure) == JOURNAL_OK &&
           tell_resumed(world, failure);
}

static bool begin_record(struct drill_world *world, struct failure *failure)
{
    if (world->wanted->fault == DRILL_CRASHES) {
        world->life->struck = true;
        return take_up(world, failure);
    }
    world->id = run_id_new(world->arena, world->loaded->runbook->name, world->began);
    return journal_create(world->state_folder, world->id, &world->journal, failure) == JOURNAL_OK &&
           tell_started(world, failure);
}

/* ---- one life ---- */

static void told(void *context, const struct event *event)
{
    struct drill_world *world = context;
    if (world->wanted->fault != DRILL_NONE || event->kind != EVENT_INTENT)
        return;
    int64_t *line = arena_alloc(world->arena, sizeof *line);
    *line = (int64_t)event->seq;
    map_put(world->arena, &world->intents,
            arena_copy(world->arena, event->step, strlen(event->step)), line);
}

static void ended(void *context)
{
    struct drill_world *world = context;
    loop_stop(world->loop);
}

static bool live(struct drill_world *world, struct failure *failure)
{
    struct secrets *secrets = secrets_new();
    const struct simulation simulation = {
        .begin = begin, .cancel = cancel, .holds = holds, .agrees = agrees, .context = world};
    struct run_setup setup = {.loop = world->loop,
                              .journal = world->journal,
                              .state = world->life->state,
                              .secrets = secrets,
                              .core = core_actions,
                              .runbook = world->loaded->runbook,
                              .params = world->loaded->params,
                              .id = world->id,
                              .folder = world->loaded->folder,
                              .person = world->person,
                              .simulation = &simulation,
                              .told = told,
                              .ended = ended,
                              .context = world};
    struct run *run = run_new(&setup);
    run_start(run);
    loop_run(world->loop);
    const char *broken = run_broken(run);
    if (broken != NULL)
        failure_set(failure, 0, "%s", broken);
    bool good = broken == NULL && state_run(world->life->state)->over;
    if (broken == NULL && !good)
        failure_set(failure, 0, "the simulated run stood still");
    run_free(run);
    secrets_free(secrets);
    return good;
}

bool drill_world_live(struct drill_world *world, const struct drill_case *wanted,
                      struct drill_life *life, struct failure *failure)
{
    const struct loop_clock clock = {
        .now = clock_now, .wall = clock_wall, .idle = clock_idle, .data = world};
    *life = (struct drill_life){.state = state_new()};
    world->wanted = wanted;
    world->life = life;
    world->now = UNITS_SECOND;
    world->loop = loop_new(&clock, failure);
    bool good = world->loop != NULL && begin_record(world, failure) && live(world, failure);
    journal_close(world->journal);
    world->journal = NULL;
    loop_free(world->loop);
    life->lasted = world->now - UNITS_SECOND;
    if (good && wanted->fault == DRILL_NONE)
        good = file_read(AT_FDCWD, journal_path(world), SIZE_MAX, &world->record, failure);
    return good;
}

void drill_world_over(struct drill_life *life)
{
    state_free(life->state);
    life->state = NULL;
}

/* ---- all of them ---- */

static void add_step(void *context, struct plan_step *step)
{
    struct drill_world *world = context;
    map_put(world->arena, &world->steps, step->name, step);
}

/* `outer#2/inner` of the record is `outer/inner` of the plan, which opens one round. */
const struct plan_step *drill_world_step(const struct drill_world *world, const char *name)
{
    char *plain = arena_copy(world->arena, name, strlen(name)), *to = plain;
    for (const char *at = name; *at != '\0';) {
        if (*at == '#')
            at += strcspn(at, "/");
        else
            *to++ = *at++;
    }
    *to = '\0';
    return map_get(&world->steps, plain);
}

const char *drill_world_name(const struct plan_step *step)
{
    const struct plan_step *written = step;
    for (const struct plan_step *at = step; at != NULL; at = at->parent) {
        if (at->step->use.action->core == NULL)
            written = at;
        if (at->relation == PLAN_UNDO || at->relation == PLAN_RELEASE)
            return at->name;
    }
    return written->name;
}

static const char *make_folder(struct arena *arena, struct failure *failure)
{
    const char *other = getenv("TMPDIR");
    const char *const places[] = {"/dev/shm", other && other[0] == '/' ? other : "/tmp", "/tmp"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        char *folder = arena_format(arena, "%s/runbook-drill-XXXXXX", places[i]);
        if (mkdtemp(folder) != NULL)
            return folder;
    }
    failure_set(failure, errno, "can't make a temporary folder in /dev/shm or /tmp");
    return NULL;
}

struct drill_world *drill_world_new(struct invocation *invocation, const struct loaded *loaded,
                                    const struct plan *plan, struct failure *failure)
{
    struct arena *arena = invocation->arena;
    struct drill_world *world = arena_alloc(arena, sizeof *world);
    *world = (struct drill_world){.arena = arena,
                                  .loaded = loaded,
                                  .plan = plan,
                                  .person = person_self(arena, "simulation"),
                                  .began = session_now()};
    world->state_folder = make_folder(arena, failure);
    if (world->state_folder == NULL)
        return NULL;
    plan_visit(&plan->steps, add_step, world);
    plan_visit(&plan->on_failure, add_step, world);
    return world;
}

static int remove_one(const char *path, const struct stat *stat, int kind, struct FTW *at)
{
    (void)stat, (void)kind, (void)at;
    return remove(path);
}

void drill_world_free(struct drill_world *world)
{
    if (world == NULL)
        return;
    buffer_free(&world->record);
    (void)nftw(world->state_folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
