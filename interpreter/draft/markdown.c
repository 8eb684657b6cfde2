#include "draft/markdown.h"

#include "base/arena.h"

#include <cmark.h>
#include <string.h>

/* ---- clean ---- */

/* What YAML takes as the end of a line, or not at all, is nothing that a person wrote. */
static bool is_clean(uint32_t code)
{
    if (code == '\n' || code == '\t')
        return true;
    return character_printable(code) && code != 0x85 && code != 0x2028 && code != 0x2029 &&
           code != 0xfeff && code != 0xfffe && code != 0xffff;
}

struct text markdown_clean(struct arena *arena, struct text text)
{
    struct buffer clean = {0};
    size_t kept = 0;
    size_t at = text.length >= 3 && memcmp(text.at, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    kept = at;
    while (at < text.length) {
        uint32_t code = 0;
        size_t length = text_character((struct text){text.at + at, text.length - at}, &code);
        if (length > 0 && is_clean(code)) {
            at += length;
            continue;
        }
        buffer_add(&clean, text.at + kept, at - kept);
        bool line = code == '\r' && length == 1;
        bool pair = line && at + 1 < text.length && text.at[at + 1] == '\n';
        if (!pair)
            buffer_text(&clean, line ? "\n" : "\xef\xbf\xbd");
        at += length > 0 ? length : 1;
        kept = at;
    }
    buffer_add(&clean, text.at + kept, at - kept);
    struct text all = {arena_copy(arena, clean.at ? clean.at : "", clean.length), clean.length};
    buffer_free(&clean);
    return all;
}

/* ---- the tree ---- */

enum { LEVELS = 7 }; /* of headings, and the document above them */

struct reading {
    struct arena *arena;
    struct text text;
    struct list starts; /* where each line begins */
    struct piece *open[LEVELS];
};

static struct piece *innermost(struct reading *reading)
{
    size_t level = LEVELS - 1;
    while (reading->open[level] == NULL)
        level--;
    return reading->open[level];
}

static struct piece *add_piece(struct reading *reading, enum piece_kind kind, cmark_node *node)
{
    struct piece *piece = arena_alloc(reading->arena, sizeof *piece);
    piece->kind = kind;
    piece->line = (uint32_t)cmark_node_get_start_line(node);
    piece->last = (uint32_t)cmark_node_get_end_line(node);
    piece->info = "";
    piece->text = "";
    if (kind == PIECE_SECTION) {
        piece->level = (uint32_t)cmark_node_get_heading_level(node);
        for (size_t i = piece->level; i < LEVELS; i++)
            reading->open[i] = NULL;
    }
    list_add(reading->arena, &innermost(reading)->inner, piece);
    if (kind == PIECE_SECTION)
        reading->open[piece->level] = piece;
    return piece;
}

/* One more inline node of a heading or paragraph. */
static void add_words(struct buffer *words, cmark_node *node, cmark_event_type event)
{
    const char *literal = cmark_node_get_literal(node);
    switch (cmark_node_get_type(node)) {
    case CMARK_NODE_TEXT:
        buffer_text(words, literal ? literal : "");
        break;
    case CMARK_NODE_CODE:
        buffer_format(words, "`%s`", literal ? literal : "");
        break;
    case CMARK_NODE_SOFTBREAK:
    case CMARK_NODE_LINEBREAK:
        buffer_text(words, " ");
        break;
    case CMARK_NODE_LINK:
        if (event == CMARK_EVENT_EXIT && cmark_node_get_url(node) != NULL)
            buffer_format(words, " (%s)", cmark_node_get_url(node));
        break;
    default:
        break;
    }
}

/* What cmark decodes of entities (&#13;) is cleaned like the rest; a line is a line. */
static const char *take_words(struct reading *reading, struct buffer *words)
{
    struct text clean = markdown_clean(reading->arena, buffer_slice(words));
    char *at = arena_copy(reading->arena, clean.at, clean.length);
    for (size_t i = 0; i < clean.length; i++)
        if (at[i] == '\n' || at[i] == '\t')
            at[i] = ' ';
        else if (memcmp(at + i, "\xc2\xa0", 2) == 0)
            at[i] = at[i + 1] = ' ';
    words->length = 0;
    while (*at == ' ')
        at++;
    size_t length = strlen(at);
    while (length > 0 && at[length - 1] == ' ')
        at[--length] = '\0';
    return at;
}

static bool is_fenced(const struct reading *reading, cmark_node *node)
{
    int line = cmark_node_get_start_line(node);
    if (line < 1 || (uint32_t)line > reading->starts.count)
        return false;
    const char *at = reading->text.at + (uintptr_t)reading->starts.at[line - 1];
    int column = cmark_node_get_start_column(node);
    const char *end = reading->text.at + reading->text.length;
    if (column < 1 || at + column + 2 > end)
        return false;
    return memcmp(at + column - 1, "```", 3) == 0 || memcmp(at + column - 1, "~~~", 3) == 0;
}

static void add_code(struct reading *reading, cmark_node *node)
{
    struct piece *piece = add_piece(reading, PIECE_CODE, node);
    const char *text = cmark_node_get_literal(node);
    const char *info = cmark_node_get_fence_info(node);
    piece->fenced = is_fenced(reading, node);
    piece->line += piece->fenced;
    piece->text = arena_copy(reading->arena, text ? text : "", text ? strlen(text) : 0);
    size_t length = info ? strcspn(info, " \t,{") : 0;
    char *word = arena_copy(reading->arena, info ? info : "", length);
    for (size_t i = 0; i < length; i++)
        word[i] |= word[i] >= 'A' && word[i] <= 'Z' ? 0x20 : 0;
    piece->info = word;
}

static bool at_top(cmark_node *node)
{
    cmark_node *parent = cmark_node_parent(node);
    return parent == NULL || cmark_node_get_type(parent) == CMARK_NODE_DOCUMENT;
}

/* A heading or paragraph ends: what was gathered is its text. */
static void end_words(struct reading *reading, cmark_node *node, struct buffer *words)
{
    bool section = cmark_node_get_type(node) == CMARK_NODE_HEADING && at_top(node);
    const char *text = take_words(reading, words);
    if (!section && text[0] == '\0')
        return;
    struct piece *piece = add_piece(reading, section ? PIECE_SECTION : PIECE_PROSE, node);
    cmark_node *parent = cmark_node_parent(node);
    piece->text = text;
    piece->item = parent != NULL && cmark_node_get_type(parent) == CMARK_NODE_ITEM;
}

static void find_lines(struct reading *reading)
{
    size_t at = 0;
    while (at <= reading->text.length) {
        list_add(reading->arena, &reading->starts, (void *)(uintptr_t)at);
        const char *end = memchr(reading->text.at + at, '\n', reading->text.length - at);
        if (end == NULL)
            break;
        at = (size_t)(end - reading->text.at) + 1;
    }
}

struct piece *markdown_read(struct arena *arena, struct text text)
{
    struct reading reading = {.arena = arena, .text = text};
    struct piece *document = arena_alloc(arena, sizeof *document);
    struct buffer words = {0};
    *document = (struct piece){.kind = PIECE_SECTION, .text = "", .info = ""};
    reading.open[0] = document;
    find_lines(&reading);
    cmark_node *root = cmark_parse_document(text.at, text.length, CMARK_OPT_DEFAULT);
    cmark_iter *walk = cmark_iter_new(root);
    for (cmark_event_type event = cmark_iter_next(walk); event != CMARK_EVENT_DONE;
         event = cmark_iter_next(walk)) {
        cmark_node *node = cmark_iter_get_node(walk);
        cmark_node_type type = cmark_node_get_type(node);
        if (type == CMARK_NODE_CODE_BLOCK)
            add_code(&reading, node);
        else if (type != CMARK_NODE_HEADING && type != CMARK_NODE_PARAGRAPH)
            add_words(&words, node, event);
        else if (event == CMARK_EVENT_EXIT)
            end_words(&reading, node, &words);
    }
    cmark_iter_free(walk);
    cmark_node_free(root);
    buffer_free(&words);
    return document;
}
