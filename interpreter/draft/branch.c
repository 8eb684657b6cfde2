#include "draft/branch.h"

#include "base/arena.h"

#include <string.h>
#include <strings.h>

#define KEY_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"

enum {
    WIDTH = 118,       /* characters of a line of the draft, as far as it can be cut */
    FLOW_WIDTH = 118,  /* a list or map that is no longer stands in one line */
    LEVELS_LIMIT = 40, /* of lists and maps; a draft has less */
    RUN_LIMIT = 1000   /* bytes of a text in one line: behind it a block is better read */
};

const char *branch_literal(struct arena *arena, const char *text)
{
    struct buffer all = {0};
    for (const char *at = text; *at != '\0'; at++) {
        if (at[0] == '$' && at[1] == '{')
            buffer_add(&all, "$", 1);
        buffer_add(&all, at, 1);
    }
    const char *literal = arena_copy(arena, all.at ? all.at : "", all.length);
    buffer_free(&all);
    return literal;
}

static struct branch *branch_new(struct arena *arena, enum branch_kind kind)
{
    struct branch *branch = arena_alloc(arena, sizeof *branch);
    branch->kind = kind;
    branch->text = "";
    return branch;
}

struct branch *branch_text(struct arena *arena, const char *text)
{
    struct branch *branch = branch_new(arena, BRANCH_TEXT);
    branch->text = text;
    return branch;
}

struct branch *branch_list(struct arena *arena)
{
    return branch_new(arena, BRANCH_LIST);
}

struct branch *branch_map(struct arena *arena)
{
    return branch_new(arena, BRANCH_MAP);
}

void branch_add(struct arena *arena, struct branch *list, struct branch *item)
{
    list_add(arena, &list->items, item);
}

struct branch *branch_put(struct arena *arena, struct branch *map, const char *key,
                          struct branch *value)
{
    list_add(arena, &map->keys, (void *)(uintptr_t)key);
    list_add(arena, &map->items, value);
    return value;
}

struct branch *branch_get(const struct branch *map, const char *key)
{
    for (size_t i = 0; i < map->keys.count; i++)
        if (strcmp(map->keys.at[i], key) == 0)
            return map->items.at[i];
    return NULL;
}

static void add_indent(struct buffer *into, size_t indent)
{
    buffer_format(into, "%*s", (int)indent, "");
}

/* ---- comments ---- */

/* Columns of the character CODE, near enough to cut lines by. */
static size_t columns(uint32_t code)
{
    bool wide = (code >= 0x1100 && code <= 0x115f) || (code >= 0x2e80 && code <= 0xa4cf) ||
                (code >= 0xac00 && code <= 0xd7a3) || (code >= 0xf900 && code <= 0xfaff) ||
                (code >= 0xfe30 && code <= 0xfe6f) || (code >= 0xff00 && code <= 0xff60) ||
                (code >= 0x1f300 && code <= 0x1faff) || (code >= 0x20000 && code <= 0x3fffd);
    return wide ? 2 : 1;
}

/* How many bytes of TEXT fit into ROOM columns; cut behind a blank or between wide characters. */
static size_t fitting(struct text text, size_t room)
{
    size_t at = 0, used = 0, cut = 0;
    while (at < text.length) {
        uint32_t code = 0;
        size_t length = text_character((struct text){text.at + at, text.length - at}, &code);
        length = length > 0 ? length : 1;
        used += columns(code);
        if (used > room && cut > 0)
            return cut;
        at += length;
        if (code == ' ' || columns(code) == 2)
            cut = at;
    }
    return text.length;
}

static void comment_line(struct buffer *into, size_t indent, struct text line)
{
    while (line.length > 0 && (line.at[line.length - 1] == ' ' || line.at[line.length - 1] == '\t'))
        line.length--;
    add_indent(into, indent);
    buffer_text(into, line.length > 0 ? "# " : "#");
    buffer_add(into, line.at, line.length);
    buffer_text(into, "\n");
}

static bool is_quoted_line(struct text line)
{
    /* What is quoted of the document is not cut: it is there to be compared. */
    return (line.length > 5 && memcmp(line.at, "line ", 5) == 0) ||
           (line.length > 2 && memcmp(line.at, "| ", 2) == 0);
}

