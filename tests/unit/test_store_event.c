/* Events: what is written is what is read; what is not known is refused. */
#include "store_help.h"

static struct text encode(struct world *world, const struct event *event)
{
    struct buffer line = {0};
    if (!event_encode(event, NULL, &line, &world->failure))
        fail_msg("%s", world->failure.text);
    buffer_text(&line, ",\"hash\":\"00\"}");
    struct text text = {arena_copy(world->arena, line.at, line.length), line.length};
    buffer_free(&line);
    return text;
}

static void assert_same_slot(const struct event_slot *a, const struct event_slot *b)
{
    assert_int_equal(a->field, b->field);
    switch (field_about(a->field)->kind) {
    case KIND_TEXT:
    case KIND_PROSE:
        assert_string_equal(a->text.at, b->text.at);
        break;
    case KIND_INT:
        assert_int_equal(a->integer, b->integer);
        break;
    case KIND_BOOL:
        assert_int_equal(a->truth, b->truth);
        break;
    case KIND_TEXTS:
        assert_int_equal(a->texts.count, b->texts.count);
        for (size_t i = 0; i < a->texts.count; i++)
            assert_string_equal(a->texts.at[i], b->texts.at[i]);
        break;
    case KIND_VALUE:
        assert_true(value_equal(a->value, b->value));
        break;
    case KIND_JSON:
        assert_true(json_equal((json_t *)a->json, (json_t *)b->json));
        break;
    }
}

static void round_trip(struct world *world, struct event event)
{
    struct event read;
    event.seq = 12345678901;
    struct text line = encode(world, &event);
    if (!event_decode(world->arena, line, NULL, &read, &world->failure))
        fail_msg("%s: %s", event_name(event.kind), world->failure.text);
    assert_int_equal(read.kind, event.kind);
    assert_int_equal(read.seq, event.seq);
    assert_int_equal(read.time, event.time);
    if (event.step == NULL)
        assert_null(read.step);
    else
        assert_string_equal(read.step, event.step);
    assert_int_equal(read.count, event.count);
    for (size_t i = 0; i < event.count; i++)
        assert_same_slot(&event.at[i], &read.at[i]);
}

static void every_event_comes_back(void **state)
{
    struct world *world = *state;
    for (size_t kind = 0; kind < EVENT_COUNT; kind++) {
        round_trip(world, sample(world->arena, kind, true));
        round_trip(world, sample(world->arena, kind, false));
    }
}

static void times_come_back(void **state)
{
    struct world *world = *state;
    static const int64_t times[] = {0, 1, 999999999, 1000000000, T0, INT64_C(4102444800000000000)};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        struct event event = ended("failed");
        event.time = times[i];
        round_trip(world, event);
    }
    struct event event = ended("failed");
    struct buffer line = {0};
    event.time = -1;
    assert_false(event_encode(&event, NULL, &line, &world->failure));
    buffer_free(&line);
}

static void the_form_is_fixed(void **state)
{
    struct world *world = *state;
    struct event event = ended("failed");
    event.seq = 7;
    event.time = T0;
    assert_string_equal(
        encode(world, &event).at,
        "{ \"seq\":7,\"time\":\"2024-01-15T14:30:00.123456789Z\",\"event\":\"ended\","
        "\"result\":\"failed\",\"hash\":\"00\"}");
    event = outcome("a/b", 3, "ended", NULL);
    event.seq = 8;
    event.time = T0 + 1;
    assert_string_equal(
        encode(world, &event).at,
        "{ \"seq\":8,\"time\":\"2024-01-15T14:30:00.123456790Z\",\"event\":\"outcome\","
        "\"step\":\"a/b\",\"attempt\":3,\"outcome\":\"ended\",\"hash\":\"00\"}");
}

