/* Functions of texts. Bytes that are no UTF-8 are kept as they are: a text may be any output. */
#include "lang/function_all.h"

#include "base/arena.h"
#include "lang/pattern.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unicase.h>
#include <unistr.h>

enum { SEARCH_SECONDS = 2 }; /* all matches of one find_all together */

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

/* Where PART first stands in TEXT at or after FROM; TEXT's length when nowhere. */
static size_t find_part(struct text text, struct text part, size_t from)
{
    const char *at = from <= text.length
                         ? memmem(text.at + from, text.length - from, part.at, part.length)
                         : NULL;
    return at == NULL ? text.length : (size_t)(at - text.at);
}

static size_t characters(struct text text)
{
    size_t count = 0;
    while (text.length > 0) {
        uint32_t code = 0;
        size_t length = text_character(text, &code);
        length = length ? length : 1;
        text = (struct text){text.at + length, text.length - length};
        count++;
    }
    return count;
}

const struct value *function_len(struct evaluation *evaluation, const struct expr *call,
                                 const struct value *const *arguments)
{
    const struct value *value = arguments[0];
    size_t count = 0;
    if (value->kind == VALUE_TEXT) {
        count = characters(value->text);
    } else if (value->kind == VALUE_LIST) {
        count = value->list.count;
    } else if (value->kind == VALUE_MAP) {
        count = value->map.count;
    } else {
        return evaluation_fail(evaluation, call->call.arguments[0], "'%s' is %s and has no length",
                               expr_show(evaluation->arena, call->call.arguments[0]),
                               value_kind_name(value->kind));
    }
    return value_integer(evaluation->arena, VALUE_INT, (int64_t)count);
}

/* --- parts --- */

/* Parts of a text, on the heap until their number is known. */
struct parts {
    struct evaluation *evaluation;
    const struct expr *call;
    const struct value **at;
    size_t count, room;
    bool good;
};

static void add_part(struct parts *parts, struct text text)
{
    if (parts->count == parts->room) {
        parts->room = parts->room ? parts->room * 2 : 16;
        parts->at = memory_resize(parts->at, parts->room * sizeof *parts->at);
    }
    parts->at[parts->count] = evaluation_text(parts->evaluation, parts->call, text);
    parts->good = parts->good && parts->at[parts->count] != NULL;
    parts->count++;
}

static const struct value *finish_parts(struct parts *parts)
{
    const struct value *list =
        parts->good ? evaluation_list(parts->evaluation, parts->call, parts->at, parts->count)
                    : NULL;
    free(parts->at);
    return list;
}

const struct value *function_lines(struct evaluation *evaluation, const struct expr *call,
                                   const struct value *const *arguments)
{
    struct parts parts = {.evaluation = evaluation, .call = call, .good = true};
    struct text text = arguments[0]->text;
    size_t from = 0;
    while (from < text.length && parts.good) {
        size_t end = find_part(text, text_of("\n"), from);
        size_t cut = end > from && text.at[end - 1] == '\r' ? end - 1 : end;
        add_part(&parts, (struct text){text.at + from, cut - from});
        from = end + 1;
    }
    return finish_parts(&parts);
}

static const struct value *fail_empty(struct evaluation *evaluation, const struct expr *call)
{
    return evaluation_fail(evaluation, call->call.arguments[1],
                           "an empty text can't be looked for by '%s'",
                           call->call.function->about.name);
}

const struct value *function_split(struct evaluation *evaluation, const struct expr *call,
                                   const struct value *const *arguments)
{
    struct text text = arguments[0]->text;
    struct text separator = arguments[1]->text;
    if (separator.length == 0) {
        return fail_empty(evaluation, call);
    }
    struct parts parts = {.evaluation = evaluation, .call = call, .good = true};
    size_t from = 0;
    bool more = text.length > 0;
    while (more && parts.good) {
        size_t end = find_part(text, separator, from);
        add_part(&parts, (struct text){text.at + from, end - from});
        more = end < text.length;
        from = end + separator.length;
    }
    return finish_parts(&parts);
}

