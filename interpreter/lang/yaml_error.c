/* What the parser complains of, in words for an operator. Its own message names what the grammar
 * lacked; what a person got wrong mostly stands before that place. So each complaint has a function
 * that looks at the text around it. The table at the end knows all that libyaml 0.2.5 can say. */
#include "lang/yaml_internal.h"

#include "base/arena.h"

#include <string.h>

/* A complaint, its places in bytes. */
struct complaint {
    struct reader *reader;
    struct text text;
    uint32_t at;      /* where the parser stood */
    uint32_t context; /* where what it read began */
    char c;           /* the character at `at`; 0 at the end */
};

static char char_at(struct text text, uint32_t at)
{
    return at < text.length ? text.at[at] : '\0';
}

static struct diagnostic *tell(const struct complaint *complaint, uint32_t start, uint32_t end,
                               const char *remedy, const char *message)
{
    struct reader *reader = complaint->reader;
    return diagnostic_add(reader->diagnostics, RB002, reader_mark(reader, start, end), remedy, "%s",
                          message);
}

static void note(const struct complaint *complaint, struct diagnostic *finding, uint32_t start,
                 uint32_t end, const char *text)
{
    struct reader *reader = complaint->reader;
    diagnostic_note(reader->diagnostics, finding, reader_mark(reader, start, end), "%s", text);
}

static bool is_quoted(enum node_style style)
{
    return style == STYLE_SINGLE || style == STYLE_DOUBLE;
}

static bool one_line(struct text text, uint32_t start, uint32_t end)
{
    return memchr(text.at + start, '\n', end - start) == NULL;
}

/* The first ':' of a line that no blank follows, where a key may end; 0 when there is none. */
static uint32_t tight_colon(struct text text, uint32_t at)
{
    uint32_t end = line_end(text, at);
    for (uint32_t i = at; i + 1 < end; i++) {
        char c = text.at[i];
        if (c == ':' && i > at) {
            return text.at[i + 1] == ' ' || text.at[i + 1] == '/' ? 0 : i;
        }
        if (c == ' ' || c == '"' || c == '\'') {
            return 0;
        }
    }
    return 0;
}

/* The line at AT should be KEY: VALUE and has no ':' with a blank behind it. */
static void tell_no_colon(const struct complaint *complaint, uint32_t at)
{
    struct text text = complaint->text;
    uint32_t end = line_end(text, at);
    uint32_t colon = tight_colon(text, at);
    if (colon != 0) {
        const char *remedy =
            arena_format(complaint->reader->arena, "write '%.*s: %.*s'", (int)(colon - at),
                         text.at + at, (int)(end - colon - 1), text.at + colon + 1);
        tell(complaint, colon, colon + 1, end - at < 120 ? remedy : "write ': '",
             "there is no space behind this ':'");
        return;
    }
    tell(complaint, at, end,
         "a line is KEY: VALUE, or '- VALUE' in a list; a text over several lines needs quotes or "
         "a block '|'",
         "this line has no ':'");
}

/* A ':' stands in a text: `msg: error: foo`, or a line is deeper than the text above it. */
static void explain_colon(const struct complaint *complaint)
{
    struct text text = complaint->text;
    const struct last *last = &complaint->reader->last;
    bool plain = last->kind == LAST_SCALAR && last->style == STYLE_PLAIN;
    if (plain && !one_line(text, last->start, last->end)) {
        uint32_t first = first_in_line(text, last->start);
        while (first < last->start && (text.at[first] == '-' || text.at[first] == ' ')) {
            first++;
        }
        if (first == last->start) {
            tell_no_colon(complaint, last->start);
            return;
        }
        struct diagnostic *finding =
            tell(complaint, first_in_line(text, complaint->at), line_end(text, complaint->at),
                 "indent it as the key above, or leave the place behind that key's ':' empty",
                 "this line is indented below a text, and a text can't hold keys");
        note(complaint, finding, last->start, line_end(text, last->start), "the text begins here");
        return;
    }
    uint32_t start = last->kind == LAST_SCALAR && one_line(text, last->start, complaint->at)
                         ? last->start
                         : first_in_line(text, complaint->at);
    struct mark value = reader_text_at(complaint->reader, start);
    tell(complaint, value.start, value.end, remedy_quote(complaint->reader, value),
         "a ':' with a space behind it stands inside an unquoted text");
}

