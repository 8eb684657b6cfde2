/* Expectations judged: each row is an output's type, what came out, what was expected, the answer,
 * and the line that people read. */
#include "base/arena.h"
#include "base/diagnostic.h"
#include "base/text.h"
#include "lang/eval.h"
#include "lang/expect.h"
#include "lang/type.h"
#include "lang/typing.h"
#include "lang/value.h"
#include "lang/yaml.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct row {
    const char *type;   /* of the output `x` */
    const char *found;  /* as JSON of value_to_json */
    const char *expect; /* of `x`, as YAML */
    enum answer answer;
    const char *why; /* NULL: nothing */
};

static const struct row rows[] = {
    /* equal */
    {"int", "0", "0", ANSWER_HOLDS, NULL},
    {"int", "1", "0", ANSWER_FAILS, "x is 1, wanted 0"},
    {"string", "\"ok\"", "ok", ANSWER_HOLDS, NULL},
    {"string", "\"down\"", "ok", ANSWER_FAILS, "x is 'down', wanted 'ok'"},
    {"string", "\"\"", "ok", ANSWER_FAILS, "x is '', wanted 'ok'"},
    {"duration", "{\"$duration\": \"90s\"}", "1m30s", ANSWER_HOLDS, NULL},
    {"list<string>", "[\"a\", \"b\"]", "[a, b]", ANSWER_HOLDS, NULL},
    {"list<string>", "[\"a\", \"b\"]", "[b, a]", ANSWER_FAILS, "x is [a, b], wanted [b, a]"},
    {"bool", "false", "true", ANSWER_FAILS, "x is false, wanted true"},
    {"float", "1.0", "1", ANSWER_HOLDS, NULL},
    /* in json, after conversion to what was found */
    {"json", "5", "'5'", ANSWER_HOLDS, NULL},
    {"json", "\"5\"", "5", ANSWER_HOLDS, NULL},
    {"json", "5", "5.0", ANSWER_HOLDS, NULL},
    {"json", "true", "'true'", ANSWER_HOLDS, NULL},
    {"json", "[1, {\"a\": 2}]", "[1, {a: 2}]", ANSWER_HOLDS, NULL},
    {"json", "[1, {\"a\": 2, \"b\": 3}]", "[1, {a: 2}]", ANSWER_FAILS,
     "x is [1, {a: 2, b: 3}], wanted [1, {a: 2}]"},
    /* min, max */
    {"int", "5", "{min: 5, max: 5}", ANSWER_HOLDS, NULL},
    {"int", "4", "{min: 5}", ANSWER_FAILS, "x is 4, wanted at least 5"},
    {"size", "{\"$size\": \"1MiB\"}", "{max: 1023KiB}", ANSWER_FAILS,
     "x is 1MiB, wanted at most 1023KiB"},
    {"time", "{\"$time\": \"2024-01-15T14:30:00Z\"}", "{min: '2024-01-15T14:30:00Z'}", ANSWER_HOLDS,
     NULL},
    {"string", "\"b\"", "{min: a, max: c}", ANSWER_HOLDS, NULL},
    {"json", "\"10\"", "{max: 5}", ANSWER_FAILS, "x is '10', wanted at most 5"},
    {"json", "\"abc\"", "{max: 5}", ANSWER_FAILS, "x is 'abc', wanted at most 5"},
    {"json", "[1]", "{max: 5}", ANSWER_FAILS, "x is [1], wanted at most 5"},
    {"json", "2.5", "{min: 2}", ANSWER_HOLDS, NULL},
    /* several in one: all must hold, and all that do not are told */
    {"int", "7", "{max: 5, one_of: [1, 2]}", ANSWER_FAILS,
     "x is 7, wanted at most 5; x is 7, wanted one of [1, 2]"},
    /* not */
    {"int", "1", "{not: 0}", ANSWER_HOLDS, NULL},
    {"int", "0", "{not: 0}", ANSWER_FAILS, "x is 0, wanted that not: it is 0"},
    {"int", "3", "{not: {min: 1, max: 5}}", ANSWER_FAILS,
     "x is 3, wanted that not: it is at least 1 and it is at most 5"},
    {"int", "0", "{not: {not: 0}}", ANSWER_HOLDS, NULL},
    /* one_of */
    {"int", "1", "{one_of: [0, 1]}", ANSWER_HOLDS, NULL},
    {"string", "\"c\"", "{one_of: [a, b]}", ANSWER_FAILS, "x is 'c', wanted one of [a, b]"},
    /* matches */
    {"string", "\"v1.2\"", "{matches: '^v[0-9]'}", ANSWER_HOLDS, NULL},
    {"string", "\"x\"", "{matches: '^v'}", ANSWER_FAILS,
     "x is 'x', wanted a text that matches '^v'"},
    {"json", "404", "{matches: '^4'}", ANSWER_HOLDS, NULL},
    {"json", "[1]", "{matches: '^4'}", ANSWER_FAILS, "x is [1], wanted a text that matches '^4'"},
    {"string", "\"a.c\"", "{matches: '^${params.dot}c$'}", ANSWER_HOLDS, NULL},
    {"string", "\"abc\"", "{matches: '^${params.dot}c$'}", ANSWER_FAILS,
     "x is 'abc', wanted a text that matches '^a\\.c$'"},
    /* contains */
    {"string", "\"all ok\"", "{contains: ok}", ANSWER_HOLDS, NULL},
    {"string", "\"all\"", "{contains: ok}", ANSWER_FAILS,
     "x is 'all', wanted a text that contains 'ok'"},
    {"list<int>", "[1, 2]", "{contains: 2}", ANSWER_HOLDS, NULL},
    {"list<int>", "[1, 2]", "{contains: 3}", ANSWER_FAILS,
     "x is [1, 2], wanted a list that contains 3"},
    {"json", "[1, \"2\"]", "{contains: '1'}", ANSWER_HOLDS, NULL},
    {"json", "5", "{contains: '1'}", ANSWER_FAILS, "x is 5, wanted a list that contains '1'"},
    /* count */
    {"list<int>", "[1, 2]", "{count: 2}", ANSWER_HOLDS, NULL},
    {"list<int>", "[]", "{count: {min: 1}}", ANSWER_FAILS,
     "the count of x is 0, wanted at least 1"},
    {"string", "\"äöü\"", "{count: 3}", ANSWER_HOLDS, NULL},
    {"json", "{\"a\": 1}", "{count: 1}", ANSWER_HOLDS, NULL},
    {"json", "5", "{count: 1}", ANSWER_FAILS, "x is 5, wanted something that has a length"},
    /* each */
    {"list<int>", "[1, 2]", "{each: {min: 1}}", ANSWER_HOLDS, NULL},
    {"list<int>", "[1, 0, 0]", "{each: {min: 1}}", ANSWER_FAILS,
     "x[1] is 0, wanted at least 1; x[2] is 0, wanted at least 1"},
    {"list<int>", "[]", "{each: {min: 1}}", ANSWER_HOLDS, NULL},
    {"json", "5", "{each: 1}", ANSWER_FAILS, "x is 5, wanted a list"},
    /* json */
    {"string", "\"{\\\"status\\\": \\\"ok\\\"}\"", "{json: {/status: ok}}", ANSWER_HOLDS, NULL},
    {"string", "\"{\\\"status\\\": \\\"down\\\"}\"", "{json: {/status: ok}}", ANSWER_FAILS,
     "x: /status is 'down', wanted 'ok'"},
    {"string", "\"{}\"", "{json: {/status: ok}}", ANSWER_FAILS,
     "x: /status is unset, wanted a value"},
    {"json", "{\"a\": [{\"b/c\": 1}, 2]}", "{json: {/a/0/b~1c: 1, /a/1: {min: 2}}}", ANSWER_HOLDS,
     NULL},
    {"json", "{\"a\": [1]}", "{json: {/a/01: 1}}", ANSWER_FAILS,
     "x: /a/01 is unset, wanted a value"},
    {"json", "{\"a\": 1}", "{json: {/a/b: {exists: false}}}", ANSWER_HOLDS, NULL},
    {"map<string>", "{\"a\": \"1\"}", "{json: {/a: 1}}", ANSWER_HOLDS, NULL},
    {"json", "{\"a\": null}", "{json: {/a: {exists: false}}}", ANSWER_HOLDS, NULL},
    /* exists, and unset */
    {"int?", "null", "{exists: false}", ANSWER_HOLDS, NULL},
    {"int?", "null", "{exists: true}", ANSWER_FAILS, "x is unset, wanted a value"},
    {"int?", "3", "{exists: false}", ANSWER_FAILS, "x is 3, wanted no value"},
    {"int?", "null", "3", ANSWER_FAILS, "x is unset, wanted a value"},
    {"int?", "null", "{not: 3}", ANSWER_FAILS, "x is unset, wanted a value"},
    {"int?", "null", "{max: 3}", ANSWER_FAILS, "x is unset, wanted a value"},
    /* can't be asked: not holding, also under not */
    {"string", "\"x\"", "{matches: '${params.bad}'}", ANSWER_UNASKED, "x: the pattern"},
    {"string", "\"x\"", "{not: {matches: '${params.bad}'}}", ANSWER_UNASKED, "x: the pattern"},
    {"string", "\"x\"", "{matches: '${params.bad}', contains: y}", ANSWER_FAILS, "x: the pattern"},
    {"int", "1", "{max: '${1 / params.zero}'}", ANSWER_UNASKED, "x: "},
    /* not known yet */
    {"int", "{\"$unknown\": \"‹steps.a.x›\"}", "{min: 1}", ANSWER_UNKNOWN, NULL},
    {"int", "1", "{min: '${params.later}'}", ANSWER_UNKNOWN, NULL},
};

