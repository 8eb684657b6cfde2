#include "actions/sql_script.h"

#include "base/arena.h"
#include "base/list.h"

#include <ctype.h>
#include <string.h>

/* ---- one piece after the other ---- */

struct scanner {
    const char *at, *end;
    const char *fault; /* what was begun and not ended */
};

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '$' || ((unsigned char)c & 0x80) != 0;
}

static bool begins(const struct scanner *scanner, const char *with)
{
    size_t length = strlen(with);
    return (size_t)(scanner->end - scanner->at) >= length && memcmp(scanner->at, with, length) == 0;
}

static void skip_line(struct scanner *scanner)
{
    while (scanner->at < scanner->end && *scanner->at != '\n')
        scanner->at++;
}

/* Comments of this kind stand in one another. */
static void skip_comment(struct scanner *scanner)
{
    size_t depth = 0;
    do {
        if (scanner->at >= scanner->end) {
            scanner->fault = "a comment /* is not closed";
            return;
        }
        bool open = begins(scanner, "/*"), close = begins(scanner, "*/");
        depth = depth + open - close;
        scanner->at += open || close ? 2 : 1;
    } while (depth > 0);
}

static void skip_quoted(struct scanner *scanner, char quote, bool backslash)
{
    for (scanner->at++; scanner->at < scanner->end; scanner->at++) {
        if (backslash && *scanner->at == '\\')
            scanner->at++;
        else if (*scanner->at == quote)
            break; /* two of them are two quoted texts, which ends at the same place */
    }
    if (scanner->at >= scanner->end)
        scanner->fault = quote == '"' ? "a name in \" is not closed" : "a text in ' is not closed";
    else
        scanner->at++;
}

/* At `$tag$`: its length, else 0. */
static size_t dollar_tag(const struct scanner *scanner)
{
    const char *at = scanner->at + 1;
    if (at < scanner->end && isdigit((unsigned char)*at))
        return 0; /* $1 */
    while (at < scanner->end && is_word(*at) && *at != '$')
        at++;
    return at < scanner->end && *at == '$' ? (size_t)(at + 1 - scanner->at) : 0;
}

static void skip_dollars(struct scanner *scanner, size_t tag)
{
    const char *open = scanner->at;
    const char *close = memmem(open + tag, (size_t)(scanner->end - open) - tag, open, tag);
    if (close == NULL)
        scanner->fault = "a text in $$ is not closed";
    scanner->at = close ? close + tag : scanner->end;
}

/* Past comments, quotes and single characters; at a word it stops before. True: it was a comment or
 * blank. */
static bool skip_one(struct scanner *scanner)
{
    size_t tag = *scanner->at == '$' ? dollar_tag(scanner) : 0;
    if (isspace((unsigned char)*scanner->at)) {
        scanner->at++;
        return true;
    }
    if (begins(scanner, "--")) {
        skip_line(scanner);
        return true;
    }
    if (begins(scanner, "/*")) {
        skip_comment(scanner);
        return true;
    }
    if (*scanner->at == '\'' || *scanner->at == '"')
        skip_quoted(scanner, *scanner->at, false);
    else if (tag > 0)
        skip_dollars(scanner, tag);
    else
        scanner->at++;
    return false;
}

/* At a word: past it. E'…' is one piece. */
static struct text take_word(struct scanner *scanner)
{
    const char *from = scanner->at;
    while (scanner->at < scanner->end && is_word(*scanner->at))
        scanner->at++;
    struct text word = {from, (size_t)(scanner->at - from)};
    if (word.length == 1 && (*from == 'e' || *from == 'E') && scanner->at < scanner->end &&
        *scanner->at == '\'')
        skip_quoted(scanner, '\'', true);
    return word;
}

static bool is_it(struct text word, const char *name)
{
    return word.length == strlen(name) && strncasecmp(word.at, name, word.length) == 0;
}

/* ---- statements ---- */

/* How deep inside brackets, and inside a body of BEGIN ATOMIC … END. */
struct depth {
    size_t brackets, body;
    bool begun; /* the word before was BEGIN */
};

