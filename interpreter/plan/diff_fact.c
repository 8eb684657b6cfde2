#include "plan/diff_fact.h"

#include "base/arena.h"
#include "base/units.h"
#include "lang/expr.h"
#include "lang/monitor.h"
#include "lang/term.h"
#include "lang/type.h"
#include "lang/value.h"
#include "plan/diff_trait.h"

#include <inttypes.h>
#include <string.h>

/* ---- building ---- */

struct fact *fact_new(const struct fact_maker *maker, const char *key, enum fact_kind kind,
                      struct mark mark)
{
    struct fact *fact = arena_alloc(maker->arena, sizeof *fact);
    fact->key = key;
    fact->kind = kind;
    fact->mark = mark;
    fact->trait = trait_plain(JUDGE_PLAIN);
    return fact;
}

void fact_add(const struct fact_maker *maker, struct fact *into, struct fact *member)
{
    if (member == NULL)
        return;
    if (into->kind == FACT_LIST)
        member->key = arena_format(maker->arena, "%u", into->members.count + 1);
    (void)map_put(maker->arena, &into->members, member->key, member);
}

struct fact *fact_text(const struct fact_maker *maker, const char *key, const char *text,
                       struct mark mark)
{
    if (text == NULL)
        return NULL;
    struct fact *fact = fact_new(maker, key, FACT_SCALAR, mark);
    fact->text = text;
    return fact;
}

struct fact *fact_expr(const struct fact_maker *maker, const char *key, const struct expr *expr)
{
    if (expr == NULL)
        return NULL;
    return fact_text(maker, key,
                     arena_format(maker->arena, "${%s}", expr_print(maker->arena, expr)),
                     expr_mark(expr));
}

/* ---- values and terms ---- */

static struct fact *of_value(const struct fact_maker *maker, const char *key,
                             const struct value *value, struct mark mark)
{
    if (value->kind != VALUE_LIST && value->kind != VALUE_MAP) {
        bool unset = value->kind == VALUE_UNSET;
        struct fact *fact =
            fact_text(maker, key, unset ? "null" : value_print(maker->arena, value), mark);
        fact->value = value;
        return fact;
    }
    struct fact *fact =
        fact_new(maker, key, value->kind == VALUE_LIST ? FACT_LIST : FACT_MAP, mark);
    for (size_t i = 0; value->kind == VALUE_LIST && i < value->list.count; i++)
        fact_add(maker, fact, of_value(maker, "", value->list.at[i], mark));
    for (size_t i = 0; value->kind == VALUE_MAP && i < value->map.count; i++)
        fact_add(maker, fact, of_value(maker, value->map.at[i].key, value->map.at[i].value, mark));
    return fact;
}

struct fact *fact_term(const struct fact_maker *maker, const char *key, const struct term *term)
{
    if (term == NULL)
        return NULL;
    if (term->kind == TERM_CONSTANT)
        return of_value(maker, key, term->constant, term->mark);
    if (term->kind == TERM_TEMPLATE)
        return fact_text(maker, key, term_print(maker->arena, term), term->mark);
    struct fact *fact =
        fact_new(maker, key, term->kind == TERM_LIST ? FACT_LIST : FACT_MAP, term->mark);
    for (size_t i = 0; term->kind == TERM_LIST && i < term->count; i++)
        fact_add(maker, fact, fact_term(maker, "", term->items[i]));
    for (size_t i = 0; term->kind == TERM_MAP && i < term->count; i++)
        fact_add(maker, fact, fact_term(maker, term->members[i].key, term->members[i].term));
    return fact;
}

static struct fact *of_terms(const struct fact_maker *maker, const char *key,
                             const struct list *terms)
{
    if (terms->count == 0)
        return NULL;
    struct fact *fact = fact_new(maker, key, FACT_LIST, ((const struct term *)terms->at[0])->mark);
    for (size_t i = 0; i < terms->count; i++)
        fact_add(maker, fact, fact_term(maker, "", terms->at[i]));
    return fact;
}

