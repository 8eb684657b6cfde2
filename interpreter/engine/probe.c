#include "engine/probe.h"

#include "base/arena.h"
#include "base/units.h"
#include "engine/begin.h"
#include "engine/live.h"
#include "engine/quiet.h"
#include "engine/run.h"
#include "engine/simulation.h"
#include "lang/action.h"
#include "lang/value.h"

#include <string.h>

#define DEFAULT_CHECK_TIMEOUT (10 * UNITS_SECOND)

/* Its arena lives as long as anything that was begun for it, also after a cancel. */
struct probe {
    struct probe_request request;
    struct arena *arena;
    struct probe *parent; /* of a part of any, not, foreach */
    size_t index;
    struct probe **parts;
    size_t count, open;
    size_t held, failed, unasked, unknown;
    struct buffer why;
    const struct deed *deed;
    struct begun *work;
    struct run *quiet;
    const struct value *result; /* what expect sees */
    struct loop_timer limit;
    enum answer answer;
    const char *message;
    const struct value *outputs;
    bool cancelled;
    bool timed_out;
};

static void part_answered(struct probe *part);

static void free_arena(void *arena)
{
    arena_free(arena);
}

/* The answer is handed on from the loop, never from inside the start. */
static void deliver(void *context)
{
    struct probe *probe = context;
    if (probe->cancelled)
        return;
    if (probe->parent != NULL) {
        part_answered(probe);
        return;
    }
    struct arena *arena = probe->request.arena;
    const char *why =
        probe->message ? arena_copy(arena, probe->message, strlen(probe->message)) : "";
    probe->request.answered(probe->request.context, probe->answer, why, probe->outputs);
    run_later(probe->request.run, free_arena, probe->arena);
}

static void answer(struct probe *probe, enum answer answer, const char *message)
{
    probe->answer = answer;
    probe->message = message;
    buffer_free(&probe->why);
    run_later(probe->request.run, deliver, probe);
}

/* ---- a simple check ---- */

static const char *because(struct probe *probe, const char *found)
{
    struct problem problem = {0};
    const struct value *text = bind_term(probe->arena, probe->request.check->because, &value_unset,
                                         probe->request.moment, &problem);
    if (text == NULL || text->kind != VALUE_TEXT)
        return found;
    return arena_format(probe->arena, "%s (%s)", text->text.at, found);
}

static void judge(struct probe *probe, const struct value *outputs)
{
    const struct check *check = probe->request.check;
    struct moment moment = *probe->request.moment;
    moment.result = outputs;
    probe->outputs = outputs;
    if (check->expect == NULL) {
        answer(probe, ANSWER_HOLDS, NULL);
        return;
    }
    struct values values = moment_values(probe->arena, &moment);
    struct buffer why = {0};
    enum answer answered = expect_judge(probe->arena, check->expect, outputs, &values, &why);
    const char *found = arena_format(probe->arena, "%s: %s", check->use.action->name,
                                     why.at ? why.at : "does not hold");
    buffer_free(&why);
    answer(probe, answered, answered == ANSWER_HOLDS ? NULL : because(probe, found));
}

static void cant_ask(struct probe *probe, const char *message)
{
    answer(probe, ANSWER_UNASKED,
           because(probe, arena_format(probe->arena, "%s can't be asked: %s",
                                       probe->request.check->use.action->name, message)));
}

static void ended(void *context, const struct outcome *outcome)
{
    struct probe *probe = context;
    probe->work = NULL;
    if (probe->cancelled)
        return;
    if (outcome->kind == OUTCOME_ENDED)
        judge(probe, outcome->outputs ? outcome->outputs : value_map(probe->arena, NULL, 0));
    else
        cant_ask(probe, outcome->message ? outcome->message : "no answer");
}

static bool check_limit(struct probe *probe, int64_t *limit, int64_t *grace,
                        struct problem *problem)
{
    const struct moment *moment = probe->request.moment;
    const struct defaults *defaults = &moment->scope->runbook->defaults;
    struct moment top = {.binder = moment->binder, .scope = moment->scope->top, .now = moment->now};
    return bind_number(probe->arena, defaults->check_timeout, DEFAULT_CHECK_TIMEOUT, &top, limit,
                       problem) &&
           bind_number(probe->arena, probe->request.check->timeout, *limit, moment, limit,
                       problem) &&
           bind_number(probe->arena, defaults->grace, 10 * UNITS_SECOND, &top, grace, problem);
}

/* Nothing is real: what the world would answer is not known. */
static void cant_know(struct probe *probe)
{
    answer(probe, ANSWER_UNKNOWN, because(probe, "in a simulation nobody can know"));
}

