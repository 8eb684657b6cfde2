#include "lang/constraint.h"

#include "base/arena.h"
#include "base/text.h"
#include "lang/model.h"
#include "lang/pattern.h"
#include "lang/term.h"
#include "lang/value.h"

#include <stdint.h>

enum { SHOWN_LIMIT = 80 }; /* characters of a value that a message repeats */

static const char *shown(struct arena *arena, const struct value *value)
{
    struct buffer buffer = {0};
    value_show(value, SHOWN_LIMIT, &buffer);
    const char *text = arena_copy(arena, buffer.at ? buffer.at : "", buffer.length);
    buffer_free(&buffer);
    return text;
}

static size_t characters(struct text text)
{
    size_t count = 0;
    for (size_t at = 0; at < text.length; count++) {
        uint32_t code;
        size_t length = text_character((struct text){text.at + at, text.length - at}, &code);
        at += length ? length : 1;
    }
    return count;
}

/* One composite's params are held against their patterns wherever it is used, so a pattern is
 * compiled once. NULL with *WHY. */
static const struct pattern *compiled(const struct param *param, const char **why)
{
    size_t offset = 0;
    if (param->compiled == NULL)
        ((struct param *)(uintptr_t)param)->compiled =
            pattern_compile(param->arena, param->pattern->constant->text, why, &offset);
    return param->compiled;
}

static const char *refuses_text(struct arena *arena, const struct param *param,
                                const struct value *value)
{
    const char *why = NULL;
    struct text whole, group;
    if (value->kind != VALUE_TEXT)
        return NULL;
    const struct pattern *pattern = compiled(param, &why);
    if (pattern == NULL)
        return why;
    switch (pattern_match(pattern, value->text, 0, &whole, &group, &why)) {
    case PATTERN_FOUND:
        return NULL;
    case PATTERN_ABSENT:
        return arena_format(arena, "'%s' does not match %s", shown(arena, value),
                            param->pattern->constant->text.at);
    case PATTERN_ERROR:
        break;
    }
    return why;
}

static const char *refuses_choice(struct arena *arena, const struct value *list,
                                  const struct value *value)
{
    for (size_t i = 0; i < list->list.count; i++)
        if (value_equal(value, list->list.at[i]))
            return NULL;
    return arena_format(arena, "'%s' is not one of %s", shown(arena, value), shown(arena, list));
}

/* What holds of a list's every member: the pattern and the choice. */
static const char *refuses_each(struct arena *arena, const struct param *param,
                                const struct value *value)
{
    const char *why = NULL;
    if (value->kind != VALUE_LIST) {
        why = param->pattern ? refuses_text(arena, param, value) : NULL;
        return why == NULL && param->one_of ? refuses_choice(arena, param->one_of->constant, value)
                                            : why;
    }
    for (size_t i = 0; why == NULL && i < value->list.count; i++)
        why = refuses_each(arena, param, value->list.at[i]);
    return why;
}

/* What min and max measure: a number itself, the length of a text or list. */
static const struct value *measure(struct arena *arena, const struct value *value)
{
    if (value->kind == VALUE_TEXT)
        return value_integer(arena, VALUE_INT, (int64_t)characters(value->text));
    if (value->kind == VALUE_LIST)
        return value_integer(arena, VALUE_INT, (int64_t)value->list.count);
    return value;
}

static const char *refuses_size(struct arena *arena, const struct value *limit, bool upper,
                                const struct value *value)
{
    const struct value *size = measure(arena, value);
    int order = value_compare(size, limit);
    if (upper ? order <= 0 : order >= 0)
        return NULL;
    const char *what = size == value               ? ""
                       : value->kind == VALUE_TEXT ? " (the length of the text)"
                                                   : " (the length of the list)";
    return arena_format(arena, "%s%s is %s %s", shown(arena, size), what,
                        upper ? "more than" : "less than", shown(arena, limit));
}

const char *constraint_refuses(struct arena *arena, const struct param *param,
                               const struct value *value)
{
    if (value->kind == VALUE_UNSET || value_has_unknown(value))
        return NULL;
    const char *why = refuses_each(arena, param, value);
    if (why == NULL && param->min != NULL)
        why = refuses_size(arena, param->min->constant, false, value);
    if (why == NULL && param->max != NULL)
        why = refuses_size(arena, param->max->constant, true, value);
    return why;
}
