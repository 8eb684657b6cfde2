/* Logical lines of shell. */
#include "draft/shell_own.h"

#include "base/arena.h"

#include <string.h>

enum {
    LINE_LIMIT =
        32 * 1024,       /* bytes of a logical line: what is longer is no command of a procedure */
    LINES_LIMIT = 20000, /* that are no comments: who reads them has given up long before */
    OPEN_LIMIT = 64      /* ifs, loops and brackets inside one another */
};

struct lining {
    struct shell_scan scan;
    struct shell_line *line;
    char open[OPEN_LIMIT]; /* what is still open: the first letter of what closes it */
    size_t depth;
    bool compound;     /* something was open, or is a keyword's */
    bool first;        /* the next word is a command's name */
    struct list heres; /* of struct shell_redirect: whose lines are still to come */
    struct shell_command *command;
    bool redirecting; /* the next word is the target of the last redirect */
    bool dangling;    /* the last token wants another command behind it */
};

/* ---- what opens and closes ---- */

static void push(struct lining *lining, char closes)
{
    lining->compound = true;
    if (lining->depth < OPEN_LIMIT)
        lining->open[lining->depth++] = closes;
    else
        lining->scan.broken = "too much inside one another";
}

static void pop(struct lining *lining, char closes)
{
    if (lining->depth > 0 && lining->open[lining->depth - 1] == closes)
        lining->depth--;
    lining->compound = true;
}

struct keyword {
    const char *word;
    char opens, closes; /* the letter of what it opens, or closes; 0: none */
    bool command;       /* a command follows */
};

static const struct keyword keywords[] = {
    {"if", 'i', 0, true},    {"then", 0, 0, true},      {"else", 0, 0, true},
    {"elif", 0, 0, true},    {"fi", 0, 'i', false},     {"for", 'd', 0, false},
    {"while", 'd', 0, true}, {"until", 'd', 0, true},   {"select", 'd', 0, false},
    {"do", 0, 0, true},      {"done", 0, 'd', false},   {"case", 'c', 0, false},
    {"esac", 0, 'c', false}, {"{", 'b', 0, true},       {"}", 0, 'b', false},
    {"!", 0, 0, true},       {"function", 0, 0, false}, {"time", 0, 0, true},
};

/* A word where a command may begin; true when it is a keyword. */
static bool take_keyword(struct lining *lining, struct text raw)
{
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++) {
        if (!text_is(raw, keywords[i].word))
            continue;
        if (keywords[i].opens != 0)
            push(lining, keywords[i].opens);
        if (keywords[i].closes != 0)
            pop(lining, keywords[i].closes);
        lining->compound = true;
        lining->first = keywords[i].command;
        if (text_is(raw, "function") || text_is(raw, "select"))
            lining->scan.bash = true;
        return true;
    }
    static const char *const bash_words[] = {"[[",    "source",  "declare", "local",
                                             "shopt", "mapfile", "pushd",   "popd"};
    for (size_t i = 0; i < sizeof bash_words / sizeof *bash_words; i++)
        if (text_is(raw, bash_words[i]))
            lining->scan.bash = true;
    if (text_is(raw, "[["))
        lining->compound = true;
    return false;
}

/* ---- words ---- */

static struct shell_command *command_of(struct lining *lining)
{
    if (lining->command == NULL) {
        lining->command = arena_alloc(lining->scan.arena, sizeof *lining->command);
        list_add(lining->scan.arena, &lining->line->commands, lining->command);
    }
    return lining->command;
}

/* The length of NAME in `NAME=value`, 0 when it is no assignment. */
static size_t assigned_name(struct text raw)
{
    size_t at = 0;
    while (at < raw.length &&
           ((raw.at[at] >= 'a' && raw.at[at] <= 'z') || (raw.at[at] >= 'A' && raw.at[at] <= 'Z') ||
            raw.at[at] == '_' || (at > 0 && raw.at[at] >= '0' && raw.at[at] <= '9')))
        at++;
    return at < raw.length && raw.at[at] == '=' ? at : 0;
}

/* The part of the word behind `NAME=`: its first part is plain text that begins so. */
static struct shell_word *value_of(struct arena *arena, const struct shell_word *word,
                                   size_t length)
{
    struct shell_word *value = arena_alloc(arena, sizeof *value);
    value->raw = (struct text){word->raw.at + length, word->raw.length - length};
    for (size_t i = 0; i < word->parts.count; i++) {
        struct shell_part *part = word->parts.at[i];
        if (i == 0) {
            struct shell_part *rest = arena_alloc(arena, sizeof *rest);
            *rest = *part;
            rest->text.at += length;
            rest->text.length -= length;
            part = rest;
            if (rest->text.length == 0)
                continue;
        }
        list_add(arena, &value->parts, part);
    }
    return value;
}