static void explain_tab(const struct complaint *complaint)
{
    uint32_t end = complaint->at;
    while (char_at(complaint->text, end) == '\t') {
        end++;
    }
    tell(complaint, complaint->at, end, "indent with spaces, two for each level",
         "a tab stands where the line is indented");
}

/* A text begins with a character that means something else in YAML. */
static void explain_start(const struct complaint *complaint)
{
    if (complaint->c == '\t') {
        explain_tab(complaint);
        return;
    }
    struct mark value = reader_text_at(complaint->reader, complaint->at);
    tell(complaint, value.start, value.end, remedy_quote(complaint->reader, value),
         arena_format(complaint->reader->arena, "an unquoted text can't begin with '%c'",
                      complaint->c));
}

/* `*.log`, `&& x`, `!x`: the sign stands at the context. */
static void explain_sign(const struct complaint *complaint)
{
    struct complaint at_sign = *complaint;
    at_sign.at = complaint->context;
    at_sign.c = char_at(complaint->text, complaint->context);
    explain_start(&at_sign);
}

static void tell_unclosed_quote(const struct complaint *complaint, uint32_t at)
{
    char quote = char_at(complaint->text, at);
    struct reader *reader = complaint->reader;
    tell(complaint, at, line_end(complaint->text, at),
         arena_format(reader->arena, "end the text with %c", quote),
         "the quote that opens here is never closed");
}

static void explain_quote(const struct complaint *complaint)
{
    tell_unclosed_quote(complaint, complaint->context);
}

static void explain_escape(const struct complaint *complaint)
{
    /* The parser may stand on the backslash or behind it. */
    uint32_t at = complaint->at;
    while (at > complaint->context && complaint->text.at[at] != '\\') {
        at--;
    }
    struct mark mark = reader_mark(complaint->reader, at, at + 2);
    struct arena *arena = complaint->reader->arena;
    const char *word = mark_word(complaint->reader, mark);
    tell(complaint, mark.start, mark.end,
         arena_format(arena, "use single quotes, in which '\\' is itself, or write '\\%s'", word),
         arena_format(arena, "'%s' is no escape of a text in double quotes", word));
}

static void explain_code(const struct complaint *complaint)
{
    uint32_t at = complaint->at;
    while (at > complaint->context && complaint->text.at[at] != '\\') {
        at--;
    }
    tell(complaint, at, at + 2,
         "write the character itself, or \\xNN, \\uNNNN, \\UNNNNNNNN with hexadecimal digits",
         "this escape names no character");
}

/* Did a quoted text or a bracket end right before the complaint, on its line? */
static bool ended_before(const struct complaint *complaint)
{
    const struct last *last = &complaint->reader->last;
    bool closed = last->kind == LAST_CLOSED ||
                  (last->kind == LAST_SCALAR && !last->key && is_quoted(last->style));
    return closed && last->end <= complaint->at &&
           one_line(complaint->text, last->end, complaint->at);
}

/* Something follows a value that has ended: `"foo" bar`, `[INFO] started`, `'it's'`. */
static void tell_goes_on(const struct complaint *complaint)
{
    struct text text = complaint->text;
    const struct last *last = &complaint->reader->last;
    uint32_t end = reader_text_at(complaint->reader, complaint->at).end;
    if (last->kind == LAST_CLOSED) {
        struct mark value = reader_mark(complaint->reader, last->start, end);
        bool whole = one_line(text, last->start, end);
        tell(complaint, complaint->at, end,
             whole ? remedy_quote(complaint->reader, value) : "remove it, or begin a new line",
             arena_format(complaint->reader->arena, "something follows the closing '%c'",
                          text.at[last->end - 1]));
        return;
    }
    if (!one_line(text, last->start, last->end)) {
        char quote = text.at[last->start];
        struct diagnostic *finding =
            tell(complaint, last->start, line_end(text, last->start),
                 arena_format(complaint->reader->arena,
                              "end the text with %c where it was meant to end", quote),
                 "the quote that opens here seems to be closed too late");
        note(complaint, finding, last->end - 1, last->end, "it is closed by this quote");
        return;
    }
    const char *message = "the text goes on behind its closing quote";
    const char *remedy = "put the whole text in quotes; inside single quotes a ' is written ''";
    if (last->style == STYLE_DOUBLE) {
        remedy = "put the whole text in quotes; inside double quotes a \" is written \\\"";
    }
    tell(complaint, complaint->at, end, remedy, message);
}

static uint32_t column(struct text text, uint32_t at)
{
    return at - line_start(text, at);
}