struct world {
    struct arena *arena;
    const struct value *result;
};

static const struct value *find(const struct values *values, const char *root, const char *member)
{
    const struct world *world = values->context;
    if (strcmp(root, "result") == 0)
        return value_member(world->arena, world->result, member);
    if (strcmp(member, "dot") == 0)
        return value_string(world->arena, "a.");
    if (strcmp(member, "bad") == 0)
        return value_string(world->arena, "(");
    if (strcmp(member, "zero") == 0)
        return value_integer(world->arena, VALUE_INT, 0);
    return value_unknown(world->arena, "params.later");
}

static const struct type *type_of(const struct names *names, const char *root, const char *member,
                                  const char *rest, struct mark mark,
                                  struct diagnostics *diagnostics)
{
    (void)names;
    (void)rest;
    (void)mark;
    (void)diagnostics;
    if (strcmp(root, "result") == 0)
        return type_scalar(TYPE_INT);
    if (strcmp(member, "bad") == 0)
        return type_scalar(TYPE_REGEX);
    return type_scalar(strcmp(member, "dot") == 0 ? TYPE_STRING : TYPE_INT);
}

static const struct expectation *read_row(struct arena *arena, const struct type *outputs,
                                          const char *yaml, const struct expectation *standard)
{
    struct diagnostics diagnostics = {.arena = arena};
    struct names names = {.find = type_of};
    const struct source *source = source_new(arena, "row", text_of(yaml));
    const struct node *node = yaml_parse(arena, source, &diagnostics);
    const struct expectation *expect =
        node ? expect_read(arena, node, outputs, standard, &diagnostics) : NULL;
    if (expect != NULL && diagnostics.errors == 0)
        expect_type(arena, expect, outputs, &names, &diagnostics);
    if (diagnostics.errors > 0) {
        struct buffer words = {0};
        diagnostic_print(diagnostics.list.at[0], false, &words);
        fail_msg("%s: %s", yaml, words.at);
    }
    return expect;
}