struct shell_assignment *shell_assignment_of(struct arena *arena, const struct shell_word *word)
{
    size_t length = assigned_name(word->raw);
    const struct shell_part *part = word->parts.count > 0 ? word->parts.at[0] : NULL;
    if (length == 0 || part == NULL || part->kind != PART_TEXT || part->text.length <= length)
        return NULL;
    struct shell_assignment *assignment = arena_alloc(arena, sizeof *assignment);
    assignment->name = arena_copy(arena, word->raw.at, length);
    assignment->value = value_of(arena, word, length + 1);
    return assignment;
}

static void take_assignment(struct lining *lining, struct shell_assignment *assignment)
{
    list_add(lining->scan.arena, &command_of(lining)->assignments, assignment);
    if (assignment->value->parts.count == 0 && lining->scan.at < lining->scan.limit &&
        lining->scan.text.at[lining->scan.at] == '(')
        lining->scan.bash = true; /* an array */
}

static void take_word(struct lining *lining, struct shell_word *word)
{
    struct shell_command *command = command_of(lining);
    if (lining->redirecting) {
        struct shell_redirect *last = command->redirects.at[command->redirects.count - 1];
        last->target = word;
        lining->redirecting = false;
        return;
    }
    struct shell_assignment *assignment =
        lining->first ? shell_assignment_of(lining->scan.arena, word) : NULL;
    if (assignment != NULL) {
        take_assignment(lining, assignment);
        return;
    }
    if (lining->first && take_keyword(lining, word->raw))
        return;
    list_add(lining->scan.arena, &command->words, word);
    lining->first = false;
}

/* ---- operators ---- */

static void take_redirect(struct lining *lining, const struct shell_token *token)
{
    static const struct {
        const char *operator;
        enum shell_redirect_kind kind;
    } kinds[] = {{"<", REDIRECT_IN},      {">", REDIRECT_OUT},   {">|", REDIRECT_OUT},
                 {">>", REDIRECT_APPEND}, {"<<", REDIRECT_HERE}, {"<<-", REDIRECT_HERE},
                 {">&", REDIRECT_COPY},   {"<&", REDIRECT_COPY}};
    struct shell_redirect *redirect = arena_alloc(lining->scan.arena, sizeof *redirect);
    redirect->kind = REDIRECT_OTHER;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].operator, token->operator) == 0)
            redirect->kind = kinds[i].kind;
    redirect->fd = token->fd >= 0 ? token->fd : token->operator[0] == '<' ? 0 : 1;
    if (redirect->kind == REDIRECT_OTHER && token->operator[0] != '<')
        lining->scan.bash = true;
    if (strcmp(token->operator, "<<<") == 0)
        lining->scan.bash = true;
    list_add(lining->scan.arena, &command_of(lining)->redirects, redirect);
    if (redirect->kind == REDIRECT_HERE)
        list_add(lining->scan.arena, &lining->heres, redirect);
    lining->redirecting = true;
}

static void take_operator(struct lining *lining, const struct shell_token *token)
{
    const char *operator= token->operator;
    lining->dangling = false;
    if (strcmp(operator, "(") == 0) {
        push(lining, ')');
        lining->first = true;
    } else if (strcmp(operator, ")") == 0) {
        pop(lining, ')');
        lining->first = true;
    } else if (strcmp(operator, "<(") == 0 || strcmp(operator, ">(") == 0) {
        push(lining, ')');
        lining->scan.bash = true;
    } else if (strchr("<>", operator[0]) != NULL || strcmp(operator, "&>") == 0 ||
               strcmp(operator, "&>>") == 0) {
        take_redirect(lining, token);
    } else {
        list_add(lining->scan.arena, &lining->line->between, (void *)(uintptr_t) operator);
        lining->command = NULL;
        lining->first = true;
        lining->dangling =
            strcmp(operator, ";") != 0 && strcmp(operator, "&") != 0 && strcmp(operator, ";;") != 0;
        if (strcmp(operator, "|&") == 0)
            lining->scan.bash = true;
    }
}

/* ---- here-documents ---- */

