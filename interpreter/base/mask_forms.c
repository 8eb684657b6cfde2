/* Sources: RFC 4648 (base64, base64url, hex), RFC 3986 and the URL standard (percent-encoding),
 * RFC 8259 (JSON; how Go, Python and PHP write it), HTML 5, POSIX (shell quoting), PostgreSQL's
 * manual (literals, connection strings, the password file). */
#include "base/mask_forms.h"

#include "base/mask.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct forms {
    const unsigned char *at;
    size_t length;
    void (*add)(void *data, const char *at, size_t length);
    void *data;
    char *room; /* for one form: no character of any takes more than 12 bytes */
    size_t used;
};

enum { WIDEST = 12 };

static void put(struct forms *forms, char c)
{
    forms->room[forms->used++] = c;
}

static void put_text(struct forms *forms, const char *text)
{
    while (*text != '\0')
        put(forms, *text++);
}

/* DIGITS hex digits of VALUE. */
static void put_hex(struct forms *forms, const char *before, unsigned value, int digits, bool upper)
{
    const char *hex = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    put_text(forms, before);
    while (digits-- > 0)
        put(forms, hex[value >> (4 * digits) & 15U]);
}

static void give(struct forms *forms)
{
    if (forms->used >= MASK_LEAST)
        forms->add(forms->data, forms->room, forms->used);
    explicit_bzero(forms->room, forms->used);
    forms->used = 0;
}

/* ---- base64, hex ---- */

/* The characters that no neighbour can change, with PAD bytes before the secret. */
static void base64(struct forms *forms, size_t pad, const char *last_two)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    size_t first = (8 * pad + 5) / 6, end = 8 * (pad + forms->length) / 6;
    for (size_t i = first; i < end; i++) {
        unsigned value = 0;
        for (size_t bit = 6 * i; bit < 6 * i + 6; bit++) {
            size_t mine = bit - 8 * pad;
            value = value << 1 | ((unsigned)forms->at[mine / 8] >> (7 - mine % 8) & 1U);
        }
        put(forms, value < 62 ? digits[value] : last_two[value - 62]);
    }
    give(forms);
}

static void hex(struct forms *forms, bool upper)
{
    for (size_t i = 0; i < forms->length; i++)
        put_hex(forms, "", forms->at[i], 2, upper);
    give(forms);
}

/* ---- percent-encoding ---- */

struct percent {
    const char *plain; /* beside letters and digits */
    bool upper, plus;
};

static void percent(struct forms *forms, const struct percent *how)
{
    for (size_t i = 0; i < forms->length; i++) {
        unsigned char c = forms->at[i];
        if (how->plus && c == ' ')
            put(forms, '+');
        else if (c < 0x80 && (isalnum(c) || (c != '\0' && strchr(how->plain, c))))
            put(forms, (char)c);
        else
            put_hex(forms, "%", c, 2, how->upper);
    }
    give(forms);
}

/* ---- JSON ---- */

/* The character at I, and its bytes; a byte that begins none is one of its own. */
static uint32_t character(const struct forms *forms, size_t i, size_t *bytes)
{
    unsigned char c = forms->at[i];
    size_t more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;
    uint32_t code = more == 3 ? c & 0x07U : more == 2 ? c & 0x0fU : more == 1 ? c & 0x1fU : c;
    *bytes = 1;
    if (i + more >= forms->length)
        return c;
    for (size_t k = 1; k <= more; k++)
        code = code << 6 | (forms->at[i + k] & 0x3fU);
    *bytes = 1 + more;
    return code;
}

struct json_form {
    const char *also; /* what is written \u00xx although it need not be */
    bool slash;       /* written \/ */
    bool ascii;       /* all beyond is written \uxxxx */
};

static void json_character(struct forms *forms, const struct json_form *how, uint32_t code)
{
    static const char named[] = "\"\\\b\f\n\r\t", names[] = "\"\\bfnrt";
    const char *found = code < 0x80 && code != 0 ? strchr(named, (int)code) : NULL;
    if (found) {
        put(forms, '\\');
        put(forms, names[found - named]);
    } else if (code == '/' && how->slash) {
        put_text(forms, "\\/");
    } else if (code < 0x20 || (code < 0x80 && strchr(how->also, (int)code))) {
        put_hex(forms, "\\u", code, 4, false);
    } else if (code >= 0x10000) {
        put_hex(forms, "\\u", 0xd800 + ((code - 0x10000) >> 10), 4, false);
        put_hex(forms, "\\u", 0xdc00 + ((code - 0x10000) & 0x3ff), 4, false);
    } else {
        put_hex(forms, "\\u", code, 4, false);
    }
}

static bool json_needs(const struct json_form *how, uint32_t code)
{
    if (code >= 0x80)
        return how->ascii;
    return code < 0x20 || code == '"' || code == '\\' || (code == '/' && how->slash) ||
           strchr(how->also, (int)code);
}

