#include "base/units.h"

#include "base/arena.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct unit {
    const char *name;
    int64_t worth;
};

#define MINUTE (60 * UNITS_SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

static const struct unit DURATIONS[] = {
    {"d", DAY}, {"h", HOUR}, {"m", MINUTE}, {"s", UNITS_SECOND}, {"ms", UNITS_SECOND / 1000},
};
static const struct unit SIZES[] = {
    {"TiB", INT64_C(1) << 40},
    {"GiB", INT64_C(1) << 30},
    {"MiB", INT64_C(1) << 20},
    {"KiB", INT64_C(1) << 10},
    {"B", 1},
};
enum { UNIT_COUNT = 5 }; /* of both tables */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* What stands behind the point, as a part of WORTH, rounded down. Digits past the twelfth can't
 * change a nanosecond of a day, nor a byte of a TiB by more than one. */
static int64_t fraction_of(const char *digits, size_t count, int64_t worth)
{
    __int128 value = 0;
    __int128 scale = 1;
    for (size_t i = 0; i < count && i < 18; i++) {
        value = value * 10 + (digits[i] - '0');
        scale *= 10;
    }
    return (int64_t)(value * worth / scale);
}

/* NUMBER UNIT at the front of *TEXT, with a unit of UNITS from *NEXT on; moves both, adds to *SUM.
 */
static bool part_parse(struct text *text, const struct unit *units, size_t *next, int64_t *sum)
{
    size_t whole = 0;
    int64_t number = 0;
    while (whole < text->length && is_digit(text->at[whole])) {
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, text->at[whole] - '0', &number)) {
            return false;
        }
        whole++;
    }
    size_t at = whole;
    if (at < text->length && text->at[at] == '.') {
        for (at++; at < text->length && is_digit(text->at[at]); at++) {
        }
        if (at == whole + 1) {
            return false;
        }
    }
    size_t end = at;
    while (end < text->length && !is_digit(text->at[end]) && text->at[end] != '.') {
        end++;
    }
    struct text name = {text->at + at, end - at};
    size_t unit = *next;
    while (unit < UNIT_COUNT && !text_is(name, units[unit].name)) {
        unit++;
    }
    if (whole == 0 || unit == UNIT_COUNT) {
        return false;
    }
    int64_t part =
        at > whole ? fraction_of(text->at + whole + 1, at - whole - 1, units[unit].worth) : 0;
    *next = unit + 1;
    *text = (struct text){text->at + end, text->length - end};
    return !__builtin_mul_overflow(number, units[unit].worth, &number) &&
           !__builtin_add_overflow(number, part, &number) &&
           !__builtin_add_overflow(*sum, number, sum);
}

bool duration_parse(struct text text, int64_t *nanoseconds)
{
    int64_t sum = 0;
    size_t next = 0;
    bool good = text.length > 0;
    while (good && text.length > 0) {
        good = part_parse(&text, DURATIONS, &next, &sum);
    }
    if (good) {
        *nanoseconds = sum;
    }
    return good;
}

bool size_parse(struct text text, int64_t *bytes)
{
    int64_t sum = 0;
    size_t next = 0;
    bool good = part_parse(&text, SIZES, &next, &sum) && text.length == 0;
    if (good) {
        *bytes = sum;
    }
    return good;
}

/* A whole number and its fraction (DIGITS of it) without the zeros at the end. */
static void decimal_print(struct buffer *into, uint64_t whole, uint64_t fraction, int digits)
{
    buffer_format(into, "%" PRIu64, whole);
    if (fraction == 0) {
        return;
    }
    while (fraction % 10 == 0) {
        fraction /= 10;
        digits--;
    }
    buffer_format(into, ".%0*" PRIu64, digits, fraction);
}