static bool is_end_of_here(struct text line, struct text end, bool tabs)
{
    while (tabs && line.length > 0 && line.at[0] == '\t') {
        line.at++;
        line.length--;
    }
    return text_equal(line, end);
}

static void read_here(struct lining *lining, struct shell_redirect *redirect)
{
    struct shell_scan *scan = &lining->scan;
    const struct shell_part *part = redirect->target && redirect->target->parts.count == 1
                                        ? redirect->target->parts.at[0]
                                        : NULL;
    if (part == NULL || part->kind != PART_TEXT) {
        scan->broken = "a here-document without a plain end";
        return;
    }
    size_t start = scan->at;
    while (scan->at < scan->limit) {
        const char *end = memchr(scan->text.at + scan->at, '\n', scan->limit - scan->at);
        size_t stop = end ? (size_t)(end - scan->text.at) : scan->limit;
        struct text line = {scan->text.at + scan->at, stop - scan->at};
        size_t before = scan->at;
        scan->at = stop < scan->limit ? stop + 1 : stop;
        if (is_end_of_here(line, part->text, true)) {
            redirect->here = (struct text){scan->text.at + start, before - start};
            return;
        }
    }
    scan->broken = "a here-document whose end is missing";
}

static void read_heres(struct lining *lining)
{
    for (size_t i = 0; i < lining->heres.count && lining->scan.broken == NULL; i++)
        read_here(lining, lining->heres.at[i]);
    lining->heres.count = 0;
}

/* ---- a line ---- */

static const char *comment_text(struct arena *arena, struct text text)
{
    size_t start = 0;
    while (start < text.length && text.at[start] == '#')
        start++;
    while (start < text.length && (text.at[start] == ' ' || text.at[start] == '\t'))
        start++;
    size_t end = text.length;
    while (end > start && (text.at[end - 1] == ' ' || text.at[end - 1] == '\t'))
        end--;
    return arena_copy(arena, text.at + start, end - start);
}

/* Takes tokens up to the end of the logical line; the last byte of what is no comment. */
static size_t take_tokens(struct lining *lining)
{
    size_t end = lining->scan.at;
    for (;;) {
        struct shell_token token = shell_token_next(&lining->scan);
        if (token.kind == TOKEN_END)
            break;
        if (lining->redirecting && token.kind != TOKEN_WORD) {
            lining->scan.broken = "a redirect without its file";
            break;
        }
        if (token.kind == TOKEN_COMMENT) {
            struct text text = {lining->scan.text.at + token.start, token.end - token.start};
            lining->line->comment = comment_text(lining->scan.arena, text);
            continue;
        }
        if (token.kind == TOKEN_NEWLINE) {
            if (lining->heres.count > 0) {
                read_heres(lining);
                end = lining->scan.at;
            }
            lining->first = lining->first || lining->depth > 0;
            if (lining->depth == 0 && !lining->dangling)
                break;
            continue;
        }
        end = token.end;
        if (token.kind == TOKEN_OPERATOR) {
            take_operator(lining, &token);
        } else {
            lining->dangling = false;
            take_word(lining, token.word);
        }
        if (lining->scan.broken != NULL)
            break;
    }
    if (lining->scan.broken == NULL && lining->depth > 0)
        lining->scan.broken = "something that is not closed";
    if (lining->scan.broken == NULL && (lining->heres.count > 0 || lining->redirecting))
        lining->scan.broken = "a redirect without its file";
    return end;
}

static enum shell_kind kind_of(const struct lining *lining)
{
    const struct shell_line *line = lining->line;
    if (lining->scan.broken != NULL || lining->compound)
        return SHELL_OTHER;
    if (line->commands.count == 0)
        return line->between.count == 0 ? SHELL_COMMENT : SHELL_OTHER;
    if (line->between.count == 0)
        return SHELL_SIMPLE;
    for (size_t i = 0; i < line->between.count; i++)
        if (strcmp(line->between.at[i], "|") != 0)
            return SHELL_CHAIN;
    return line->commands.count == line->between.count + 1 ? SHELL_PIPE : SHELL_OTHER;
}

