/* What the parser says. Each message names what was expected and found, and what to write instead;
 * the mistakes that people bring along from other languages have words of their own. */
#include "lang/expr_parser.h"

#include "base/arena.h"
#include "base/diagnostic.h"
#include "lang/functions.h"
#include "lang/value.h"
#include "lang/yaml.h"

#include <string.h>

enum { QUOTED_LIMIT = 40 }; /* bytes of the text that a message repeats */

static void add(struct expr_parser *parser, enum diagnostic_code code, size_t start, size_t end,
                const char *remedy, const char *message)
{
    struct mark mark = expr_place(parser->node, start, end);
    diagnostic_add(parser->diagnostics, code, mark, remedy, "%s", message);
}

void expr_complain(struct expr_parser *parser, size_t start, size_t end, const char *remedy,
                   const char *message)
{
    add(parser, RB102, start, end, remedy, message);
}

void expr_complain_limit(struct expr_parser *parser, const char *message)
{
    add(parser, RB005, parser->opened, parser->token.end,
        "compute a part of it in a step of its own, with 'set'", message);
}

bool expr_deeper(struct expr_parser *parser)
{
    if (++parser->depth > EXPR_NESTING_LIMIT) {
        expr_complain_limit(parser, arena_format(parser->arena,
                                                 "this expression is nested more than %d deep",
                                                 EXPR_NESTING_LIMIT));
        return false;
    }
    return true;
}

static struct text word_of(const struct expr_parser *parser)
{
    return (struct text){parser->text.at + parser->token.start,
                         parser->token.end - parser->token.start};
}

/* `}` is missing: the text ended within the expression. */
static void complain_end(struct expr_parser *parser, const char *wanted)
{
    if (!parser->in_template) {
        add(parser, RB102, parser->token.start, parser->token.end, NULL,
            arena_format(parser->arena, "expected %s, and the text ends", wanted));
        return;
    }
    bool brackets = memchr(parser->text.at, '{', parser->opened) != NULL;
    add(parser, RB102, parser->opened, parser->opened + 2,
        brackets ? "add the '}'"
                 : "add the '}'; within {…} or […] of YAML a text that holds '${…}' needs quotes",
        "this '${' has no '}'");
}

/* `x | default('y')`, `x | length`: what a filter is here. */
static const char *filter_remedy(struct expr_parser *parser)
{
    struct token name = token_next(parser->text, parser->token.end);
    if (name.kind != TOKEN_NAME) {
        return "write 'or' between two bools";
    }
    const char *word =
        arena_copy(parser->arena, parser->text.at + name.start, name.end - name.start);
    if (strcmp(word, "default") == 0 || strcmp(word, "d") == 0) {
        return "write x ?? value for what stands in when x is unset";
    }
    const char *function = function_find(word) != NULL ? word : function_nearest(word);
    return function == NULL ? parser->token.remedy
                            : arena_format(parser->arena, "write %s(x)", function);
}

/* "text" or `text`: what was meant, in single quotes. */
static const char *quote_remedy(struct expr_parser *parser)
{
    struct text rest = {parser->text.at + parser->token.end,
                        parser->text.length - parser->token.end};
    const char *end = memchr(rest.at, parser->text.at[parser->token.start], rest.length);
    size_t length = end == NULL ? 0 : (size_t)(end - rest.at);
    bool plain = end != NULL && length <= QUOTED_LIMIT && memchr(rest.at, '\'', length) == NULL;
    return plain ? arena_format(parser->arena, "write '%.*s'", (int)length, rest.at)
                 : parser->token.remedy;
}

static void complain_wrong(struct expr_parser *parser)
{
    struct text word = word_of(parser);
    const char *remedy = parser->token.remedy;
    if (text_is(word, "|")) {
        remedy = filter_remedy(parser);
    } else if (text_is(word, "{") && parser->in_template &&
               parser->token.start == parser->opened + 2) {
        remedy = "write one brace: ${name}";
    } else if (text_is(word, "\"") || text_is(word, "`")) {
        remedy = quote_remedy(parser);
    }
    add(parser, RB102, parser->token.start, parser->token.end, remedy, parser->token.complaint);
}

struct habit {
    const char *word;
    const char *remedy;
};

/* Words that stand where an operator or the end should. */
static const struct habit HABITS[] = {
    {"not", "write not (x in list)"},
    {"if", "write if condition then a else b, in brackets where it is part of something"},
    {"is", "write '==', or exists(x)"},
    {"elif", "write else if condition then …"},
    {"like", "write 'matches' and a pattern in quotes"},
    {"contains", "write contains(text, part), or member in list"},
    {"eq", "write '=='"},
    {"ne", "write '!='"},
    {"AND", "write 'and'"},
    {"OR", "write 'or'"},
    {"of", "write 'in'"},
    {"unless", "write if not …"},
    {"for", "write [x for x in list]"},
    {"default", "write '?\?' for what stands in when a value is unset"},
    {",", "several values stand in a list: [a, b]"},
    {"...", "a list is spliced into a list: [a, list...]"},
};

