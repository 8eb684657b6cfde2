/* The printed plan, whole: tests/unit/plan/demo.yaml has one of everything, demo.txt is what it
 * must print. */
#include "plan/print_graph.h"
#include "plan_fixture.h"

#include <jansson.h>

static char *read_text(const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL)
        fail_msg("%s can't be opened: run the tests in the project's folder", path);
    struct buffer text = {0};
    char bytes[4096];
    for (size_t count; (count = fread(bytes, 1, sizeof bytes, file)) > 0;)
        buffer_add(&text, bytes, count);
    fclose(file);
    return text.at;
}

static void make_demo(struct fixture *fixture, char *texts[3])
{
    texts[0] = read_text("tests/unit/plan/demo.yaml");
    texts[1] = read_text("tests/unit/plan/lib.yaml");
    texts[2] = read_text("tests/unit/plan/called.yaml");
    fixture_read(fixture, texts[0], texts[1], texts[2]);
    fixture_plan(fixture, NULL);
}

static void free_demo(struct fixture *fixture, char *texts[3])
{
    fixture_free(fixture);
    for (int i = 0; i < 3; i++)
        free(texts[i]);
}

static void print(const struct fixture *fixture, const char *format, bool colour,
                  struct buffer *into)
{
    const struct plan_format *found = plan_format_find(format);
    assert_non_null(found);
    found->print(fixture->plan, &(struct plan_look){.colour = colour}, into);
}

/* The first line in which they differ is told. */
static void same_lines(const char *found, const char *wanted)
{
    for (int line = 1; *found != '\0' || *wanted != '\0'; line++) {
        size_t a = strcspn(found, "\n"), b = strcspn(wanted, "\n");
        if (a != b || memcmp(found, wanted, a) != 0)
            fail_msg("line %d is\n%.*s\nand demo.txt has\n%.*s", line, (int)a, found, (int)b,
                     wanted);
        found += a + (found[a] != '\0');
        wanted += b + (wanted[b] != '\0');
    }
}

static void test_text(void **state)
{
    struct fixture fixture;
    struct buffer text = {0};
    char *texts[3], *wanted = read_text("tests/unit/plan/demo.txt");
    (void)state;
    make_demo(&fixture, texts);
    print(&fixture, "text", false, &text);
    same_lines(text.at, wanted);
    buffer_free(&text);
    free(wanted);
    free_demo(&fixture, texts);
}

/* Colours add to the text and change nothing in it. */
static void test_colour(void **state)
{
    struct fixture fixture;
    struct buffer plain = {0}, colour = {0}, stripped = {0};
    char *texts[3];
    (void)state;
    make_demo(&fixture, texts);
    print(&fixture, "text", false, &plain);
    print(&fixture, "text", true, &colour);
    for (const char *at = colour.at; *at != '\0'; at++) {
        if (*at == '\033')
            at = strchr(at, 'm');
        else
            buffer_add(&stripped, at, 1);
    }
    assert_true(colour.length > plain.length);
    assert_string_equal(stripped.at, plain.at);
    buffer_free(&plain);
    buffer_free(&colour);
    buffer_free(&stripped);
    free_demo(&fixture, texts);
}

/* Only what is done is longer than 100 columns, never what is said. */
static void test_width(void **state)
{
    struct fixture fixture;
    struct buffer text = {0};
    char *texts[3];
    (void)state;
    make_demo(&fixture, texts);
    print(&fixture, "text", false, &text);
    for (const char *line = text.at; *line != '\0'; line += strcspn(line, "\n") + 1) {
        size_t columns = 0, length = strcspn(line, "\n");
        for (size_t i = 0; i < length; i++)
            columns += ((unsigned char)line[i] & 0xc0) != 0x80;
        if (columns > 100 && memchr(line, '$', length) == NULL)
            fail_msg("%zu columns: %.*s", columns, (int)length, line);
    }
    buffer_free(&text);
    free_demo(&fixture, texts);
}

