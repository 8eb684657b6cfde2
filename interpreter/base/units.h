/* units: durations, sizes and times as text, and back.
 * Durations are nanoseconds, sizes bytes, times nanoseconds since 1970-01-01 UTC, all int64_t. */
#ifndef BASE_UNITS_H
#define BASE_UNITS_H

#include "base/text.h"

#include <stdint.h>

struct arena;

#define UNITS_SECOND INT64_C(1000000000)

/* `90s`, `1h30m`, `250ms`: numbers (digits, one '.') with ms s m h d, largest unit first, each at
 * most once. False when it isn't one or overflows. A leading '-' is no part of it. */
bool duration_parse(struct text text, int64_t *nanoseconds);
/* The shortest such text that gives the same value again: `1m30s`, `0s`. */
const char *duration_print(struct arena *arena, int64_t nanoseconds);
/* `20GiB`: a number with B KiB MiB GiB TiB. */
bool size_parse(struct text text, int64_t *bytes);
const char *size_print(struct arena *arena, int64_t bytes);
/* RFC 3339 with offset or Z: `2024-01-15T14:30:00Z`, fractions allowed. */
bool time_parse(struct text text, int64_t *nanoseconds);
/* UTC, with as many fractional digits (0, 3, 6, 9) as the value needs. */
const char *time_print(struct arena *arena, int64_t nanoseconds);

#endif
