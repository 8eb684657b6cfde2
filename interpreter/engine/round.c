#include "engine/round.h"

#include "base/arena.h"
#include "base/digest.h"
#include "engine/live.h"
#include "engine/probe.h"
#include "engine/run.h"
#include "engine/unrecorded.h"
#include "lang/expr.h"
#include "lang/term.h"
#include "lang/value.h"
#include "plan/monitor.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* A check that is being asked. */
struct asking {
    struct round *round;
    size_t condition, index;
    struct probe *probe;
    struct moment moment;
};

struct round {
    const struct round_setup *setup;
    struct run_setup run_setup;
    struct run *run;
    struct arena *arena;
    struct round_answer *answers;
    struct list asked; /* of struct asking */
    size_t open;
    int64_t began;
};

/* ---- what counts before there is a `usual` ---- */

static bool has_usual(const struct list *names)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(((const struct expr_name *)names->at[i])->root, "usual") == 0)
            return true;
    return false;
}

static bool matcher_names_usual(struct arena *arena, const struct matcher *matcher)
{
    for (size_t i = 0; i < matcher->parts.count; i++) {
        const struct matcher_part *part = matcher->parts.at[i];
        struct list names = {0};
        if (part->term != NULL)
            term_names(arena, part->term, &names);
        if (has_usual(&names) || (part->inside != NULL && matcher_names_usual(arena, part->inside)))
            return true;
        for (size_t j = 0; j < part->json.count; j++)
            if (matcher_names_usual(arena, part->json.at[j].value))
                return true;
    }
    return false;
}

/* EXPECT without what names `usual`. */
static const struct expectation *without_usual(struct arena *arena,
                                               const struct expectation *expect)
{
    struct list names = {0};
    if (expect == NULL)
        return NULL;
    if (expect->expr != NULL) {
        expr_names(arena, expect->expr, &names);
        return has_usual(&names) ? NULL : expect;
    }
    struct expectation *less = arena_alloc(arena, sizeof *less);
    *less = *expect;
    less->outputs = (struct map){0};
    for (size_t i = 0; i < expect->outputs.count; i++)
        if (!matcher_names_usual(arena, expect->outputs.at[i].value))
            map_put(arena, &less->outputs, expect->outputs.at[i].key, expect->outputs.at[i].value);
    return less;
}

static const struct check *check_to_ask(struct arena *arena, const struct check *check,
                                        const struct value *usual)
{
    if (check->kind != CHECK_ACTION || usual->kind != VALUE_UNSET)
        return check;
    struct check *less = arena_alloc(arena, sizeof *less);
    *less = *check;
    less->expect = without_usual(arena, check->expect);
    return less;
}

/* ---- one check ---- */

/* Two rounds of a check are of the same one when it asks the same. */
static const char *digest_of(struct asking *asking, const struct check *check)
{
    struct arena *arena = asking->round->arena;
    struct problem problem = {0};
    char hex[DIGEST_TEXT];
    if (check->kind != CHECK_ACTION || check->foreach != NULL)
        return "";
    const struct value *inputs = bind_arguments(arena, &check->use, &asking->moment, &problem);
    json_t *json = value_to_json(inputs ? inputs : &value_unset);
    char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
    const char *whole = arena_format(arena, "%s %s", check->use.action->name, text ? text : "");
    digest_text(text_of(whole), hex);
    free(text);
    json_decref(json);
    return arena_copy(arena, hex, sizeof hex - 1);
}

static void free_round(void *round)
{
    round_free(round);
}

static void finish(void *context)
{
    struct round *round = context;
    struct loop *loop = round->setup->loop;
    round->setup->ended(round->setup->context, round->answers);
    loop_later(loop, free_round, round); /* behind what its probes still have to free */
}

