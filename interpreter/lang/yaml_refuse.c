/* What YAML allows and this language leaves out. Each finding names the thing and what to write
 * instead; the reading goes on, so that a person sees all of them at once. */
#include "lang/yaml_internal.h"

#include "base/arena.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

uint32_t line_start(struct text text, uint32_t at)
{
    const char *newline = at == 0 ? NULL : memrchr(text.at, '\n', at);
    return newline == NULL ? 0 : (uint32_t)(newline + 1 - text.at);
}

uint32_t line_end(struct text text, uint32_t at)
{
    const char *newline = at < text.length ? memchr(text.at + at, '\n', text.length - at) : NULL;
    uint32_t end = newline == NULL ? (uint32_t)text.length : (uint32_t)(newline - text.at);
    while (end > at &&
           (text.at[end - 1] == ' ' || text.at[end - 1] == '\t' || text.at[end - 1] == '\r')) {
        end--;
    }
    return end;
}

uint32_t first_in_line(struct text text, uint32_t at)
{
    uint32_t first = line_start(text, at);
    uint32_t end = line_end(text, first);
    while (first < end && (text.at[first] == ' ' || text.at[first] == '\t')) {
        first++;
    }
    return first;
}

struct mark reader_text_at(const struct reader *reader, uint32_t at)
{
    struct text text = reader->text;
    uint32_t end = line_end(text, at);
    bool flow = reader_in_flow(reader);
    for (uint32_t i = at; i < end; i++) {
        bool comment = text.at[i] == '#' && i > at && text.at[i - 1] == ' ';
        if (comment || (flow && i > at && strchr(",]}", text.at[i]) != NULL)) {
            end = i;
            break;
        }
    }
    while (end > at && text.at[end - 1] == ' ') {
        end--;
    }
    return reader_mark(reader, at, end);
}

enum { SHOWN = 60 }; /* bytes of a person's text in a message; the excerpt has all of it */

const char *mark_word(const struct reader *reader, struct mark mark)
{
    size_t length = mark.end - mark.start;
    const char *at = reader->text.at + mark.start;
    if (length <= SHOWN) {
        return arena_copy(reader->arena, at, length);
    }
    length = SHOWN;
    while (length > 0 && ((unsigned char)at[length] & 0xc0) == 0x80) {
        length--;
    }
    return arena_format(reader->arena, "%.*s…", (int)length, at);
}

const char *remedy_quote(const struct reader *reader, struct mark mark)
{
    size_t length = mark.end - mark.start;
    const char *at = reader->text.at + mark.start;
    if (length == 0 || length > SHOWN) {
        return "put the whole text in quotes";
    }
    bool plain = memchr(at, '"', length) == NULL && memchr(at, '\\', length) == NULL;
    if (!plain && memchr(at, '\'', length) != NULL) {
        return "put the whole text in single quotes, and write each ' in it as ''";
    }
    return arena_format(reader->arena, "put the text in quotes: %c%.*s%c", plain ? '"' : '\'',
                        (int)length, at, plain ? '"' : '\'');
}

static void properties_of(const yaml_event_t *event, const char **anchor, const char **tag)
{
    if (event->type == YAML_SCALAR_EVENT) {
        *anchor = (const char *)event->data.scalar.anchor;
        *tag = (const char *)event->data.scalar.tag;
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        *anchor = (const char *)event->data.sequence_start.anchor;
        *tag = (const char *)event->data.sequence_start.tag;
    } else {
        *anchor = (const char *)event->data.mapping_start.anchor;
        *tag = (const char *)event->data.mapping_start.tag;
    }
}

/* The word with the SIGN at or behind AT. */
static struct mark sign_mark(const struct reader *reader, uint32_t at, char sign)
{
    struct text text = reader->text;
    uint32_t end = line_end(text, at);
    while (at < end && text.at[at] != sign) {
        at++;
    }
    uint32_t stop = at;
    while (stop < end && text.at[stop] != ' ' &&
           (stop == at || strchr(",[]{}", text.at[stop]) == NULL)) {
        stop++;
    }
    return reader_mark(reader, at, stop);
}

