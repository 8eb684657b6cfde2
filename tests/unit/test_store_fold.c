/* The fold as a law: whatever events come, in whatever order, the state of who wrote them and the
 * state of who reads them are the same; and nothing that may not be repeated is begun twice without
 * a verdict between. */
#include "store_help.h"

enum { STEPS = 6, EVENTS = 100000 };
static const char *const names[STEPS] = {"a", "b", "g", "g/a", "a/release/1", "b/undo/1"};

static uint32_t chance(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(*seed >> 33);
}

static const char *pick(uint64_t *seed, const char *const *words, size_t count)
{
    return words[chance(seed) % count];
}

static const char *word(uint64_t *seed, enum event_field field)
{
    static const char *const outcomes[] = {"ended",     "not_started", "died",  "timed_out",
                                           "cancelled", "lost",        "failed"};
    static const char *const effects[] = {"read", "change", "destroy"};
    static const char *const reasons[] = {"verify",   "value",  "resume",
                                          "operator", "expect", "when"};
    static const char *const verdicts[] = {"done", "again", "failed"};
    static const char *const hows[] = {"proof", "verify", "person", "idempotent"};
    static const char *const blocks[] = {"target", "preconditions", "verify"};
    static const char *const answers[] = {"holds", "fails", "unasked"};
    static const char *const others[] = {"x", "y", "z\n\"", "\xc3\xb6"};
    switch ((int)field) {
    case FIELD_OUTCOME:
        return pick(seed, outcomes, 7);
    case FIELD_EFFECT:
        return pick(seed, effects, 3);
    case FIELD_REASON:
        return pick(seed, reasons, 6);
    case FIELD_VERDICT:
        return pick(seed, verdicts, 3);
    case FIELD_HOW:
        return pick(seed, hows, 4);
    case FIELD_BLOCK:
        return pick(seed, blocks, 3);
    case FIELD_ANSWER:
        return pick(seed, answers, 3);
    default:
        return pick(seed, others, 4);
    }
}

static const struct value *some_value(struct arena *arena, uint64_t *seed, enum event_field field)
{
    size_t length = chance(seed) % 50 == 0 ? 5000 : chance(seed) % 20;
    char *bytes = arena_alloc(arena, length + 1);
    memset(bytes, 'a' + (int)(chance(seed) % 26), length);
    struct member members[] = {
        {"one", value_text(arena, (struct text){bytes, length})},
        {"two", value_integer(arena, VALUE_DURATION, chance(seed))},
    };
    const struct value *map =
        value_map(arena, members + chance(seed) % 2, 1 + chance(seed) % 2 * 0);
    if (field != FIELD_OWES)
        return map;
    struct member owed[] = {
        {"entry", value_string(arena, chance(seed) % 2 ? "a/release/1" : "b/undo/1")},
        {"undo", value_bool(chance(seed) % 2)},
        {"context", map}};
    const struct value *one = value_map(arena, owed, 3);
    return value_list(arena, &one, 1);
}

static void fill(struct arena *arena, uint64_t *seed, struct event *event, enum event_field field,
                 uint64_t attempt)
{
    static const char *const texts[] = {"r1", "r2"};
    switch (field_about(field)->kind) {
    case KIND_TEXT:
    case KIND_PROSE:
        event_set_text(event, field, word(seed, field));
        break;
    case KIND_INT:
        event_set_integer(event, field,
                          field == FIELD_FORMAT    ? 1
                          : field == FIELD_ATTEMPT ? (int64_t)attempt
                                                   : (int64_t)(chance(seed) % 9));
        break;
    case KIND_BOOL:
        event_set_truth(event, field, chance(seed) % 2);
        break;
    case KIND_TEXTS:
        event_set_texts(event, field, texts, chance(seed) % 3);
        break;
    case KIND_VALUE:
        event_set_value(event, field, some_value(arena, seed, field));
        break;
    case KIND_JSON: {
        json_t *json = json_pack("{s:i}", "n", (int)(chance(seed) % 100));
        arena_finally(arena, (void (*)(void *))json_decref, json);
        event_set_json(event, field, json);
        break;
    }
    }
}

static struct event random_event(struct arena *arena, uint64_t *seed, const struct state *state)
{
    enum event_kind kind = state_seq(state) == 0 ? EVENT_STARTED : chance(seed) % EVENT_COUNT;
    if (kind == EVENT_ENDED && chance(seed) % 8 != 0)
        kind = EVENT_INTENT; /* else most of it would stand behind an end */
    const struct event_about *about = event_about(kind);
    const char *step = about->subject == EVENT_ABOUT_RUN ? NULL
                       : about->subject == EVENT_ABOUT_ANY && chance(seed) % 3 == 0
                           ? NULL
                           : pick(seed, names, STEPS);
    const struct state_step *known = step == NULL ? NULL : state_step(state, step);
    uint64_t attempt = known != NULL && known->attempt != NULL ? known->attempt->number : 0;
    struct event event = event_of(kind, step, T0 + chance(seed));
    for (size_t i = 0; i < about->count; i++)
        if (about->members[i].must || chance(seed) % 3 == 0)
            fill(arena, seed, &event, about->members[i].field, attempt);
    return event;
}

