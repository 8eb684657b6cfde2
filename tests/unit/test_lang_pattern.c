/* Patterns: what they find, what they refuse, and that none of them takes for ever. */
#include "base/arena.h"
#include "lang/pattern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

struct search {
    const char *pattern, *subject;
    size_t from;
    const char *whole, *group; /* NULL: absent; group "-": took no part */
};

static const struct search SEARCHES[] = {
    {"b+", "abbc", 0, "bb", "bb"},
    {"a(b*)c", "xabbc", 0, "abbc", "bb"},
    {"(a)|(b)", "b", 0, "b", "-"},
    {"(x)?(y)", "y", 0, "y", "-"},
    {"a", "aba", 1, "a", "a"},
    {"^a", "ba", 1, NULL, NULL},
    {"z", "abc", 0, NULL, NULL},
    {"", "abc", 1, "", ""},
    {"x*", "", 0, "", ""},
    {"(?i)ABC", "xabc", 0, "abc", "abc"},
    {"^b$", "a\nb", 0, NULL, NULL},
    {"(?m)^b$", "a\nb", 0, "b", "b"},
    {"ä.", "xäö", 0, "äö", "äö"},
    {"\\p{L}+", "1äb2", 0, "äb", "äb"},
    {"b",
     "\xff\xfe"
     "b",
     0, "b", "b"},
    {"(?<=a)b", "ab", 1, "b", "b"},
    {"ab\\Kc", "abc", 0, "c", "c"},
};

static void test_searches(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof SEARCHES / sizeof *SEARCHES; i++) {
        const struct search *search = &SEARCHES[i];
        struct arena *arena = arena_new();
        const char *problem = NULL;
        size_t offset = 0;
        struct pattern *pattern =
            pattern_compile(arena, text_of(search->pattern), &problem, &offset);
        assert_non_null(pattern);
        struct text whole = {0};
        struct text group = {0};
        enum pattern_answer answer = pattern_match(pattern, text_of(search->subject), search->from,
                                                   &whole, &group, &problem);
        if (answer != (search->whole ? PATTERN_FOUND : PATTERN_ABSENT)) {
            fail_msg("'%s' in '%s': answer %d", search->pattern, search->subject, (int)answer);
        }
        if (search->whole != NULL && !text_is(whole, search->whole)) {
            fail_msg("'%s' in '%s': found '%.*s'", search->pattern, search->subject,
                     (int)whole.length, whole.at);
        }
        if (search->whole != NULL && strcmp(search->group, "-") == 0) {
            assert_null(group.at);
        } else if (search->whole != NULL && !text_is(group, search->group)) {
            fail_msg("'%s' in '%s': group '%.*s'", search->pattern, search->subject,
                     (int)group.length, group.at);
        }
        arena_free(arena);
    }
}

struct refusal {
    const char *pattern;
    size_t offset;
    const char *problem; /* its beginning */
};

static const struct refusal REFUSALS[] = {
    {"(", 1, "missing closing parenthesis"},
    {"a)", 1, "unmatched closing parenthesis"},
    {"[a", 2, "missing terminating ] for character class"},
    {"*a", 0, "quantifier does not follow a repeatable item"},
    {"a{2,1}", 5, "numbers out of order in {} quantifier"},
    {"a\\Cb", 3, "using \\C is disabled"},
    {"(?<n>a)(?<n>b)", 12, "two named subpatterns have the same name"},
    {"\xff", 0, "UTF-8 error"},
};

