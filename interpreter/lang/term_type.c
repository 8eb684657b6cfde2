/* A term's type, and whether it fits its place. */
#include "lang/term.h"

#include "base/arena.h"
#include "base/diagnostic.h"
#include "lang/expr.h"
#include "lang/type.h"
#include "lang/typing.h"
#include "lang/value.h"

#include <stdlib.h>
#include <string.h>

enum { SHOWN_LIMIT = 60 }; /* characters of an expression that a message repeats */

/* ---- types of what no place types ---- */

static const struct type *record_of(struct arena *arena, const struct value *map)
{
    struct field *fields = arena_alloc(arena, (map->map.count + 1) * sizeof *fields);
    for (size_t i = 0; i < map->map.count; i++)
        fields[i] = (struct field){map->map.at[i].key, type_of_value(arena, map->map.at[i].value)};
    return type_record(arena, NULL, fields, map->map.count);
}

const struct type *type_of_value(struct arena *arena, const struct value *value)
{
    static const enum type_kind kinds[] = {
        [VALUE_UNSET] = TYPE_JSON,  [VALUE_TEXT] = TYPE_STRING,  [VALUE_INT] = TYPE_INT,
        [VALUE_FLOAT] = TYPE_FLOAT, [VALUE_BOOL] = TYPE_BOOL,    [VALUE_DURATION] = TYPE_DURATION,
        [VALUE_SIZE] = TYPE_SIZE,   [VALUE_TIME] = TYPE_TIME,    [VALUE_LIST] = TYPE_LIST,
        [VALUE_MAP] = TYPE_RECORD,  [VALUE_UNKNOWN] = TYPE_JSON, [VALUE_SECRET] = TYPE_SECRET,
    };
    if (value->kind == VALUE_MAP)
        return record_of(arena, value);
    if (value->kind != VALUE_LIST)
        return type_scalar(kinds[value->kind]);
    const struct type *element = type_scalar(TYPE_NOTHING);
    for (size_t i = 0; i < value->list.count; i++)
        element = type_common(arena, element, type_of_value(arena, value->list.at[i]));
    return type_list(arena, element);
}

/* A record with the members of both; one that only one of them has may be unset. */
static const struct type *common_record(struct arena *arena, const struct type *a,
                                        const struct type *b)
{
    struct field *fields =
        arena_alloc(arena, (a->field_count + b->field_count + 1) * sizeof *fields);
    size_t count = 0;
    for (size_t i = 0; i < a->field_count; i++) {
        const struct type *other = type_member(b, a->fields[i].name);
        fields[count++] = (struct field){a->fields[i].name,
                                         other ? type_common(arena, a->fields[i].type, other)
                                               : type_optional(arena, a->fields[i].type, true)};
    }
    for (size_t i = 0; i < b->field_count; i++)
        if (type_member(a, b->fields[i].name) == NULL)
            fields[count++] =
                (struct field){b->fields[i].name, type_optional(arena, b->fields[i].type, true)};
    return type_record(arena, NULL, fields, count);
}

const struct type *type_common(struct arena *arena, const struct type *a, const struct type *b)
{
    bool optional = a->optional || b->optional;
    const struct type *plain_a = type_optional(arena, a, false);
    const struct type *plain_b = type_optional(arena, b, false);
    if (plain_a->kind == TYPE_RECORD && plain_b->kind == TYPE_RECORD)
        return type_optional(arena, common_record(arena, plain_a, plain_b), optional);
    if (type_accepts(plain_b, plain_a))
        return type_optional(arena, plain_b, optional);
    if (type_accepts(plain_a, plain_b))
        return type_optional(arena, plain_a, optional);
    return type_optional(arena, type_scalar(TYPE_JSON), optional);
}

/* ---- does it fit? ---- */

