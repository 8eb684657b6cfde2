/* A monitor: its conditions, and what stands in each. */
#include "lang/read.h"

#include "base/arena.h"
#include "lang/monitor.h"
#include "lang/term.h"
#include "lang/type.h"
#include "lang/value.h"

#include <stdlib.h>

void read_percent_key(struct reader *reader, void *object, const struct key *key,
                      const struct pair *pair)
{
    const char *text = read_fixed(reader, pair->value, key->name);
    char *end = NULL;
    long number = text != NULL ? strtol(text, &end, 10) : 0;
    if (text == NULL)
        return;
    if (text[0] < '0' || text[0] > '9' || end[0] != '%' || end[1] != '\0' || number < 1 ||
        number > 100)
        diagnostic_add(reader->diagnostics, RB102, pair->value->mark,
                       arena_format(reader->arena, "write it like this: %s", key->example),
                       "'%s' wants a share from 1%% to 100%%, found '%s'", key->name, text);
    *(int64_t *)((char *)object + key->at) = number;
}

void read_strikes_key(struct reader *reader, void *object, const struct key *key,
                      const struct pair *pair)
{
    struct strikes *strikes = arena_alloc(reader->arena, sizeof *strikes);
    strikes->mark = pair->key_mark;
    read_mapping(reader, MAPPING_STRIKES, pair, "'strikes'", strikes);
    *(const struct strikes **)((char *)object + key->at) = strikes;
}

void read_breaker_key(struct reader *reader, void *object, const struct key *key,
                      const struct pair *pair)
{
    struct breaker *breaker = arena_alloc(reader->arena, sizeof *breaker);
    breaker->mark = pair->key_mark;
    read_mapping(reader, MAPPING_BREAKER, pair, "'breaker'", breaker);
    *(const struct breaker **)((char *)object + key->at) = breaker;
}

void read_limit_key(struct reader *reader, void *object, const struct key *key,
                    const struct pair *pair)
{
    struct monitor_limit *limit = arena_alloc(reader->arena, sizeof *limit);
    limit->mark = pair->key_mark;
    read_mapping(reader, MAPPING_LIMIT, pair, "'limit'", limit);
    *(const struct monitor_limit **)((char *)object + key->at) = limit;
}

/* `run` has the params of `call`, and means the same but for the run, which is one of its own. */
static void read_run(struct reader *reader, struct condition *condition, const struct found *found)
{
    const struct pair *run = keys_found(reader, MAPPING_CONDITION, found, "run");
    if (run == NULL || !read_is_map(reader, run->value, "'run'", "run: {runbook: restart.yaml}"))
        return;
    struct pair call = {.key = "call", .key_mark = run->key_mark, .value = run->value};
    read_use(reader, &call, &condition->run);
}

static void check_ways(struct reader *reader, const struct condition *condition)
{
    if ((condition->strikes == NULL) != (condition->breaker == NULL))
        return;
    diagnostic_add(reader->diagnostics, condition->strikes == NULL ? RB101 : RB102, condition->mark,
                   "say `strikes: {failed: 3, of: 5}` or `breaker: {errors: 50%, of: 20, reset: "
                   "30s}`",
                   condition->strikes == NULL ? "condition '%s' does not say when it trips"
                                              : "condition '%s' has both strikes and a breaker",
                   condition->name);
}

/* A count that is written; 0: it is known when the monitor begins. */
static int64_t written(const struct term *term)
{
    return term != NULL && term->kind == TERM_CONSTANT ? term->constant->integer : 0;
}

static void check_rounds(struct reader *reader, const struct condition *condition)
{
    const struct term *of = condition->strikes   ? condition->strikes->of
                            : condition->breaker ? condition->breaker->of
                                                 : NULL;
    const struct term *failed = condition->strikes ? condition->strikes->failed : NULL;
    if (written(of) > MONITOR_ROUNDS)
        diagnostic_add(reader->diagnostics, RB102, of->mark,
                       "look back on fewer, or ask less often",
                       "at most the last %d rounds can be counted", MONITOR_ROUNDS);
    if (written(failed) > 0 && written(of) > 0 && written(failed) > written(of))
        diagnostic_add(reader->diagnostics, RB102, failed->mark, "make `of` as large at least",
                       "%lld of %lld rounds never fail: it would never trip",
                       (long long)written(failed), (long long)written(of));
}