static void answered(void *context, enum answer answer, const char *why,
                     const struct value *outputs)
{
    struct asking *asking = context;
    struct round *round = asking->round;
    struct round_answer *condition = &round->answers[asking->condition];
    struct round_check *check = &condition->checks[asking->index];
    asking->probe = NULL;
    check->good = answer == ANSWER_HOLDS;
    /* They are the probe's, which goes with this call. */
    check->outputs = outputs != NULL ? value_copy(round->arena, outputs) : NULL;
    condition->took = loop_now(round->setup->loop) - round->began;
    condition->good = condition->good && check->good;
    if (!check->good)
        condition->why = arena_format(round->arena, "%s%s%s", condition->why,
                                      condition->why[0] != '\0' ? "; " : "",
                                      why != NULL && why[0] != '\0' ? why : "it does not hold");
    if (--round->open == 0)
        run_later(round->run, finish, round);
}

static void ask(struct round *round, size_t condition, size_t index, const struct check *check)
{
    const struct round_setup *setup = round->setup;
    struct asking *asking = arena_alloc(round->arena, sizeof *asking);
    struct round_check *into = &round->answers[condition].checks[index];
    *asking = (struct asking){.round = round, .condition = condition, .index = index};
    asking->moment = round->run->moment;
    asking->moment.now = value_integer(round->arena, VALUE_TIME, loop_wall(setup->loop));
    into->digest = digest_of(asking, check);
    asking->moment.usual =
        setup->usual(setup->context, round->arena, condition, index, into->digest);
    list_add(round->arena, &round->asked, asking);
    asking->probe = probe_start(&(struct probe_request){
        .run = round->run,
        .name =
            ((const struct condition *)setup->plan->monitor->conditions.at[condition].value)->name,
        .check = check_to_ask(round->arena, check, asking->moment.usual),
        .moment = &asking->moment,
        .arena = round->arena,
        .answered = answered,
        .context = asking});
}

/* ---- all of them ---- */

static void ask_condition(struct round *round, size_t index)
{
    const struct condition *condition = round->setup->plan->monitor->conditions.at[index].value;
    struct round_answer *answer = &round->answers[index];
    answer->asked = round->setup->asks(round->setup->context, index);
    answer->good = true;
    answer->why = "";
    answer->checks =
        arena_alloc(round->arena, (condition->checks.count + 1) * sizeof *answer->checks);
    if (!answer->asked)
        return;
    round->open += condition->checks.count;
    for (size_t i = 0; i < condition->checks.count; i++)
        ask(round, index, i, condition->checks.at[i]);
}

static void begin(void *context)
{
    struct round *round = context;
    const struct map *conditions = &round->setup->plan->monitor->conditions;
    round->open = 1; /* not over before all have begun */
    for (size_t i = 0; i < conditions->count; i++)
        ask_condition(round, i);
    if (--round->open == 0)
        run_later(round->run, finish, round);
}

struct round *round_start(const struct round_setup *setup)
{
    struct arena *arena = arena_new();
    struct round *round = arena_alloc(arena, sizeof *round);
    const struct monitor_plan *plan = setup->plan;
    const struct runbook *head = &plan->monitor->runbook;
    round->setup = setup;
    round->arena = arena;
    round->began = loop_now(setup->loop);
    round->answers =
        arena_alloc(arena, (plan->monitor->conditions.count + 1) * sizeof *round->answers);
    round->run_setup = (struct run_setup){.loop = setup->loop,
                                          .processes = setup->processes,
                                          .transfers = setup->transfers,
                                          .secrets = setup->secrets,
                                          .core = setup->core,
                                          .runbook = head,
                                          .params = plan->scope->params,
                                          .id = head->name,
                                          .folder = setup->folder};
    round->run = unrecorded_new(&round->run_setup);
    round->run->moment.scope = plan->scope;
    run_later(round->run, begin, round);
    return round;
}

void round_stop(struct round *round)
{
    for (size_t i = 0; i < round->asked.count; i++) {
        struct asking *asking = round->asked.at[i];
        probe_cancel(asking->probe);
        asking->probe = NULL;
    }
}

void round_free(struct round *round)
{
    if (round == NULL)
        return;
    unrecorded_free(round->run);
    arena_free(round->arena);
}
