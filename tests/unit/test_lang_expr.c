/* Trees: their normal form, the names they use, what says the opposite; texts with `${…}`; limits.
 */
#include "lang_world.h"

#include "base/list.h"
#include "base/text.h"

struct form {
    const char *text, *printed; /* NULL: the same */
};

static const struct form FORMS[] = {
    {"1+2*3", "1 + 2 * 3"},
    {"(1+2)*3", "(1 + 2) * 3"},
    {"((1))", "1"},
    {"a-(b-c)", "a - (b - c)"},
    {"(a-b)-c", "a - b - c"},
    {"a/(b*c)", "a / (b * c)"},
    {"- - 1", "--1"},
    {"-(a+b)", "-(a + b)"},
    {"-a.b", "-a.b"},
    {"(-a).b", "(-a).b"},
    {"not(a)", "not a"},
    {"not (a and b)", NULL},
    {"(not a)==b", "(not a) == b"},
    {"not a==b", "not a == b"},
    {"not not a", NULL},
    {"a and(b or c)", "a and (b or c)"},
    {"(a and b)or c", "a and b or c"},
    {"a and (b and c)", NULL},
    {"(a==b)==c", "(a == b) == c"},
    {"a==(b==c)", "a == (b == c)"},
    {"a??b??c", "a ?\? b ?\? c"},
    {"(a??b)??c", "(a ?\? b) ?\? c"},
    {"(a??b)+1", "(a ?\? b) + 1"},
    {"a??b+1", "a ?\? b + 1"},
    {"a??b==c", "a ?\? b == c"},
    {"if a then b else if c then d else e", NULL},
    {"(if a then b else c)+1", "(if a then b else c) + 1"},
    {"if(a)then(b)else(c)", "if a then b else c"},
    {"a in b", NULL},
    {"a matches 'x''y'", NULL},
    {"[ ]", "[]"},
    {"[1,b...,c]", "[1, b..., c]"},
    {"[x.a for x in(l)if(x)]", "[x.a for x in l if x]"},
    {"[x for x in (if a then b else c)]", NULL},
    {"[if x then 1 else 2 for x in l if if a then b else c]", NULL},
    {"a.b[1].c['d']", NULL},
    {"(a + b)[0]", NULL},
    {"first(l).x", NULL},
    {"lower ( 'A' )", "lower('A')"},
    {"90s", "1m30s"},
    {"1024KiB", "1MiB"},
    {"1.50", "1.5"},
    {"1e3", "1000.0"},
    {"1e300", "1e+300"},
    {"result.in.not.if", NULL},
    {"a\n  and\tb", "a and b"},
};

static void test_forms(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof FORMS / sizeof *FORMS; i++) {
        struct world *world = world_new();
        const struct expr *expr = world_parse(world, FORMS[i].text);
        if (expr == NULL) {
            fail_msg("%s: %s", FORMS[i].text, world_findings(world));
        }
        const char *printed = expr_print(world->arena, expr);
        const char *wanted = FORMS[i].printed ? FORMS[i].printed : FORMS[i].text;
        if (strcmp(printed, wanted) != 0) {
            fail_msg("%s prints %s, wanted %s", FORMS[i].text, printed, wanted);
        }
        const struct expr *again = world_parse(world, printed);
        assert_non_null(again);
        assert_string_equal(expr_print(world->arena, again), wanted);
        world_free(world);
    }
}

struct pair_of {
    const char *a, *b;
    bool complement;
};

static const struct pair_of PAIRS[] = {
    {"params.x", "not params.x", true},
    {"not params.x", "params.x", true},
    {"not ( a == 'b' )", "a=='b'", true},
    {"not not a", "not a", true},
    {"not (a and b)", "a and b", true},
    {"not [x for x in l if f.a][0]", "[x for x in l if f.a][0]", true},
    {"a", "a", false},
    {"not a", "not a", false},
    {"not a", "b", false},
    {"a == b", "a != b", false},
    {"not a.b", "a.c", false},
    {"not lower(a)", "upper(a)", false},
    {"not lower(a)", "lower(b)", false},
    {"not (1 == 1)", "1 == 1.0", false},
    {"not [a...]", "[a]", false},
    {"not [a]", "[a, b]", false},
    {"not [x for x in l if a]", "[x for x in l]", false},
    {"not (if a then b else c)", "if a then b else d", false},
    {"not -a", "-b", false},
    {"not a[0]", "a[1]", false},
};