static struct fact *of_term_map(const struct fact_maker *maker, const char *key,
                                const struct map *terms, enum judge judge)
{
    if (terms->count == 0)
        return NULL;
    struct fact *fact =
        fact_new(maker, key, FACT_MAP, ((const struct term *)terms->at[0].value)->mark);
    for (size_t i = 0; i < terms->count; i++) {
        struct fact *member = fact_term(maker, terms->at[i].key, terms->at[i].value);
        if (member == NULL)
            continue;
        member->trait = trait_plain(judge);
        fact_add(maker, fact, member);
    }
    return fact;
}

/* ---- mappings by the tables of keys ---- */

/* A mapping of its own: OBJECT (NULL: nothing) at MARK. */
static struct fact *of_mapping(const struct fact_maker *maker, const char *key,
                               enum mapping mapping, const void *object, struct mark mark)
{
    if (object == NULL)
        return NULL;
    struct fact *fact = fact_new(maker, key, FACT_MAP, mark);
    fact_keys(maker, mapping, object, fact);
    return fact;
}

struct fact *fact_param(const struct fact_maker *maker, const struct param *param, bool output)
{
    struct fact *fact =
        of_mapping(maker, param->name, output ? MAPPING_OUTPUT : MAPPING_PARAM, param, param->mark);
    if (output) {
        fact_add(maker, fact, fact_term(maker, "value", param->value));
        return fact;
    }
    const struct {
        const char *key;
        const struct term *term;
    } apart[] = {{"one_of", param->one_of}, {"min", param->min}, {"max", param->max}};
    for (size_t i = 0; i < sizeof apart / sizeof *apart; i++) {
        struct fact *made = fact_term(maker, apart[i].key, apart[i].term);
        if (made == NULL)
            continue;
        made->trait = trait_of(MAPPING_PARAM, apart[i].key);
        fact_add(maker, fact, made);
    }
    return fact;
}

static struct fact *of_params(const struct fact_maker *maker, const char *key,
                              const struct map *params, bool output)
{
    if (params->count == 0)
        return NULL;
    struct fact *fact = fact_new(maker, key, FACT_MAP, (struct mark){0});
    for (size_t i = 0; i < params->count; i++)
        fact_add(maker, fact, fact_param(maker, params->at[i].value, output));
    return fact;
}

/* Where it is read is one thing, whatever the key. */
static struct fact *of_secret(const struct fact_maker *maker, const struct secret *secret)
{
    struct fact *keys = of_mapping(maker, secret->name, MAPPING_SECRET, secret, secret->mark);
    struct fact *fact = fact_new(maker, secret->name, FACT_MAP, secret->mark);
    for (uint32_t i = 0; i < keys->members.count; i++) {
        struct fact *key = keys->members.at[i].value;
        bool source = key->trait->judge == JUDGE_SOURCE;
        struct fact *member =
            fact_text(maker, source ? "source" : key->key,
                      arena_format(maker->arena, "%s%s%s", source ? key->key : "",
                                   source ? " " : "", fact_shown(maker->arena, key)),
                      key->mark);
        member->trait = key->trait;
        fact_add(maker, fact, member);
    }
    return fact;
}

static struct fact *of_secrets(const struct fact_maker *maker, const char *key,
                               const struct map *secrets)
{
    if (secrets->count == 0)
        return NULL;
    struct fact *fact = fact_new(maker, key, FACT_MAP, (struct mark){0});
    for (size_t i = 0; i < secrets->count; i++) {
        const struct secret *secret = secrets->at[i].value;
        fact_add(maker, fact, of_secret(maker, secret));
    }
    return fact;
}

