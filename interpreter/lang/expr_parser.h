/* expr_parser: the parser's state, and what it says when a text is no expression.
 * For expr.c, expr_complain.c and template.c alone. */
#ifndef LANG_EXPR_PARSER_H
#define LANG_EXPR_PARSER_H

#include "lang/expr_lex.h"

struct arena;
struct diagnostics;
struct function_entry;

struct expr_parser {
    struct arena *arena;
    struct diagnostics *diagnostics;
    const struct node *node; /* the scalar, for marks; or NULL */
    struct text text;        /* the scalar's value: places are bytes of it */
    struct token token;      /* the word that comes next */
    size_t behind;           /* the end of the word before it */
    size_t opened;           /* of the `${` before the expression */
    bool in_template;
    unsigned nodes, depth;
};

/* The expression from byte FROM on; NULL after a diagnostic. The word behind it is then next. */
const struct expr *expr_parse_at(struct expr_parser *parser, size_t from);

/* Takes the next word. */
void parser_advance(struct expr_parser *parser);
/* Is the next word of KIND? */
bool parser_at(const struct expr_parser *parser, enum token_kind kind);
/* Takes a word of KIND; false after a diagnostic that WANTED was expected. */
bool parser_expect(struct expr_parser *parser, enum token_kind kind, const char *wanted);
/* The next word as a name, not taken. */
const char *parser_name(struct expr_parser *parser);
/* A node of KIND that begins at START; the caller fills it in and calls parser_closed. NULL after a
 * diagnostic that there are too many. */
struct expr *parser_node(struct expr_parser *parser, enum expr_kind kind, size_t start);
/* PARENT holds CHILD (or NULL). */
void parser_holds(struct expr *parent, const struct expr *child);
/* Ends EXPR where the last word ended; NULL after a diagnostic that it is too deep. */
struct expr *parser_closed(struct expr_parser *parser, struct expr *expr);

/* RAW is what stands between the quotes. */
const struct value *expr_literal_text(struct arena *arena, struct text raw);
/* The number, duration or size that TEXT is, or NULL. */
const struct value *expr_literal_number(struct arena *arena, struct text text);

/* One bracket deeper; false after a diagnostic. The caller counts `depth` down again. */
bool expr_deeper(struct expr_parser *parser);

/* Each adds one diagnostic. */
void expr_complain(struct expr_parser *parser, size_t start, size_t end, const char *remedy,
                   const char *message);
void expr_complain_limit(struct expr_parser *parser, const char *message);
/* WANTED was expected where the next word stands. */
void expr_complain_found(struct expr_parser *parser, const char *wanted);
void expr_complain_number(struct expr_parser *parser, struct text text);
void expr_complain_function(struct expr_parser *parser, const char *name, struct token word);
void expr_complain_count(struct expr_parser *parser, const struct function_entry *function,
                         size_t start, size_t count);
void expr_complain_pattern(struct expr_parser *parser, const struct expr *literal, const char *why,
                           size_t offset);
void expr_complain_reserved(struct expr_parser *parser, const char *name);
void expr_complain_member(struct expr_parser *parser);
void expr_complain_method(struct expr_parser *parser, const struct expr *path);
void expr_complain_chain(struct expr_parser *parser);
/* Is NAME what other languages call null, true or false? Then true, after a diagnostic. */
bool expr_complain_foreign(struct expr_parser *parser, const char *name, struct token word);

#endif
