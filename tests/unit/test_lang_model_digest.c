/* A step's digest: what is a change, and what is none. */
#include "lang_model.h"

/* The digest of the step `s` of a runbook with STEP under it, and the library LIBRARY beside it. */
static void digest_of(const char *step, const char *library, char digest[65])
{
    struct reading reading;
    struct buffer text = {0};
    model_begin(&reading);
    buffer_format(&text, "runbook: t\nsteps:\n  s:\n%s", step);
    model_file("t.yaml", buffer_slice(&text));
    model_file("u.yaml", text_of("runbook: u\nsteps: {a: {exec: [x]}}\n"));
    if (library != NULL)
        model_file("library/one.yaml", text_of(library));
    const struct runbook *runbook = model_read(&reading, "t.yaml");
    if (runbook == NULL)
        fail_msg("%s", reading.words.at);
    strcpy(digest, step_digest(reading.arena, runbook->steps->order.at[0]));
    buffer_free(&text);
    model_end(&reading);
}

static const char BASE[] = "    exec: [x, y]\n    title: One\n    timeout: 3s\n";

/* The same is done. */
static const char *const same[] = {
    "    exec: [x, y] # a comment\n    title: One\n    timeout: 3s\n",
    "    exec: [x, y]\n    title: Another\n    timeout: 3s\n",
    "    timeout: 3s\n    exec:\n      - x\n      - 'y'\n",
    "    exec: [x, y]\n    timeout: 3s\n    because: It says why.\n    allow: {RB106: why}\n",
};
/* Something else is done. */
static const char *const different[] = {
    "    exec: [y, x]\n    timeout: 3s\n",
    "    exec: [x, y]\n    timeout: 4s\n",
    "    exec: [x, y]\n",
    "    exec: [x, y]\n    timeout: 3s\n    tolerate: why\n",
    "    exec: [x, y]\n    timeout: 3s\n    verify: [{file.stat: /a}]\n",
};

static void test_base(void **state)
{
    char base[65], other[65];
    (void)state;
    digest_of(BASE, NULL, base);
    assert_int_equal(strspn(base, "0123456789abcdef"), 64);
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        digest_of(same[i], NULL, other);
        assert_string_equal(base, other);
    }
    for (size_t i = 0; i < sizeof different / sizeof different[0]; i++) {
        digest_of(different[i], NULL, other);
        assert_string_not_equal(base, other);
    }
}

static void test_prose_is_only_where_it_is_prose(void **state)
{
    char one[65], other[65];
    (void)state;
    /* `title` is a key of a step, and here a name of `set`. */
    digest_of("    set: {title: a}\n", NULL, one);
    digest_of("    set: {title: b}\n", NULL, other);
    assert_string_not_equal(one, other);
    digest_of("    exec: [x]\n    verify: [{file.stat: /a, because: a}]\n", NULL, one);
    digest_of("    exec: [x]\n    verify: [{file.stat: /a, because: b}]\n", NULL, other);
    assert_string_equal(one, other);
}

static void test_order_of_steps(void **state)
{
    char one[65], other[65];
    (void)state;
    digest_of("    steps: {a: {exec: [x]}, b: {exec: [y]}}\n", NULL, one);
    digest_of("    steps: {b: {exec: [y]}, a: {exec: [x]}}\n", NULL, other);
    assert_string_not_equal(one, other);
}

#define LIBRARY(about, argument)                                         \
    "library: one\nabout: x\nactions:\n"                                 \
    "  a: {effect: change, about: " about ", steps: {s: {one.b: {}}}}\n" \
    "  b: {effect: change, steps: {s: {exec: [" argument "], title: x}}}\n"

static void test_actions_that_it_opens_into(void **state)
{
    char one[65], reworded[65], changed[65], checked[65], rechecked[65];
    (void)state;
    digest_of("    one.a: {}\n", LIBRARY("x", "x"), one);
    digest_of("    one.a: {}\n", LIBRARY("y", "x"), reworded);
    digest_of("    one.a: {}\n", LIBRARY("x", "z"), changed);
    assert_string_equal(one, reworded);
    assert_string_not_equal(one, changed);
    /* Also where an action stands in a group's step. */
    digest_of("    steps: {i: {one.a: {}}}\n", LIBRARY("x", "x"), checked);
    digest_of("    steps: {i: {one.a: {}}}\n", LIBRARY("x", "z"), rechecked);
    assert_string_not_equal(checked, rechecked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_base),
        cmocka_unit_test(test_prose_is_only_where_it_is_prose),
        cmocka_unit_test(test_order_of_steps),
        cmocka_unit_test(test_actions_that_it_opens_into),
    };
    return cmocka_run_group_tests_name("lang_model_digest", tests, NULL, NULL);
}
