/* In which order a run is taken back, and what its record allows of an undo. */
#include "fold_help.h"

#include "engine/undo_order.h"
#include "store/name.h"

#define ARENA folded->world->arena

static const struct value *owes(struct folded *folded, const char *step)
{
    struct member members[] = {
        {"entry", value_string(ARENA, arena_format(ARENA, "%s/undo/1", step))},
        {"undo", value_bool(true)}};
    const struct value *one = value_map(ARENA, members, 2);
    return value_list(ARENA, &one, 1);
}

static void starts(struct folded *folded, const char *step, bool undo)
{
    struct event event = intent(ARENA, step, "change", false);
    apply(folded, undo ? with_value(event, FIELD_OWES, owes(folded, step)) : event);
}

static void ends(struct folded *folded, const char *step)
{
    apply(folded, outcome(step, state_step(folded->state, step)->attempt->number, "ended", NULL));
    apply(folded, plain(EVENT_DONE, step));
}

static void does(struct folded *folded, const char *step, bool undo)
{
    starts(folded, step, undo);
    ends(folded, step);
}

static void opens(struct folded *folded, const char *step, const char *as, bool undo)
{
    struct event event = with_text(plain(EVENT_OPENED, step), FIELD_OPENS, as);
    apply(folded, undo ? with_value(event, FIELD_OWES, owes(folded, step)) : event);
}

/* "b a(covered)" */
static void assert_order(struct folded *folded, const char *prefix, const char *wanted)
{
    struct buffer got = {0};
    size_t count = 0;
    struct undo_place *at = undo_order(ARENA, folded->state, prefix, &count);
    for (size_t i = 0; i < count; i++)
        buffer_format(&got, "%s%s%s", i > 0 ? " " : "", at[i].step->name,
                      at[i].covered ? "(covered)" : "");
    assert_string_equal(got.at ? got.at : "", wanted);
    buffer_free(&got);
}

static void last_ended_first(void **state)
{
    struct folded *folded = *state;
    apply(folded, started(ARENA));
    starts(folded, "a", true);
    starts(folded, "b", true);
    ends(folded, "b");
    ends(folded, "a"); /* began first, ended last */
    does(folded, "c", false);
    apply(folded, with_text(plain(EVENT_SKIPPED, "d"), FIELD_REASON, "when"));
    assert_order(folded, "", "c a b");
    apply(folded, plain(EVENT_UNDONE, "c"));
    assert_order(folded, "", "a b");
}

static void a_scope_comes_behind_what_is_in_it(void **state)
{
    struct folded *folded = *state;
    apply(folded, started(ARENA));
    does(folded, "before", true);
    opens(folded, "g", "group", false);
    does(folded, "g/one", true);
    opens(folded, "g/loop", "loop", false);
    does(folded, "g/loop[a%2Fb]", true);
    does(folded, "g/loop[c]", true);
    apply(folded, plain(EVENT_DONE, "g/loop"));
    apply(folded, plain(EVENT_DONE, "g"));
    does(folded, "behind", true);
    assert_order(folded, "", "behind g/loop[c] g/loop[a%2Fb] g/loop g/one g before");
    assert_order(folded, "g/", "g/loop[c] g/loop[a%2Fb] g/loop g/one");
}

static void what_its_scope_takes_back_is_covered(void **state)
{
    struct folded *folded = *state;
    apply(folded, started(ARENA));
    opens(folded, "g", "group", true);
    does(folded, "g#2/one", true);
    apply(folded, plain(EVENT_DONE, "g"));
    assert_order(folded, "", "g#2/one(covered) g");
    does(folded, "g/undo/1", false); /* is none of it */
    assert_order(folded, "", "g#2/one(covered) g");
}