static void test_complement(void **state)
{
    (void)state;
    struct world *world = world_new();
    for (size_t i = 0; i < sizeof PAIRS / sizeof *PAIRS; i++) {
        const struct expr *a = world_parse(world, PAIRS[i].a);
        const struct expr *b = world_parse(world, PAIRS[i].b);
        assert_non_null(a);
        assert_non_null(b);
        if (expr_complement(a, b) != PAIRS[i].complement) {
            fail_msg("%s against %s", PAIRS[i].a, PAIRS[i].b);
        }
    }
    world_free(world);
}

/* "root.member.rest@column", one a word. */
static const struct form NAMES[] = {
    {"1 + 2", ""},
    {"now", "now@1"},
    {"params.x", "params.x@1"},
    {"steps.a.path", "steps.a.path@1"},
    {"steps.a.json.b.c", "steps.a.json@1"},
    {"steps.a[0].b", "steps.a@1"},
    {"steps.a.rows[params.i].b", "steps.a.rows@1 params.i@14"},
    {"result", "result@1"},
    {"not params.a and -params.b == params.c", "params.a@5 params.b@19 params.c@31"},
    {"if run.ok then item.a else previous.b ?\? 1", "run.ok@4 item.a@16 previous.b@28"},
    {"lower(params.a)", "params.a@7"},
    {"[params.a, params.b...]", "params.a@2 params.b@12"},
    {"[x.name for x in params.l if x.ok and params.f]", "params.l@18 params.f@39"},
    {"[x for x in x.y]", "x.y@13"},
    {"[[x, y] for x in params.a][0] == y", "params.a@18 y@6 y@34"},
    {"first(steps.a.files).name", "steps.a.files@7"},
    {"exists(params.tag)", "params.tag@8"},
};

static const char *names_of(struct world *world, const struct list *names)
{
    struct buffer all = {0};
    for (size_t i = 0; i < names->count; i++) {
        const struct expr_name *name = names->at[i];
        buffer_format(&all, "%s%s%s%s%s%s@%u", i > 0 ? " " : "", name->root,
                      name->member ? "." : "", name->member ? name->member : "",
                      name->rest ? "." : "", name->rest ? name->rest : "", mark_column(name->mark));
    }
    struct text text = buffer_slice(&all);
    const char *copy = arena_copy(world->arena, text.at, text.length);
    buffer_free(&all);
    return copy;
}

/* The names whose text can be in what comes out. */
static const struct form WILD[] = {
    {"'fixed'", ""},
    {"upper(params.a)", "params.a@7"},
    {"capture(params.a, '^x+$') ?? params.b", "params.b@30"},
    {"if params.a == '' then params.b else 'c'", "params.b@24"},
    {"[capture(l, '^x+$') ?? '' for l in lines(params.a)]", ""},
    {"[l for l in lines(params.a) if capture(l, 'x') == 'x']", "params.a@19"},
    {"[params.b for l in lines(params.a)]", "params.b@2"},
    {"[l for l in find_all(params.a, 'x')]", ""},
    {"[[x, y] for x in params.a for y in params.b]", NULL},
    {"[[[basename(x), y] for x in params.a] for y in params.b]", "params.b@48"},
    {"[basename(params.a), params.b...]", "params.b@22"},
};

typedef void names_function(struct arena *arena, const struct expr *expr, struct list *names);

static void expect_names(const struct form *form, names_function *find)
{
    struct world *world = world_new();
    const struct expr *expr = world_parse(world, form->text);
    assert_true((expr == NULL) == (form->printed == NULL));
    struct list names = {0};
    if (expr != NULL) {
        find(world->arena, expr, &names);
        const char *is = names_of(world, &names);
        if (strcmp(is, form->printed) != 0) {
            fail_msg("%s uses '%s', wanted '%s'", form->text, is, form->printed);
        }
    }
    world_free(world);
}

static void test_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        expect_names(&NAMES[i], expr_names);
    }
    for (size_t i = 0; i < sizeof WILD / sizeof *WILD; i++) {
        expect_names(&WILD[i], expr_wild_names);
    }
}

/* "= text" a constant, "! expr" a whole, "... expr" a splice, else the parts. */
static const struct form TEMPLATES[] = {
    {"plain", "= plain"},
    {"", "= "},
    {"$", "= $"},
    {"$x ${", NULL},
    {"100$", "= 100$"},
    {"$${x}", "= ${x}"},
    {"a $${x} $$ b", "= a ${x} $$ b"},
    {"$$${x}", "= $${x}"},
    {"${params.a}", "! params.a"},
    {"${ params.a }", "! params.a"},
    {"${params.a...}", "... params.a"},
    {"${params.a ...}", "... params.a"},
    {"a${params.b}c", "a|params.b|c"},
    {"${params.a}${params.b}", "params.a|params.b"},
    {" ${params.a}", " |params.a"},
    {"${params.a} ", "params.a| "},
    {"${params.a}$${b}", "params.a|${b}"},
    {"$${a}${params.b}", "${a}|params.b"},
    {"${'}'}", "! '}'"},
    {"${'a''}'}", "! 'a''}'"},
    {"{${params.a}}", "{|params.a|}"},
};

