/* The life of a step: the table against the words of the language. */
#include "store_help.h"

#include "store/life.h"

/* The rows of "States": from where a state is entered. */
static const struct {
    enum life to;
    enum life from[8];
    size_t count;
} rows[] = {
    /* "the one before": a step without the questions or the verify of the one between passes it;
     * "asking also from running, verifying (retry)". Waiting again: resume. */
    {LIFE_ASKING, {LIFE_WAITING, LIFE_RUNNING, LIFE_VERIFYING}, 3},
    {LIFE_RUNNING, {LIFE_WAITING, LIFE_ASKING}, 2},
    {LIFE_VERIFYING, {LIFE_RUNNING, LIFE_ASKING}, 2},
    /* verifying, asking, unknown; running: one that has no verify */
    {LIFE_DONE, {LIFE_VERIFYING, LIFE_ASKING, LIFE_UNKNOWN, LIFE_RUNNING}, 4},
    {LIFE_SKIPPED, {LIFE_WAITING}, 1},
    /* any before done; unknown, when a person settles it so */
    {LIFE_FAILED, {LIFE_WAITING, LIFE_ASKING, LIFE_RUNNING, LIFE_VERIFYING, LIFE_UNKNOWN}, 5},
    /* running; failed and cancelled ones whose action ended well are settled like an unknown one */
    {LIFE_UNKNOWN, {LIFE_RUNNING, LIFE_DONE, LIFE_FAILED, LIFE_CANCELLED}, 4},
    {LIFE_CANCELLED, {LIFE_ASKING, LIFE_VERIFYING, LIFE_RUNNING}, 3},
    {LIFE_UNDONE, {LIFE_DONE, LIFE_FAILED, LIFE_UNKNOWN, LIFE_CANCELLED}, 4},
    /* what was left as it was when its run stopped, or was to be done again */
    {LIFE_UNDONE, {LIFE_WAITING, LIFE_ASKING, LIFE_RUNNING, LIFE_VERIFYING}, 4},
    {LIFE_WAITING,
     {LIFE_DONE, LIFE_SKIPPED, LIFE_FAILED, LIFE_UNKNOWN, LIFE_CANCELLED, LIFE_UNDONE, LIFE_ASKING},
     7},
    {LIFE_WAITING, {LIFE_RUNNING, LIFE_VERIFYING}, 2}, /* in flight when the interpreter died */
};

static bool in_rows(enum life from, enum life to)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t j = 0; rows[i].to == to && j < rows[i].count; j++)
            if (rows[i].from[j] == from)
                return true;
    return false;
}

static bool leads(enum life from, enum life to)
{
    for (size_t event = 0; event < EVENT_COUNT; event++) {
        enum life next;
        if (life_next(from, event, &next) && next == to)
            return true;
    }
    return false;
}

static void every_row_of_the_states_is_there_and_no_other(void **state)
{
    (void)state;
    for (enum life from = 0; from < LIFE_COUNT; from++)
        for (enum life to = 0; to < LIFE_COUNT; to++)
            if (from != to && leads(from, to) != in_rows(from, to))
                fail_msg("%s -> %s: the table says %d", life_name(from), life_name(to),
                         leads(from, to));
}

/* Every move, one by one: a change of the table is a change here. */
static const struct move {
    enum event_kind event;
    enum life from;
    enum life to;
} moves[] = {
    {EVENT_CHECKING, LIFE_WAITING, LIFE_ASKING},
    {EVENT_ASKED, LIFE_WAITING, LIFE_ASKING},
    {EVENT_SKIPPED, LIFE_WAITING, LIFE_SKIPPED},
    {EVENT_OPENED, LIFE_WAITING, LIFE_RUNNING},
    {EVENT_OPENED, LIFE_ASKING, LIFE_RUNNING},
    {EVENT_INTENT, LIFE_WAITING, LIFE_RUNNING},
    {EVENT_INTENT, LIFE_ASKING, LIFE_RUNNING},
    {EVENT_RETRYING, LIFE_RUNNING, LIFE_ASKING},
    {EVENT_RETRYING, LIFE_VERIFYING, LIFE_ASKING},
    {EVENT_VERIFYING, LIFE_ASKING, LIFE_VERIFYING},
    {EVENT_VERIFYING, LIFE_RUNNING, LIFE_VERIFYING},
    {EVENT_DONE, LIFE_ASKING, LIFE_DONE},
    {EVENT_DONE, LIFE_RUNNING, LIFE_DONE},
    {EVENT_DONE, LIFE_VERIFYING, LIFE_DONE},
    {EVENT_DONE, LIFE_UNKNOWN, LIFE_DONE},
    {EVENT_FAILED, LIFE_WAITING, LIFE_FAILED},
    {EVENT_FAILED, LIFE_ASKING, LIFE_FAILED},
    {EVENT_FAILED, LIFE_RUNNING, LIFE_FAILED},
    {EVENT_FAILED, LIFE_VERIFYING, LIFE_FAILED},
    {EVENT_FAILED, LIFE_UNKNOWN, LIFE_FAILED},
    {EVENT_UNKNOWN, LIFE_RUNNING, LIFE_UNKNOWN},
    {EVENT_UNKNOWN, LIFE_DONE, LIFE_UNKNOWN},
    {EVENT_UNKNOWN, LIFE_FAILED, LIFE_UNKNOWN},
    {EVENT_UNKNOWN, LIFE_CANCELLED, LIFE_UNKNOWN},
    {EVENT_CANCELLED, LIFE_ASKING, LIFE_CANCELLED},
    {EVENT_CANCELLED, LIFE_RUNNING, LIFE_CANCELLED},
    {EVENT_CANCELLED, LIFE_VERIFYING, LIFE_CANCELLED},
    {EVENT_UNDONE, LIFE_WAITING, LIFE_UNDONE},
    {EVENT_UNDONE, LIFE_ASKING, LIFE_UNDONE},
    {EVENT_UNDONE, LIFE_RUNNING, LIFE_UNDONE},
    {EVENT_UNDONE, LIFE_VERIFYING, LIFE_UNDONE},
    {EVENT_UNDONE, LIFE_DONE, LIFE_UNDONE},
    {EVENT_UNDONE, LIFE_FAILED, LIFE_UNDONE},
    {EVENT_UNDONE, LIFE_UNKNOWN, LIFE_UNDONE},
    {EVENT_UNDONE, LIFE_CANCELLED, LIFE_UNDONE},
    {EVENT_AGAIN, LIFE_ASKING, LIFE_WAITING},
    {EVENT_AGAIN, LIFE_RUNNING, LIFE_WAITING},
    {EVENT_AGAIN, LIFE_VERIFYING, LIFE_WAITING},
    {EVENT_AGAIN, LIFE_DONE, LIFE_WAITING},
    {EVENT_AGAIN, LIFE_SKIPPED, LIFE_WAITING},
    {EVENT_AGAIN, LIFE_FAILED, LIFE_WAITING},
    {EVENT_AGAIN, LIFE_UNKNOWN, LIFE_WAITING},
    {EVENT_AGAIN, LIFE_CANCELLED, LIFE_WAITING},
    {EVENT_AGAIN, LIFE_UNDONE, LIFE_WAITING},
};

