#include "engine/begin.h"

#include "base/arena.h"
#include "base/mask.h"
#include "engine/fetch.h"
#include "engine/run.h"
#include "engine/simulation.h"
#include "lang/action.h"
#include "lang/secret.h"

#include <stdlib.h>

struct begun {
    const struct run_setup *setup;
    const struct deed *deed;
    struct stage stage; /* as the action gets it: who listens is we */
    struct stage asked; /* as it was given */
    enum begin_how how;
    struct fetch *fetch; /* under way */
    bool cancelled;      /* before it was begun */
    struct work *work;
};

static void tell(struct begun *begun, const struct outcome *outcome)
{
    begun->asked.ended(begun->asked.context, outcome);
}

static void output(void *context, int stream, struct text bytes)
{
    struct begun *begun = context;
    size_t length = 0;
    char *masked = mask_text(secrets_mask(begun->setup->secrets), bytes.at, bytes.length, &length);
    begun->asked.output(begun->asked.context, stream,
                        masked ? (struct text){masked, length} : bytes);
    free(masked);
}

static void prove(void *context, const struct value *proof, void (*written)(void *data), void *data)
{
    struct begun *begun = context;
    begun->asked.prove(begun->asked.context, proof, written, data);
}

/* Whatever a process, a server or a library says of a secret, it goes no further. */
static void ended(void *context, const struct outcome *outcome)
{
    struct begun *begun = context;
    const struct secrets *secrets = begun->setup->secrets;
    struct arena *arena = begun->stage.arena;
    struct outcome *hidden = arena_alloc(arena, sizeof *hidden);
    *hidden = *outcome;
    hidden->message = secrets_hide(arena, secrets, outcome->message);
    if (outcome->outputs != NULL)
        hidden->outputs = secrets_hide_in(arena, secrets, outcome->outputs);
    begun->work = NULL;
    tell(begun, hidden);
}

static void go_on(struct begun *begun)
{
    const struct core_action *action = begun->deed->action;
    const struct simulation *simulation = begun->setup->simulation;
    if (simulation != NULL) {
        begun->work =
            simulation->begin(simulation->context, begun->deed, &begun->stage, begun->how);
        return;
    }
    switch (begun->how) {
    case BEGIN_START:
        begun->work = action->start(begun->deed, &begun->stage);
        return;
    case BEGIN_SETTLE:
        begun->work = action->settle(begun->deed, &begun->stage);
        return;
    case BEGIN_ADOPT:
        begun->work = action->adopt(begun->deed, &begun->stage);
        return;
    }
}

/* Nothing of it began. A proof that can't be asked for says nothing. */
static void fetched(void *context, const char *why)
{
    struct begun *begun = context;
    begun->fetch = NULL;
    if (why == NULL && !begun->cancelled) {
        go_on(begun);
        return;
    }
    enum outcome_kind kind = begun->how == BEGIN_SETTLE ? OUTCOME_LOST
                             : begun->cancelled         ? OUTCOME_CANCELLED
                                                        : OUTCOME_NOT_STARTED;
    struct outcome outcome = {.kind = kind, .message = why ? why : "stopped before it began"};
    tell(begun, &outcome);
}

struct begun *begin_deed(const struct run_setup *setup, const struct deed *deed,
                         const struct stage *stage, enum begin_how how)
{
    struct begun *begun = arena_alloc(stage->arena, sizeof *begun);
    *begun =
        (struct begun){.setup = setup, .deed = deed, .stage = *stage, .asked = *stage, .how = how};
    begun->stage.secrets = setup->secrets;
    begun->stage.output = stage->output ? output : NULL;
    begun->stage.prove = stage->prove ? prove : NULL;
    begun->stage.ended = ended;
    begun->stage.context = begun;
    /* One that another interpreter began has them already; one that is not real needs none. */
    if (how != BEGIN_ADOPT && setup->simulation == NULL)
        begun->fetch = fetch_start(&(struct fetch_request){.setup = setup,
                                                           .arena = stage->arena,
                                                           .inputs = deed->inputs,
                                                           .then = fetched,
                                                           .context = begun});
    if (begun->fetch == NULL)
        go_on(begun);
    return begun;
}

void begin_cancel(struct begun *begun)
{
    if (begun->fetch != NULL) {
        begun->cancelled = true;
        fetch_cancel(begun->fetch);
    } else if (begun->work != NULL && begun->setup->simulation != NULL) {
        begun->setup->simulation->cancel(begun->setup->simulation->context, begun->work);
    } else if (begun->work != NULL) {
        begun->deed->action->cancel(begun->work);
    }
}
