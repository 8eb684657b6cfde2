#include "engine/ask.h"

#include "base/arena.h"
#include "base/text.h"
#include "base/units.h"
#include "engine/live.h"
#include "engine/probe.h"
#include "engine/run.h"
#include "engine/simulation.h"
#include "engine/tell.h"
#include "lang/value.h"
#include "sys/loop.h"

#include <string.h>

#define DEFAULT_EVERY (2 * UNITS_SECOND)

struct ask {
    struct ask_request request;
    struct loop *loop;
    struct ask_limits limits;
    struct ask_times times;
    struct loop_timer timer;
    struct probe **probes;
    size_t open; /* probes of this round without an answer */
    unsigned rounds;
    enum answer answer; /* of this round */
    enum answer told;   /* the last answer that stands in the journal */
    struct buffer why;  /* of this round */
    struct buffer seen; /* the outputs of this round, to see whether anything moves */
    char *seen_before;
    bool ended;
};

enum ask_verdict ask_decide(const struct ask_limits *limits, const struct ask_times *times,
                            bool holds, int64_t *next)
{
    int64_t until = times->began + limits->within;
    *next = times->round + limits->every > times->now ? times->round + limits->every : times->now;
    if (holds && times->now - times->holding >= limits->stable_for)
        return ASK_HOLDS;
    if (!holds && limits->stall > 0 && times->now - times->changed >= limits->stall)
        return ASK_STALLED;
    if (times->now >= until || (!holds && limits->within == 0))
        return ASK_FAILS;
    /* The next round is the first that can hold: too late to hold for long enough. */
    if (!holds && limits->stable_for > 0 && *next + limits->stable_for > until)
        return ASK_FAILS;
    if (holds && times->holding + limits->stable_for < *next)
        *next = times->holding + limits->stable_for;
    if (*next > until)
        *next = until;
    return ASK_AGAIN;
}

static void free_ask(struct ask *ask)
{
    loop_timer_stop(&ask->timer);
    buffer_free(&ask->why);
    buffer_free(&ask->seen);
}

static void finish(struct ask *ask, enum answer answer, const char *more)
{
    const char *why =
        arena_copy(ask->request.arena, ask->why.at ? ask->why.at : "", ask->why.length);
    if (more != NULL)
        why = arena_format(ask->request.arena, "%s%s%s", why, why[0] ? "; " : "", more);
    tell_checked(&ask->request, ask->rounds, answer, why, true);
    ask->ended = true;
    free_ask(ask);
    ask->request.answered(ask->request.context, answer, why);
}

static void begin_round(void *context);

static void settle_round(struct ask *ask)
{
    struct arena *arena = ask->request.arena;
    bool holds = ask->answer == ANSWER_HOLDS;
    ask->times.now = loop_now(ask->loop);
    if (!holds)
        ask->times.holding = -1;
    else if (ask->times.holding < 0)
        ask->times.holding = ask->times.round;
    if (ask->seen_before == NULL || ask->seen.at == NULL ||
        strcmp(ask->seen_before, ask->seen.at) != 0)
        ask->times.changed = ask->times.now;
    int64_t next = 0;
    switch (ask_decide(&ask->limits, &ask->times, holds, &next)) {
    case ASK_HOLDS:
        finish(ask, ANSWER_HOLDS, NULL);
        return;
    case ASK_FAILS:
        finish(ask, ask->answer == ANSWER_UNASKED ? ANSWER_UNASKED : ANSWER_FAILS,
               holds ? arena_format(arena, "it held, but not for %s before %s were over",
                                    duration_print(arena, ask->limits.stable_for),
                                    duration_print(arena, ask->limits.within))
               : ask->limits.within > 0 && ask->limits.stable_for > 0
                   ? arena_format(arena, "it can't hold for %s any more before %s are over",
                                  duration_print(arena, ask->limits.stable_for),
                                  duration_print(arena, ask->limits.within))
               : ask->limits.within > 0
                   ? arena_format(arena, "not within %s", duration_print(arena, ask->limits.within))
                   : NULL);
        return;
    case ASK_STALLED:
        finish(ask, ask->answer,
               arena_format(arena, "nothing has changed for %s",
                            duration_print(arena, ask->limits.stall)));
        return;
    case ASK_AGAIN:
        if (ask->rounds == 1 || ask->answer != ask->told) {
            tell_checked(&ask->request, ask->rounds, ask->answer, ask->why.at ? ask->why.at : "",
                         false);
            ask->told = ask->answer;
        }
        ask->seen_before = ask->seen.at ? arena_copy(arena, ask->seen.at, ask->seen.length) : NULL;
        loop_timer_start(ask->loop, &ask->timer, next - ask->times.now, begin_round, ask);
        return;
    }
}

