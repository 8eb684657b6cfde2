/* What opens into what, and what is known of it before anything runs. */
#include "plan_fixture.h"

static const char library[] =
    "library: lib\n"
    "about: for tests\n"
    "actions:\n"
    "  stop:\n"
    "    effect: change\n"
    "    params: {service: {type: string, pattern: '^[a-z]+$'}}\n"
    "    outputs:\n"
    "      said: {type: string, value: '${steps.stop.stdout}'}\n"
    "      path: {type: path, value: 'logs/${params.service}'}\n"
    "    steps:\n"
    "      stop: {exec: [stop, --, '${params.service}']}\n"
    "      look: {exec: [ps, --, '${steps.stop.stdout}'], effect: read}\n";

static const struct plan_step *find(const struct list *steps, const char *name)
{
    for (size_t i = 0; i < steps->count; i++) {
        const struct plan_step *step = steps->at[i];
        const struct plan_step *found = strcmp(step->name, name) == 0 ? step : NULL;
        found = found ? found : find(&step->inside, name);
        found = found ? found : find(&step->release, name);
        if (found == NULL && step->call != NULL)
            found = find(&step->call->on_failure, name);
        if (found != NULL)
            return found;
    }
    return NULL;
}

static const struct plan_step *step_of(const struct fixture *fixture, const char *name)
{
    const struct plan_step *step = find(&fixture->plan->steps, name);
    step = step ? step : find(&fixture->plan->on_failure, name);
    if (step == NULL)
        fail_msg("there is no step %s", name);
    return step;
}

/* The deed's first input as people read it. */
static const char *deed_of(struct fixture *fixture, const char *name)
{
    const struct plan_step *step = step_of(fixture, name);
    assert_non_null(step->deed);
    fixture->told.length = 0;
    value_show(step->deed->inputs->map.at[0].value, 0, &fixture->told);
    return fixture->told.at;
}

static void does(struct fixture *fixture, const char *name, const char *expected)
{
    assert_string_equal(deed_of(fixture, name), expected);
}

static void make(struct fixture *fixture, const char *text, const char *called)
{
    fixture_read(fixture, text, library, called);
    fixture_plan(fixture, NULL);
}

static void test_composite(void **state)
{
    struct fixture fixture;
    (void)state;
    make(&fixture,
         "runbook: t\n"
         "steps:\n"
         "  a: {lib.stop: db}\n"
         "  b: {exec: [echo, --, '${steps.a.said}', '${steps.a.path}', '${steps.a.state}']}\n",
         NULL);
    does(&fixture, "a/stop", "[stop, --, db]");
    does(&fixture, "a/look", "[ps, --, ‹steps.a/stop.stdout›]");
    does(&fixture, "b", "[echo, --, ‹steps.a.said›, logs/db, ‹steps.a.state›]");
    assert_int_equal(fixture.plan->step_count, 4);
    assert_string_equal(plan_written(step_of(&fixture, "a/look"))->name, "a");
    fixture_free(&fixture);
}

/* What `set` and a composite compute of params is known, unless the step may not run. */
static void test_known(void **state)
{
    struct fixture fixture;
    (void)state;
    make(&fixture,
         "runbook: t\n"
         "params: {name: {type: string, default: db}}\n"
         "steps:\n"
         "  names: {set: {file: 'x/${params.name}', stamp: 'x_${run.stamp}', id: '${run.id}'}}\n"
         "  seen: {exec: [ls]}\n"
         "  maybe: {when: \"${steps.seen.stdout == ''}\", set: {file: other}}\n"
         "  use:\n"
         "    exec: [cat, --, '${steps.names.file}', '${steps.names.stamp}', '${steps.names.id}',\n"
         "           \"${steps.maybe.file ?? 'none'}\"]\n",
         NULL);
    does(&fixture, "use",
         "[cat, --, x/db, x_‹run.stamp›, ‹steps.names.id›, ‹steps.maybe.file ?? 'none'›]");
    assert_int_equal(step_of(&fixture, "maybe")->when, -1);
    fixture_free(&fixture);
}

