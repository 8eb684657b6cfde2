/* The fold: what events make so, and what can't have happened. */
#include "fold_help.h"

#include <malloc.h>

static const struct state_step *step_of(struct folded *folded, const char *name)
{
    const struct state_step *step = state_step(folded->state, name);
    assert_non_null(step);
    return step;
}

static void assert_life(struct folded *folded, const char *name, enum life life)
{
    assert_string_equal(life_name(state_life(folded->state, name)), life_name(life));
}

static const struct value *one_output(struct folded *folded, const char *name, const char *text)
{
    struct member member = {name, value_string(folded->world->arena, text)};
    return value_map(folded->world->arena, &member, 1);
}

static void assert_output(const struct value *map, const char *name, const char *text)
{
    assert_non_null(map);
    for (size_t i = 0; i < map->map.count; i++)
        if (strcmp(map->map.at[i].key, name) == 0) {
            assert_string_equal(map->map.at[i].value->text.at, text);
            return;
        }
    fail_msg("no output '%s'", name);
}

#define ARENA folded->world->arena

static void begin(struct folded *folded)
{
    apply(folded, started(ARENA));
}

/* A change that was tried and whose outcome is HOW. */
static uint64_t tried(struct folded *folded, const char *step, bool repeatable, const char *how)
{
    uint64_t attempt = apply(folded, intent(ARENA, step, "change", repeatable));
    apply(folded, outcome(step, attempt, how, NULL));
    return attempt;
}

static struct event checking(const char *step, const char *block)
{
    return with_text(plain(EVENT_CHECKING, step), FIELD_BLOCK, block);
}

static struct event checked(const char *step, const char *block, const char *answer)
{
    struct event event = with_text(plain(EVENT_CHECKED, step), FIELD_BLOCK, block);
    return with_text(with_integer(event, FIELD_ROUND, 1), FIELD_ANSWER, answer);
}

static struct event failed(const char *step, const char *reason)
{
    return with_text(with_text(plain(EVENT_FAILED, step), FIELD_REASON, reason), FIELD_MESSAGE,
                     "it did not");
}

static struct event unknown(const char *step)
{
    return with_text(plain(EVENT_UNKNOWN, step), FIELD_MESSAGE, "killed");
}

static struct event settled(const char *step, const char *how, const char *verdict)
{
    return with_text(with_text(plain(EVENT_SETTLED, step), FIELD_HOW, how), FIELD_VERDICT, verdict);
}

static struct event again(const char *step, const char *reason)
{
    return with_text(plain(EVENT_AGAIN, step), FIELD_REASON, reason);
}

static struct event answered(const char *step, const char *digest, bool yes)
{
    struct event event = with_text(plain(EVENT_ANSWERED, step), FIELD_DIGEST, digest);
    event = with_text(with_text(event, FIELD_USER, "ada"), FIELD_WHERE, "terminal");
    event_set_truth(&event, FIELD_YES, yes);
    return with_integer(event, FIELD_UID, 1000);
}

static struct event asked(const char *step, const char *digest)
{
    return with_text(with_text(plain(EVENT_ASKED, step), FIELD_ASK, "Go on?"), FIELD_DIGEST,
                     digest);
}

/* ---- the run ---- */

static void a_run_begins_once(void **state)
{
    struct folded *folded = *state;
    refuse(folded, plain(EVENT_DONE, "a"), "not started");
    refuse(folded, resumed(), "not started");
    begin(folded);
    refuse(folded, started(ARENA), "started already");
    const struct state_run *run = state_run(folded->state);
    assert_string_equal(run->id, RUN);
    assert_string_equal(run->runbook, "level2");
    assert_string_equal(run->copy, "runbook/1");
    assert_string_equal(run->user, "ada");
    assert_int_equal(run->started, T0);
    assert_int_equal(run->pid, 77);
    assert_null(run->lock);
    assert_int_equal(run->resumes, 0);
    assert_false(run->over);
}

static void a_higher_format_is_refused(void **state)
{
    struct folded *folded = *state;
    struct event event = started(ARENA);
    event.at[0].integer = EVENT_FORMAT + 1;
    refuse(folded, event, "format 2");
    event.at[0].integer = 0;
    refuse(folded, event, "format 0");
}

static void events_come_in_order(void **state)
{
    struct folded *folded = *state;
    struct event event = started(ARENA);
    event.seq = 2;
    assert_false(state_apply(folded->state, &event, &folded->world->failure));
    begin(folded);
    event = ended("failed");
    static const uint64_t wrong[] = {0, 1, 3};
    for (size_t i = 0; i < 3; i++) {
        event.seq = wrong[i];
        assert_false(state_apply(folded->state, &event, &folded->world->failure));
    }
    event.seq = 2;
    assert_true(state_apply(folded->state, &event, &folded->world->failure));
}