/* A text being made, no longer than values may be. */
static bool add_text(struct evaluation *evaluation, const struct expr *call, struct buffer *into,
                     struct text text)
{
    if (!evaluation_spend(evaluation, call, text.length)) {
        return false;
    }
    buffer_add(into, text.at, text.length);
    return true;
}

const struct value *function_join(struct evaluation *evaluation, const struct expr *call,
                                  const struct value *const *arguments)
{
    struct buffer joined = {0};
    bool unknown = false;
    bool good = true;
    for (size_t i = 0; i < arguments[0]->list.count && good; i++) {
        const struct value *part = arguments[0]->list.at[i];
        good = (i == 0 || add_text(evaluation, call, &joined, arguments[1]->text)) &&
               add_text(evaluation, call, &joined, part->text);
        unknown = unknown || part->kind == VALUE_UNKNOWN;
    }
    struct text text = buffer_slice(&joined);
    const struct value *value = !good     ? NULL
                                : unknown ? value_unknown_text(evaluation->arena, text)
                                          : value_text(evaluation->arena, text);
    buffer_free(&joined);
    return value;
}

const struct value *function_replace(struct evaluation *evaluation, const struct expr *call,
                                     const struct value *const *arguments)
{
    struct text text = arguments[0]->text;
    struct text from = arguments[1]->text;
    if (from.length == 0) {
        return fail_empty(evaluation, call);
    }
    struct buffer replaced = {0};
    size_t at = 0;
    bool good = true;
    while (good) {
        size_t end = find_part(text, from, at);
        good = add_text(evaluation, call, &replaced, (struct text){text.at + at, end - at});
        if (end == text.length) {
            break;
        }
        good = good && add_text(evaluation, call, &replaced, arguments[2]->text);
        at = end + from.length;
    }
    const struct value *value =
        good ? value_text(evaluation->arena, buffer_slice(&replaced)) : NULL;
    buffer_free(&replaced);
    return value;
}

/* --- letters and space --- */

const struct value *function_trim(struct evaluation *evaluation, const struct expr *call,
                                  const struct value *const *arguments)
{
    struct text text = arguments[0]->text;
    while (text.length > 0 && is_space(text.at[0])) {
        text = (struct text){text.at + 1, text.length - 1};
    }
    while (text.length > 0 && is_space(text.at[text.length - 1])) {
        text.length--;
    }
    return evaluation_text(evaluation, call, text);
}

typedef uint8_t *change_letters(const uint8_t *at, size_t length, const char *language,
                                uninorm_t form, uint8_t *into, size_t *changed);

static const struct value *letters(struct evaluation *evaluation, const struct expr *call,
                                   struct text text, change_letters *change)
{
    size_t length = 0;
    /* No language: the same everywhere, whatever the machine's is. */
    uint8_t *changed =
        u8_check((const uint8_t *)text.at, text.length) != NULL
            ? NULL
            : change((const uint8_t *)text.at, text.length, NULL, NULL, NULL, &length);
    if (changed == NULL) {
        return text.length == 0
                   ? evaluation_text(evaluation, call, text)
                   : evaluation_fail(evaluation, call, "the text is no UTF-8: it has no letters");
    }
    const struct value *value =
        evaluation_text(evaluation, call, (struct text){(const char *)changed, length});
    free(changed);
    return value;
}

const struct value *function_lower(struct evaluation *evaluation, const struct expr *call,
                                   const struct value *const *arguments)
{
    return letters(evaluation, call, arguments[0]->text, u8_tolower);
}

const struct value *function_upper(struct evaluation *evaluation, const struct expr *call,
                                   const struct value *const *arguments)
{
    return letters(evaluation, call, arguments[0]->text, u8_toupper);
}

/* --- questions --- */

const struct value *function_starts_with(struct evaluation *evaluation, const struct expr *call,
                                         const struct value *const *arguments)
{
    (void)evaluation;
    (void)call;
    struct text text = arguments[0]->text;
    struct text part = arguments[1]->text;
    return value_bool(text.length >= part.length && memcmp(text.at, part.at, part.length) == 0);
}

