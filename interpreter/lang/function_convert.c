/* Conversions by name, JSON, and time. */
#include "lang/function_all.h"

#include "base/arena.h"
#include "base/units.h"
#include "lang/type.h"

#include <locale.h>
#include <math.h>
#include <string.h>
#include <time.h>

enum { TIME_TEXT_LIMIT = 4096 }; /* bytes that one format_time gives at most */

static struct text trimmed(struct text text)
{
    while (text.length > 0 && memchr(" \t\r\n", text.at[0], 4) != NULL) {
        text = (struct text){text.at + 1, text.length - 1};
    }
    while (text.length > 0 && memchr(" \t\r\n", text.at[text.length - 1], 4) != NULL) {
        text.length--;
    }
    return text;
}

/* A text read as TYPE, space around it passed over: commands love to print it. */
static const struct value *read_as(struct evaluation *evaluation, const struct expr *call,
                                   enum type_kind type, struct text text)
{
    const char *why = NULL;
    const struct value *value =
        value_read(evaluation->arena, type_scalar(type), trimmed(text), false, &why);
    return value != NULL ? value : evaluation_fail(evaluation, call->call.arguments[0], "%s", why);
}

static const struct value *fail_convert(struct evaluation *evaluation, const struct expr *call,
                                        const struct value *value)
{
    return evaluation_fail(evaluation, call, "'%s' can't be made of %s",
                           call->call.function->about.name, value_kind_name(value->kind));
}

const struct value *function_string(struct evaluation *evaluation, const struct expr *call,
                                    const struct value *const *arguments)
{
    const struct value *value = arguments[0];
    if (value->kind == VALUE_LIST || value->kind == VALUE_MAP) {
        return fail_convert(evaluation, call, value);
    }
    return value->kind == VALUE_TEXT
               ? value
               : value_string(evaluation->arena, value_print(evaluation->arena, value));
}

const struct value *function_int(struct evaluation *evaluation, const struct expr *call,
                                 const struct value *const *arguments)
{
    const struct value *value = arguments[0];
    if (value->kind == VALUE_TEXT) {
        return read_as(evaluation, call, TYPE_INT, value->text);
    }
    if (value->kind == VALUE_FLOAT) {
        double whole = trunc(value->real);
        return whole >= -9223372036854775808.0 && whole < 9223372036854775808.0
                   ? value_integer(evaluation->arena, VALUE_INT, (int64_t)whole)
                   : evaluation_fail(evaluation, call, "%s is more than an int can hold",
                                     value_print(evaluation->arena, value));
    }
    return value->kind == VALUE_INT || value->kind == VALUE_SIZE
               ? value_integer(evaluation->arena, VALUE_INT, value->integer)
               : fail_convert(evaluation, call, value);
}

const struct value *function_float(struct evaluation *evaluation, const struct expr *call,
                                   const struct value *const *arguments)
{
    const struct value *value = arguments[0];
    if (value->kind == VALUE_TEXT) {
        return read_as(evaluation, call, TYPE_FLOAT, value->text);
    }
    if (value->kind == VALUE_INT) {
        return value_float(evaluation->arena, (double)value->integer);
    }
    return value->kind == VALUE_FLOAT ? value : fail_convert(evaluation, call, value);
}

const struct value *function_bool(struct evaluation *evaluation, const struct expr *call,
                                  const struct value *const *arguments)
{
    const struct value *value = arguments[0];
    if (value->kind == VALUE_TEXT) {
        return read_as(evaluation, call, TYPE_BOOL, value->text);
    }
    return value->kind == VALUE_BOOL ? value : fail_convert(evaluation, call, value);
}

const struct value *function_size(struct evaluation *evaluation, const struct expr *call,
                                  const struct value *const *arguments)
{
    const struct value *value = arguments[0];
    if (value->kind == VALUE_TEXT) {
        return read_as(evaluation, call, TYPE_SIZE, value->text);
    }
    return value->kind == VALUE_INT || value->kind == VALUE_SIZE
               ? value_integer(evaluation->arena, VALUE_SIZE, value->integer)
               : fail_convert(evaluation, call, value);
}