/* A line that belongs to no map or list which is open: the block at the context ended. */
static void tell_indent(const struct complaint *complaint, const char *block)
{
    struct text text = complaint->text;
    struct arena *arena = complaint->reader->arena;
    uint32_t here = column(text, complaint->at);
    uint32_t there = column(text, complaint->context);
    struct diagnostic *finding =
        tell(complaint, complaint->at, line_end(text, complaint->at),
             "give all lines of a map or list the same indentation",
             arena_format(arena, "the line is indented by %u, which fits nothing above it", here));
    note(complaint, finding, complaint->context, line_end(text, complaint->context),
         arena_format(arena, "the %s that is open here is indented by %u", block, there));
}

static void explain_map(const struct complaint *complaint)
{
    struct text text = complaint->text;
    if (ended_before(complaint)) {
        tell_goes_on(complaint);
        return;
    }
    const struct last *last = &complaint->reader->last;
    uint32_t here = column(text, complaint->at);
    uint32_t there = column(text, complaint->context);
    if (complaint->c == '-' && here == there) {
        tell(complaint, complaint->at, line_end(text, complaint->at),
             "a list stands below the key that it belongs to, with nothing behind that key's ':'",
             "a list item stands among the keys of a map");
        return;
    }
    if (here > there && last->kind != LAST_NOTHING) {
        struct diagnostic *finding =
            tell(complaint, complaint->at, line_end(text, complaint->at),
                 "indent it as the key above, or leave the place behind that key's ':' empty",
                 "this line is indented below a value that is complete");
        note(complaint, finding, last->start, line_end(text, last->start), "the value stands here");
        return;
    }
    tell_indent(complaint, "map");
}

static void explain_list(const struct complaint *complaint)
{
    struct text text = complaint->text;
    if (ended_before(complaint)) {
        tell_goes_on(complaint);
        return;
    }
    if (column(text, complaint->at) == column(text, complaint->context)) {
        tell(complaint, complaint->at, line_end(text, complaint->at),
             "begin it with '- ', or indent it less if it does not belong to the list",
             "a line among the items of a list does not begin with '- '");
        return;
    }
    tell_indent(complaint, "list");
}

/* The mark of the `${…}` whose '{' stands at AT. */
static struct mark hole_mark(const struct complaint *complaint, uint32_t at)
{
    uint32_t stop = line_end(complaint->text, at);
    uint32_t end = at;
    while (end < stop && complaint->text.at[end] != '}') {
        end++;
    }
    return reader_mark(complaint->reader, at - 1, end < stop ? end + 1 : end);
}

static void tell_unclosed_bracket(const struct complaint *complaint, uint32_t opening)
{
    char bracket = char_at(complaint->text, opening);
    struct diagnostic *finding = tell(
        complaint, opening, opening + 1,
        arena_format(complaint->reader->arena,
                     "close it with '%c'; a text that begins with '%c' needs quotes",
                     bracket == '[' ? ']' : '}', bracket),
        arena_format(complaint->reader->arena, "the '%c' that opens here is not closed", bracket));
    if (complaint->at < complaint->text.length) {
        note(complaint, finding, complaint->at, complaint->at + 1,
             "this can no longer be inside it");
    }
}

/* Inside […] or {…} neither a comma nor the end comes. */
static void explain_flow(const struct complaint *complaint)
{
    struct text text = complaint->text;
    struct arena *arena = complaint->reader->arena;
    uint32_t at = complaint->at;
    if (complaint->c == '{' && at > 0 && text.at[at - 1] == '$') {
        struct mark hole = hole_mark(complaint, at);
        tell(complaint, hole.start, hole.end,
             arena_format(arena, "put the whole text in quotes: \"%s\"",
                          mark_word(complaint->reader, hole)),
             "a ${…} inside […] or {…} needs quotes, since its braces would end them");
        return;
    }
    if (!one_line(text, complaint->context, at) || complaint->c == '\0') {
        tell_unclosed_bracket(complaint, complaint->context);
        return;
    }
    char opening = char_at(text, complaint->context);
    char closing = opening == '[' ? ']' : '}';
    if (complaint->c == ']' || complaint->c == '}') {
        struct diagnostic *finding =
            tell(complaint, at, at + 1, "close first what was opened last",
                 arena_format(arena, "a '%c' closes what a '%c' opened", complaint->c, opening));
        note(complaint, finding, complaint->context, complaint->context + 1, "it was opened here");
        return;
    }
    if (ended_before(complaint)) {
        tell(complaint, at, reader_text_at(complaint->reader, at).end,
             "put a ',' between two values, or one text in one pair of quotes",
             "a ',' is missing before this");
        return;
    }
    tell(complaint, at, at + 1,
         "put texts that hold one of , : [ ] { } in quotes, and a ',' between two values",
         arena_format(arena, "here a ',' or the closing '%c' should stand", closing));
}

