#include "lang/term.h"

#include "base/arena.h"
#include "base/diagnostic.h"
#include "lang/eval.h"
#include "lang/connection.h"
#include "lang/expr.h"
#include "lang/pattern.h"
#include "lang/type.h"
#include "lang/value.h"
#include "lang/yaml.h"

#include <string.h>

/* ---- reading ---- */

static struct term *term_new(struct arena *arena, enum term_kind kind, const struct node *node,
                             const struct type *type)
{
    struct term *term = arena_alloc(arena, sizeof *term);
    term->kind = kind;
    term->mark = node->mark;
    term->type = type;
    return term;
}

static bool holds_expression(struct text text)
{
    return text.length > 1 && memmem(text.at, text.length, "${", 2) != NULL;
}

static bool is_path(const struct type *type)
{
    return type != NULL && type->kind == TYPE_PATH;
}

/* How a value of TYPE is written. */
static const char *remedy_written(const struct type *type)
{
    switch (type->kind) {
    case TYPE_INT:
        return "write digits: 30";
    case TYPE_FLOAT:
        return "write a number: 1.5";
    case TYPE_BOOL:
        return "write true or false";
    case TYPE_DURATION:
        return "write a number with its unit (ms s m h d): 90s, 1h30m";
    case TYPE_SIZE:
        return "write a number with its unit (B KiB MiB GiB TiB): 512MiB";
    case TYPE_TIME:
        return "write it by RFC 3339: 2024-01-15T14:30:00Z";
    case TYPE_URL:
        return "write it whole, with its scheme: http://localhost:3000/health";
    case TYPE_REGEX:
        return "mend the pattern; a character that is meant as it is has a '\\' before it";
    case TYPE_PATH:
        return "write the name of a file: conf/app.yaml";
    case TYPE_LIST:
        return "write it as a list: [a, b]";
    case TYPE_MAP:
    case TYPE_RECORD:
        return "write it as a mapping: {name: value}";
    case TYPE_SECRET:
        return "name where it is read: secrets: {password: {file: …}}, and write "
               "${secrets.password}";
    case TYPE_STRING:
    case TYPE_JSON:
    case TYPE_CONNECTION:
    case TYPE_NOTHING:
        break;
    }
    return NULL;
}

static const struct term *read_constant(struct arena *arena, const struct node *node,
                                        const struct type *type, struct text text,
                                        struct diagnostics *diagnostics)
{
    const char *problem = NULL;
    bool plain = node->style == STYLE_PLAIN;
    const struct value *value =
        type ? value_read(arena, type, text, plain, &problem) : value_text(arena, text);
    if (value == NULL) {
        diagnostic_add(diagnostics, type->kind == TYPE_SECRET ? RB301 : RB102, node->mark,
                       remedy_written(type), "%s", problem);
        return NULL;
    }
    if (is_path(type) && text.at[0] == '-') {
        diagnostic_add(diagnostics, RB303, node->mark,
                       arena_format(arena, "write it './%s'", value->text.at),
                       "a path that begins with '-' would be taken for an option");
        return NULL;
    }
    struct term *term = term_new(arena, TERM_CONSTANT, node, type);
    term->constant = value;
    return term;
}

/* Would the pattern compile with a text where its values stand? */
static bool is_pattern(struct arena *arena, const struct template *template, const char **why)
{
    struct buffer text = {0};
    size_t offset = 0;
    for (size_t i = 0; i < template->part_count; i++) {
        const struct template_part *part = &template->parts[i];
        if (part->expr != NULL)
            buffer_text(&text, "x");
        else
            buffer_add(&text, part->text.at, part->text.length);
    }
    bool good =
        text.at == NULL || pattern_compile(arena, buffer_slice(&text), why, &offset) != NULL;
    buffer_free(&text);
    return good;
}

/* Text as a template; SPLICES: it stands in a list, where `${….…}` gives several members. */
static const struct term *read_scalar(struct arena *arena, const struct node *node,
                                      const struct type *type, bool splices,
                                      struct diagnostics *diagnostics)
{
    if (node->text.length == 0 && node->style == STYLE_PLAIN) {
        diagnostic_add(diagnostics, RB102, node->mark,
                       "write the value, '' for an empty text, or take the key out",
                       "there is no value here");
        return NULL;
    }
    if (!holds_expression(node->text))
        return read_constant(arena, node, type, node->text, diagnostics);
    const struct template *template = template_parse(arena, node, diagnostics);
    if (template == NULL)
        return NULL;
    if (template->constant)
        return read_constant(arena, node, type, template->text, diagnostics);
    if (template->splice && !splices) {
        diagnostic_add(diagnostics, RB102, node->mark, "take the three dots out",
                       "`...` splices a list into a list, and here stands one value");
        return NULL;
    }
    const char *why = NULL;
    if (type != NULL && type->kind == TYPE_REGEX && !is_pattern(arena, template, &why)) {
        diagnostic_add(diagnostics, RB102, node->mark, remedy_written(type),
                       "the pattern is wrong: %s", why);
        return NULL;
    }
    struct term *term = term_new(arena, TERM_TEMPLATE, node, type);
    term->template = template;
    return term;
}

