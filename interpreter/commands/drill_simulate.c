#include "base/arena.h"
#include "commands/command.h"
#include "commands/drill.h"
#include "commands/options.h"
#include "lang/model.h"
#include "commands/load.h"
#include "plan/plan.h"
#include "store/name.h"
#include "store/state.h"
#include "sys/failure.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct drill {
    struct invocation *invocation;
    struct drill_world *world;
    struct drill_found *found;
    struct list steps; /* of const char: those that begin when nothing goes wrong */
    struct map rows;   /* "step fault" to struct drill_row */
    bool all;
};

/* ---- one fault ---- */

/* False with FAILURE. *FATE is NULL when it can't go wrong like that. */
static bool live(struct drill *drill, const struct drill_case *wanted, struct drill_life *life,
                 const struct drill_fate **fate, struct failure *failure)
{
    *fate = NULL;
    if (!drill_world_live(drill->world, wanted, life, failure))
        return false;
    if (life->struck || wanted->fault == DRILL_NONE)
        *fate = drill_fate_read(drill->invocation->arena, drill->world, life, wanted);
    return true;
}

static const char *shown_name(const struct drill *drill, const char *name)
{
    const struct plan_step *plan = drill_world_step(drill->world, name);
    return plan == NULL || drill->all ? name : drill_world_name(plan);
}

/* Of the steps inside one, the worst tells. */
static void add_row(struct drill *drill, struct drill_row *row)
{
    struct arena *arena = drill->invocation->arena;
    const char *key = arena_format(arena, "%s %d", row->step, (int)row->fault);
    struct drill_row *known = map_get(&drill->rows, key);
    if (known == NULL) {
        map_put(arena, &drill->rows, key, row);
        list_add(arena, &drill->found->rows, row);
    } else if (row->grade < known->grade) {
        *known = *row;
    }
}

/* False with FAILURE. */
static bool strike(struct drill *drill, const char *step, enum drill_fault fault,
                   struct failure *failure)
{
    struct arena *arena = drill->invocation->arena;
    struct drill_case wanted = {.fault = fault, .step = step};
    struct drill_life life;
    const struct drill_fate *fate, *other = NULL;
    bool good = live(drill, &wanted, &life, &fate, failure), doubted = life.doubted;
    drill_world_over(&life);
    if (!good || fate == NULL)
        return good;
    if (doubted) {
        wanted.happened = true;
        good = live(drill, &wanted, &life, &other, failure);
        drill_world_over(&life);
    }
    if (!good)
        return false;
    struct drill_row *row = arena_alloc(arena, sizeof *row);
    *row = (struct drill_row){.step = shown_name(drill, step),
                              .at = step,
                              .fault = fault,
                              .fate = fate,
                              .happened = other && !drill_fate_same(fate, other) ? other : NULL,
                              .grade = fate->grade};
    if (other != NULL && other->grade < row->grade)
        row->grade = other->grade;
    add_row(drill, row);
    return true;
}

/* ---- without a fault ---- */

static void add_shown(struct drill *drill, struct list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->at[i], name) == 0)
            return;
    list_add(drill->invocation->arena, list,
             arena_copy(drill->invocation->arena, name, strlen(name)));
}

static void read_steps(struct drill *drill, const struct drill_life *life)
{
    struct arena *arena = drill->invocation->arena;
    const struct state_step *step;
    for (size_t i = 0; (step = state_at(life->state, i)) != NULL; i++) {
        const struct plan_step *plan = drill_world_step(drill->world, step->name);
        if (step->life == LIFE_SKIPPED)
            add_shown(drill, &drill->found->skipped, step->name);
        else if (plan != NULL && plan->when == -1 &&
                 strcmp(drill_world_name(plan), plan->name) == 0)
            add_shown(drill, &drill->found->taken, plan->name);
        if (step->attempt != NULL)
            list_add(arena, &drill->steps, arena_copy(arena, step->name, strlen(step->name)));
    }
}

static bool walk(struct drill *drill, struct failure *failure)
{
    const struct drill_case well = {.fault = DRILL_NONE};
    struct drill_life life;
    bool good = live(drill, &well, &life, &drill->found->well, failure);
    if (good) {
        read_steps(drill, &life);
        drill->found->lasted = life.lasted;
    }
    drill_world_over(&life);
    return good;
}

/* ---- all ---- */

/* Ctrl-C waits for the life that is being lived, so that its folder is removed. */
static bool is_stopped(void)
{
    sigset_t waiting;
    sigpending(&waiting);
    return sigismember(&waiting, SIGINT) || sigismember(&waiting, SIGTERM) ||
           sigismember(&waiting, SIGHUP);
}

/* Worst first, and else in the order of the runbook. */
static void sort_rows(struct drill *drill)
{
    struct arena *arena = drill->invocation->arena;
    struct list sorted = {0};
    struct list *rows = &drill->found->rows;
    for (int grade = 0; grade < DRILL_GRADES; grade++)
        for (size_t i = 0; i < rows->count; i++)
            if (((struct drill_row *)rows->at[i])->grade == (enum drill_grade)grade)
                list_add(arena, &sorted, rows->at[i]);
    *rows = sorted;
}

static int refuse(const struct failure *failure)
{
    say_error("runbook drill: error RB701: %s\n", failure->text);
    return EXIT_RECORD;
}

static int refuse_walk(const struct drill *drill)
{
    const struct drill_fate *well = drill->found->well;
    say_error("runbook drill: error RB602: %s can't be drilled: without any fault it ends %s%s%s\n"
              "  = remedy: what it does is decided by values that are given: look at its params "
              "(--param) and at `runbook run --dry-run`\n",
              drill->found->file, well->result, well->reason ? ": " : "",
              well->reason ? well->reason : "");
    return EXIT_INVALID;
}

static int drill_all(struct drill *drill)
{
    struct failure failure = {0};
    if (!walk(drill, &failure))
        return refuse(&failure);
    if (drill->found->well->grade != DRILL_GOES_ON)
        return refuse_walk(drill);
    for (size_t i = 0; i < drill->steps.count; i++)
        for (enum drill_fault fault = DRILL_FAILS; fault <= DRILL_CRASHES; fault++) {
            if (is_stopped())
                return EXIT_STOPPED;
            if (!strike(drill, drill->steps.at[i], fault, &failure))
                return refuse(&failure);
        }
    sort_rows(drill);
    drill->found->steps = drill->steps.count;
    return 0;
}

int drill_simulate(struct invocation *invocation, const struct loaded *loaded,
                   const struct plan *plan, struct drill_found *found)
{
    struct failure failure = {0};
    sigset_t signals, before;
    struct drill drill = {.invocation = invocation,
                          .found = found,
                          .all = option_value(invocation, &option_all) != NULL};
    *found = (struct drill_found){
        .runbook = loaded->runbook->name, .file = loaded->file, .objective = plan->objective};
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    sigprocmask(SIG_BLOCK, &signals, &before);
    drill.world = drill_world_new(invocation, loaded, plan, &failure);
    int code = drill.world != NULL ? drill_all(&drill) : refuse(&failure);
    drill_world_free(drill.world);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return code;
}
