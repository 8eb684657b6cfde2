/* yaml_internal: what the files of the YAML reader share.
 * yaml.c pulls events and builds the tree; yaml_refuse.c says what YAML allows and this language
 * doesn't; yaml_error.c and yaml_layout.c put the parser's complaints into words for an operator;
 * yaml_scan.c looks at the bytes; yaml_place.c finds places inside a scalar. For nobody else. */
#ifndef LANG_YAML_INTERNAL_H
#define LANG_YAML_INTERNAL_H

#include "base/diagnostic.h"
#include "lang/yaml.h"

#include <stdint.h>
#include <yaml.h>

enum {
    DEPTH_LIMIT = 64,              /* nobody reads deeper; libyaml's cost is quadratic in it */
    SCALAR_LIMIT = 1024 * 1024,    /* bytes; a longer text belongs into a file of its own */
    GAP_LIMIT = 2 * SCALAR_LIMIT,  /* bytes read without an event: the scalar is stopped half-way */
    VALUE_LIMIT = 8 * 1024 * 1024, /* 1,000,000 steps fit; 64 MiB of them would take 3 GB */
    FINDING_LIMIT = 20             /* beyond it nobody reads on: an alias bomb has hundreds */
};

struct frame {
    struct node *node;
    size_t first; /* of its items in `pending` */
};

enum last_kind { LAST_NOTHING, LAST_SCALAR, LAST_CLOSED };

/* The last event, since a complaint of the parser mostly means what stood before it. */
struct last {
    enum last_kind kind; /* LAST_CLOSED: a flow list or map ended */
    enum node_style style;
    bool key;
    uint32_t start;
    uint32_t end;
};

struct reader {
    struct arena *arena;
    const struct source *source;
    struct text text;
    struct diagnostics *diagnostics;
    yaml_parser_t parser;
    size_t fed;          /* bytes handed to the parser */
    size_t fed_at_event; /* of them, when the last event came */
    bool ascii;          /* an index in characters is one in bytes */
    size_t index;        /* else: the place where the last conversion ended, in characters */
    uint32_t byte;       /* and in bytes */
    struct frame stack[DEPTH_LIMIT];
    size_t depth;
    struct arena *scratch; /* as long as the reading */
    struct pair *pending;  /* what the open lists and maps hold so far; in scratch */
    size_t pending_count;
    size_t pending_room;
    size_t values;
    struct node *root;
    struct last last;
    size_t errors_before; /* in the diagnostics, when the reading began */
};

/* Looks at every byte before YAML does; false after a diagnostic. *ASCII: nothing else is in it. */
bool yaml_scan(const struct source *source, struct diagnostics *diagnostics, bool *ascii);

/* The byte offset of the character numbered INDEX. */
uint32_t reader_byte(struct reader *reader, size_t index);
struct mark reader_mark(const struct reader *reader, uint32_t start, uint32_t end);

/* A complaint of the parser, its places in bytes. */
struct complaint {
    struct reader *reader;
    struct text text;
    uint32_t at;      /* where the parser stood */
    uint32_t context; /* where what it read began */
    char c;           /* the character at `at`; 0 at the end */
};

/* Adds RB002 for the span. */
struct diagnostic *tell(const struct complaint *complaint, uint32_t start, uint32_t end,
                        const char *remedy, const char *message);
/* The functions of the table in yaml_error.c that look at lines and brackets; each tells. */
void explain_start(const struct complaint *complaint); /* a sign that can't begin a text */
void explain_colon(const struct complaint *complaint);
void explain_map(const struct complaint *complaint);
void explain_list(const struct complaint *complaint);
void explain_flow(const struct complaint *complaint);
void explain_content(const struct complaint *complaint);
void explain_key(const struct complaint *complaint);
void explain_item(const struct complaint *complaint);

/* Turns the parser's complaint into a diagnostic. */
void yaml_explain(struct reader *reader);

/* What YAML allows and this language doesn't: each adds a diagnostic when it finds such. */
void refuse_properties(struct reader *reader, const yaml_event_t *event);
void refuse_alias(struct reader *reader, const yaml_event_t *event);
void refuse_key(struct reader *reader, const yaml_event_t *event, struct mark mark);
void refuse_compound_key(struct reader *reader, struct mark mark);
/* VALUE is a scalar whose mark is complete; KEY is its key, or NULL in a list. */
void refuse_value(struct reader *reader, const struct node *value, const struct pair *pair);
void refuse_twins(struct reader *reader, const struct node *map);
void refuse_document(struct reader *reader, const yaml_event_t *event);

/* Pieces of the text around a place. */
char char_at(struct text text, uint32_t at); /* 0 behind the end */
uint32_t line_start(struct text text, uint32_t at);
uint32_t line_end(struct text text, uint32_t at);      /* without '\r' and blanks before it */
uint32_t first_in_line(struct text text, uint32_t at); /* its first character that is no blank */
/* Were so many findings told that the reading ends? */
bool reader_full(const struct reader *reader);
/* Is the innermost open list or map written in brackets? */
bool reader_in_flow(const struct reader *reader);
/* The unquoted text that begins at AT: up to the line's end or a comment, in brackets to the next
 * comma or bracket. */
struct mark reader_text_at(const struct reader *reader, uint32_t at);
/* "put the text in quotes: …", with the text where it is short enough. */
const char *remedy_quote(const struct reader *reader, struct mark mark);
/* The mark's text for a message, cut when long; the arena's. */
const char *mark_word(const struct reader *reader, struct mark mark);

#endif