static const struct term *wrong_shape(struct arena *arena, const struct node *node,
                                      const struct type *type, struct diagnostics *diagnostics)
{
    const char *wanted = type_print(arena, type_optional(arena, type, false));
    diagnostic_add(diagnostics, RB102, node->mark, remedy_written(type), "expected %s %s, found %s",
                   strchr("aeiou", wanted[0]) ? "an" : "a", wanted,
                   node->kind == NODE_LIST ? "a list" : "a mapping");
    return NULL;
}

static bool is_free(const struct type *type)
{
    return type == NULL || type->kind == TYPE_JSON;
}

/* A list of texts without `${…}`, as most argv are, or NULL: read without a term for each. */
static const struct term *read_texts(struct arena *arena, const struct node *node,
                                     const struct type *type)
{
    const struct type *element = is_free(type) ? NULL : type->element;
    if ((type != NULL && type->kind == TYPE_JSON) || (element && element->kind != TYPE_STRING))
        return NULL;
    for (size_t i = 0; i < node->count; i++)
        if (node->items[i]->kind != NODE_SCALAR || node->items[i]->text.length == 0 ||
            holds_expression(node->items[i]->text))
            return NULL;
    struct value *values = arena_alloc(arena, (node->count + 1) * sizeof *values);
    const struct value **at = arena_alloc(arena, (node->count + 1) * sizeof *at);
    for (size_t i = 0; i < node->count; i++) {
        values[i] = (struct value){.kind = VALUE_TEXT, .text = node->items[i]->text};
        at[i] = &values[i];
    }
    struct value *list = arena_alloc(arena, sizeof *list);
    *list = (struct value){.kind = VALUE_LIST, .list = {at, node->count}};
    struct term *term = term_new(arena, TERM_CONSTANT, node, type);
    term->constant = list;
    return term;
}

static const struct term *fold_list(struct arena *arena, struct term *list)
{
    const struct value **at = arena_alloc(arena, (list->count + 1) * sizeof *at);
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i]->kind != TERM_CONSTANT)
            return list;
        at[i] = list->items[i]->constant;
    }
    list->kind = TERM_CONSTANT;
    list->constant = value_list(arena, at, list->count);
    return list;
}

static const struct term *read_list(struct arena *arena, const struct node *node,
                                    const struct type *type, struct diagnostics *diagnostics)
{
    if (!is_free(type) && type->kind != TYPE_LIST)
        return wrong_shape(arena, node, type, diagnostics);
    const struct term *texts = read_texts(arena, node, type);
    if (texts != NULL)
        return texts;
    const struct type *element = is_free(type) ? type : type->element;
    struct term *list = term_new(arena, TERM_LIST, node, type);
    const struct term **items = arena_alloc(arena, (node->count + 1) * sizeof *items);
    bool good = true;
    for (size_t i = 0; i < node->count; i++) {
        const struct node *item = node->items[i];
        items[i] = item->kind == NODE_SCALAR ? read_scalar(arena, item, element, true, diagnostics)
                                             : term_read(arena, item, element, diagnostics);
        good = good && items[i] != NULL;
    }
    list->count = node->count;
    list->items = items;
    return good ? fold_list(arena, list) : NULL;
}

const struct term *term_fold_map(struct arena *arena, struct term *map)
{
    struct member *at = arena_alloc(arena, (map->count + 1) * sizeof *at);
    for (size_t i = 0; i < map->count; i++) {
        if (map->members[i].term->kind != TERM_CONSTANT)
            return map;
        at[i] = (struct member){map->members[i].key, map->members[i].term->constant};
    }
    map->kind = TERM_CONSTANT;
    map->constant = value_map(arena, at, map->count);
    return map;
}

