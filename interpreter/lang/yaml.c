/* Events of libyaml into a tree. The event interface is used since it hands out what was read so
 * far: a file nested a hundred thousand deep is stopped at level 65, and an alias is an event, not
 * a tree that expands. Every complaint about the language's dialect is collected and the reading
 * goes on; a complaint of the parser ends it. */
#include "lang/yaml_internal.h"

#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

/* Hands the parser its bytes, and fails when it swallows too many without an event. */
static int feed(void *data, unsigned char *into, size_t room, size_t *read)
{
    struct reader *reader = data;
    size_t left = reader->text.length - reader->fed;
    *read = left < room ? left : room;
    if (*read > 0) {
        memcpy(into, reader->text.at + reader->fed, *read);
    }
    reader->fed += *read;
    return reader->fed - reader->fed_at_event <= GAP_LIMIT;
}

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

uint32_t reader_byte(struct reader *reader, size_t index)
{
    if (reader->ascii) {
        return (uint32_t)index;
    }
    const char *at = reader->text.at;
    while (reader->index < index && reader->byte < reader->text.length) {
        do {
            reader->byte++;
        } while (reader->byte < reader->text.length && is_continuation(at[reader->byte]));
        reader->index++;
    }
    while (reader->index > index && reader->byte > 0) {
        do {
            reader->byte--;
        } while (is_continuation(at[reader->byte]));
        reader->index--;
    }
    return reader->byte;
}

struct mark reader_mark(const struct reader *reader, uint32_t start, uint32_t end)
{
    uint32_t length = (uint32_t)reader->text.length;
    return (struct mark){reader->source, start < length ? start : length,
                         end < length ? end : length};
}

static size_t errors_found(const struct reader *reader)
{
    return reader->diagnostics->errors - reader->errors_before;
}

bool reader_full(const struct reader *reader)
{
    return errors_found(reader) >= FINDING_LIMIT;
}

bool reader_in_flow(const struct reader *reader)
{
    return reader->depth > 0 && reader->stack[reader->depth - 1].node->style == STYLE_FLOW;
}

static void pending_add(struct reader *reader, struct pair pair)
{
    if (reader->pending_count == reader->pending_room) {
        /* In an arena, since a long mapping's pairs are worth huge pages. */
        size_t room = reader->pending_room == 0 ? 64 : reader->pending_room * 2;
        struct pair *pending = arena_alloc(reader->scratch, room * sizeof *pending);
        if (reader->pending_count > 0) {
            memcpy(pending, reader->pending, reader->pending_count * sizeof *pending);
        }
        reader->pending = pending;
        reader->pending_room = room;
    }
    reader->pending[reader->pending_count++] = pair;
}

/* The pair of the innermost map that has a key and no value yet, or NULL. */
static struct pair *pair_open(const struct reader *reader)
{
    if (reader->depth == 0) {
        return NULL;
    }
    const struct frame *frame = &reader->stack[reader->depth - 1];
    if (frame->node->kind != NODE_MAP || reader->pending_count == frame->first) {
        return NULL;
    }
    struct pair *pair = &reader->pending[reader->pending_count - 1];
    return pair->value == NULL ? pair : NULL;
}

static bool key_wanted(const struct reader *reader)
{
    return reader->depth > 0 && reader->stack[reader->depth - 1].node->kind == NODE_MAP &&
           pair_open(reader) == NULL;
}

/* Puts NODE where it belongs: under the open key, into the list, or at the root. */
static void node_place(struct reader *reader, struct node *node)
{
    struct pair *pair = pair_open(reader);
    if (node->kind == NODE_SCALAR) {
        refuse_value(reader, node, pair);
    }
    if (pair != NULL) {
        pair->value = node;
    } else if (reader->depth > 0) {
        pending_add(reader, (struct pair){.value = node});
    } else {
        reader->root = node;
    }
}

static struct node *node_new(struct reader *reader, enum node_kind kind, enum node_style style)
{
    struct node *node = arena_alloc(reader->arena, sizeof *node);
    node->kind = kind;
    node->style = style;
    return node;
}