static void start_deed(struct probe *probe, int64_t limit, int64_t grace)
{
    struct problem problem = {0};
    const struct run_setup *setup = probe->request.run->setup;
    probe->deed =
        bind_deed(probe->arena, &probe->request.check->use, probe->request.moment, &problem);
    if (probe->deed == NULL) {
        cant_ask(probe, problem.message);
        return;
    }
    if (simulation_of(probe->request.run) != NULL) {
        cant_know(probe);
        return;
    }
    struct stage stage = {.arena = probe->arena,
                          .loop = setup->loop,
                          .folder = setup->folder,
                          .run_folder = -1,
                          .processes = setup->processes,
                          .transfers = setup->transfers,
                          .run = setup->id,
                          .step = probe->request.name ? probe->request.name : "",
                          .limit = limit,
                          .grace = grace,
                          .ended = ended,
                          .context = probe};
    probe->work = begin_deed(setup, probe->deed, &stage, BEGIN_START);
}

/* ---- assert, and composites ---- */

static void start_assert(struct probe *probe)
{
    struct problem problem = {0};
    const struct value *inputs =
        bind_arguments(probe->arena, &probe->request.check->use, probe->request.moment, &problem);
    const struct value *that = inputs ? value_member(probe->arena, inputs, "that") : NULL;
    if (that == NULL)
        cant_ask(probe, problem.message);
    else if (that->kind == VALUE_BOOL && that->truth)
        answer(probe, ANSWER_HOLDS, NULL);
    else if (that->kind == VALUE_UNKNOWN && simulation_of(probe->request.run) != NULL)
        cant_know(probe);
    else
        answer(probe, ANSWER_FAILS, because(probe, "what is asserted is not true"));
}

static void quiet_over(void *context, const struct quiet_end *end)
{
    struct probe *probe = context;
    loop_timer_stop(&probe->limit);
    probe->quiet = NULL;
    if (probe->cancelled)
        return;
    if (probe->timed_out)
        cant_ask(probe, "it did not answer in time");
    else if (end->outputs != NULL)
        judge(probe, end->outputs);
    else if (end->expected)
        answer(probe, ANSWER_FAILS,
               because(probe, arena_format(probe->arena, "%s: %s",
                                           probe->request.check->use.action->name, end->message)));
    else
        cant_ask(probe, end->message);
}

static void limit_over(void *context)
{
    struct probe *probe = context;
    probe->timed_out = true;
    quiet_cancel(probe->quiet);
}

static void start_composite(struct probe *probe, int64_t limit)
{
    struct problem problem = {0};
    const struct value *inputs =
        bind_arguments(probe->arena, &probe->request.check->use, probe->request.moment, &problem);
    if (inputs == NULL) {
        cant_ask(probe, problem.message);
        return;
    }
    if (simulation_of(probe->request.run) != NULL) {
        cant_know(probe);
        return;
    }
    probe->quiet = quiet_start(&(struct quiet_request){.run = probe->request.run,
                                                       .action = probe->request.check->use.action,
                                                       .scope = probe->request.moment->scope,
                                                       .inputs = inputs,
                                                       .arena = probe->arena,
                                                       .ended = quiet_over,
                                                       .context = probe});
    if (limit > 0)
        loop_timer_start(probe->request.run->setup->loop, &probe->limit, limit, limit_over, probe);
}

/* ---- any, not, foreach ---- */

static void all_answered(struct probe *probe)
{
    const struct check *check = probe->request.check;
    const char *why =
        arena_copy(probe->arena, probe->why.at ? probe->why.at : "", probe->why.length);
    if (check->kind == CHECK_ANY) {
        if (probe->held > 0)
            answer(probe, ANSWER_HOLDS, NULL);
        else if (probe->unknown > 0)
            answer(probe, ANSWER_UNKNOWN, because(probe, why));
        else
            answer(probe, probe->unasked > 0 ? ANSWER_UNASKED : ANSWER_FAILS, because(probe, why));
    } else if (check->kind == CHECK_NOT && check->foreach == NULL) {
        if (probe->unasked > 0)
            answer(probe, ANSWER_UNASKED, because(probe, why));
        else if (probe->unknown > 0)
            answer(probe, ANSWER_UNKNOWN, because(probe, why));
        else
            answer(probe, probe->held > 0 ? ANSWER_FAILS : ANSWER_HOLDS,
                   probe->held > 0 ? because(probe, "it holds, and must not") : NULL);
    } else if (probe->failed + probe->unasked == 0) {
        answer(probe, probe->unknown > 0 ? ANSWER_UNKNOWN : ANSWER_HOLDS,
               probe->unknown > 0 ? why : NULL);
    } else {
        answer(probe, probe->failed > 0 ? ANSWER_FAILS : ANSWER_UNASKED, why);
    }
}

