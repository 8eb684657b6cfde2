/* report/forecast: the critical path by what an earlier run took, and what is left while one goes
 * on. */
#include "lang_model.h"

#include "fold_help.h"
#include "report/forecast.h"
#include "store/history.h"

#define SECOND INT64_C(1000000000)

static const struct {
    const char *name;
    int64_t seconds;
} took[] = {{"a", 1}, {"b", 5}, {"c", 2}, {"d", 3}};

static void happen(struct folded *folded, struct journal *journal, struct event event, int64_t time)
{
    event.time = T0 + time * SECOND;
    if (journal != NULL)
        assert_int_equal(journal_append(journal, &event, &folded->world->failure), JOURNAL_OK);
    apply(folded, event);
}

static void begins(struct folded *folded, struct journal *journal, const struct runbook *runbook,
                   const char *name, int64_t time)
{
    struct arena *arena = folded->world->arena;
    struct event event = intent(arena, name, "read", true);
    for (size_t i = 0; i < event.count; i++)
        if (event.at[i].field == FIELD_DEFINITION)
            event.at[i].text = text_of(step_digest(arena, map_get(&runbook->steps->by_id, name)));
    happen(folded, journal, event, time);
}

static void ends(struct folded *folded, struct journal *journal, const char *name, int64_t time)
{
    uint64_t number = state_step(folded->state, name)->attempt->number;
    happen(folded, journal, outcome(name, number, "ended", NULL), time);
    happen(folded, journal, plain(EVENT_DONE, name), time);
}

static struct history *earlier(struct folded *folded, const struct runbook *runbook)
{
    struct world *world = folded->world;
    struct folded before = {world, state_new()};
    struct journal *journal;
    struct history *history;
    assert_int_equal(journal_create(world->folder, RUN, &journal, &world->failure), JOURNAL_OK);
    happen(&before, journal, started(world->arena), 0);
    for (size_t i = 0; i < 4; i++) {
        begins(&before, journal, runbook, took[i].name, 0);
        ends(&before, journal, took[i].name, took[i].seconds);
    }
    happen(&before, journal, ended("succeeded"), 9);
    assert_int_equal(journal_sync(journal, &world->failure), JOURNAL_OK);
    journal_close(journal);
    state_free(before.state);
    assert_int_equal(
        history_read(world->arena, world->folder, "level2", NULL, &history, &world->failure),
        JOURNAL_OK);
    return history;
}

static void test_forecast(void **state)
{
    struct folded *folded = *state;
    struct reading reading;
    struct forecast_stop *stops;
    model_begin(&reading);
    model_file("r.yaml", text_of("runbook: level2\nsteps:\n  a: {exec: [a]}\n  b: {exec: [b]}\n"
                                 "  c: {exec: [c], needs: [a]}\n"
                                 "  d: {exec: [d], needs: [b, c]}\n"));
    const struct runbook *runbook = model_read(&reading, "r.yaml");
    assert_non_null(runbook);
    struct forecast *forecast =
        forecast_new(folded->world->arena, runbook, earlier(folded, runbook));
    assert_int_equal(forecast_path(forecast, folded->world->arena, &stops), 3);
    assert_string_equal(stops[1].step->id, "b");
    assert_int_equal(stops[1].took.median, 5 * SECOND);

    happen(folded, NULL, started(folded->world->arena), 0);
    assert_int_equal(forecast_rest(forecast, folded->state, T0), 9 * SECOND);
    begins(folded, NULL, runbook, "a", 0);
    ends(folded, NULL, "a", 4);
    begins(folded, NULL, runbook, "b", 4);
    begins(folded, NULL, runbook, "c", 4);
    assert_int_equal(forecast_rest(forecast, folded->state, T0 + 6 * SECOND), 6 * SECOND);
    /* It takes longer than it did: what follows it is left. */
    assert_int_equal(forecast_rest(forecast, folded->state, T0 + 60 * SECOND), 3 * SECOND);
    assert_int_equal(forecast_rest(forecast, folded->state, INT64_MAX), 3 * SECOND);

    forecast_leave_out(forecast, map_get(&runbook->steps->by_id, "d"));
    assert_int_equal(forecast_rest(forecast, folded->state, T0 + 6 * SECOND), 3 * SECOND);
    assert_int_equal(forecast_rest(forecast_new(folded->world->arena, runbook, NULL), folded->state,
                                   T0 + 6 * SECOND),
                     0);
    model_end(&reading);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_forecast, set_up_state, tear_down_state),
    };
    return cmocka_run_group_tests_name("report_forecast", tests, NULL, NULL);
}
