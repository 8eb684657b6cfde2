#include "lang/expr_lex.h"

#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool begins_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool in_name(char c)
{
    return begins_name(c) || is_digit(c);
}

struct keyword {
    const char *word;
    enum token_kind kind;
    enum operation operation;
};

static const struct keyword KEYWORDS[] = {
    {"if", TOKEN_IF, 0},
    {"then", TOKEN_THEN, 0},
    {"else", TOKEN_ELSE, 0},
    {"for", TOKEN_FOR, 0},
    {"not", TOKEN_NOT, 0},
    {"true", TOKEN_TRUE, 0},
    {"false", TOKEN_FALSE, 0},
    {"or", TOKEN_OPERATOR, OPERATION_OR},
    {"and", TOKEN_OPERATOR, OPERATION_AND},
    {"in", TOKEN_OPERATOR, OPERATION_IN},
    {"matches", TOKEN_OPERATOR, OPERATION_MATCHES},
};

/* Names that mean something already: a comprehension may not hide them. */
static const char *const ROOTS[] = {"params", "secrets", "steps",   "result", "previous",
                                    "item",   "run",     "failure", "usual",  "now"};

bool token_reserved(const char *name)
{
    for (size_t i = 0; i < sizeof KEYWORDS / sizeof *KEYWORDS; i++) {
        if (strcmp(KEYWORDS[i].word, name) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < sizeof ROOTS / sizeof *ROOTS; i++) {
        if (strcmp(ROOTS[i], name) == 0) {
            return true;
        }
    }
    return false;
}

struct mark_word {
    const char *word;
    enum token_kind kind;
    enum operation operation;
    const char *complaint;
    const char *remedy;
};

#define PUNCTUATION(word, kind)   \
    {                             \
        word, kind, 0, NULL, NULL \
    }
#define OPERATION(word, op)                  \
    {                                        \
        word, TOKEN_OPERATOR, op, NULL, NULL \
    }
#define WRONG(word, complaint, remedy)          \
    {                                           \
        word, TOKEN_WRONG, 0, complaint, remedy \
    }
/* The longer before those that it begins with. */
static const struct mark_word MARK_WORDS[] = {
    PUNCTUATION("...", TOKEN_SPLICE),
    WRONG("..", "'..' is no operator", "a list is spliced by three points: list..."),
    PUNCTUATION(".", TOKEN_DOT),
    PUNCTUATION(",", TOKEN_COMMA),
    PUNCTUATION("(", TOKEN_OPEN_ROUND),
    PUNCTUATION(")", TOKEN_CLOSE_ROUND),
    PUNCTUATION("[", TOKEN_OPEN_SQUARE),
    PUNCTUATION("]", TOKEN_CLOSE_SQUARE),
    PUNCTUATION("}", TOKEN_BRACE),
    WRONG("===", "'===' is no operator", "write '=='"),
    WRONG("=~", "'=~' is no operator", "write 'matches'"),
    WRONG("=>", "'=>' is no operator", "write '>='"),
    WRONG("=<", "'=<' is no operator", "write '<='"),
    OPERATION("==", OPERATION_EQUAL),
    WRONG("=", "'=' is no operator: nothing is assigned here", "write '==' to compare"),
    WRONG("!==", "'!==' is no operator", "write '!='"),
    OPERATION("!=", OPERATION_UNEQUAL),
    WRONG("!~", "'!~' is no operator", "write not a matches b"),
    WRONG("!", "'!' is no operator", "write 'not'"),
    WRONG("<>", "'<>' is no operator", "write '!='"),
    OPERATION("<=", OPERATION_AT_MOST),
    OPERATION("<", OPERATION_LESS),
    OPERATION(">=", OPERATION_AT_LEAST),
    OPERATION(">", OPERATION_MORE),
    OPERATION("??", OPERATION_ELSE),
    WRONG("?.", "'?.' is no operator", "write '.': a member of an unset value is unset"),
    WRONG("?:", "'?:' is no operator", "write '?\?' for what stands in when a value is unset"),
    WRONG("?", "'?' is no operator", "write if c then a else b"),
    OPERATION("+", OPERATION_ADD),
    OPERATION("-", OPERATION_SUBTRACT),
    WRONG("**", "'**' is no operator", "multiply: x * x"),
    OPERATION("*", OPERATION_MULTIPLY),
    WRONG("//", "'//' is no operator", "'/' of two ints cuts already"),
    OPERATION("/", OPERATION_DIVIDE),
    OPERATION("%", OPERATION_REMAINDER),
    WRONG("&&", "'&&' is no operator", "write 'and'"),
    WRONG("&", "'&' is no operator", "write 'and'"),
    WRONG("||", "'||' is no operator",
          "write 'or', or '?\?' for what stands in when a value is unset"),
    WRONG("|", "'|' is no operator: there are no filters", "write a function: lower(x)"),
    WRONG("\"", "a text stands in single quotes here", "write 'text'"),
    WRONG("`", "a text stands in single quotes here", "write 'text'"),
    WRONG("“", "a text stands in straight single quotes here", "write 'text'"),
    WRONG("”", "a text stands in straight single quotes here", "write 'text'"),
    WRONG("‘", "a text stands in straight single quotes here", "write 'text'"),
    WRONG("’", "a text stands in straight single quotes here", "write 'text'"),
    WRONG("${", "'${' begins an expression, and this is inside one", "write the name alone"),
    WRONG("$", "'$' stands before no name here", "write the name alone"),
    WRONG("{", "there are no mappings in an expression",
          "write the mapping in YAML, with '${…}' inside"),
    WRONG("~", "'~' is no operator", "join texts by writing them side by side: ${a}${b}"),
    WRONG(":", "':' has no meaning here",
          "take(list, n) gives the front of a list; a text stands in quotes"),
    WRONG(";", "';' has no meaning here", "write one expression"),
    WRONG("#", "there are no comments in an expression", "write it outside of '${…}'"),
    WRONG("\\", "'\\' has no meaning here", "a text or pattern stands in quotes"),
};
#undef PUNCTUATION
#undef OPERATION
#undef WRONG

static bool stands_at(struct text text, size_t at, const char *word)
{
    size_t length = strlen(word);
    return text.length - at >= length && memcmp(text.at + at, word, length) == 0;
}

static struct token mark_at(struct text text, size_t at)
{
    for (size_t i = 0; i < sizeof MARK_WORDS / sizeof *MARK_WORDS; i++) {
        const struct mark_word *word = &MARK_WORDS[i];
        if (word->word[0] == text.at[at] && stands_at(text, at, word->word)) {
            return (struct token){word->kind,      word->operation, at, at + strlen(word->word),
                                  word->complaint, word->remedy};
        }
    }
    uint32_t code = 0;
    size_t length = text_character((struct text){text.at + at, text.length - at}, &code);
    return (struct token){.kind = TOKEN_WRONG,
                          .start = at,
                          .end = at + (length ? length : 1),
                          .complaint = "this character has no meaning in an expression",
                          .remedy = "a text stands in quotes"};
}

static struct token name_at(struct text text, size_t at)
{
    size_t end = at + 1;
    while (end < text.length && in_name(text.at[end])) {
        end++;
    }
    struct text word = {text.at + at, end - at};
    for (size_t i = 0; i < sizeof KEYWORDS / sizeof *KEYWORDS; i++) {
        if (KEYWORDS[i].word[0] == *word.at && text_is(word, KEYWORDS[i].word)) {
            return (struct token){KEYWORDS[i].kind, KEYWORDS[i].operation, at, end, NULL, NULL};
        }
    }
    return (struct token){.kind = TOKEN_NAME, .start = at, .end = end};
}

/* literal = "'" { character | "''" } "'" */
static struct token text_at(struct text text, size_t at)
{
    size_t end = at + 1;
    for (;;) {
        const char *quote =
            end < text.length ? memchr(text.at + end, '\'', text.length - end) : NULL;
        if (quote == NULL) {
            return (struct token){TOKEN_WRONG,
                                  0,
                                  at,
                                  text.length,
                                  "the text that begins here has no end",
                                  "add a ' (a quote inside a text is written twice: '')"};
        }
        end = (size_t)(quote - text.at) + 1;
        if (end >= text.length || text.at[end] != '\'') {
            return (struct token){.kind = TOKEN_TEXT, .start = at, .end = end};
        }
        end++;
    }
}

static size_t skip_digits(struct text text, size_t at)
{
    while (at < text.length && is_digit(text.at[at])) {
        at++;
    }
    return at;
}

/* Digits, a fraction, and an exponent or units; the parser says which it is. */
static struct token number_at(struct text text, size_t at)
{
    size_t end = skip_digits(text, at);
    if (end + 1 < text.length && text.at[end] == '.' && is_digit(text.at[end + 1])) {
        end = skip_digits(text, end + 1);
    }
    if (end < text.length && (text.at[end] == 'e' || text.at[end] == 'E')) {
        size_t sign = end + 1;
        sign += sign < text.length && (text.at[sign] == '+' || text.at[sign] == '-');
        if (sign < text.length && is_digit(text.at[sign])) {
            end = skip_digits(text, sign);
        }
    }
    while (end < text.length &&
           (in_name(text.at[end]) ||
            (text.at[end] == '.' && end + 1 < text.length && is_digit(text.at[end + 1])))) {
        end++;
    }
    return (struct token){.kind = TOKEN_NUMBER, .start = at, .end = end};
}

struct token token_next(struct text text, size_t from)
{
    while (from < text.length && memchr(" \t\r\n", text.at[from], 4) != NULL) {
        from++;
    }
    if (from >= text.length) {
        return (struct token){.kind = TOKEN_END, .start = text.length, .end = text.length};
    }
    char c = text.at[from];
    if (begins_name(c)) {
        return name_at(text, from);
    }
    if (is_digit(c)) {
        return number_at(text, from);
    }
    return c == '\'' ? text_at(text, from) : mark_at(text, from);
}
