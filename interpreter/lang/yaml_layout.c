/* Complaints that come from the layout: a ':' too many or too few, indentation, lists, brackets.
 * Which of them was meant can only be guessed from what stood before, so each looks at the last
 * event and at the lines around the place. */
#include "lang/yaml_internal.h"

#include "base/arena.h"

#include <string.h>

static void note(const struct complaint *complaint, struct diagnostic *finding, uint32_t start,
                 uint32_t end, const char *text)
{
    struct reader *reader = complaint->reader;
    diagnostic_note(reader->diagnostics, finding, reader_mark(reader, start, end), "%s", text);
}

static bool one_line(struct text text, uint32_t start, uint32_t end)
{
    return memchr(text.at + start, '\n', end - start) == NULL;
}

static uint32_t column(struct text text, uint32_t at)
{
    return at - line_start(text, at);
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

/* The line at AT should be KEY: VALUE and has no ':' with a blank behind it. BELOW: the next line
 * is deeper and has one. */
static void tell_no_colon(const struct complaint *complaint, uint32_t at, bool below)
{
    struct text text = complaint->text;
    struct arena *arena = complaint->reader->arena;
    uint32_t end = line_end(text, at);
    uint32_t colon = tight_colon(text, at);
    bool shown = end - at <= 100;
    if (colon != 0) {
        tell(complaint, colon, colon + 1,
             !shown ? "write ': '"
                    : arena_format(arena, "write '%.*s: %.*s'", (int)(colon - at), text.at + at,
                                   (int)(end - colon - 1), text.at + colon + 1),
             "there is no space behind this ':'");
        return;
    }
    const char *remedy = "a line is KEY: VALUE, or '- VALUE' in a list; a text over several lines "
                         "needs quotes or a block '|'";
    if (below && shown && memchr(text.at + at, ' ', end - at) == NULL) {
        remedy = arena_format(arena, "write '%.*s:' if the lines below belong to it",
                              (int)(end - at), text.at + at);
    }
    tell(complaint, at, end, remedy, "this line has no ':'");
}

/* Keys stand, deeper, below a text that is complete. */
static void tell_below(const struct complaint *complaint, const char *message, const char *about)
{
    struct text text = complaint->text;
    const struct last *last = &complaint->reader->last;
    struct diagnostic *finding =
        tell(complaint, first_in_line(text, complaint->at), line_end(text, complaint->at),
             "indent it as the key above, or leave the place behind that key's ':' empty", message);
    note(complaint, finding, last->start, line_end(text, last->start), about);
}

/* A ':' stands in a text: `msg: error: foo`, or a line is deeper than the text above it. */
void explain_colon(const struct complaint *complaint)
{
    struct text text = complaint->text;
    const struct last *last = &complaint->reader->last;
    bool scalar = last->kind == LAST_SCALAR;
    if (scalar && last->style == STYLE_PLAIN && !one_line(text, last->start, last->end)) {
        uint32_t first = first_in_line(text, last->start);
        while (first < last->start && (text.at[first] == '-' || text.at[first] == ' ')) {
            first++;
        }
        if (first == last->start) {
            bool below =
                column(text, first_in_line(text, complaint->at)) >= column(text, last->start);
            tell_no_colon(complaint, last->start, below);
        } else {
            tell_below(complaint, "this line is indented below a text, and a text can't hold keys",
                       "the text begins here");
        }
        return;
    }
    bool same_line = scalar && one_line(text, last->start, complaint->at);
    struct mark value = reader_text_at(
        complaint->reader, same_line ? last->start : first_in_line(text, complaint->at));
    tell(complaint, value.start, value.end, remedy_quote(complaint->reader, value),
         same_line && last->style != STYLE_PLAIN
             ? "behind a key and its ':' another key stands in the same line"
             : "a ':' with a space behind it stands inside an unquoted text");
}

static bool is_quoted(enum node_style style)
{
    return style == STYLE_SINGLE || style == STYLE_DOUBLE;
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

void explain_map(const struct complaint *complaint)
{
    struct text text = complaint->text;
    const struct last *last = &complaint->reader->last;
    if (ended_before(complaint)) {
        tell_goes_on(complaint);
        return;
    }
    uint32_t here = column(text, complaint->at);
    if (complaint->c == ':') {
        tell(complaint, complaint->at, complaint->at + 1,
             "write KEY: VALUE; a text that begins with ':' needs quotes",
             "a key is missing before the ':'");
    } else if (complaint->c == '-' && here == column(text, complaint->context)) {
        tell(complaint, complaint->at, line_end(text, complaint->at),
             "a list stands below the key that it belongs to, with nothing behind that key's ':'",
             "a list item stands among the keys of a map");
    } else if (last->kind != LAST_NOTHING &&
               here > column(text, first_in_line(text, last->start))) {
        tell_below(complaint, "this line is indented below a value that is complete",
                   "the value stands here");
    } else {
        tell_indent(complaint, "map");
    }
}

void explain_list(const struct complaint *complaint)
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

/* The whole text around a `${…}` whose '{' stands at AT: `pre-${a}-${b}`. */
static struct mark hole_mark(const struct complaint *complaint, uint32_t at)
{
    struct text text = complaint->text;
    const struct last *last = &complaint->reader->last;
    uint32_t start = last->kind == LAST_SCALAR && last->end == at ? last->start : at - 1;
    uint32_t stop = line_end(text, at);
    bool inside = false;
    uint32_t end = at;
    for (; end < stop && (inside || strchr(",]}", text.at[end]) == NULL); end++) {
        inside = text.at[end] == '{' || (inside && text.at[end] != '}');
    }
    return reader_mark(complaint->reader, start, end);
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

/* A bracket closes another kind than what was opened last, at OPENING. */
static void tell_crossed(const struct complaint *complaint, uint32_t opening)
{
    struct diagnostic *finding =
        tell(complaint, complaint->at, complaint->at + 1, "close first what was opened last",
             arena_format(complaint->reader->arena, "a '%c' closes what a '%c' opened",
                          complaint->c, char_at(complaint->text, opening)));
    note(complaint, finding, opening, opening + 1, "it was opened here");
}

/* Inside […] or {…} neither a comma nor the end comes. */
void explain_flow(const struct complaint *complaint)
{
    struct text text = complaint->text;
    struct arena *arena = complaint->reader->arena;
    uint32_t at = complaint->at;
    if (complaint->c == '{' && at > 0 && text.at[at - 1] == '$') {
        struct mark hole = hole_mark(complaint, at);
        tell(complaint, hole.start, hole.end, remedy_quote(complaint->reader, hole),
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
        tell_crossed(complaint, complaint->context);
        return;
    }
    if (complaint->c != ':' && ended_before(complaint)) {
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
void explain_content(const struct complaint *complaint)
{
    struct text text = complaint->text;
    const struct reader *reader = complaint->reader;
    bool flow = reader_in_flow(reader);
    if (complaint->c == '\0' && flow) {
        tell_unclosed_bracket(complaint, reader->stack[reader->depth - 1].node->mark.start);
        return;
    }
    if (flow && (complaint->c == ']' || complaint->c == '}')) {
        tell_crossed(complaint, reader->stack[reader->depth - 1].node->mark.start);
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
    if (complaint->c == ':') {
        tell(complaint, complaint->at, complaint->at + 1,
             "write KEY: VALUE; a text that begins with ':' needs quotes",
             "a key is missing before the ':'");
        return;
    }
    explain_start(complaint);
}

enum { KEY_LIMIT = 1024 }; /* characters, libyaml's */

/* Something that must be a key is not followed by ':'. */
void explain_key(const struct complaint *complaint)
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
    tell_no_colon(complaint, complaint->context, false);
}

/* `a: - b` */
void explain_item(const struct complaint *complaint)
{
    struct mark value = reader_text_at(complaint->reader, complaint->at);
    tell(complaint, value.start, value.end,
         arena_format(complaint->reader->arena,
                      "begin the list on the next line, or write it as [a, b]; else %s",
                      remedy_quote(complaint->reader, value)),
         "a list can't begin on the line of its key");
}