void branch_comment(struct buffer *into, size_t indent, const char *text)
{
    struct text rest = text_of(text);
    size_t room = indent + 2 < WIDTH - 40 ? WIDTH - indent - 2 : 40;
    do {
        const char *newline = memchr(rest.at, '\n', rest.length);
        struct text line = {rest.at, newline ? (size_t)(newline - rest.at) : rest.length};
        bool quoted = is_quoted_line(line);
        rest.at += line.length + (newline != NULL);
        rest.length -= line.length + (newline != NULL);
        size_t lead = strspn(line.length > 0 ? line.at : "", " ");
        bool more = false;
        do {
            size_t length = quoted ? line.length : fitting(line, more ? room - lead - 2 : room);
            struct buffer cut = {0};
            if (more)
                add_indent(&cut, lead + 2);
            buffer_add(&cut, line.at, length);
            comment_line(into, indent, buffer_slice(&cut));
            buffer_free(&cut);
            line.at += length;
            line.length -= length;
            while (line.length > 0 && line.at[0] == ' ') {
                line.at++;
                line.length--;
            }
            more = true;
        } while (line.length > 0);
    } while (rest.length > 0);
}

/* ---- texts ---- */

static bool is_plain_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           strchr("_./@+=:-$%^~()*!?;<>|&' \\\"#`", c) != NULL || (unsigned char)c >= 0x80;
}

/* May it stand without quotes, inside a flow list too? */
static bool is_plain(const char *text, bool flow)
{
    size_t length = strlen(text);
    if (length == 0 || text[0] == ' ' || text[length - 1] == ' ' || text[length - 1] == ':' ||
        strcmp(text, "-") == 0 || strcmp(text, "=") == 0 || strcmp(text, "~") == 0 || length > 900)
        return false;
    static const char begins[] = "?:@%&*!|>'\"#`<=^$(\\;[]{},";
    if (strchr(begins, text[0]) != NULL && !(text[0] == '$' && !flow))
        return false;
    if (text[0] == '-' && (text[1] == ' ' || (text[1] == '-' && text[2] == '-')))
        return false;
    if (strncmp(text, "...", 3) == 0)
        return false;
    for (const char *at = text; *at != '\0'; at++) {
        bool braces = !flow && strchr("{},[]", *at) != NULL;
        if (!is_plain_byte(*at) && !braces)
            return false;
        bool odd = strchr("/.-_$", at[1]) == NULL && !(at[1] >= '0' && at[1] <= '9') &&
                   !(at[1] >= 'a' && at[1] <= 'z') && !(at[1] >= 'A' && at[1] <= 'Z');
        if ((*at == ':' && (at[1] == '\0' || odd)) || (*at == '#' && at > text && at[-1] == ' '))
            return false;
    }
    return true;
}

static void add_double(struct buffer *into, const char *text)
{
    buffer_text(into, "\"");
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '\n')
            buffer_text(into, "\\n");
        else if (*at == '\t')
            buffer_text(into, "\\t");
        else if (*at == '"' || *at == '\\')
            buffer_format(into, "\\%c", *at);
        else
            buffer_add(into, at, 1);
    }
    buffer_text(into, "\"");
}

static void add_single(struct buffer *into, const char *text)
{
    buffer_text(into, "'");
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '\'')
            buffer_text(into, "'");
        buffer_add(into, at, 1);
    }
    buffer_text(into, "'");
}

static void add_scalar(struct buffer *into, const char *text, bool flow)
{
    if (strpbrk(text, "\n\t") != NULL)
        add_double(into, text);
    else if (is_plain(text, flow))
        buffer_text(into, text);
    else if (strpbrk(text, "\"\\") == NULL)
        add_double(into, text);
    else
        add_single(into, text);
}

/* Does a line begin with a no-break space? Nobody would see where a block of it begins. */
static bool looks_indented(const char *text)
{
    for (const char *at = strstr(text, "\xc2\xa0"); at != NULL; at = strstr(at + 2, "\xc2\xa0")) {
        const char *before = at;
        while (before > text && (before[-1] == ' ' || before[-1] == '\t'))
            before--;
        if (before == text || before[-1] == '\n')
            return true;
    }
    return false;
}

/* A text of several lines, as it is, in a block. */
static void add_block(struct buffer *into, size_t indent, const char *text)
{
    size_t length = strlen(text);
    bool ends = length > 0 && text[length - 1] == '\n';
    bool more = ends && (length == 1 || text[length - 2] == '\n');
    /* Where the first line begins with a blank, the indentation can't be guessed. */
    bool says = text[0] == ' ' || text[0] == '\n' || text[0] == '\t';
    buffer_format(into, "|%s%s\n", says ? "2" : "", more ? "+" : ends ? "" : "-");
    while (*text != '\0') {
        size_t line = strcspn(text, "\n");
        if (line > 0) {
            add_indent(into, indent);
            buffer_add(into, text, line);
        }
        buffer_text(into, "\n");
        text += line + (text[line] == '\n');
    }
}

/* ---- lists and maps ---- */

