#include "store/journal_line.h"

#include "store/event.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#define HASH_FIELD ",\"hash\":\""
#define LINE_END   "\"}"

enum {
    HASH_FIELD_LENGTH = sizeof HASH_FIELD - 1,
    HASH_LENGTH = DIGEST_TEXT - 1,
    LINE_END_LENGTH = sizeof LINE_END - 1,
    SEAL_LENGTH = HASH_FIELD_LENGTH + HASH_LENGTH + LINE_END_LENGTH,
    PIECE = 256 * 1024, /* read at once */
};

/* Of the hash before and the bytes, in one run of memory. */
static void chain(const char *head, struct text bytes, char hash[DIGEST_TEXT])
{
    struct buffer joined = {0};
    buffer_text(&joined, head);
    buffer_add(&joined, bytes.at, bytes.length);
    digest_text(buffer_slice(&joined), hash);
    buffer_free(&joined);
}

void line_seal(struct buffer *line, size_t start, char head[DIGEST_TEXT])
{
    struct text bytes = {line->at + start, line->length - start};
    char hash[DIGEST_TEXT];
    chain(head, bytes, hash);
    buffer_add(line, HASH_FIELD, HASH_FIELD_LENGTH);
    buffer_add(line, hash, HASH_LENGTH);
    buffer_text(line, LINE_END "\n");
    memcpy(head, hash, DIGEST_TEXT);
}

bool line_sealed(struct text line, char head[DIGEST_TEXT])
{
    if (line.length < SEAL_LENGTH) {
        return false;
    }
    struct text bytes = {line.at, line.length - SEAL_LENGTH};
    const char *seal = line.at + bytes.length;
    char hash[DIGEST_TEXT];
    chain(head, bytes, hash);
    if (memcmp(seal, HASH_FIELD, HASH_FIELD_LENGTH) != 0 ||
        memcmp(seal + HASH_FIELD_LENGTH, hash, HASH_LENGTH) != 0 ||
        memcmp(seal + HASH_FIELD_LENGTH + HASH_LENGTH, LINE_END, LINE_END_LENGTH) != 0) {
        return false;
    }
    memcpy(head, hash, DIGEST_TEXT);
    return true;
}

/* Takes WORD off the front of TEXT; false when it isn't there. */
static bool take(struct text *text, const char *word)
{
    size_t length = strlen(word);
    if (text->length < length || memcmp(text->at, word, length) != 0) {
        return false;
    }
    text->at += length;
    text->length -= length;
    return true;
}

/* Takes off all up to and with the next quote; what stood before it. */
static struct text take_to_quote(struct text *text)
{
    const char *quote = text->length == 0 ? NULL : memchr(text->at, '"', text->length);
    if (quote == NULL) {
        return (struct text){0};
    }
    struct text before = {text->at, (size_t)(quote - text->at)};
    text->length -= before.length + 1;
    text->at = quote + 1;
    return before;
}

struct text line_event(struct text line)
{
    if (!take(&line, EVENT_START)) {
        return (struct text){0};
    }
    while (line.length > 0 && isdigit((unsigned char)*line.at)) {
        line.at++;
        line.length--;
    }
    if (!take(&line, ",\"time\":\"")) {
        return (struct text){0};
    }
    take_to_quote(&line);
    return take(&line, ",\"event\":\"") ? take_to_quote(&line) : (struct text){0};
}

static const char *find(struct text text, const char *word)
{
    return text.length == 0 ? NULL : memmem(text.at, text.length, word, strlen(word));
}

/* The length of the sealed line at the front of TEXT, 0: there is none. An output may hold the
 * bytes of a hash field too, so each is tried. */
static size_t sealed_front(struct text text, const char head[DIGEST_TEXT])
{
    struct text rest = text;
    for (const char *at; (at = find(rest, HASH_FIELD)) != NULL;) {
        size_t length = (size_t)(at - text.at) + SEAL_LENGTH;
        char scratch[DIGEST_TEXT];
        memcpy(scratch, head, DIGEST_TEXT);
        if (length <= text.length && text.at[length - 1] == '}' &&
            line_sealed((struct text){text.at, length}, scratch)) {
            return length;
        }
        rest.length -= (size_t)(at + 1 - rest.at);
        rest.at = at + 1;
    }
    return 0;
}

enum tail tail_judge(struct text tail, const char head[DIGEST_TEXT], size_t *whole)
{
    if (tail.length == 0) {
        return TAIL_NONE;
    }
    *whole = sealed_front(tail, head);
    /* A torn line begins as lines do, and is alone: another start behind it, or behind what can't
     * be read, is a record that was there once. */
    size_t from = *whole > 0 ? *whole : 1;
    struct text rest = {tail.at + from, tail.length - from};
    if (find(rest, EVENT_START) != NULL) {
        return TAIL_DAMAGED;
    }
    return *whole > 0 ? TAIL_WHOLE : TAIL_TORN;
}

/* Reads a further piece behind what is left of this one. */
static bool read_on(struct lines *lines)
{
    struct buffer next = {0};
    buffer_add(&next, lines->piece.at == NULL ? "" : lines->piece.at + lines->at,
               lines->piece.length - lines->at);
    buffer_free(&lines->piece);
    lines->piece = next;
    lines->at = 0;
    char bytes[PIECE];
    ssize_t got;
    do {
        got = read(lines->fd, bytes, sizeof bytes);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        lines->failed = true;
        lines->error = errno;
        return false;
    }
    lines->ended = got == 0;
    buffer_add(&lines->piece, bytes, (size_t)got);
    return got > 0;
}

bool lines_next(struct lines *lines, struct text *line)
{
    size_t searched = 0; /* of a long line nothing is searched twice */
    for (;;) {
        struct text rest = lines_rest(lines);
        const char *newline = rest.length > searched
                                  ? memchr(rest.at + searched, '\n', rest.length - searched)
                                  : NULL;
        if (newline != NULL) {
            *line = (struct text){rest.at, (size_t)(newline - rest.at)};
            lines->at += line->length + 1;
            return true;
        }
        searched = rest.length;
        if (lines->ended || lines->failed || !read_on(lines)) {
            return false;
        }
    }
}

struct text lines_rest(const struct lines *lines)
{
    if (lines->piece.at == NULL) {
        return (struct text){"", 0};
    }
    return (struct text){lines->piece.at + lines->at, lines->piece.length - lines->at};
}

void lines_free(struct lines *lines)
{
    buffer_free(&lines->piece);
}
