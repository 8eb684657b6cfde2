/* The operation log: which events have a line, and that a log that ends anywhere is completed
 * without a line too many or too few. */
#include "store_help.h"

#include "base/units.h"
#include "report/oplog.h"

static struct event titled(struct event event, const char *title)
{
    event_set_text(&event, FIELD_TITLE, title);
    return event;
}

/* Reads the state and the log what happened from the record. */
static void tell_oplog(struct state *state, struct oplog *oplog, struct event event)
{
    struct failure failure;
    event.seq = state_seq(state) + 1;
    if (!state_apply(state, &event, &failure))
        fail_msg("%s", failure.text);
    oplog_recall(oplog, &event);
}

static void tell_done(struct world *world, struct state *state, struct oplog *oplog,
                      const char *step, const char *title)
{
    tell_oplog(state, oplog, intent(world->arena, step, "change", true));
    tell_oplog(state, oplog, outcome(step, state_seq(state), "ended", NULL));
    struct event done = titled(plain(EVENT_DONE, step), title);
    event_set_integer(&done, FIELD_DURATION, 1500000000);
    tell_oplog(state, oplog, done);
}

/* A short story; the lines that it must give stand below. */
static void tell_story(struct world *world, struct state *state, struct oplog *oplog)
{
    struct event begun = titled(started(world->arena), "Rollback - Level 2");
    event_set_text(&begun, FIELD_BEGINS, "Rollback initiated - Level 2");
    event_set_text(&begun, FIELD_ENDS, "Rollback completed - Level 2");
    tell_oplog(state, oplog, begun);
    tell_done(world, state, oplog, "a", "First");
    tell_done(world, state, oplog, "plain", "plain");
    tell_oplog(state, oplog, intent(world->arena, "b", "change", true));
    tell_oplog(state, oplog, outcome("b", state_seq(state), "ended", NULL));
    struct event failed = titled(plain(EVENT_FAILED, "b"), "Second");
    event_set_text(&failed, FIELD_REASON, "expect");
    event_set_text(&failed, FIELD_MESSAGE, "exit is 1,\nwanted 0");
    tell_oplog(state, oplog, failed);
    struct event end = ended("failed");
    event_set_integer(&end, FIELD_EXIT, 1);
    tell_oplog(state, oplog, end);
}

static const char *const story[] = {
    "[INFO] Rollback initiated - Level 2\n",
    "[INFO] First\n",
    "[ERROR] b (Second) failed: exit is 1,?wanted 0\n",
    "[ERROR] Rollback - Level 2: FAILED after 0ms: b: exit is 1,?wanted 0\n",
};
enum { STORY = sizeof story / sizeof *story };

static const char *path_of(struct world *world)
{
    return arena_format(world->arena, "%s/logs/ops.log", world->top);
}

static struct buffer content(const char *path)
{
    struct buffer bytes = {0};
    FILE *file = fopen(path, "r");
    char piece[4096];
    size_t length;
    assert_non_null(file);
    while ((length = fread(piece, 1, sizeof piece, file)) > 0)
        buffer_add(&bytes, piece, length);
    fclose(file);
    return bytes;
}

static void write_file(const char *path, const char *bytes, size_t length)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    fclose(file);
}

/* Opens and writes what waits; returns the mark. */
static uint64_t write_all(struct world *world, struct oplog *oplog)
{
    uint64_t mark = 0;
    if (!oplog_open(oplog, path_of(world), &world->failure) ||
        !oplog_write(oplog, &mark, &world->failure))
        fail_msg("%s", world->failure.text);
    assert_false(oplog_waits(oplog));
    return mark;
}

static void assert_story(struct world *world)
{
    struct buffer log = content(path_of(world));
    const char *at = log.at;
    for (size_t i = 0; i < STORY; i++) {
        assert_memory_equal(at + 4, "-", 1); /* 2024-01-15 14:30:00 [INFO] … */
        assert_string_not_equal(at, "");
        assert_memory_equal(at + 20, story[i], strlen(story[i]));
        at += 20 + strlen(story[i]);
    }
    assert_string_equal(at, "");
    buffer_free(&log);
}

static void lines_of_a_story(void **state)
{
    struct world *world = *state;
    struct state *fold = state_new();
    struct oplog *oplog = oplog_new(fold);
    tell_story(world, fold, oplog);
    assert_true(oplog_waits(oplog));
    assert_int_equal(write_all(world, oplog), state_seq(fold));
    assert_story(world);
    struct buffer json = content(arena_format(world->arena, "%s.jsonl", path_of(world)));
    size_t count = 0;
    for (const char *line = json.at; *line != '\0'; count++) {
        const char *end = strchr(line, '\n');
        json_t *one = json_loadb(line, (size_t)(end - line), 0, NULL);
        assert_non_null(one);
        assert_string_equal(json_string_value(json_object_get(one, "run")), RUN);
        assert_true(json_is_integer(json_object_get(one, "seq")));
        json_decref(one);
        line = end + 1;
    }
    assert_int_equal(count, STORY);
    buffer_free(&json);
    oplog_free(oplog);
    state_free(fold);
}