static void test_skipped(void **state)
{
    struct fixture fixture;
    (void)state;
    make(&fixture,
         "runbook: t\n"
         "params: {deep: {type: bool, default: false}}\n"
         "steps:\n"
         "  clean: {when: '${params.deep}', exec: [clean]}\n"
         "  quick: {when: '${not params.deep}', exec: [quick]}\n"
         "  use: {exec: [echo, --, \"${steps.clean.stdout ?? steps.quick.stdout}\"]}\n",
         NULL);
    assert_int_equal(step_of(&fixture, "clean")->when, 0);
    assert_null(step_of(&fixture, "clean")->deed);
    assert_int_equal(step_of(&fixture, "quick")->when, 1);
    does(&fixture, "use", "[echo, --, ‹steps.quick.stdout›]");
    fixture_free(&fixture);
}

static void test_loops(void **state)
{
    struct fixture fixture;
    (void)state;
    make(&fixture,
         "runbook: t\n"
         "steps:\n"
         "  known: {foreach: {as: v, in: [a, b/c]}, exec: [up, --, '${item.v}']}\n"
         "  list: {exec: [ls]}\n"
         "  found: {foreach: {as: line, in: '${lines(steps.list.stdout)}', max: 5}, steps: "
         "{one: {exec: [rm, --, '${item.line}']}}}\n",
         NULL);
    does(&fixture, "known[a]", "[up, --, a]");
    does(&fixture, "known[b%2Fc]", "[up, --, b/c]");
    does(&fixture, "found[‹item.line›]/one", "[rm, --, ‹item.line›]");
    assert_int_equal(step_of(&fixture, "known")->inside.count, 2);
    /* two items of five minutes one after the other; at most five of them */
    assert_int_equal(step_of(&fixture, "known")->worst / UNITS_SECOND, 600);
    assert_int_equal(step_of(&fixture, "found")->worst / UNITS_SECOND, 1500);
    fixture_free(&fixture);
}

static void test_long_list_is_shown_once(void **state)
{
    struct fixture fixture;
    struct buffer text = {0};
    (void)state;
    buffer_text(&text, "runbook: t\nsteps:\n  many: {foreach: {as: v, in: [x");
    for (int i = 0; i < 150; i++)
        buffer_format(&text, ", v%d", i);
    buffer_text(&text, "]}, exec: [up, --, '${item.v}']}\n");
    make(&fixture, text.at, NULL);
    assert_int_equal(step_of(&fixture, "many")->inside.count, 1);
    does(&fixture, "many[‹item.v›]", "[up, --, ‹item.v›]");
    fixture_free(&fixture);
    buffer_free(&text);
}

static void test_repeat_and_release(void **state)
{
    struct fixture fixture;
    (void)state;
    make(&fixture,
         "runbook: t\n"
         "steps:\n"
         "  move:\n"
         "    exec: [mv, --, \"${previous.stdout ?? 'first'}\"]\n"
         "    repeat: {until: \"${result.stdout == ''}\", max: 4, pause: 1s}\n"
         "    release:\n"
         "      - exec: [back, --, '${result.stdout}']\n"
         "        when: ${run.ok}\n",
         NULL);
    does(&fixture, "move", "[mv, --, ‹previous.stdout ?? 'first'›]");
    does(&fixture, "move/release/1", "[back, --, ‹result.stdout›]");
    assert_int_equal(step_of(&fixture, "move/release/1")->when, -1);
    assert_int_equal(step_of(&fixture, "move")->worst / UNITS_SECOND, 4 * 300 + 3);
    /* and what is given back at the end */
    assert_int_equal(fixture.plan->worst / UNITS_SECOND, 4 * 300 + 3 + 300);
    fixture_free(&fixture);
}

