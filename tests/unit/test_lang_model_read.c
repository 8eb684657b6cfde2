/* What is read stands in the model as it was written, with its defaults. */
#include "lang_model.h"

#include "lang/digest.h"

#include "base/graph.h"
#include "lang/allow.h"
#include "lang/check.h"
#include "lang/expr.h"
#include "lang/term.h"
#include "lang/type.h"
#include "lang/value.h"

static const char WHOLE[] =
    "runbook: whole\n"
    "title: All of it\n"
    "objective: 10m\n"
    "lock: one\n"
    "params:\n"
    "  host: {type: string, default: web1, pattern: '^[a-z0-9]+$', about: which}\n"
    "  count: {type: int, min: 1, max: 9, default: 3}\n"
    "  tag: {type: string, optional: true, one_of: [a, b]}\n"
    "defaults: {timeout: 2m, env: {A: b}}\n"
    "target:\n"
    "  - file.stat: /etc/hostname\n"
    "preconditions:\n"
    "  within: 5s\n"
    "  checks: [{file.stat: /a, expect: {size: {min: 1KiB}}, because: too small}]\n"
    "allow: {RB106: it is a test}\n"
    "steps:\n"
    "  first:\n"
    "    exec: [echo, \"${params.host}\"]\n"
    "    title: The first\n"
    "    when: ${params.count > 1}\n"
    "    outputs: {line: {type: string, value: \"${trim(result.stdout)}\"}}\n"
    "    expect: {line: {matches: '^w'}}\n"
    "    effect: read\n"
    "    retry: {attempts: 3, delay: 2s, backoff: 2, also: [timeout, verify]}\n"
    "    verify: [{file.stat: /b}]\n"
    "    done_if: verified\n"
    "    approve: {ask: Sure?, type: yes, show: [\"${params.count}\"]}\n"
    "    tolerate: because\n"
    "  second: {wait: 3s, needs: []}\n"
    "  third: {wait: {within: 9s, every: 1s, checks: [{not: {file.stat: /c}}]}, needs: [first]}\n"
    "  fourth:\n"
    "    foreach: {as: p, in: [80, 443], parallel: 2, max: 9, pause: 1s, stop_after: 2, empty: "
    "ok}\n"
    "    steps:\n"
    "      inner: {exec: [x, \"${item.p}\"], idempotent: true}\n"
    "      other: {set: {a: \"${1 + 1}\", b: text}}\n"
    "    outputs: {sum: {type: int, value: \"${steps.other.a}\"}}\n"
    "    release:\n"
    "      - exec: [y]\n"
    "      - exec: [z]\n"
    "        when: ${run.ok}\n"
    "  fifth: {exec: {argv: [x], cwd: /tmp}, destroys: ['file:/x'], accept_loss: none}\n"
    "on_failure:\n"
    "  back: {exec: [x]}\n"
    "outputs: {n_: {type: 'list<int>', value: \"${steps.fourth.sum}\"}}\n";

static const struct step *step_at(const struct steps *steps, const char *id)
{
    const struct step *step = map_get(&steps->by_id, id);
    assert_non_null(step);
    return step;
}

static const struct term *argument_term(const struct step *step, const char *name)
{
    const struct argument *argument = map_get(&step->use.arguments, name);
    assert_non_null(argument);
    return argument->term;
}

static struct reading whole;

static int whole_begin(void **state)
{
    (void)state;
    model_begin(&whole);
    model_file("t.yaml", text_of(WHOLE));
    if (model_read(&whole, "t.yaml") == NULL)
        fail_msg("%s", whole.words.at);
    return 0;
}

static int whole_end(void **state)
{
    (void)state;
    model_end(&whole);
    return 0;
}