/* Whatever part of the two files was written when the interpreter died: a resume reads the record
 * again, and each line stands there once. */
static void completed_from_every_length(void **state)
{
    struct world *world = *state;
    const char *path = path_of(world);
    const char *programs = arena_format(world->arena, "%s.jsonl", path);
    struct state *first = state_new();
    struct oplog *whole = oplog_new(first);
    tell_story(world, first, whole);
    write_all(world, whole);
    struct buffer log = content(path), json = content(programs);
    oplog_free(whole);
    state_free(first);
    for (size_t cut = 0; cut <= log.length; cut++) {
        write_file(path, log.at, cut);
        write_file(programs, json.at, cut * json.length / log.length);
        struct state *fold = state_new();
        struct oplog *oplog = oplog_new(fold);
        tell_story(world, fold, oplog);
        write_all(world, oplog);
        struct buffer now = content(path);
        size_t torn = 0; /* what was torn stands there with its newline */
        while (torn < cut && log.at[cut - torn - 1] != '\n')
            torn++;
        assert_int_equal(now.length, log.length + (torn > 0 ? torn + 1 : 0));
        assert_string_equal(now.at + now.length - (log.length - (cut - torn)), log.at + cut - torn);
        buffer_free(&now);
        oplog_free(oplog);
        state_free(fold);
    }
    buffer_free(&log);
    buffer_free(&json);
}

/* What is behind the mark alone is looked for: the same line of an hour ago is another one. */
static void a_mark_forgets(void **state)
{
    struct world *world = *state;
    struct state *fold = state_new();
    struct oplog *oplog = oplog_new(fold);
    tell_story(world, fold, oplog);
    struct event logged = event_of(EVENT_LOGGED, NULL, T0);
    event_set_integer(&logged, FIELD_MARK, (int64_t)state_seq(fold) - 1);
    tell_oplog(fold, oplog, logged);
    write_all(world, oplog);
    struct buffer log = content(path_of(world));
    assert_memory_equal(log.at + 20, story[STORY - 1], strlen(story[STORY - 1]));
    assert_int_equal(log.length, 20 + strlen(story[STORY - 1]));
    buffer_free(&log);
    oplog_free(oplog);
    state_free(fold);
}

static void no_log_is_told(void **state)
{
    struct world *world = *state;
    struct state *fold = state_new();
    struct oplog *oplog = oplog_new(fold);
    uint64_t mark;
    tell_oplog(fold, oplog, started(world->arena));
    assert_false(oplog_open(oplog, world->top, &world->failure));
    assert_non_null(strstr(world->failure.text, world->top));
    assert_false(oplog_waits(oplog));
    assert_true(oplog_write(oplog, &mark, &world->failure));
    assert_int_equal(mark, 0);
    oplog_free(oplog);
    state_free(fold);
}

/* ---- how it ends ---- */

/* The last line of a run that took TOOK minutes of its ten. */
static void assert_end(struct world *world, const char *ends, const char *result, int took,
                       const char *line)
{
    struct state *fold = state_new();
    struct oplog *oplog = oplog_new(fold);
    struct event begun = titled(started(world->arena), "Rollback - Level 2");
    event_set_integer(&begun, FIELD_OBJECTIVE, 600 * UNITS_SECOND);
    if (ends != NULL)
        event_set_text(&begun, FIELD_ENDS, ends);
    tell_oplog(fold, oplog, begun);
    struct event end = ended(result);
    end.time = begun.time + took * 60 * UNITS_SECOND;
    tell_oplog(fold, oplog, end);
    unlink(path_of(world));
    write_all(world, oplog);
    struct buffer log = content(path_of(world));
    const char *last = memrchr(log.at, '\n', log.length - 1);
    assert_non_null(last);
    assert_string_equal(last + 1 + 20, line);
    buffer_free(&log);
    oplog_free(oplog);
    state_free(fold);
}

static void ends_as_people_say_it(void **state)
{
    struct world *world = *state;
    const char *ends = "Rollback completed - Level 2";
    assert_end(world, ends, "succeeded", 3,
               "[INFO] Rollback completed - Level 2 in 3m (objective 10m)\n");
    assert_end(world, ends, "succeeded", 12,
               "[WARN] Rollback completed - Level 2 in 12m, OVER the objective of 10m\n");
    assert_end(world, ends, "recovered", 3,
               "[WARN] Rollback completed - Level 2 in 3m (objective 10m); not all went as it "
               "should: recovered, not succeeded\n");
    assert_end(world, ends, "stopped", 3,
               "[WARN] Rollback - Level 2: stopped after 3m, objective 10m\n");
    assert_end(world, NULL, "succeeded", 3,
               "[INFO] Rollback - Level 2: succeeded in 3m, objective 10m\n");
}