/* A value should begin, and what stands there can't. */
static void explain_content(const struct complaint *complaint)
{
    struct text text = complaint->text;
    const struct reader *reader = complaint->reader;
    bool flow = reader_in_flow(reader);
    if (complaint->c == '\0' && flow) {
        tell_unclosed_bracket(complaint, reader->stack[reader->depth - 1].node->mark.start);
        return;
    }
    uint32_t before = complaint->at;
    while (before > 0 && strchr(" \t\r\n", text.at[before - 1]) != NULL) {
        before--;
    }
    if (flow && complaint->c == ',' && before > 0 && strchr("[{,", text.at[before - 1]) != NULL) {
        tell(complaint, complaint->at, complaint->at + 1, "remove the ','",
             "nothing stands before this ','");
        return;
    }
    if (complaint->c == '\0' || complaint->c == '\n') {
        tell(complaint, complaint->at, complaint->at, "write the value", "a value is missing here");
        return;
    }
    explain_start(complaint);
}

static void explain_block_head(const struct complaint *complaint)
{
    struct text text = complaint->text;
    char sign = char_at(text, complaint->context);
    struct mark value = reader_text_at(complaint->reader, complaint->context);
    struct arena *arena = complaint->reader->arena;
    tell(complaint, complaint->at, value.end,
         arena_format(arena, "a long text begins on the next line; else %s",
                      remedy_quote(complaint->reader, value)),
         arena_format(arena, "behind '%c' the line must end", sign));
}

static void explain_block_indent(const struct complaint *complaint)
{
    tell(complaint, complaint->context, line_end(complaint->text, complaint->context),
         "leave the number away, or give one from 1 to 9",
         "the text can't be indented by 0 below its '|' or '>'");
}

enum { KEY_LIMIT = 1024 }; /* characters, libyaml's */

/* Something that must be a key is not followed by ':'. */
static void explain_key(const struct complaint *complaint)
{
    struct text text = complaint->text;
    uint32_t end = line_end(text, complaint->context);
    char c = char_at(text, complaint->context);
    if (end - complaint->context > KEY_LIMIT && tight_colon(text, complaint->context) == 0) {
        tell(complaint, complaint->context, end,
             "a key has at most 1024 characters; put a text below a key",
             "what stands here is too long for a key, and this line must begin with one");
        return;
    }
    if (c == '"' || c == '\'') {
        tell(complaint, complaint->context, end, "write \"KEY\": VALUE, with the ':' right behind",
             "no ':' follows this key");
        return;
    }
    tell_no_colon(complaint, complaint->context);
}

/* `a: - b` */
static void explain_item(const struct complaint *complaint)
{
    struct mark value = reader_text_at(complaint->reader, complaint->at);
    tell(complaint, value.start, value.end,
         arena_format(complaint->reader->arena,
                      "begin the list on the next line, or write it as [a, b]; else %s",
                      remedy_quote(complaint->reader, value)),
         "a list can't begin on the line of its key");
}

static void explain_directive(const struct complaint *complaint)
{
    uint32_t start = line_start(complaint->text, complaint->at);
    tell(complaint, start, line_end(complaint->text, start),
         "remove the line; a text that begins with '%' needs quotes",
         "a line that begins with '%' speaks to the YAML reader, and this one is not known");
}

static void explain_version(const struct complaint *complaint)
{
    uint32_t start = complaint->context;
    const char *found = memmem(complaint->text.at, complaint->text.length, "%YAML", 5);
    if (found != NULL) {
        start = (uint32_t)(found - complaint->text.at);
    }
    tell(complaint, start, line_end(complaint->text, start), "remove the line, or write %YAML 1.2",
         "this version of YAML is not known");
}

static void explain_document(const struct complaint *complaint)
{
    tell(complaint, complaint->at, line_end(complaint->text, complaint->at),
         "remove the '...' above it; after lines that begin with '%' put one with '---'",
         "here a document should begin with '---'");
}

static void explain_bytes(const struct complaint *complaint)
{
    size_t offset = complaint->reader->parser.problem_offset;
    uint32_t at = offset < complaint->text.length ? (uint32_t)offset : complaint->at;
    tell(complaint, at, at + 1, "save the file as UTF-8 text",
         "this character can't stand in a file");
}

