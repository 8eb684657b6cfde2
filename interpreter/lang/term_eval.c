/* A term's value. Pure; what is unknown stays unknown. */
#include "lang/term.h"

#include "base/arena.h"
#include "base/list.h"
#include "lang/eval.h"
#include "lang/expr.h"
#include "lang/pattern.h"
#include "lang/type.h"
#include "lang/value.h"

#include <string.h>

static const struct value *refuse(struct problem *problem, struct mark mark, const char *message)
{
    *problem = (struct problem){.mark = mark, .message = message};
    return NULL;
}

static bool is_scalar(const struct value *value)
{
    return value->kind != VALUE_LIST && value->kind != VALUE_MAP && value->kind != VALUE_UNSET;
}

/* VALUE as what TERM's place wants. */
static const struct value *place_value(struct arena *arena, const struct term *term,
                                       const struct type *type, const struct value *value,
                                       struct problem *problem)
{
    if (type == NULL || value->kind == VALUE_UNKNOWN ||
        (value->kind == VALUE_SECRET && type->kind == TYPE_SECRET))
        return value;
    if (type_is_either(type))
        type = type_optional(arena, type_scalar(TYPE_STRING), type->optional);
    if (value->kind == VALUE_UNSET) {
        if (type->optional || type->kind == TYPE_JSON)
            return value;
        return refuse(problem, term->mark,
                      arena_format(arena, "%s is unset", term_print(arena, term)));
    }
    const char *why = NULL;
    const struct value *converted = value;
    if (type_is_text(type) && is_scalar(value))
        converted =
            value->kind == VALUE_TEXT ? value : value_string(arena, value_print(arena, value));
    else
        converted = value_convert(arena, type, value, &why);
    if (converted == NULL)
        return refuse(problem, term->mark, why);
    if (type->kind == TYPE_PATH && converted->kind == VALUE_TEXT &&
        (converted->text.length == 0 || converted->text.at[0] == '-'))
        return refuse(problem, term->mark,
                      converted->text.length == 0
                          ? "a path can't be empty"
                          : arena_format(arena,
                                         "the path '%s' begins with '-', and would be taken "
                                         "for an option; write it with './' before it",
                                         converted->text.at));
    return converted;
}

/* One part of a pattern: PATTERN: it is one itself; else its text is to be found as it is. */
static bool add_part(struct arena *arena, const struct value *value, bool pattern,
                     struct buffer *into, bool *unknown)
{
    if (!is_scalar(value))
        return false;
    if (value->kind == VALUE_UNKNOWN) {
        *unknown = true;
        buffer_add(into, value->text.at, value->text.length);
        return true;
    }
    struct text text = value->kind == VALUE_TEXT ? value->text : text_of(value_print(arena, value));
    if (pattern)
        buffer_add(into, text.at, text.length);
    else
        buffer_text(into, pattern_quote(arena, text));
    return true;
}

static const struct value *pattern_end(struct arena *arena, struct buffer *buffer, bool unknown)
{
    struct text text = buffer->at ? buffer_slice(buffer) : text_of("");
    const struct value *value = unknown ? value_unknown_text(arena, text) : value_text(arena, text);
    buffer_free(buffer);
    return value;
}

/* A pattern with `${…}` in it: a text stands for itself, whatever characters it has. */
static const struct value *pattern_value(struct arena *arena, const struct term *term,
                                         const struct values *values, struct problem *problem)
{
    const struct template *template = term->template;
    size_t count = template->whole ? 1 : template->part_count;
    struct buffer buffer = {0};
    bool unknown = false;
    for (size_t i = 0; i < count; i++) {
        const struct expr *expr = template->whole ? template->whole : template->parts[i].expr;
        if (expr == NULL) {
            buffer_add(&buffer, template->parts[i].text.at, template->parts[i].text.length);
            continue;
        }
        const struct value *value = expr_eval(arena, expr, values, problem);
        if (value != NULL &&
            !add_part(arena, value, term->patterns && term->patterns[i], &buffer, &unknown))
            value = refuse(problem, expr_mark(expr),
                           arena_format(arena, "%s is no text", expr_print(arena, expr)));
        if (value == NULL) {
            buffer_free(&buffer);
            return NULL;
        }
    }
    return pattern_end(arena, &buffer, unknown);
}

static bool list_add_value(struct arena *arena, const struct term *item, const struct type *element,
                           const struct values *values, struct list *into, struct problem *problem)
{
    bool splice = item->kind == TERM_TEMPLATE && item->template->splice;
    if (!splice) {
        const struct value *value = term_eval(arena, item, values, problem);
        if (value != NULL)
            list_add(arena, into, (void *)(uintptr_t)value);
        return value != NULL;
    }
    const struct value *list = expr_eval(arena, item->template->whole, values, problem);
    if (list == NULL)
        return false;
    if (list->kind == VALUE_UNKNOWN) {
        list_add(arena, into, (void *)(uintptr_t)list);
        return true;
    }
    if (list->kind != VALUE_LIST) {
        refuse(problem, item->mark, arena_format(arena, "%s is no list", term_print(arena, item)));
        return false;
    }
    for (size_t i = 0; i < list->list.count; i++) {
        const struct value *value = place_value(arena, item, element, list->list.at[i], problem);
        if (value == NULL)
            return false;
        list_add(arena, into, (void *)(uintptr_t)value);
    }
    return true;
}

static const struct value *list_value(struct arena *arena, const struct term *term,
                                      const struct values *values, struct problem *problem)
{
    const struct type *element =
        term->type && term->type->kind == TYPE_LIST ? term->type->element : term->type;
    struct list list = {0};
    for (size_t i = 0; i < term->count; i++)
        if (!list_add_value(arena, term->items[i], element, values, &list, problem))
            return NULL;
    return value_list(arena, (const struct value *const *)list.at, list.count);
}

static const struct value *map_value(struct arena *arena, const struct term *term,
                                     const struct values *values, struct problem *problem)
{
    struct member *at = arena_alloc(arena, (term->count + 1) * sizeof *at);
    for (size_t i = 0; i < term->count; i++) {
        at[i].key = term->members[i].key;
        at[i].value = term_eval(arena, term->members[i].term, values, problem);
        if (at[i].value == NULL)
            return NULL;
    }
    return value_map(arena, at, term->count);
}

const struct value *term_eval(struct arena *arena, const struct term *term,
                              const struct values *values, struct problem *problem)
{
    switch (term->kind) {
    case TERM_CONSTANT:
        return term->constant;
    case TERM_LIST:
        return list_value(arena, term, values, problem);
    case TERM_MAP:
        return map_value(arena, term, values, problem);
    case TERM_TEMPLATE:
        break;
    }
    if (term->type != NULL && term->type->kind == TYPE_REGEX)
        return pattern_value(arena, term, values, problem);
    const struct value *value = template_eval(arena, term->template, values, problem);
    return value ? place_value(arena, term, term->type, value, problem) : NULL;
}