/* Two runs that begin in the same second say so twice. */
static void what_is_told_now_is_new(void **state)
{
    struct world *world = *state;
    struct event begun = started(world->arena);
    begun.seq = 1;
    for (size_t i = 1; i <= 2; i++) {
        struct state *fold = state_new();
        struct oplog *oplog = oplog_new(fold);
        assert_true(state_apply(fold, &begun, &world->failure));
        oplog_event(oplog, &begun);
        write_all(world, oplog);
        struct buffer log = content(path_of(world));
        assert_int_equal(log.length, i * strlen("2024-01-15 14:30:00 [INFO] level2\n"));
        buffer_free(&log);
        oplog_free(oplog);
        state_free(fold);
    }
}

/* ---- rotated ---- */

static const char *old_of(struct world *world, const char *path)
{
    return arena_format(world->arena, "%s.1", path);
}

static void rotate(struct world *world, const char *path)
{
    assert_int_equal(rename(path, old_of(world, path)), 0);
}

/* Writes what waits to the log that is open; how many lines are in the file at its path then. */
static size_t write_more(struct world *world, struct oplog *oplog)
{
    uint64_t mark = 0;
    size_t lines = 0;
    if (!oplog_write(oplog, &mark, &world->failure))
        fail_msg("%s", world->failure.text);
    struct buffer log = content(path_of(world));
    for (size_t i = 0; i < log.length; i++)
        lines += log.at[i] == '\n';
    assert_true(log.length == 0 || log.at[log.length - 1] == '\n');
    buffer_free(&log);
    return lines;
}

static void follows_its_path(void **state)
{
    struct world *world = *state;
    const char *path = path_of(world);
    struct state *fold = state_new();
    struct oplog *oplog = oplog_new(fold);
    tell_oplog(fold, oplog, started(world->arena));
    write_all(world, oplog);
    rotate(world, path); /* as logrotate does, without `create` */
    tell_done(world, fold, oplog, "a", "First");
    assert_int_equal(write_more(world, oplog), 1);
    rotate(world, path);
    write_file(path, "x\n", 2); /* with `create`; others wrote already */
    tell_done(world, fold, oplog, "b", "Second");
    assert_int_equal(write_more(world, oplog), 2);
    assert_int_equal(truncate(path, 0), 0); /* copytruncate */
    tell_done(world, fold, oplog, "c", "Third");
    assert_int_equal(write_more(world, oplog), 1);
    unlink(path);
    rotate(world, arena_format(world->arena, "%s.jsonl", path));
    assert_int_equal(rename(arena_format(world->arena, "%s/logs", world->top),
                            arena_format(world->arena, "%s/gone", world->top)),
                     0);
    tell_done(world, fold, oplog, "d", "Fourth");
    tell_done(world, fold, oplog, "e", "Fifth");
    assert_int_equal(write_more(world, oplog), 2);
    oplog_free(oplog);
    state_free(fold);
}

/* Written, killed before the mark, rotated: the resume finds it in what was the log. */
static void completed_behind_a_rotation(void **state)
{
    struct world *world = *state;
    const char *path = path_of(world);
    struct state *first = state_new(), *second = state_new();
    struct oplog *killed = oplog_new(first), *next = oplog_new(second);
    struct event taken_up = resumed();
    tell_story(world, first, killed);
    write_all(world, killed);
    oplog_free(killed);
    rotate(world, path);
    rotate(world, arena_format(world->arena, "%s.jsonl", path));
    tell_story(world, second, next);
    tell_oplog(second, next, taken_up);
    assert_true(oplog_open(next, path, &world->failure));
    assert_int_equal(write_more(world, next), 1);
    oplog_free(next);
    state_free(first);
    state_free(second);
}

static void finding_whole_lines(void **state)
{
    static const char bytes[] = "xone\none\ntwo\none\ntorn";
    const size_t length = sizeof bytes - 1;
    (void)state;
    assert_int_equal(oplog_find(bytes, length, 0, "one\n"), 9);
    assert_int_equal(oplog_find(bytes, length, 9, "one\n"), 17);
    assert_int_equal(oplog_find(bytes, length, 17, "one\n"), 0);
    assert_int_equal(oplog_find(bytes, length, 0, "torn\n"), 0);
    assert_int_equal(oplog_find("", 0, 0, "one\n"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lines_of_a_story, set_up, tear_down),
        cmocka_unit_test_setup_teardown(completed_from_every_length, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_mark_forgets, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_log_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ends_as_people_say_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_told_now_is_new, set_up, tear_down),
        cmocka_unit_test_setup_teardown(follows_its_path, set_up, tear_down),
        cmocka_unit_test_setup_teardown(completed_behind_a_rotation, set_up, tear_down),
        cmocka_unit_test(finding_whole_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