static void a_field_missing_is_refused(void **state)
{
    struct folded *folded = *state;
    begin(folded);
    refuse(folded, plain(EVENT_FAILED, "a"), "lacks 'reason'");
    refuse(folded, plain(EVENT_AGAIN, "a"), "lacks 'reason'");
    refuse(folded, plain(EVENT_ENDED, NULL), "lacks 'result'");
}

static void after_its_end_a_run_is_resumed_or_told_of(void **state)
{
    struct folded *folded = *state;
    begin(folded);
    apply(folded, asked("a", "q"));
    apply(folded,
          with_integer(with_text(ended("stopped"), FIELD_REASON, "no terminal"), FIELD_EXIT, 5));
    const struct state_run *run = state_run(folded->state);
    assert_true(run->over);
    assert_string_equal(run->result, "stopped");
    assert_string_equal(run->reason, "no terminal");
    assert_int_equal(run->exit, 5);
    refuse(folded, ended("failed"), "has ended");
    refuse(folded, intent(ARENA, "b", "change", false), "has ended");
    apply(folded, with_integer(plain(EVENT_LOGGED, NULL), FIELD_MARK, 3));
    apply(folded, answered("a", "q", true)); /* from another terminal */
    apply(folded, with_text(plain(EVENT_NOTE, NULL), FIELD_MESSAGE, "mended"));
    assert_int_equal(run->logged, 3);
    apply(folded, with_text(resumed(), FIELD_COPY, "runbook/2"));
    assert_false(run->over);
    assert_null(run->result);
    assert_int_equal(run->exit, 0);
    assert_int_equal(run->resumes, 1);
    assert_string_equal(run->copy, "runbook/2");
    assert_string_equal(run->user, "bob");
    assert_int_equal(run->started, T0);
    apply(folded, intent(ARENA, "b", "change", false));
}

static void target_is_asked_anew_and_preconditions_are_not(void **state)
{
    struct folded *folded = *state;
    begin(folded);
    const struct state_run *run = state_run(folded->state);
    apply(folded, checking(NULL, "target"));
    apply(folded, checked(NULL, "target", "unasked"));
    assert_false(run->target_held);
    apply(folded, checked(NULL, "target", "holds"));
    apply(folded, checked(NULL, "preconditions", "fails"));
    assert_true(run->target_held);
    assert_false(run->preconditions_held);
    apply(folded, checked(NULL, "preconditions", "holds"));
    apply(folded, ended("failed"));
    apply(folded, resumed());
    assert_false(run->target_held);
    assert_true(run->preconditions_held);
    /* A step's own block of that name is not the run's. */
    apply(folded, checking("a", "target"));
    apply(folded, checked("a", "target", "holds"));
    assert_false(run->target_held);
}

/* ---- one step ---- */

static void a_step_goes_its_way(void **state)
{
    struct folded *folded = *state;
    begin(folded);
    assert_null(state_step(folded->state, "load"));
    assert_life(folded, "load", LIFE_WAITING);
    apply(folded, checking("load", "preconditions"));
    assert_life(folded, "load", LIFE_ASKING);
    apply(folded, checked("load", "preconditions", "holds"));
    apply(folded, asked("load", "q1"));
    apply(folded, answered("load", "q1", true));
    struct event start = with_text(intent(ARENA, "load", "destroy", false), FIELD_TITLE, "Load it");
    uint64_t attempt = apply(folded, with_integer(start, FIELD_LIMIT, T0 + 500));
    const struct state_step *step = step_of(folded, "load");
    assert_life(folded, "load", LIFE_RUNNING);
    assert_false(step->attempt->ended);
    assert_int_equal(step->attempt->number, attempt);
    assert_int_equal(step->attempt->effect, EFFECT_DESTROY);
    assert_int_equal(step->attempt->limit, T0 + 500);
    assert_string_equal(step->attempt->copy, "runbook/1");
    assert_non_null(step->attempt->deed);
    assert_int_equal(step->began, 2);
    assert_int_equal(step->started, T0 + 4);
    apply(folded, with_integer(with_value(plain(EVENT_PROOF, "load"), FIELD_PROOF,
                                          value_integer(ARENA, VALUE_INT, 4711)),
                               FIELD_ATTEMPT, (int64_t)attempt));
    assert_int_equal(step->attempt->proof->integer, 4711);
    apply(folded, outcome("load", attempt, "ended", one_output(folded, "stdout", "fine")));
    assert_true(step->attempt->ended);
    assert_int_equal(step->attempt->outcome, OUTCOME_ENDED);
    assert_output(step->result, "stdout", "fine");
    apply(folded, with_value(plain(EVENT_COMPUTED, "load"), FIELD_OUTPUTS,
                             one_output(folded, "path", "/x")));
    assert_output(step->outputs, "stdout", "fine");
    assert_output(step->outputs, "path", "/x");
    assert_int_equal(step->result->map.count, 1);
    apply(folded, plain(EVENT_VERIFYING, "load"));
    assert_life(folded, "load", LIFE_VERIFYING);
    assert_true(step->acted);
    apply(folded, checked("load", "verify", "holds"));
    uint64_t done = apply(folded, plain(EVENT_DONE, "load"));
    assert_life(folded, "load", LIFE_DONE);
    assert_int_equal(step->finished, done);
    assert_int_equal(step->ended, T0 + 4);
    assert_null(step->attempt->deed);
    assert_string_equal(step->title, "Load it");
    assert_ptr_equal(state_at(folded->state, 0), step);
    assert_null(state_at(folded->state, 1));
}

