#include "base/diagnostic.h"

#include "base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct diagnostic_about TABLE[] = {
#define DIAGNOSTIC(code, severity, title, story) [code] = {#code, severity, title, story},
#include "base/diagnostics.def"
#undef DIAGNOSTIC
};
_Static_assert(sizeof TABLE / sizeof *TABLE == DIAGNOSTIC_COUNT, "each code has its entry");

/* As by printf, in the arena. */
__attribute__((format(printf, 2, 0))) static char *
format_copy(struct arena *arena, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    size_t room = length < 0 ? 1 : (size_t)length + 1;
    char *text = arena_alloc(arena, room);
    vsnprintf(text, room, format, arguments);
    return text;
}

struct diagnostic *diagnostic_add(struct diagnostics *diagnostics, enum diagnostic_code code,
                                  struct mark mark, const char *remedy, const char *format, ...)
{
    struct arena *arena = diagnostics->arena;
    struct diagnostic *diagnostic = arena_alloc(arena, sizeof *diagnostic);
    diagnostic->code = code;
    diagnostic->mark = mark;
    diagnostic->remedy = remedy == NULL ? NULL : arena_copy(arena, remedy, strlen(remedy));
    va_list arguments;
    va_start(arguments, format);
    diagnostic->message = format_copy(arena, format, arguments);
    va_end(arguments);
    list_add(arena, &diagnostics->list, diagnostic);
    diagnostics->errors += TABLE[code].severity == SEVERITY_ERROR;
    diagnostics->warnings += TABLE[code].severity == SEVERITY_WARNING;
    return diagnostic;
}

void diagnostic_note(struct diagnostics *diagnostics, struct diagnostic *diagnostic,
                     struct mark mark, const char *format, ...)
{
    struct diagnostic_note *note = arena_alloc(diagnostics->arena, sizeof *note);
    note->mark = mark;
    va_list arguments;
    va_start(arguments, format);
    note->text = format_copy(diagnostics->arena, format, arguments);
    va_end(arguments);
    list_add(diagnostics->arena, &diagnostic->notes, note);
}

static bool is_same(const struct diagnostic *a, const struct diagnostic *b)
{
    return a->code == b->code && a->mark.source == b->mark.source &&
           a->mark.start == b->mark.start && strcmp(a->message, b->message) == 0;
}

void diagnostic_suppress(struct diagnostics *diagnostics, struct diagnostic *finding,
                         struct allowance allowed)
{
    struct list *list = &diagnostics->list;
    struct list *suppressed = &diagnostics->suppressed;
    assert(list->count > 0 && list->at[list->count - 1] == finding);
    assert(TABLE[finding->code].severity != SEVERITY_ERROR);
    list->count--;
    diagnostics->warnings -= TABLE[finding->code].severity == SEVERITY_WARNING;
    finding->allowed = allowed;
    if (suppressed->count == 0 || !is_same(suppressed->at[suppressed->count - 1], finding))
        list_add(diagnostics->arena, suppressed, finding);
}

size_t diagnostics_found(const struct diagnostics *diagnostics)
{
    return (size_t)diagnostics->list.count + diagnostics->suppressed.count;
}

/* What has no place comes first; then by name, place and code. */
static int diagnostic_compare(const struct diagnostic *a, const struct diagnostic *b)
{
    if (a->mark.source != b->mark.source) {
        if (a->mark.source == NULL || b->mark.source == NULL) {
            return a->mark.source == NULL ? -1 : 1;
        }
        int order = strcmp(source_name(a->mark.source), source_name(b->mark.source));
        if (order != 0) {
            return order;
        }
    }
    if (a->mark.start != b->mark.start) {
        return a->mark.start < b->mark.start ? -1 : 1;
    }
    return (a->code > b->code) - (a->code < b->code);
}

struct place {
    struct diagnostic *diagnostic;
    size_t index; /* before the sort: equal ones keep their order */
};