static void what_waits_again_is_taken_back_when_it_owes(void **state)
{
    struct folded *folded = *state;
    apply(folded, started(ARENA));
    does(folded, "a", true);
    starts(folded, "b", true);
    starts(folded, "c", false);
    for (const char *const *step = (const char *const[]){"b", "c", NULL}; *step != NULL; step++) {
        uint64_t attempt = state_step(folded->state, *step)->attempt->number;
        apply(folded, outcome(*step, attempt, "failed", NULL));
        apply(folded, with_text(with_text(plain(EVENT_FAILED, *step), FIELD_REASON, "action"),
                                FIELD_MESSAGE, "no"));
    }
    assert_order(folded, "", "c b a");
    apply(folded, with_text(plain(EVENT_AGAIN, "b"), FIELD_REASON, "resume"));
    apply(folded, with_text(plain(EVENT_AGAIN, "c"), FIELD_REASON, "resume"));
    assert_order(folded, "", "b a"); /* b by its attempt; nothing of c is owed */
    refuse(folded, plain(EVENT_UNDONE, "c"), "nothing of it");
    apply(folded, plain(EVENT_UNDONE, "b"));
}

static void half_taken_back_is_unknown_and_nothing_else_is(void **state)
{
    struct folded *folded = *state;
    struct event unknown = with_text(plain(EVENT_UNKNOWN, "a"), FIELD_MESSAGE, "cut off");
    apply(folded, started(ARENA));
    does(folded, "a", true);
    refuse(folded, unknown, "it is done");
    assert_false(state_undo_begun(folded->state, "a"));
    starts(folded, "a/undo/1", false);
    assert_true(state_undo_begun(folded->state, "a"));
    apply(folded, unknown);
    assert_true(state_owes_undo(folded->state, "a"));
}

static void in_flight_nothing_is_taken_back(void **state)
{
    struct folded *folded = *state;
    apply(folded, started(ARENA));
    starts(folded, "a", true);
    refuse(folded, plain(EVENT_UNDONE, "a"), "no outcome");
    apply(folded, outcome("a", state_step(folded->state, "a")->attempt->number, "died", NULL));
    refuse(folded, plain(EVENT_UNDONE, "a"), "is open");
}

static void a_walk_is_remembered_until_its_end(void **state)
{
    struct folded *folded = *state;
    const struct state_run *run = state_run(folded->state);
    struct member from = {"from", value_string(ARENA, "load")};
    apply(folded, started(ARENA));
    struct event undo = with_text(event_of(EVENT_RESUMED, NULL, T0 + 1), FIELD_COMMAND, "undo");
    undo = with_text(with_text(undo, FIELD_USER, "bob"), FIELD_HOST, "db1");
    undo = with_integer(with_integer(undo, FIELD_UID, 1001), FIELD_PID, 78);
    undo = with_value(with_text(undo, FIELD_VERSION, "0.1"), FIELD_OPTIONS,
                      value_map(ARENA, &from, 1));
    apply(folded, undo);
    assert_true(run->undoing);
    assert_string_equal(run->undo_from, "load");
    apply(folded, resumed()); /* gone on with */
    assert_true(run->undoing);
    apply(folded, ended("stopped"));
    assert_false(run->undoing);
}

static void entries_are_told_from_steps(void **state)
{
    (void)state;
    assert_true(name_in_entry("a/undo/1"));
    assert_true(name_in_entry("g/a[x]/release/2/inner"));
    assert_false(name_in_entry("undo/release/undo"));
    assert_true(name_is_entry("a/release/1"));
    assert_false(name_is_entry("a/release/1/inner"));
    assert_true(name_in_undo("a/undo/1/inner"));
    assert_false(name_in_undo("undo/a/release/1"));
    assert_true(name_inside("a[x]", "a"));
    assert_true(name_inside("a#2/b", "a"));
    assert_false(name_inside("ab", "a"));
    assert_false(name_inside("a", "a"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_state, tear_down_state)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(last_ended_first),
        TEST(a_scope_comes_behind_what_is_in_it),
        TEST(what_its_scope_takes_back_is_covered),
        TEST(what_waits_again_is_taken_back_when_it_owes),
        TEST(half_taken_back_is_unknown_and_nothing_else_is),
        TEST(in_flight_nothing_is_taken_back),
        TEST(a_walk_is_remembered_until_its_end),
        TEST(entries_are_told_from_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