static void intents_and_outcomes_are_pairs(void **state)
{
    struct folded *folded = *state;
    begin(folded);
    refuse(folded, outcome("a", 2, "ended", NULL), "not in flight");
    uint64_t attempt = apply(folded, intent(ARENA, "a", "change", false));
    refuse(folded, intent(ARENA, "a", "change", false), "no outcome yet");
    refuse(folded, outcome("a", attempt + 1, "ended", NULL), "not in flight");
    refuse(folded, outcome("b", attempt, "ended", NULL), "not in flight");
    refuse(folded, outcome("a", attempt, "exploded", NULL), "outcome is not known");
    refuse(folded, with_integer(plain(EVENT_ATTACHED, "a"), FIELD_ATTEMPT, 99), "not in flight");
    static const enum event_kind ends[] = {EVENT_DONE, EVENT_VERIFYING, EVENT_CANCELLED};
    for (size_t i = 0; i < 3; i++)
        refuse(folded, plain(ends[i], "a"), "no outcome yet");
    refuse(folded, failed("a", "action"), "no outcome yet");
    refuse(folded, unknown("a"), "no outcome yet");
    refuse(folded, with_integer(plain(EVENT_RETRYING, "a"), FIELD_TRY, 2), "no outcome yet");
    refuse(folded, with_integer(plain(EVENT_ROUND, "a"), FIELD_ROUND, 2), "no outcome yet");
    refuse(folded,
           with_value(plain(EVENT_COMPUTED, "a"), FIELD_OUTPUTS, one_output(folded, "x", "y")),
           "no outcome yet");
    apply(folded, with_integer(plain(EVENT_ATTACHED, "a"), FIELD_ATTEMPT, (int64_t)attempt));
    apply(folded, outcome("a", attempt, "ended", NULL));
    refuse(folded, outcome("a", attempt, "ended", NULL), "not in flight");
    apply(folded, plain(EVENT_DONE, "a"));
}

static void malformed_words_are_refused(void **state)
{
    struct folded *folded = *state;
    begin(folded);
    refuse(folded, intent(ARENA, "a", "gentle", false), "effect is not known");
    refuse(folded,
           with_value(intent(ARENA, "a", "change", false), FIELD_OWES,
                      one_output(folded, "entry", "x")),
           "no list of");
    uint64_t attempt = apply(folded, intent(ARENA, "a", "change", false));
    refuse(folded, outcome("a", attempt, "ended", value_string(ARENA, "text")), "no map");
    apply(folded, outcome("a", attempt, "died", NULL));
    apply(folded, unknown("a"));
    refuse(folded, settled("a", "guess", "done"), "how it was settled");
    refuse(folded, settled("a", "proof", "maybe"), "how it was settled");
}

/* Death by a signal, a time-out, a lost connection, a cancel: unknown, unless it may be repeated.
 */
static void what_may_have_happened_is_unknown(void **state)
{
    struct folded *folded = *state;
    static const char *const hows[] = {"died", "timed_out", "lost", "cancelled"};
    begin(folded);
    for (size_t i = 0; i < 4; i++) {
        char *step = arena_format(ARENA, "change%zu", i);
        tried(folded, step, false, hows[i]);
        refuse(folded, failed(step, "action"), "unknown, not failed");
        refuse(folded, plain(EVENT_CANCELLED, step), "unknown, not cancelled");
        refuse(folded, plain(EVENT_DONE, step), "did not end well");
        refuse(folded, plain(EVENT_VERIFYING, step), "is open");
        refuse(folded, intent(ARENA, step, "change", false), "may not be repeated");
        refuse(folded, with_integer(plain(EVENT_RETRYING, step), FIELD_TRY, 2),
               "may not be repeated");
        refuse(folded, with_integer(plain(EVENT_ROUND, step), FIELD_ROUND, 2), "is open");
        refuse(folded, again(step, "resume"), "settled first");
        refuse(folded, again(step, "operator"), "settled first");
        apply(folded, unknown(step));
        assert_life(folded, step, LIFE_UNKNOWN);
        /* The same of what may be repeated. */
        step = arena_format(ARENA, "read%zu", i);
        tried(folded, step, true, hows[i]);
        refuse(folded, unknown(step), "outcome is known");
        apply(folded, i % 2 ? failed(step, "action") : plain(EVENT_CANCELLED, step));
    }
    tried(folded, "x", false, "failed"); /* by itself, nothing half-done */
    refuse(folded, unknown("x"), "outcome is known");
    apply(folded, failed("x", "action"));
    tried(folded, "y", false, "not_started");
    refuse(folded, unknown("y"), "outcome is known");
    apply(folded, failed("y", "action"));
}