/* So that the start of a record can be told anywhere in a damaged file. */
static void a_line_holds_its_start_once(void **state)
{
    struct world *world = *state;
    for (size_t kind = 0; kind < EVENT_COUNT; kind++) {
        struct event event = sample(world->arena, kind, true);
        event.seq = 1;
        struct text line = encode(world, &event);
        assert_memory_equal(line.at, EVENT_START, strlen(EVENT_START));
        assert_null(memmem(line.at + 1, line.length - 1, EVENT_START, strlen(EVENT_START)));
        assert_null(memchr(line.at, '\n', line.length));
    }
}

static void what_must_be_there_must_be_there(void **state)
{
    struct world *world = *state;
    size_t tried = 0;
    for (size_t kind = 0; kind < EVENT_COUNT; kind++) {
        struct event whole = sample(world->arena, kind, false);
        for (size_t i = 0; i < whole.count; i++) {
            struct event event = whole;
            struct buffer line = {0};
            memmove(&event.at[i], &event.at[i + 1], (whole.count - i - 1) * sizeof event.at[0]);
            event.count--;
            buffer_text(&line, "before");
            assert_false(event_encode(&event, NULL, &line, &world->failure));
            assert_non_null(strstr(world->failure.text, field_about(whole.at[i].field)->name));
            assert_int_equal(line.length, 6); /* nothing was added */
            buffer_free(&line);
            tried++;
        }
    }
    assert_true(tried > 60);
}

static void refuse(struct world *world, const char *line, const char *why)
{
    struct event event;
    world->failure.text[0] = '\0';
    if (event_decode(world->arena, text_of(line), NULL, &event, &world->failure))
        fail_msg("taken: %s", line);
    if (strstr(world->failure.text, why) == NULL)
        fail_msg("%s\nsaid: %s\nnot: %s", line, world->failure.text, why);
}