static size_t count_steps(const json_t *steps)
{
    size_t index, count = 0;
    json_t *step;
    json_array_foreach(steps, index, step)
    {
        assert_non_null(json_object_get(step, "name"));
        assert_non_null(json_object_get(step, "effect"));
        count += 1 + count_steps(json_object_get(step, "inside")) +
                 count_steps(json_object_get(step, "release")) +
                 count_steps(json_object_get(json_object_get(step, "call"), "on_failure"));
    }
    return count;
}

static size_t count_visited;

static void count_step(void *context, struct plan_step *step)
{
    (void)context;
    (void)step;
    count_visited++;
}

static void test_json(void **state)
{
    struct fixture fixture;
    struct buffer text = {0};
    char *texts[3];
    json_error_t error;
    (void)state;
    make_demo(&fixture, texts);
    print(&fixture, "json", false, &text);
    json_t *plan = json_loads(text.at, 0, &error);
    if (plan == NULL)
        fail_msg("%s", error.text);
    assert_int_equal(json_integer_value(json_object_get(plan, "format")), 1);
    assert_string_equal(json_string_value(json_object_get(plan, "digest")),
                        plan_digest(fixture.arena, fixture.plan));
    count_visited = 0;
    plan_visit(&fixture.plan->steps, count_step, NULL);
    plan_visit(&fixture.plan->on_failure, count_step, NULL);
    assert_int_equal(count_steps(json_object_get(plan, "steps")) +
                         count_steps(json_object_get(plan, "on_failure")),
                     count_visited);
    json_decref(plan);
    buffer_free(&text);
    free_demo(&fixture, texts);
}

/* Control characters of a value never reach the terminal. */
static void test_harmless(void **state)
{
    struct fixture fixture;
    struct buffer text = {0};
    (void)state;
    fixture_read(
        &fixture,
        "runbook: t\n"
        "steps:\n"
        "  a: {title: \"x\\e[31mred\", exec: [echo, \"\\e[2J\", \"\\u202e\"], effect: read}\n",
        NULL, NULL);
    fixture_plan(&fixture, NULL);
    print(&fixture, "text", false, &text);
    assert_null(strchr(text.at, '\033'));
    assert_null(strstr(text.at, "\u202e"));
    buffer_free(&text);
    fixture_free(&fixture);
}

/* Mermaid reads its own signs, Markdown and HTML in a label, quoted or not. */
static void test_mermaid_label(void **state)
{
    static const char *const pairs[][2] = {
        {"stable_image: at 1.5s, a-b/c", "stable_image#58; at 1.5s#44; a-b/c"},
        {"say \"end\" #35; `x`", "say #34;end#34; #35;35#59; #96;x#96;"},
        {"1. no list", "1#46; no list"},
        {"- no item", "#45; no item"},
        {"*no* _mark_ <b>", "#42;no#42; #95;mark#95; #60;b#62;"},
        {"a\\nb $$x$$\n", "a#92;#8203;nb #36;#8203;#36;#8203;x#36;#8203;#36;#8203; "},
        {"‹steps.a.x›", "‹steps.a.x›"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct buffer text = {0};
        mermaid_label(&text, text_of(pairs[i][0]));
        assert_string_equal(text.at, pairs[i][1]);
        buffer_free(&text);
    }
}

static void test_formats(void **state)
{
    (void)state;
    assert_string_equal(plan_format_at(0)->name, "text");
    assert_string_equal(plan_format_at(1)->name, "json");
    for (unsigned i = 0; plan_format_at(i) != NULL; i++)
        assert_ptr_equal(plan_format_find(plan_format_at(i)->name), plan_format_at(i));
    assert_null(plan_format_find("xml"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),          cmocka_unit_test(test_colour),
        cmocka_unit_test(test_width),         cmocka_unit_test(test_json),
        cmocka_unit_test(test_harmless),      cmocka_unit_test(test_formats),
        cmocka_unit_test(test_mermaid_label),
    };
    return cmocka_run_group_tests_name("the printed plan", tests, NULL, NULL);
}