static void an_unknown_step_is_settled_before_anything_else(void **state)
{
    struct folded *folded = *state;
    begin(folded);
    tried(folded, "a", false, "died");
    apply(folded, unknown("a"));
    refuse(folded, plain(EVENT_DONE, "a"), "not settled as 'done'");
    refuse(folded, again("a", "resume"), "not settled as 'again'");
    refuse(folded, again("a", "operator"), "not settled as 'again'");
    refuse(folded, intent(ARENA, "a", "change", false), "unknown");
    apply(folded, checking("a", "verify"));
    apply(folded, checked("a", "verify", "holds"));
    apply(folded, settled("a", "verify", "done"));
    refuse(folded, again("a", "rerun"), "not settled as 'again'");
    apply(folded, plain(EVENT_DONE, "a"));
    assert_false(state_run(folded->state)->unknown_passed); /* at once, in the same run */

    tried(folded, "b", false, "lost");
    apply(folded, unknown("b"));
    apply(folded, settled("b", "person", "again"));
    assert_true(state_run(folded->state)->unknown_passed);
    refuse(folded, plain(EVENT_DONE, "b"), "not settled as 'done'");
    apply(folded, again("b", "rerun"));
    assert_life(folded, "b", LIFE_WAITING);
    /* The verdict was on that attempt alone. */
    tried(folded, "b", false, "lost");
    apply(folded, unknown("b"));
    refuse(folded, again("b", "rerun"), "not settled as 'again'");
    apply(folded, settled("b", "person", "failed"));
    apply(folded, failed("b", "action"));
}

static void passing_an_unknown_on_resume_is_remembered(void **state)
{
    struct folded *folded = *state;
    begin(folded);
    tried(folded, "a", false, "lost");
    apply(folded, unknown("a"));
    apply(folded, ended("in_doubt"));
    apply(folded, resumed());
    apply(folded, settled("a", "verify", "done"));
    assert_true(state_run(folded->state)->unknown_passed);
    apply(folded, plain(EVENT_DONE, "a"));
}

static void in_flight_when_it_died(void **state)
{
    struct folded *folded = *state;
    begin(folded);
    apply(folded, intent(ARENA, "change", "change", false));
    apply(folded, intent(ARENA, "read", "read", true));
    uint64_t never = apply(folded, intent(ARENA, "never", "change", false));
    apply(folded, resumed());
    refuse(folded, again("change", "resume"), "may not be repeated");
    refuse(folded, again("change", "operator"), "may not be repeated");
    apply(folded, again("read", "resume"));
    assert_life(folded, "read", LIFE_WAITING);
    apply(folded, intent(ARENA, "read", "read", true));
    /* Its attempt proves that it was not begun. */
    apply(folded, outcome("never", never, "not_started", NULL));
    apply(folded, again("never", "not_started"));
    apply(folded, intent(ARENA, "never", "change", false));
}

/* "One whose action had ended well is settled like an unknown one." */
static void what_ended_well_is_not_repeated_by_a_resume(void **state)
{
    struct folded *folded = *state;
    static const char *const names[] = {"verify", "value", "cancel"};
    begin(folded);
    for (size_t i = 0; i < 3; i++)
        tried(folded, names[i], false, "ended");
    /* Whatever came between: its outcome tells it. */
    refuse(folded, again("verify", "resume"), "settled first");
    refuse(folded, again("verify", "not_started"), "settled first");
    refuse(folded, intent(ARENA, "verify", "change", false), "may not be repeated");
    apply(folded, plain(EVENT_VERIFYING, "verify"));
    refuse(folded, again("verify", "resume"), "settled first");
    apply(folded, failed("verify", "verify"));
    apply(folded, failed("value", "value"));
    apply(folded, plain(EVENT_VERIFYING, "cancel"));
    apply(folded, plain(EVENT_CANCELLED, "cancel"));
    apply(folded, ended("failed"));
    apply(folded, resumed());
    for (size_t i = 0; i < 3; i++) {
        refuse(folded, again(names[i], "resume"), "settled first");
        apply(folded, unknown(names[i]));
        apply(folded, settled(names[i], "done_if", "again"));
        apply(folded, again(names[i], "resume"));
    }
    /* Not what failed its expectation: it did not do what it should. */
    tried(folded, "expect", false, "ended");
    apply(folded, failed("expect", "expect"));
    refuse(folded, unknown("expect"), "had not ended well");
    apply(folded, again("expect", "resume"));
    /* Nor what is idempotent, nor what the operator names. */
    tried(folded, "idempotent", true, "ended");
    apply(folded, failed("idempotent", "value"));
    apply(folded, again("idempotent", "resume"));
    tried(folded, "word", false, "ended");
    apply(folded, failed("word", "value"));
    apply(folded, again("word", "operator"));
}