static struct fact *of_conditions(const struct fact_maker *maker, const char *key,
                                  const struct map *conditions)
{
    struct fact *fact = fact_new(maker, key, FACT_MAP, (struct mark){0});
    for (size_t i = 0; i < conditions->count; i++) {
        const struct condition *condition = conditions->at[i].value;
        struct fact *one =
            of_mapping(maker, condition->name, MAPPING_CONDITION, condition, condition->mark);
        one->trait = trait_plain(JUDGE_GUARD);
        struct fact *run = fact_use(maker, &condition->run, NULL);
        if (run != NULL)
            run->key = "run";
        fact_add(maker, one, run);
        fact_add(maker, fact, one);
    }
    return fact;
}

static struct fact *of_also(const struct fact_maker *maker, const char *key,
                            const struct retry *retry)
{
    if (!retry->also_timeout && !retry->also_verify)
        return NULL;
    struct fact *fact = fact_new(maker, key, FACT_LIST, retry->mark);
    if (retry->also_timeout)
        fact_add(maker, fact, fact_text(maker, "", "timeout", retry->mark));
    if (retry->also_verify)
        fact_add(maker, fact, fact_text(maker, "", "verify", retry->mark));
    return fact;
}

static struct fact *of_entries(const struct fact_maker *maker, const char *key,
                               const struct list *steps)
{
    if (steps->count == 0)
        return NULL;
    struct fact *fact = fact_new(maker, key, FACT_LIST, ((const struct step *)steps->at[0])->mark);
    for (size_t i = 0; i < steps->count; i++) {
        struct fact *entry = fact_step(maker, "", steps->at[i]);
        entry->trait = trait_plain(JUDGE_ENTRY);
        fact_add(maker, fact, entry);
    }
    return fact;
}

/* Is TERM what holds when the key is not written? */
static bool is_preset(const struct key *key, const struct term *term)
{
    int64_t number;
    if (key->preset == NULL || term == NULL || term->kind != TERM_CONSTANT)
        return false;
    if (key->reading == READ_DURATION)
        return duration_parse(text_of(key->preset), &number) && term->constant->integer == number;
    struct arena *arena = arena_new();
    bool same =
        (key->reading == READ_COUNT || key->reading == READ_FLOAT || key->reading == READ_HOST) &&
        strcmp(value_print(arena, term->constant), key->preset) == 0;
    arena_free(arena);
    return same;
}

static struct mark mark_at(const void *object)
{
    return object ? *(const struct mark *)object : (struct mark){0};
}

