/* Terms: read at a place, typed, evaluated, printed. */
#include "base/arena.h"
#include "base/diagnostic.h"
#include "base/text.h"
#include "lang/eval.h"
#include "lang/expr.h"
#include "lang/term.h"
#include "lang/type.h"
#include "lang/typing.h"
#include "lang/value.h"
#include "lang/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* ---- a small world: params.NAME ---- */

static const struct name {
    const char *name;
    const char *type;
    const char *value; /* a YAML scalar of that type; NULL: unset; "?": unknown */
} world[] = {
    {"word", "string", "a+b"},  {"number", "int", "3"},    {"time", "duration", "90s"},
    {"file", "path", "/srv/x"}, {"none", "string?", NULL}, {"later", "string", "?"},
    {"regex", "regex", "a+b"},  {"dash", "string", "-x"},  {"flag", "bool", "true"},
};

static const struct name *name_find(const char *member)
{
    for (size_t i = 0; i < sizeof world / sizeof world[0]; i++)
        if (strcmp(world[i].name, member) == 0)
            return &world[i];
    return NULL;
}

static const struct type *find_type(const struct names *names, const char *root, const char *member,
                                    const char *rest, struct mark mark,
                                    struct diagnostics *diagnostics)
{
    (void)root;
    (void)rest;
    const struct name *name = name_find(member);
    if (name == NULL)
        diagnostic_add(diagnostics, RB101, mark, NULL, "unknown");
    return name ? type_parse(names->context, name->type) : NULL;
}

static const struct value *find_value(const struct values *values, const char *root,
                                      const char *member)
{
    const struct name *name = name_find(member);
    const char *problem = NULL;
    (void)root;
    if (name->value == NULL)
        return &value_unset;
    if (strcmp(name->value, "?") == 0)
        return value_unknown(values->context, "params.later");
    const struct type *type = type_parse(values->context, name->type);
    return value_read(values->context, type, text_of(name->value), true, &problem);
}

struct tried {
    struct arena *arena;
    struct diagnostics diagnostics;
    const struct term *term;
    const struct type *type;
    const struct value *value;
    struct problem problem;
};

/* Reads YAML at a place of TYPE (NULL: none), types it, and evaluates it when it has no fault. */
static void try_term(struct tried *tried, const char *type, const char *yaml)
{
    memset(tried, 0, sizeof *tried);
    tried->arena = arena_new();
    tried->diagnostics.arena = tried->arena;
    struct names names = {.find = find_type, .context = tried->arena};
    struct values values = {.find = find_value, .context = tried->arena};
    const struct source *source = source_new(tried->arena, "term", text_of(yaml));
    const struct node *node = yaml_parse(tried->arena, source, &tried->diagnostics);
    assert_non_null(node);
    tried->term = term_read(tried->arena, node->pairs[0].value,
                            type ? type_parse(tried->arena, type) : NULL, &tried->diagnostics);
    if (tried->term != NULL)
        tried->type = term_type(tried->arena, tried->term, &names, &tried->diagnostics);
    if (tried->type != NULL)
        tried->value = term_eval(tried->arena, tried->term, &values, &tried->problem);
}

struct row {
    const char *type; /* of the place; NULL: none */
    const char *yaml;
    const char *typed; /* what term_type gives */
    const char *value; /* as value_show */
};

static const struct row good[] = {
    {"string", "x: no", "string", "no"},
    {"string", "x: 0755", "string", "0755"},
    {"string", "x: a ${params.number} b", "string", "a 3 b"},
    {"string", "x: $${params.number}", "string", "${params.number}"},
    {"int", "x: ${params.number}", "int", "3"},
    {"float", "x: ${params.number}", "int", "3.0"},
    /* any scalar becomes a text where one is wanted */
    {"string", "x: ${params.number}", "int", "3"},
    {"string", "x: ${params.time}", "duration", "1m30s"},
    {"string", "x: ${params.flag}", "bool", "true"},
    {"list<string>", "x: [a, '${params.number}', '${[1, 2]...}', b]", "list<string>",
     "[a, '3', '1', '2', b]"},
    {"list<string>", "x: ['${[]...}']", "list<string>", "[]"},
    {"map<string>", "x: {A: '${params.word}', b: c}", "map<string>", "{A: a+b, b: c}"},
    {"json", "x: {a: 1, b: '1', c: true, d: null, e: [1.5]}", "json", NULL},
    {"string?", "x: ${params.none}", "string?", NULL},
    {"string", "x: ${params.later}", "string", "‹params.later›"},
    {"string", "x: a ${params.later}", "string", "a ‹params.later›"},
    {"duration", "x: ${params.time * 2}", "duration", "3m"},
    {"path", "x: ${params.file}/y", "string", "/srv/x/y"},
    /* without a place */
    {NULL, "x: 12", "string", "12"},
    {NULL, "x: [a, b]", "list<string>", "[a, b]"},
    {NULL, "x: ['${params.number}', '${1.5}']", "list<float>", NULL},
    {NULL, "x: ${params.number}", "int", "3"},
    /* in a pattern a text stands for itself, a regex does not */
    {"regex", "x: ^${params.word}$", "regex", "^a\\+b$"},
    {"regex", "x: ^${params.regex}$", "regex", "^a+b$"},
    {"regex", "x: ${params.word}", "regex", "a\\+b"},
    {"regex", "x: ${params.regex}", "regex", "a+b"},
    {"regex", "x: v${params.number}", "regex", "v3"},
    {"regex", "x: v${params.later}", "regex", "v‹params.later›"},
};

