/* What a monitor remembers, as JSON:
 *   {"format": 1, "conditions": {NAME: {"rounds": "..x", "gate": "closed", "opened": NS, "asked":
 * NS, "usual": [{"check": 0, "digest": "…", "numbers": {OUTPUT: {"kind": "duration", "at":
 * […]}}}]}}, "made": [NS, …], "ended": NS, "run": {…}} */
#include "store/watch_own.h"

#include "base/arena.h"

#include <jansson.h>
#include <string.h>

static const struct {
    enum value_kind kind;
    const char *name;
} kinds[] = {
    {VALUE_INT, "int"},
    {VALUE_FLOAT, "float"},
    {VALUE_DURATION, "duration"},
    {VALUE_SIZE, "size"},
};

static const char *kind_name(enum value_kind kind)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].kind == kind)
            return kinds[i].name;
    return "";
}

static bool kind_find(const char *name, enum value_kind *kind)
{
    for (size_t i = 0; name != NULL && i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].name, name) == 0) {
            *kind = kinds[i].kind;
            return true;
        }
    return false;
}

/* ---- writing ---- */

static json_t *json_of_numbers(const struct watch_numbers *numbers)
{
    json_t *list = json_array();
    for (size_t i = 0; i < numbers->count; i++)
        json_array_append_new(list, json_real(numbers->at[i]));
    return json_pack("{s:s, s:o}", "kind", kind_name(numbers->kind), "at", list);
}

static json_t *json_of_samples(const struct watch_samples *samples)
{
    json_t *all = json_object();
    for (size_t i = 0; i < samples->numbers.count; i++) {
        const struct watch_numbers *numbers = samples->numbers.at[i];
        json_object_set_new(all, numbers->output, json_of_numbers(numbers));
    }
    return json_pack("{s:I, s:s, s:o}", "check", (json_int_t)samples->check, "digest",
                     samples->digest, "numbers", all);
}

static json_t *json_of_run(const struct watch_run *run)
{
    return json_pack("{s:s, s:s, s:s, s:I, s:b}", "id", run->id, "condition", run->condition,
                     "reason", run->reason, "made", (json_int_t)run->made, "on_limit",
                     run->on_limit);
}

static json_t *json_of_condition(const struct watch_condition *condition)
{
    char rounds[MONITOR_ROUNDS + 1];
    json_t *usual = json_array();
    for (size_t i = 0; i < condition->trip.rounds; i++)
        rounds[i] = condition->trip.bad[i] ? 'x' : '.';
    rounds[condition->trip.rounds] = '\0';
    for (size_t i = 0; i < condition->samples.count; i++)
        json_array_append_new(usual, json_of_samples(condition->samples.at[i]));
    json_t *json = json_pack("{s:s, s:s, s:I, s:I, s:o}", "rounds", rounds, "gate",
                             trip_gate_name(condition->trip.gate), "opened",
                             (json_int_t)condition->trip.opened, "asked",
                             (json_int_t)condition->trip.asked, "usual", usual);
    if (condition->waiting != NULL)
        json_object_set_new(json, "waiting", json_of_run(condition->waiting));
    return json;
}

json_t *watch_to_json(const struct watch *watch)
{
    json_t *conditions = json_object(), *made = json_array();
    for (size_t i = 0; i < watch->count; i++)
        json_object_set_new(conditions, watch->conditions[i].name,
                            json_of_condition(&watch->conditions[i]));
    for (size_t i = 0; i < watch->made_count; i++)
        json_array_append_new(made, json_integer(watch->made[i]));
    json_t *json = json_pack("{s:i, s:o, s:o, s:I}", "format", WATCH_FORMAT, "conditions",
                             conditions, "made", made, "ended", (json_int_t)watch->ended);
    if (watch->run != NULL)
        json_object_set_new(json, "run", json_of_run(watch->run));
    return json;
}

/* ---- reading ---- */

struct watch_samples *watch_samples(struct watch *watch, struct watch_condition *condition,
                                    size_t check)
{
    for (size_t i = 0; i < condition->samples.count; i++) {
        struct watch_samples *samples = condition->samples.at[i];
        if (samples->check == check)
            return samples;
    }
    struct watch_samples *samples = arena_alloc(watch->arena, sizeof *samples);
    samples->check = check;
    samples->digest = arena_copy(watch->arena, "", 0);
    list_add(watch->arena, &condition->samples, samples);
    return samples;
}

struct watch_numbers *watch_numbers(struct watch *watch, struct watch_samples *samples,
                                    const char *output, enum value_kind kind)
{
    for (size_t i = 0; i < samples->numbers.count; i++) {
        struct watch_numbers *numbers = samples->numbers.at[i];
        if (strcmp(numbers->output, output) == 0)
            return numbers;
    }
    struct watch_numbers *numbers = arena_alloc(watch->arena, sizeof *numbers);
    numbers->output = arena_copy(watch->arena, output, strlen(output));
    numbers->kind = kind;
    list_add(watch->arena, &samples->numbers, numbers);
    return numbers;
}