static enum node_style scalar_style(yaml_scalar_style_t style)
{
    static const enum node_style styles[] = {
        [YAML_ANY_SCALAR_STYLE] = STYLE_PLAIN,
        [YAML_PLAIN_SCALAR_STYLE] = STYLE_PLAIN,
        [YAML_SINGLE_QUOTED_SCALAR_STYLE] = STYLE_SINGLE,
        [YAML_DOUBLE_QUOTED_SCALAR_STYLE] = STYLE_DOUBLE,
        [YAML_LITERAL_SCALAR_STYLE] = STYLE_LITERAL,
        [YAML_FOLDED_SCALAR_STYLE] = STYLE_FOLDED,
    };
    return styles[style];
}

static bool too_large(struct reader *reader, struct mark mark)
{
    diagnostic_add(reader->diagnostics, RB005, mark,
                   "put it into a file of its own and name that file",
                   "a text is longer than %d MiB", SCALAR_LIMIT / (1024 * 1024));
    return false;
}

static bool scalar_take(struct reader *reader, const yaml_event_t *event)
{
    uint32_t start = reader_byte(reader, event->start_mark.index);
    uint32_t end = reader_byte(reader, event->end_mark.index);
    enum node_style style = scalar_style(event->data.scalar.style);
    size_t length = event->data.scalar.length;
    const char *value = (const char *)event->data.scalar.value;
    bool key = key_wanted(reader);
    reader->last = (struct last){LAST_SCALAR, style, key, start, end};
    if (style == STYLE_LITERAL || style == STYLE_FOLDED) {
        end = line_end(reader->text, start);
    }
    struct mark mark = reader_mark(reader, start, end);
    if (length > SCALAR_LIMIT) {
        return too_large(reader, mark);
    }
    if (key) {
        refuse_key(reader, event, mark);
        char *copy = arena_copy(reader->arena, value, length);
        pending_add(reader, (struct pair){.key = copy, .key_mark = mark});
        return true;
    }
    struct node *node = node_new(reader, NODE_SCALAR, style);
    node->mark = mark;
    node->text = (struct text){arena_copy(reader->arena, value, length), length};
    node_place(reader, node);
    return true;
}

static bool container_open(struct reader *reader, const yaml_event_t *event, enum node_kind kind,
                           bool flow)
{
    uint32_t start = reader_byte(reader, event->start_mark.index);
    struct mark mark = reader_mark(reader, start, line_end(reader->text, start));
    if (key_wanted(reader)) {
        refuse_compound_key(reader, mark);
        return false;
    }
    if (reader->depth == DEPTH_LIMIT) {
        diagnostic_add(reader->diagnostics, RB005, reader_mark(reader, start, start + 1),
                       "write an action or a runbook of its own for the inner part",
                       "lists and maps are nested deeper than %d levels", DEPTH_LIMIT);
        return false;
    }
    struct node *node = node_new(reader, kind, flow ? STYLE_FLOW : STYLE_BLOCK);
    node->mark = mark;
    node_place(reader, node);
    reader->stack[reader->depth++] = (struct frame){node, reader->pending_count};
    reader->last = (struct last){.kind = LAST_NOTHING};
    return true;
}

static void list_close(struct reader *reader, struct node *node, const struct pair *pairs)
{
    node->items = arena_alloc(reader->arena, node->count * sizeof(struct node *));
    for (size_t i = 0; i < node->count; i++) {
        node->items[i] = pairs[i].value;
    }
}

static bool container_close(struct reader *reader, const yaml_event_t *event)
{
    const struct frame *frame = &reader->stack[--reader->depth];
    struct node *node = frame->node;
    struct pair *pairs = reader->pending + frame->first;
    node->count = (uint32_t)(reader->pending_count - frame->first);
    reader->pending_count = frame->first;
    if (node->style == STYLE_FLOW) {
        node->mark.end = reader_byte(reader, event->end_mark.index);
        reader->last =
            (struct last){LAST_CLOSED, STYLE_FLOW, false, node->mark.start, node->mark.end};
    }
    if (node->count == 0) {
        return true;
    }
    if (node->kind == NODE_LIST) {
        list_close(reader, node, pairs);
        return true;
    }
    node->pairs = arena_alloc(reader->arena, node->count * sizeof *pairs);
    memcpy(node->pairs, pairs, node->count * sizeof *pairs);
    refuse_twins(reader, node);
    return true;
}