static const struct value *found_value(struct arena *arena, const char *text)
{
    json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);
    assert_non_null(json);
    const struct value *value = value_from_json(arena, json);
    json_decref(json);
    struct member member = {"x", value};
    return value_map(arena, &member, 1);
}

static void judge_row(const struct row *row)
{
    struct arena *arena = arena_new();
    struct buffer why = {0};
    struct field field = {"x", type_parse(arena, row->type)};
    assert_non_null(field.type);
    const struct type *outputs = type_record(arena, NULL, &field, 1);
    const char *yaml = arena_format(arena, "x: %s", row->expect);
    const struct expectation *expect = read_row(arena, outputs, yaml, NULL);
    struct world world = {arena, found_value(arena, row->found)};
    struct values values = {.find = find, .context = &world};
    enum answer answer = expect_judge(arena, expect, world.result, &values, &why);
    bool told = row->why == NULL
                    ? why.length == 0
                    : why.at && (row->answer == ANSWER_FAILS && !strstr(row->why, "the pattern")
                                     ? strcmp(why.at, row->why) == 0
                                     : strncmp(why.at, row->why, strlen(row->why)) == 0);
    if (answer != row->answer || !told)
        fail_msg("%s %s against %s: answer %d (wanted %d), why '%s' (wanted '%s')", row->type,
                 row->found, row->expect, (int)answer, (int)row->answer, why.at ? why.at : "",
                 row->why ? row->why : "");
    buffer_free(&why);
    arena_free(arena);
}

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        judge_row(&rows[i]);
}

static const struct type *exec_outputs(struct arena *arena)
{
    struct field fields[] = {{"exit", type_scalar(TYPE_INT)}, {"stdout", type_scalar(TYPE_STRING)}};
    return type_record(arena, NULL, fields, 2);
}

