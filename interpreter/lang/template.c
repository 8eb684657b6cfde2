/* Texts that may hold `${…}`. */
#include "lang/expr.h"

#include "base/arena.h"
#include "base/diagnostic.h"
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
    struct buffer parts; /* whole struct template_part, one behind the other */
    bool splice;
};

static void add_part(struct reading *reading, const struct expr *expr, struct text text)
{
    struct template_part part = {.expr = expr};
    if (expr == NULL) {
        part.text =
            (struct text){arena_copy(reading->parser.arena, text.at, text.length), text.length};
    }
    buffer_add(&reading->parts, (const char *)&part, sizeof part);
}

static void flush(struct reading *reading)
{
    if (reading->plain.length > 0) {
        add_part(reading, NULL, buffer_slice(&reading->plain));
        reading->plain.length = 0;
    }
}

/* `...` behind an expression that begins with `${` at OPEN: it must be all of the text. */
static bool read_splice(struct reading *reading, size_t open)
{
    struct expr_parser *parser = &reading->parser;
    struct token splice = parser->token;
    parser->behind = splice.end;
    parser->token = token_next(parser->text, splice.end);
    reading->splice = true;
    if (open == 0 && parser->token.end == parser->text.length) {
        return true;
    }
    expr_complain(parser, splice.start, splice.end,
                  "write ${list...} alone, as one item of a list; or join(list, ' ')",
                  "a list is spliced into a list, not into a text");
    return false;
}

/* One `${ expr [ "..." ] }` at OPEN; *next is the byte behind it. */
static const struct expr *read_expression(struct reading *reading, size_t open, size_t *next)
{
    struct expr_parser *parser = &reading->parser;
    parser->opened = open;
    const struct expr *expr = expr_parse_at(parser, open + 2);
    if (expr == NULL || (parser->token.kind == TOKEN_SPLICE && !read_splice(reading, open))) {
        return NULL;
    }
    if (parser->token.kind != TOKEN_BRACE) {
        expr_complain_found(parser, "an operator or '}'");
        return NULL;
    }
    *next = parser->token.end;
    return expr;
}

/* All that is left FROM a byte on, OPEN being the next `${`. */
static bool read_parts(struct reading *reading, size_t from, size_t open)
{
    struct text text = reading->parser.text;
    while (open < text.length) {
        bool escaped = open > from && text.at[open - 1] == '$';
        buffer_add(&reading->plain, text.at + from, open - from - (escaped ? 1 : 0));
        if (escaped) {
            buffer_text(&reading->plain, "${");
            from = open + 2;
        } else {
            flush(reading);
            const struct expr *expr = read_expression(reading, open, &from);
            if (expr == NULL) {
                return false;
            }
            add_part(reading, expr, (struct text){0});
        }
        open = find_open(text, from);
    }
    buffer_add(&reading->plain, text.at + from, text.length - from);
    return true;
}

/* What was read, as a constant or as parts. */
static void settle(struct reading *reading, struct template *template)
{
    struct arena *arena = reading->parser.arena;
    if (reading->parts.length == 0) {
        struct text text = buffer_slice(&reading->plain);
        template->constant = true;
        template->text = (struct text){arena_copy(arena, text.at, text.length), text.length};
        return;
    }
    flush(reading);
    struct template_part *parts = arena_alloc(arena, reading->parts.length);
    memcpy(parts, reading->parts.at, reading->parts.length);
    template->parts = parts;
    template->part_count = reading->parts.length / sizeof *parts;
}

/* A text that holds `${` at OPEN; false after a diagnostic. */
static bool read_text(struct reading *reading, struct template *template, size_t open)
{
    size_t from = 0;
    if (open == 0) {
        const struct expr *expr = read_expression(reading, open, &from);
        if (expr == NULL) {
            return false;
        }
        if (from == reading->parser.text.length) {
            template->whole = expr;
            template->splice = reading->splice;
            return true;
        }
        add_part(reading, expr, (struct text){0});
        open = find_open(reading->parser.text, from);
    }
    if (!read_parts(reading, from, open)) {
        return false;
    }
    settle(reading, template);
    return true;
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
    bool good = read_text(&reading, template, open);
    buffer_free(&reading.plain);
    buffer_free(&reading.parts);
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
