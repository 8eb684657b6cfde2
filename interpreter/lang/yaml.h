/* yaml: the text of a file as a tree with marks.
 * Knows the dialect (no anchors, tags, merge keys, several documents …), not the language's keys.
 * May use base alone. The arena owns the whole tree; keys and scalars point into it. */
#ifndef LANG_YAML_H
#define LANG_YAML_H

#include "base/source.h"

struct arena;
struct diagnostics;

enum node_kind { NODE_SCALAR, NODE_LIST, NODE_MAP };

enum node_style {
    STYLE_PLAIN, /* of scalars: these five */
    STYLE_SINGLE,
    STYLE_DOUBLE,
    STYLE_LITERAL,
    STYLE_FOLDED,
    STYLE_BLOCK, /* of lists and maps: these two */
    STYLE_FLOW
};

struct node;

struct pair {
    const char *key; /* never holds a NUL; no key stands twice in its map */
    struct mark key_mark;
    struct node *value;
};

struct node {
    enum node_kind kind : 8;
    enum node_style style : 8;
    uint32_t count;   /* of a list: its items; of a map: its pairs; of a scalar: 0 */
    struct mark mark; /* the whole of it; of a block, its first line alone */
    struct text text; /* of a scalar: its value, NUL-terminated, valid UTF-8 without NUL */
    union {
        struct node **items; /* of a list */
        struct pair *pairs;  /* of a map, in the order in which they are written */
    };
};

/* Reads the file at PATH (at most 64 MiB, looked at before a byte is read) and shows it to people
 * as SHOWN_NAME (not copied). NULL after a diagnostic RB001 or RB005. */
const struct source *source_read(struct arena *arena, const char *path, const char *shown_name,
                                 struct diagnostics *diagnostics);

/* The tree of SOURCE's one document; NULL after at least one diagnostic (RB002 to RB005). A value
 * that is not written (`steps:`) is a plain scalar of length 0. */
struct node *yaml_parse(struct arena *arena, const struct source *source,
                        struct diagnostics *diagnostics);

/* The value under KEY, or NULL, also when MAP is no map. */
struct node *node_get(const struct node *map, const char *key);

/* The place in the source of LENGTH bytes from OFFSET of a scalar's value. Exact for a plain
 * one-line scalar, a quoted one without escapes before that place, and a literal block; else the
 * scalar's own mark. */
struct mark node_mark_at(const struct node *scalar, size_t offset, size_t length);

#endif