static const char *template_shown(struct world *world, const struct template *template)
{
    struct buffer all = {0};
    if (template->constant) {
        buffer_format(&all, "= %s", template->text.at);
    } else if (template->whole != NULL) {
        buffer_format(&all, "%s %s", template->splice ? "..." : "!",
                      expr_print(world->arena, template->whole));
    }
    for (size_t i = 0; i < template->part_count; i++) {
        const struct template_part *part = &template->parts[i];
        buffer_format(&all, "%s%s", i > 0 ? "|" : "",
                      part->expr ? expr_print(world->arena, part->expr) : part->text.at);
    }
    const char *copy = arena_copy(world->arena, all.at, all.length);
    buffer_free(&all);
    return copy;
}

static void test_templates(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof TEMPLATES / sizeof *TEMPLATES; i++) {
        struct world *world = world_new();
        const struct template *template =
            template_parse(world->arena, world_node(world, TEMPLATES[i].text), &world->diagnostics);
        if (TEMPLATES[i].printed == NULL) {
            assert_null(template);
            assert_int_equal(world->diagnostics.errors, 1);
        } else if (template == NULL ||
                   strcmp(template_shown(world, template), TEMPLATES[i].printed) != 0) {
            fail_msg("%s is %s, wanted %s", TEMPLATES[i].text,
                     template ? template_shown(world, template) : world_findings(world),
                     TEMPLATES[i].printed);
        }
        world_free(world);
    }
}

struct evaluated {
    const char *text, *value; /* JSON as of value_to_json; or "! " and the problem */
};

static const struct evaluated TEXTS[] = {
    {"plain", "\"plain\""},
    {"${params.count}", "3"},
    {"${params.hosts}", "[\"a\", \"b\", \"c\"]"},
    {"a ${params.count} ${params.ratio} ${params.flag} b", "\"a 3 1.5 true b\""},
    {"${params.limit} ${params.space} ${params.since}", "\"1m30s 1GiB 2024-01-15T14:30:00Z\""},
    {"${params.j.port}/${params.j.name}", "\"80/x\""},
    {"$${x} ${params.name}", "\"${x} web\""},
    {"b_${run.stamp}.dump", "{\"$unknown\": \"b_‹run.stamp›.dump\"}"},
    {"${run.stamp}", "{\"$unknown\": \"‹run.stamp›\"}"},
    {"${params.later}/x", "{\"$unknown\": \"‹steps.outer.path›/x\"}"},
    {"${params.later_text}.gz", "{\"$unknown\": \"a_‹run.stamp›.dump.gz\"}"},
    {"x ${params.j.tags}", "! 'params.j.tags' is a list: inside a text stands a scalar"},
    {"x ${params.j.nope}",
     "! 'params.j.nope' is unset: write params.j.nope ?\? … for what stands in"},
    {"x ${1 / 0}", "! '1 / 0' divides by zero"},
};

static void test_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++) {
        struct world *world = world_new();
        const struct template *template =
            template_parse(world->arena, world_node(world, TEXTS[i].text), &world->diagnostics);
        assert_non_null(template);
        struct problem problem;
        const struct value *value = template_eval(world->arena, template, &world->values, &problem);
        const char *is =
            value ? world_show(world, value) : arena_format(world->arena, "! %s", problem.message);
        if (strcmp(is, TEXTS[i].value) != 0) {
            fail_msg("%s is %s, wanted %s", TEXTS[i].text, is, TEXTS[i].value);
        }
        world_free(world);
    }
}

/* PREFIX, COUNT times MIDDLE, SUFFIX. */
static const char *repeated(struct world *world, const char *prefix, const char *middle,
                            size_t count, const char *suffix)
{
    struct buffer all = {0};
    buffer_text(&all, prefix);
    for (size_t i = 0; i < count; i++) {
        buffer_text(&all, middle);
    }
    buffer_text(&all, suffix);
    const char *copy = arena_copy(world->arena, all.at, all.length);
    buffer_free(&all);
    return copy;
}

static void refused(struct world *world, const char *text, const char *message)
{
    size_t before = world->diagnostics.list.count;
    assert_null(world_parse(world, text));
    assert_int_equal(world->diagnostics.list.count, before + 1);
    const struct diagnostic *finding = world->diagnostics.list.at[before];
    assert_string_equal(diagnostic_about(finding->code)->code, "RB005");
    assert_string_equal(finding->message, message);
}

