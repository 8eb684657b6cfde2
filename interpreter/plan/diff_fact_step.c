/* Facts of steps: actions in use, checks, expectations. */
#include "plan/diff_fact.h"

#include "base/arena.h"
#include "base/units.h"
#include "lang/action.h"
#include "lang/expect.h"
#include "lang/term.h"
#include "lang/value.h"
#include "lang/yaml.h"
#include "plan/diff_trait.h"

#include <string.h>

/* ---- what holds where nothing is said ---- */

static const char *preset_of(const char *name)
{
    const struct key *key = key_find(MAPPING_DEFAULTS, name, NULL);
    return key ? key->preset : NULL;
}

/* TERM, else what the runbook's defaults say, else what is built in; the latter two are standard.
 */
static struct fact *with_default(const struct fact_maker *maker, const char *key,
                                 const struct term *term, const struct term *default_,
                                 const char *name, struct mark mark)
{
    struct fact *fact = fact_term(maker, key, term != NULL ? term : default_);
    int64_t time;
    if (fact == NULL && duration_parse(text_of(preset_of(name)), &time)) {
        fact = fact_text(maker, key, preset_of(name), mark);
        fact->value = value_integer(maker->arena, VALUE_DURATION, time);
    }
    if (fact != NULL && term == NULL) {
        fact->standard = true;
        fact->mark = mark;
    }
    return fact;
}

static const struct defaults *defaults_of(const struct fact_maker *maker)
{
    static const struct defaults none = {0};
    return maker->runbook ? &maker->runbook->defaults : &none;
}

/* ---- actions in use ---- */

/* A command as people type it; quotes keep apart what is apart. */
static void add_word(const char *word, struct buffer *into)
{
    bool plain = word[0] != '\0' && word[strcspn(word, " \t\n\"'\\")] == '\0';
    bool single = strchr(word, '\'') == NULL;
    const char *quote = plain ? "" : single ? "'" : "\"";
    buffer_text(into, quote);
    for (; *word != '\0'; word++) {
        if (!plain && !single && (*word == '"' || *word == '\\'))
            buffer_text(into, "\\");
        buffer_add(into, word, 1);
    }
    buffer_text(into, quote);
}

static struct fact *of_command(const struct fact_maker *maker, const struct fact *words)
{
    struct buffer line = {0};
    for (uint32_t i = 0; i < words->members.count; i++) {
        const struct fact *word = words->members.at[i].value;
        if (word->kind != FACT_SCALAR) {
            buffer_free(&line);
            return NULL;
        }
        buffer_text(&line, i ? " " : "");
        add_word(word->text, &line);
    }
    struct fact *fact =
        fact_text(maker, words->key, arena_copy(maker->arena, line.at ? line.at : "", line.length),
                  words->mark);
    buffer_free(&line);
    return fact;
}

static struct fact *of_argument(const struct fact_maker *maker, const char *key,
                                const struct argument *argument)
{
    struct fact *fact = NULL;
    if (argument->expr != NULL)
        return fact_expr(maker, key, argument->expr);
    if (argument->block != NULL)
        return fact_block(maker, key, argument->block);
    if (argument->steps != NULL)
        return fact_steps(maker, key, argument->steps);
    if (argument->param != NULL) {
        fact = fact_param(maker, argument->param, false);
        fact->key = key;
        return fact;
    }
    fact = fact_term(maker, key, argument->term);
    if (fact != NULL && fact->kind == FACT_LIST && strcmp(key, "argv") == 0) {
        struct fact *command = of_command(maker, fact);
        fact = command ? command : fact;
    }
    return fact;
}

/* Is what is given for PARAM what it is by default? */
static bool is_default(const struct param *param, const struct argument *argument)
{
    return param != NULL && param->preset != NULL && argument->term != NULL &&
           param->preset->kind == TERM_CONSTANT && argument->term->kind == TERM_CONSTANT &&
           value_equal(param->preset->constant, argument->term->constant);
}