/* ---- all that a state says, as text ---- */

static void show_value(struct buffer *into, const char *what, const struct value *value)
{
    buffer_format(into, " %s=", what);
    if (value != NULL)
        value_show(value, 0, into);
}

static void show_attempt(struct buffer *into, const struct state_attempt *a)
{
    char *deed = a->deed == NULL ? NULL : json_dumps((json_t *)a->deed, JSON_COMPACT);
    buffer_format(into, " [%lu %ld %u %u %s %d %d %d %s %s %s %s %s %ld %ld %ld %d %d %s %ld]",
                  (unsigned long)a->number, (long)a->time, a->tries, a->round, a->action,
                  (int)a->effect, a->repeatable, a->shim, a->host ? a->host : "-", a->definition,
                  a->copy, deed ? deed : "-", a->deed_digest, (long)a->now, (long)a->limit,
                  (long)a->until, a->ended, (int)a->outcome, a->message ? a->message : "-",
                  (long)a->duration);
    show_value(into, "proof", a->proof);
    free(deed);
}

static const char *or_none(const char *text)
{
    return text == NULL ? "-" : text;
}

static void show_step(struct buffer *into, const struct state_step *s)
{
    buffer_format(into,
                  "%s %s %d%d%d%d order %lu began %lu finished %lu %ld %ld round %u verdict %lu %s "
                  "%s %s %s %s",
                  s->name, life_name(s->life), s->tolerated, s->left_out, s->acted, s->released,
                  (unsigned long)s->order, (unsigned long)s->began, (unsigned long)s->finished,
                  (long)s->started, (long)s->ended, s->round, (unsigned long)s->verdict,
                  or_none(s->settled_how), or_none(s->settled_verdict), or_none(s->reason),
                  or_none(s->message), or_none(s->title));
    show_value(into, "result", s->result);
    show_value(into, "outputs", s->outputs);
    show_value(into, "previous", s->previous);
    if (s->attempt != NULL)
        show_attempt(into, s->attempt);
    if (s->opened != NULL) {
        buffer_format(into, " (%lu %s %ld)", (unsigned long)s->opened->seq, s->opened->opens,
                      (long)s->opened->limit);
        show_value(into, "items", s->opened->items);
    }
    if (s->question != NULL) {
        buffer_format(into, " ?%s %s", s->question->ask, s->question->digest);
        show_value(into, "shown", s->question->shown);
    }
    for (const struct state_answer *a = s->answers; a != NULL; a = a->next)
        buffer_format(into, " !%lu %d %s %s %ld %ld", (unsigned long)a->seq, a->yes, a->digest,
                      a->user, (long)a->uid, (long)a->login);
    buffer_text(into, "\n");
}

static void show_run(struct buffer *into, const struct state_run *r)
{
    buffer_format(into, "%s %s %s %s %s %s %s %s %ld %ld %ld %s %s %ld %s %u", r->id, r->runbook,
                  or_none(r->title), r->file, r->folder, r->plan, or_none(r->lock),
                  or_none(r->copy), (long)r->objective, (long)r->started, (long)r->taken, r->user,
                  r->host, (long)r->pid, or_none(r->boot), r->resumes);
    buffer_format(into, " %d%d %s %lu %d%d%d%d %s %s %s %ld %ld", r->target_held,
                  r->preconditions_held, or_none(r->irreversible), (unsigned long)r->logged,
                  r->left_out, r->unknown_passed, r->stopping, r->over, or_none(r->stopping_reason),
                  or_none(r->result), or_none(r->reason), (long)r->exit, (long)r->ended);
    show_value(into, "params", r->params);
    show_value(into, "options", r->options);
    show_value(into, "copies", r->copies);
    buffer_text(into, "\n");
}

static void show(struct buffer *into, const struct state *state)
{
    buffer_format(into, "%lu\n", (unsigned long)state_seq(state));
    if (state_seq(state) > 0)
        show_run(into, state_run(state));
    const struct state_step *step;
    for (size_t i = 0; (step = state_at(state, i)) != NULL; i++)
        show_step(into, step);
    const struct state_obligation *owed;
    for (size_t i = 0; (owed = state_obligation(state, i)) != NULL; i++) {
        buffer_format(into, "%s %s %d %s %lu %lu %d", owed->entry, owed->step, owed->undo,
                      or_none(owed->copy), (unsigned long)owed->seq, (unsigned long)owed->attempt,
                      owed->open);
        show_value(into, "context", owed->context);
        buffer_text(into, "\n");
    }
}

/* ---- */

/* By words of its own, apart from the guards: has a change that may not be repeated begun twice
 * without a verdict, an operator's word, or the proof that it had not happened? */
