/* base/source and base/diagnostic: places, excerpts, and findings as people read them. */
#include "base/arena.h"
#include "base/diagnostic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_places(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct source *source =
        source_new(arena, "x.yaml", text_of("a: b\n\n\xc3\xa9\xe6\xbc\xa2: c\r\nlast"));
    static const struct {
        uint32_t at;
        uint32_t line;
        uint32_t column;
    } cases[] = {
        {0, 1, 1},  {3, 1, 4},  {4, 1, 5},  {5, 2, 1},  {6, 3, 1},  {8, 3, 2},
        {11, 3, 3}, {13, 3, 5}, {16, 4, 1}, {19, 4, 4}, {20, 4, 5}, {999, 4, 5},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct mark mark = {source, cases[i].at, cases[i].at};
        assert_int_equal(mark_line(mark), cases[i].line);
        assert_int_equal(mark_column(mark), cases[i].column);
    }
    assert_string_equal(source_name(source), "x.yaml");
    assert_int_equal(source_text(source).length, 20);
    assert_int_equal(mark_line((struct mark){0}), 0);
    arena_free(arena);
}

struct excerpt {
    const char *text;
    uint32_t start;
    uint32_t end;
    const char *shown;
};

static const struct excerpt EXCERPTS[] = {
    {"a: b\n", 3, 4, "    1 | a: b\n      |    ^\n"},
    {"a: bcd\n", 3, 6, "    1 | a: bcd\n      |    ^~~\n"},
    {"a: bcd", 3, 3, "    1 | a: bcd\n      |    ^\n"},
    {"a: bcd", 6, 6, "    1 | a: bcd\n      |       ^\n"},
    {"a: b\nc: d\n", 3, 9, "    1 | a: b\n      |    ^\n"},
    {"a: b\nc: d\n", 10, 10, "    3 | \n      | ^\n"},
    {"a\n\tb: c\n", 6, 7, "    2 | \tb: c\n      | \t   ^\n"},
    {"\xe6\xbc\xa2\xe5\xad\x97: x\n", 3, 8,
     "    1 | \xe6\xbc\xa2\xe5\xad\x97: x\n      |   ^~~~\n"},
    {"e\xcc\x81: x\n", 5, 6, "    1 | e\xcc\x81: x\n      |    ^\n"},
    {"a: \x1b[31m\n", 3, 4, "    1 | a: ?[31m\n      |    ^\n"},
    {"a: \xff\xfe x\n", 6, 7, "    1 | a: ?? x\n      |       ^\n"},
    {"a: b\r\nc\r\n", 3, 6, "    1 | a: b\n      |    ^\n"},
    {"", 0, 0, ""},
};

static void test_excerpts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof EXCERPTS / sizeof *EXCERPTS; i++) {
        struct arena *arena = arena_new();
        struct source *source = source_new(arena, "x", text_of(EXCERPTS[i].text));
        struct buffer buffer = {0};
        mark_excerpt((struct mark){source, EXCERPTS[i].start, EXCERPTS[i].end}, &buffer);
        assert_string_equal(buffer_slice(&buffer).at, EXCERPTS[i].shown);
        buffer_free(&buffer);
        arena_free(arena);
    }
}

/* A line of 1,000 characters, of two bytes each: wherever the mark is, what is shown is at most
 * 160 characters and two signs of omission, and the caret stands below the mark. */
static void test_window(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    char text[2001];
    for (size_t i = 0; i < 1000; i++) {
        memcpy(text + 2 * i, "\xc3\xa9", 2);
    }
    text[2000] = '\n';
    struct source *source = source_new(arena, "x", (struct text){text, sizeof text});
    for (uint32_t column = 0; column < 1000; column += 9) {
        memcpy(text + (size_t)2 * column, "xy", 2);
        struct buffer buffer = {0};
        mark_excerpt((struct mark){source, 2 * column, 2 * column + 2}, &buffer);
        char *first = buffer.at + 8;
        char *second = strchr(first, '\n') + 1;
        size_t shown = 0;
        size_t place = 0;
        for (char *at = first; *at != '\n'; at++) {
            place = *at == 'x' ? shown : place;
            shown += ((unsigned char)*at & 0xc0) != 0x80;
        }
        assert_true(shown <= 162);
        assert_string_equal(second + 8 + place, "^~\n");
        assert_int_equal(strspn(second + 8, " "), place);
        memcpy(text + (size_t)2 * column, "\xc3\xa9", 2);
        buffer_free(&buffer);
    }
    arena_free(arena);
}

static struct buffer printed(struct diagnostics *diagnostics, bool colour)
{
    struct buffer buffer = {0};
    buffer_text(&buffer, "");
    for (size_t i = 0; i < diagnostics->list.count; i++) {
        diagnostic_print(diagnostics->list.at[i], colour, &buffer);
    }
    return buffer;
}