static void add_arguments(const struct fact_maker *maker, const struct use *use, struct fact *into)
{
    for (uint32_t i = 0; i < use->arguments.count; i++) {
        const char *key = use->arguments.at[i].key;
        const struct argument *argument = use->arguments.at[i].value;
        if (is_default(map_get(&use->action->params, key), argument))
            continue;
        struct fact *fact = of_argument(maker, key, argument);
        if (fact == NULL)
            continue;
        if (fact->kind == FACT_SCALAR || fact->trait->judge == JUDGE_PLAIN)
            fact->trait = trait_of_argument(use->action->name, key);
        fact_add(maker, into, fact);
    }
}

struct fact *fact_use(const struct fact_maker *maker, const struct use *use,
                      const struct node *node)
{
    struct fact *fact;
    if (use->action != NULL) {
        fact = fact_new(maker, "action", FACT_USE, use->mark);
        fact->text = use->action->name;
        fact->use = use;
        add_arguments(maker, use, fact);
        return fact;
    }
    for (uint32_t i = 0; node != NULL && node->kind == NODE_MAP && i < node->count; i++)
        if (key_find(MAPPING_STEP, node->pairs[i].key, NULL) == NULL) {
            fact = fact_new(maker, "action", FACT_NODE, node->pairs[i].key_mark);
            fact->text = node->pairs[i].key;
            fact->node = node->pairs[i].value;
            return fact;
        }
    return NULL;
}

/* ---- expectations ---- */

static const char *matcher_text(const struct fact_maker *maker, const char *output,
                                struct matcher *matcher)
{
    struct expectation one = {0};
    struct buffer text = {0};
    map_put(maker->arena, &one.outputs, output, matcher);
    expect_print(maker->arena, &one, NULL, &text);
    const char *copy = arena_copy(maker->arena, text.at ? text.at : "", text.length);
    buffer_free(&text);
    return copy;
}

static bool is_standard(const struct fact_maker *maker, const struct expectation *standard,
                        const char *output, const char *text)
{
    struct matcher *matcher = standard ? map_get(&standard->outputs, output) : NULL;
    return matcher != NULL && strcmp(matcher_text(maker, output, matcher), text) == 0;
}

struct fact *fact_expect(const struct fact_maker *maker, const struct expectation *expect,
                         const struct expectation *standard)
{
    if (expect == NULL)
        return NULL;
    struct fact *fact = fact_new(maker, "expect", FACT_MAP, expect->mark);
    fact->object = expect;
    fact_add(maker, fact, fact_expr(maker, "result", expect->expr));
    for (uint32_t i = 0; i < expect->outputs.count; i++) {
        const char *output = expect->outputs.at[i].key;
        struct matcher *matcher = expect->outputs.at[i].value;
        if (matcher == NULL)
            continue;
        struct fact *one =
            fact_text(maker, output, matcher_text(maker, output, matcher), matcher->mark);
        one->trait = trait_plain(JUDGE_EXPECT);
        one->standard = is_standard(maker, standard, output, one->text);
        one->matcher = matcher;
        fact_add(maker, fact, one);
    }
    return fact;
}

/* ---- checks ---- */

static struct fact *of_check(const struct fact_maker *maker, const struct check *check)
{
    const struct action *action = check->use.action;
    struct fact *fact = fact_new(maker, "", FACT_MAP, check->mark);
    fact->trait = trait_plain(JUDGE_CHECK);
    fact->check = check;
    if (check->kind == CHECK_ACTION)
        fact_add(maker, fact, fact_use(maker, &check->use, NULL));
    else
        fact_add(maker, fact,
                 fact_checks(maker, check->kind == CHECK_ANY ? "any" : "not", &check->checks));
    fact_keys(maker, MAPPING_CHECK, check, fact);
    if (check->expect != NULL) {
        struct fact *expect = fact_expect(maker, check->expect, action ? action->expect : NULL);
        struct fact *plain = map_get(&fact->members, "expect");
        if (plain != NULL)
            *plain = *expect;
    }
    if (check->kind == CHECK_ACTION && check->timeout == NULL) {
        struct fact *timeout =
            with_default(maker, "timeout", NULL, defaults_of(maker)->check_timeout, "check_timeout",
                         check->mark);
        timeout->trait = trait_of(MAPPING_CHECK, "timeout");
        fact_add(maker, fact, timeout);
    }
    return fact;
}

