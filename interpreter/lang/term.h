/* term: a value to be: a tree of texts that may hold `${…}`, at a place with a type.
 * Everything in a runbook that becomes a value is a term: a param, a time limit, a matcher's text.
 * What holds no `${…}` is read once, when the file is read, and is a constant. */
#ifndef LANG_TERM_H
#define LANG_TERM_H

#include "base/source.h"

#include <stdbool.h>

struct arena;
struct diagnostics;
struct list;
struct names;
struct node;
struct problem;
struct template;
struct type;
struct value;
struct values;

enum term_kind { TERM_CONSTANT, TERM_TEMPLATE, TERM_LIST, TERM_MAP };

struct term;
struct term_member {
    const char *key;
    struct mark key_mark;
    const struct term *term;
};

struct term {
    enum term_kind kind;
    struct mark mark;
    const struct type *type;          /* what the place wants; NULL: anything (`set`, outputs) */
    union {                           /* a runbook of 100,000 steps has half a million of these */
        const struct value *constant; /* TERM_CONSTANT */
        struct {                      /* TERM_TEMPLATE */
            const struct template *template;
            /* At a regex place: for each part (of a whole one: for it) whether it is a pattern
             * itself, since its type is regex, and not a text to be found as it is. Found by
             * term_type; NULL: all are texts. */
            const bool *patterns;
        };
        struct { /* TERM_LIST, TERM_MAP */
            size_t count;
            union {
                const struct term *const *items;   /* a template with `splice` gives several */
                const struct term_member *members; /* TERM_MAP */
            };
        };
    };
};

/* MAP, whose members are all there: a constant when all of them are. */
const struct term *term_fold_map(struct arena *arena, struct term *map);
/* Reads NODE as a value of TYPE (NULL: any; a plain scalar without `${…}` is then a string, and a
 * list or map is taken as it is). NULL after a diagnostic (RB102 with what the place wants). */
const struct term *term_read(struct arena *arena, const struct node *node, const struct type *type,
                             struct diagnostics *diagnostics);
/* Types its expressions, checks them against the place, and gives the term's own type (never NULL
 * when no diagnostic was added). Refuses an optional where a value is wanted (RB104). At a place
 * that wants a text any scalar will do: it becomes what it is inside a longer text. */
const struct type *term_type(struct arena *arena, const struct term *term,
                             const struct names *names, struct diagnostics *diagnostics);
/* The value, converted to the place's type; unknown parts stay unknown. NULL with *problem. At a
 * path place a text that begins with '-' is a problem: a program would take it for an option. */
const struct value *term_eval(struct arena *arena, const struct term *term,
                              const struct values *values, struct problem *problem);
/* All names that its expressions use; list of struct expr_name. */
void term_names(struct arena *arena, const struct term *term, struct list *names);
/* The type of a value that no place types: a list of maps is a list of records. Never NULL. */
const struct type *type_of_value(struct arena *arena, const struct value *value);
/* The type that values of A and of B have in common; json when there is none better. */
const struct type *type_common(struct arena *arena, const struct type *a, const struct type *b);
/* As written, `${…}` included, for plans and messages. */
const char *term_print(struct arena *arena, const struct term *term);

#endif
