/* Words and operators of shell. */
#include "draft/shell_own.h"

#include "base/arena.h"

#include <string.h>

bool shell_ends_word(char c)
{
    return strchr(" \t\n;&|<>()", c) != NULL;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_name(char c, bool first)
{
    return is_letter(c) || c == '_' || (!first && c >= '0' && c <= '9');
}

static char peek(const struct shell_scan *scan, size_t ahead)
{
    return scan->at + ahead < scan->limit ? scan->text.at[scan->at + ahead] : '\0';
}

/* ---- blanks to fill in ---- */

enum {
    BLANK_LIMIT = 48, /* bytes: what is longer is no name of something to fill in */
    AHEAD_LIMIT = 256 /* bytes: so far a glob or `{a,b}` is looked at, at each of its characters */
};

/* Letters, marks of other scripts, digits, and what joins them: the inside of `<commit hash>`. */
static size_t blank_inside(struct text text, char end)
{
    size_t at = 1;
    while (at < text.length && at < BLANK_LIMIT && text.at[at] != end) {
        unsigned char c = (unsigned char)text.at[at];
        bool joins =
            at > 1 && (c == ' ' || c == '-' || c == '_' || c == '.' || (c >= '0' && c <= '9'));
        if (!is_letter((char)c) && c < 0x80 && !joins)
            return 0;
        at++;
    }
    bool closed = at < text.length && text.at[at] == end;
    return closed && at > 1 && text.at[at - 1] != ' ' ? at + 1 : 0;
}

/* Words of two letters and more with a joint between them; or one of capitals. `[a-z]` is none,
 * and `<h1>` none. */
static bool is_speaking(struct text inside)
{
    size_t word = 0, joints = 0, shortest = 99, capitals = 0, other = 0;
    for (size_t i = 0; i <= inside.length; i++) {
        char c = i < inside.length ? inside.at[i] : '-';
        if (c == '-' || c == '_' || c == ' ' || c == '.') {
            joints += i < inside.length;
            shortest = word < shortest ? word : shortest;
            word = 0;
            continue;
        }
        word++;
        capitals += c >= 'A' && c <= 'Z';
        other += (unsigned char)c >= 0x80;
    }
    return other > 0 || (joints > 0 && shortest >= 2) ||
           (inside.length >= 2 && capitals == inside.length);
}

static size_t blank_word(struct text text)
{
    static const char *const begins[] = {"YOUR_",     "YOUR-",     "your_",      "your-",
                                         "CHANGEME",  "CHANGE_ME", "REPLACE_ME", "REPLACE-ME",
                                         "REPLACEME", "XXX",       "xxx"};
    size_t length = 0;
    size_t crosses = 0;
    while (length < text.length && length < BLANK_LIMIT &&
           (is_name(text.at[length], false) || text.at[length] == '-')) {
        crosses += text.at[length] == 'x' || text.at[length] == 'X';
        length++;
    }
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++) {
        size_t begin = strlen(begins[i]);
        bool is = length >= begin && memcmp(text.at, begins[i], begin) == 0;
        if (is && (begins[i][begin - 1] == '_' || begins[i][begin - 1] == '-') && length > begin)
            return length;
        if (is && crosses == length && begin == 3)
            return length;
        if (is && length == begin && begin > 3)
            return length;
    }
    return 0;
}

size_t shell_blank(struct text text, bool quoted)
{
    if (text.length < 3)
        return 0;
    if (text.at[0] != '<' && text.at[0] != '[')
        return blank_word(text);
    char end = text.at[0] == '<' ? '>' : ']';
    size_t length = blank_inside(text, end);
    if (length < 3)
        return 0;
    bool speaking = is_speaking((struct text){text.at + 1, length - 2});
    if (end == ']' || quoted)
        return speaking ? length : 0;
    /* `sort <in >out` and `<in>out` are redirects. */
    bool stands = length == text.length || strchr(" \t\n;&|/:.,\"'@=", text.at[length]) != NULL;
    return stands ? length : 0;
}