static void what_is_done_is_not_done_again_by_a_resume(void **state)
{
    struct folded *folded = *state;
    begin(folded);
    tried(folded, "a", false, "ended");
    apply(folded, plain(EVENT_DONE, "a"));
    refuse(folded, intent(ARENA, "a", "change", false), "the step is done");
    refuse(folded, again("a", "resume"), "it is done");
    apply(folded, again("a", "operator"));
    assert_life(folded, "a", LIFE_WAITING);
    const struct state_step *step = step_of(folded, "a");
    assert_int_equal(step->finished, 0);
    assert_int_equal(step->began, 0);
    assert_null(step->outputs);
    assert_false(step->acted);
}

static void retries_and_rounds(void **state)
{
    struct folded *folded = *state;
    begin(folded);
    tried(folded, "a", true, "died");
    apply(folded, with_integer(plain(EVENT_RETRYING, "a"), FIELD_TRY, 2));
    assert_life(folded, "a", LIFE_ASKING);
    uint64_t second = apply(folded, intent(ARENA, "a", "read", true));
    apply(folded, outcome("a", second, "ended", one_output(folded, "left", "7")));
    const struct state_step *step = step_of(folded, "a");
    assert_int_equal(step->attempt->number, second);
    assert_int_equal(step->round, 1);
    apply(folded, with_integer(plain(EVENT_ROUND, "a"), FIELD_ROUND, 2));
    assert_output(step->previous, "left", "7");
    assert_null(step->result);
    refuse(folded, with_integer(plain(EVENT_ROUND, "a"), FIELD_ROUND, 2), "there already");
    struct event third = intent(ARENA, "a", "read", true);
    for (size_t i = 0; i < third.count; i++)
        if (third.at[i].field == FIELD_ROUND)
            third.at[i].integer = 2;
    uint64_t attempt = apply(folded, third);
    apply(folded, outcome("a", attempt, "ended", one_output(folded, "left", "0")));
    assert_output(step->previous, "left", "7");
    assert_output(step->outputs, "left", "0");
    apply(folded, with_integer(plain(EVENT_ROUND, "a"), FIELD_ROUND, 3));
    assert_output(step->previous, "left", "0");
    assert_int_equal(step->round, 3);
}