static uint64_t magnitude(int64_t value)
{
    return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

static const char *finish(struct arena *arena, struct buffer *buffer)
{
    const char *text = arena_copy(arena, buffer->at, buffer->length);
    buffer_free(buffer);
    return text;
}

const char *duration_print(struct arena *arena, int64_t nanoseconds)
{
    uint64_t rest = magnitude(nanoseconds);
    if (rest == 0) {
        return "0s";
    }
    struct buffer text = {0};
    buffer_text(&text, nanoseconds < 0 ? "-" : "");
    for (size_t i = 0; i < 3; i++) {
        uint64_t worth = (uint64_t)DURATIONS[i].worth;
        if (rest >= worth) {
            buffer_format(&text, "%" PRIu64 "%s", rest / worth, DURATIONS[i].name);
            rest %= worth;
        }
    }
    if (rest >= (uint64_t)UNITS_SECOND) {
        decimal_print(&text, rest / UNITS_SECOND, rest % UNITS_SECOND, 9);
        buffer_text(&text, "s");
    } else if (rest > 0) {
        decimal_print(&text, rest / 1000000, rest % 1000000, 6);
        buffer_text(&text, "ms");
    }
    return finish(arena, &text);
}

const char *size_print(struct arena *arena, int64_t bytes)
{
    uint64_t value = magnitude(bytes);
    size_t unit = 0;
    /* The largest unit that tells it exactly with at most three digits behind the point. */
    while (unit + 1 < UNIT_COUNT) {
        uint64_t worth = (uint64_t)SIZES[unit].worth;
        if (value >= worth && value % worth * 1000 % worth == 0) {
            break;
        }
        unit++;
    }
    uint64_t worth = (uint64_t)SIZES[unit].worth;
    struct buffer text = {0};
    buffer_text(&text, bytes < 0 ? "-" : "");
    decimal_print(&text, value / worth, value % worth * 1000 / worth, 3);
    buffer_text(&text, SIZES[unit].name);
    return finish(arena, &text);
}

/* Days since 1970-01-01 of a date of the Gregorian calendar. Years are counted from March, so that
 * the leap day is the last of its year; 400 years have 146,097 days. */
static int64_t days_from_date(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static void date_from_days(int64_t days, int64_t *year, int64_t *month, int64_t *day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t of_era = days - era * 146097;
    int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted = (5 * of_year + 2) / 153;
    *day = of_year - (153 * shifted + 2) / 5 + 1;
    *month = shifted + (shifted < 10 ? 3 : -9);
    *year = year_of_era + era * 400 + (*month <= 2);
}

static int64_t days_in_month(int64_t year, int64_t month)
{
    static const int64_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

/* COUNT digits at *AT as a number; -1 when they aren't digits. Moves *AT. */
static int64_t digits(const char **at, size_t count)
{
    int64_t number = 0;
    for (size_t i = 0; i < count; i++, (*at)++) {
        if (!is_digit(**at)) {
            return -1;
        }
        number = number * 10 + (**at - '0');
    }
    return number;
}

/* The offset at the end: Z, or ±hh:mm, in seconds. */
static bool offset_parse(const char *at, int64_t *seconds)
{
    *seconds = 0;
    if (*at == 'Z' || *at == 'z') {
        return at[1] == '\0';
    }
    char sign = *at;
    if (sign != '+' && sign != '-') {
        return false;
    }
    at++;
    int64_t hours = digits(&at, 2);
    if (hours < 0 || hours > 23 || *at != ':') {
        return false;
    }
    at++;
    int64_t minutes = digits(&at, 2);
    *seconds = (hours * 3600 + minutes * 60) * (sign == '-' ? -1 : 1);
    return minutes >= 0 && minutes < 60 && *at == '\0';
}

/* `2024-01-15T14:30:00` at *AT as seconds, leap second allowed. Moves *AT. */
static bool clock_parse(const char **at, int64_t *seconds)
{
    static const char between[] = "--T::";
    int64_t part[6];
    for (size_t i = 0; i < 6; i++) {
        part[i] = digits(at, i == 0 ? 4 : 2);
        if (part[i] < 0) {
            return false;
        }
        if (i == 5) {
            break;
        }
        char c = i == 2 && (**at == 't' || **at == ' ') ? 'T' : **at;
        if (c != between[i]) {
            return false;
        }
        (*at)++;
    }
    if (part[1] < 1 || part[1] > 12 || part[2] < 1 || part[2] > days_in_month(part[0], part[1]) ||
        part[3] > 23 || part[4] > 59 || part[5] > 60) {
        return false;
    }
    *seconds =
        days_from_date(part[0], part[1], part[2]) * 86400 + part[3] * 3600 + part[4] * 60 + part[5];
    return true;
}

bool time_parse(struct text text, int64_t *nanoseconds)
{
    char copy[64];
    if (text.length < 20 || text.length >= sizeof copy || memchr(text.at, '\0', text.length)) {
        return false;
    }
    memcpy(copy, text.at, text.length);
    copy[text.length] = '\0';
    const char *at = copy;
    int64_t seconds = 0;
    if (!clock_parse(&at, &seconds)) {
        return false;
    }
    int64_t fraction = 0;
    if (*at == '.') {
        const char *first = ++at;
        while (is_digit(*at)) {
            at++;
        }
        if (at == first) {
            return false;
        }
        fraction = fraction_of(first, (size_t)(at - first), UNITS_SECOND);
    }
    int64_t offset = 0;
    if (!offset_parse(at, &offset)) {
        return false;
    }
    __int128 value = (__int128)(seconds - offset) * UNITS_SECOND + fraction;
    if (value > INT64_MAX || value < INT64_MIN) {
        return false;
    }
    *nanoseconds = (int64_t)value;
    return true;
}

const char *time_print(struct arena *arena, int64_t nanoseconds)
{
    int64_t seconds = nanoseconds / UNITS_SECOND;
    int64_t fraction = nanoseconds % UNITS_SECOND;
    if (fraction < 0) {
        fraction += UNITS_SECOND;
        seconds--;
    }
    int64_t days = seconds / 86400;
    int64_t rest = seconds % 86400;
    if (rest < 0) {
        rest += 86400;
        days--;
    }
    int64_t year = 0;
    int64_t month = 0;
    int64_t day = 0;
    date_from_days(days, &year, &month, &day);
    char part[16] = "";
    if (fraction % 1000 != 0) {
        snprintf(part, sizeof part, ".%09" PRId64, fraction);
    } else if (fraction % 1000000 != 0) {
        snprintf(part, sizeof part, ".%06" PRId64, fraction / 1000);
    } else if (fraction != 0) {
        snprintf(part, sizeof part, ".%03" PRId64, fraction / 1000000);
    }
    return arena_format(arena, "%04" PRId64 "-%02" PRId64 "-%02" PRId64 "T%02d:%02d:%02d%sZ", year,
                        month, day, (int)(rest / 3600), (int)(rest / 60 % 60), (int)(rest % 60),
                        part);
}
