/* expr_tree: what an expression looks like inside; for expr_*.c, typing_*.c and eval_*.c alone.
 * Made once by the parser, then read by many. May use what expr.h may.
 * Places are bytes of the scalar's value; they become marks when somebody asks. */
#ifndef LANG_EXPR_TREE_H
#define LANG_EXPR_TREE_H

#include "lang/expr.h"

#include <stdint.h>

struct pattern;
struct value;
struct function_entry;

enum {
    EXPR_NODES_LIMIT = 10000, /* language.md: no expression is worth more */
    EXPR_NESTING_LIMIT = 64,  /* brackets in brackets; bounds the parser's stack */
    EXPR_DEPTH_LIMIT = 1000,  /* a chain such as a + b + …; bounds the walkers' stack */
};

enum expr_kind {
    EXPR_LITERAL, /* 'text', 12, 90s, true */
    EXPR_NAME,    /* params, or a comprehension's own name */
    EXPR_MEMBER,  /* target.name */
    EXPR_INDEX,   /* target[index] */
    EXPR_CALL,    /* function(arguments) */
    EXPR_NOT,
    EXPR_NEGATE,
    EXPR_BINARY, /* left OPERATOR right */
    EXPR_IF,     /* if condition then yes else no */
    EXPR_LIST,   /* [entries] */
    EXPR_EACH,   /* [body for name in list if condition] */
};

/* In the order of OPERATIONS in expr_print.c. */
enum operation {
    OPERATION_OR,
    OPERATION_AND,
    OPERATION_EQUAL,
    OPERATION_UNEQUAL,
    OPERATION_LESS,
    OPERATION_AT_MOST,
    OPERATION_MORE,
    OPERATION_AT_LEAST,
    OPERATION_IN,
    OPERATION_MATCHES,
    OPERATION_ELSE,
    OPERATION_ADD,
    OPERATION_SUBTRACT,
    OPERATION_MULTIPLY,
    OPERATION_DIVIDE,
    OPERATION_REMAINDER,
};

/* How strongly an operator binds, weakest first. */
enum level {
    LEVEL_IF,
    LEVEL_OR,
    LEVEL_AND,
    LEVEL_NOT,
    LEVEL_COMPARE,
    LEVEL_ELSE,
    LEVEL_SUM,
    LEVEL_PRODUCT,
    LEVEL_UNARY,
    LEVEL_PATH,
};

struct operation_about {
    const char *text;
    enum level level;
};
extern const struct operation_about OPERATIONS[];

struct expr_entry {
    const struct expr *expr;
    bool splice; /* its members, not itself */
};

/* [body for name in list if condition] */
struct expr_each {
    const char *name;
    const struct expr *body, *list;
    const struct expr *condition; /* or NULL */
};

/* Small, 48 bytes: a runbook of 100,000 steps holds half a million of them. */
struct expr {
    enum expr_kind kind : 8;
    enum operation operation : 8; /* EXPR_BINARY */
    unsigned kept : 4; /* EXPR_CALL of sum: the kind of an empty list's sum, noted by typing */
    unsigned depth : 12;
    uint32_t start, end;     /* without the brackets around it */
    const struct node *node; /* the scalar in which it stands, or NULL */
    union {
        struct {
            const struct value *value;
            struct pattern *pattern; /* when it stands where a pattern is wanted, else NULL */
        } literal;
        const char *name;
        struct {
            const struct expr *target;
            const char *name;
            const struct expr *index; /* EXPR_INDEX */
        } path;
        struct {
            const struct function_entry *function;
            const struct expr *const *arguments;
            size_t count;
        } call;
        const struct expr *operand; /* EXPR_NOT, EXPR_NEGATE */
        struct {
            const struct expr *left, *right;
        } binary;
        struct {
            const struct expr *condition, *yes, *no;
        } choice;
        struct {
            const struct expr_entry *entries;
            size_t count;
        } list;
        const struct expr_each *each;
    };
};

/* The place of bytes START to END of the scalar's value. */
struct mark expr_place(const struct node *node, size_t start, size_t end);
/* The binding strength of the outermost operator. */
enum level expr_level(const struct expr *expr);
/* Are they the same tree, places aside? */
bool expr_same(const struct expr *a, const struct expr *b);
/* Prints into a buffer; SHOWN (or NULL) may give other words for a path (its value's source). */
struct expr_shower {
    /* What to write for the path EXPR, or NULL for the path itself. */
    const char *(*show)(const struct expr_shower *shower, const struct expr *expr);
    void *context;
};
const char *expr_print_shown(struct arena *arena, const struct expr *expr,
                             const struct expr_shower *shower);

/* The normal form, cut where it is long: for messages. */
const char *expr_show(struct arena *arena, const struct expr *expr);
/* A text as a literal: 'it''s'. */
struct buffer;
void expr_print_text(struct text text, struct buffer *into);

/* A name's own value or type inside a comprehension; the innermost first. */
struct expr_local {
    const struct expr_local *outer;
    const char *name;
    const void *meaning;
};
const struct expr_local *expr_local_find(const struct expr_local *locals, const char *name);

#endif
