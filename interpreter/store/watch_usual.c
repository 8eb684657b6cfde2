/* Medians of what a check put out in its good rounds. */
#include "base/arena.h"
#include "store/watch_own.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
    double first = *(const double *)a, second = *(const double *)b;
    return (first > second) - (first < second);
}

static double median_of(const struct watch_numbers *numbers)
{
    double sorted[WATCH_SAMPLES];
    size_t middle = numbers->count / 2;
    memcpy(sorted, numbers->at, numbers->count * sizeof *sorted);
    qsort(sorted, numbers->count, sizeof *sorted, compare);
    return numbers->count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

static const struct value *value_of(struct arena *arena, enum value_kind kind, double number)
{
    return kind == VALUE_FLOAT ? value_float(arena, number)
                               : value_integer(arena, kind, (int64_t)number);
}

const struct value *watch_usual(struct watch *watch, struct arena *arena, size_t condition,
                                size_t check, const char *digest)
{
    struct watch_samples *samples = watch_samples(watch, &watch->conditions[condition], check);
    struct member *members = arena_alloc(arena, (samples->numbers.count + 1) * sizeof *members);
    size_t count = 0;
    for (size_t i = 0; strcmp(samples->digest, digest) == 0 && i < samples->numbers.count; i++) {
        const struct watch_numbers *numbers = samples->numbers.at[i];
        if (numbers->count >= WATCH_LEAST_SAMPLES)
            members[count++] =
                (struct member){arena_copy(arena, numbers->output, strlen(numbers->output)),
                                value_of(arena, numbers->kind, median_of(numbers))};
    }
    return count > 0 ? value_map(arena, members, count) : &value_unset;
}

static bool number_of(const struct value *value, double *number)
{
    switch (value->kind) {
    case VALUE_INT:
    case VALUE_DURATION:
    case VALUE_SIZE:
        *number = (double)value->integer;
        return true;
    case VALUE_FLOAT:
        *number = value->real;
        return true;
    default:
        return false;
    }
}

static void add_number(struct watch_numbers *numbers, enum value_kind kind, double number)
{
    if (numbers->kind != kind) {
        numbers->kind = kind;
        numbers->count = 0;
    }
    if (numbers->count == WATCH_SAMPLES)
        memmove(numbers->at, numbers->at + 1, --numbers->count * sizeof *numbers->at);
    numbers->at[numbers->count++] = number;
}

void watch_sample(struct watch *watch, size_t condition, size_t check, const char *digest,
                  const struct value *outputs)
{
    struct watch_samples *samples = watch_samples(watch, &watch->conditions[condition], check);
    double number;
    if (strcmp(samples->digest, digest) != 0) {
        samples->digest = arena_copy(watch->arena, digest, strlen(digest));
        samples->numbers = (struct list){0};
    }
    for (size_t i = 0; outputs->kind == VALUE_MAP && i < outputs->map.count; i++) {
        const struct member *member = &outputs->map.at[i];
        if (number_of(member->value, &number))
            add_number(watch_numbers(watch, samples, member->key, member->value->kind),
                       member->value->kind, number);
    }
}