static void good_row(const struct row *row)
{
    struct tried tried;
    struct buffer shown = {0};
    try_term(&tried, row->type, row->yaml);
    if (tried.value == NULL)
        fail_msg("%s: %s", row->yaml,
                 tried.diagnostics.list.count
                     ? ((struct diagnostic *)tried.diagnostics.list.at[0])->message
                     : tried.problem.message);
    assert_string_equal(type_print(tried.arena, tried.type), row->typed);
    value_show(tried.value, 0, &shown);
    if (row->value != NULL)
        assert_string_equal(shown.at, row->value);
    buffer_free(&shown);
    arena_free(tried.arena);
}

static void test_good(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        good_row(&good[i]);
}

static const struct {
    const char *type;
    const char *yaml;
    enum diagnostic_code code; /* DIAGNOSTIC_COUNT: none, but there is no value */
    const char *told;
} bad[] = {
    {"int", "x: a", RB102, "expected a whole number"},
    {"int", "x: ${params.word}", RB102, "'params.word' is a string, and an int is wanted"},
    {"string", "x: [a]", RB102, "expected a string, found a list"},
    {"list<string>", "x: a", RB102, "expected a list"},
    {"string", "x: ${params.none}", RB104, "'params.none' may be unset"},
    {"string", "x: ${[1]}", RB102, "'[1]' is a list<int>, and a string is wanted"},
    {"string", "x: ${[1]...}", RB102, "`...` splices"},
    {"list<int>", "x: ['${params.word...}']", RB102, "is a string, and a list is wanted"},
    {"list<int>", "x: [1, a]", RB102, "expected a whole number, found 'a'"},
    {"string", "x:", RB102, "there is no value here"},
    {"path", "x: -x", RB303, "would be taken for an option"},
    {"path", "x: ${params.dash}", DIAGNOSTIC_COUNT, "the path '-x' begins with '-'"},
    {"path", "x: ''", RB102, "expected a path"},
    {"regex", "x: (", RB102, "the pattern is wrong"},
    {"map<int>", "x: {a: b}", RB102, "expected a whole number"},
};

static void test_bad(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct tried tried;
        try_term(&tried, bad[i].type, bad[i].yaml);
        const struct diagnostic *found =
            tried.diagnostics.list.count ? tried.diagnostics.list.at[0] : NULL;
        const char *told = found ? found->message : tried.problem.message;
        assert_null(tried.value);
        if (told == NULL || strstr(told, bad[i].told) == NULL)
            fail_msg("%s at %s: '%s', wanted '%s'", bad[i].yaml, bad[i].type, told ? told : "",
                     bad[i].told);
        assert_int_equal(found ? found->code : DIAGNOSTIC_COUNT, bad[i].code);
        arena_free(tried.arena);
    }
}

/* What holds no `${…}` is a constant as soon as it is read. */
static void test_constants(void **state)
{
    static const char *const yaml[] = {"x: a", "x: [a, [b]]", "x: {a: {b: c}}", "x: $${a}"};
    (void)state;
    for (size_t i = 0; i < sizeof yaml / sizeof yaml[0]; i++) {
        struct tried tried;
        try_term(&tried, NULL, yaml[i]);
        assert_int_equal(tried.term->kind, TERM_CONSTANT);
        arena_free(tried.arena);
    }
}

static void test_print_and_names(void **state)
{
    struct tried tried;
    struct list names = {0};
    (void)state;
    try_term(&tried, NULL, "x: {a: [x, 'y ${params.word}', '${[params.number]...}'], b: c}");
    assert_string_equal(term_print(tried.arena, tried.term),
                        "{a: [x, y ${params.word}, ${[params.number]...}], b: c}");
    term_names(tried.arena, tried.term, &names);
    assert_int_equal(names.count, 2);
    assert_string_equal(((struct expr_name *)names.at[0])->member, "word");
    arena_free(tried.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_constants),
        cmocka_unit_test(test_print_and_names),
    };
    return cmocka_run_group_tests_name("lang_term", tests, NULL, NULL);
}
