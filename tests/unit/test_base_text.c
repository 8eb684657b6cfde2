/* base/text and base/list: slices, nearest words, buffers, maps. */
#include "base/arena.h"
#include "base/list.h"
#include "base/path.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_compare(void **state)
{
    (void)state;
    static const struct {
        const char *a;
        const char *b;
        int order;
    } cases[] = {
        {"", "", 0},       {"", "a", -1},   {"a", "", 1},           {"abc", "abc", 0},
        {"ab", "abc", -1}, {"b", "abc", 1}, {"a\xc3\xa9", "ab", 1}, {"A", "a", -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text a = text_of(cases[i].a);
        struct text b = text_of(cases[i].b);
        int order = text_compare(a, b);
        assert_int_equal((order > 0) - (order < 0), cases[i].order);
        assert_int_equal(text_equal(a, b), cases[i].order == 0);
        assert_int_equal(text_is(a, cases[i].b), cases[i].order == 0);
    }
    struct text with_nul = {"a\0b", 3};
    assert_false(text_is(with_nul, "a"));
    assert_true(text_equal((struct text){NULL, 0}, text_of("")));
}

static void test_nearest(void **state)
{
    (void)state;
    static const char *const words[] = {"preconditions", "verify", "timeout", "retry", "needs",
                                        "when",          "undo",   "release", "to",    "on_failure",
                                        "stdout_to",     "expect", "every"};
    static const struct {
        const char *word;
        const char *nearest;
    } cases[] = {
        {"precondition", "preconditions"},
        {"verfiy", "verify"},
        {"Timeout", "timeout"},
        {"time-out", "timeout"},

        {"need", "needs"},
        {"wehn", "when"},
        {"on-failure", "on_failure"},
        {"precond", "preconditions"},
        {"relase", "release"},
        {"undu", "undo"},
        {"od", NULL},
        {"ti", "to"},
        {"", NULL},
        {"x", NULL},
        {"banana", NULL},
        {"exepct", "expect"},
        {"ever", "every"},
        {"verify", "verify"},
        {"a_word_that_is_much_too_long_to_be_meant_for_any_of_them", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *nearest = text_nearest(cases[i].word, words, sizeof words / sizeof *words);
        if (cases[i].nearest == NULL) {
            if (nearest != NULL) {
                fail_msg("'%s' is not meant by '%s'", nearest, cases[i].word);
            }
        } else {
            assert_non_null(nearest);
            assert_string_equal(nearest, cases[i].nearest);
        }
    }
    assert_null(text_nearest("when", NULL, 0));
}

static void test_characters(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t length; /* 0: no UTF-8 */
        uint32_t code;
    } cases[] = {
        {"a", 1, 'a'},
        {"\xc3\xa9", 2, 0xe9},
        {"\xe2\x82\xac", 3, 0x20ac},
        {"\xf0\x9f\x98\x80", 4, 0x1f600},
        {"\x80", 0, 0},
        {"\xc3", 0, 0},
        {"\xc3z", 0, 0},
        {"\xc0\xaf", 0, 0},
        {"\xe0\x80\x80", 0, 0},
        {"\xed\xa0\x80", 0, 0},
        {"\xf4\x90\x80\x80", 0, 0},
        {"\xff", 0, 0},
        {"\xf0\x9f\x98", 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t code = 0;
        assert_int_equal(text_character(text_of(cases[i].bytes), &code), cases[i].length);
        assert_int_equal(code, cases[i].code);
    }
}

static void test_buffer(void **state)
{
    (void)state;
    struct buffer buffer = {0};
    assert_int_equal(buffer_slice(&buffer).length, 0);
    assert_string_equal(buffer_slice(&buffer).at, "");
    buffer_text(&buffer, "");
    assert_string_equal(buffer.at, "");
    for (int i = 0; i < 500; i++) {
        buffer_format(&buffer, "%d,", i);
        buffer_add(&buffer, "ab", 1);
    }
    buffer_format(&buffer, "%01000d", 5);
    assert_int_equal(buffer.length, strlen(buffer.at));
    assert_int_equal(buffer.length, 10 * 2 + 90 * 3 + 400 * 4 + 500 + 1000);
    assert_memory_equal(buffer.at, "0,a1,a2,a", 9);
    buffer_free(&buffer);
    assert_null(buffer.at);
    buffer_free(&buffer);
}

static void test_printable(void **state)
{
    (void)state;
    struct buffer buffer = {0};
    buffer_printable(&buffer,
                     text_of("a\x1b[31m\tb\n\xc3\xa9\xff\xe2\x80\xae\xc2\x85\xef\xbb\xbf."));
    assert_string_equal(buffer.at, "a?[31m?b?\xc3\xa9????.");
    buffer_free(&buffer);
}

static void test_list(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct list list = {0};
    int items[1000];
    for (size_t i = 0; i < 1000; i++) {
        list_add(arena, &list, &items[i]);
    }
    assert_int_equal(list.count, 1000);
    for (size_t i = 0; i < 1000; i++) {
        assert_ptr_equal(list.at[i], &items[i]);
    }
    arena_free(arena);
}

/* Around the size where the map begins to hash, and far beyond. */
static void test_map(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct map map = {0};
    assert_null(map_get(&map, "k0"));
    for (size_t i = 0; i < 5000; i++) {
        char *key = arena_format(arena, "k%zu", i);
        assert_true(map_put(arena, &map, key, key));
        assert_false(map_put(arena, &map, arena_format(arena, "k%zu", i / 2), NULL));
        assert_null(map_get(&map, "other"));
        assert_int_equal(map.count, i + 1);
        if (i < 40 || i % 500 == 0) {
            for (size_t j = 0; j <= i; j++) {
                char *wanted = arena_format(arena, "k%zu", j);
                assert_string_equal(map_get(&map, wanted), wanted);
                assert_string_equal(map.at[j].key, wanted);
            }
        }
    }
    arena_free(arena);
}

static void test_path(void **state)
{
    (void)state;
    static const struct {
        const char *path, *folder, *name;
    } cases[] = {
        {"a/b/c.yaml", "a/b", "c.yaml"},
        {"c.yaml", ".", "c.yaml"},
        {"/c", "", "c"},
        {"a/", "a", ""},
        {"", ".", ""},
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_string_equal(path_folder(arena, cases[i].path), cases[i].folder);
        assert_string_equal(path_name(cases[i].path), cases[i].name);
    }
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compare), cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_path),    cmocka_unit_test(test_characters),
        cmocka_unit_test(test_buffer),  cmocka_unit_test(test_printable),
        cmocka_unit_test(test_list),    cmocka_unit_test(test_map),
    };
    return cmocka_run_group_tests_name("base_text", tests, NULL, NULL);
}