static bool read_numbers(struct watch *watch, struct watch_samples *samples, const char *output,
                         const json_t *json)
{
    enum value_kind kind;
    const json_t *at = json_object_get(json, "at");
    if (!kind_find(json_string_value(json_object_get(json, "kind")), &kind) || !json_is_array(at) ||
        json_array_size(at) > WATCH_SAMPLES)
        return false;
    struct watch_numbers *numbers = watch_numbers(watch, samples, output, kind);
    for (numbers->count = 0; numbers->count < json_array_size(at); numbers->count++)
        numbers->at[numbers->count] = json_number_value(json_array_get(at, numbers->count));
    return true;
}

static bool read_samples(struct watch *watch, struct watch_condition *condition, const json_t *json)
{
    const char *digest = json_string_value(json_object_get(json, "digest")), *output;
    const json_t *check = json_object_get(json, "check"), *numbers;
    if (digest == NULL || !json_is_integer(check) || json_integer_value(check) < 0)
        return false;
    struct watch_samples *samples =
        watch_samples(watch, condition, (size_t)json_integer_value(check));
    samples->digest = arena_copy(watch->arena, digest, strlen(digest));
    json_object_foreach(json_object_get(json, "numbers"), output, numbers)
    {
        if (!read_numbers(watch, samples, output, numbers))
            return false;
    }
    return true;
}

static bool read_trip(struct trip *trip, const json_t *json)
{
    const char *rounds = json_string_value(json_object_get(json, "rounds"));
    const char *gate = json_string_value(json_object_get(json, "gate"));
    if (rounds == NULL || gate == NULL || strlen(rounds) > MONITOR_ROUNDS)
        return false;
    for (trip->rounds = 0; rounds[trip->rounds] != '\0'; trip->rounds++)
        trip->bad[trip->rounds] = rounds[trip->rounds] == 'x';
    trip->opened = json_integer_value(json_object_get(json, "opened"));
    trip->asked = json_integer_value(json_object_get(json, "asked"));
    for (trip->gate = TRIP_CLOSED; trip->gate <= TRIP_HALF_OPEN; trip->gate++)
        if (strcmp(trip_gate_name(trip->gate), gate) == 0)
            return true;
    return false;
}

/* Strings are JSON's. */
static bool read_run(struct watch_run *run, const json_t *json)
{
    *run = (struct watch_run){
        .id = json_string_value(json_object_get(json, "id")),
        .condition = json_string_value(json_object_get(json, "condition")),
        .reason = json_string_value(json_object_get(json, "reason")),
        .made = json_integer_value(json_object_get(json, "made")),
        .on_limit = json_is_true(json_object_get(json, "on_limit")),
    };
    return run->id != NULL && run->condition != NULL && run->reason != NULL;
}

static bool read_condition(struct watch *watch, size_t index, const json_t *json)
{
    struct watch_condition *condition = &watch->conditions[index];
    const json_t *waiting = json_object_get(json, "waiting");
    struct watch_run run;
    const json_t *usual = json_object_get(json, "usual");
    if (json == NULL)
        return true; /* it is new */
    if (!read_trip(&condition->trip, json) || !json_is_array(usual))
        return false;
    for (size_t i = 0; i < json_array_size(usual); i++)
        if (!read_samples(watch, condition, json_array_get(usual, i)))
            return false;
    if (waiting != NULL && !read_run(&run, waiting))
        return false;
    if (waiting != NULL)
        watch_wait(watch, index, &run);
    return true;
}

bool watch_from_json(struct watch *watch, const json_t *json)
{
    const json_t *conditions = json_object_get(json, "conditions");
    const json_t *made = json_object_get(json, "made");
    const json_t *at_work = json_object_get(json, "run");
    struct watch_run run;
    if (json_integer_value(json_object_get(json, "format")) != WATCH_FORMAT ||
        !json_is_object(conditions) || !json_is_array(made) || json_array_size(made) > WATCH_RUNS)
        return false;
    for (size_t i = 0; i < watch->count; i++)
        if (!read_condition(watch, i, json_object_get(conditions, watch->conditions[i].name)))
            return false;
    for (size_t i = 0; i < json_array_size(made); i++)
        watch->made[watch->made_count++] = json_integer_value(json_array_get(made, i));
    watch->ended = json_integer_value(json_object_get(json, "ended"));
    if (at_work != NULL && !read_run(&run, at_work))
        return false;
    if (at_work != NULL)
        watch_begin(watch, &run);
    return true;
}