#define HEAD "{ \"seq\":7,\"time\":\"2024-01-15T14:30:00Z\",\"event\":"
static void what_is_not_known_is_refused(void **state)
{
    struct world *world = *state;
    static const char *const lines[][2] = {
        {"", "no JSON"},
        {"{", "no JSON"},
        {"[]", "head"},
        {"{}", "head"},
        {"{ \"seq\":0,\"time\":\"2024-01-15T14:30:00Z\",\"event\":\"note\",\"message\":\"\"}",
         "head"},
        {"{ \"seq\":\"7\",\"time\":\"2024-01-15T14:30:00Z\",\"event\":\"note\",\"message\":\"\"}",
         "head"},
        {"{ \"seq\":7,\"time\":\"yesterday\",\"event\":\"note\",\"message\":\"\"}", "head"},
        {HEAD "\"exploded\"}", "'exploded' is no event"},
        {HEAD "\"note\"}", "lacks 'message'"},
        {HEAD "\"note\",\"message\":1}", "field 'message': not of its kind"},
        {HEAD "\"note\",\"message\":\"m\",\"mood\":\"good\"}", "no field 'mood'"},
        {HEAD "\"note\",\"message\":\"m\",\"attempt\":1}", "no field 'attempt'"},
        {HEAD "\"note\",\"message\":\"m\",\"message\":\"n\"}", "no JSON"},
        {HEAD "\"note\",\"message\":\"m\",\"bytes\":1.5}", "not of its kind"},
        {HEAD "\"logged\",\"mark\":\"1\"}", "not of its kind"},
        {HEAD "\"done\"}", "doesn't name a step"},
        {HEAD "\"ended\",\"step\":\"a\",\"result\":\"failed\"}", "names a step"},
        {HEAD "\"note\",\"step\":1,\"message\":\"m\"}", "doesn't name a step"},
        {HEAD "\"checked\",\"block\":\"b\",\"round\":1,\"answer\":\"holds\",\"reasons\":[1]}",
         "not of its kind"},
        {HEAD "\"checked\",\"block\":\"b\",\"round\":1,\"answer\":\"holds\",\"reasons\":\"x\"}",
         "not of its kind"},
        {HEAD "\"started\",\"format\":2,\"new\":[]}", "in format 2 by a newer runbook"},
        {HEAD "\"begun\",\"format\":3}", "in format 3 by a newer runbook"},
        {HEAD "\"note\",\"message\":\"a\\u0000b\"}", "no JSON"},
        {HEAD "\"note\",\"message\":\"\xff\"}", "no JSON"},
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        refuse(world, lines[i][0], lines[i][1]);
}

static void prose_may_hold_any_byte(void **state)
{
    struct world *world = *state;
    struct event read;
    struct event event =
        with_text(plain(EVENT_NOTE, NULL), FIELD_MESSAGE, "can't open \xff\xc3/\xc3\xb6");
    event.seq = 1;
    assert_true(event_decode(world->arena, encode(world, &event), NULL, &read, &world->failure));
    assert_string_equal(event_text(&read, FIELD_MESSAGE), "can't open \\xff\\xc3/\xc3\xb6");

    static const char *const reasons[] = {"\xfe"};
    event = sample(world->arena, EVENT_CHECKED, false);
    event_set_texts(&event, FIELD_REASONS, reasons, 1);
    event.seq = 1;
    assert_true(event_decode(world->arena, encode(world, &event), NULL, &read, &world->failure));
    const char *const *at;
    assert_int_equal(event_texts(&read, FIELD_REASONS, &at), 1);
    assert_string_equal(at[0], "\\xfe");
}

/* A name or a digest that came back otherwise would be another step, another thing. */
static void what_is_exact_must_be_utf8(void **state)
{
    struct world *world = *state;
    struct buffer line = {0};
    struct event event = with_text(plain(EVENT_NOTE, "a[\xff]"), FIELD_MESSAGE, "m");
    assert_false(event_encode(&event, NULL, &line, &world->failure));
    assert_non_null(strstr(world->failure.text, "step"));
    event = with_text(plain(EVENT_ENDED, NULL), FIELD_RESULT, "\xff");
    assert_false(event_encode(&event, NULL, &line, &world->failure));
    assert_non_null(strstr(world->failure.text, "result"));
    assert_int_equal(line.length, 0);
    buffer_free(&line);
}

static void syncs_are_what_the_list_says(void **state)
{
    (void)state;
    assert_true(event_needs_sync(EVENT_INTENT, true));
    assert_false(event_needs_sync(EVENT_INTENT, false));
    assert_true(event_needs_sync(EVENT_OUTCOME, true));
    assert_true(event_needs_sync(EVENT_ANSWERED, false));
    assert_true(event_needs_sync(EVENT_ENDED, false));
    assert_true(event_needs_sync(EVENT_STARTED, false));
    assert_true(event_needs_sync(EVENT_PROOF, false));
    assert_false(event_needs_sync(EVENT_LOGGED, true));
    assert_false(event_needs_sync(EVENT_CHECKED, true));
}

static void names_are_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < EVENT_COUNT; i++) {
        enum event_kind kind;
        assert_true(event_find(event_name(i), &kind));
        assert_int_equal(kind, i);
    }
    enum outcome_kind outcome_found;
    for (int i = OUTCOME_ENDED; i <= OUTCOME_FAILED; i++) {
        assert_true(event_outcome_find(event_outcome_name(i), &outcome_found));
        assert_int_equal(outcome_found, i);
    }
    enum event_kind kind;
    assert_false(event_find("exploded", &kind));
    assert_false(event_outcome_find("exploded", &outcome_found));
}

/* Names of fields are one each, so that a line can be read back. */
static void field_names_are_unique(void **state)
{
    (void)state;
    for (size_t i = 0; i < FIELD_COUNT; i++)
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(field_about(i)->name, field_about(j)->name);
}

static void say(struct event event, const char *sentence)
{
    struct buffer into = {0};
    event_describe(&event, &into);
    assert_string_equal(into.at, sentence);
    assert_int_equal(strlen(into.at), into.length);
    buffer_free(&into);
}

