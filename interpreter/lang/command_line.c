#include "lang/command_line.h"

#include "lang/yaml.h"

#include <string.h>

/* ---- a line ---- */

static void clear(struct command_line *line)
{
    line->text.length = 0;
    line->places.length = 0;
}

static void put(struct command_line *line, char byte, const struct node *node, size_t offset)
{
    struct command_place place = {node, (uint32_t)offset};
    buffer_add(&line->text, &byte, 1);
    buffer_add(&line->places, (const char *)&place, sizeof place);
}

/* A blank between two words, unless there is one. */
static void put_blank(struct command_line *line, const struct node *node, size_t offset)
{
    if (line->text.length > 0 && line->text.at[line->text.length - 1] != ' ')
        put(line, ' ', node, offset);
}

void command_line_free(struct command_line *line)
{
    buffer_free(&line->text);
    buffer_free(&line->places);
}

/* ---- scripts ---- */

enum {
    DOCUMENTS = 8
}; /* here-documents that one line begins; who has more is passed over wrongly */

struct scan {
    struct command_line *line;
    const struct node *script;
    struct text text;
    size_t at;
    char quote;                       /* the one that is open, or 0 */
    bool inner;                       /* what stands in it is itself a script: sh -c '…' */
    struct text documents[DOCUMENTS]; /* the words at which they end */
    size_t document_count;
    size_t arithmetic; /* how many `((` are open */
};

static char byte_at(const struct scan *scan, size_t at)
{
    return at < scan->text.length ? scan->text.at[at] : '\0';
}

/* Takes the next byte over as it is. */
static void take(struct scan *scan)
{
    put(scan->line, byte_at(scan, scan->at), scan->script, scan->at);
    scan->at++;
}

static bool at_word(const struct scan *scan)
{
    const struct buffer *text = &scan->line->text;
    return text->length == 0 || strchr(" ;&|(", text->at[text->length - 1]) != NULL;
}

/* `((` and `))`: between them `<<` shifts numbers, and begins no document. */
static bool take_arithmetic(struct scan *scan)
{
    char byte = byte_at(scan, scan->at);
    bool opens = byte == '(' && byte_at(scan, scan->at + 1) == '(';
    bool closes = byte == ')' && byte_at(scan, scan->at + 1) == ')' && scan->arithmetic > 0;
    if (!opens && !closes)
        return false;
    scan->arithmetic += opens;
    scan->arithmetic -= closes;
    take(scan);
    take(scan);
    return true;
}

/* `<<WORD`, `<<-'WORD'`: its text begins on the next line of the file. */
static void note_document(struct scan *scan)
{
    size_t at = scan->at + 2;
    if (byte_at(scan, at) == '-')
        at++;
    while (byte_at(scan, at) == ' ')
        at++;
    bool quoted = byte_at(scan, at) != '\0' && strchr("'\"\\", byte_at(scan, at)) != NULL;
    size_t start = at + quoted;
    size_t length = 0;
    while (start + length < scan->text.length &&
           strchr(" \t\n;&|)<>'\"", scan->text.at[start + length]) == NULL)
        length++;
    if (length > 0 && scan->document_count < DOCUMENTS)
        scan->documents[scan->document_count++] = (struct text){scan->text.at + start, length};
}

static struct text whole_line(const struct scan *scan, size_t at)
{
    const char *start = scan->text.at + at;
    const char *end = memchr(start, '\n', scan->text.length - at);
    return (struct text){start, end ? (size_t)(end - start) : scan->text.length - at};
}

/* Passes over the here-documents of the line that was ended. */
static void pass_documents(struct scan *scan)
{
    for (size_t i = 0; i < scan->document_count; i++) {
        bool ended = false;
        while (!ended && scan->at < scan->text.length) {
            struct text row = whole_line(scan, scan->at);
            scan->at += row.length + 1;
            while (row.length > 0 && row.at[0] == '\t')
                row = (struct text){row.at + 1, row.length - 1};
            ended = text_equal(row, scan->documents[i]);
        }
    }
    scan->document_count = 0;
    if (scan->at > scan->text.length)
        scan->at = scan->text.length;
}

/* Does the command go on behind a line end here? */
static bool goes_on(const struct scan *scan)
{
    struct text text = buffer_slice(&scan->line->text);
    while (text.length > 0 && text.at[text.length - 1] == ' ')
        text.length--;
    return text.length > 0 &&
           (text.at[text.length - 1] == '|' ||
            (text.length > 1 && memcmp(text.at + text.length - 2, "&&", 2) == 0));
}

/* Is the last word an option such as -c or -euc, so that a script follows? */
static bool behind_option_c(const struct command_line *line)
{
    size_t at = line->text.length;
    if (at < 4 || memcmp(line->text.at + at - 2, "c ", 2) != 0)
        return false;
    for (at -= 2; at > 0 && line->text.at[at - 1] >= 'a' && line->text.at[at - 1] <= 'z';)
        at--;
    return at > 1 && line->text.at[at - 1] == '-' && line->text.at[at - 2] == ' ';
}