/* What other tools read as true or nothing is quoted. */
static void add_key(struct buffer *into, const char *key)
{
    static const char *const words[] = {"on", "off",  "yes",   "no",  "y",
                                        "n",  "true", "false", "null"};
    bool plain = key[0] != '\0' && key[0] != '-' && strspn(key, KEY_LETTERS) == strlen(key);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        plain = plain && strcasecmp(key, words[i]) != 0;
    if (plain)
        buffer_text(into, key);
    else
        add_double(into, key);
    buffer_text(into, ":");
}

static bool has_notes(const struct branch *branch, size_t depth)
{
    if (branch->notes.count > 0 || depth > LEVELS_LIMIT)
        return true;
    for (size_t i = 0; i < branch->items.count; i++)
        if (has_notes(branch->items.at[i], depth + 1))
            return true;
    return branch->kind == BRANCH_TEXT && strchr(branch->text, '\n') != NULL;
}

static void add_flow(struct buffer *into, const struct branch *branch)
{
    if (branch->kind == BRANCH_TEXT) {
        add_scalar(into, branch->text, true);
        return;
    }
    bool map = branch->kind == BRANCH_MAP;
    buffer_text(into, map ? "{" : "[");
    for (size_t i = 0; i < branch->items.count; i++) {
        buffer_text(into, i > 0 ? ", " : "");
        if (map) {
            add_key(into, branch->keys.at[i]);
            buffer_text(into, " ");
        }
        add_flow(into, branch->items.at[i]);
    }
    buffer_text(into, map ? "}" : "]");
}

/* In one line, where it fits into ROOM columns. */
static bool try_flow(struct buffer *into, const struct branch *branch, size_t room)
{
    struct buffer line = {0};
    bool fits = false;
    if (!has_notes(branch, 0)) {
        add_flow(&line, branch);
        fits = line.length <= room || branch->items.count == 0;
    }
    if (fits)
        buffer_add(into, line.at, line.length);
    buffer_free(&line);
    return fits;
}

static void add_notes(struct buffer *into, size_t indent, const struct branch *branch)
{
    for (size_t i = 0; i < branch->notes.count; i++)
        branch_comment(into, indent, branch->notes.at[i]);
}

static void add_value(struct buffer *into, size_t indent, size_t used, const struct branch *value);

static void add_pairs(struct buffer *into, size_t indent, const struct branch *map, bool first)
{
    for (size_t i = 0; i < map->items.count; i++) {
        const struct branch *value = map->items.at[i];
        const char *key = map->keys.at[i];
        /* The first pair of a list's item stands behind its `- `. */
        if (i > 0 || !first) {
            add_notes(into, indent, value);
            add_indent(into, indent);
        }
        add_key(into, key);
        add_value(into, indent, indent + strlen(key) + 2, value);
    }
}

static void add_items(struct buffer *into, size_t indent, const struct branch *list)
{
    for (size_t i = 0; i < list->items.count; i++) {
        const struct branch *item = list->items.at[i];
        add_notes(into, indent, item);
        add_indent(into, indent);
        buffer_text(into, "-");
        bool plain_map = item->kind == BRANCH_MAP && item->items.count > 0 &&
                         ((const struct branch *)item->items.at[0])->notes.count == 0;
        bool one = item->items.count == 1;
        if (plain_map && (one || item->kind == BRANCH_MAP)) {
            buffer_text(into, " ");
            add_pairs(into, indent + 2, item, true);
        } else {
            add_value(into, indent, indent + 2, item);
        }
    }
}

/* What follows a `:` or `-`, with its newline; USED columns of the line are gone. */
static void add_value(struct buffer *into, size_t indent, size_t used, const struct branch *value)
{
    if (value->kind == BRANCH_TEXT) {
        buffer_text(into, " ");
        bool block = (strchr(value->text, '\n') != NULL || strlen(value->text) > RUN_LIMIT) &&
                     !looks_indented(value->text);
        if (block)
            add_block(into, indent + 2, value->text);
        else
            add_scalar(into, value->text, false);
        buffer_text(into, block ? "" : "\n");
        return;
    }
    size_t mark = into->length;
    buffer_text(into, " ");
    if (try_flow(into, value, used < FLOW_WIDTH - 20 ? FLOW_WIDTH - used : 20)) {
        buffer_text(into, "\n");
        return;
    }
    into->length = mark;
    buffer_text(into, "\n");
    if (value->kind == BRANCH_LIST)
        add_items(into, indent + 2, value);
    else
        add_pairs(into, indent + 2, value, false);
}

void branch_write(struct buffer *into, size_t indent, const char *key, const struct branch *value)
{
    add_notes(into, indent, value);
    add_indent(into, indent);
    buffer_format(into, "%s:", key);
    add_value(into, indent, indent + strlen(key) + 2, value);
}
