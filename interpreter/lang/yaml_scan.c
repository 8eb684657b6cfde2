/* Every byte is looked at before YAML sees one: what is no text ends here with its place, the rest
 * of the reader can trust what it is given, and nothing invisible reaches a person's eye. */
#include "lang/yaml_internal.h"

#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Bytes that need no look: printable ASCII and the newline. */
static bool harmless(unsigned char byte)
{
    return (byte >= 0x20 && byte < 0x7f) || byte == '\n';
}

/* Sixteen at once: a file of 100,000 steps has twenty million bytes, nearly all of them harmless.
 */
typedef unsigned char lanes __attribute__((vector_size(16)));

static bool all_harmless(const char *at)
{
    static const lanes zero = {0};
    lanes bytes;
    memcpy(&bytes, at, sizeof bytes);
    lanes printable = (lanes)(bytes - (zero + 0x20) < zero + 0x5f);
    lanes good = printable | (lanes)(bytes == zero + '\n');
    uint64_t halves[2];
    memcpy(halves, &good, sizeof halves);
    return (halves[0] & halves[1]) == UINT64_MAX;
}

static size_t skip_harmless(struct text text, size_t at)
{
    while (text.length - at >= sizeof(lanes) && all_harmless(text.at + at)) {
        at += sizeof(lanes);
    }
    while (at < text.length && harmless((unsigned char)text.at[at])) {
        at++;
    }
    return at;
}

struct found {
    const struct source *source;
    struct diagnostics *diagnostics;
    uint32_t at;
    uint32_t length;
};

__attribute__((format(printf, 4, 5))) static bool refuse(const struct found *found,
                                                         enum diagnostic_code code,
                                                         const char *remedy, const char *format,
                                                         ...)
{
    char message[160];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    struct mark mark = {found->source, found->at, found->at + found->length};
    diagnostic_add(found->diagnostics, code, mark, remedy, "%s", message);
    return false;
}

/* A file with a NUL in its first few KiB, the whole of it a person's text? Hardly. */
static bool is_binary(struct text text)
{
    size_t looked_at = text.length < 8192 ? text.length : 8192;
    return looked_at > 0 && memchr(text.at, '\0', looked_at) != NULL;
}

static bool refuse_binary(const struct found *found)
{
    return refuse(found, RB002,
                  "name the runbook itself, not an archive, image or dump; `file NAME` tells what "
                  "it is",
                  "this is no text file");
}

static bool starts_with(struct text text, const char *bytes, size_t length)
{
    return text.length >= length && memcmp(text.at, bytes, length) == 0;
}

/* The first bytes tell in which encoding a file is that is not UTF-8. */
static bool beginning_scan(struct found *found, struct text text)
{
    static const char utf16[] =
        "save it as UTF-8; on the command line: iconv -f UTF-16 -t UTF-8 OLD > NEW";
    bool marked = starts_with(text, "\xff\xfe", 2) || starts_with(text, "\xfe\xff", 2);
    bool unmarked = text.length >= 4 && ((text.at[0] == 0 && text.at[1] != 0 && text.at[2] == 0) ||
                                         (text.at[0] != 0 && text.at[1] == 0 && text.at[3] == 0));
    if (marked || unmarked) {
        return refuse(found, RB002, utf16, "the file is UTF-16, not UTF-8");
    }
    if (starts_with(text, "\xef\xbb\xbf", 3)) {
        found->length = 3;
        return refuse(found, RB002,
                      "save it as UTF-8 without it; on the command line: "
                      "sed -i '1s/^\\xEF\\xBB\\xBF//' FILE",
                      "the file begins with a byte-order mark");
    }
    return true;
}

static bool control_scan(const struct found *found, struct text text)
{
    unsigned char byte = (unsigned char)text.at[found->at];
    bool line_begins = found->at == 0 || text.at[found->at - 1] == '\n';
    switch (byte) {
    case '\t': {
        /* Deeper in a line YAML knows where a tab is harmless; a blank line is. */
        uint32_t next = first_in_line(text, found->at);
        if (!line_begins || next >= line_end(text, found->at)) {
            return true;
        }
        struct found tabs = *found;
        tabs.length = next - found->at;
        return refuse(&tabs, RB002, "indent with spaces, two for each level",
                      "the line is indented with a tab");
    }
    case '\r':
        if (found->at + 1 < text.length && text.at[found->at + 1] == '\n') {
            return true;
        }
        return refuse(found, RB002, "end lines with a newline; tr '\\r' '\\n' < OLD > NEW does it",
                      "a carriage return stands here without a newline");
    case 0:
        return refuse_binary(found);
    default:
        return refuse(found, RB002,
                      "delete it; where a text needs it, write it as an escape in double quotes, "
                      "such as \"\\x1b\"",
                      "a control character (0x%02x) stands here", byte);
    }
}

/* Is the character at AT the first in its line but for blanks, also those that look like one? */
static bool indents(struct text text, uint32_t at)
{
    uint32_t from = line_start(text, at);
    while (from < at && (text.at[from] == ' ' || text.at[from] == '\t')) {
        from++;
    }
    return from == at;
}

static bool character_scan(const struct found *found, struct text text, uint32_t code)
{
    if (code == 0xa0 && indents(text, found->at)) {
        return refuse(found, RB002,
                      "replace it by a plain space; a web page or a mail put it there",
                      "the line is indented with a no-break space, which looks like a space");
    }
    if (character_printable(code) && code < 0xfffe) {
        return true;
    }
    if (character_printable(code) && code > 0xffff) {
        return true;
    }
    return refuse(found, RB002,
                  "delete it; where a text needs it, write it as an escape in double quotes, "
                  "such as \"\\u200e\"",
                  "the invisible character U+%04X stands here", code);
}

bool yaml_scan(const struct source *source, struct diagnostics *diagnostics, bool *ascii)
{
    struct text text = source_text(source);
    struct found found = {source, diagnostics, 0, 1};
    bool known_text = false;
    *ascii = true;
    if (!beginning_scan(&found, text)) {
        return false;
    }
    for (size_t at = 0; (at = skip_harmless(text, at)) < text.length;) {
        unsigned char byte = (unsigned char)text.at[at];
        found.at = (uint32_t)at;
        found.length = 1;
        if (byte != '\t' && byte != '\r' && !known_text && is_binary(text)) {
            return refuse_binary(&found);
        }
        known_text = true;
        if (byte < 0x80) {
            if (!control_scan(&found, text)) {
                return false;
            }
            at++;
            continue;
        }
        *ascii = false;
        uint32_t code = 0;
        size_t length = text_character((struct text){text.at + at, text.length - at}, &code);
        if (length == 0) {
            return refuse(
                &found, RB002,
                "save the file as UTF-8; from Latin-1: iconv -f LATIN1 -t UTF-8 OLD > NEW",
                "the byte 0x%02x is no UTF-8", byte);
        }
        found.length = (uint32_t)length;
        if (!character_scan(&found, text, code)) {
            return false;
        }
        at += length;
    }
    return true;
}