static size_t memory_in_use(void)
{
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

/* Of the results of many rounds only the last two are kept. */
static void large_results_of_rounds_are_let_go(void **state)
{
    struct folded *folded = *state;
    char *large = arena_alloc(ARENA, 1 << 20);
    memset(large, 'x', (1 << 20) - 1);
    const struct value *outputs = one_output(folded, "out", large);
    begin(folded);
    size_t before = memory_in_use();
    for (int64_t round = 1; round <= 100; round++) {
        uint64_t attempt = apply(folded, intent(ARENA, "a", "read", true));
        apply(folded, outcome("a", attempt, "ended", outputs));
        assert_output(step_of(folded, "a")->result, "out", large);
        apply(folded, with_integer(plain(EVENT_ROUND, "a"), FIELD_ROUND, round + 1));
        assert_output(step_of(folded, "a")->previous, "out", large);
    }
    assert_true(memory_in_use() < before + (10 << 20));
}

static void done_if_holds(void **state)
{
    struct folded *folded = *state;
    begin(folded);
    apply(folded, checking("a", "done_if"));
    apply(folded, checked("a", "done_if", "holds"));
    apply(folded,
          with_value(plain(EVENT_COMPUTED, "a"), FIELD_OUTPUTS, one_output(folded, "path", "/x")));
    apply(folded, plain(EVENT_VERIFYING, "a"));
    assert_false(step_of(folded, "a")->acted);
    apply(folded, plain(EVENT_DONE, "a"));
    assert_output(step_of(folded, "a")->outputs, "path", "/x");
    apply(folded, checking("b", "done_if"));
    apply(folded, plain(EVENT_DONE, "b"));
}

static void skipped_left_out_and_given(void **state)
{
    struct folded *folded = *state;
    begin(folded);
    apply(folded, with_text(plain(EVENT_SKIPPED, "a"), FIELD_REASON, "when"));
    assert_life(folded, "a", LIFE_SKIPPED);
    assert_false(step_of(folded, "a")->left_out);
    assert_false(state_run(folded->state)->left_out);
    apply(folded, with_text(plain(EVENT_SKIPPED, "b"), FIELD_REASON, "operator"));
    assert_true(step_of(folded, "b")->left_out);
    assert_true(state_run(folded->state)->left_out);
    struct event given = with_text(plain(EVENT_PERSON_OUTPUT, "b"), FIELD_NAME, "path");
    given = with_integer(with_text(given, FIELD_USER, "ada"), FIELD_UID, 1000);
    apply(folded, with_value(given, FIELD_VALUE, value_string(ARENA, "/by/hand")));
    assert_output(step_of(folded, "b")->outputs, "path", "/by/hand");
    assert_life(folded, "b", LIFE_SKIPPED);
}

static void tolerated_failures_are_marked(void **state)
{
    struct folded *folded = *state;
    begin(folded);
    apply(folded, with_text(failed("a", "precondition"), FIELD_TOLERATED, "only a message"));
    const struct state_step *step = step_of(folded, "a");
    assert_true(step->tolerated);
    assert_string_equal(step->reason, "precondition");
    assert_string_equal(step->message, "it did not");
    assert_int_equal(life_dependents(step->life, step->tolerated), DEPENDENTS_RUN);
    apply(folded, again("a", "resume"));
    assert_false(step->tolerated);
}

static void answers_are_bound_to_what_was_shown(void **state)
{
    struct folded *folded = *state;
    begin(folded);
    refuse(folded, answered("a", "q1", true), "nothing was asked");
    apply(folded, asked("a", "q1"));
    apply(folded, answered("a", "q1", false));
    apply(folded, answered("a", "q1", true));
    const struct state_step *step = step_of(folded, "a");
    assert_true(state_answer(step, "q1")->yes); /* the last one counts */
    assert_null(state_answer(step, "q2"));
    apply(folded, asked("a", "q2"));
    assert_string_equal(step->question->digest, "q2");
    assert_null(state_answer(step, "q2"));
    apply(folded, answered("a", "q2", true));
    assert_true(state_answer(step, "q2")->yes);
    assert_int_equal(state_answer(step, "q1")->login, -1);
    assert_string_equal(state_answer(step, "q1")->user, "ada");
}

/* ---- scopes ---- */

static void a_loop_is_opened_once(void **state)
{
    struct folded *folded = *state;
    const struct value *list[] = {value_string(ARENA, "a"), value_string(ARENA, "b")};
    begin(folded);
    struct event opened = with_text(plain(EVENT_OPENED, "loop"), FIELD_OPENS, "loop");
    apply(folded, with_value(opened, FIELD_ITEMS, value_list(ARENA, list, 2)));
    assert_life(folded, "loop", LIFE_RUNNING);
    refuse(folded, opened, "open already");
    tried(folded, "loop[a]", false, "ended");
    apply(folded, plain(EVENT_DONE, "loop[a]"));
    apply(folded, failed("loop[b]", "precondition"));
    apply(folded, failed("loop", "items"));
    apply(folded, again("loop", "resume"));
    const struct state_step *step = step_of(folded, "loop");
    assert_non_null(step->opened); /* the list is not computed twice */
    assert_int_equal(step->opened->items->list.count, 2);
    assert_life(folded, "loop[a]", LIFE_DONE);
    apply(folded, opened);
    apply(folded, failed("loop", "items"));
    struct event fresh = again("loop", "operator");
    event_set_truth(&fresh, FIELD_FRESH, true);
    apply(folded, fresh);
    assert_null(step->opened);
}

static void each_round_of_a_scope_is_opened(void **state)
{
    struct folded *folded = *state;
    struct event opened = with_text(plain(EVENT_OPENED, "g"), FIELD_OPENS, "group");
    begin(folded);
    apply(folded, with_integer(opened, FIELD_ROUND, 1));
    assert_int_equal(step_of(folded, "g")->round, 1);
    refuse(folded, opened, "open already");
    refuse(folded, with_integer(plain(EVENT_ROUND, "g"), FIELD_ROUND, 1), "there already");
    apply(folded, with_integer(plain(EVENT_ROUND, "g"), FIELD_ROUND, 2));
    apply(folded, opened);
    assert_int_equal(step_of(folded, "g")->opened->round, 2);
    refuse(folded, opened, "open already");
    apply(folded, with_integer(plain(EVENT_RETRYING, "g"), FIELD_TRY, 2));
    apply(folded, opened);
    apply(folded, intent(ARENA, "a", "change", false));
    refuse(folded, with_text(plain(EVENT_OPENED, "a"), FIELD_OPENS, "group"), "open already");
}

static void a_scope_is_unknown_when_what_is_in_it_is(void **state)
{
    struct folded *folded = *state;
    begin(folded);
    apply(folded, with_text(plain(EVENT_OPENED, "g"), FIELD_OPENS, "group"));
    tried(folded, "g/a", false, "died");
    apply(folded, unknown("g/a"));
    apply(folded, unknown("g"));
    apply(folded, settled("g/a", "person", "done"));
    apply(folded, plain(EVENT_DONE, "g/a"));
    apply(folded, settled("g", "person", "again"));
    apply(folded, again("g", "resume"));
    apply(folded, with_text(plain(EVENT_OPENED, "g"), FIELD_OPENS, "group"));
    apply(folded, plain(EVENT_DONE, "g"));
}

/* ---- what is owed ---- */

static const struct value *owes(struct folded *folded, const char *entry, bool undo,
                                const char *context)
{
    struct member inner[] = {{"before", value_string(ARENA, context)}};
    struct member members[] = {{"entry", value_string(ARENA, entry)},
                               {"undo", value_bool(undo)},
                               {"context", value_map(ARENA, inner, 1)}};
    const struct value *one = value_map(ARENA, members, 3);
    return value_list(ARENA, &one, 1);
}

static void what_is_owed_is_owed_from_the_intent_on(void **state)
{
    struct folded *folded = *state;
    begin(folded);
    assert_null(state_obligation(folded->state, 0));
    uint64_t first = apply(folded, with_value(intent(ARENA, "freeze", "change", true), FIELD_OWES,
                                              owes(folded, "freeze/release/1", false, "thawed")));
    const struct state_obligation *owed = state_obligation(folded->state, 0);
    assert_true(owed->open);
    assert_string_equal(owed->entry, "freeze/release/1");
    assert_string_equal(owed->step, "freeze");
    assert_string_equal(owed->copy, "runbook/1");
    assert_int_equal(owed->seq, first);
    assert_output(owed->context, "before", "thawed");
    apply(folded, with_value(intent(ARENA, "pause", "change", false), FIELD_OWES,
                             owes(folded, "pause/undo/1", true, "running")));
    /* A second try owes the same once, with what it saw. */
    apply(folded, outcome("freeze", first, "failed", NULL));
    apply(folded, with_integer(plain(EVENT_RETRYING, "freeze"), FIELD_TRY, 2));
    uint64_t second = apply(folded, with_value(intent(ARENA, "freeze", "change", true), FIELD_OWES,
                                               owes(folded, "freeze/release/1", false, "half")));
    assert_ptr_equal(state_obligation(folded->state, 0), owed);
    assert_int_equal(owed->seq, first);
    assert_int_equal(owed->attempt, second);
    assert_output(owed->context, "before", "half");
    assert_true(state_obligation(folded->state, 1)->undo);
    assert_null(state_obligation(folded->state, 2));
}

static void hold_frozen(struct folded *folded)
{
    uint64_t attempt = apply(folded, with_value(intent(ARENA, "freeze", "change", true), FIELD_OWES,
                                                owes(folded, "freeze/release/1", false, "x")));
    apply(folded, outcome("freeze", attempt, "ended", NULL));
    apply(folded, plain(EVENT_DONE, "freeze"));
}

static void a_release_that_is_done_is_given_back(void **state)
{
    struct folded *folded = *state;
    begin(folded);
    hold_frozen(folded);
    const struct state_obligation *owed = state_obligation(folded->state, 0);
    tried(folded, "freeze/release/1", true, "ended");
    apply(folded, failed("freeze/release/1", "expect"));
    assert_true(owed->open); /* one that failed stays */
    assert_false(step_of(folded, "freeze")->released);
    apply(folded, again("freeze/release/1", "resume"));
    apply(folded, with_text(plain(EVENT_SKIPPED, "freeze/release/1"), FIELD_REASON, "when"));
    assert_true(owed->open); /* one that was passed over too */
    apply(folded, again("freeze/release/1", "resume"));
    tried(folded, "freeze/release/1", true, "ended");
    apply(folded, plain(EVENT_DONE, "freeze/release/1"));
    assert_false(owed->open);
    assert_true(step_of(folded, "freeze")->released);
    /* Taken again, it is owed again, and its release waits again. */
    apply(folded, again("freeze", "released"));
    hold_frozen(folded);
    assert_life(folded, "freeze/release/1", LIFE_WAITING);
    assert_false(owed->open);
    assert_true(state_obligation(folded->state, 1)->open);
    assert_false(step_of(folded, "freeze")->released);
    tried(folded, "freeze/release/1", true, "ended");
    apply(folded, plain(EVENT_DONE, "freeze/release/1"));
    assert_false(state_obligation(folded->state, 1)->open);
}

static void an_obligation_is_dropped_by_name(void **state)
{
    struct folded *folded = *state;
    struct event drop =
        with_text(plain(EVENT_DROPPED, "freeze/release/1"), FIELD_REASON, "by hand");
    drop = with_integer(with_text(drop, FIELD_USER, "ada"), FIELD_UID, 1000);
    begin(folded);
    refuse(folded, drop, "not owed");
    hold_frozen(folded);
    apply(folded, drop);
    assert_false(state_obligation(folded->state, 0)->open);
    refuse(folded, drop, "not owed");
}

static void undoing_closes_the_undos_alone(void **state)
{
    struct folded *folded = *state;
    begin(folded);
    hold_frozen(folded);
    uint64_t attempt = apply(folded, with_value(intent(ARENA, "load", "change", false), FIELD_OWES,
                                                owes(folded, "load/undo/1", true, "y")));
    apply(folded, outcome("load", attempt, "ended", NULL));
    apply(folded, plain(EVENT_DONE, "load"));
    apply(folded, with_value(plain(EVENT_OWED, "load"), FIELD_OWES,
                             owes(folded, "load/release/1", false, "z")));
    tried(folded, "load/undo/1", true, "ended");
    apply(folded, plain(EVENT_DONE, "load/undo/1"));
    assert_true(state_obligation(folded->state, 1)->open); /* until its step is undone */
    apply(folded, plain(EVENT_UNDONE, "load"));
    assert_life(folded, "load", LIFE_UNDONE);
    assert_false(state_obligation(folded->state, 1)->open);
    assert_true(state_obligation(folded->state, 0)->open);
    assert_true(state_obligation(folded->state, 2)->open);
    apply(folded, again("load", "resume"));
    assert_life(folded, "load", LIFE_WAITING);
}

static void the_point_of_no_return_is_remembered(void **state)
{
    struct folded *folded = *state;
    begin(folded);
    assert_null(state_run(folded->state)->irreversible);
    apply(folded,
          with_text(intent(ARENA, "switch", "change", false), FIELD_IRREVERSIBLE, "clients moved"));
    assert_string_equal(state_run(folded->state)->irreversible, "switch");
}

/* Events of a journal live for a moment; the state keeps nothing of them. */
static void the_state_owns_what_it_keeps(void **state)
{
    struct folded *folded = *state;
    struct arena *arena = arena_new();
    char name[] = "step";
    json_t *deed = json_pack("{s:s}", "a", "b");
    struct event event = started(arena);
    event.seq = 1;
    assert_true(state_apply(folded->state, &event, &folded->world->failure));
    event = intent(arena, name, "change", false);
    event.seq = 2;
    event_set_text(&event, FIELD_TITLE, arena_format(arena, "A title"));
    assert_true(state_apply(folded->state, &event, &folded->world->failure));
    struct member member = {arena_format(arena, "out"), value_string(arena, "text")};
    event = outcome(name, 2, "ended", value_map(arena, &member, 1));
    event.seq = 3;
    assert_true(state_apply(folded->state, &event, &folded->world->failure));
    memset(name, 'x', sizeof name - 1);
    json_decref(deed);
    arena_free(arena);
    const struct state_step *step = step_of(folded, "step");
    assert_string_equal(step->name, "step");
    assert_string_equal(step->title, "A title");
    assert_output(step->outputs, "out", "text");
    assert_string_equal(json_string_value(json_array_get(
                            json_object_get((json_t *)step->attempt->deed, "argv"), 0)),
                        "/bin/true");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_state, tear_down_state)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_run_begins_once),
        TEST(a_higher_format_is_refused),
        TEST(events_come_in_order),
        TEST(a_field_missing_is_refused),
        TEST(after_its_end_a_run_is_resumed_or_told_of),
        TEST(target_is_asked_anew_and_preconditions_are_not),
        TEST(a_step_goes_its_way),
        TEST(intents_and_outcomes_are_pairs),
        TEST(malformed_words_are_refused),
        TEST(what_may_have_happened_is_unknown),
        TEST(an_unknown_step_is_settled_before_anything_else),
        TEST(passing_an_unknown_on_resume_is_remembered),
        TEST(in_flight_when_it_died),
        TEST(what_ended_well_is_not_repeated_by_a_resume),
        TEST(what_is_done_is_not_done_again_by_a_resume),
        TEST(retries_and_rounds),
        TEST(large_results_of_rounds_are_let_go),
        TEST(done_if_holds),
        TEST(skipped_left_out_and_given),
        TEST(tolerated_failures_are_marked),
        TEST(answers_are_bound_to_what_was_shown),
        TEST(a_loop_is_opened_once),
        TEST(each_round_of_a_scope_is_opened),
        TEST(a_scope_is_unknown_when_what_is_in_it_is),
        TEST(what_is_owed_is_owed_from_the_intent_on),
        TEST(a_release_that_is_done_is_given_back),
        TEST(an_obligation_is_dropped_by_name),
        TEST(undoing_closes_the_undos_alone),
        TEST(the_point_of_no_return_is_remembered),
        TEST(the_state_owns_what_it_keeps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
