/* store/history: what earlier runs took. Records are written as a run writes them, with times that
 * are told. */
#include "fold_help.h"
#include "store/history.h"

#include <time.h>

#define SECOND INT64_C(1000000000)

/* A record under way. */
struct record {
    struct world *world;
    struct journal *journal;
    struct state *state;
    int64_t time;
};

static void happen(struct record *record, struct event event, int64_t later)
{
    struct failure *failure = &record->world->failure;
    record->time += later * SECOND;
    event.time = record->time;
    if (!state_allows(record->state, &event, failure) ||
        journal_append(record->journal, &event, failure) != JOURNAL_OK ||
        !state_apply(record->state, &event, failure))
        fail_msg("%s", failure->text);
}

static struct record begin(struct world *world, const char *id, const char *runbook)
{
    struct record record = {.world = world, .state = state_new(), .time = T0};
    assert_int_equal(journal_create(world->folder, id, &record.journal, &world->failure),
                     JOURNAL_OK);
    struct event event = started(world->arena);
    for (size_t i = 0; i < event.count; i++)
        if (event.at[i].field == FIELD_RUNBOOK)
            event.at[i].text = text_of(runbook);
    happen(&record, event, 0);
    return record;
}

static void step_begins(struct record *record, const char *name, const char *definition)
{
    struct event event = intent(record->world->arena, name, "read", true);
    for (size_t i = 0; i < event.count; i++)
        if (event.at[i].field == FIELD_DEFINITION)
            event.at[i].text = text_of(definition);
    happen(record, event, 0);
}

static void step_ends(struct record *record, const char *name, int64_t seconds)
{
    uint64_t number = state_step(record->state, name)->attempt->number;
    happen(record, outcome(name, number, "ended", NULL), seconds);
    happen(record, plain(EVENT_DONE, name), 0);
}

static void step(struct record *record, const char *name, const char *definition, int64_t seconds)
{
    step_begins(record, name, definition);
    step_ends(record, name, seconds);
}

static void end(struct record *record, const char *result)
{
    happen(record, ended(result), 0);
    assert_int_equal(journal_sync(record->journal, &record->world->failure), JOURNAL_OK);
    journal_close(record->journal);
    state_free(record->state);
}

static struct history *read_all(struct world *world, const char *runbook)
{
    struct history *history;
    assert_int_equal(
        history_read(world->arena, world->folder, runbook, NULL, &history, &world->failure),
        JOURNAL_OK);
    return history;
}

static void figures_are(struct history_figures figures, size_t count, int64_t median, int64_t worst)
{
    assert_int_equal(figures.count, count);
    assert_int_equal(figures.median, median);
    assert_int_equal(figures.worst, worst);
}

static void test_figures(void **state)
{
    (void)state;
    figures_are(history_figures((int64_t[]){0}, 0), 0, 0, 0);
    figures_are(history_figures((int64_t[]){7}, 1), 1, 7, 7);
    figures_are(history_figures((int64_t[]){9, 2}, 2), 2, 5, 9);
    figures_are(history_figures((int64_t[]){9, 1, 4}, 3), 3, 4, 9);
    figures_are(history_figures((int64_t[]){INT64_MAX, INT64_MAX - 2}, 2), 2, INT64_MAX - 1,
                INT64_MAX);
}