void refuse_properties(struct reader *reader, const yaml_event_t *event)
{
    const char *anchor = NULL;
    const char *tag = NULL;
    properties_of(event, &anchor, &tag);
    if (anchor == NULL && tag == NULL) {
        return;
    }
    uint32_t at = reader_byte(reader, event->start_mark.index);
    if (anchor != NULL) {
        struct mark mark = sign_mark(reader, at, '&');
        diagnostic_add(reader->diagnostics, RB003, mark,
                       "write what is used twice as a param or an action; a text that begins with "
                       "'&' needs quotes",
                       "'%s' is an anchor, and this language has none", mark_word(reader, mark));
    }
    if (tag != NULL) {
        struct mark mark = sign_mark(reader, at, '!');
        diagnostic_add(reader->diagnostics, RB003, mark,
                       "leave it away: the place says which type is meant; a text that begins with "
                       "'!' needs quotes",
                       "'%s' is a tag, and this language has none", mark_word(reader, mark));
    }
}

void refuse_alias(struct reader *reader, const yaml_event_t *event)
{
    uint32_t at = reader_byte(reader, event->start_mark.index);
    uint32_t end = reader_byte(reader, event->end_mark.index);
    struct mark mark = reader_mark(reader, at, end);
    reader->last = (struct last){LAST_SCALAR, STYLE_PLAIN, false, at, end};
    diagnostic_add(reader->diagnostics, RB003, mark,
                   "write what is used twice as a param or an action; a text that begins with '*' "
                   "needs quotes",
                   "an unquoted '%s' is an alias, and this language has none",
                   mark_word(reader, mark));
}

/* Words that other YAML tools read as a truth value or nothing when they stand as a key. */
static bool is_trap(struct text key)
{
    static const char *const traps[] = {"on", "off",  "yes",   "no",   "y",
                                        "n",  "true", "false", "null", "~"};
    if (key.length == 0 || key.length > 5 || strchr("oynftOYNFT~", key.at[0]) == NULL) {
        return false;
    }
    for (size_t i = 0; i < sizeof traps / sizeof *traps; i++) {
        if (strlen(traps[i]) == key.length && strncasecmp(key.at, traps[i], key.length) == 0) {
            return true;
        }
    }
    return false;
}

static bool holds_control(struct text text)
{
    for (size_t i = 0; i < text.length; i++) {
        if ((unsigned char)text.at[i] < 0x20 || text.at[i] == 0x7f) {
            return true;
        }
    }
    return false;
}

void refuse_key(struct reader *reader, const yaml_event_t *event, struct mark mark)
{
    struct text key = {(const char *)event->data.scalar.value, event->data.scalar.length};
    bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    struct diagnostics *diagnostics = reader->diagnostics;
    if (plain && text_is(key, "<<")) {
        diagnostic_add(diagnostics, RB003, mark,
                       "write the keys out; what is used twice can be an action",
                       "'<<' merges maps, and this language has no merging");
    } else if (plain && key.length == 0) {
        diagnostic_add(diagnostics, RB002, reader_mark(reader, mark.start, mark.start + 1),
                       "write KEY: VALUE; a text that begins with ':' needs quotes",
                       "a key is missing before the ':'");
    } else if (plain && is_trap(key)) {
        diagnostic_add(diagnostics, RB003, mark,
                       arena_format(reader->arena,
                                    "take another word; as a name in data write it in quotes: "
                                    "\"%s\"",
                                    mark_word(reader, mark)),
                       "no key is called '%s': other YAML tools read it as %s", key.at,
                       key.at[0] == '~' || strcasecmp(key.at, "null") == 0 ? "nothing"
                                                                           : "true or false");
    } else if (holds_control(key)) {
        diagnostic_add(diagnostics, RB003, mark, "write it without the escape",
                       "a key holds a control character");
    }
}

