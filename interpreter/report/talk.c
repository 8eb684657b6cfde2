#include "report/talk.h"

#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

/* A line that never ends (a progress bar of dots) is shown in parts. */
#define LINE_LIMIT 4096

/* One stream of one step that has begun a line. */
struct partial {
    char *step;
    int stream;
    struct buffer bytes;
    struct partial *next;
};

struct talk {
    void (*line)(void *context, const char *step, int stream, struct text line);
    void *context;
    struct partial *partials; /* few: steps that are at work and stand inside a line */
    struct buffer shown;
};

/* ---- one line ---- */

/* Length of the escape sequence at the front, 0 when there is none: ESC [ … letter, ESC ] … BEL or
 * ESC \, ESC and one character. */
static size_t escape_length(struct text rest)
{
    if (rest.length < 2 || rest.at[0] != '\x1b')
        return 0;
    size_t at = 2;
    if (rest.at[1] == '[') {
        while (at < rest.length && ((unsigned char)rest.at[at] < 0x40 || rest.at[at] == '['))
            at++;
        return at < rest.length ? at + 1 : at;
    }
    if (rest.at[1] != ']')
        return 2;
    while (at < rest.length && rest.at[at] != '\a' && rest.at[at] != '\x1b')
        at++;
    if (at + 1 < rest.length && rest.at[at] == '\x1b')
        at++;
    return at < rest.length ? at + 1 : at;
}

/* What stands behind the last carriage return that is not the end of the line. */
static struct text last_written(struct text line)
{
    while (line.length > 0 && line.at[line.length - 1] == '\r')
        line.length--;
    const char *back = line.length > 0 ? memrchr(line.at, '\r', line.length) : NULL;
    if (back == NULL)
        return line;
    size_t before = (size_t)(back + 1 - line.at);
    return (struct text){back + 1, line.length - before};
}

void line_printable(struct buffer *into, struct text line)
{
    struct text rest = last_written(line);
    size_t column = 0;
    while (rest.length > 0) {
        size_t length = escape_length(rest);
        if (length == 0 && rest.at[0] == '\t') {
            static const char spaces[] = "        ";
            size_t width = 8 - column % 8;
            buffer_add(into, spaces, width);
            column += width;
            length = 1;
        } else if (length == 0) {
            uint32_t code = 0;
            length = text_character(rest, &code);
            length = length > 0 ? length : 1;
            buffer_printable(into, (struct text){rest.at, length});
            column++;
        }
        rest.at += length;
        rest.length -= length;
    }
}

/* ---- streams ---- */

struct talk *talk_new(void (*line)(void *context, const char *step, int stream, struct text line),
                      void *context)
{
    struct talk *talk = memory_resize(NULL, sizeof *talk);
    *talk = (struct talk){.line = line, .context = context};
    return talk;
}

static void show(struct talk *talk, const char *step, int stream, struct text line)
{
    talk->shown.length = 0;
    line_printable(&talk->shown, line);
    talk->line(talk->context, step, stream, buffer_slice(&talk->shown));
}

static struct partial *find(struct talk *talk, const char *step, int stream)
{
    for (struct partial *at = talk->partials; at != NULL; at = at->next)
        if (at->stream == stream && strcmp(at->step, step) == 0)
            return at;
    return NULL;
}

static void drop(struct talk *talk, struct partial *partial)
{
    struct partial **at = &talk->partials;
    while (*at != partial)
        at = &(*at)->next;
    *at = partial->next;
    buffer_free(&partial->bytes);
    free(partial->step);
    free(partial);
}

static struct partial *keep(struct talk *talk, const char *step, int stream)
{
    struct partial *partial = memory_resize(NULL, sizeof *partial);
    size_t size = strlen(step) + 1;
    *partial = (struct partial){.stream = stream, .next = talk->partials};
    partial->step = memcpy(memory_resize(NULL, size), step, size);
    talk->partials = partial;
    return partial;
}

/* The rest of a line that was begun; BYTES moves behind it. */
static void complete(struct talk *talk, struct partial *partial, const char *step, int stream,
                     struct text *bytes)
{
    const char *end = memchr(bytes->at, '\n', bytes->length);
    size_t length = end ? (size_t)(end - bytes->at) : bytes->length;
    buffer_add(&partial->bytes, bytes->at, length);
    length += end != NULL;
    bytes->at += length;
    bytes->length -= length;
    if (end == NULL && partial->bytes.length < LINE_LIMIT)
        return;
    show(talk, step, stream, buffer_slice(&partial->bytes));
    drop(talk, partial);
}

void talk_add(struct talk *talk, const char *step, int stream, struct text bytes)
{
    struct partial *partial = bytes.length > 0 ? find(talk, step, stream) : NULL;
    if (partial != NULL)
        complete(talk, partial, step, stream, &bytes);
    while (bytes.length > 0) {
        const char *end = memchr(bytes.at, '\n', bytes.length);
        size_t length = end ? (size_t)(end - bytes.at) : bytes.length;
        if (end == NULL && length < LINE_LIMIT) {
            buffer_add(&keep(talk, step, stream)->bytes, bytes.at, length);
            return;
        }
        length = length < LINE_LIMIT ? length : LINE_LIMIT;
        show(talk, step, stream, (struct text){bytes.at, length});
        length += end == bytes.at + length;
        bytes.at += length;
        bytes.length -= length;
    }
}

void talk_end(struct talk *talk, const char *step)
{
    for (int stream = 1; stream <= 2; stream++) {
        struct partial *partial = find(talk, step, stream);
        if (partial == NULL)
            continue;
        show(talk, step, stream, buffer_slice(&partial->bytes));
        drop(talk, partial);
    }
}

void talk_free(struct talk *talk)
{
    if (talk == NULL)
        return;
    while (talk->partials != NULL)
        drop(talk, talk->partials);
    buffer_free(&talk->shown);
    free(talk);
}
