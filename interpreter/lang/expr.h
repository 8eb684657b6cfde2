/* expr: text to tree. Expressions, templates (texts with `${…}`) and the table of functions.
 * Trees are immutable and live in the arena; marks are exact places in the source.
 * Only expr_*, typing*, eval* and function_* look inside a tree (expr_tree.h). */
#ifndef LANG_EXPR_H
#define LANG_EXPR_H

#include "base/source.h"

#include <stdbool.h>

struct arena;
struct diagnostics;
struct expr;
struct list;
struct node;

/* Parses the expression TEXT; NODE and OFFSET tell where it stands (for marks). NULL after a
 * diagnostic. Limits (RB005): 10,000 nodes, brackets 64 deep, a chain of 1,000
 * operators. */
const struct expr *expr_parse(struct arena *arena, const struct node *node, size_t offset,
                              struct text text, struct diagnostics *diagnostics);
struct mark expr_mark(const struct expr *expr);
/* The normal form, fully told: equal trees print equal (used for RB104's branches and unknowns). */
const char *expr_print(struct arena *arena, const struct expr *expr);
/* Is A word for word `not B`, or B `not A`? */
bool expr_complement(const struct expr *a, const struct expr *b);

/* A name that an expression uses: `steps.backup.path` has root "steps", member "backup". */
struct expr_name {
    const char *root;
    const char *member; /* NULL: the root alone (`now`, `result`) */
    const char *rest;   /* the next member, or NULL */
    struct mark mark;
};
/* All names used, local ones of a comprehension left out; list of struct expr_name. */
void expr_names(struct arena *arena, const struct expr *expr, struct list *names);
/* Those whose text can be in what comes out: not what stands in a condition, nor what goes through
 * `capture`, `find_all` or `basename`, which let only a part of a text through (RB303). */
void expr_wild_names(struct arena *arena, const struct expr *expr, struct list *names);

/* A text that may hold `${…}`. */
struct template
{
    struct mark mark;
    const struct expr *whole; /* it is one `${…}` and nothing else: keeps its type */
    bool splice;   /* it is one `${…...}`: a list, spliced into the list it stands in */
    bool constant; /* no `${…}` in it: `text` is the value, `$${` undone */
    bool plain;    /* the YAML scalar was plain (matters where json is wanted) */
    struct text text;
    size_t part_count;
    const struct template_part *parts; /* when neither whole nor constant */
};
struct template_part {
    const struct expr *expr; /* or NULL: `text` */
    struct text text;
};
/* NULL after a diagnostic. */
const struct template *template_parse(struct arena *arena, const struct node *scalar,
                                      struct diagnostics *diagnostics);
void template_names(struct arena *arena, const struct template *template, struct list *names);

/* The table of functions, for `grammar.md`, completion and messages. */
struct function {
    const char *name;
    const char *signature; /* "capture(string, regex) string?" */
    const char *about;
};
const struct function *function_at(size_t index); /* NULL past the end */

#endif