/* In on_failure nothing is sure of the steps before: one may not have run. */
static void test_on_failure(void **state)
{
    struct fixture fixture;
    (void)state;
    make(&fixture,
         "runbook: t\n"
         "steps:\n"
         "  names: {set: {file: known}}\n"
         "  use: {exec: [cat, --, '${steps.names.file}']}\n"
         "on_failure:\n"
         "  here: {set: {file: mine}}\n"
         "  tell: {exec: [tell, --, '${failure.step}', \"${steps.names.file ?? ''}\"]}\n",
         NULL);
    does(&fixture, "use", "[cat, --, known]");
    does(&fixture, "tell", "[tell, --, ‹failure.step›, ‹steps.names.file ?? ''›]");
    fixture_free(&fixture);
}

static void test_call(void **state)
{
    struct fixture fixture;
    (void)state;
    make(
        &fixture,
        "runbook: t\n"
        "steps:\n"
        "  first: {call: {runbook: called.yaml, params: {host: db1}}}\n"
        "  then: {exec: [echo, --, '${steps.first.where}', '${steps.first.out}']}\n",
        "runbook: called\n"
        "params: {host: {type: string, pattern: '^[a-z0-9]+$'}, port: {type: int, default: 5432}}\n"
        "target: [{file.stat: 'etc/${params.host}'}]\n"
        "steps:\n"
        "  ping: {exec: [ping, --, '${params.host}', '${params.port}']}\n"
        "on_failure:\n"
        "  sorry: {exec: [sorry, --, '${failure.step}']}\n"
        "outputs:\n"
        "  where: {type: string, value: '${params.host}:1'}\n"
        "  out: {type: string, value: '${steps.ping.stdout}'}\n");
    does(&fixture, "first/ping", "[ping, --, db1, '5432']");
    does(&fixture, "first/sorry", "[sorry, --, ‹failure.step›]");
    does(&fixture, "then", "[echo, --, db1:1, ‹steps.first.out›]");
    assert_non_null(step_of(&fixture, "first")->call->target);
    fixture_free(&fixture);
}

/* The checks of a step know its result as far as it is known. */
static void test_checks(void **state)
{
    struct fixture fixture;
    (void)state;
    make(&fixture,
         "runbook: t\n"
         "steps:\n"
         "  a:\n"
         "    lib.stop: db\n"
         "    verify:\n"
         "      within: 30s\n"
         "      checks:\n"
         "        - exec: [look, --, '${result.path}', '${result.said}']\n"
         "        - any: [{file.stat: a}, {not: {file.stat: b}}]\n"
         "        - file.stat: '${item.f}'\n"
         "          foreach: {as: f, in: [x, y]}\n",
         NULL);
    const struct plan_block *verify = step_of(&fixture, "a")->verify;
    assert_int_equal(verify->checks.count, 3);
    assert_int_equal(verify->worst / UNITS_SECOND, 30);
    assert_string_equal(verify->within, "30s");
    const struct plan_check *look = verify->checks.at[0];
    assert_true(plan_on_word(look));
    fixture.told.length = 0;
    value_show(look->deed->inputs->map.at[0].value, 0, &fixture.told);
    assert_string_equal(fixture.told.at, "[look, --, logs/db, ‹result.said›]");
    assert_int_equal(((const struct plan_check *)verify->checks.at[1])->inside.count, 2);
    assert_int_equal(((const struct plan_check *)verify->checks.at[2])->inside.count, 2);
    fixture_free(&fixture);
}