static void json(struct forms *forms, const struct json_form *how)
{
    for (size_t i = 0; i < forms->length;) {
        size_t bytes;
        uint32_t code = character(forms, i, &bytes);
        if (json_needs(how, code))
            json_character(forms, how, code);
        else
            for (size_t k = 0; k < bytes; k++)
                put(forms, (char)forms->at[i + k]);
        i += bytes;
    }
    give(forms);
}

/* ---- characters replaced one by one ---- */

struct swap {
    char c;
    const char *by;
};

static void swapped(struct forms *forms, const struct swap *swaps)
{
    for (size_t i = 0; i < forms->length; i++) {
        const struct swap *swap = swaps;
        while (swap->by != NULL && swap->c != (char)forms->at[i])
            swap++;
        if (swap->by != NULL)
            put_text(forms, swap->by);
        else
            put(forms, (char)forms->at[i]);
    }
    give(forms);
}

/* Every one of CHARACTERS gets a backslash. */
static void escaped(struct forms *forms, const char *characters)
{
    for (size_t i = 0; i < forms->length; i++) {
        char c = (char)forms->at[i];
        if (c != '\0' && strchr(characters, c))
            put(forms, '\\');
        put(forms, c);
    }
    give(forms);
}

static void replaced(struct forms *forms)
{
    static const struct swap html[] = {{'&', "&amp;"},  {'<', "&lt;"},   {'>', "&gt;"},
                                       {'"', "&quot;"}, {'\'', "&#39;"}, {0}};
    static const struct swap html_hex[] = {{'&', "&amp;"},  {'<', "&lt;"},    {'>', "&gt;"},
                                           {'"', "&quot;"}, {'\'', "&#x27;"}, {0}};
    static const struct swap html_text[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {0}};
    static const struct swap go_html[] = {{'&', "&amp;"}, {'<', "&lt;"},   {'>', "&gt;"},
                                          {'"', "&#34;"}, {'\'', "&#39;"}, {0}};
    static const struct swap shell[] = {{'\'', "'\\''"}, {0}},
                             shell_double[] = {{'\'', "'\"'\"'"}, {0}};
    static const struct swap doubled[] = {{'\'', "''"}, {0}},
                             doubled_both[] = {{'\'', "''"}, {'\\', "\\\\"}, {0}};
    swapped(forms, html);
    swapped(forms, html_hex);
    swapped(forms, html_text);
    swapped(forms, go_html);
    swapped(forms, shell);
    swapped(forms, shell_double);
    swapped(forms, doubled); /* SQL, YAML */
    swapped(forms, doubled_both);
    escaped(forms, "$`\"\\");                          /* between double quotes */
    escaped(forms, " \t\n!\"#$&'()*,;<=>?[\\]^`{|}~"); /* printf %q */
    escaped(forms, "'\\");                             /* a connection string */
    escaped(forms, ":\\");                             /* the password file */
    escaped(forms, "\"\\");
}

static void all_of(struct forms *forms)
{
    static const char reserved[] = "-_.~!#$&'()*+,/:;=?@[]";
    static const struct percent percents[] = {{"-_.~", true, false},  {"-_.~", false, false},
                                              {"-_.~/", true, false}, {"-_.*", true, true},
                                              {"-_.~", true, true},   {"-_.!~*'()", true, false},
                                              {reserved, true, false}};
    static const struct json_form jsons[] = {{"", false, false},    {"", true, false},
                                             {"", false, true},     {"", true, true},
                                             {"<>&", false, false}, {"<>&'", false, true}};
    for (size_t pad = 0; pad < 3; pad++) {
        base64(forms, pad, "+/");
        base64(forms, pad, "-_");
    }
    hex(forms, false);
    hex(forms, true);
    for (size_t i = 0; i < sizeof percents / sizeof *percents; i++)
        percent(forms, &percents[i]);
    for (size_t i = 0; i < sizeof jsons / sizeof *jsons; i++)
        json(forms, &jsons[i]);
    replaced(forms);
}

/* The whole, the whole without blanks around it, and each line: programs print a key line by line,
 * indented. */
static void each_part(struct forms *forms, const unsigned char *at, size_t length)
{
    while (length > 0 && isspace(at[0])) {
        at++;
        length--;
    }
    while (length > 0 && isspace(at[length - 1]))
        length--;
    if (length < MASK_LEAST)
        return;
    forms->at = at;
    forms->length = length;
    forms->add(forms->data, (const char *)at, length);
    all_of(forms);
}

void mask_forms(const char *at, size_t length,
                void (*add)(void *data, const char *at, size_t length), void *data)
{
    struct forms forms = {(const unsigned char *)at, length, add, data, NULL, 0};
    forms.room = malloc(WIDEST * length + 1);
    if (forms.room == NULL)
        abort();
    add(data, at, length);
    all_of(&forms);
    each_part(&forms, (const unsigned char *)at, length);
    for (const char *line = at, *end = at + length; line < end;) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        const char *stop = newline ? newline : end;
        if (line > at || stop < end)
            each_part(&forms, (const unsigned char *)line, (size_t)(stop - line));
        line = stop + 1;
    }
    free(forms.room);
}