void refuse_compound_key(struct reader *reader, struct mark mark)
{
    uint32_t at = mark.start;
    bool braces = at > 0 && reader->text.at[at] == '{' && reader->text.at[at - 1] == '{';
    if (braces) {
        uint32_t end = mark.start;
        uint32_t stop = line_end(reader->text, at);
        while (end < stop && reader->text.at[end] != '}') {
            end++;
        }
        diagnostic_add(reader->diagnostics, RB003, reader_mark(reader, at - 1, end + 2),
                       "write \"${params.NAME}\", in quotes",
                       "'{{ }}' is no way to put a value in");
        return;
    }
    diagnostic_add(reader->diagnostics, RB003, mark,
                   "a key is one word or text before the ':'; a text that begins with '[' or '{' "
                   "needs quotes",
                   "a list or a map stands where a key is expected");
}

/* `{msg: hello, world}`: `world` became a key without a value. */
static void refuse_lone_key(struct reader *reader, const struct pair *pair)
{
    struct text text = reader->text;
    uint32_t at = pair->key_mark.end;
    while (at < text.length && memchr(" \t\r\n", text.at[at], 4) != NULL) {
        at++;
    }
    if (at >= text.length || text.at[at] == ':') {
        return;
    }
    const char *remedy = "a text with a comma in it needs quotes inside {…}; else give it a value: "
                         "KEY: VALUE";
    const char *colon = strchr(pair->key, ':');
    if (colon != NULL && colon > pair->key && colon[1] != '\0') {
        remedy = arena_format(reader->arena, "write a space after the ':', as in '%.*s: %s'",
                              (int)(colon - pair->key), pair->key, colon + 1);
    }
    diagnostic_add(reader->diagnostics, RB002, pair->key_mark, remedy, "'%s' has no value",
                   mark_word(reader, pair->key_mark));
}

/* `channel: #ops`: what was meant as a text is a comment. */
static void refuse_comment_value(struct reader *reader, const struct node *value)
{
    struct text text = reader->text;
    uint32_t at = value->mark.start;
    uint32_t end = line_end(text, at);
    while (at < end && text.at[at] == ' ') {
        at++;
    }
    if (at + 1 >= end || text.at[at] != '#' || strchr(" #-=*!", text.at[at + 1]) != NULL) {
        return;
    }
    struct mark mark = reader_mark(reader, at, end);
    diagnostic_add(reader->diagnostics, RB002, mark, remedy_quote(reader, mark),
                   "there is no value here: '%s' is a comment", mark_word(reader, mark));
}

/* `-b` and `-c` below each other: they would be one text, "-b -c". */
static void refuse_tight_item(struct reader *reader, const struct node *value)
{
    uint32_t start = value->mark.start;
    diagnostic_add(reader->diagnostics, RB002,
                   reader_mark(reader, start, line_end(reader->text, start)),
                   "write '- VALUE'; a text over several lines needs quotes or a block '|'",
                   "there is no space behind the '-' of this list");
}

/* A plain text over several lines whose later line begins like a list item: it swallowed the list
 * that was meant to stand below the key. */
static void refuse_swallowed(struct reader *reader, const struct node *value, bool in_list)
{
    struct text text = reader->text;
    uint32_t end = value->mark.end;
    const char *at = text.at + value->mark.start;
    while ((at = memchr(at, '\n', (size_t)(text.at + end - at))) != NULL) {
        at++;
        uint32_t first = first_in_line(text, (uint32_t)(at - text.at));
        if (text.at[first] == '-' && text.at[value->mark.start] == '-') {
            refuse_tight_item(reader, value);
            return;
        }
        if (first + 1 < end && text.at[first] == '-' && text.at[first + 1] == ' ') {
            struct diagnostic *finding = diagnostic_add(
                reader->diagnostics, RB002, reader_mark(reader, first, line_end(text, first)),
                in_list ? "indent it as the item above, or put the text in quotes"
                        : "leave the place behind the ':' empty, or put the text in quotes",
                "a list item stands below a text, and would be a part of it");
            diagnostic_note(
                reader->diagnostics, finding,
                reader_mark(reader, value->mark.start, line_end(text, value->mark.start)),
                "the text begins here");
            return;
        }
    }
}

