/* Texts that may hold `${…}`. */
#include "lang/expr.h"

#include "base/arena.h"
#include "base/diagnostic.h"
#include "base/list.h"
#include "lang/expr_parser.h"
#include "lang/yaml.h"

#include <assert.h>
#include <string.h>

/* The next `${` at or after FROM, or the text's length. */
static size_t find_open(struct text text, size_t from)
{
    while (from < text.length) {
        const char *dollar = memchr(text.at + from, '$', text.length - from);
        if (dollar == NULL) {
            break;
        }
        from = (size_t)(dollar - text.at);
        if (from + 1 < text.length && text.at[from + 1] == '{') {
            return from;
        }
        from++;
    }
    return text.length;
}

/* Collects what stands between the expressions, `$${` undone, and the expressions. */
struct reading {
    struct expr_parser parser;
    struct buffer plain; /* since the last expression */
    struct list parts;   /* of struct template_part */
    bool splice;
};

static void add_part(struct reading *reading, const struct expr *expr, struct text text)
{
    struct arena *arena = reading->parser.arena;
    struct template_part *part = arena_alloc(arena, sizeof *part);
    part->expr = expr;
    if (expr == NULL) {
        part->text = (struct text){arena_copy(arena, text.at, text.length), text.length};
    }
    list_add(arena, &reading->parts, part);
}

static void flush(struct reading *reading)
{
    if (reading->plain.length > 0) {
        add_part(reading, NULL, buffer_slice(&reading->plain));
        reading->plain.length = 0;
    }
}

/* One `${ expr [ "..." ] }` at OPEN; *next is the byte behind it. */
static bool read_expression(struct reading *reading, size_t open, size_t *next)
{
    struct expr_parser *parser = &reading->parser;
    parser->opened = open;
    const struct expr *expr = expr_parse_at(parser, open + 2);
    if (expr == NULL) {
        return false;
    }
    if (parser->token.kind == TOKEN_SPLICE) {
        struct token splice = parser->token;
        parser->behind = splice.end;
        parser->token = token_next(parser->text, splice.end);
        reading->splice = true;
        if (open > 0 || parser->token.end < parser->text.length) {
            expr_complain(parser, splice.start, splice.end,
                          "write ${list...} alone, as one item of a list; or join(list, ' ')",
                          "a list is spliced into a list, not into a text");
            return false;
        }
    }
    if (parser->token.kind != TOKEN_BRACE) {
        expr_complain_found(parser, "an operator or '}'");
        return false;
    }
    *next = parser->token.end;
    add_part(reading, expr, (struct text){0});
    return true;
}

static bool read_parts(struct reading *reading, size_t open)
{
    struct text text = reading->parser.text;
    size_t from = 0;
    while (open < text.length) {
        bool escaped = open > from && text.at[open - 1] == '$';
        buffer_add(&reading->plain, text.at + from, open - from - (escaped ? 1 : 0));
        if (escaped) {
            buffer_text(&reading->plain, "${");
            from = open + 2;
        } else {
            flush(reading);
            if (!read_expression(reading, open, &from)) {
                return false;
            }
        }
        open = find_open(text, from);
    }
    buffer_add(&reading->plain, text.at + from, text.length - from);
    return true;
}

/* What was read, as a constant, a whole expression or parts. */
static void settle(struct reading *reading, struct template *template)
{
    struct arena *arena = reading->parser.arena;
    if (reading->parts.count == 0) {
        struct text text = buffer_slice(&reading->plain);
        template->constant = true;
        template->text = (struct text){arena_copy(arena, text.at, text.length), text.length};
        return;
    }
    flush(reading);
    struct template_part *parts = arena_alloc(arena, reading->parts.count * sizeof *parts);
    for (size_t i = 0; i < reading->parts.count; i++) {
        parts[i] = *(const struct template_part *)reading->parts.at[i];
    }
    if (reading->parts.count == 1) {
        template->whole = parts[0].expr;
        template->splice = reading->splice;
        return;
    }
    template->parts = parts;
    template->part_count = reading->parts.count;
}

const struct template *template_parse(struct arena *arena, const struct node *scalar,
                                      struct diagnostics *diagnostics)
{
    assert(scalar->kind == NODE_SCALAR);
    struct template *template = arena_alloc(arena, sizeof *template);
    template->mark = scalar->mark;
    template->plain = scalar->style == STYLE_PLAIN;
    size_t open = find_open(scalar->text, 0);
    if (open == scalar->text.length) {
        template->constant = true;
        template->text = scalar->text;
        return template;
    }
    struct reading reading = {.parser = {.arena = arena,
                                         .diagnostics = diagnostics,
                                         .node = scalar,
                                         .text = scalar->text,
                                         .in_template = true}};
    bool good = read_parts(&reading, open);
    if (good) {
        settle(&reading, template);
    }
    buffer_free(&reading.plain);
    return good ? template : NULL;
}

void template_names(struct arena *arena, const struct template *template, struct list *names)
{
    if (template->whole != NULL) {
        expr_names(arena, template->whole, names);
    }
    for (size_t i = 0; i < template->part_count; i++) {
        if (template->parts[i].expr != NULL) {
            expr_names(arena, template->parts[i].expr, names);
        }
    }
}
