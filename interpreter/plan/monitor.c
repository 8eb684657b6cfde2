#include "plan/monitor.h"

#include "base/arena.h"
#include "base/diagnostic.h"
#include "lang/term.h"
#include "lang/value.h"
#include "plan/bind.h"

/* A number of the monitor is wrong with these params. */
static bool refuse(struct diagnostics *diagnostics, struct mark mark, const char *message,
                   const char *remedy)
{
    diagnostic_add(diagnostics, RB602, mark, remedy, "%s", message);
    return false;
}

struct binding {
    struct arena *arena;
    struct moment moment;
    struct diagnostics *diagnostics;
};

/* At least LEAST (and 1 for what must not be 0). TERM NULL: 0. */
static bool number(struct binding *binding, const struct term *term, int64_t *into)
{
    struct problem problem = {0};
    *into = 0;
    if (term == NULL)
        return true;
    if (!bind_number(binding->arena, term, 0, &binding->moment, into, &problem))
        return refuse(binding->diagnostics, term->mark, problem.message,
                      "give the param another value");
    if (*into < 1)
        return refuse(binding->diagnostics, term->mark, "it must be more than nothing",
                      "give the param another value");
    return true;
}

static bool bind_rule(struct binding *binding, const struct condition *condition,
                      struct trip_rule *rule)
{
    const struct strikes *strikes = condition->strikes;
    const struct breaker *breaker = condition->breaker;
    const struct term *of = strikes ? strikes->of : breaker->of;
    rule->breaker = breaker != NULL;
    rule->errors = breaker ? breaker->errors : 0;
    if (!number(binding, condition->every, &rule->every) || !number(binding, of, &rule->of) ||
        !number(binding, strikes ? strikes->failed : NULL, &rule->failed) ||
        !number(binding, breaker ? breaker->slow : NULL, &rule->slow) ||
        !number(binding, breaker ? breaker->reset : NULL, &rule->reset))
        return false;
    if (rule->of > MONITOR_ROUNDS)
        return refuse(binding->diagnostics, of->mark,
                      "at most the last 1,000 rounds can be counted",
                      "look back on fewer, or ask less often");
    if (rule->failed > rule->of)
        return refuse(binding->diagnostics, of->mark, "so many rounds never fail of so few",
                      "make `of` as large as `failed` at least");
    return true;
}

const struct monitor_plan *monitor_plan(struct arena *arena, const struct monitor *monitor,
                                        const struct value *params, struct diagnostics *diagnostics)
{
    struct monitor_plan *plan = arena_alloc(arena, sizeof *plan);
    size_t count = monitor->conditions.count;
    struct trip_rule *rules = arena_alloc(arena, (count + 1) * sizeof *rules);
    static const struct binder nothing = {0};
    plan->monitor = monitor;
    plan->scope = scope_root(arena, &monitor->runbook, params);
    plan->rules = rules;
    struct binding binding = {arena, {.binder = &nothing, .scope = plan->scope}, diagnostics};
    bool good = number(&binding, monitor->every, &plan->every) &&
                number(&binding, monitor->cooldown, &plan->cooldown) &&
                number(&binding, monitor->limit->runs, &plan->runs) &&
                number(&binding, monitor->limit->within, &plan->within);
    for (size_t i = 0; good && i < count; i++)
        good = bind_rule(&binding, monitor->conditions.at[i].value, &rules[i]);
    return good ? plan : NULL;
}

const struct value *monitor_given(struct arena *arena, const struct condition *condition,
                                  const struct moment *moment, struct problem *problem)
{
    const struct argument *given = map_get(&condition->run.arguments, "params");
    if (given == NULL)
        return value_map(arena, NULL, 0);
    return bind_term(arena, given->term, NULL, moment, problem);
}