/* --- JSON --- */

const struct value *function_parse_json(struct evaluation *evaluation, const struct expr *call,
                                        const struct value *const *arguments)
{
    const char *why = NULL;
    if (!evaluation_spend(evaluation, call, arguments[0]->text.length)) {
        return NULL;
    }
    const struct value *value = value_parse_json(evaluation->arena, arguments[0]->text, &why);
    return value != NULL ? value : evaluation_fail(evaluation, call, "%s", why);
}

const struct value *function_list(struct evaluation *evaluation, const struct expr *call,
                                  const struct value *const *arguments)
{
    return arguments[0]->kind == VALUE_LIST ? arguments[0]
                                            : fail_convert(evaluation, call, arguments[0]);
}

/* --- time --- */

const struct value *function_parse_time(struct evaluation *evaluation, const struct expr *call,
                                        const struct value *const *arguments)
{
    return read_as(evaluation, call, TYPE_TIME, arguments[0]->text);
}

const struct value *function_seconds(struct evaluation *evaluation, const struct expr *call,
                                     const struct value *const *arguments)
{
    const struct value *value = arguments[0];
    int64_t nanoseconds = 0;
    if (value->kind == VALUE_INT) {
        if (__builtin_mul_overflow(value->integer, UNITS_SECOND, &nanoseconds)) {
            return evaluation_fail(evaluation, call, "so many seconds are no duration: %lld",
                                   (long long)value->integer);
        }
    } else if (value->kind == VALUE_FLOAT) {
        double real = round(value->real * (double)UNITS_SECOND);
        if (!(fabs(real) < 9223372036854775807.0)) {
            return evaluation_fail(evaluation, call, "so many seconds are no duration: %s",
                                   value_print(evaluation->arena, value));
        }
        nanoseconds = (int64_t)real;
    } else {
        return fail_convert(evaluation, call, value);
    }
    return value_integer(evaluation->arena, VALUE_DURATION, nanoseconds);
}

const struct value *function_to_seconds(struct evaluation *evaluation, const struct expr *call,
                                        const struct value *const *arguments)
{
    (void)call;
    return value_integer(evaluation->arena, VALUE_INT, arguments[0]->integer / UNITS_SECOND);
}

/* FORMAT with `%s` (which would read the local time zone) made a number. */
static void prepare_format(struct text format, int64_t seconds, struct buffer *into)
{
    for (size_t i = 0; i < format.length; i++) {
        bool pair = format.at[i] == '%' && i + 1 < format.length;
        if (pair && format.at[i + 1] == 's') {
            buffer_format(into, "%lld", (long long)seconds);
        } else {
            buffer_add(into, format.at + i, pair ? 2 : 1);
        }
        i += pair;
    }
}

const struct value *function_format_time(struct evaluation *evaluation, const struct expr *call,
                                         const struct value *const *arguments)
{
    int64_t seconds = arguments[0]->integer / UNITS_SECOND;
    seconds -= arguments[0]->integer % UNITS_SECOND < 0;
    time_t whole = (time_t)seconds;
    struct tm parts;
    gmtime_r(&whole, &parts);
    parts.tm_zone = "UTC";
    struct buffer format = {0};
    prepare_format(arguments[1]->text, seconds, &format);
    char *text = arena_alloc(evaluation->arena, TIME_TEXT_LIMIT);
    /* Names of days and months are the same everywhere, whatever the machine's language is. */
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    size_t length =
        format.length == 0 ? 0 : strftime_l(text, TIME_TEXT_LIMIT, format.at, &parts, plain);
    freelocale(plain);
    bool empty = format.length == 0;
    buffer_free(&format);
    if (length == 0 && !empty) {
        return evaluation_fail(evaluation, call->call.arguments[1],
                               "this format gives nothing, or more than 4096 bytes");
    }
    return evaluation_text(evaluation, call, (struct text){text, length});
}