/* ---- parts ---- */

struct wording {
    struct shell_scan *scan;
    struct shell_word *word;
    struct buffer text; /* plain text gathered so far */
    bool quoted, single;
};

static void add_part(struct wording *wording, enum shell_part_kind kind, size_t start, size_t end)
{
    struct shell_part *part = arena_alloc(wording->scan->arena, sizeof *part);
    part->kind = kind;
    part->quoted = wording->quoted;
    part->single = wording->single;
    part->text = (struct text){wording->scan->text.at + start, end - start};
    list_add(wording->scan->arena, &wording->word->parts, part);
}

static void flush(struct wording *wording)
{
    if (wording->text.length == 0)
        return;
    struct shell_part *part = arena_alloc(wording->scan->arena, sizeof *part);
    part->kind = PART_TEXT;
    part->quoted = wording->quoted;
    part->single = wording->single;
    part->text.length = wording->text.length;
    part->text.at = arena_copy(wording->scan->arena, wording->text.at, wording->text.length);
    list_add(wording->scan->arena, &wording->word->parts, part);
    wording->text.length = 0;
}

/* Past a quoted stretch that begins at the quote; false when it is not closed. */
static bool pass_quote(struct shell_scan *scan, char quote)
{
    for (scan->at++; scan->at < scan->limit; scan->at++) {
        char c = scan->text.at[scan->at];
        if (c == '\\' && quote != '\'')
            scan->at++;
        else if (c == quote) {
            scan->at++;
            return true;
        }
    }
    scan->at = scan->limit;
    scan->broken = "a quote that is not closed";
    return false;
}

/* Past `(…)` or `{…}`, quotes in it passed over; scan stands behind the opening one. */
static bool pass_closed(struct shell_scan *scan, char opens, char closes)
{
    size_t depth = 1;
    while (scan->at < scan->limit) {
        char c = scan->text.at[scan->at];
        if (c == '\\') {
            scan->at += 2;
            continue;
        }
        if (c == '\'' || c == '"' || c == '`') {
            if (!pass_quote(scan, c))
                return false;
            continue;
        }
        depth += c == opens;
        depth -= c == closes;
        scan->at++;
        if (depth == 0)
            return true;
    }
    scan->at = scan->limit;
    scan->broken = closes == ')' ? "a '(' that is not closed" : "a '{' that is not closed";
    return false;
}

static void read_braces(struct wording *wording)
{
    struct shell_scan *scan = wording->scan;
    size_t start = scan->at;
    scan->at += 2;
    size_t name = scan->at;
    if (!pass_closed(scan, '{', '}'))
        return;
    size_t end = scan->at - 1;
    size_t at = name;
    while (at < end && is_name(scan->text.at[at], at == name))
        at++;
    bool plain = at == end && at > name;
    if (plain)
        add_part(wording, PART_VARIABLE, name, end);
    else
        add_part(wording, PART_OTHER, start, scan->at);
    static const char bashisms[] = "/^,[@";
    if (!plain && at > name && at < end && strchr(bashisms, scan->text.at[at]) != NULL)
        scan->bash = true;
}

static void read_dollar(struct wording *wording)
{
    struct shell_scan *scan = wording->scan;
    size_t start = scan->at;
    char next = peek(scan, 1);
    if (next == '(' && peek(scan, 2) == '(') {
        scan->at += 2;
        if (pass_closed(scan, '(', ')'))
            add_part(wording, PART_OTHER, start, scan->at);
    } else if (next == '(') {
        scan->at += 2;
        if (pass_closed(scan, '(', ')'))
            add_part(wording, PART_COMMAND, start + 2, scan->at - 1);
    } else if (next == '{') {
        read_braces(wording);
    } else if (is_name(next, true)) {
        scan->at++;
        size_t name = scan->at;
        while (is_name(peek(scan, 0), false))
            scan->at++;
        add_part(wording, PART_VARIABLE, name, scan->at);
    } else if (next != '\0' && strchr("?$!#@*-0123456789'", next) != NULL) {
        scan->at += 2;
        if (next == '\'' && !wording->quoted) {
            scan->bash = true;
            scan->at--;
            if (!pass_quote(scan, '\''))
                return;
        }
        add_part(wording, PART_OTHER, start, scan->at);
    } else {
        buffer_add(&wording->text, "$", 1);
        scan->at++;
    }
}