static bool is_move(enum event_kind event, enum life from, enum life to)
{
    for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++)
        if (moves[i].event == event && moves[i].from == from && moves[i].to == to)
            return true;
    return false;
}

static void every_move_is_meant(void **state)
{
    (void)state;
    size_t found = 0;
    for (size_t event = 0; event < EVENT_COUNT; event++)
        for (enum life from = 0; from < LIFE_COUNT; from++) {
            enum life to;
            if (!life_next(from, event, &to) || to == from)
                continue;
            found++;
            if (!is_move(event, from, to))
                fail_msg("%s: %s -> %s is not meant", event_name(event), life_name(from),
                         life_name(to));
        }
    assert_int_equal(found, sizeof moves / sizeof moves[0]);
}

static void every_event_of_a_step_can_happen_somewhere(void **state)
{
    (void)state;
    for (size_t event = 0; event < EVENT_COUNT; event++) {
        size_t places = 0;
        for (enum life from = 0; from < LIFE_COUNT; from++) {
            enum life to;
            places += life_next(from, event, &to);
        }
        if (event_about(event)->subject == EVENT_ABOUT_STEP)
            assert_true(places > 0);
        if (event_about(event)->subject == EVENT_ABOUT_RUN)
            assert_int_equal(places, 0);
    }
}

static void nothing_happens_to_what_is_worked_out(void **state)
{
    (void)state;
    for (size_t event = 0; event < EVENT_COUNT; event++)
        for (enum life from = 0; from < LIFE_COUNT; from++) {
            enum life to;
            assert_false(life_next(LIFE_BLOCKED, event, &to));
            assert_false(life_next(from, event, &to) && to == LIFE_BLOCKED);
        }
}

/* What dependents do, row by row. */
static void dependents_do_as_the_states_say(void **state)
{
    (void)state;
    static const enum life_dependents expected[LIFE_COUNT] = {
        [LIFE_WAITING] = DEPENDENTS_WAIT,      [LIFE_ASKING] = DEPENDENTS_WAIT,
        [LIFE_RUNNING] = DEPENDENTS_WAIT,      [LIFE_VERIFYING] = DEPENDENTS_WAIT,
        [LIFE_DONE] = DEPENDENTS_RUN,          [LIFE_SKIPPED] = DEPENDENTS_RUN,
        [LIFE_FAILED] = DEPENDENTS_BLOCKED,    [LIFE_UNKNOWN] = DEPENDENTS_BLOCKED,
        [LIFE_CANCELLED] = DEPENDENTS_BLOCKED, [LIFE_UNDONE] = DEPENDENTS_BLOCKED,
        [LIFE_BLOCKED] = DEPENDENTS_BLOCKED,
    };
    for (enum life life = 0; life < LIFE_COUNT; life++) {
        assert_int_equal(life_dependents(life, false), expected[life]);
        assert_int_equal(life_dependents(life, true),
                         life == LIFE_FAILED ? DEPENDENTS_RUN : expected[life]);
        assert_int_equal(life_final(life), expected[life] != DEPENDENTS_WAIT);
    }
}

static void the_words_are_a_contract(void **state)
{
    (void)state;
    static const char *const names[LIFE_COUNT] = {"waiting",   "asking",  "running", "verifying",
                                                  "done",      "skipped", "failed",  "unknown",
                                                  "cancelled", "undone",  "blocked"};
    for (enum life life = 0; life < LIFE_COUNT; life++) {
        enum life found;
        assert_string_equal(life_name(life), names[life]);
        assert_true(life_find(names[life], &found));
        assert_int_equal(found, life);
        assert_true(strlen(life_about(life)) > 10);
    }
    enum life found;
    assert_false(life_find("dead", &found));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_of_the_states_is_there_and_no_other),
        cmocka_unit_test(every_move_is_meant),
        cmocka_unit_test(every_event_of_a_step_can_happen_somewhere),
        cmocka_unit_test(nothing_happens_to_what_is_worked_out),
        cmocka_unit_test(dependents_do_as_the_states_say),
        cmocka_unit_test(the_words_are_a_contract),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
