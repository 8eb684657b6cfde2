#include "engine/quiet.h"

#include "base/arena.h"
#include "engine/live.h"
#include "engine/run.h"
#include "lang/value.h"
#include "store/event.h"
#include "store/state.h"
#include "sys/failure.h"
#include "sys/loop.h"

#include <string.h>

/* A fold wants a beginning. */
static void begin_state(struct run *run)
{
    struct failure failure;
    struct event event = event_of(EVENT_STARTED, NULL, loop_wall(run->setup->loop));
    event.seq = ++run->seq;
    event_set_integer(&event, FIELD_FORMAT, EVENT_FORMAT);
    event_set_value(&event, FIELD_PARAMS, value_map(run->arena, NULL, 0));
    event_set_integer(&event, FIELD_UID, 0);
    event_set_integer(&event, FIELD_PID, 0);
    static const enum event_field texts[] = {FIELD_RUN,  FIELD_RUNBOOK, FIELD_FILE, FIELD_FOLDER,
                                             FIELD_PLAN, FIELD_USER,    FIELD_HOST, FIELD_VERSION};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        event_set_text(&event, texts[i], "");
    if (!state_apply(run->state, &event, &failure))
        run->broken = arena_copy(run->arena, failure.text, strlen(failure.text));
}

static void free_quiet(void *context)
{
    run_free(context);
}

static void describe_failure(const struct run *run, const struct quiet_request *request,
                             struct quiet_end *end)
{
    const struct job *first = run->root->failed;
    const struct state_step *known = first ? state_step(run->state, first->name) : NULL;
    if (known == NULL) {
        end->message = "it was stopped";
        return;
    }
    const char *message = known->message ? known->message : life_name(known->life);
    end->expected = known->life == LIFE_FAILED && known->reason != NULL &&
                    (strcmp(known->reason, "expect") == 0 || strcmp(known->reason, "verify") == 0);
    end->message = arena_format(request->arena, "%s: %s", first->name, message);
}

static void quiet_closed(struct opened *root)
{
    struct run *run = root->run;
    const struct quiet_request *request = run->context;
    struct quiet_end end = {.message = "it was stopped"};
    struct problem problem = {0};
    if (root->failed != NULL) {
        describe_failure(run, request, &end);
    } else if (root->left == 0) {
        struct moment inside = {.binder = &run->binder, .scope = root->scope};
        const struct value *outputs =
            bind_outputs(run->arena, &request->action->outputs, &inside, &problem);
        if (outputs != NULL)
            end.outputs = value_copy(request->arena, outputs);
        else
            end.message = arena_copy(request->arena, problem.message, strlen(problem.message));
    }
    request->ended(request->context, &end);
    run_later(run->parent, free_quiet, run);
}

struct run *quiet_start(const struct quiet_request *asked)
{
    struct run *run = run_new(asked->run->setup);
    struct quiet_request *request = arena_alloc(run->arena, sizeof *request);
    struct scope *scope = arena_alloc(run->arena, sizeof *scope);
    *request = *asked;
    *scope = *asked->scope;
    scope->outer = NULL;
    scope->item_name = NULL;
    scope->steps = asked->action->steps;
    scope->prefix = "";
    scope->params = asked->inputs;
    scope->depth++;
    run->parent = asked->run;
    run->state = state_new();
    begin_state(run);
    run->context = request;
    run->binder.run = asked->run->binder.run;
    run->phase = PHASE_STEPS;
    run->root = opened_new(run, scope, asked->action->steps, NULL, quiet_closed);
    opened_begin(run->root);
    return run;
}

void quiet_cancel(struct run *run)
{
    run->halted = run->cancelling = true;
    opened_cancel(run->root);
}