static void test_print(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct diagnostics diagnostics = {.arena = arena};
    struct source *source =
        source_new(arena, "level1.yaml", text_of("steps:\n  a:\n    precondition: {}\n"));
    char remedy[] = "did you mean 'preconditions'?";
    struct mark mark = {source, 16, 28};
    struct diagnostic *finding = diagnostic_add(&diagnostics, RB101, mark, remedy,
                                                "'%s' is no key of a step", "precondition");
    diagnostic_note(&diagnostics, finding, (struct mark){source, 9, 10}, "of step '%s'", "a");
    diagnostic_add(&diagnostics, RB106, (struct mark){0}, NULL, "a\x1b[31m\nb");
    memset(remedy, 'x', sizeof remedy - 1); /* it was copied */
    struct buffer buffer = printed(&diagnostics, false);
    assert_string_equal(buffer.at, "level1.yaml:3:5: error RB101: 'precondition' is no key of a "
                                   "step\n"
                                   "    3 |     precondition: {}\n"
                                   "      |     ^~~~~~~~~~~~\n"
                                   "      = remedy: did you mean 'preconditions'?\n"
                                   "level1.yaml:2:3: note: of step 'a'\n"
                                   "    2 |   a:\n"
                                   "      |   ^\n"
                                   "warning RB106: a?[31m?b\n");
    assert_int_equal(diagnostics.errors, 1);
    assert_int_equal(diagnostics.warnings, 1);
    buffer_free(&buffer);
    buffer = printed(&diagnostics, true);
    assert_non_null(strstr(buffer.at, "\x1b[1;31merror RB101\x1b[0m: "));
    assert_non_null(strstr(buffer.at, "\x1b[1;35mwarning RB106\x1b[0m: a?[31m?b\n"));
    buffer_free(&buffer);
    arena_free(arena);
}

/* Long messages, and an empty list. */
static void test_add_long(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct diagnostics diagnostics = {.arena = arena};
    diagnostics_sort(&diagnostics);
    struct diagnostic *finding =
        diagnostic_add(&diagnostics, RB402, (struct mark){0}, NULL, "%05000d", 7);
    assert_int_equal(strlen(finding->message), 5000);
    assert_int_equal(diagnostics.errors + diagnostics.warnings, 0);
    arena_free(arena);
}

static void test_sort(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct diagnostics diagnostics = {.arena = arena};
    struct source *a = source_new(arena, "a.yaml", text_of("0123456789"));
    struct source *b = source_new(arena, "b.yaml", text_of("0123456789"));
    struct source *a_again = source_new(arena, "a.yaml", text_of("0123456789"));
    diagnostic_add(&diagnostics, RB101, (struct mark){b, 1, 2}, NULL, "5");
    diagnostic_add(&diagnostics, RB101, (struct mark){a, 7, 8}, NULL, "4");
    diagnostic_add(&diagnostics, RB102, (struct mark){a, 3, 4}, NULL, "2");
    diagnostic_add(&diagnostics, RB101, (struct mark){a_again, 3, 9}, NULL, "1");
    diagnostic_add(&diagnostics, RB102, (struct mark){a, 3, 5}, NULL, "3");
    diagnostic_add(&diagnostics, RB602, (struct mark){0}, NULL, "0");
    diagnostics_sort(&diagnostics);
    for (size_t i = 0; i < diagnostics.list.count; i++) {
        const struct diagnostic *finding = diagnostics.list.at[i];
        assert_int_equal(finding->message[0], '0' + (int)i);
    }
    arena_free(arena);
}

/* Each code is found by its name, and tells something. */
static void test_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < DIAGNOSTIC_COUNT; i++) {
        const struct diagnostic_about *about = diagnostic_about((enum diagnostic_code)i);
        enum diagnostic_code code = DIAGNOSTIC_COUNT;
        assert_true(diagnostic_find(about->code, &code));
        assert_int_equal(code, i);
        assert_true(strlen(about->title) > 10);
        assert_null(strstr(about->title, "\\?"));
        char small[16];
        snprintf(small, sizeof small, "rb%s", about->code + 2);
        assert_true(diagnostic_find(small, &code));
        assert_int_equal(code, i);
    }
    enum diagnostic_code code = RB001;
    assert_false(diagnostic_find("RB999", &code));
    assert_false(diagnostic_find("", &code));
    assert_int_equal(code, RB001);
}

/* A story has 3 to 12 lines of at most 88 characters and ends with a newline. */
static void test_stories(void **state)
{
    (void)state;
    for (size_t i = 0; i < DIAGNOSTIC_COUNT; i++) {
        const struct diagnostic_about *about = diagnostic_about((enum diagnostic_code)i);
        size_t lines = 0;
        const char *line = about->story;
        while (*line != '\0') {
            size_t length = strcspn(line, "\n");
            if (length > 88 || line[length] != '\n') {
                fail_msg("%s: a line of the story is too long or not ended: %.40s", about->code,
                         line);
            }
            lines++;
            line += length + 1;
        }
        if (lines < 3 || lines > 12) {
            fail_msg("%s has a story of %zu lines", about->code, lines);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places),   cmocka_unit_test(test_excerpts),
        cmocka_unit_test(test_window),   cmocka_unit_test(test_print),
        cmocka_unit_test(test_add_long), cmocka_unit_test(test_sort),
        cmocka_unit_test(test_table),    cmocka_unit_test(test_stories),
    };
    return cmocka_run_group_tests_name("base_diagnostic", tests, NULL, NULL);
}