struct watch {
    bool began[STEPS]; /* may have happened; not settled since */
    size_t intents;
    size_t kinds[EVENT_COUNT];
};

static size_t index_of(const char *step)
{
    for (size_t i = 0; i < STEPS; i++)
        if (strcmp(names[i], step) == 0)
            return i;
    return 0;
}

/* An entry that is owed anew waits anew, and so may begin anew. */
static void watch_owes(struct watch *watch, const struct event *event)
{
    const struct value *owes = event_value(event, FIELD_OWES);
    if (owes != NULL)
        watch->began[index_of(owes->list.at[0]->map.at[0].value->text.at)] = false;
}

static void watch_event(struct watch *watch, const struct event *event)
{
    watch->kinds[event->kind]++;
    if (event->step == NULL)
        return;
    bool *began = &watch->began[index_of(event->step)];
    const char *text;
    switch ((int)event->kind) {
    case EVENT_INTENT:
        watch->intents++;
        if (*began && !event_truth(event, FIELD_REPEATABLE))
            fail_msg("%s began twice", event->step);
        *began = !event_truth(event, FIELD_REPEATABLE);
        watch_owes(watch, event);
        break;
    case EVENT_OPENED:
    case EVENT_OWED:
        watch_owes(watch, event);
        break;
    case EVENT_OUTCOME:
        text = event_text(event, FIELD_OUTCOME);
        if (strcmp(text, "not_started") == 0 || strcmp(text, "failed") == 0)
            *began = false;
        break;
    case EVENT_FAILED: /* of its expectation: then it did not do what it should */
        text = event_text(event, FIELD_REASON);
        if (strcmp(text, "value") != 0 && strcmp(text, "verify") != 0)
            *began = false;
        break;
    case EVENT_SETTLED:
        if (strcmp(event_text(event, FIELD_VERDICT), "done") != 0)
            *began = false;
        break;
    case EVENT_ROUND: /* the round before ended well */
    case EVENT_UNDONE:
        *began = false;
        break;
    case EVENT_AGAIN:
        text = event_text(event, FIELD_REASON);
        if (strcmp(text, "resume") != 0)
            *began = false; /* somebody's word, or its release ran */
        break;
    }
}

static bool compare(void *context, const struct event *event, struct failure *failure)
{
    return state_apply(context, event, failure);
}

static void assert_same(const struct state *a, const struct state *b)
{
    struct buffer one = {0};
    struct buffer two = {0};
    show(&one, a);
    show(&two, b);
    assert_string_equal(one.at, two.at);
    buffer_free(&one);
    buffer_free(&two);
}

static void live_and_read_are_the_same(void **state)
{
    struct world *world = *state;
    struct watch watch = {0};
    for (uint64_t run = 0; run < 20; run++) {
        uint64_t seed = 1000 + run;
        struct state *live = state_new();
        struct state *read = state_new();
        struct journal *journal;
        assert_int_equal(journal_create(world->folder, RUN, &journal, &world->failure), JOURNAL_OK);
        memset(watch.began, 0, sizeof watch.began);
        for (size_t i = 0; i < EVENTS / 20; i++) {
            struct arena *arena = arena_new();
            struct event event = random_event(arena, &seed, live);
            if (state_allows(live, &event, &world->failure)) {
                assert_int_equal(journal_append(journal, &event, &world->failure), JOURNAL_OK);
                assert_true(state_apply(live, &event, &world->failure));
                watch_event(&watch, &event);
            }
            arena_free(arena);
        }
        assert_int_equal(journal_sync(journal, &world->failure), JOURNAL_OK);
        journal_close(journal);
        if (journal_read(world->folder, RUN, compare, read, &world->failure) != JOURNAL_OK)
            fail_msg("%s", world->failure.text);
        assert_same(live, read);
        state_free(live);
        state_free(read);
        remove_tree(world->folder);
    }
    /* It was no idle walk. */
    assert_true(watch.intents > 500);
    for (size_t i = 0; i < EVENT_COUNT; i++)
        if (watch.kinds[i] == 0)
            fail_msg("no '%s' was ever allowed", event_name(i));
}

/* What is refused changes nothing. */
static void refusing_changes_nothing(void **state)
{
    struct world *world = *state;
    struct state *live = state_new();
    uint64_t seed = 42;
    size_t refused = 0;
    for (size_t i = 0; i < 3000; i++) {
        struct arena *arena = arena_new();
        struct event event = random_event(arena, &seed, live);
        struct buffer before = {0};
        struct buffer after = {0};
        event.seq = state_seq(live) + 1;
        show(&before, live);
        if (!state_apply(live, &event, &world->failure)) {
            show(&after, live);
            assert_string_equal(before.at, after.at);
            refused++;
        }
        buffer_free(&before);
        buffer_free(&after);
        arena_free(arena);
    }
    assert_true(refused > 500);
    state_free(live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(live_and_read_are_the_same, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refusing_changes_nothing, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