static struct condition *read_condition(struct reader *reader, const struct pair *pair)
{
    struct found found;
    size_t errors = reader->diagnostics->errors;
    struct condition *condition = arena_alloc(reader->arena, sizeof *condition);
    const char *what = arena_format(reader->arena, "condition '%s'", pair->key);
    condition->name = pair->key;
    condition->mark = pair->key_mark;
    if (!read_is_map(reader, pair->value, what, NULL))
        return NULL;
    keys_collect(reader, MAPPING_CONDITION, pair->value, &found, NULL);
    keys_missing(reader, MAPPING_CONDITION, &found, pair->key_mark, what);
    keys_read(reader, MAPPING_CONDITION, &found, false, condition);
    read_run(reader, condition, &found);
    if (reader->diagnostics->errors == errors) {
        check_ways(reader, condition);
        check_rounds(reader, condition);
    }
    return reader->diagnostics->errors == errors ? condition : NULL;
}

void read_conditions_key(struct reader *reader, void *object, const struct key *key,
                         const struct pair *pair)
{
    struct map *conditions = (struct map *)((char *)object + key->at);
    if (!read_is_map(reader, pair->value, "'conditions'", key->example))
        return;
    for (size_t i = 0; i < pair->value->count; i++) {
        const struct pair *each = &pair->value->pairs[i];
        bool named = read_is_id(reader, each->key, each->key_mark);
        struct condition *condition = read_condition(reader, each);
        if (named && condition != NULL)
            map_put(reader->arena, conditions, each->key, condition);
    }
    if (pair->value->count == 0)
        diagnostic_add(reader->diagnostics, RB101, pair->key_mark,
                       arena_format(reader->arena, "write one: %s", key->example),
                       "the monitor watches nothing");
}

/* What on_limit is told. */
static void add_param(struct reader *reader, struct monitor *monitor, const char *name,
                      const char *pattern, const char *about)
{
    struct map *params = &monitor->runbook.params;
    const struct param *own = map_get(params, name);
    if (own != NULL) {
        diagnostic_add(reader->diagnostics, RB004, own->mark, "give it another name",
                       "every monitor has a param '%s': %s", name, about);
        return;
    }
    struct param *param = arena_alloc(reader->arena, sizeof *param);
    struct term *form = arena_alloc(reader->arena, sizeof *form);
    form->kind = TERM_CONSTANT;
    form->mark = monitor->runbook.mark;
    form->constant = value_string(reader->arena, pattern);
    *param = (struct param){.name = name,
                            .arena = reader->arena,
                            .mark = monitor->runbook.mark,
                            .type = type_scalar(TYPE_STRING),
                            .optional = true,
                            .pattern = form,
                            .about = about};
    map_put(reader->arena, params, name, param);
}

void read_monitor(struct reader *reader, const struct pair *pair, struct monitor *monitor)
{
    struct runbook *head = &monitor->runbook;
    const struct node *name = node_get(pair->value, "monitor");
    head->monitor = monitor;
    head->mark = name->mark;
    read_mapping(reader, MAPPING_MONITOR, pair, "the monitor", monitor);
    add_param(reader, monitor, MONITOR_PARAM_CONDITION, "^[a-z][a-z0-9_]*$",
              "what tripped, for on_limit");
    add_param(reader, monitor, MONITOR_PARAM_REASON, "^[^-]", "what was found, for on_limit");
}

const struct runbook *condition_runbook(const struct condition *condition)
{
    const struct argument *file = map_get(&condition->run.arguments, "runbook");
    return file != NULL ? file->runbook : NULL;
}
