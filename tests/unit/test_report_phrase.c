/* Times, amounts and names as people read them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "report/phrase.h"
#include "store/name.h"
#include "report/talk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MS INT64_C(1000000)

static void assert_says(struct buffer *said, const char *wanted)
{
    assert_string_equal(said->at ? said->at : "", wanted);
    buffer_free(said);
}

static void durations(void **state)
{
    static const struct {
        int64_t ns;
        const char *said;
    } rows[] = {
        {-5, "0ms"},
        {0, "0ms"},
        {499999, "0ms"},
        {500000, "1ms"},
        {999 * MS, "999ms"},
        {999 * MS + 600000, "1s"},
        {1000 * MS, "1s"},
        {1049 * MS, "1.0s"},
        {3400 * MS, "3.4s"},
        {9949 * MS, "9.9s"},
        {9950 * MS, "10s"},
        {34499 * MS, "34s"},
        {59499 * MS, "59s"},
        {59500 * MS, "1m"},
        {60000 * MS, "1m"},
        {65000 * MS, "1m05s"},
        {3599499 * MS, "59m59s"},
        {3600000 * MS, "1h"},
        {7620000 * MS, "2h07m"},
        {86400000 * MS, "1d"},
        {INT64_C(273600000) * MS, "3d04h"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buffer said = {0};
        phrase_duration(&said, rows[i].ns);
        assert_says(&said, rows[i].said);
    }
}

static void times_are_local(void **state)
{
    struct buffer said = {0};
    (void)state;
    setenv("TZ", "Europe/Berlin", 1);
    tzset();
    phrase_time(&said, INT64_C(1705329000123456789));
    buffer_text(&said, " ");
    phrase_clock(&said, INT64_C(1720000000000000000));
    bool zones = strncmp(said.at, "2024-01-15 15:30:00", 19) == 0;
    if (!zones) /* no time zones are installed here: it is UTC */
        assert_says(&said, "2024-01-15 14:30:00 09:46:40");
    else
        assert_says(&said, "2024-01-15 15:30:00 11:46:40");
}

static void words_for_a_shell(void **state)
{
    static const char *const rows[][2] = {
        {"load", "load"},
        {"outer[a%2Fb]#2/x", "'outer[a%2Fb]#2/x'"},
        {"", "''"},
        {"it's", "'it'\\''s'"},
        {"a b;rm -rf $HOME", "'a b;rm -rf $HOME'"},
        {"/srv/state-1_x.y:z=@%+,", "/srv/state-1_x.y:z=@%+,"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buffer said = {0};
        phrase_shell(&said, rows[i][0]);
        assert_says(&said, rows[i][1]);
    }
}

static void entries(void **state)
{
    (void)state;
    assert_true(name_is_entry("freeze/release/1"));
    assert_true(name_is_entry("a/b[x]#2/undo/12"));
    assert_true(name_is_entry("a/release/1/x/release/2"));
    assert_false(name_is_entry("freeze/release/1/inner"));
    assert_false(name_is_entry("release/1x"));
    assert_false(name_is_entry("a/release/x"));
    assert_false(name_is_entry("a/release/0"));
    assert_false(name_is_entry("a"));
}

static void wrapping(void **state)
{
    static const struct {
        const char *text, *said;
        size_t indent, width;
    } rows[] = {
        {"", "", 0, 10},
        {"one", "one", 4, 10},
        {"one two three", "one two\nthree", 0, 8},
        {"one two three", "one\n  two\n  three", 2, 7},
        {"averylongword b", "averylongword\nb", 0, 5},
        {"a\nb c", "a\n b\n c", 1, 3},
        {"tab\there", "tab?here", 0, 20},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buffer said = {0};
        phrase_wrap(&said, rows[i].text, rows[i].indent, rows[i].width);
        assert_says(&said, rows[i].said);
    }
}

static void lines_are_safe(void **state)
{
    static const char *const rows[][2] = {
        {"plain", "plain"},
        {"tab\tx", "tab     x"},
        {"12345678\tx", "12345678        x"},
        {"50%\r100%", "100%"},
        {"windows\r", "windows"},
        {"\x1b[31mred\x1b[0m", "red"},
        {"\x1b[1;2H\x1b[2Jx", "x"},
        {"\x1b]0;title\ax", "x"},
        {"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"},
        {"\x1b", "?"},
        {"bell\a", "bell?"},
        {"\xff\xfe", "??"},
        {"sch\xc3\xb6n", "sch\xc3\xb6n"},
        {"\xe2\x80\xae"
         "evil",
         "?evil"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buffer said = {0};
        line_printable(&said, text_of(rows[i][0]));
        assert_says(&said, rows[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations),         cmocka_unit_test(times_are_local),
        cmocka_unit_test(words_for_a_shell), cmocka_unit_test(entries),
        cmocka_unit_test(wrapping),          cmocka_unit_test(lines_are_safe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