static void part_answered(struct probe *part)
{
    struct probe *probe = part->parent;
    switch (part->answer) {
    case ANSWER_HOLDS:
        probe->held++;
        break;
    case ANSWER_FAILS:
        probe->failed++;
        break;
    case ANSWER_UNASKED:
        probe->unasked++;
        break;
    case ANSWER_UNKNOWN:
        probe->unknown++;
        break;
    }
    if (part->message != NULL && part->message[0] != '\0')
        buffer_format(&probe->why, "%s%s", probe->why.length ? "; " : "", part->message);
    probe->parts[part->index] = NULL;
    if (--probe->open == 0)
        all_answered(probe);
}

static void begin(struct probe *probe);

static void add_part(struct probe *probe, size_t index, const struct check *check,
                     const struct moment *moment)
{
    struct probe *part = arena_alloc(probe->arena, sizeof *part);
    part->request = probe->request;
    part->request.check = check;
    part->request.moment = moment;
    part->arena = probe->arena;
    part->parent = probe;
    part->index = index;
    probe->parts[index] = part;
    begin(part);
}

static void start_parts(struct probe *probe)
{
    const struct list *checks = &probe->request.check->checks;
    probe->count = probe->open = checks->count;
    probe->parts = arena_alloc(probe->arena, (checks->count + 1) * sizeof *probe->parts);
    for (size_t i = 0; i < checks->count; i++)
        add_part(probe, i, checks->at[i], probe->request.moment);
}

static void start_items(struct probe *probe)
{
    struct problem problem = {0};
    const struct foreach *foreach = probe->request.check->foreach;
    const struct moment *moment = probe->request.moment;
    const struct value *list = bind_term(probe->arena, foreach->in, NULL, moment, &problem);
    list = simulation_list(probe->arena, probe->request.run, foreach, list);
    if (list == NULL || list->kind != VALUE_LIST) {
        cant_ask(probe, list ? "what `in` gives is no list" : problem.message);
        return;
    }
    struct check *single = arena_alloc(probe->arena, sizeof *single);
    *single = *probe->request.check;
    single->foreach = NULL;
    probe->count = probe->open = list->list.count;
    probe->parts = arena_alloc(probe->arena, (list->list.count + 1) * sizeof *probe->parts);
    for (size_t i = 0; i < list->list.count; i++) {
        struct moment *inside = arena_alloc(probe->arena, sizeof *inside);
        struct scope *scope = arena_alloc(probe->arena, sizeof *scope);
        *scope = *moment->scope;
        scope->outer = moment->scope;
        scope->steps = NULL;
        scope->item_name = foreach->as;
        scope->item = list->list.at[i];
        *inside = *moment;
        inside->scope = scope;
        add_part(probe, i, single, inside);
    }
    if (list->list.count == 0)
        answer(probe, foreach->empty_ok ? ANSWER_HOLDS : ANSWER_UNASKED, "the list is empty");
}

static void begin(struct probe *probe)
{
    const struct check *check = probe->request.check;
    struct problem problem = {0};
    int64_t limit, grace;
    if (check->foreach != NULL) {
        start_items(probe);
    } else if (check->kind != CHECK_ACTION) {
        start_parts(probe);
    } else if (!check_limit(probe, &limit, &grace, &problem)) {
        cant_ask(probe, problem.message);
    } else if (check->use.action->core == NULL) {
        start_composite(probe, limit);
    } else if (check->use.action->core->form == FORM_WORK) {
        start_deed(probe, limit, grace);
    } else if (strcmp(check->use.action->name, "assert") == 0) {
        start_assert(probe);
    } else {
        cant_ask(probe, "it asks nothing");
    }
}

struct probe *probe_start(const struct probe_request *request)
{
    struct arena *arena = arena_new();
    struct probe *probe = arena_alloc(arena, sizeof *probe);
    probe->request = *request;
    probe->arena = arena;
    begin(probe);
    return probe;
}

static void cancel(struct probe *probe)
{
    probe->cancelled = true;
    buffer_free(&probe->why);
    loop_timer_stop(&probe->limit);
    if (probe->work != NULL)
        begin_cancel(probe->work);
    if (probe->quiet != NULL)
        quiet_cancel(probe->quiet);
    for (size_t i = 0; i < probe->count; i++)
        if (probe->parts[i] != NULL)
            cancel(probe->parts[i]);
}

void probe_cancel(struct probe *probe)
{
    if (probe == NULL)
        return;
    /* What was begun still calls back: the run keeps the arena until its own end. */
    list_add(probe->request.run->arena, &probe->request.run->late, probe->arena);
    cancel(probe);
}