static void test_names(void **state)
{
    struct world *world = *state;
    static const char *const names[][2] = {
        {"load", "load"},
        {"hosts[a]", "hosts[*]"},
        {"hosts[a]#2/restart", "hosts[*]/restart"},
        {"move#3/step", "move/step"},
        {"move#3", "move"},
        {"a[]/b[x]/c", "a[*]/b[*]/c"},
        {"hosts[\u2039item.v\u203a]/c", "hosts[*]/c"},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_string_equal(history_name(world->arena, names[i][0]), names[i][1]);
}

static void test_no_folder(void **state)
{
    struct history *history = read_all(*state, "level2");
    assert_int_equal(history_about(history)->runs, 0);
    figures_are(history_whole(history), 0, 0, 0);
    figures_are(history_step(history, "load", NULL), 0, 0, 0);
}

static void test_runs(void **state)
{
    struct world *world = *state;
    static const int64_t took[] = {3, 10, 5};
    for (size_t i = 0; i < 3; i++) {
        struct record good =
            begin(world, arena_format(world->arena, "level2-20240115-14300%zu-aaaaa", i), "level2");
        step(&good, "load", i == 1 ? "old" : "new", took[i]);
        step(&good, "hosts[a]/x", "h", 1);
        step(&good, "hosts[b]/x", "h", 2);
        end(&good, i == 2 ? "recovered" : "succeeded");
    }
    struct record failed = begin(world, "level2-20240115-150000-aaaaa", "level2");
    step(&failed, "load", "new", 1000);
    end(&failed, "failed");
    struct record other = begin(world, "level2-more-20240115-150000-aaaaa", "level2-more");
    step(&other, "load", "new", 1000);
    end(&other, "succeeded");
    struct record damaged = begin(world, "level2-20240115-160000-aaaaa", "level2");
    end(&damaged, "succeeded");
    const char *path = arena_format(
        world->arena, "%s/runs/level2-20240115-160000-aaaaa/journal.jsonl", world->folder);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_int_equal(pwrite(fd, "x", 1, 30), 1);
    close(fd);

    struct history *history = read_all(world, "level2");
    assert_int_equal(history_about(history)->runs, 3);
    assert_int_equal(history_about(history)->damaged, 1);
    assert_int_equal(history_about(history)->closed, 0);
    figures_are(history_whole(history), 3, 8 * SECOND, 13 * SECOND);
    figures_are(history_step(history, "load", NULL), 3, 5 * SECOND, 10 * SECOND);
    struct history_figures now = history_step(history, "load", "new");
    figures_are(now, 2, 4 * SECOND, 5 * SECOND);
    assert_int_equal(now.changed, 1);
    figures_are(history_step(history, "hosts[c]/x", "h"), 6, 3 * SECOND / 2, 2 * SECOND);
    figures_are(history_whole(read_all(world, "level2-more")), 1, 1000 * SECOND, 1000 * SECOND);
}

/* What was there already, or stood open while nobody attended the run, tells nothing of a step. */
static void test_left_out(void **state)
{
    struct world *world = *state;
    struct record record = begin(world, "level2-20240115-143000-aaaaa", "level2");
    happen(&record, with_text(plain(EVENT_CHECKING, "there"), FIELD_BLOCK, "done_if"), 0);
    happen(&record, plain(EVENT_VERIFYING, "there"), 0);
    happen(&record, plain(EVENT_DONE, "there"), 1);
    step(&record, "before", "d", 2);
    step_begins(&record, "across", "d");
    happen(&record, resumed(), 3600);
    step_ends(&record, "across", 4);
    step(&record, "behind", "d", 8);
    end(&record, "succeeded");
    struct history *history = read_all(world, "level2");
    figures_are(history_step(history, "there", NULL), 0, 0, 0);
    figures_are(history_step(history, "before", NULL), 1, 2 * SECOND, 2 * SECOND);
    figures_are(history_step(history, "across", NULL), 0, 0, 0);
    figures_are(history_step(history, "behind", NULL), 1, 8 * SECOND, 8 * SECOND);
    figures_are(history_whole(history), 1, 15 * SECOND, 15 * SECOND);
}

/* The newest hundred of more, and quickly. */
static void test_hundred(void **state)
{
    struct world *world = *state;
    for (size_t i = 0; i < HISTORY_RUNS + 5; i++) {
        struct record record =
            begin(world, arena_format(world->arena, "level2-20240115-14%04zu-aaaaa", i), "level2");
        for (size_t n = 0; n < 100; n++)
            step(&record, arena_format(world->arena, "s%zu", n), "d", i < 5 ? 1000 : 1);
        end(&record, "succeeded");
    }
    struct timespec from, to;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    struct history *history = read_all(world, "level2");
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    double took = (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
    print_message("%d runs of 100 steps in %.0f ms\n", HISTORY_RUNS, took * 1000);
    assert_int_equal(history_about(history)->runs, HISTORY_RUNS);
    figures_are(history_step(history, "s7", "d"), HISTORY_RUNS, SECOND, SECOND);
    assert_true(took < 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_figures),
        cmocka_unit_test_setup_teardown(test_names, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_folder, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_runs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_left_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_hundred, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