static void test_head(void **state)
{
    const struct runbook *runbook = whole.runbook;
    (void)state;
    assert_string_equal(runbook->name, "whole");
    assert_string_equal(runbook->file, "t.yaml");
    assert_string_equal(runbook->folder, ".");
    assert_string_equal(runbook->title->constant->text.at, "All of it");
    assert_int_equal(runbook->objective->constant->integer, 600 * INT64_C(1000000000));
    assert_null(runbook->about);
    assert_int_equal(runbook->defaults.timeout->constant->integer, 120 * INT64_C(1000000000));
    assert_null(runbook->defaults.grace);
    assert_int_equal(runbook->target.count, 1);
    assert_int_equal(runbook->preconditions->checks.count, 1);
    assert_non_null(runbook->preconditions->within);
    assert_null(runbook->preconditions->every);
    assert_non_null(map_get(&runbook->allow, "RB106"));
    assert_int_equal(runbook->steps->order.count, 5);
    assert_int_equal(runbook->on_failure->order.count, 1);
    assert_ptr_equal(runbook->on_failure->outer, runbook->steps);
    assert_int_equal(runbook->outputs.count, 1);
}

static void test_params(void **state)
{
    const struct map *params = &whole.runbook->params;
    (void)state;
    const struct param *host = map_get(params, "host");
    const struct param *count = map_get(params, "count");
    const struct param *tag = map_get(params, "tag");
    assert_int_equal(params->count, 3);
    assert_int_equal(host->type->kind, TYPE_STRING);
    assert_string_equal(host->preset->constant->text.at, "web1");
    assert_string_equal(host->about, "which");
    assert_false(host->optional);
    assert_int_equal(count->min->constant->integer, 1);
    assert_int_equal(count->max->constant->integer, 9);
    assert_true(tag->optional);
    assert_null(tag->preset);
    assert_int_equal(tag->one_of->constant->list.count, 2);
}

static void test_step_keys(void **state)
{
    const struct step *step = step_at(whole.runbook->steps, "first");
    (void)state;
    assert_string_equal(step->use.action->name, "exec");
    assert_int_equal(step->effect, EFFECT_READ);
    assert_true(step->idempotent);
    assert_false(step->idempotent_said);
    assert_string_equal(expr_print(whole.arena, step->when), "params.count > 1");
    assert_int_equal(step->retry->attempts->constant->integer, 3);
    assert_true(step->retry->also_timeout && step->retry->also_verify);
    assert_true(step->done_if_verified);
    assert_ptr_equal(step->done_if, step->verify);
    assert_string_equal(step->approve->type->constant->text.at, "yes");
    assert_non_null(step->tolerate);
    assert_int_equal(argument_term(step, "argv")->kind, TERM_LIST);
    assert_int_equal(argument_term(step, "argv")->items[0]->kind, TERM_CONSTANT);
    assert_int_equal(argument_term(step, "argv")->items[1]->kind, TERM_TEMPLATE);
}

static void test_outputs_and_expect(void **state)
{
    const struct step *step = step_at(whole.runbook->steps, "first");
    (void)state;
    assert_null(type_member(step->result, "line"));
    assert_int_equal(type_member(step->all, "line")->kind, TYPE_STRING);
    assert_int_equal(type_member(step->type, "state")->kind, TYPE_STRING);
    assert_int_equal(type_member(step->type, "attempts")->kind, TYPE_INT);
    /* The action's own expectation stays for what is not named. */
    assert_non_null(map_get(&step->expect->outputs, "line"));
    assert_non_null(map_get(&step->expect->outputs, "exit"));
    const struct step *fifth = step_at(whole.runbook->steps, "fifth");
    assert_ptr_equal(fifth->expect, fifth->use.action->expect);
}

static void test_graph(void **state)
{
    const struct steps *steps = whole.runbook->steps;
    (void)state;
    assert_int_equal(step_at(steps, "first")->needs.count, 0);
    assert_int_equal(step_at(steps, "second")->needs.count, 0);
    assert_ptr_equal(step_at(steps, "third")->needs.at[0], step_at(steps, "first"));
    assert_ptr_equal(step_at(steps, "fourth")->needs.at[0], step_at(steps, "third"));
    assert_true(graph_before(steps->graph, 0, 4));
    assert_false(graph_before(steps->graph, 1, 4));
    for (size_t i = 0; i < steps->order.count; i++) {
        const struct step *step = steps->order.at[i];
        assert_int_equal(step->index, i);
        assert_ptr_equal(step->home, steps);
    }
}