/* `$…`, backquotes and blanks, which stand in quotes too. True when there was one. */
static bool read_special(struct wording *wording, bool expands)
{
    struct shell_scan *scan = wording->scan;
    char c = scan->text.at[scan->at];
    size_t start = scan->at;
    struct text rest = {scan->text.at + start, scan->limit - start};
    bool letter = is_letter(c) && start > 0 && is_name(scan->text.at[start - 1], false);
    size_t blank = letter ? 0 : shell_blank(rest, wording->quoted);
    if (blank > 0) {
        flush(wording);
        add_part(wording, PART_BLANK, start, start + blank);
        scan->at += blank;
        return true;
    }
    if (!expands || (c != '$' && c != '`'))
        return false;
    flush(wording);
    if (c == '$')
        read_dollar(wording);
    else if (pass_quote(scan, '`'))
        add_part(wording, PART_COMMAND, start + 1, scan->at - 1);
    return true;
}

static void read_double(struct wording *wording)
{
    struct shell_scan *scan = wording->scan;
    flush(wording);
    wording->quoted = true;
    scan->at++;
    while (scan->at < scan->limit && scan->text.at[scan->at] != '"' && scan->broken == NULL) {
        char c = scan->text.at[scan->at];
        char next = peek(scan, 1);
        if (c == '\\' && next != '\0' && strchr("$`\"\\\n", next) != NULL) {
            if (next != '\n')
                buffer_add(&wording->text, &next, 1);
            scan->at += 2;
        } else if (!read_special(wording, true)) {
            buffer_add(&wording->text, &c, 1);
            scan->at++;
        }
    }
    if (scan->at >= scan->limit)
        scan->broken = "a quote that is not closed";
    scan->at++;
    flush(wording);
    wording->quoted = false;
}

static void read_single(struct wording *wording)
{
    struct shell_scan *scan = wording->scan;
    flush(wording);
    wording->quoted = wording->single = true;
    scan->at++;
    while (scan->at < scan->limit && scan->text.at[scan->at] != '\'') {
        if (read_special(wording, false))
            continue;
        buffer_add(&wording->text, scan->text.at + scan->at, 1);
        scan->at++;
    }
    if (scan->at >= scan->limit)
        scan->broken = "a quote that is not closed";
    scan->at++;
    flush(wording);
    wording->quoted = wording->single = false;
}

/* A glob, a `~` and `{a,b}` are the shell's. */
static bool is_shells(const struct wording *wording, size_t start)
{
    const struct shell_scan *scan = wording->scan;
    char c = scan->text.at[scan->at];
    if (c == '*' || c == '?')
        return true;
    if (c == '[') {
        size_t end = scan->at + 1;
        while (end < scan->limit && end < scan->at + AHEAD_LIMIT &&
               !shell_ends_word(scan->text.at[end]) && scan->text.at[end] != ']')
            end++;
        return end < scan->limit && scan->text.at[end] == ']' && end > scan->at + 1;
    }
    return c == '~' && scan->at == start;
}

static bool is_braces(const struct shell_scan *scan)
{
    size_t at = scan->at + 1;
    bool comma = false;
    while (at < scan->limit && at < scan->at + AHEAD_LIMIT && !shell_ends_word(scan->text.at[at]) &&
           scan->text.at[at] != '}') {
        comma = comma || scan->text.at[at] == ',' ||
                (scan->text.at[at] == '.' && scan->text.at[at - 1] == '.');
        at++;
    }
    return comma && at < scan->limit && scan->text.at[at] == '}';
}