/* The worse of two answers of checks that must both hold. */
static enum answer both(enum answer a, enum answer b)
{
    if (a == ANSWER_FAILS || b == ANSWER_FAILS)
        return ANSWER_FAILS;
    if (a == ANSWER_UNASKED || b == ANSWER_UNASKED)
        return ANSWER_UNASKED;
    return ANSWER_HOLDS;
}

struct waiting {
    struct ask *ask;
    size_t index;
};

static void answered(void *context, enum answer answer, const char *why,
                     const struct value *outputs)
{
    struct waiting *waiting = context;
    struct ask *ask = waiting->ask;
    ask->probes[waiting->index] = NULL;
    answer = simulation_answer(ask->request.run, ask->request.name, ask->request.what, answer);
    ask->answer = both(ask->answer, answer);
    if (answer != ANSWER_HOLDS && why != NULL && why[0] != '\0')
        buffer_format(&ask->why, "%s%s", ask->why.length ? "; " : "", why);
    if (outputs != NULL && ask->limits.stall > 0)
        value_show(outputs, 0, &ask->seen);
    if (--ask->open == 0)
        settle_round(ask);
}

static void begin_round(void *context)
{
    struct ask *ask = context;
    const struct list *checks = &ask->request.block->checks;
    ask->rounds++;
    ask->times.round = loop_now(ask->loop);
    ask->answer = ANSWER_HOLDS;
    ask->why.length = ask->seen.length = 0;
    if (ask->why.at != NULL)
        ask->why.at[0] = '\0';
    ask->open = checks->count;
    for (size_t i = 0; i < checks->count; i++) {
        struct waiting *waiting = arena_alloc(ask->request.arena, sizeof *waiting);
        *waiting = (struct waiting){ask, i};
        ask->probes[i] = probe_start(&(struct probe_request){.run = ask->request.run,
                                                             .name = ask->request.name,
                                                             .check = checks->at[i],
                                                             .moment = ask->request.moment,
                                                             .arena = ask->request.arena,
                                                             .answered = answered,
                                                             .context = waiting});
    }
    if (checks->count == 0)
        settle_round(ask);
}

static bool read_limits(struct ask *ask, struct problem *problem)
{
    const struct block *block = ask->request.block;
    const struct moment *moment = ask->request.moment;
    const struct defaults *defaults = &moment->scope->runbook->defaults;
    struct arena *arena = ask->request.arena;
    struct ask_limits *limits = &ask->limits;
    struct moment top = {.binder = moment->binder, .scope = moment->scope->top, .now = moment->now};
    if (!bind_number(arena, defaults->every, DEFAULT_EVERY, &top, &limits->every, problem) ||
        !bind_number(arena, block->every, limits->every, moment, &limits->every, problem) ||
        !bind_number(arena, block->within, 0, moment, &limits->within, problem) ||
        !bind_number(arena, block->stable_for, 0, moment, &limits->stable_for, problem) ||
        !bind_number(arena, block->stall, 0, moment, &limits->stall, problem))
        return false;
    if (ask->request.once)
        limits->within = limits->stable_for = limits->stall = 0;
    if (limits->every <= 0)
        limits->every = UNITS_SECOND / 100;
    return true;
}

static void cant_begin(void *context)
{
    struct ask *ask = context;
    if (!ask->ended)
        finish(ask, ANSWER_UNASKED, NULL);
}

static void begin_first(void *context)
{
    struct ask *ask = context;
    if (!ask->ended)
        begin_round(ask);
}

struct ask *ask_start(const struct ask_request *request)
{
    struct ask *ask = arena_alloc(request->arena, sizeof *ask);
    struct problem problem = {0};
    ask->request = *request;
    ask->loop = run_loop(request->run);
    ask->times.began = ask->times.changed = loop_now(ask->loop);
    ask->times.holding = -1;
    ask->probes =
        arena_alloc(request->arena, (request->block->checks.count + 1) * sizeof(struct probe *));
    bool limits = read_limits(ask, &problem);
    tell_checking(request, ask->limits.within);
    if (limits) {
        run_later(request->run, begin_first, ask);
    } else {
        buffer_text(&ask->why, problem.message);
        run_later(request->run, cant_begin, ask);
    }
    return ask;
}

void ask_cancel(struct ask *ask)
{
    if (ask == NULL || ask->ended)
        return;
    ask->ended = true;
    for (size_t i = 0; i < ask->request.block->checks.count; i++)
        probe_cancel(ask->probes[i]);
    free_ask(ask);
}