/* A line end in quotes: a blank, and in a script within the script the end of a command. */
static void quoted_end(struct scan *scan)
{
    const struct buffer *text = &scan->line->text;
    size_t end = text->length;
    while (end > 0 && text->at[end - 1] == ' ')
        end--;
    if (scan->inner && end > 0 && strchr(";&|'\"{(", text->at[end - 1]) == NULL)
        put(scan->line, ';', scan->script, scan->at);
    put_blank(scan->line, scan->script, scan->at++);
}

static void quoted_byte(struct scan *scan)
{
    char byte = byte_at(scan, scan->at);
    if (byte == '\n') {
        quoted_end(scan);
        return;
    }
    if (byte == scan->quote)
        scan->quote = '\0';
    else if (byte == '\\' && scan->quote == '"' && scan->at + 1 < scan->text.length)
        take(scan);
    take(scan);
}

/* A byte outside quotes; false at the end of the logical line. */
static bool plain_byte(struct scan *scan)
{
    char byte = byte_at(scan, scan->at);
    char next = byte_at(scan, scan->at + 1);
    if (byte == '\n') {
        bool more = goes_on(scan);
        scan->at++;
        pass_documents(scan);
        put_blank(scan->line, scan->script, scan->at - 1);
        return more;
    }
    if (byte == '#' && at_word(scan)) {
        scan->at += whole_line(scan, scan->at).length;
    } else if (byte == '\\' && next == '\n') {
        put_blank(scan->line, scan->script, scan->at);
        scan->at += 2;
    } else if (byte == ' ' || byte == '\t') {
        put_blank(scan->line, scan->script, scan->at++);
    } else if (!take_arithmetic(scan)) {
        if (byte == '<' && next == '<' && byte_at(scan, scan->at + 2) != '<' &&
            (scan->at == 0 || byte_at(scan, scan->at - 1) != '<') && scan->arithmetic == 0)
            note_document(scan);
        if (byte == '\\' && next != '\0')
            take(scan);
        else if (byte == '\'' || byte == '"') {
            scan->quote = byte;
            scan->inner = behind_option_c(scan->line);
        }
        take(scan);
    }
    return true;
}

bool command_line_next(struct command_line *line, const struct node *script, size_t *at)
{
    struct scan scan = {.line = line, .script = script, .text = script->text, .at = *at};
    clear(line);
    while (line->text.length == 0 && scan.at < scan.text.length) {
        bool more = true;
        while (more && scan.at < scan.text.length)
            if (scan.quote != '\0')
                quoted_byte(&scan);
            else
                more = plain_byte(&scan);
    }
    if (line->text.length > 0 && line->text.at[line->text.length - 1] == ' ') {
        line->text.length--;
        line->places.length -= sizeof(struct command_place);
    }
    *at = scan.at;
    return line->text.length > 0;
}

/* ---- words ---- */

/* Bytes of `${…}` at AT of WORD; 0 when there is none. */
static size_t hole_at(struct text word, size_t at)
{
    if (at + 2 > word.length || memcmp(word.at + at, "${", 2) != 0)
        return 0;
    const char *end = memchr(word.at + at, '}', word.length - at);
    return end ? (size_t)(end + 1 - word.at) - at : 0;
}

static bool needs_quotes(struct text word)
{
    for (size_t i = 0; i < word.length; i++) {
        size_t hole = hole_at(word, i);
        if (hole > 0)
            i += hole - 1;
        else if (strchr(" \t\n'\"\\|&;<>()$`*?[#~!", word.at[i]) != NULL)
            return true;
    }
    return word.length == 0;
}

/* A hole stands in it as it is written. */
static void put_word(struct command_line *line, const struct node *node)
{
    bool quotes = needs_quotes(node->text);
    size_t hole_end = 0;
    if (quotes)
        put(line, '\'', node, 0);
    for (size_t i = 0; i < node->text.length; i++) {
        char byte = node->text.at[i];
        if (i >= hole_end)
            hole_end = i + hole_at(node->text, i);
        for (const char *open = "'\\'"; byte == '\'' && i >= hole_end && *open != '\0'; open++)
            put(line, *open, node, i);
        put(line, byte == '\n' || byte == '\t' ? ' ' : byte, node, i);
    }
    if (quotes)
        put(line, '\'', node, node->text.length);
}

void command_line_words(struct command_line *line, const struct node *argv)
{
    clear(line);
    for (size_t i = 0; argv->kind == NODE_LIST && i < argv->count; i++) {
        if (argv->items[i]->kind != NODE_SCALAR)
            continue;
        put_blank(line, argv->items[i], 0);
        put_word(line, argv->items[i]);
    }
}

/* ---- places ---- */

struct mark command_line_mark(const struct command_line *line, struct text part)
{
    const struct command_place *places = (const struct command_place *)line->places.at;
    size_t first = (size_t)(part.at - line->text.at);
    size_t last = first + (part.length > 0 ? part.length - 1 : 0);
    const struct node *node = places[first].node;
    if (places[last].node == node)
        return node_mark_at(node, places[first].offset,
                            places[last].offset - places[first].offset + 1);
    struct mark mark = node_mark_at(node, places[first].offset, node->text.length);
    struct mark end = mark_end(places[last].node->mark);
    if (end.end > mark.end && mark_line(end) == mark_line(mark))
        mark.end = end.end;
    return mark;
}
