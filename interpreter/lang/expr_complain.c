/* What the parser says. Each message names what was expected and found, and what to write instead;
 * the mistakes that people bring along from other languages have words of their own. */
#include "lang/expr_parser.h"

#include "base/arena.h"
#include "base/diagnostic.h"
#include "lang/functions.h"
#include "lang/value.h"
#include "lang/yaml.h"

#include <string.h>

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
        return "write 'or'; a bit-wise operator there is none";
    }
    const char *word =
        arena_copy(parser->arena, parser->text.at + name.start, name.end - name.start);
    if (strcmp(word, "default") == 0 || strcmp(word, "d") == 0) {
        return "write 'x ?? value' for what stands in when x is unset";
    }
    const char *function = function_find(word) != NULL ? word : function_nearest(word);
    return function == NULL ? parser->token.remedy
                            : arena_format(parser->arena, "write '%s(x)'", function);
}

static void complain_wrong(struct expr_parser *parser)
{
    struct text word = word_of(parser);
    const char *remedy = text_is(word, "|") ? filter_remedy(parser) : parser->token.remedy;
    add(parser, RB102, parser->token.start, parser->token.end, remedy, parser->token.complaint);
}

struct habit {
    const char *word;
    const char *wanted; /* the beginning of what was expected, or NULL: whatever */
    const char *remedy;
};

/* Words that stand where an operator or the end should. */
static const struct habit HABITS[] = {
    {"not", NULL, "write 'not (x in list)'"},
    {"if", NULL, "write 'if condition then a else b', in brackets where it is part of something"},
    {"is", NULL, "write '==', or 'exists(x)'"},
    {"elif", NULL, "write 'else if condition then …'"},
    {"like", NULL, "write 'matches' and a pattern in quotes"},
    {"contains", NULL, "write 'contains(text, part)', or 'member in list'"},
    {"eq", NULL, "write '=='"},
    {"ne", NULL, "write '!='"},
    {"AND", NULL, "write 'and'"},
    {"OR", NULL, "write 'or'"},
    {"default", NULL, "write '?\?' for what stands in when a value is unset"},
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

static const char *habit_remedy(const struct expr_parser *parser, struct text word)
{
    bool digit = parser->behind > 0 && parser->text.at[parser->behind - 1] >= '0' &&
                 parser->text.at[parser->behind - 1] <= '9';
    if (digit && is_unit(word)) {
        return "write the unit right behind the number: 5s";
    }
    for (size_t i = 0; i < sizeof HABITS / sizeof *HABITS; i++) {
        if (text_is(word, HABITS[i].word)) {
            return HABITS[i].remedy;
        }
    }
    return NULL;
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
        remedy = "put 'not …' into brackets";
    }
    char quote = memchr(word.at, '\'', word.length) != NULL ? '"' : '\'';
    add(parser, RB102, parser->token.start, parser->token.end, remedy,
        arena_format(parser->arena, "expected %s, found %c%.*s%c", wanted, quote,
                     (int)(word.length < 40 ? word.length : 40), word.at, quote));
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

void expr_complain_number(struct expr_parser *parser, struct text text)
{
    size_t digits = 0;
    while (digits < text.length &&
           ((text.at[digits] >= '0' && text.at[digits] <= '9') || text.at[digits] == '.')) {
        digits++;
    }
    struct text tail = {text.at + digits, text.length - digits};
    const char *remedy = "units are ms s m h d, and B KiB MiB GiB TiB";
    for (size_t i = 0; i < sizeof UNIT_HABITS / sizeof *UNIT_HABITS; i++) {
        if (text_is(tail, UNIT_HABITS[i].tail)) {
            remedy = arena_format(parser->arena, "write '%.*s%s'", (int)digits, text.at,
                                  UNIT_HABITS[i].unit);
        }
    }
    if (tail.length == 0) {
        remedy = *text.at == '0' ? "write it without the zeros in front, or in quotes as a text"
                                 : "an int has at most 63 bits";
    } else if (memchr(text.at, '_', text.length) != NULL) {
        remedy = "write the digits without '_'";
    }
    add(parser, RB102, parser->token.start, parser->token.end, remedy,
        arena_format(parser->arena, "'%.*s' is no number, duration or size",
                     (int)(text.length < 60 ? text.length : 60), text.at));
}

void expr_complain_function(struct expr_parser *parser, const char *name, struct token word)
{
    const char *nearest = function_nearest(name);
    add(parser, RB101, word.start, word.end,
        nearest ? arena_format(parser->arena, "did you mean '%s'?", nearest)
                : "'runbook actions' knows actions; functions stand in grammar.md",
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
        add(parser, RB102, parser->token.start, parser->token.end, "write '[0]'",
            "a place in a list stands in square brackets");
        return;
    }
    if (parser->token.kind == TOKEN_TEXT) {
        add(parser, RB102, parser->token.start, parser->token.end, "write ['name']",
            "a name in quotes stands in square brackets");
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
        function ? arena_format(parser->arena, "write '%s(%s)'", function, target) : NULL,
        arena_format(parser->arena, "a value has no methods: '%s' stands in front of its value",
                     name));
}

void expr_complain_chain(struct expr_parser *parser)
{
    add(parser, RB102, parser->token.start, parser->token.end,
        "join two comparisons: 'a < b and b < c'", "a comparison has two sides");
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
                "ask 'exists(x)', or give what stands in: 'x ?\? value'",
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
