#include "report/phrase.h"

#include "base/shell.h"
#include "base/text.h"
#include "base/units.h"
#include "store/name.h"
#include "store/state.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct tm local_of(int64_t time)
{
    time_t seconds = (time_t)(time / UNITS_SECOND);
    struct tm parts = {0};
    localtime_r(&seconds, &parts);
    return parts;
}

void phrase_clock(struct buffer *into, int64_t time)
{
    struct tm parts = local_of(time);
    buffer_format(into, "%02d:%02d:%02d", parts.tm_hour, parts.tm_min, parts.tm_sec);
}

void phrase_time(struct buffer *into, int64_t time)
{
    struct tm parts = local_of(time);
    buffer_format(into, "%04d-%02d-%02d ", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
    phrase_clock(into, time);
}

/* `1m05s`, or `1m` when nothing is left over. */
static void add_two(struct buffer *into, int64_t seconds, int64_t unit, const char *names)
{
    int64_t part = unit / (names[1] == 'h' ? 24 : 60);
    buffer_format(into, "%" PRId64 "%c", seconds / unit, names[0]);
    if (seconds % unit / part > 0)
        buffer_format(into, "%02" PRId64 "%c", seconds % unit / part, names[1]);
}

void phrase_duration(struct buffer *into, int64_t duration)
{
    int64_t ms = duration < 0 ? 0 : (duration + 500000) / 1000000;
    int64_t seconds = (ms + 500) / 1000;
    if (ms < 1000)
        buffer_format(into, "%" PRId64 "ms", ms);
    else if (ms < 9950 && ms % 1000 != 0)
        buffer_format(into, "%" PRId64 ".%" PRId64 "s", (ms + 50) / 1000, (ms + 50) / 100 % 10);
    else if (seconds < 60)
        buffer_format(into, "%" PRId64 "s", seconds);
    else if (seconds < 3600)
        add_two(into, seconds, 60, "ms");
    else if (seconds < 86400)
        add_two(into, seconds, 3600, "hm");
    else
        add_two(into, seconds, 86400, "dh");
}

void phrase_cell(struct buffer *into, int64_t duration)
{
    size_t before = into->length;
    phrase_duration(into, duration);
    for (size_t length = into->length - before; length < 9; length++)
        buffer_text(into, " ");
}

void phrase_count(struct buffer *into, size_t count, const char *singular, const char *plural)
{
    buffer_format(into, "%zu %s", count, count == 1 ? singular : plural);
}

void phrase_step(struct buffer *into, const char *name, const char *title)
{
    buffer_printable(into, text_of(name));
    if (title == NULL || title[0] == '\0' || strcmp(title, name) == 0)
        return;
    buffer_text(into, ": ");
    buffer_printable(into, text_of(title));
}

static void new_line(struct buffer *into, size_t indent)
{
    buffer_format(into, "\n%*s", (int)indent, "");
}

void phrase_wrap(struct buffer *into, const char *text, size_t indent, size_t width)
{
    size_t column = indent;
    bool first = true;
    while (*text != '\0') {
        size_t length = strcspn(text, " \n");
        if (!first && column + 1 + length > width) {
            new_line(into, indent);
            column = indent;
            first = true;
        }
        if (!first && length > 0) {
            buffer_text(into, " ");
            column++;
        }
        buffer_printable(into, (struct text){text, length});
        column += length;
        first = first && length == 0;
        text += length;
        if (*text == '\n') {
            new_line(into, indent);
            column = indent;
            first = true;
        }
        text += *text != '\0';
    }
}

void phrase_shell(struct buffer *into, const char *text)
{
    shell_word(into, text_of(text));
}

/* Is what stands before SLASH, its round left away, a library's action that was opened? */
static bool is_action(const struct state *state, const char *name, const char *slash)
{
    size_t length = (size_t)(slash - name);
    for (size_t i = length; i > 0 && strchr("]/", name[i - 1]) == NULL; i--)
        if (name[i - 1] == '#')
            length = i - 1;
    char *outer = strndup(name, length);
    const struct state_step *known = outer ? state_step(state, outer) : NULL;
    bool action =
        known != NULL && known->opened != NULL && strcmp(known->opened->opens, "composite") == 0;
    free(outer);
    return action;
}

bool phrase_inside_action(const struct state *state, const char *name)
{
    for (const char *slash = strchr(name, '/'); slash != NULL; slash = strchr(slash + 1, '/'))
        if (name_entry_number(slash) == NULL && is_action(state, name, slash))
            return true;
    return false;
}
