/* base/units: what is written, what it is worth, and how it is written again. */
#include "base/arena.h"
#include "base/units.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct row {
    const char *text;
    int64_t value; /* -1: it is none */
    const char *printed;
};

enum { NONE = -1 };

static const struct row DURATIONS[] = {
    {"90s", 90 * UNITS_SECOND, "1m30s"},
    {"1h30m", 5400 * UNITS_SECOND, "1h30m"},
    {"250ms", 250000000, "250ms"},
    {"0s", 0, "0s"},
    {"0ms", 0, "0s"},
    {"1d2h3m4s5ms", 93784005 * INT64_C(1000000), "1d2h3m4.005s"},
    {"1.5s", 1500000000, "1.5s"},
    {"0.5h", 1800 * UNITS_SECOND, "30m"},
    {"1.5m", 90 * UNITS_SECOND, "1m30s"},
    {"0.000001ms", 1, "0.000001ms"},
    {"1.000000001s", 1000000001, "1.000000001s"},
    {"1m0.5s", 60500000000, "1m500ms"},
    {"7d", 604800 * UNITS_SECOND, "7d"},
    {"48h", 172800 * UNITS_SECOND, "2d"},
    {"106751d", 106751 * INT64_C(86400) * UNITS_SECOND, "106751d"},
    {"106752d", NONE, NULL},
    {"9223372036854775807s", NONE, NULL},
    {"99999999999999999999s", NONE, NULL},
    {"", NONE, NULL},
    {"s", NONE, NULL},
    {"5", NONE, NULL},
    {"5x", NONE, NULL},
    {"5 s", NONE, NULL},
    {" 5s", NONE, NULL},
    {"5s ", NONE, NULL},
    {"-5s", NONE, NULL},
    {"+5s", NONE, NULL},
    {"5S", NONE, NULL},
    {"1.s", NONE, NULL},
    {".5s", NONE, NULL},
    {"1.2.3s", NONE, NULL},
    {"30m1h", NONE, NULL},
    {"1s1s", NONE, NULL},
    {"1ms1s", NONE, NULL},
    {"1e3s", NONE, NULL},
    {"1h30", NONE, NULL},
};

static const struct row SIZES[] = {
    {"20GiB", 20 * (INT64_C(1) << 30), "20GiB"},
    {"0B", 0, "0B"},
    {"1023B", 1023, "1023B"},
    {"1024B", 1024, "1KiB"},
    {"1536B", 1536, "1.5KiB"},
    {"1.5KiB", 1536, "1.5KiB"},
    {"1.125MiB", 1179648, "1.125MiB"},
    {"1.1GiB", 1181116006, "1181116006B"},
    {"1TiB", INT64_C(1) << 40, "1TiB"},
    {"2048TiB", INT64_C(1) << 51, "2048TiB"},
    {"8388607TiB", INT64_C(8388607) << 40, "8388607TiB"},
    {"8388608TiB", NONE, NULL},
    {"1KB", NONE, NULL},
    {"1kib", NONE, NULL},
    {"1", NONE, NULL},
    {"", NONE, NULL},
    {"KiB", NONE, NULL},
    {"1GiB1MiB", NONE, NULL},
    {"-1B", NONE, NULL},
    {"1 KiB", NONE, NULL},
};