/* Something stands in the alias's place, so that the reading can go on. */
static void alias_take(struct reader *reader, const yaml_event_t *event)
{
    refuse_alias(reader, event);
    struct mark mark = reader_mark(reader, reader_byte(reader, event->start_mark.index),
                                   reader_byte(reader, event->end_mark.index));
    struct text text = {reader->text.at + mark.start, mark.end - mark.start};
    if (key_wanted(reader)) {
        char *key = arena_copy(reader->arena, text.at, text.length);
        pending_add(reader, (struct pair){.key = key, .key_mark = mark});
        return;
    }
    struct node *node = node_new(reader, NODE_SCALAR, STYLE_DOUBLE);
    node->mark = mark;
    node->text = text;
    node_place(reader, node);
}

static bool value_counted(struct reader *reader, const yaml_event_t *event)
{
    if (++reader->values <= VALUE_LIMIT) {
        return true;
    }
    uint32_t at = reader_byte(reader, event->start_mark.index);
    diagnostic_add(reader->diagnostics, RB005, reader_mark(reader, at, at + 1),
                   "split the file: a runbook can call others",
                   "the file holds more than %d values", VALUE_LIMIT);
    return false;
}

/* False when the reading ends here. */
static bool event_take(struct reader *reader, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        return true;
    case YAML_STREAM_END_EVENT:
        return false;
    case YAML_DOCUMENT_START_EVENT:
        refuse_document(reader, event);
        return reader->root == NULL;
    case YAML_ALIAS_EVENT:
        alias_take(reader, event);
        return true;
    case YAML_SCALAR_EVENT:
        refuse_properties(reader, event);
        return value_counted(reader, event) && scalar_take(reader, event);
    case YAML_SEQUENCE_START_EVENT:
        refuse_properties(reader, event);
        return container_open(reader, event, NODE_LIST,
                              event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE);
    case YAML_MAPPING_START_EVENT:
        refuse_properties(reader, event);
        return container_open(reader, event, NODE_MAP,
                              event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return container_close(reader, event);
    }
    return false;
}

static void events_read(struct reader *reader)
{
    bool going = true;
    while (going && !reader_full(reader)) {
        yaml_event_t event;
        if (!yaml_parser_parse(&reader->parser, &event)) {
            yaml_explain(reader);
            return;
        }
        reader->fed_at_event = reader->fed;
        going = event_take(reader, &event);
        yaml_event_delete(&event);
    }
}

struct node *yaml_parse(struct arena *arena, const struct source *source,
                        struct diagnostics *diagnostics)
{
    struct reader reader = {.arena = arena,
                            .source = source,
                            .text = source_text(source),
                            .diagnostics = diagnostics,
                            .errors_before = diagnostics->errors};
    if (!yaml_scan(source, diagnostics, &reader.ascii)) {
        return NULL;
    }
    if (!yaml_parser_initialize(&reader.parser)) {
        memory_exhausted(sizeof reader.parser);
    }
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input(&reader.parser, feed, &reader);
    reader.scratch = arena_new();
    events_read(&reader);
    yaml_parser_delete(&reader.parser);
    arena_free(reader.scratch);
    if (errors_found(&reader) > 0) {
        return NULL;
    }
    if (reader.root == NULL ||
        (reader.root->kind == NODE_SCALAR && reader.root->text.length == 0)) {
        diagnostic_add(diagnostics, RB002, reader_mark(&reader, 0, 0),
                       "a runbook begins with `runbook: NAME`", "the file is empty%s",
                       reader.text.length == 0 ? "" : ": it holds nothing but blanks and comments");
        return NULL;
    }
    return reader.root;
}

struct node *node_get(const struct node *map, const char *key)
{
    for (size_t i = 0; map->kind == NODE_MAP && i < map->count; i++) {
        if (strcmp(map->pairs[i].key, key) == 0) {
            return map->pairs[i].value;
        }
    }
    return NULL;
}