static enum answer judge_exec(struct arena *arena, const char *yaml, int64_t exit,
                              const char *output)
{
    struct buffer why = {0};
    const struct type *outputs = exec_outputs(arena);
    const struct expectation *standard = read_row(arena, outputs, "{exit: 0}", NULL);
    const struct expectation *expect = read_row(arena, outputs, yaml, standard);
    struct member members[] = {{"exit", value_integer(arena, VALUE_INT, exit)},
                               {"stdout", value_string(arena, output)}};
    struct world world = {arena, value_map(arena, members, 2)};
    struct values values = {.find = find, .context = &world};
    enum answer answer = expect_judge(arena, expect, world.result, &values, &why);
    buffer_free(&why);
    return answer;
}

/* The action's own expectation stays for what a written mapping does not name. */
static void test_default(void **state)
{
    struct arena *arena = arena_new();
    (void)state;
    assert_int_equal(judge_exec(arena, "{stdout: ok}", 0, "ok"), ANSWER_HOLDS);
    assert_int_equal(judge_exec(arena, "{stdout: ok}", 1, "ok"), ANSWER_FAILS);
    assert_int_equal(judge_exec(arena, "{exit: 1}", 1, ""), ANSWER_HOLDS);
    assert_int_equal(judge_exec(arena, "{}", 1, ""), ANSWER_HOLDS);
    assert_int_equal(judge_exec(arena, "${result.exit > 0}", 1, ""), ANSWER_HOLDS);
    assert_int_equal(judge_exec(arena, "${result.exit > 0}", 0, ""), ANSWER_FAILS);
    arena_free(arena);
}

/* As http.get: what came of it is unset where nobody answered. */
static enum answer judge_request(struct arena *arena, const char *yaml, bool answered)
{
    struct buffer why = {0};
    struct field fields[] = {{"answered", type_scalar(TYPE_BOOL)},
                             {"status", type_optional(arena, type_scalar(TYPE_INT), true)},
                             {"seconds", type_scalar(TYPE_INT)}};
    const struct type *outputs = type_record(arena, NULL, fields, 3);
    const struct expectation *standard =
        read_row(arena, outputs, "{answered: true, status: 200}", NULL);
    const struct expectation *expect =
        yaml != NULL ? read_row(arena, outputs, yaml, standard) : standard;
    struct member members[] = {
        {"answered", value_bool(answered)},
        {"status", answered ? value_integer(arena, VALUE_INT, 200) : &value_unset},
        {"seconds", value_integer(arena, VALUE_INT, 1)}};
    struct world world = {arena, value_map(arena, members, 3)};
    struct values values = {.find = find, .context = &world};
    enum answer answer = expect_judge(arena, expect, world.result, &values, &why);
    buffer_free(&why);
    return answer;
}

/* A default asks nothing of what is not there, and what is written does. */
static void test_default_of_what_is_unset(void **state)
{
    struct arena *arena = arena_new();
    (void)state;
    assert_int_equal(judge_request(arena, NULL, true), ANSWER_HOLDS);
    assert_int_equal(judge_request(arena, NULL, false), ANSWER_FAILS);
    assert_int_equal(judge_request(arena, "{answered: false}", false), ANSWER_HOLDS);
    assert_int_equal(judge_request(arena, "{answered: false}", true), ANSWER_FAILS);
    assert_int_equal(judge_request(arena, "{seconds: 1}", false), ANSWER_FAILS);
    assert_int_equal(judge_request(arena, "{status: 200}", false), ANSWER_FAILS);
    assert_int_equal(judge_request(arena, "{answered: false, status: 200}", false), ANSWER_FAILS);
    arena_free(arena);
}

static void test_print(void **state)
{
    struct arena *arena = arena_new();
    struct buffer into = {0};
    (void)state;
    expect_print(arena,
                 read_row(arena, exec_outputs(arena),
                          "{exit: {min: 0, max: 2}, stdout: {matches: ^ok, not: {contains: x}}}",
                          NULL),
                 NULL, &into);
    assert_string_equal(into.at, "exit is at least 0 and exit is at most 2, stdout matches ^ok and "
                                 "not: stdout contains x");
    buffer_free(&into);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_default),
        cmocka_unit_test(test_default_of_what_is_unset),
        cmocka_unit_test(test_print),
    };
    return cmocka_run_group_tests_name("lang_expect", tests, NULL, NULL);
}