static const struct row TIMES[] = {
    {"1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00Z"},
    {"2024-01-15T14:30:00Z", 1705329000 * UNITS_SECOND, "2024-01-15T14:30:00Z"},
    {"2024-01-15t14:30:00z", 1705329000 * UNITS_SECOND, "2024-01-15T14:30:00Z"},
    {"2024-01-15 14:30:00Z", 1705329000 * UNITS_SECOND, "2024-01-15T14:30:00Z"},
    {"2024-01-15T16:30:00+02:00", 1705329000 * UNITS_SECOND, "2024-01-15T14:30:00Z"},
    {"2024-01-15T05:00:00-09:30", 1705329000 * UNITS_SECOND, "2024-01-15T14:30:00Z"},
    {"2024-02-29T12:00:00.5Z", 1709208000 * UNITS_SECOND + 500000000, "2024-02-29T12:00:00.500Z"},
    {"2000-02-29T00:00:00Z", 951782400 * UNITS_SECOND, "2000-02-29T00:00:00Z"},
    {"2024-12-31T23:59:60Z", 1735689600 * UNITS_SECOND, "2025-01-01T00:00:00Z"},
    {"2024-01-01T00:00:00.000001Z", 1704067200 * UNITS_SECOND + 1000,
     "2024-01-01T00:00:00.000001Z"},
    {"2024-01-01T00:00:00.1234567891Z", 1704067200 * UNITS_SECOND + 123456789,
     "2024-01-01T00:00:00.123456789Z"},
    {"1969-12-31T23:59:58Z", -2 * UNITS_SECOND, "1969-12-31T23:59:58Z"},
    {"1969-12-31T23:59:58.250Z", -2 * UNITS_SECOND + 250000000, "1969-12-31T23:59:58.250Z"},
    {"1900-03-01T00:00:00Z", -2203891200 * UNITS_SECOND, "1900-03-01T00:00:00Z"},
    {"2262-04-11T23:47:16.854775807Z", INT64_MAX, "2262-04-11T23:47:16.854775807Z"},
    {"1677-09-21T00:12:43.145224192Z", INT64_MIN, "1677-09-21T00:12:43.145224192Z"},
    {"2262-04-11T23:47:16.854775808Z", NONE, NULL},
    {"2023-02-29T00:00:00Z", NONE, NULL},
    {"1900-02-29T00:00:00Z", NONE, NULL},
    {"2024-13-01T00:00:00Z", NONE, NULL},
    {"2024-00-01T00:00:00Z", NONE, NULL},
    {"2024-04-31T00:00:00Z", NONE, NULL},
    {"2024-04-00T00:00:00Z", NONE, NULL},
    {"2024-01-01T24:00:00Z", NONE, NULL},
    {"2024-01-01T00:60:00Z", NONE, NULL},
    {"2024-01-01T00:00:61Z", NONE, NULL},
    {"2024-01-01T00:00:00", NONE, NULL},
    {"2024-01-01T00:00:00.Z", NONE, NULL},
    {"2024-01-01T00:00:00+0200", NONE, NULL},
    {"2024-01-01T00:00:00+24:00", NONE, NULL},
    {"2024-01-01T00:00:00Zx", NONE, NULL},
    {"2024-1-01T00:00:00Z", NONE, NULL},
    {"2024-01-01", NONE, NULL},
    {"", NONE, NULL},
};

static void rows_check(const struct row *rows, size_t count, bool (*parse)(struct text, int64_t *),
                       const char *(*print)(struct arena *, int64_t))
{
    struct arena *arena = arena_new();
    for (size_t i = 0; i < count; i++) {
        const struct row *row = &rows[i];
        int64_t value = 4711;
        bool good = parse(text_of(row->text), &value);
        if (good != (row->printed != NULL)) {
            fail_msg("'%s' was %s", row->text, good ? "taken" : "refused");
        }
        if (!good) {
            assert_int_equal(value, 4711); /* what is refused changes nothing */
            continue;
        }
        if (value != row->value) {
            fail_msg("'%s' is not %lld", row->text, (long long)value);
        }
        assert_string_equal(print(arena, value), row->printed);
        int64_t again = 0;
        assert_true(parse(text_of(row->printed), &again));
        assert_true(again == value);
    }
    arena_free(arena);
}

static void test_durations(void **state)
{
    (void)state;
    rows_check(DURATIONS, sizeof DURATIONS / sizeof *DURATIONS, duration_parse, duration_print);
}

static void test_sizes(void **state)
{
    (void)state;
    rows_check(SIZES, sizeof SIZES / sizeof *SIZES, size_parse, size_print);
}

static void test_times(void **state)
{
    (void)state;
    rows_check(TIMES, sizeof TIMES / sizeof *TIMES, time_parse, time_print);
}

/* What can only be the result of a computation. */
static void test_negative(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    assert_string_equal(duration_print(arena, -90 * UNITS_SECOND), "-1m30s");
    assert_string_equal(duration_print(arena, INT64_MIN), "-106751d23h47m16.854775808s");
    assert_string_equal(size_print(arena, -1536), "-1.5KiB");
    assert_string_equal(size_print(arena, INT64_MIN), "-8388608TiB");
    arena_free(arena);
}

/* Every day of 500 years, there and back. */
static void test_every_day(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    for (int64_t day = -100000; day <= 100000; day++) {
        int64_t value = day * 86400 * UNITS_SECOND;
        int64_t again = 1;
        assert_true(time_parse(text_of(time_print(arena, value)), &again));
        assert_true(again == value);
    }
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_durations), cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_times),     cmocka_unit_test(test_negative),
        cmocka_unit_test(test_every_day),
    };
    return cmocka_run_group_tests_name("base_units", tests, NULL, NULL);
}
