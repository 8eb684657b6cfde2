#include "commands/drill_act.h"

#include "base/arena.h"
#include "base/text.h"
#include "lang/action.h"
#include "lang/eval.h"
#include "lang/expect.h"
#include "lang/value.h"
#include "sys/loop.h"

#include <string.h>

struct work {
    const struct stage *stage;
    struct outcome outcome;
    struct loop_timer timer;
};

static void over(void *data)
{
    struct work *work = data;
    work->stage->ended(work->stage->context, &work->outcome);
}

static struct work *begin(const struct stage *stage, int64_t delay, struct outcome outcome)
{
    struct work *work = arena_alloc(stage->arena, sizeof *work);
    work->stage = stage;
    work->outcome = outcome;
    work->outcome.duration = delay;
    loop_timer_start(stage->loop, &work->timer, delay, over, work);
    return work;
}

/* The id of the step that is so named, as expressions speak of it. */
static const char *id_of(struct arena *arena, const char *name)
{
    const char *slash = strrchr(name, '/'), *id = slash ? slash + 1 : name;
    return arena_copy(arena, id, strcspn(id, "[#"));
}

/* KNOWN: outputs that are known, ends with a NULL key. */
static const struct value *outputs_of(const struct deed *deed, const struct stage *stage,
                                      const struct member *known)
{
    struct arena *arena = stage->arena;
    const struct param_about *about = deed->action->outputs;
    const char *id = id_of(arena, stage->step);
    size_t count = 0;
    while (about != NULL && about[count].name != NULL)
        count++;
    struct member *members = arena_alloc(arena, (count + 1) * sizeof *members);
    for (size_t i = 0; i < count; i++) {
        const struct value *value =
            value_unknown(arena, arena_format(arena, "steps.%s.%s", id, about[i].name));
        for (const struct member *at = known; at != NULL && at->key != NULL; at++)
            if (strcmp(at->key, about[i].name) == 0)
                value = at->value;
        members[i] = (struct member){about[i].name, value};
    }
    return value_map(arena, members, count);
}

struct work *drill_act(const struct deed *deed, const struct stage *stage)
{
    return begin(stage, 0,
                 (struct outcome){.kind = OUTCOME_ENDED, .outputs = outputs_of(deed, stage, NULL)});
}

/* Names have no value here but what the action gave. */
static const struct value *find(const struct values *values, const char *root, const char *member)
{
    const struct stage *stage = ((const struct work *)values->context)->stage;
    const struct value *outputs = ((const struct work *)values->context)->outcome.outputs;
    if (strcmp(root, "result") != 0)
        return value_unknown(stage->arena, root);
    return member ? value_member(stage->arena, outputs, member) : outputs;
}

static bool is_borne(const struct stage *stage, const struct expectation *expect,
                     const struct value *outputs)
{
    struct work asked = {.stage = stage, .outcome = {.outputs = outputs}};
    struct values values = {.find = find, .context = &asked};
    struct buffer why = {0};
    bool borne = expect == NULL ||
                 expect_judge(stage->arena, expect, outputs, &values, &why) != ANSWER_FAILS;
    buffer_free(&why);
    return borne;
}

struct work *drill_act_fail(const struct deed *deed, const struct stage *stage,
                            const struct expectation *expect)
{
    struct arena *arena = stage->arena;
    const struct member bad[] = {{"exit", value_integer(arena, VALUE_INT, 1)},
                                 {"answered", &value_true},
                                 {"status", value_integer(arena, VALUE_INT, 500)},
                                 {NULL, NULL}};
    const struct value *outputs = outputs_of(deed, stage, bad);
    bool says = value_find(outputs, "exit") != NULL || value_find(outputs, "status") != NULL;
    if (says && !is_borne(stage, expect, outputs))
        return begin(stage, 0, (struct outcome){.kind = OUTCOME_ENDED, .outputs = outputs});
    return begin(stage, 0,
                 (struct outcome){.kind = says ? OUTCOME_NOT_STARTED : OUTCOME_FAILED,
                                  .message = "it is made to fail"});
}

struct work *drill_act_time_out(const struct stage *stage)
{
    return begin(stage, stage->limit,
                 (struct outcome){.kind = OUTCOME_TIMED_OUT,
                                  .message = "it did not end within its time limit"});
}

struct work *drill_act_lost(const struct stage *stage)
{
    return begin(stage, 0,
                 (struct outcome){.kind = OUTCOME_LOST, .message = "nobody saw how it ended"});
}

struct work *drill_act_proof(const struct deed *deed, const struct stage *stage, bool happened)
{
    struct outcome outcome = {.kind = OUTCOME_NOT_STARTED, .message = "it did not happen"};
    if (happened)
        outcome = (struct outcome){.kind = OUTCOME_ENDED, .outputs = outputs_of(deed, stage, NULL)};
    return begin(stage, 0, outcome);
}

void drill_act_cancel(struct work *work)
{
    work->outcome = (struct outcome){.kind = OUTCOME_CANCELLED, .message = "stopped"};
    loop_timer_start(work->stage->loop, &work->timer, 0, over, work);
}
