/* branch: a piece of YAML to be written: what stands in a draft. Each text is written so that it is
 * read as what it is: quotes where they are needed, a long text as a block. A text in which
 * `${…}` is meant as an expression is made with it; all else goes through branch_literal first.
 * All memory is the arena's. May use base alone. */
#ifndef DRAFT_BRANCH_H
#define DRAFT_BRANCH_H

#include "base/list.h"
#include "base/text.h"

struct arena;

enum branch_kind { BRANCH_TEXT, BRANCH_LIST, BRANCH_MAP };

struct branch {
    enum branch_kind kind;
    const char *text;  /* of a text */
    struct list items; /* of a list or map: struct branch */
    struct list keys;  /* of a map: const char, one for each item */
    struct list notes; /* of const char: lines of comment before it */
};

/* TEXT with each `${` written as `$${`, so that it is no expression. */
const char *branch_literal(struct arena *arena, const char *text);
struct branch *branch_text(struct arena *arena, const char *text);
struct branch *branch_list(struct arena *arena);
struct branch *branch_map(struct arena *arena);
void branch_add(struct arena *arena, struct branch *list, struct branch *item);
/* Puts VALUE under KEY; returns VALUE. */
struct branch *branch_put(struct arena *arena, struct branch *map, const char *key,
                          struct branch *value);
struct branch *branch_get(const struct branch *map, const char *key);

/* Appends "# " and TEXT as lines of comment, indented, wrapped where they are prose; none of it
 * can be anything but a comment. */
void branch_comment(struct buffer *into, size_t indent, const char *text);
/* Appends "KEY: VALUE" and a newline, with the notes before it. */
void branch_write(struct buffer *into, size_t indent, const char *key, const struct branch *value);

#endif
