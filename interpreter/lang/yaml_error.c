/* What the parser complains of, in words for an operator. Its own message names what the grammar
 * lacked; what a person got wrong mostly stands before that place. So each complaint has a function
 * that looks at the text around it; those that look at lines and brackets stand in yaml_layout.c.
 * The table at the end knows all that libyaml 0.2.5 can say. */
#include "lang/yaml_internal.h"

#include "base/arena.h"

#include <ctype.h>
#include <string.h>

char char_at(struct text text, uint32_t at)
{
    return at < text.length ? text.at[at] : '\0';
}

struct diagnostic *tell(const struct complaint *complaint, uint32_t start, uint32_t end,
                        const char *remedy, const char *message)
{
    struct reader *reader = complaint->reader;
    return diagnostic_add(reader->diagnostics, RB002, reader_mark(reader, start, end), remedy, "%s",
                          message);
}

static void explain_tab(const struct complaint *complaint)
{
    uint32_t end = complaint->at;
    while (char_at(complaint->text, end) == '\t') {
        end++;
    }
    if (end >= line_end(complaint->text, complaint->at)) {
        tell(complaint, complaint->at, end, "empty the line",
             "a tab stands in a line that holds nothing else");
        return;
    }
    tell(complaint, complaint->at, end, "indent with spaces, two for each level",
         "a tab stands where the line is indented");
}

/* A text begins with a character that means something else in YAML. */
void explain_start(const struct complaint *complaint)
{
    if (complaint->c == '\t') {
        explain_tab(complaint);
        return;
    }
    if (complaint->c == '%' && complaint->at > 0 && complaint->text.at[complaint->at - 1] == '{') {
        tell(complaint, complaint->at - 1, line_end(complaint->text, complaint->at),
             "a step's `when` decides, its `foreach` repeats",
             "'{% %}' belongs to template languages, and this is none");
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

static void explain_quote(const struct complaint *complaint)
{
    uint32_t at = complaint->context;
    tell(complaint, at, line_end(complaint->text, at),
         arena_format(complaint->reader->arena, "end the text with %c",
                      char_at(complaint->text, at)),
         "the quote that opens here is never closed");
}

/* Where the escape begins: the parser may stand on the backslash or behind it. */
static uint32_t escape_start(const struct complaint *complaint)
{
    uint32_t at = complaint->at;
    while (at > complaint->context && char_at(complaint->text, at) != '\\') {
        at--;
    }
    return at;
}

static void explain_escape(const struct complaint *complaint)
{
    uint32_t at = escape_start(complaint);
    struct mark mark = reader_mark(complaint->reader, at, at + 2);
    struct arena *arena = complaint->reader->arena;
    const char *word = mark_word(complaint->reader, mark);
    tell(complaint, mark.start, mark.end,
         arena_format(arena, "use single quotes, in which '\\' is itself, or write '\\%s'", word),
         arena_format(arena, "'%s' is no escape of a text in double quotes", word));
}

static void explain_code(const struct complaint *complaint)
{
    uint32_t at = escape_start(complaint);
    size_t digits = char_at(complaint->text, at + 1) == 'x'   ? 2
                    : char_at(complaint->text, at + 1) == 'u' ? 4
                                                              : 8;
    uint32_t end = at + 2;
    while (digits-- > 0 && isxdigit((unsigned char)char_at(complaint->text, end))) {
        end++;
    }
    tell(complaint, at, end,
         "use single quotes, in which '\\' is itself; else \\xNN, \\uNNNN or \\UNNNNNNNN",
         "this escape names no character");
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

static void explain_directive(const struct complaint *complaint)
{
    uint32_t start = line_start(complaint->text, complaint->at);
    tell(complaint, start, line_end(complaint->text, start),
         "remove the line; a text that begins with '%' needs quotes",
         "a line that begins with '%' speaks to the YAML reader, and this one is not known");
}

static void explain_twice(const struct complaint *complaint)
{
    uint32_t start = line_start(complaint->text, complaint->at);
    tell(complaint, start, line_end(complaint->text, start), "remove one of them",
         "a line that begins with '%' stands twice");
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
    const char *context; /* a part of it; NULL: any */
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
    {NULL, "found duplicate %YAML directive", explain_twice},
    {NULL, "found duplicate %TAG directive", explain_twice},
    {" directive", NULL, explain_directive},
    {" a tag", NULL, explain_sign},
    {"while parsing a node", "found undefined tag handle", explain_sign},
};

static bool fits(const struct wording *wording, const yaml_parser_t *parser)
{
    const char *context = parser->context == NULL ? "" : parser->context;
    const char *problem = parser->problem == NULL ? "" : parser->problem;
    return (wording->context == NULL || strstr(context, wording->context) != NULL) &&
           (wording->problem == NULL || strcmp(wording->problem, problem) == 0);
}

/* Lines that a merge left behind explain whatever the parser says. */
static bool explain_merge(const struct complaint *complaint)
{
    static const char sign[] = "<<<<<<< ";
    struct text text = complaint->text;
    const char *at = text.at;
    while ((at = memmem(at, text.length - (size_t)(at - text.at), sign, strlen(sign))) != NULL) {
        uint32_t start = (uint32_t)(at - text.at);
        if (line_start(text, start) == start) {
            tell(complaint, start, line_end(text, start),
                 "choose between the two versions, and remove the lines with <<<<<<<, ======= and "
                 ">>>>>>>",
                 "a merge of two versions was not finished here");
            return true;
        }
        at++;
    }
    return false;
}

static void explain_scan(const struct complaint *complaint)
{
    const yaml_parser_t *parser = &complaint->reader->parser;
    if (explain_merge(complaint)) {
        return;
    }
    for (size_t i = 0; i < sizeof WORDINGS / sizeof *WORDINGS; i++) {
        if (fits(&WORDINGS[i], parser)) {
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
                   "put long texts and data into files of their own, and name them",
                   "%d MiB follow here without a key or a value", GAP_LIMIT / (1024 * 1024));
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