/* `5 s`: a unit that stands apart from its number. */
static bool is_unit(struct text word)
{
    static const char *const units[] = {"ms", "s", "m", "h", "d", "B", "KiB", "MiB", "GiB", "TiB"};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (text_is(word, units[i])) {
            return true;
        }
    }
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* `lower x`: the word before is a function's name. */
static const char *call_remedy(const struct expr_parser *parser)
{
    size_t start = parser->behind;
    while (start > 0 &&
           (parser->text.at[start - 1] == '_' ||
            (parser->text.at[start - 1] >= 'a' && parser->text.at[start - 1] <= 'z'))) {
        start--;
    }
    const char *name = arena_copy(parser->arena, parser->text.at + start, parser->behind - start);
    return function_find(name) != NULL ? arena_format(parser->arena, "write %s(x)", name) : NULL;
}

static const char *habit_remedy(const struct expr_parser *parser, struct text word)
{
    bool digit = parser->behind > 0 && is_digit(parser->text.at[parser->behind - 1]);
    if (digit && is_unit(word)) {
        return "write the unit right behind the number: 5s";
    }
    if (parser->token.kind == TOKEN_DOT && parser->token.end < parser->text.length &&
        is_digit(parser->text.at[parser->token.end])) {
        return "write 0.5";
    }
    for (size_t i = 0; i < sizeof HABITS / sizeof *HABITS; i++) {
        if (text_is(word, HABITS[i].word)) {
            return HABITS[i].remedy;
        }
    }
    return call_remedy(parser);
}

void expr_complain_found(struct expr_parser *parser, const char *wanted)
{
    struct text word = word_of(parser);
    if (parser->token.kind == TOKEN_WRONG) {
        complain_wrong(parser);
        return;
    }
    if (parser->token.kind == TOKEN_END) {
        complain_end(parser, wanted);
        return;
    }
    const char *remedy = habit_remedy(parser, word);
    if (parser->token.kind == TOKEN_BRACE && text_is(text_of(wanted), "a value")) {
        remedy = parser->behind <= parser->opened + 2
                     ? "write a name or value between '${' and '}'; '$${' stands for a plain '${'"
                     : NULL;
    }
    if (parser->token.kind == TOKEN_NOT && strcmp(wanted, "a value") == 0) {
        remedy = "put it into brackets: (not …)";
    }
    char quote = memchr(word.at, '\'', word.length) != NULL ? '"' : '\'';
    add(parser, RB102, parser->token.start, parser->token.end, remedy,
        arena_format(parser->arena, "expected %s, found %c%.*s%c", wanted, quote,
                     (int)(word.length < QUOTED_LIMIT ? word.length : QUOTED_LIMIT), word.at,
                     quote));
}

struct unit_habit {
    const char *tail;
    const char *unit;
};
static const struct unit_habit UNIT_HABITS[] = {
    {"sec", "s"},  {"secs", "s"}, {"min", "m"},  {"mins", "m"}, {"hr", "h"},  {"hours", "h"},
    {"days", "d"}, {"KB", "KiB"}, {"kB", "KiB"}, {"K", "KiB"},  {"k", "KiB"}, {"MB", "MiB"},
    {"M", "MiB"},  {"GB", "GiB"}, {"G", "GiB"},  {"TB", "TiB"}, {"T", "TiB"},
};

/* What was meant by a number with TAIL behind its DIGITS. */
static const char *number_remedy(struct expr_parser *parser, struct text digits, struct text tail)
{
    for (size_t i = 0; i < sizeof UNIT_HABITS / sizeof *UNIT_HABITS; i++) {
        if (text_is(tail, UNIT_HABITS[i].tail)) {
            return arena_format(parser->arena, "write %.*s%s", (int)digits.length, digits.at,
                                UNIT_HABITS[i].unit);
        }
    }
    const char *point = memchr(digits.at, '.', digits.length);
    bool version = point != NULL &&
                   memchr(point + 1, '.', digits.length - (size_t)(point + 1 - digits.at)) != NULL;
    if (version) {
        return "write it in quotes, as a text";
    }
    if (tail.length == 0 && point == NULL) {
        return *digits.at == '0' ? "write it without the zeros in front, or in quotes as a text"
                                 : "an int has at most 63 bits";
    }
    if (tail.length > 0 && *tail.at == '_') {
        return "write the digits without '_'";
    }
    return tail.length > 1 && (*tail.at == 'e' || *tail.at == 'E')
               ? "a float reaches up to 1.8e308"
               : "units are ms s m h d, and B KiB MiB GiB TiB";
}