static void test_parser_limits(void **state)
{
    (void)state;
    struct world *world = world_new();
    const char *nested = "this expression is nested more than 64 deep";
    const char *deep = "this expression is more than 1000 operators deep";
    const char *large = "this expression has more than 10000 parts";
    assert_non_null(world_parse(world, repeated(world, "[", "1,", 9998, "1]")));
    refused(world, repeated(world, "[", "1,", 10000, "1]"), large);
    assert_non_null(world_parse(world, repeated(world, "1", "+1", 998, "")));
    refused(world, repeated(world, "1", "+1", 1001, ""), deep);
    refused(world, repeated(world, "a", ".b", 1001, ""), deep);
    refused(world, repeated(world, "", "(", 200 * 1024, ""), nested);
    refused(world, repeated(world, "", "[", 200 * 1024, ""), nested);
    refused(world, repeated(world, "", "not ", 100, "true"), nested);
    refused(world, repeated(world, "", "-", 100, "1"), nested);
    refused(world, repeated(world, "", "a?\?", 100, "b"), nested);
    refused(world, repeated(world, "", "if a then b else ", 100, "c"), nested);
    refused(world, repeated(world, "", "a[", 100, "0"), nested);
    refused(world, repeated(world, "", "lower(", 100, "a"), nested);
    world_free(world);
}

static const char *problem_of(struct world *world, const char *text)
{
    const struct expr *expr = world_parse(world, text);
    if (expr == NULL || expr_type(world->arena, expr, &world->names, &world->diagnostics) == NULL) {
        fail_msg("%s", world_findings(world));
    }
    struct problem problem;
    const struct value *value = expr_eval(world->arena, expr, &world->values, &problem);
    return value == NULL ? problem.message : "a value";
}

/* Every expression ends soon, and makes no more than 16 MiB. */
static void test_eval_limits(void **state)
{
    (void)state;
    struct world *world = world_new();
    const char *many = repeated(world, "[", "1,", 300, "1]");
    const char *outer = arena_format(
        world->arena,
        "[len([1 for a in l if len([1 for b in l if len([1 for c in l if 1 > 2]) > 0]) > 0]) "
        "for l in [%s]]",
        many);
    assert_string_equal(problem_of(world, outer), "this takes more than 10 million operations");
    const char *hundred = repeated(world, "'", "a", 100, "'");
    const char *grown = hundred;
    for (int i = 0; i < 3; i++) {
        grown = arena_format(world->arena, "replace(%s, 'a', %s)", grown, hundred);
    }
    assert_string_equal(problem_of(world, grown), "this makes more than 16MiB of values");
    const char *wide = arena_format(world->arena, "[[c for c in %s] for b in %s]", many, many);
    assert_string_equal(problem_of(world, wide), "a value");
    assert_string_equal(
        problem_of(world, arena_format(world->arena, "[%s for a in %s]", wide, many)),
        "this makes more than 16MiB of values");
    world_free(world);
}

/* A pattern that gives up is no "no": a check that meets it could not be asked. */
static void test_unasked(void **state)
{
    (void)state;
    struct world *world = world_new();
    struct problem problem;
    const struct expr *expr =
        world_parse(world, repeated(world, "'", "x", 40, "' matches '(x+x+)+[yz]'"));
    assert_null(expr_eval(world->arena, expr, &world->values, &problem));
    assert_true(problem.unasked);
    assert_string_equal(problem.message, "the pattern takes longer than 250ms on this text");
    expr = world_parse(world, "1 / 0");
    assert_null(expr_eval(world->arena, expr, &world->values, &problem));
    assert_false(problem.unasked);
    assert_int_equal(mark_column(problem.mark), 1);
    world_free(world);
}

/* The table of functions is sorted, and tells of each what it takes. */
static void test_functions(void **state)
{
    (void)state;
    const char *before = "";
    size_t count = 0;
    for (; function_at(count) != NULL; count++) {
        const struct function *function = function_at(count);
        assert_true(strcmp(before, function->name) < 0);
        before = function->name;
        assert_int_equal(strncmp(function->signature, function->name, strlen(function->name)), 0);
        assert_int_equal(function->signature[strlen(function->name)], '(');
        assert_true(strlen(function->about) > 0);
    }
    assert_int_equal(count, 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),       cmocka_unit_test(test_complement),
        cmocka_unit_test(test_names),       cmocka_unit_test(test_templates),
        cmocka_unit_test(test_texts),       cmocka_unit_test(test_parser_limits),
        cmocka_unit_test(test_eval_limits), cmocka_unit_test(test_unasked),
        cmocka_unit_test(test_functions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