static void test_wait(void **state)
{
    const struct step *second = step_at(whole.runbook->steps, "second");
    const struct step *third = step_at(whole.runbook->steps, "third");
    (void)state;
    assert_int_equal(argument_term(second, "for")->constant->kind, VALUE_DURATION);
    const struct argument *checks = map_get(&third->use.arguments, "checks");
    const struct check *check = checks->block->checks.at[0];
    assert_int_equal(check->kind, CHECK_NOT);
    assert_string_equal(((const struct check *)check->checks.at[0])->use.action->name, "file.stat");
    assert_int_equal(third->use.arguments.count, 1);
}

static void test_group_and_loop(void **state)
{
    const struct step *step = step_at(whole.runbook->steps, "fourth");
    const struct argument *group = map_get(&step->use.arguments, "steps");
    (void)state;
    assert_string_equal(step->foreach->as, "p");
    assert_true(step->foreach->empty_ok);
    assert_int_equal(step->foreach->parallel->constant->integer, 2);
    assert_ptr_equal(group->steps->owner, step);
    assert_ptr_equal(group->steps->outer, whole.runbook->steps);
    assert_int_equal(step->effect, EFFECT_CHANGE);
    assert_true(step->idempotent); /* since all inside is */
    const struct type *sum = type_member(step->type, "sum");
    assert_int_equal(sum->kind, TYPE_LIST);
    assert_int_equal(sum->element->kind, TYPE_INT);
    /* The check has found what `set` gives. */
    const struct step *set = step_at(group->steps, "other");
    assert_int_equal(type_member(set->type, "a")->kind, TYPE_INT);
    assert_int_equal(type_member(set->result, "b")->kind, TYPE_STRING);
}

static void test_release(void **state)
{
    const struct step *step = step_at(whole.runbook->steps, "fourth");
    const struct step *second = step->release.at[1];
    (void)state;
    assert_int_equal(step->release.count, 2);
    assert_string_equal(second->id, "2");
    assert_ptr_equal(second->holder, step);
    assert_ptr_equal(second->home, step->home);
    assert_int_equal(second->index, step->index);
    assert_non_null(second->when);
}

static void test_destroys(void **state)
{
    const struct step *step = step_at(whole.runbook->steps, "fifth");
    (void)state;
    assert_int_equal(step->effect, EFFECT_DESTROY);
    assert_int_equal(step->destroys.count, 1);
    assert_string_equal(argument_term(step, "cwd")->constant->text.at, "/tmp");
    assert_non_null(allow_find(whole.runbook, step, RB106));
    assert_null(allow_find(whole.runbook, step, RB401));
}

/* ---- libraries and calls ---- */

static const char LIBRARY[] = "library: shop\n"
                              "about: ours\n"
                              "actions:\n"
                              "  one:\n"
                              "    effect: change\n"
                              "    idempotent: true\n"
                              "    params: {p: {type: string, default: x, pattern: '^[xy]$'}}\n"
                              "    outputs: {o: {type: int, value: '${steps.b.exit}'}}\n"
                              "    expect: {o: 0}\n"
                              "    steps:\n"
                              "      a: {shop.two: {}}\n"
                              "      b: {exec: [x, '${params.p}']}\n"
                              "      c: {exec: [x], idempotent: false}\n"
                              "  two: {effect: read, steps: {a: {exec: [x], effect: read}}}\n";

static void test_library(void **state)
{
    struct reading reading;
    (void)state;
    model_begin(&reading);
    model_file("t.yaml", text_of("runbook: t\nsteps: {a: {shop.one: {}}, b: {shop.one: y}}\n"));
    model_file("library/shop.yaml", text_of(LIBRARY));
    if (model_read(&reading, "t.yaml") == NULL)
        fail_msg("%s", reading.words.at);
    const struct step *a = step_at(reading.runbook->steps, "a");
    const struct step *b = step_at(reading.runbook->steps, "b");
    const struct action *one = a->use.action;
    assert_ptr_equal(one, b->use.action);
    assert_string_equal(one->name, "shop.one");
    assert_null(one->core);
    assert_true(one->library->own);
    assert_int_equal(a->use.arguments.count, 0);
    assert_string_equal(argument_term(b, "p")->constant->text.at, "y");
    assert_true(a->idempotent);
    assert_ptr_equal(a->expect, one->expect);
    /* Its inner steps are idempotent with it, save the one that says false. */
    assert_true(step_at(one->steps, "b")->idempotent);
    assert_false(step_at(one->steps, "c")->idempotent);
    assert_int_equal(reading.runbook->libraries.count, 1);
    assert_int_equal(strlen(action_digest(one)), 64);
    model_end(&reading);
}

