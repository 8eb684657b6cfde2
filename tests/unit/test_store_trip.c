/* Rounds counted: a table of what is to come of them, and a random model beside it. */
#include "store/trip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define SECOND INT64_C(1000000000)

/* Each round a second after the one before: `.` good, `x` bad, `s` good but slow, `-` must not be
 * asked. Beside it, what it does: `!` trips, space: nothing. */
struct story {
    const char *name;
    struct trip_rule rule;
    const char *rounds, *trips;
};

static const struct story stories[] = {
    {"three of three", {.of = 3, .failed = 3}, "xx.xxxxxx", "     !  !"},
    {"flapping", {.of = 3, .failed = 3}, "x.x.xx.x.xx.", "            "},
    {"three of five", {.of = 5, .failed = 3}, "x.x.x....", "    !    "},
    {"forgotten in time", {.of = 5, .failed = 3}, "xx....x.xx", "         !"},
    {"one of one", {.of = 1, .failed = 1}, "x.xx", "! !!"},
    {"slow says nothing of strikes", {.of = 1, .failed = 1, .slow = SECOND}, "ss", "  "},
    {"half of four",
     {.breaker = true, .of = 4, .errors = 50, .reset = 3 * SECOND},
     ".x.x--.x",
     "   !    "},
    {"opens again, but trips once",
     {.breaker = true, .of = 2, .errors = 100, .reset = 3 * SECOND},
     "xx--x--x--.xx",
     " !          !"},
    {"slow rounds",
     {.breaker = true, .of = 2, .errors = 100, .slow = SECOND, .reset = SECOND},
     "ss.sxs",
     " !  ! "},
    {"each third second",
     {.every = 3 * SECOND, .of = 2, .failed = 2},
     "x--x--.--x--x",
     "   !        !"},
    {"a share of ten",
     {.breaker = true, .of = 10, .errors = 30, .reset = 9 * SECOND},
     "x...x...x",
     "        !"},
};

static void play(const struct story *story)
{
    static struct trip trip;
    memset(&trip, 0, sizeof trip);
    for (size_t i = 0; story->rounds[i] != '\0'; i++) {
        int64_t now = (int64_t)(i + 1) * SECOND;
        char round = story->rounds[i];
        bool asks = trip_asks(&trip, &story->rule, now);
        if (asks != (round != '-'))
            fail_msg("%s: round %zu is %sasked", story->name, i, asks ? "" : "not ");
        if (!asks)
            continue;
        bool trips =
            trip_round(&trip, &story->rule, round != 'x', round == 's' ? 2 * SECOND : 1, now);
        if (trips != (story->trips[i] == '!'))
            fail_msg("%s: round %zu %s", story->name, i, trips ? "trips" : "does not trip");
    }
}

static void test_stories(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof stories / sizeof *stories; i++)
        play(&stories[i]);
}

static void test_a_clock_set_back_opens_no_breaker_for_ever(void **state)
{
    (void)state;
    static struct trip trip;
    struct trip_rule rule = {.breaker = true, .of = 1, .errors = 100, .reset = SECOND};
    assert_true(trip_round(&trip, &rule, false, 0, 100 * SECOND));
    assert_false(trip_asks(&trip, &rule, 100 * SECOND));
    assert_true(trip_asks(&trip, &rule, 50 * SECOND));
}

/* Strikes, told the plain way: the bad ones among the last rounds since it tripped. */
static void test_strikes_against_a_plain_model(void **state)
{
    (void)state;
    unsigned seed = (unsigned)time(NULL);
    print_message("seed %u\n", seed);
    srand(seed);
    for (int game = 0; game < 200; game++) {
        struct trip_rule rule = {.of = 1 + rand() % 40};
        rule.failed = 1 + rand() % rule.of;
        static struct trip trip;
        bool bad[500];
        size_t first = 0;
        memset(&trip, 0, sizeof trip);
        for (size_t i = 0; i < 500; i++) {
            bad[i] = rand() % 3 == 0;
            int64_t count = 0;
            for (size_t j = first; j <= i; j++)
                count += bad[j] && (int64_t)(i - j) < rule.of;
            bool trips = trip_round(&trip, &rule, !bad[i], 0, (int64_t)i);
            assert_int_equal(trips, count >= rule.failed);
            first = trips ? i + 1 : first;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stories),
        cmocka_unit_test(test_a_clock_set_back_opens_no_breaker_for_ever),
        cmocka_unit_test(test_strikes_against_a_plain_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