static void test_refusals(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof REFUSALS / sizeof *REFUSALS; i++) {
        const char *problem = NULL;
        size_t offset = 99;
        assert_null(pattern_compile(arena, text_of(REFUSALS[i].pattern), &problem, &offset));
        if (offset != REFUSALS[i].offset ||
            strncmp(problem, REFUSALS[i].problem, strlen(REFUSALS[i].problem)) != 0) {
            fail_msg("'%s': at %zu: %s", REFUSALS[i].pattern, offset, problem);
        }
    }
    char *big = calloc(1, 5000);
    memset(big, 'a', 4999);
    const char *problem = NULL;
    size_t offset = 0;
    assert_null(pattern_compile(arena, text_of(big), &problem, &offset));
    assert_string_equal(problem, "a pattern has at most 4096 bytes, this one has 4999");
    free(big);
    arena_free(arena);
}

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* PATTERN over LENGTH bytes of FILL; the answer must be an error, and come soon. */
static void hopeless(const char *pattern_text, char fill, size_t length, const char *wanted)
{
    struct arena *arena = arena_new();
    const char *problem = NULL;
    size_t offset = 0;
    struct pattern *pattern = pattern_compile(arena, text_of(pattern_text), &problem, &offset);
    assert_non_null(pattern);
    char *subject = arena_alloc(arena, length + 1);
    memset(subject, fill, length);
    struct text whole;
    struct text group;
    double start = seconds_now();
    enum pattern_answer answer =
        pattern_match(pattern, (struct text){subject, length}, 0, &whole, &group, &problem);
    double took = seconds_now() - start;
    assert_int_equal(answer, PATTERN_ERROR);
    assert_string_equal(problem, wanted);
    assert_true(took < 5.0); /* the limit is 0.25 s; the machine may be busy */
    arena_free(arena);
}

static void test_limits(void **state)
{
    (void)state;
    const char *slow = "the pattern takes longer than 250ms on this text";
    hopeless(".*.*=x", 'a', 1024 * 1024, slow);
    hopeless("(x+x+)+[yz]", 'x', 30, slow);
    hopeless("^(ab|a|b)*$", 'a', 1000000,
             "the pattern needs more memory than it may have on this text");
    hopeless("b", 'a', 1024 * 1024 + 1,
             "a pattern searches at most 1MiB of text, and this is more");
}

/* A pattern that needs more stack than is at hand gets more, and still finds. */
static void test_stack(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const char *problem = NULL;
    size_t offset = 0;
    struct pattern *pattern = pattern_compile(arena, text_of("^(ab|a|b)*$"), &problem, &offset);
    size_t length = 8000;
    char *subject = arena_alloc(arena, length + 1);
    for (size_t i = 0; i < length; i++) {
        subject[i] = i % 2 == 0 ? 'a' : 'b';
    }
    struct text whole;
    struct text group;
    assert_int_equal(
        pattern_match(pattern, (struct text){subject, length}, 0, &whole, &group, &problem),
        PATTERN_FOUND);
    assert_int_equal(whole.length, length);
    arena_free(arena);
}

/* Whatever the bytes, the quoted text finds exactly itself. */
static void test_quote(void **state)
{
    (void)state;
    const char *seed_text = getenv("RUNBOOK_TEST_SEED");
    unsigned seed = seed_text ? (unsigned)strtoul(seed_text, NULL, 10) : (unsigned)time(NULL);
    print_message("# seed %u\n", seed);
    srand(seed);
    for (int round = 0; round < 2000; round++) {
        struct arena *arena = arena_new();
        char text[16];
        size_t length = (size_t)(rand() % 12);
        for (size_t i = 0; i < length; i++) {
            text[i] = (char)(rand() % 127 + 1);
        }
        const char *quoted = pattern_quote(arena, (struct text){text, length});
        const char *problem = NULL;
        size_t offset = 0;
        char anchored[128];
        snprintf(anchored, sizeof anchored, "\\A%s\\z", quoted);
        struct pattern *pattern = pattern_compile(arena, text_of(anchored), &problem, &offset);
        assert_non_null(pattern);
        struct text whole;
        struct text group;
        assert_int_equal(
            pattern_match(pattern, (struct text){text, length}, 0, &whole, &group, &problem),
            PATTERN_FOUND);
        assert_int_equal(whole.length, length);
        arena_free(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_searches), cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_limits),   cmocka_unit_test(test_stack),
        cmocka_unit_test(test_quote),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
