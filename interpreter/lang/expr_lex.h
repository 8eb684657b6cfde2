/* expr_lex: text to the words of an expression, one at a time.
 * What other languages write and this one does not (`&&`, `"…"`, `|`) is a word too: TOKEN_WRONG,
 * with what to write instead. May use base alone; keeps nothing. */
#ifndef LANG_EXPR_LEX_H
#define LANG_EXPR_LEX_H

#include "lang/expr_tree.h"

enum token_kind {
    TOKEN_END,   /* of the text */
    TOKEN_BRACE, /* `}` */
    TOKEN_NAME,
    TOKEN_TEXT,   /* 'text', quotes included */
    TOKEN_NUMBER, /* also durations and sizes */
    TOKEN_TRUE,
    TOKEN_FALSE,
    TOKEN_IF,
    TOKEN_THEN,
    TOKEN_ELSE,
    TOKEN_FOR,
    TOKEN_NOT,
    TOKEN_OPERATOR, /* with `operation` */
    TOKEN_OPEN_ROUND,
    TOKEN_CLOSE_ROUND,
    TOKEN_OPEN_SQUARE,
    TOKEN_CLOSE_SQUARE,
    TOKEN_COMMA,
    TOKEN_DOT,
    TOKEN_SPLICE, /* `...` */
    TOKEN_WRONG,  /* with `complaint` and perhaps `remedy` */
};

struct token {
    enum token_kind kind;
    enum operation operation;
    size_t start, end;     /* bytes of the text */
    const char *complaint; /* constant; without what stands there */
    const char *remedy;    /* constant, or NULL */
};

/* The word at or after FROM. */
struct token token_next(struct text text, size_t from);
/* Is it a word of the language that no name may be? */
bool token_reserved(const char *name);

#endif
