/* Who has said yes, by the fold: each person once, to just what is asked, since the last no. */
#include "fold_help.h"

#include "store/approvals.h"

#define STEP "load"

enum who { ADA, BOB, ADA_AS_ROOT, BOB_AS_ROOT, ROOT };
static const struct {
    const char *user;
    int64_t uid, login; /* -1: none */
} people[] = {
    [ADA] = {"ada", 1000, -1},        [BOB] = {"bob", 1001, 1001}, [ADA_AS_ROOT] = {"ada", 0, 1000},
    [BOB_AS_ROOT] = {"bob", 0, 1001}, [ROOT] = {"root", 0, -1},
};

static void answer(struct folded *folded, enum who who, bool yes, const char *digest)
{
    struct event event = event_of(EVENT_ANSWERED, STEP, T0);
    event_set_truth(&event, FIELD_YES, yes);
    event_set_text(&event, FIELD_DIGEST, digest);
    event_set_text(&event, FIELD_USER, people[who].user);
    event_set_integer(&event, FIELD_UID, people[who].uid);
    if (people[who].login >= 0)
        event_set_integer(&event, FIELD_LOGIN, people[who].login);
    event_set_text(&event, FIELD_WHERE, "control");
    apply(folded, event);
}

static struct event asked(const char *digest, int64_t count, const struct value *by)
{
    struct event event = event_of(EVENT_ASKED, STEP, T0);
    event_set_text(&event, FIELD_ASK, "Go on?");
    event_set_text(&event, FIELD_DIGEST, digest);
    if (count != 1)
        event_set_integer(&event, FIELD_WANTED, count);
    event_set_value(&event, FIELD_BY, by);
    return event;
}

static const struct state_step *begin(struct folded *folded, int64_t count)
{
    apply(folded, started(folded->world->arena));
    apply(folded, asked("d1", count, NULL));
    return state_step(folded->state, STEP);
}

static void each_person_counts_once(void **state)
{
    struct folded *folded = *state;
    const struct state_step *step = begin(folded, 2);
    assert_int_equal(approvals_count(step, "d1"), 0);
    answer(folded, ADA, true, "d1");
    answer(folded, ADA, true, "d1");
    answer(folded, ADA_AS_ROOT, true, "d1");
    assert_int_equal(approvals_count(step, "d1"), 1);
    assert_null(state_answer_waiting(step));
    answer(folded, BOB_AS_ROOT, true, "d1");
    assert_int_equal(approvals_count(step, "d1"), 2);
    assert_non_null(state_answer_waiting(step));
    assert_string_equal(approvals_at(step, "d1", 0)->user, "ada");
    assert_string_equal(approvals_at(step, "d1", 1)->user, "bob");
    assert_null(approvals_at(step, "d1", 2));
    assert_true(approvals_hold(step, "d1", 1001));
    assert_false(approvals_hold(step, "d1", 0));
}

/* Two who both work as root are two where they logged in, and one where they did not. */
static void the_login_tells_them_apart(void **state)
{
    struct folded *folded = *state;
    const struct state_step *step = begin(folded, 2);
    answer(folded, ROOT, true, "d1");
    answer(folded, ROOT, true, "d1");
    assert_int_equal(approvals_count(step, "d1"), 1);
    answer(folded, ADA_AS_ROOT, true, "d1");
    assert_int_equal(approvals_count(step, "d1"), 2);
}

static void something_else_was_asked(void **state)
{
    struct folded *folded = *state;
    const struct state_step *step = begin(folded, 2);
    answer(folded, ADA, true, "d1");
    apply(folded, asked("d2", 2, NULL));
    answer(folded, BOB, true, "d2");
    assert_int_equal(approvals_count(step, "d2"), 1);
    assert_null(state_answer_waiting(step));
    assert_int_equal(approvals_count(step, "d1"), 1);
}

/* What was refused is looked at anew by everybody. */
static void a_no_takes_what_stood_before_it(void **state)
{
    struct folded *folded = *state;
    const struct state_step *step = begin(folded, 2);
    answer(folded, ADA, true, "d1");
    answer(folded, BOB, false, "d1");
    assert_int_equal(approvals_count(step, "d1"), 0);
    assert_false(state_answer_waiting(step)->yes);
    apply(folded, asked("d1", 2, NULL));
    assert_null(state_answer_waiting(step));
    answer(folded, BOB, true, "d1");
    assert_int_equal(approvals_count(step, "d1"), 1);
    answer(folded, ADA, true, "d1");
    assert_int_equal(approvals_count(step, "d1"), 2);
}

/* A yes from before the question was asked again counts, and decides with the one after it. */
static void a_yes_is_kept(void **state)
{
    struct folded *folded = *state;
    const struct state_step *step = begin(folded, 2);
    answer(folded, ADA, true, "d1");
    apply(folded, asked("d1", 2, NULL));
    assert_int_equal(approvals_count(step, "d1"), 1);
    assert_null(state_answer_waiting(step));
    answer(folded, BOB, true, "d1");
    assert_string_equal(state_answer_waiting(step)->user, "bob");
}

/* A question that says badly who may answer would be one that anybody may. */
static void whom_it_is_for_is_never_lost(void **state)
{
    struct folded *folded = *state;
    struct arena *arena = folded->world->arena;
    const struct value *names[] = {value_string(arena, "ada"), value_integer(arena, VALUE_INT, 7)};
    apply(folded, started(arena));
    refuse(folded, asked("d1", 1, value_list(arena, names, 0)), "who may answer");
    refuse(folded, asked("d1", 1, value_list(arena, names, 2)), "who may answer");
    refuse(folded, asked("d1", 1, names[0]), "who may answer");
    refuse(folded, asked("d1", 0, NULL), "who may answer");
    apply(folded, asked("d1", 1, value_list(arena, names, 1)));
    const struct state_question *question = state_step(folded->state, STEP)->question;
    assert_string_equal(question->by->list.at[0]->text.at, "ada");
    assert_int_equal(question->count, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_state, tear_down_state)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_person_counts_once),
        TEST(the_login_tells_them_apart),
        TEST(something_else_was_asked),
        TEST(a_no_takes_what_stood_before_it),
        TEST(a_yes_is_kept),
        TEST(whom_it_is_for_is_never_lost),
    };
    return cmocka_run_group_tests_name("store_approvals", tests, NULL, NULL);
}