static void go_deeper(struct depth *depth, struct text word)
{
    if (is_it(word, "atomic") && depth->begun)
        depth->body++;
    else if (depth->body > 0 && is_it(word, "case"))
        depth->body++;
    else if (depth->body > 0 && is_it(word, "end"))
        depth->body--;
    depth->begun = is_it(word, "begin");
}

static void take_character(struct scanner *scanner, struct depth *depth, bool *filled)
{
    char c = *scanner->at;
    if (c == '(' || c == '[')
        depth->brackets++;
    else if ((c == ')' || c == ']') && depth->brackets > 0)
        depth->brackets--;
    if (!skip_one(scanner)) {
        *filled = true;
        depth->begun = false;
    }
}

/* To the semicolon that ends the statement, or to the end. *FILLED: it is more than comments. */
static void skip_statement(struct scanner *scanner, bool *filled)
{
    struct depth depth = {0};
    *filled = false;
    while (scanner->at < scanner->end && scanner->fault == NULL) {
        if (*scanner->at == ';' && depth.brackets == 0 && depth.body == 0)
            return;
        if (*scanner->at == '\\' && !*filled) {
            scanner->fault = "a command of psql's (\\…) is no SQL";
            return;
        }
        if (!is_word(*scanner->at) || (*scanner->at == '$' && dollar_tag(scanner) > 0)) {
            take_character(scanner, &depth, filled);
            continue;
        }
        *filled = true;
        go_deeper(&depth, take_word(scanner));
    }
}

static size_t lines_before(const char *from, const char *to)
{
    size_t lines = 0;
    for (; from < to; from++)
        lines += *from == '\n';
    return lines;
}

static void skip_blanks(struct scanner *scanner)
{
    while (scanner->at < scanner->end && isspace((unsigned char)*scanner->at))
        scanner->at++;
}

const char *sql_split(struct arena *arena, struct text script, struct list *statements)
{
    struct scanner scanner = {.at = script.at, .end = script.at + script.length};
    const char *counted = script.at;
    size_t line = 1;
    for (skip_blanks(&scanner); scanner.at < scanner.end; skip_blanks(&scanner)) {
        const char *from = scanner.at;
        bool filled = false;
        line += lines_before(counted, from);
        counted = from;
        skip_statement(&scanner, &filled);
        if (scanner.fault != NULL)
            return arena_format(arena, "line %zu: %s", line + lines_before(from, scanner.at),
                                scanner.fault);
        if (filled) {
            struct sql_statement *statement = arena_alloc(arena, sizeof *statement);
            *statement =
                (struct sql_statement){arena_copy(arena, from, (size_t)(scanner.at - from)), line};
            list_add(arena, statements, statement);
        }
        if (scanner.at < scanner.end)
            scanner.at++; /* the semicolon */
    }
    return NULL;
}

/* ---- how it begins ---- */

static struct text next_word(struct scanner *scanner)
{
    while (scanner->at < scanner->end && scanner->fault == NULL && !is_word(*scanner->at))
        if (!skip_one(scanner))
            break;
    return scanner->at < scanner->end && is_word(*scanner->at) ? take_word(scanner)
                                                               : (struct text){"", 0};
}

const char *sql_transaction_word(const char *statement)
{
    static const char *const words[] = {"BEGIN", "COMMIT", "END", "ABORT", "ROLLBACK"};
    struct scanner scanner = {.at = statement, .end = statement + strlen(statement)};
    struct text first = next_word(&scanner), second = next_word(&scanner);
    if (is_it(second, "work") || is_it(second, "transaction")) {
        if (is_it(first, "start"))
            return "START TRANSACTION";
        if (is_it(first, "prepare"))
            return "PREPARE TRANSACTION";
        second = next_word(&scanner);
    }
    if (is_it(first, "rollback") && is_it(second, "to"))
        return NULL; /* a savepoint */
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (is_it(first, words[i]))
            return words[i];
    return NULL;
}