struct wording {
    const char *context; /* NULL: any */
    const char *problem;
    void (*explain)(const struct complaint *complaint);
};

static const struct wording WORDINGS[] = {
    {NULL, "mapping values are not allowed in this context", explain_colon},
    {NULL, "found character that cannot start any token", explain_start},
    {NULL, "did not find expected alphabetic or numeric character", explain_sign},
    {NULL, "block sequence entries are not allowed in this context", explain_item},
    {NULL, "mapping keys are not allowed in this context", explain_start},
    {NULL, "did not find expected key", explain_map},
    {NULL, "did not find expected '-' indicator", explain_list},
    {NULL, "did not find expected ',' or ']'", explain_flow},
    {NULL, "did not find expected ',' or '}'", explain_flow},
    {NULL, "did not find expected node content", explain_content},
    {NULL, "could not find expected ':'", explain_key},
    {NULL, "found unexpected ':'", explain_colon},
    {NULL, "found unexpected end of stream", explain_quote},
    {NULL, "found unexpected document indicator", explain_quote},
    {NULL, "found unknown escape character", explain_escape},
    {"while parsing a quoted scalar", "did not find expected hexdecimal number", explain_code},
    {NULL, "found invalid Unicode character escape code", explain_code},
    {NULL, "found a tab character where an indentation space is expected", explain_tab},
    {NULL, "found a tab character that violates indentation", explain_tab},
    {"while scanning a block scalar", "did not find expected comment or line break",
     explain_block_head},
    {NULL, "found an indentation indicator equal to 0", explain_block_indent},
    {NULL, "found incompatible YAML document", explain_version},
    {NULL, "did not find expected <document start>", explain_document},
    {"while scanning a tag", NULL, explain_sign},
    {"while parsing a tag", NULL, explain_sign},
    {"while parsing a node", NULL, explain_sign},
    {"while scanning a directive", NULL, explain_directive},
    {"while scanning a %YAML directive", NULL, explain_directive},
    {"while scanning a %TAG directive", NULL, explain_directive},
    {"while parsing a %TAG directive", NULL, explain_directive},
    {"while parsing a tag directive", NULL, explain_directive},
    {NULL, "found duplicate %YAML directive", explain_directive},
    {NULL, "found duplicate %TAG directive", explain_directive},
};

static bool says(const char *wanted, const char *said)
{
    return wanted == NULL || (said != NULL && strcmp(wanted, said) == 0);
}

static void explain_scan(const struct complaint *complaint)
{
    const yaml_parser_t *parser = &complaint->reader->parser;
    for (size_t i = 0; i < sizeof WORDINGS / sizeof *WORDINGS; i++) {
        if (says(WORDINGS[i].context, parser->context) &&
            says(WORDINGS[i].problem, parser->problem)) {
            WORDINGS[i].explain(complaint);
            return;
        }
    }
    tell(complaint, complaint->at, complaint->at + 1,
         "look at this line and the one above it: indentation, quotes, brackets, ':'",
         "this is no YAML");
}

static void explain_gap(const struct complaint *complaint)
{
    struct reader *reader = complaint->reader;
    uint32_t at = reader->last.kind == LAST_NOTHING ? complaint->at : reader->last.end;
    diagnostic_add(reader->diagnostics, RB005, reader_mark(reader, at, at),
                   "put it into a file of its own and name that file",
                   "a text is longer than %d MiB", SCALAR_LIMIT / (1024 * 1024));
}

void yaml_explain(struct reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    struct complaint complaint = {.reader = reader, .text = reader->text};
    complaint.at = reader_byte(reader, parser->problem_mark.index);
    complaint.context = reader_byte(reader, parser->context_mark.index);
    complaint.c = char_at(reader->text, complaint.at);
    switch (parser->error) {
    case YAML_MEMORY_ERROR:
        memory_exhausted(0);
    case YAML_READER_ERROR:
        if (reader->fed - reader->fed_at_event > GAP_LIMIT) {
            explain_gap(&complaint);
        } else {
            explain_bytes(&complaint);
        }
        return;
    case YAML_NO_ERROR:
    case YAML_SCANNER_ERROR:
    case YAML_PARSER_ERROR:
    case YAML_COMPOSER_ERROR:
    case YAML_WRITER_ERROR:
    case YAML_EMITTER_ERROR:
        explain_scan(&complaint);
        return;
    }
}