static void sentences_are_filled(void **state)
{
    struct world *world = *state;
    static const char *const reasons[] = {"port closed", "no answer"};
    say(started(world->arena), "level2 started by ada on db1");
    say(resumed(), "taken up again by bob on db2");
    say(with_text(resumed(), FIELD_COPY, "runbook/2"),
        "taken up again by bob on db2, who accepted changes: runbook/2");
    say(ended("failed"), "ended: failed");
    say(with_text(ended("failed"), FIELD_REASON, "target"), "ended: failed, target");
    say(plain(EVENT_DONE, "a/b"), "a/b");
    say(with_text(plain(EVENT_DONE, "a"), FIELD_TITLE, "Stop the writers"), "Stop the writers");
    struct event checked = with_text(plain(EVENT_CHECKED, NULL), FIELD_BLOCK, "target");
    event_set_integer(&checked, FIELD_ROUND, 1);
    event_set_text(&checked, FIELD_ANSWER, "fails");
    say(checked, "target: fails");
    event_set_texts(&checked, FIELD_REASONS, reasons, 2);
    say(checked, "target: fails: port closed; no answer");
    say(with_value(with_text(with_text(plain(EVENT_PERSON_OUTPUT, "a"), FIELD_NAME, "path"),
                             FIELD_USER, "ada"),
                   FIELD_VALUE, value_string(world->arena, "/x")),
        "a: path is /x, on the word of ada");
}

static void every_event_has_a_sentence(void **state)
{
    struct world *world = *state;
    for (size_t kind = 0; kind < EVENT_COUNT; kind++)
        for (int all = 0; all < 2; all++) {
            struct buffer into = {0};
            struct event event = sample(world->arena, kind, all);
            for (size_t i = 0; i < event.count; i++)
                if (field_about(event.at[i].field)->kind == KIND_TEXT ||
                    field_about(event.at[i].field)->kind == KIND_PROSE)
                    event.at[i].text = text_of("text");
            event.step = event.step == NULL ? NULL : "step";
            event_describe(&event, &into);
            assert_true(into.length > 0);
            if (event.kind != EVENT_PERSON_OUTPUT) /* whose value may hold anything */
                assert_null(strpbrk(into.at, "{}[]"));
            buffer_free(&into);
        }
}

/* ---- outputs in files ---- */

struct drawer {
    char digest[65];
    struct buffer content;
    size_t kept;
    bool fails;
};

static bool drawer_keep(void *context, struct text bytes, char digest[65], struct failure *failure)
{
    struct drawer *drawer = context;
    if (drawer->fails)
        return failure_set(failure, ENOSPC, "can't keep it");
    memset(digest, 'a', 64);
    digest[64] = '\0';
    drawer->kept++;
    drawer->content.length = 0;
    buffer_add(&drawer->content, bytes.at, bytes.length);
    return true;
}

static bool drawer_load(void *context, const char *digest, struct buffer *into,
                        struct failure *failure)
{
    struct drawer *drawer = context;
    if (digest[0] != 'a')
        return failure_set(failure, ENOENT, "no such drawer");
    buffer_add(into, drawer->content.at, drawer->content.length);
    return true;
}

static const struct value *text_of_length(struct arena *arena, size_t length)
{
    char *bytes = arena_alloc(arena, length + 1);
    memset(bytes, 'x', length);
    return value_text(arena, (struct text){bytes, length});
}