/* What the place wants under KEY; false after a diagnostic. */
static bool member_place(const struct type *type, const struct pair *pair,
                         const struct type **place, struct diagnostics *diagnostics)
{
    *place = is_free(type) ? type : type->element;
    if (is_free(type) || type->kind == TYPE_MAP)
        return true;
    *place = type_member(type, pair->key);
    if (*place != NULL)
        return true;
    diagnostic_add(diagnostics, RB102, pair->key_mark, NULL, "a %s has no member '%s'",
                   type->name ? type->name : "record", pair->key);
    return false;
}

static const struct term *read_map(struct arena *arena, const struct node *node,
                                   const struct type *type, struct diagnostics *diagnostics)
{
    if (!is_free(type) && type->kind != TYPE_MAP && type->kind != TYPE_RECORD)
        return wrong_shape(arena, node, type, diagnostics);
    struct term *map = term_new(arena, TERM_MAP, node, type);
    struct term_member *members = arena_alloc(arena, (node->count + 1) * sizeof *members);
    bool good = true;
    for (size_t i = 0; i < node->count; i++) {
        const struct pair *pair = &node->pairs[i];
        const struct type *place = NULL;
        members[i] = (struct term_member){.key = pair->key, .key_mark = pair->key_mark};
        if (member_place(type, pair, &place, diagnostics))
            members[i].term = term_read(arena, pair->value, place, diagnostics);
        good = good && members[i].term != NULL;
    }
    map->count = node->count;
    map->members = members;
    return good ? term_fold_map(arena, map) : NULL;
}

const struct term *term_read(struct arena *arena, const struct node *node, const struct type *type,
                             struct diagnostics *diagnostics)
{
    switch (node->kind) {
    case NODE_SCALAR:
        return read_scalar(arena, node, type, false, diagnostics);
    case NODE_LIST:
        return read_list(arena, node, type, diagnostics);
    case NODE_MAP:
        return type != NULL && type->kind == TYPE_CONNECTION
                   ? connection_read(arena, node, diagnostics)
                   : read_map(arena, node, type, diagnostics);
    }
    return NULL;
}

/* ---- names and print ---- */

void term_names(struct arena *arena, const struct term *term, struct list *names)
{
    switch (term->kind) {
    case TERM_CONSTANT:
        return;
    case TERM_TEMPLATE:
        template_names(arena, term->template, names);
        return;
    case TERM_LIST:
        for (size_t i = 0; i < term->count; i++)
            term_names(arena, term->items[i], names);
        return;
    case TERM_MAP:
        for (size_t i = 0; i < term->count; i++)
            term_names(arena, term->members[i].term, names);
        return;
    }
}

static void print_expr(struct arena *arena, const struct expr *expr, bool splice,
                       struct buffer *into)
{
    buffer_format(into, "${%s%s}", expr_print(arena, expr), splice ? "..." : "");
}

static void print_template(struct arena *arena, const struct template *template,
                           struct buffer *into)
{
    if (template->whole != NULL) {
        print_expr(arena, template->whole, template->splice, into);
        return;
    }
    for (size_t i = 0; i < template->part_count; i++) {
        const struct template_part *part = &template->parts[i];
        if (part->expr != NULL)
            print_expr(arena, part->expr, false, into);
        else
            buffer_add(into, part->text.at, part->text.length);
    }
}

static void print_into(struct arena *arena, const struct term *term, struct buffer *into)
{
    switch (term->kind) {
    case TERM_CONSTANT:
        if (term->constant->kind == VALUE_TEXT)
            buffer_add(into, term->constant->text.at, term->constant->text.length);
        else
            value_show(term->constant, 0, into);
        return;
    case TERM_TEMPLATE:
        print_template(arena, term->template, into);
        return;
    case TERM_LIST:
        buffer_text(into, "[");
        for (size_t i = 0; i < term->count; i++) {
            buffer_text(into, i ? ", " : "");
            print_into(arena, term->items[i], into);
        }
        buffer_text(into, "]");
        return;
    case TERM_MAP:
        buffer_text(into, "{");
        for (size_t i = 0; i < term->count; i++) {
            buffer_format(into, "%s%s: ", i ? ", " : "", term->members[i].key);
            print_into(arena, term->members[i].term, into);
        }
        buffer_text(into, "}");
        return;
    }
}

const char *term_print(struct arena *arena, const struct term *term)
{
    struct buffer buffer = {0};
    print_into(arena, term, &buffer);
    const char *text = arena_copy(arena, buffer.at ? buffer.at : "", buffer.length);
    buffer_free(&buffer);
    return text;
}
