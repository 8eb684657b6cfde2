/* Sources: RFC 5322 (head, dot-atom, dates), RFC 2047 (encoded words), RFC 2045 (quoted-printable),
 * RFC 3834 (Auto-Submitted). Lines are kept to 76 characters. */
#include "actions/letter.h"

#include "base/arena.h"
#include "base/units.h"

#include <openssl/evp.h>
#include <string.h>
#include <time.h>

enum {
    WORD_BYTES = 39, /* as an encoded word it fits into a line behind "Subject: " */
    LINE = 76,
};

const char *letter_problem(struct text subject, struct text text)
{
    if (!text_is_line(subject))
        return "`subject` holds a line break or another control character, and a mail's subject is "
               "one line";
    if (!text_is_utf8(subject))
        return "`subject` is not UTF-8";
    return text_is_utf8(text) ? NULL : "`text` is not UTF-8";
}

/* ---- head ---- */

static bool is_ascii(struct text text)
{
    for (size_t i = 0; i < text.length; i++)
        if ((unsigned char)text.at[i] >= 0x80)
            return false;
    return true;
}

/* The longest front of TEXT that is whole characters and fits into a word. */
static size_t word_length(struct text text)
{
    size_t length = 0, next;
    for (uint32_t code; length < text.length; length += next) {
        next = text_character((struct text){text.at + length, text.length - length}, &code);
        if (next == 0 || length + next > WORD_BYTES)
            break;
    }
    return length;
}

/* `=?utf-8?B?…?=`, as many as it takes, each on a line of its own. */
static void add_encoded(struct buffer *into, struct text text)
{
    for (const char *gap = ""; text.length > 0; gap = "\r\n ") {
        unsigned char encoded[4 * (WORD_BYTES + 2) / 3 + 1];
        size_t length = word_length(text);
        if (length == 0)
            return; /* not UTF-8: letter_problem said so */
        EVP_EncodeBlock(encoded, (const unsigned char *)text.at, (int)length);
        buffer_format(into, "%s=?utf-8?B?%s?=", gap, (const char *)encoded);
        text = (struct text){text.at + length, text.length - length};
    }
}

/* Text that nobody takes apart, as a subject. */
static void add_words(struct buffer *into, struct text text)
{
    bool plain = is_ascii(text) && text.length <= LINE - sizeof "Subject: " &&
                 memmem(text.at, text.length, "=?", 2) == NULL;
    if (plain)
        buffer_add(into, text.at, text.length);
    else
        add_encoded(into, text);
}

static void add_name(struct buffer *into, struct text name)
{
    if (!is_ascii(name) || name.length > LINE / 2 || memmem(name.at, name.length, "=?", 2)) {
        add_encoded(into, name);
        return;
    }
    buffer_text(into, "\"");
    for (size_t i = 0; i < name.length; i++)
        buffer_format(into, "%s%c", strchr("\"\\", name.at[i]) ? "\\" : "", name.at[i]);
    buffer_text(into, "\"");
}

static void add_address(struct buffer *into, const struct address *address)
{
    if (address->name[0] == '\0') {
        buffer_text(into, address->mailbox);
        return;
    }
    add_name(into, text_of(address->name));
    buffer_text(into, strlen(address->mailbox) < LINE / 2 ? " " : "\r\n ");
    buffer_format(into, "<%s>", address->mailbox);
}

static void add_addresses(struct buffer *into, const char *header, const struct address *list)
{
    for (const char *before = header; list != NULL && list->mailbox != NULL; list++) {
        buffer_text(into, before);
        add_address(into, list);
        before = ",\r\n ";
        if (list[1].mailbox == NULL)
            buffer_text(into, "\r\n");
    }
}

/* "Mon, 15 Jan 2024 14:30:00 +0000", whatever the locale is. */
static void add_date(struct buffer *into, int64_t date)
{
    static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t seconds = (time_t)(date / UNITS_SECOND);
    struct tm tm;
    if (gmtime_r(&seconds, &tm) == NULL)
        return;
    buffer_format(into, "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n", days[tm.tm_wday], tm.tm_mday,
                  months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* As a part of a dot-atom: a step's name may hold brackets, points and what an item is called. */
static void add_atom(struct buffer *into, const char *text)
{
    static const char kept[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                               "-_/#+=";
    for (; *text != '\0'; text++) {
        if (strchr(kept, *text) != NULL)
            buffer_add(into, text, 1);
        else
            buffer_format(into, "%%%02X", (unsigned char)*text);
    }
}

const char *letter_id(struct arena *arena, const struct letter *letter)
{
    struct buffer id = {0};
    buffer_text(&id, "<");
    add_atom(&id, letter->run ? letter->run : "");
    buffer_text(&id, ".");
    add_atom(&id, letter->step ? letter->step : "");
    buffer_format(&id, "@%s>", letter->from.domain);
    const char *copy = arena_copy(arena, id.at, id.length);
    buffer_free(&id);
    return copy;
}

static void add_head(struct buffer *into, const struct letter *letter)
{
    struct arena *arena = arena_new();
    add_date(into, letter->date);
    buffer_text(into, "From: ");
    add_address(into, &letter->from);
    buffer_text(into, "\r\n");
    add_addresses(into, "To: ", letter->to);
    add_addresses(into, "Cc: ", letter->cc);
    buffer_text(into, "Subject: ");
    add_words(into, letter->subject);
    if (letter->run && letter->step) {
        buffer_format(into, "\r\nMessage-ID: %s", letter_id(arena, letter));
        buffer_text(into, "\r\nX-Runbook-Run: ");
        add_words(into, text_of(letter->run));
        buffer_text(into, "\r\nX-Runbook-Step: ");
        add_words(into, text_of(letter->step));
    }
    /* No machine shall answer it. */
    buffer_text(into, "\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
                      "Content-Type: text/plain; charset=utf-8\r\n"
                      "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
    arena_free(arena);
}

/* ---- text ---- */

/* One line of it, without its end. Blanks at its end would be lost on the way. */
static void add_line(struct buffer *into, struct text line)
{
    size_t column = 0;
    for (size_t i = 0; i < line.length; i++) {
        unsigned char c = (unsigned char)line.at[i];
        bool blank = c == ' ' || c == '\t';
        bool plain = blank ? i + 1 < line.length : c > ' ' && c < 0x7f && c != '=';
        size_t width = plain ? 1 : 3;
        if (column + width > LINE - 1) {
            buffer_text(into, "=\r\n");
            column = 0;
        }
        if (plain)
            buffer_add(into, line.at + i, 1);
        else
            buffer_format(into, "=%02X", c);
        column += width;
    }
    buffer_text(into, "\r\n");
}

static void add_text(struct buffer *into, struct text text)
{
    while (text.length > 0) {
        const char *end = memchr(text.at, '\n', text.length);
        size_t length = end != NULL ? (size_t)(end - text.at) : text.length;
        size_t whole = end != NULL ? length + 1 : length;
        if (length > 0 && text.at[length - 1] == '\r')
            length--;
        add_line(into, (struct text){text.at, length});
        text = (struct text){text.at + whole, text.length - whole};
    }
}

void letter_print(struct buffer *into, const struct letter *letter)
{
    add_head(into, letter);
    add_text(into, letter->text);
}