void refuse_value(struct reader *reader, const struct node *value, const struct pair *pair)
{
    if (value->style == STYLE_DOUBLE && memchr(value->text.at, '\0', value->text.length) != NULL) {
        diagnostic_add(reader->diagnostics, RB003, value->mark,
                       "no program can be given one in an argument; make such data with a command",
                       "a text holds a NUL character");
    }
    if (value->style != STYLE_PLAIN) {
        return;
    }
    if (value->text.length == 0) {
        if (pair != NULL && reader_in_flow(reader)) {
            refuse_lone_key(reader, pair);
        } else {
            refuse_comment_value(reader, value);
        }
        return;
    }
    refuse_swallowed(reader, value, pair == NULL);
}

static void refuse_twin(struct reader *reader, const struct pair *first, const struct pair *second)
{
    struct diagnostic *finding = diagnostic_add(
        reader->diagnostics, RB004, second->key_mark, "remove one of them, or give it another name",
        "the key '%s' stands twice", mark_word(reader, second->key_mark));
    diagnostic_note(reader->diagnostics, finding, first->key_mark, "it was first given here");
}

/* A place in a table of keys; index 0 is an empty one. */
struct slot {
    uint32_t hash;
    uint32_t index; /* of the pair, from 1 */
};

static uint32_t hash_of(const char *key)
{
    uint32_t hash = 2166136261U;
    for (const unsigned char *at = (const unsigned char *)key; *at != '\0'; at++) {
        hash = (hash ^ *at) * 16777619U;
    }
    return hash ^ hash >> 15;
}

/* The table of base/list would copy what the map has already; this one holds numbers alone. */
static void refuse_twins_of_many(struct reader *reader, const struct node *map)
{
    size_t room = 64;
    while (room < 2 * (size_t)map->count) {
        room *= 2;
    }
    struct arena *scratch = arena_new();
    struct slot *slots = arena_alloc(scratch, room * sizeof *slots);
    for (uint32_t i = 0; i < map->count && !reader_full(reader); i++) {
        uint32_t hash = hash_of(map->pairs[i].key);
        size_t at = hash & (room - 1);
        while (slots[at].index != 0 &&
               (slots[at].hash != hash ||
                strcmp(map->pairs[slots[at].index - 1].key, map->pairs[i].key) != 0)) {
            at = (at + 1) & (room - 1);
        }
        if (slots[at].index != 0) {
            refuse_twin(reader, &map->pairs[slots[at].index - 1], &map->pairs[i]);
        } else {
            slots[at] = (struct slot){hash, i + 1};
        }
    }
    arena_free(scratch);
}

enum { COMPARED = 16 }; /* so many keys are compared pair by pair: nearly every map */

void refuse_twins(struct reader *reader, const struct node *map)
{
    if (map->count > COMPARED) {
        refuse_twins_of_many(reader, map);
        return;
    }
    for (size_t i = 1; i < map->count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (strcmp(map->pairs[i].key, map->pairs[j].key) == 0) {
                refuse_twin(reader, &map->pairs[j], &map->pairs[i]);
                break;
            }
        }
    }
}

void refuse_document(struct reader *reader, const yaml_event_t *event)
{
    uint32_t at = reader_byte(reader, event->start_mark.index);
    struct mark mark = reader_mark(reader, at, line_end(reader->text, at));
    if (reader->root != NULL) {
        diagnostic_add(reader->diagnostics, RB003, mark,
                       "put it into a file of its own; a '---' inside a text needs quotes or a "
                       "block '|'",
                       "a second document begins here");
    } else if (event->data.document_start.tag_directives.start !=
               event->data.document_start.tag_directives.end) {
        diagnostic_add(reader->diagnostics, RB003, mark, "remove the line",
                       "a %%TAG line declares tags, and this language has none");
    }
}