static void test_worst_cases(void **state)
{
    struct fixture fixture;
    (void)state;
    make(&fixture,
         "runbook: t\n"
         "defaults: {timeout: 10s, check_timeout: 4s}\n"
         "steps:\n"
         "  a: {exec: [a]}\n"
         "  b: {needs: [], exec: [b], timeout: 1m, verify: [{file.stat: x}]}\n"
         "  c: {needs: [a, b], exec: [c], effect: read,\n"
         "      retry: {attempts: 3, delay: 10s, backoff: 2}, verify: {within: 30s, checks: "
         "[{file.stat: x}]}}\n"
         "  d: {steps: {x: {exec: [x]}, z: {exec: [z]}}, timeout: 15s}\n"
         "  e: {wait: 7s}\n"
         "  f: {manual: Look at it.}\n",
         NULL);
    const struct {
        const char *name;
        int64_t seconds;
    } cases[] = {{"a", 10}, {"b", 64}, {"c", 3 * 10 + 11 + 22 + 30}, {"d", 15}, {"e", 7}, {"f", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(step_of(&fixture, cases[i].name)->worst / UNITS_SECOND, cases[i].seconds);
    /* a and b run side by side: the longer counts */
    assert_int_equal(fixture.plan->worst / UNITS_SECOND, 64 + 93 + 15 + 7);
    fixture_free(&fixture);
}

/* A value that can't be made is found before anything runs, with its place. */
static void test_refused(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_read(&fixture,
                 "runbook: t\n"
                 "params: {name: {type: string, default: A1}}\n"
                 "steps:\n"
                 "  a: {lib.stop: '${params.name}'}\n",
                 library, NULL);
    const struct params_given nothing = {.typed = (const char *const[]){NULL}};
    const struct value *params =
        params_read(fixture.arena, fixture.runbook, &nothing, &fixture.diagnostics);
    assert_null(plan_make(fixture.arena, fixture.runbook, params, &fixture.diagnostics));
    tell_findings(&fixture);
    assert_non_null(strstr(fixture.told.at, "param service: 'A1' does not match ^[a-z]+$"));
    assert_non_null(strstr(fixture.told.at, "test.yaml:4:"));
    fixture_free(&fixture);
}

/* Without params (check) all of them are unknown, and the plan can still be made. */
static void test_without_params(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_read(&fixture,
                 "runbook: t\n"
                 "params: {name: {type: string}}\n"
                 "steps:\n"
                 "  a: {lib.stop: '${params.name}'}\n",
                 library, NULL);
    fixture.plan = plan_make(fixture.arena, fixture.runbook, NULL, &fixture.diagnostics);
    must(&fixture, fixture.plan, "there is no plan");
    does(&fixture, "a/stop", "[stop, --, ‹params.name›]");
    fixture_free(&fixture);
}

/* The digest is that of what would be done: words are not, values are. */
static const char *digest(const char *text, const char *given, char into[65])
{
    struct fixture fixture;
    fixture_read(&fixture, text, library, NULL);
    fixture_plan(&fixture, given);
    strcpy(into, plan_digest(fixture.arena, fixture.plan));
    fixture_free(&fixture);
    return into;
}

static void test_digest(void **state)
{
    char a[65], b[65];
    (void)state;
    const char *text = "runbook: t\nparams: {v: {type: string, default: x}}\nsteps:\n"
                       "  a: {exec: [a, --, '${params.v}'], verify: [{file.stat: f}]}\n";
    assert_string_equal(digest(text, NULL, a), digest(text, "v=x", b));
    assert_string_not_equal(digest(text, NULL, a), digest(text, "v=y", b));
    const char *reworded = "runbook: t\nparams: {v: {type: string, default: x}}\nsteps:\n"
                           "  # a comment\n"
                           "  a: {title: Other words, exec: [a, --, '${params.v}'], verify: "
                           "[{file.stat: f, because: why}]}\n";
    assert_string_equal(digest(text, NULL, a), digest(reworded, NULL, b));
    const char *other = "runbook: t\nparams: {v: {type: string, default: x}}\nsteps:\n"
                        "  a: {exec: [a, --, '${params.v}'], verify: [{file.stat: g}]}\n";
    assert_string_not_equal(digest(text, NULL, a), digest(other, NULL, b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_composite),
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_skipped),
        cmocka_unit_test(test_loops),

        cmocka_unit_test(test_long_list_is_shown_once),
        cmocka_unit_test(test_repeat_and_release),
        cmocka_unit_test(test_on_failure),
        cmocka_unit_test(test_call),
        cmocka_unit_test(test_checks),
        cmocka_unit_test(test_worst_cases),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_without_params),
        cmocka_unit_test(test_digest),
    };
    return cmocka_run_group_tests_name("what a runbook opens into", tests, NULL, NULL);
}