void expr_complain_number(struct expr_parser *parser, struct text text)
{
    size_t count = 0;
    while (count < text.length && (is_digit(text.at[count]) || text.at[count] == '.')) {
        count++;
    }
    struct text digits = {text.at, count};
    struct text tail = {text.at + count, text.length - count};
    add(parser, RB102, parser->token.start, parser->token.end, number_remedy(parser, digits, tail),
        arena_format(parser->arena, "'%.*s' is no number, duration or size",
                     (int)(text.length < QUOTED_LIMIT ? text.length : QUOTED_LIMIT), text.at));
}

void expr_complain_function(struct expr_parser *parser, const char *name, struct token word)
{
    const char *nearest = function_nearest(name);
    add(parser, RB101, word.start, word.end,
        nearest ? arena_format(parser->arena, "did you mean '%s'?", nearest)
                : "the functions are listed in grammar.md",
        arena_format(parser->arena, "'%s' is no function", name));
}

void expr_complain_count(struct expr_parser *parser, const struct function_entry *function,
                         size_t start, size_t count)
{
    add(parser, RB102, start, parser->behind,
        arena_format(parser->arena, "write %s", function->about.signature),
        arena_format(parser->arena, "'%s' takes %zu value%s, found %zu", function->about.name,
                     function->count, function->count == 1 ? "" : "s", count));
}

/* OFFSET counts in the pattern; in the text, a quote stands twice. */
void expr_complain_pattern(struct expr_parser *parser, const struct expr *literal, const char *why,
                           size_t offset)
{
    const struct text *pattern = &literal->literal.value->text;
    size_t place = literal->start + 1;
    for (size_t i = 0; i < offset && i < pattern->length; i++) {
        place += pattern->at[i] == '\'' ? 2 : 1;
    }
    size_t last = literal->end - 1;
    place = place < last ? place : last;
    add(parser, RB102, place, place + 1, "quote what stands for itself with a backslash: '\\.'",
        arena_format(parser->arena, "this pattern is wrong here: %s", why));
}

void expr_complain_reserved(struct expr_parser *parser, const char *name)
{
    add(parser, RB102, parser->token.start, parser->token.end,
        "give each member another name, as 'x'",
        arena_format(parser->arena, "'%s' means something already", name));
}

void expr_complain_member(struct expr_parser *parser)
{
    if (parser->token.kind == TOKEN_NUMBER) {
        add(parser, RB102, parser->token.start, parser->token.end, "write [0]",
            "a place in a list stands in square brackets");
        return;
    }
    if (parser->token.kind == TOKEN_TEXT) {
        add(parser, RB102, parser->token.start, parser->token.end, "write ['name']",
            "a name in quotes stands in square brackets");
        return;
    }
    bool number = parser->behind > 1 && is_digit(parser->text.at[parser->behind - 2]);
    if (number && parser->token.kind != TOKEN_WRONG) {
        add(parser, RB102, parser->behind - 1, parser->behind, "write 1.0",
            "a number has digits behind its point");
        return;
    }
    expr_complain_found(parser, "a name behind '.'");
}

void expr_complain_method(struct expr_parser *parser, const struct expr *path)
{
    const char *name = path->path.name;
    const char *function = function_find(name) != NULL ? name : function_nearest(name);
    const char *target = expr_print(parser->arena, path->path.target);
    add(parser, RB102, parser->behind - strlen(name), parser->token.end,
        function ? arena_format(parser->arena, "write %s(%s)", function, target)
                 : "a function is called as name(value); they are listed in grammar.md",
        arena_format(parser->arena, "a value has no methods: '%s' stands in front of its value",
                     name));
}

void expr_complain_chain(struct expr_parser *parser)
{
    add(parser, RB102, parser->token.start, parser->token.end,
        "join two comparisons: a < b and b < c", "a comparison has two sides");
}

bool expr_complain_foreign(struct expr_parser *parser, const char *name, struct token word)
{
    static const char *const nothings[] = {"null",      "None",  "none", "nil",
                                           "undefined", "unset", "NULL"};
    static const char *const truths[] = {"True", "TRUE", "yes", "on"};
    static const char *const lies[] = {"False", "FALSE", "no", "off"};
    for (size_t i = 0; i < sizeof nothings / sizeof *nothings; i++) {
        if (strcmp(name, nothings[i]) == 0) {
            add(parser, RB102, word.start, word.end,
                "ask exists(x), or give what stands in: x ?\? value",
                arena_format(parser->arena, "there is no '%s': a value is there or it is unset",
                             name));
            return true;
        }
    }
    for (size_t i = 0; i < sizeof truths / sizeof *truths; i++) {
        bool truth = strcmp(name, truths[i]) == 0;
        if (truth || strcmp(name, lies[i]) == 0) {
            add(parser, RB102, word.start, word.end, truth ? "write 'true'" : "write 'false'",
                arena_format(parser->arena, "'%s' is no value", name));
            return true;
        }
    }
    return false;
}
