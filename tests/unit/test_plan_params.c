/* What a run is given: typed, checked, with defaults. */
#include "plan_fixture.h"

static const char text[] =
    "runbook: demo\n"
    "params:\n"
    "  name: {type: string, pattern: '^[a-z_]+$', default: conea}\n"
    "  dump: {type: path, about: the dump to go back to}\n"
    "  count: {type: int, min: 1, max: 9, default: 3}\n"
    "  grade: {type: string, one_of: [minor, severe], default: minor}\n"
    "  limit: {type: duration, max: 10m, optional: true}\n"
    "  hosts: {type: list<string>, min: 1, pattern: '^[a-z]+$', default: [a]}\n"
    "  labels: {type: map<string>, optional: true}\n"
    "  extra: {type: json, optional: true}\n"
    "  copy: {type: path, default: '${params.dump}.copy'}\n"
    "steps:\n"
    "  one: {exec: ['true', '${params.name}']}\n";

struct given {
    const char *all[5]; /* as typed, the last is NULL */
    const char *file;   /* the text of a params file, or NULL */
};

/* The params as one line, or the findings. */
static const char *read_all(struct fixture *fixture, const struct given *given)
{
    const struct node *file = NULL;
    if (given->file != NULL) {
        const struct source *source =
            source_new(fixture->arena, "params.yaml", text_of(given->file));
        file = yaml_parse(fixture->arena, source, &fixture->diagnostics);
        must(fixture, file, "the params file can't be read");
    }
    const struct params_given all = {given->all, file, false};
    const struct value *params =
        params_read(fixture->arena, fixture->runbook, &all, &fixture->diagnostics);
    if (params == NULL) {
        tell_findings(fixture);
        return fixture->told.at;
    }
    fixture->told.length = 0;
    value_show(params, 0, &fixture->told);
    return fixture->told.at;
}

static void shows(const struct given *given, const char *expected)
{
    struct fixture fixture;
    fixture_read(&fixture, text, NULL, NULL);
    assert_string_equal(read_all(&fixture, given), expected);
    fixture_free(&fixture);
}

/* The findings hold PART, and each of them is RB602. */
static void refuses(const struct given *given, const char *part)
{
    struct fixture fixture;
    fixture_read(&fixture, text, NULL, NULL);
    const char *told = read_all(&fixture, given);
    if (strstr(told, part) == NULL)
        fail_msg("'%s' is not in: %s", part, told);
    size_t found = 0;
    for (size_t i = 0; i < fixture.diagnostics.list.count; i++) {
        const struct diagnostic *finding = fixture.diagnostics.list.at[i];
        found += finding->code == RB602;
        /* the runbook above uses few of its params: that is warned of */
        assert_true(finding->code == RB602 || finding->code == RB106);
    }
    assert_int_equal(found, 1);
    fixture_free(&fixture);
}

static void test_defaults(void **state)
{
    (void)state;
    shows(&(struct given){{"dump=x.dump"}, NULL},
          "{name: conea, dump: x.dump, count: 3, grade: minor, limit: unset, hosts: [a], "
          "labels: unset, extra: unset, copy: x.dump.copy}");
}

static void test_typed(void **state)
{
    (void)state;
    shows(&(struct given){{"dump=a=b", "limit=90s", "hosts=[x, y]", "labels={a: b}"}, NULL},
          "{name: conea, dump: a=b, count: 3, grade: minor, limit: 1m30s, hosts: [x, y], "
          "labels: {a: b}, extra: unset, copy: a=b.copy}");
    shows(&(struct given){{"dump=x", "extra={\"a\": [1, true]}"}, NULL},
          "{name: conea, dump: x, count: 3, grade: minor, limit: unset, hosts: [a], "
          "labels: unset, extra: {a: [1, true]}, copy: x.copy}");
}

/* What is typed wins over the file. */
static void test_file(void **state)
{
    (void)state;
    shows(&(struct given){{"count=5"}, "dump: f.dump\ncount: 4\nhosts: [p]\n"},
          "{name: conea, dump: f.dump, count: 5, grade: minor, limit: unset, hosts: [p], "
          "labels: unset, extra: unset, copy: f.dump.copy}");
}

/* A value is data: `${` in it is two characters, never an expression. */
static void test_data_is_no_code(void **state)
{
    (void)state;
    shows(&(struct given){{"dump=${params.name}"}, NULL},
          "{name: conea, dump: '${params.name}', count: 3, grade: minor, limit: unset, "
          "hosts: [a], labels: unset, extra: unset, copy: '${params.name}.copy'}");
    shows(&(struct given){{NULL}, "dump: \"${params.name}\"\n"},
          "{name: conea, dump: '${params.name}', count: 3, grade: minor, limit: unset, "
          "hosts: [a], labels: unset, extra: unset, copy: '${params.name}.copy'}");
}

static void test_refused(void **state)
{
    (void)state;
    refuses(&(struct given){{NULL}, NULL}, "param dump: it is not given");
    refuses(&(struct given){{NULL}, NULL}, "the dump to go back to");
    refuses(&(struct given){{"dump"}, NULL}, "--param 'dump' names no param");
    refuses(&(struct given){{"dmp=x"}, NULL}, "did you mean 'dump'?");
    refuses(&(struct given){{"dump=x", "dump=y"}, NULL}, "param dump is given twice");
    refuses(&(struct given){{"dump=x", "count=many"}, NULL}, "param count: ");
    refuses(&(struct given){{"dump=x", "count=10"}, NULL}, "10 is more than 9");
    refuses(&(struct given){{"dump=x", "count=0"}, NULL}, "0 is less than 1");
    refuses(&(struct given){{"dump=x", "limit=11m"}, NULL}, "11m is more than 10m");
    refuses(&(struct given){{"dump=x", "limit=90"}, NULL}, "param limit: ");
    refuses(&(struct given){{"dump=x", "name=a b"}, NULL}, "'a b' does not match ^[a-z_]+$");
    refuses(&(struct given){{"dump=x", "grade=worse"}, NULL},
            "'worse' is not one of [minor, severe]");
    refuses(&(struct given){{"dump=x", "hosts=[]"}, NULL},
            "(the length of the list) is less than 1");
    refuses(&(struct given){{"dump=x", "hosts=[a, B2]"}, NULL}, "'B2' does not match");
    refuses(&(struct given){{"dump=x", "hosts=a"}, NULL}, "param hosts: ");
    refuses(&(struct given){{"dump=x", "hosts=[a"}, NULL}, "param hosts: ");
    refuses(&(struct given){{"dump=x"}, "conut: 3\n"}, "did you mean 'count'?");
    refuses(&(struct given){{"dump=x"}, "- a\n"}, "a file of params is a map");
    refuses(&(struct given){{"dump=x"}, "count: [1]\n"}, "this is a list");
}

/* Each that is wrong is told, not the first alone. */
static void test_all_at_once(void **state)
{
    struct fixture fixture;
    (void)state;
    fixture_read(&fixture, text, NULL, NULL);
    size_t before = fixture.diagnostics.list.count;
    read_all(&fixture, &(struct given){{"dump=x", "count=0", "grade=worse"}, NULL});
    assert_int_equal(fixture.diagnostics.list.count, before + 2);
    fixture_free(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults), cmocka_unit_test(test_typed),
        cmocka_unit_test(test_file),     cmocka_unit_test(test_data_is_no_code),
        cmocka_unit_test(test_refused),  cmocka_unit_test(test_all_at_once),
    };
    return cmocka_run_group_tests_name("what a run is given", tests, NULL, NULL);
}