static const char *remedy_for(const struct type *place, const struct type *offered)
{
    bool text = type_is_text(offered);
    switch (place->kind) {
    case TYPE_INT:
        return text ? "turn the text into a number with int(…)" : NULL;
    case TYPE_FLOAT:
        return text ? "turn the text into a number with float(…)" : NULL;
    case TYPE_BOOL:
        return text ? "turn the text into a bool with bool(…), or compare it: … == 'yes'"
                    : "compare it with something: … == 0, … != ''";
    case TYPE_DURATION:
        return "make a duration with seconds(…), or write it with its unit: 90s";
    case TYPE_SIZE:
        return "make a size with size(…), or write it with its unit: 20GiB";
    case TYPE_TIME:
        return text ? "turn the text into a time with parse_time(…)" : NULL;
    case TYPE_LIST:
        return text ? "make a list with lines(…) or split(…, ','), or write it as a list"
                    : "write it as a list";
    case TYPE_STRING:
    case TYPE_PATH:
    case TYPE_URL:
    case TYPE_REGEX:
        return offered->kind == TYPE_LIST
                   ? "make a text of it with join(…, ' '), or splice it into a list with `${…...}`"
                   : NULL;
    case TYPE_JSON:
    case TYPE_SECRET:
    case TYPE_CONNECTION:
    case TYPE_MAP:
    case TYPE_RECORD:
    case TYPE_NOTHING:
        break;
    }
    return NULL;
}

static bool may_be_text(const struct type *place, const struct type *offered)
{
    return type_is_text(place) && type_is_scalar(offered) && offered->kind != TYPE_SECRET &&
           offered->kind != TYPE_CONNECTION;
}

static bool accepts(const struct type *place, const struct type *offered)
{
    return type_accepts(place, offered) ||
           ((!offered->optional || place->optional) && may_be_text(place, offered));
}

/* EXPR as people read it in a message; a long one is not repeated. */
static const char *shown(struct arena *arena, const struct expr *expr)
{
    const char *text = expr ? expr_print(arena, expr) : NULL;
    return text && strlen(text) <= SHOWN_LIMIT ? arena_format(arena, "'%s'", text) : "this value";
}

static const char *with_article(struct arena *arena, const struct type *type)
{
    const char *name = type_print(arena, type_optional(arena, type, false));
    return arena_format(arena, "%s %s", strchr("aeiou", name[0]) ? "an" : "a", name);
}

/* A secret where none may come, or no secret where one is wanted; always false. */
static bool refuse_secret(struct arena *arena, const struct type *place, const struct expr *expr,
                          struct mark mark, struct diagnostics *diagnostics)
{
    if (place->kind == TYPE_SECRET)
        diagnostic_add(diagnostics, RB301, mark,
                       "name where it is read: secrets: {password: {file: …}}, and write "
                       "${secrets.password}",
                       "%s is no secret, and a secret is wanted", shown(arena, expr));
    else
        diagnostic_add(diagnostics, RB301, mark,
                       "a secret goes into `env`, `stdin`, `headers`, the `url` of a request and a "
                       "password, and nowhere else",
                       "%s is a secret, and would be seen here", shown(arena, expr));
    return false;
}

static bool fits(struct arena *arena, const struct type *place, const struct type *offered,
                 const struct expr *expr, struct mark mark, struct diagnostics *diagnostics)
{
    if (place == NULL || accepts(place, offered))
        return true;
    const struct type *set = type_optional(arena, offered, false);
    if (offered->optional && accepts(place, set)) {
        diagnostic_add(diagnostics, RB104, mark,
                       arena_format(arena, "say what stands in then: `${%s ?\? …}`",
                                    expr ? expr_print(arena, expr) : "…"),
                       "%s may be unset, and a value is wanted", shown(arena, expr));
        return false;
    }
    if (offered->kind == TYPE_SECRET || place->kind == TYPE_SECRET)
        return refuse_secret(arena, place, expr, mark, diagnostics);
    diagnostic_add(diagnostics, RB102, mark, remedy_for(place, set), "%s is %s, and %s is wanted",
                   shown(arena, expr), with_article(arena, offered), with_article(arena, place));
    return false;
}

static struct mark template_place(const struct term *term)
{
    return term->template->whole ? expr_mark(term->template->whole) : term->mark;
}