const struct value *function_ends_with(struct evaluation *evaluation, const struct expr *call,
                                       const struct value *const *arguments)
{
    (void)evaluation;
    (void)call;
    struct text text = arguments[0]->text;
    struct text part = arguments[1]->text;
    return value_bool(text.length >= part.length &&
                      memcmp(text.at + text.length - part.length, part.at, part.length) == 0);
}

const struct value *function_contains(struct evaluation *evaluation, const struct expr *call,
                                      const struct value *const *arguments)
{
    (void)evaluation;
    (void)call;
    struct text part = arguments[1]->text;
    return value_bool(part.length == 0 ||
                      find_part(arguments[0]->text, part, 0) < arguments[0]->text.length);
}

/* --- paths --- */

/* The path without slashes at its end; `/` stays. */
static struct text without_slashes(struct text path)
{
    while (path.length > 1 && path.at[path.length - 1] == '/') {
        path.length--;
    }
    return path;
}

/* Where the last part of PATH begins. */
static size_t last_part(struct text path)
{
    size_t at = path.length;
    while (at > 0 && path.at[at - 1] != '/') {
        at--;
    }
    return at;
}

const struct value *function_basename(struct evaluation *evaluation, const struct expr *call,
                                      const struct value *const *arguments)
{
    struct text path = without_slashes(arguments[0]->text);
    size_t at = path.length == 1 && *path.at == '/' ? 0 : last_part(path);
    return evaluation_text(evaluation, call, (struct text){path.at + at, path.length - at});
}

const struct value *function_dirname(struct evaluation *evaluation, const struct expr *call,
                                     const struct value *const *arguments)
{
    struct text path = without_slashes(arguments[0]->text);
    size_t at = path.length == 1 && *path.at == '/' ? 1 : last_part(path);
    path = at == 0 ? text_of(".") : without_slashes((struct text){path.at, at});
    return evaluation_text(evaluation, call, path);
}

/* --- patterns --- */

const struct value *function_capture(struct evaluation *evaluation, const struct expr *call,
                                     const struct value *const *arguments)
{
    struct text whole;
    struct text group;
    const struct pattern *pattern =
        evaluation_pattern(evaluation, call->call.arguments[1], arguments[1]);
    int found = pattern == NULL ? -1
                                : evaluation_search(evaluation, call, pattern, arguments[0]->text,
                                                    0, &whole, &group);
    if (found <= 0) {
        return found < 0 ? NULL : &value_unset;
    }
    return group.at == NULL ? &value_unset : evaluation_text(evaluation, call, group);
}

/* Where to look next, behind a match: an empty one would else be found for ever. */
static size_t behind(struct text subject, struct text whole)
{
    size_t at = (size_t)(whole.at - subject.at) + whole.length;
    if (whole.length > 0 || at >= subject.length) {
        return whole.length > 0 ? at : at + 1;
    }
    uint32_t code = 0;
    size_t length = text_character((struct text){subject.at + at, subject.length - at}, &code);
    return at + (length ? length : 1);
}

const struct value *function_find_all(struct evaluation *evaluation, const struct expr *call,
                                      const struct value *const *arguments)
{
    struct parts parts = {.evaluation = evaluation, .call = call, .good = true};
    struct text subject = arguments[0]->text;
    const struct pattern *pattern =
        evaluation_pattern(evaluation, call->call.arguments[1], arguments[1]);
    time_t start = time(NULL);
    size_t from = 0;
    parts.good = pattern != NULL;
    while (parts.good && from <= subject.length) {
        struct text whole;
        struct text group;
        int found = evaluation_search(evaluation, call, pattern, subject, from, &whole, &group);
        if (found <= 0) {
            parts.good = found == 0;
            break;
        }
        add_part(&parts, group.at == NULL ? text_of("") : group);
        from = behind(subject, whole);
        if (time(NULL) - start > SEARCH_SECONDS) {
            evaluation->problem->unasked = true;
            evaluation_fail(evaluation, call, "the pattern takes longer than %ds on this text",
                            SEARCH_SECONDS);
            parts.good = false;
        }
    }
    return finish_parts(&parts);
}
