/* A monitor as people read it. */
#include "base/arena.h"
#include "base/units.h"
#include "lang/term.h"
#include "lang/value.h"
#include "plan/monitor.h"
#include "plan/print_text.h"

static void print_trip(const struct words *words, const struct trip_rule *rule)
{
    struct arena *arena = words->arena;
    if (!rule->breaker) {
        words_prose(words, 4, "trips",
                    arena_format(arena, "when %lld of the last %lld rounds were bad",
                                 (long long)rule->failed, (long long)rule->of));
        return;
    }
    const char *slow = rule->slow > 0 ? arena_format(arena, ", or took longer than %s",
                                                     words_time(arena, rule->slow))
                                      : "";
    words_prose(words, 4, "trips",
                arena_format(arena,
                             "when %lld%% of the last %lld rounds were bad%s; then nothing is "
                             "asked for %s, and one round decides",
                             (long long)rule->errors, (long long)rule->of, slow,
                             words_time(arena, rule->reset)));
}

static void print_run(const struct words *words, const struct monitor_plan *monitor,
                      const struct condition *condition)
{
    static const struct binder nothing = {0};
    struct moment moment = {.binder = &nothing, .scope = monitor->scope};
    struct problem problem = {0};
    const struct value *given = monitor_given(words->arena, condition, &moment, &problem);
    bool some = given != NULL && given->kind == VALUE_MAP && given->map.count > 0;
    words_prose(words, 4, "then",
                arena_format(words->arena, "runbook run %s%s%s%s",
                             condition_runbook(condition)->file, some ? " with " : "",
                             some ? words_value(words->arena, given) : "",
                             condition->approve ? ", after `runbook approve`" : ""));
}

void monitor_print(const struct monitor_plan *monitor, const struct plan *plan, bool colour,
                   struct buffer *into)
{
    struct words words = {.arena = arena_new(), .into = into, .colour = colour};
    struct paper paper = {&words, words.arena, into, plan->folder, false, false};
    const struct map *conditions = &monitor->monitor->conditions;
    buffer_format(into, "monitor %s", plan->runbook->name);
    if (plan->title != NULL)
        buffer_format(into, ": %s", words_value(words.arena, plan->title));
    buffer_text(into, "\n");
    words_prose(&words, 2, NULL,
                arena_format(words.arena,
                             "a round every %s; no run within %s of the end of another; more than "
                             "%lld within %s, and on_limit",
                             words_time(words.arena, monitor->every),
                             words_time(words.arena, monitor->cooldown), (long long)monitor->runs,
                             words_time(words.arena, monitor->within)));
    for (size_t i = 0; i < conditions->count; i++) {
        const struct condition *condition = conditions->at[i].value;
        buffer_text(into, "\n");
        const char *name = arena_format(words.arena, "condition %s", condition->name);
        words_prose(&words, 0, condition->about != NULL ? name : NULL,
                    condition->about != NULL ? term_print(words.arena, condition->about) : name);
        if (monitor->rules[i].every > 0)
            words_prose(&words, 4, "asked",
                        arena_format(words.arena, "every %s",
                                     words_time(words.arena, monitor->rules[i].every)));
        print_block(&paper, 4, "good when", plan->watched.at[i]);
        print_trip(&words, &monitor->rules[i]);
        print_run(&words, monitor, condition);
    }
    buffer_text(into, "\non_limit, instead of one run too many:\n\n");
    print_steps(&paper, 0, &plan->steps);
    arena_free(words.arena);
}