static void test_call(void **state)
{
    struct reading reading;
    (void)state;
    model_begin(&reading);
    model_file("t.yaml", text_of("runbook: t\nsteps:\n"
                                 "  a: {call: {runbook: sub/u.yaml, params: {k: \"${1 + 1}\"}}}\n"
                                 "  b: {call: sub/v.yaml}\n  c: {call: sub/v.yaml}\n"));
    model_file("sub/u.yaml", text_of("runbook: u\nparams: {k: {type: int}}\nsteps:\n"
                                     "  a: {exec: [x, \"${params.k}\"]}\n  b: {call: v.yaml}\n"
                                     "outputs: {o: {type: int, value: \"${steps.a.exit}\"}}\n"));
    model_file("sub/v.yaml", text_of("runbook: v\nsteps: {a: {exec: [x], effect: read}}\n"));
    if (model_read(&reading, "t.yaml") == NULL)
        fail_msg("%s", reading.words.at);
    const struct step *a = step_at(reading.runbook->steps, "a");
    const struct argument *called = map_get(&a->use.arguments, "runbook");
    const struct argument *given = map_get(&a->use.arguments, "params");
    assert_string_equal(called->runbook->name, "u");
    assert_string_equal(called->runbook->folder, "sub");
    assert_int_equal(given->term->kind, TERM_MAP);
    assert_int_equal(type_member(a->type, "o")->kind, TYPE_INT);
    assert_int_equal(a->effect, EFFECT_CHANGE);
    const struct step *b = step_at(reading.runbook->steps, "b");
    const struct step *c = step_at(reading.runbook->steps, "c");
    const struct step *inner = step_at(called->runbook->steps, "b");
    assert_int_equal(b->effect, EFFECT_READ);
    /* One file is read once, from wherever it is called. */
    const struct argument *first = map_get(&b->use.arguments, "runbook");
    const struct argument *second = map_get(&c->use.arguments, "runbook");
    const struct argument *third = map_get(&inner->use.arguments, "runbook");
    assert_ptr_equal(first->runbook, second->runbook);
    assert_ptr_equal(first->runbook, third->runbook);
    model_end(&reading);
}

static void test_catalog(void **state)
{
    struct reading reading;
    struct list actions = {0};
    (void)state;
    model_begin(&reading);
    model_file("t.yaml", text_of("runbook: t\nsteps: {a: {exec: [x]}}\n"));
    model_file("library/shop.yaml", text_of(LIBRARY));
    assert_non_null(model_read(&reading, "t.yaml"));
    assert_int_equal(catalog_libraries(reading.catalog)->count, 0);
    catalog_all(reading.catalog, &actions);
    assert_int_equal(reading.diagnostics.errors, 0);
    assert_int_equal(catalog_libraries(reading.catalog)->count, 1);
    bool found = false;
    for (size_t i = 0; i < actions.count; i++) {
        const struct action *action = actions.at[i];
        found = found || strcmp(action->name, "shop.two") == 0;
        if (i > 0)
            assert_true(strcmp(((const struct action *)actions.at[i - 1])->name, action->name) < 0);
    }
    assert_true(found);
    model_end(&reading);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_head),           cmocka_unit_test(test_params),
        cmocka_unit_test(test_step_keys),      cmocka_unit_test(test_outputs_and_expect),
        cmocka_unit_test(test_graph),          cmocka_unit_test(test_wait),
        cmocka_unit_test(test_group_and_loop), cmocka_unit_test(test_release),
        cmocka_unit_test(test_destroys),       cmocka_unit_test(test_library),
        cmocka_unit_test(test_call),           cmocka_unit_test(test_catalog),
    };
    return cmocka_run_group_tests_name("lang_model_read", tests, whole_begin, whole_end);
}
