#include "base/source.h"

#include "base/arena.h"

#include <string.h>
#include <uniwidth.h>

enum {
    SHOWN = 160, /* characters of a line; more would wrap on every terminal */
    BEFORE = 60  /* of them before the mark when the line is longer */
};

struct source {
    struct arena *arena;
    const char *name;
    struct text text;
    uint32_t *lines; /* offsets of the lines' first bytes; NULL until somebody asks */
    size_t line_count;
};

struct source *source_new(struct arena *arena, const char *name, struct text text)
{
    struct source *source = arena_alloc(arena, sizeof *source);
    source->arena = arena;
    source->name = name;
    source->text = text;
    return source;
}

const char *source_name(const struct source *source)
{
    return source->name;
}

struct text source_text(const struct source *source)
{
    return source->text;
}

static const char *newline_after(struct text text, const char *at)
{
    size_t left = text.length - (size_t)(at - text.at);
    return left == 0 ? NULL : memchr(at, '\n', left);
}

/* The table is built when the first place is asked for: a good file never asks, and a scan of
 * 100,000 steps would be a tenth of the time of reading them. A source is only const to those who
 * hold it; all are made by source_new. */
static void lines_build(const struct source *source)
{
    struct source *writable = (struct source *)source;
    size_t count = 1;
    for (const char *at = source->text.at; (at = newline_after(source->text, at)) != NULL; at++) {
        count++;
    }
    uint32_t *lines = arena_alloc(writable->arena, count * sizeof *lines);
    size_t line = 1;
    for (const char *at = source->text.at; (at = newline_after(source->text, at)) != NULL; at++) {
        lines[line++] = (uint32_t)(at + 1 - source->text.at);
    }
    writable->lines = lines;
    writable->line_count = count;
}

/* The number, from 0, of the line that OFFSET lies in. */
static size_t line_index(const struct source *source, uint32_t offset)
{
    if (source->lines == NULL) {
        lines_build(source);
    }
    size_t low = 0;
    size_t high = source->line_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (source->lines[middle] <= offset) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

static uint32_t clamped(const struct source *source, uint32_t offset)
{
    return offset < source->text.length ? offset : (uint32_t)source->text.length;
}

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

uint32_t mark_line(struct mark mark)
{
    return mark.source == NULL ? 0 : (uint32_t)line_index(mark.source, mark.start) + 1;
}

uint32_t mark_column(struct mark mark)
{
    if (mark.source == NULL) {
        return 0;
    }
    uint32_t start = clamped(mark.source, mark.start);
    size_t line = line_index(mark.source, start);
    uint32_t column = 1;
    for (uint32_t at = mark.source->lines[line]; at < start; at++) {
        column += !is_continuation(mark.source->text.at[at]);
    }
    return column;
}

struct mark mark_end(struct mark mark)
{
    return (struct mark){mark.source, mark.end, mark.end};
}

/* One character of a line as it is shown. */
struct glyph {
    size_t length; /* bytes in the source */
    int width;     /* columns on the terminal */
    bool shown;    /* as it is; else '?' */
};

static struct glyph glyph_at(const char *at, size_t length)
{
    uint32_t code = 0;
    size_t bytes = text_character((struct text){at, length}, &code);
    if (bytes == 0) {
        return (struct glyph){1, 1, false};
    }
    if (code == '\t') {
        return (struct glyph){1, 1, true};
    }
    if (!character_printable(code)) {
        return (struct glyph){bytes, 1, false};
    }
    int width = code < 0x80 ? 1 : uc_width(code, "UTF-8");
    return (struct glyph){bytes, width < 0 ? 1 : width, true};
}

static size_t characters(const char *at, const char *end)
{
    size_t count = 0;
    for (; at < end; at++) {
        count += !is_continuation(*at);
    }
    return count;
}

/* The part of a line that is shown, and the span to be underlined in it. */
struct window {
    const char *from;
    const char *to;
    const char *start; /* of the span */
    const char *end;   /* exclusive; may be the start */
    bool cut_before;
    bool cut_after;
};

static struct window window_around(struct mark mark, const char *line, const char *line_end)
{
    struct text text = mark.source->text;
    struct window window = {.from = line, .to = line_end};
    window.start = text.at + clamped(mark.source, mark.start);
    window.end = text.at + clamped(mark.source, mark.end);
    if (window.start > line_end) {
        window.start = line_end;
    }
    if (window.end > line_end || window.end < window.start) {
        window.end = window.end < window.start ? window.start : line_end;
    }
    if (characters(line, line_end) <= SHOWN) {
        return window;
    }
    size_t before = characters(line, window.start);
    for (; before > BEFORE; before--) {
        do {
            window.from++;
        } while (is_continuation(*window.from));
    }
    window.cut_before = window.from > line;
    size_t shown = 0;
    for (window.to = window.from; window.to < line_end && shown < SHOWN; shown++) {
        do {
            window.to++;
        } while (window.to < line_end && is_continuation(*window.to));
    }
    window.cut_after = window.to < line_end;
    if (window.end > window.to) {
        window.end = window.to;
    }
    return window;
}

static void line_show(const struct window *window, struct buffer *into)
{
    buffer_text(into, window->cut_before ? "…" : "");
    for (const char *at = window->from; at < window->to;) {
        struct glyph glyph = glyph_at(at, (size_t)(window->to - at));
        buffer_add(into, glyph.shown ? at : "?", glyph.shown ? glyph.length : 1);
        at += glyph.length;
    }
    buffer_text(into, window->cut_after ? "…\n" : "\n");
}

static void repeat(struct buffer *into, const char *what, int times)
{
    for (int i = 0; i < times; i++) {
        buffer_text(into, what);
    }
}

static void caret_show(const struct window *window, struct buffer *into)
{
    buffer_text(into, window->cut_before ? " " : "");
    const char *at = window->from;
    while (at < window->start) {
        struct glyph glyph = glyph_at(at, (size_t)(window->to - at));
        repeat(into, *at == '\t' ? "\t" : " ", glyph.width);
        at += glyph.length;
    }
    int width = 0;
    while (at < window->end) {
        struct glyph glyph = glyph_at(at, (size_t)(window->to - at));
        width += glyph.width;
        at += glyph.length;
    }
    buffer_text(into, "^");
    repeat(into, "~", width - 1);
    buffer_text(into, "\n");
}

void mark_excerpt(struct mark mark, struct buffer *into)
{
    if (mark.source == NULL || mark.source->text.length == 0) {
        return;
    }
    struct text text = mark.source->text;
    size_t index = line_index(mark.source, clamped(mark.source, mark.start));
    const char *line = text.at + mark.source->lines[index];
    const char *line_end = newline_after(text, line);
    if (line_end == NULL) {
        line_end = text.at + text.length;
    }
    if (line_end > line && line_end[-1] == '\r') {
        line_end--;
    }
    struct window window = window_around(mark, line, line_end);
    buffer_format(into, "%5zu | ", index + 1);
    line_show(&window, into);
    buffer_text(into, "      | ");
    caret_show(&window, into);
}