static void read_plain(struct wording *wording, size_t start)
{
    struct shell_scan *scan = wording->scan;
    char c = scan->text.at[scan->at];
    char next = peek(scan, 1);
    if (c == '\\' && next != '\0') {
        if (next != '\n')
            buffer_add(&wording->text, &next, 1);
        scan->at += 2;
        return;
    }
    bool braces = c == '{' && is_braces(scan);
    scan->bash = scan->bash || braces;
    if (braces || is_shells(wording, start)) {
        flush(wording);
        add_part(wording, PART_OTHER, scan->at, scan->at + 1);
    } else {
        buffer_add(&wording->text, &c, 1);
    }
    scan->at++;
}

static struct shell_word *read_word(struct shell_scan *scan)
{
    struct wording wording = {.scan = scan};
    size_t start = scan->at;
    wording.word = arena_alloc(scan->arena, sizeof *wording.word);
    while (scan->at < scan->limit && scan->broken == NULL) {
        char c = scan->text.at[scan->at];
        if (c == '\'')
            read_single(&wording);
        else if (c == '"')
            read_double(&wording);
        else if (read_special(&wording, true))
            continue;
        else if (shell_ends_word(c))
            break;
        else
            read_plain(&wording, start);
    }
    flush(&wording);
    buffer_free(&wording.text);
    scan->at = scan->at > scan->limit ? scan->limit : scan->at;
    wording.word->raw = (struct text){scan->text.at + start, scan->at - start};
    return wording.word;
}

/* ---- tokens ---- */

static void pass_blanks(struct shell_scan *scan)
{
    for (;;) {
        char c = peek(scan, 0);
        if (scan->at < scan->limit && (c == ' ' || c == '\t'))
            scan->at++;
        else if (c == '\\' && peek(scan, 1) == '\n')
            scan->at += 2;
        else
            return;
    }
}

static const char *read_operator(struct shell_scan *scan)
{
    static const char *const operators[] = {"<<<", "<<-", "&>>", "&&", "||", "|&", ";;", "<<",
                                            ">>",  ">&",  "<&",  "&>", "<>", ">|", "<(", ">(",
                                            ";",   "&",   "|",   "<",  ">",  "(",  ")"};
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        size_t length = strlen(operators[i]);
        if (scan->limit - scan->at >= length &&
            memcmp(scan->text.at + scan->at, operators[i], length) == 0) {
            scan->at += length;
            return operators[i];
        }
    }
    return NULL;
}

/* `2>`: digits that stand right before a redirect are its descriptor. */
static int read_fd(struct shell_scan *scan)
{
    char c = peek(scan, 0);
    char next = peek(scan, 1);
    if (c < '0' || c > '9' || (next != '<' && next != '>'))
        return -1;
    scan->at++;
    return c - '0';
}

struct shell_token shell_token_next(struct shell_scan *scan)
{
    pass_blanks(scan);
    struct shell_token token = {.kind = TOKEN_END, .start = scan->at, .end = scan->at, .fd = -1};
    if (scan->at >= scan->limit || scan->broken != NULL)
        return token;
    char c = scan->text.at[scan->at];
    if (c == '\n') {
        scan->at++;
        token.kind = TOKEN_NEWLINE;
    } else if (c == '#') {
        const char *end = memchr(scan->text.at + scan->at, '\n', scan->limit - scan->at);
        scan->at = end ? (size_t)(end - scan->text.at) : scan->limit;
        token.kind = TOKEN_COMMENT;
    } else {
        struct text rest = {scan->text.at + scan->at, scan->limit - scan->at};
        token.fd = read_fd(scan);
        bool blank = c == '<' && shell_blank(rest, false) > 0;
        token.operator= blank ? NULL : read_operator(scan);
        token.kind = token.operator? TOKEN_OPERATOR : TOKEN_WORD;
        if (token.operator== NULL)
            token.word = read_word(scan);
    }
    token.end = scan->at;
    return token;
}