/* The next logical line that begins at AT; NULL when there is none. *NEXT is behind it. */
static struct shell_line *read_line(struct arena *arena, struct text block, size_t at, size_t *next)
{
    struct lining lining = {.scan = {.arena = arena, .text = block, .at = at}, .first = true};
    size_t rest = block.length - at;
    lining.scan.limit = at + (rest < LINE_LIMIT ? rest : LINE_LIMIT);
    lining.line = arena_alloc(arena, sizeof *lining.line);
    size_t end = take_tokens(&lining);
    bool cut = lining.scan.at >= lining.scan.limit && lining.scan.limit < block.length;
    if (cut && lining.scan.broken == NULL)
        lining.scan.broken = "a line that is too long to be taken apart";
    *next = lining.scan.at;
    lining.line->kind = kind_of(&lining);
    lining.line->bash = lining.scan.bash;
    lining.line->broken = lining.scan.broken != NULL;
    lining.line->why = lining.scan.broken ? lining.scan.broken : "more than plain commands";
    if (lining.line->broken) {
        /* What is not closed would swallow the rest: its first line stands for it. */
        const char *newline = memchr(block.at + at, '\n', block.length - at);
        end = newline ? (size_t)(newline - block.at) : block.length;
        *next = newline ? end + 1 : end;
        lining.line->comment = NULL;
    }
    lining.line->text = (struct text){block.at + at, end - at};
    bool comment = lining.line->kind == SHELL_COMMENT;
    return comment && lining.line->comment == NULL ? NULL : lining.line;
}

static uint32_t count_lines(struct text text)
{
    uint32_t lines = 0;
    for (size_t i = 0; i < text.length; i++)
        lines += text.at[i] == '\n';
    return lines;
}

struct list shell_read(struct arena *arena, struct text block)
{
    struct list lines = {0};
    uint32_t number = 0;
    size_t at = 0;
    size_t commands = 0;
    while (at < block.length && commands < LINES_LIMIT) {
        if (block.at[at] == '\n' || block.at[at] == ' ' || block.at[at] == '\t') {
            number += block.at[at++] == '\n';
            continue;
        }
        size_t next = at;
        struct shell_line *line = read_line(arena, block, at, &next);
        uint32_t passed = count_lines((struct text){block.at + at, next - at});
        if (line != NULL) {
            line->line = number;
            struct text shown = line->text;
            shown.length -= shown.length > 0 && shown.at[shown.length - 1] == '\n';
            line->last = number + count_lines(shown);
            list_add(arena, &lines, line);
            commands += line->kind != SHELL_COMMENT;
        }
        number += passed;
        at = next > at ? next : at + 1;
    }
    return lines;
}

/* ---- names ---- */

static void add_name(struct arena *arena, struct list *names, const char *at, size_t length)
{
    for (size_t i = 0; i < names->count; i++)
        if (text_is((struct text){at, length}, names->at[i]))
            return;
    list_add(arena, names, arena_copy(arena, at, length));
}

static size_t name_length(struct text text, size_t at)
{
    size_t length = 0;
    while (at + length < text.length) {
        char c = text.at[at + length];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && (length == 0 || c < '0' || c > '9'))
            break;
        length++;
    }
    return length;
}

/* Does TEXT set the name itself: `NAME=`, `read NAME`, `for NAME in`? */
static bool sets(struct text text, const char *at, size_t length)
{
    for (size_t i = 0; i + length <= text.length; i++) {
        if (memcmp(text.at + i, at, length) != 0)
            continue;
        bool begins = i == 0 || strchr(" \t\n;(|&", text.at[i - 1]) != NULL;
        bool assigned = i + length < text.length && text.at[i + length] == '=';
        bool looped = i >= 4 && memcmp(text.at + i - 4, "for ", 4) == 0;
        bool read = i >= 5 && memcmp(text.at + i - 5, "read ", 5) == 0;
        if (begins && (assigned || looped || read))
            return true;
    }
    return false;
}

enum { NAMES_LIMIT = 200 }; /* variables of one script: beyond them nobody follows */

void shell_names(struct arena *arena, struct text text, struct list *names)
{
    bool single = false, quoted = false;
    struct list own = {0};
    for (size_t i = 0; i < text.length; i++) {
        char c = text.at[i];
        if (c == '\\' && !single) {
            i++;
        } else if (c == '"' && !single) {
            quoted = !quoted;
        } else if (c == '\'' && !quoted) {
            single = !single;
        } else if (c == '$' && !single && names->count + own.count < NAMES_LIMIT) {
            size_t start = i + 1 < text.length && text.at[i + 1] == '{' ? i + 2 : i + 1;
            size_t length = name_length(text, start);
            if (length == 0)
                continue;
            struct list *list = sets(text, text.at + start, length) ? &own : names;
            add_name(arena, list, text.at + start, length);
        }
    }
}