static void a_large_output_lies_in_a_file(void **state)
{
    struct world *world = *state;
    struct drawer drawer = {0};
    struct event_files files = {drawer_keep, drawer_load, &drawer};
    struct member members[] = {
        {"small", text_of_length(world->arena, EVENT_INLINE - 2)}, /* two quotes: just fits */
        {"large", text_of_length(world->arena, EVENT_INLINE - 1)},
        {"after", value_string(world->arena, "z")},
    };
    const struct value *outputs = value_map(world->arena, members, 3);
    struct event event = outcome("a", 1, "ended", outputs);
    struct event read;
    struct buffer line = {0};
    event.seq = 2;
    assert_true(event_encode(&event, &files, &line, &world->failure));
    buffer_text(&line, "}");
    assert_int_equal(drawer.kept, 1);
    assert_int_equal(drawer.content.length, EVENT_INLINE + 1);
    assert_true(line.length < EVENT_INLINE + 500);
    assert_true(event_decode(world->arena, buffer_slice(&line), &files, &read, &world->failure));
    assert_true(value_equal(event_value(&read, FIELD_OUTPUTS), outputs));
    buffer_free(&line);

    drawer.fails = true;
    assert_false(event_encode(&event, &files, &line, &world->failure));
    assert_non_null(strstr(world->failure.text, "can't keep it"));
    assert_int_equal(line.length, 0);
    buffer_free(&line);
    buffer_free(&drawer.content);
}

static void a_file_that_is_lost_or_spoiled_is_refused(void **state)
{
    struct world *world = *state;
    struct drawer drawer = {0};
    struct event_files files = {drawer_keep, drawer_load, &drawer};
    struct event read;
    struct text line =
        text_of(HEAD "\"outcome\",\"step\":\"a\",\"attempt\":1,\"outcome\":\"ended\","
                     "\"outputs\":{\"o\":{\"$file\":\"b\"}}}");
    assert_false(event_decode(world->arena, line, &files, &read, &world->failure));
    assert_non_null(strstr(world->failure.text, "no such drawer"));
    buffer_text(&drawer.content, "\"half");
    line = text_of(HEAD "\"outcome\",\"step\":\"a\",\"attempt\":1,\"outcome\":\"ended\","
                        "\"outputs\":{\"o\":{\"$file\":\"aa\"}}}");
    assert_false(event_decode(world->arena, line, &files, &read, &world->failure));
    assert_non_null(strstr(world->failure.text, "holds no JSON"));
    assert_true(event_decode(world->arena, line, NULL, &read, &world->failure)); /* not looked at */
    buffer_free(&drawer.content);
}

/* An output that looks like a file's place is an output. */
static void an_output_is_no_file(void **state)
{
    struct world *world = *state;
    struct drawer drawer = {0};
    struct event_files files = {drawer_keep, drawer_load, &drawer};
    struct member inner[] = {{"$file", value_string(world->arena, "b")}};
    const struct value *trap = value_map(world->arena, inner, 1);
    struct member members[] = {{"o", trap}};
    const struct value *cases[] = {value_map(world->arena, members, 1), trap,
                                   value_map(world->arena, NULL, 0)};
    for (size_t i = 0; i < 3; i++) {
        struct event event = outcome("a", 1, "ended", cases[i]);
        struct event read;
        struct buffer line = {0};
        event.seq = 2;
        assert_true(event_encode(&event, &files, &line, &world->failure));
        buffer_text(&line, "}");
        if (!event_decode(world->arena, buffer_slice(&line), &files, &read, &world->failure))
            fail_msg("%s", world->failure.text);
        assert_true(value_equal(event_value(&read, FIELD_OUTPUTS), cases[i]));
        buffer_free(&line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_event_comes_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(times_come_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_form_is_fixed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_line_holds_its_start_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_must_be_there_must_be_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_not_known_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(prose_may_hold_any_byte, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_exact_must_be_utf8, set_up, tear_down),
        cmocka_unit_test(syncs_are_what_the_list_says),
        cmocka_unit_test(names_are_found),
        cmocka_unit_test(field_names_are_unique),
        cmocka_unit_test_setup_teardown(sentences_are_filled, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_event_has_a_sentence, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_large_output_lies_in_a_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_is_lost_or_spoiled_is_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_output_is_no_file, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