/* The value of one key, whose member is AT. */
static struct fact *of_key(const struct fact_maker *maker, const struct key *key, const void *at)
{
    static const enum mapping mappings[READING_COUNT] = {
        [READ_FOREACH] = MAPPING_FOREACH, [READ_REPEAT] = MAPPING_REPEAT,
        [READ_APPROVE] = MAPPING_APPROVE, [READ_RETRY] = MAPPING_RETRY,
        [READ_STRIKES] = MAPPING_STRIKES, [READ_BREAKER] = MAPPING_BREAKER,
        [READ_LIMIT] = MAPPING_LIMIT,
    };
    const void *object = NULL;
    struct fact *made;
    switch (key->reading) {
    case READ_TEXT:
    case READ_DURATION:
    case READ_PATH:
    case READ_COUNT:
    case READ_FLOAT:
    case READ_VALUES:
    case READ_ENVIRONMENT:
    case READ_HOST:
    case READ_PEOPLE:
    case READ_TYPED:
    case READ_PATTERN:
    case READ_SECRET:
    case READ_ARGV:
        object = *(const struct term *const *)at;
        return is_preset(key, object) ? NULL : fact_term(maker, key->name, object);
    case READ_EXPR:
        made = fact_expr(maker, key->name, *(const struct expr *const *)at);
        return made && key->preset && strcmp(made->text, "${true}") == 0 ? NULL : made;
    case READ_ID:
    case READ_PROSE:
        return fact_text(maker, key->name, *(const char *const *)at, (struct mark){0});
    case READ_BOOL:
    case READ_OK:
        return *(const bool *)at ? fact_text(maker, key->name, "true", (struct mark){0}) : NULL;
    case READ_EFFECT:
        return fact_text(maker, key->name, effect_name(*(const enum effect *)at), (struct mark){0});
    case READ_ALSO:
        return of_also(
            maker, key->name,
            (const struct retry *)((const char *)at - offsetof(struct retry, also_timeout)));
    case READ_TYPE:
        return *(const struct type *const *)at == NULL
                   ? NULL
                   : fact_text(maker, key->name,
                               type_print(maker->arena, *(const struct type *const *)at),
                               (struct mark){0});
    case READ_RESOURCES:
        return of_terms(maker, key->name, at);
    case READ_ALLOW:
        return of_term_map(maker, key->name, at, JUDGE_LICENCE);
    case READ_CONNECTIONS:
        return of_term_map(maker, key->name, at, JUDGE_PLAIN);
    case READ_PARAMS:
        return of_params(maker, key->name, at, false);
    case READ_OUTPUTS:
        return of_params(maker, key->name, at, true);
    case READ_DEFAULTS:
        return of_mapping(maker, key->name, MAPPING_DEFAULTS, at, (struct mark){0});
    case READ_CHECKS:
        return fact_checks(maker, key->name, at);
    case READ_BLOCK:
    case READ_DONE_IF:
        return fact_block(maker, key->name, *(const struct block *const *)at);
    case READ_EXPECT:
        return fact_expect(maker, *(const struct expectation *const *)at, NULL);
    case READ_FOREACH:
    case READ_REPEAT:
    case READ_APPROVE:
    case READ_RETRY:
    case READ_STRIKES:
    case READ_BREAKER:
    case READ_LIMIT:
        object = *(const void *const *)at; /* a struct whose first member is its mark */
        return of_mapping(maker, key->name, mappings[key->reading], object, mark_at(object));
    case READ_RELEASE:
    case READ_UNDO:
        return of_entries(maker, key->name, at);
    case READ_STEPS:
    case READ_ON_FAILURE:
        return fact_steps(maker, key->name, *(const struct steps *const *)at);
    case READ_SECRETS:
        return of_secrets(maker, key->name, at);
    case READ_CONDITIONS:
        return of_conditions(maker, key->name, at);
    case READ_PERCENT:
        return fact_text(maker, key->name,
                         arena_format(maker->arena, "%" PRId64 "%%", *(const int64_t *)at),
                         (struct mark){0});
    case READ_APART:
    case READ_ACTIONS:
    case READING_COUNT:
        break;
    }
    return NULL;
}

void fact_keys(const struct fact_maker *maker, enum mapping mapping, const void *object,
               struct fact *into)
{
    const struct key_table *table = keys_of(mapping);
    for (size_t i = 0; i < table->count; i++) {
        const struct key *key = &table->keys[i];
        struct fact *fact = of_key(maker, key, (const char *)object + key->at);
        if (fact == NULL)
            continue;
        fact->trait = trait_of(mapping, key->name);
        if (fact->mark.source == NULL)
            fact->mark = into->mark;
        fact_add(maker, into, fact);
    }
}

/* ---- the whole ---- */

const struct fact *fact_runbook(struct arena *arena, const struct runbook *runbook)
{
    const struct fact_maker maker = {arena, runbook};
    struct fact *fact = fact_new(&maker, "", FACT_MAP, runbook->mark);
    fact_keys(&maker, runbook->monitor ? MAPPING_MONITOR : MAPPING_RUNBOOK,
              runbook->monitor ? (const void *)runbook->monitor : runbook, fact);
    return fact;
}

const struct fact *fact_action(struct arena *arena, const struct action *action)
{
    const struct fact_maker maker = {arena, NULL};
    struct fact *fact = fact_new(&maker, action->name, FACT_MAP, action->mark);
    fact_keys(&maker, MAPPING_ACTION, action, fact);
    struct fact *steps = fact_steps(&maker, "steps", action->steps);
    if (steps != NULL)
        fact_add(&maker, fact, steps);
    return fact;
}
