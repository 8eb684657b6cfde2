#include "base/mask.h"

#include "base/mask_forms.h"

#include <stdlib.h>
#include <string.h>

struct needle {
    char *at;
    size_t length;
    struct needle *next; /* with the same first byte */
};

struct secret {
    char *at;
    size_t length;
    struct secret *next;
};

struct mask {
    struct needle *by_first[256];
    struct secret *secrets; /* in the order in which they came */
};

static void *must(void *memory)
{
    if (memory == NULL)
        abort();
    return memory;
}

static char *copy(const char *at, size_t length)
{
    return memcpy(must(malloc(length)), at, length);
}

static void wipe(char *at, size_t length)
{
    explicit_bzero(at, length);
    free(at);
}

struct mask *mask_new(void)
{
    return must(calloc(1, sizeof(struct mask)));
}

void mask_free(struct mask *mask)
{
    if (mask == NULL)
        return;
    for (size_t i = 0; i < sizeof mask->by_first / sizeof *mask->by_first; i++)
        for (struct needle *needle = mask->by_first[i], *next; needle; needle = next) {
            next = needle->next;
            wipe(needle->at, needle->length);
            free(needle);
        }
    for (struct secret *secret = mask->secrets, *next; secret; secret = next) {
        next = secret->next;
        wipe(secret->at, secret->length);
        free(secret);
    }
    free(mask);
}

static void add_needle(void *data, const char *at, size_t length)
{
    struct mask *mask = data;
    struct needle **list = &mask->by_first[(unsigned char)at[0]];
    for (struct needle *needle = *list; needle; needle = needle->next)
        if (needle->length == length && memcmp(needle->at, at, length) == 0)
            return;
    struct needle *needle = must(malloc(sizeof *needle));
    *needle = (struct needle){copy(at, length), length, *list};
    *list = needle;
}

void mask_learn(struct mask *mask, const char *at, size_t length)
{
    struct secret **end = &mask->secrets;
    for (; *end; end = &(*end)->next)
        if ((*end)->length == length && memcmp((*end)->at, at, length) == 0)
            return;
    struct secret *secret = must(malloc(sizeof *secret));
    *secret = (struct secret){copy(at, length), length, NULL};
    *end = secret;
    mask_forms(at, length, add_needle, mask);
}

const char *mask_secret(const struct mask *mask, size_t index, size_t *length)
{
    const struct secret *secret = mask ? mask->secrets : NULL;
    while (secret && index-- > 0)
        secret = secret->next;
    *length = secret ? secret->length : 0;
    return secret ? secret->at : NULL;
}

/* ---- looking ---- */

/* How long the longest form is that stands at the front of the LENGTH bytes AT; *open: they are
 * the beginning of one that is longer than they are. */
static size_t longest(const struct mask *mask, const char *at, size_t length, bool *open)
{
    size_t found = 0;
    *open = false;
    for (const struct needle *needle = mask->by_first[(unsigned char)at[0]]; needle;
         needle = needle->next) {
        size_t common = needle->length < length ? needle->length : length;
        if ((needle->length <= found && needle->length <= length) ||
            memcmp(needle->at, at, common) != 0)
            continue;
        if (needle->length > length)
            *open = true;
        else
            found = needle->length;
    }
    return found;
}

struct look {
    const struct mask *mask;
    const char *at;
    size_t length;
    size_t from, covered; /* what is before FROM was let through, up to COVERED as MASK_SHOWN */
    bool final;
    void (*keep)(void *data, const char *at, size_t length);
    void *data;
};

/* Lets through what is certain; then FROM is where the rest begins. Forms that overlap are hidden
 * as one, so that no end of the second is left. */
static void look_through(struct look *look)
{
    size_t i = look->from, plain = i > look->covered ? i : look->covered;
    for (; i < look->length; i++) {
        bool open;
        size_t found = longest(look->mask, look->at + i, look->length - i, &open);
        if (open && !look->final)
            break;
        if (found == 0 || i + found <= look->covered)
            continue;
        if (i > look->covered || look->covered == 0) {
            if (i > plain)
                look->keep(look->data, look->at + plain, i - plain);
            look->keep(look->data, MASK_SHOWN, sizeof MASK_SHOWN - 1);
        }
        look->covered = plain = i + found;
    }
    if (i > plain)
        look->keep(look->data, look->at + plain, i - plain);
    look->from = i;
}

struct growing {
    char *at;
    size_t length, room;
};

static void grow(struct growing *growing, const char *at, size_t length)
{
    if (growing->length + length + 1 > growing->room) {
        growing->room = 2 * (growing->length + length + 1);
        growing->at = must(realloc(growing->at, growing->room));
    }
    memcpy(growing->at + growing->length, at, length);
    growing->length += length;
    growing->at[growing->length] = '\0';
}

static void keep_growing(void *data, const char *at, size_t length)
{
    grow(data, at, length);
}

static bool any_in(const struct mask *mask, const char *at, size_t length)
{
    bool open;
    for (size_t i = 0; i < length; i++)
        if (longest(mask, at + i, length - i, &open) > 0)
            return true;
    return false;
}

char *mask_text(const struct mask *mask, const char *at, size_t length, size_t *masked)
{
    if (mask == NULL || mask->secrets == NULL || !any_in(mask, at, length))
        return NULL;
    struct growing growing = {0};
    struct look look = {mask, at, length, 0, 0, true, keep_growing, &growing};
    look_through(&look);
    *masked = growing.length;
    return growing.at;
}

/* ---- in pieces ---- */

static void hold(struct mask_stream *stream, const char *at, size_t length)
{
    if (stream->length + length > stream->room) {
        size_t room = 2 * (stream->length + length);
        char *held = must(malloc(room));
        if (stream->held) {
            memcpy(held, stream->held, stream->length);
            wipe(stream->held, stream->room);
        }
        stream->held = held;
        stream->room = room;
    }
    memcpy(stream->held + stream->length, at, length);
    stream->length += length;
}

static void look_at(struct mask_stream *stream, const char *at, size_t length, bool final)
{
    struct look look = {stream->mask,    at,    length,       0,
                        stream->covered, final, stream->keep, stream->data};
    look_through(&look);
    size_t rest = length - look.from;
    stream->covered = look.covered > look.from ? look.covered - look.from : 0;
    if (at == stream->held) {
        memmove(stream->held, stream->held + look.from, rest);
        stream->length = rest;
    } else if (rest > 0) {
        hold(stream, at + look.from, rest);
    }
}

void mask_stream_add(struct mask_stream *stream, const char *at, size_t length)
{
    if (length == 0)
        return;
    if (stream->mask == NULL || (stream->mask->secrets == NULL && stream->length == 0)) {
        stream->keep(stream->data, at, length);
    } else if (stream->length == 0) {
        look_at(stream, at, length, false);
    } else {
        hold(stream, at, length);
        look_at(stream, stream->held, stream->length, false);
    }
}

void mask_stream_end(struct mask_stream *stream)
{
    if (stream->length > 0)
        look_at(stream, stream->held, stream->length, true);
    if (stream->held)
        wipe(stream->held, stream->room);
    stream->held = NULL;
    stream->length = stream->room = stream->covered = 0;
}