static int place_compare(const void *left, const void *right)
{
    const struct place *a = left;
    const struct place *b = right;
    int order = diagnostic_compare(a->diagnostic, b->diagnostic);
    return order != 0 ? order : (a->index > b->index) - (a->index < b->index);
}

static void sort(struct list *list)
{
    size_t count = list->count;
    if (count < 2)
        return;
    struct place *places = memory_resize(NULL, count * sizeof *places);
    for (size_t i = 0; i < count; i++) {
        places[i] = (struct place){list->at[i], i};
    }
    qsort(places, count, sizeof *places, place_compare);
    for (size_t i = 0; i < count; i++) {
        list->at[i] = places[i].diagnostic;
    }
    free(places);
}

void diagnostics_sort(struct diagnostics *diagnostics)
{
    sort(&diagnostics->list);
    sort(&diagnostics->suppressed);
}

struct paint {
    const char *name;     /* of the place */
    const char *severity; /* of the word and the code */
    const char *end;
};

static struct paint paint_of(enum severity severity, bool colour)
{
    static const char *const words[] = {"\x1b[1;36m", "\x1b[1;35m", "\x1b[1;31m"};
    return colour ? (struct paint){"\x1b[1m", words[severity], "\x1b[0m"}
                  : (struct paint){"", "", ""};
}

/* NAME:LINE:COLUMN: and the coloured WORD. */
static void head_print(struct mark mark, const char *word, struct paint paint, struct buffer *into)
{
    if (mark.source != NULL) {
        buffer_text(into, paint.name);
        buffer_printable(into, text_of(source_name(mark.source)));
        buffer_format(into, ":%u:%u:%s ", mark_line(mark), mark_column(mark), paint.end);
    }
    buffer_format(into, "%s%s%s: ", paint.severity, word, paint.end);
}

const char *severity_name(enum severity severity)
{
    static const char *const words[] = {"note", "warning", "error"};
    return words[severity];
}

void diagnostic_print(const struct diagnostic *diagnostic, bool colour, struct buffer *into)
{
    const struct diagnostic_about *about = diagnostic_about(diagnostic->code);
    char word[32];
    snprintf(word, sizeof word, "%s %s", severity_name(about->severity), about->code);
    head_print(diagnostic->mark, word, paint_of(about->severity, colour), into);
    buffer_printable(into, text_of(diagnostic->message));
    if (diagnostic->trap != NULL)
        buffer_format(into, " [%s]", diagnostic->trap);
    buffer_text(into, "\n");
    mark_excerpt(diagnostic->mark, into);
    if (diagnostic->remedy != NULL && diagnostic->allowed.why == NULL) {
        buffer_text(into, "      = remedy: ");
        buffer_printable(into, text_of(diagnostic->remedy));
        buffer_text(into, "\n");
    }
    for (size_t i = 0; i < diagnostic->notes.count; i++) {
        const struct diagnostic_note *note = diagnostic->notes.at[i];
        head_print(note->mark, "note", paint_of(SEVERITY_NOTE, colour), into);
        buffer_printable(into, text_of(note->text));
        buffer_text(into, "\n");
        mark_excerpt(note->mark, into);
    }
    if (diagnostic->allowed.why != NULL) {
        head_print(diagnostic->allowed.mark, "allowed", paint_of(SEVERITY_NOTE, colour), into);
        buffer_printable(into, text_of(diagnostic->allowed.why));
        buffer_text(into, "\n");
    }
}

const struct diagnostic_about *diagnostic_about(enum diagnostic_code code)
{
    return &TABLE[code];
}

bool diagnostic_find(const char *name, enum diagnostic_code *code)
{
    for (size_t i = 0; i < DIAGNOSTIC_COUNT; i++) {
        if (strcasecmp(name, TABLE[i].code) == 0) {
            *code = (enum diagnostic_code)i;
            return true;
        }
    }
    return false;
}