struct fact *fact_checks(const struct fact_maker *maker, const char *key, const struct list *checks)
{
    if (checks->count == 0)
        return NULL;
    struct fact *fact =
        fact_new(maker, key, FACT_LIST, ((const struct check *)checks->at[0])->mark);
    for (uint32_t i = 0; i < checks->count; i++)
        if (checks->at[i] != NULL)
            fact_add(maker, fact, of_check(maker, checks->at[i]));
    return fact;
}

struct fact *fact_block(const struct fact_maker *maker, const char *key, const struct block *block)
{
    if (block == NULL)
        return NULL;
    struct fact *fact = fact_new(maker, key, FACT_MAP, block->mark);
    fact_keys(maker, MAPPING_BLOCK, block, fact);
    /* How often is asked means something where it is asked again. */
    if (block->every == NULL && (block->within != NULL || block->stable_for != NULL)) {
        struct fact *every =
            with_default(maker, "every", NULL, defaults_of(maker)->every, "every", block->mark);
        every->trait = trait_of(MAPPING_BLOCK, "every");
        fact_add(maker, fact, every);
    }
    return fact;
}

/* ---- steps ---- */

static struct fact *of_word(const struct fact_maker *maker, const char *key, const char *text,
                            bool said, struct mark mark)
{
    struct fact *fact = fact_text(maker, key, text, mark);
    fact->standard = !said;
    fact->trait = trait_of(MAPPING_STEP, key);
    return fact;
}

static void replace_member(struct fact *fact, const char *key, const struct fact *with)
{
    struct fact *member = map_get(&fact->members, key);
    if (member == NULL || with == NULL)
        return;
    const struct trait *trait = member->trait;
    *member = *with;
    member->key = key;
    member->trait = trait;
}

/* The effect of what only opens other steps is theirs. */
static void add_settled(const struct fact_maker *maker, const struct step *step, struct fact *into)
{
    const struct action *action = step->use.action;
    if (action == NULL)
        return;
    bool opens = action->core != NULL && action->core->form == FORM_STEPS;
    bool work = action->core == NULL || action->core->form == FORM_WORK;
    if (!opens)
        fact_add(maker, into,
                 of_word(maker, "effect", effect_name(step->effect),
                         node_get(step->node, "effect") != NULL || step->destroys.count > 0,
                         step->mark));
    if (step->idempotent && step->effect != EFFECT_READ)
        fact_add(maker, into,
                 of_word(maker, "idempotent", "true", step->idempotent_said, step->mark));
    if (work && action->core != NULL && step->timeout == NULL) {
        struct fact *timeout = with_default(maker, "timeout", NULL, defaults_of(maker)->timeout,
                                            "timeout", step->mark);
        timeout->trait = trait_of(MAPPING_STEP, "timeout");
        fact_add(maker, into, timeout);
    }
}

struct fact *fact_step(const struct fact_maker *maker, const char *key, const struct step *step)
{
    const struct action *action = step->use.action;
    struct fact *fact = fact_new(maker, key, FACT_MAP, step->mark);
    fact->trait = trait_plain(JUDGE_STEP);
    fact->step = step;
    fact_add(maker, fact, fact_use(maker, &step->use, step->node));
    fact_keys(maker, MAPPING_STEP, step, fact);
    if (step->expect != NULL && action != NULL)
        replace_member(fact, "expect", fact_expect(maker, step->expect, action->expect));
    if (step->done_if_verified)
        replace_member(fact, "done_if", fact_text(maker, "done_if", "verified", step->mark));
    add_settled(maker, step, fact);
    return fact;
}

struct fact *fact_steps(const struct fact_maker *maker, const char *key, const struct steps *steps)
{
    if (steps == NULL)
        return NULL;
    struct fact *fact = fact_new(maker, key, FACT_STEPS, (struct mark){0});
    fact->trait = trait_plain(JUDGE_STEPS);
    fact->steps = steps;
    map_reserve(maker->arena, &fact->members, steps->order.count);
    for (uint32_t i = 0; i < steps->order.count; i++) {
        const struct step *step = steps->order.at[i];
        fact_add(maker, fact, fact_step(maker, step->id, step));
    }
    return fact;
}
