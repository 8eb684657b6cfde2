/* What literals mean. */
#include "lang/expr_parser.h"

#include "base/arena.h"
#include "base/units.h"
#include "lang/value.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* literal = "'" { character | "''" } "'" */
const struct value *expr_literal_text(struct arena *arena, struct text raw)
{
    if (raw.length == 0 || memchr(raw.at, '\'', raw.length) == NULL) {
        return value_text(arena, raw);
    }
    struct buffer plain = {0};
    for (size_t i = 0; i < raw.length; i++) {
        buffer_add(&plain, raw.at + i, 1);
        i += raw.at[i] == '\'';
    }
    const struct value *value = value_text(arena, buffer_slice(&plain));
    buffer_free(&plain);
    return value;
}

const struct value *expr_literal_number(struct arena *arena, struct text text)
{
    int64_t integer = 0;
    if (duration_parse(text, &integer)) {
        return value_integer(arena, VALUE_DURATION, integer);
    }
    if (size_parse(text, &integer)) {
        return value_integer(arena, VALUE_SIZE, integer);
    }
    const char *copy = arena_copy(arena, text.at, text.length);
    char *end = NULL;
    errno = 0;
    if (strspn(copy, "0123456789") == text.length) {
        long long number = strtoll(copy, &end, 10);
        return errno == 0 && (text.length == 1 || *copy != '0')
                   ? value_integer(arena, VALUE_INT, number)
                   : NULL;
    }
    /* strtod would take hexadecimal numbers too. */
    double real = strspn(copy, "0123456789.eE+-") == text.length ? strtod(copy, &end) : NAN;
    bool zeros = copy[0] == '0' && copy[1] >= '0' && copy[1] <= '9';
    return end == copy + text.length && isfinite(real) && !zeros ? value_float(arena, real) : NULL;
}