/* A pattern's parts: each a scalar; one of type regex is a pattern itself. */
static const struct type *type_pattern(struct arena *arena, struct term *term,
                                       const struct names *names, struct diagnostics *diagnostics)
{
    const struct template *template = term->template;
    size_t count = template->whole ? 1 : template->part_count;
    bool *patterns = arena_alloc(arena, (count + 1) * sizeof *patterns);
    bool good = true;
    for (size_t i = 0; i < count; i++) {
        const struct expr *expr = template->whole ? template->whole : template->parts[i].expr;
        if (expr == NULL)
            continue;
        const struct type *type = expr_type(arena, expr, names, diagnostics);
        good = type != NULL &&
               fits(arena, type_scalar(TYPE_REGEX), type, expr, expr_mark(expr), diagnostics) &&
               good;
        patterns[i] = type != NULL && type->kind == TYPE_REGEX;
    }
    term->patterns = patterns;
    return good ? type_scalar(TYPE_REGEX) : NULL;
}

static const struct type *type_template(struct arena *arena, const struct term *term,
                                        const struct names *names, struct diagnostics *diagnostics)
{
    if (term->type != NULL && term->type->kind == TYPE_REGEX)
        /* The one thing about a term that only typing can tell; nobody reads it before. */
        return type_pattern(arena, (struct term *)(uintptr_t)term, names, diagnostics);
    const struct type *type = template_type(arena, term->template, names, diagnostics);
    if (type == NULL || term->template->splice)
        return type;
    return fits(arena, term->type, type, term->template->whole, template_place(term), diagnostics)
               ? type
               : NULL;
}

/* The type of one member of a list; a splice's is that of the list's members. */
static const struct type *type_item(struct arena *arena, const struct term *item,
                                    const struct type *element, const struct names *names,
                                    struct diagnostics *diagnostics)
{
    const struct type *type = term_type(arena, item, names, diagnostics);
    if (type == NULL || item->kind != TERM_TEMPLATE || !item->template->splice)
        return type;
    struct mark mark = template_place(item);
    if (type->kind == TYPE_JSON && !type->optional)
        return type;
    if (type->optional) {
        diagnostic_add(diagnostics, RB104, mark, "say what holds then: `${(… ?? [])...}`",
                       "this list may be unset, and `...` wants one");
        return NULL;
    }
    if (type->kind != TYPE_LIST) {
        diagnostic_add(diagnostics, RB102, mark, "take the three dots out",
                       "`...` splices a list, and this is of type %s", type_print(arena, type));
        return NULL;
    }
    return fits(arena, element, type->element, NULL, mark, diagnostics) ? type->element : NULL;
}

static const struct type *type_list_term(struct arena *arena, const struct term *term,
                                         const struct names *names, struct diagnostics *diagnostics)
{
    const struct type *place =
        term->type && term->type->kind == TYPE_LIST ? term->type->element : term->type;
    const struct type *common = type_scalar(TYPE_NOTHING);
    bool good = true;
    for (size_t i = 0; i < term->count; i++) {
        const struct type *type = type_item(arena, term->items[i], place, names, diagnostics);
        if (type == NULL)
            good = false;
        else if (term->type == NULL)
            common = type_common(arena, common, type);
    }
    if (!good)
        return NULL;
    return term->type ? term->type : type_list(arena, common);
}

static const struct type *type_map_term(struct arena *arena, const struct term *term,
                                        const struct names *names, struct diagnostics *diagnostics)
{
    struct field *fields = arena_alloc(arena, (term->count + 1) * sizeof *fields);
    bool good = true;
    for (size_t i = 0; i < term->count; i++) {
        fields[i].name = term->members[i].key;
        fields[i].type = term_type(arena, term->members[i].term, names, diagnostics);
        good = good && fields[i].type != NULL;
    }
    if (!good)
        return NULL;
    return term->type ? term->type : type_record(arena, NULL, fields, term->count);
}

const struct type *term_type(struct arena *arena, const struct term *term,
                             const struct names *names, struct diagnostics *diagnostics)
{
    switch (term->kind) {
    case TERM_CONSTANT:
        return term->type ? term->type : type_of_value(arena, term->constant);
    case TERM_TEMPLATE:
        return type_template(arena, term, names, diagnostics);
    case TERM_LIST:
        return type_list_term(arena, term, names, diagnostics);
    case TERM_MAP:
        return type_map_term(arena, term, names, diagnostics);
    }
    return NULL;
}
