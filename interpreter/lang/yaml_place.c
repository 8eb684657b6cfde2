/* Where a byte of a scalar's value stands in the source. All styles are walked alike: a character
 * that was not escaped stands in both, and a run of blanks with a line end in the source is a run
 * of blanks (or nothing) in the value. What does not fit falls back to the scalar's start. */
#include "lang/yaml.h"

#include <string.h>

struct walk {
    struct text text; /* of the source */
    enum node_style style;
    size_t at; /* in the source */
    struct text value;
    size_t done; /* of the value */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The end of a run of blanks that begins at AT and holds a line end; AT when there is none. */
static size_t break_end(struct text text, size_t at)
{
    size_t end = at;
    bool broken = false;
    while (end < text.length && is_blank(text.at[end])) {
        broken |= text.at[end] == '\n';
        end++;
    }
    return broken ? end : at;
}

/* The end of an escaped line end and the blanks behind it at AT, which stand for nothing; AT when
 * there is none. */
static size_t joint_end(struct text text, enum node_style style, size_t at)
{
    bool joint = style == STYLE_DOUBLE && at + 1 < text.length && text.at[at] == '\\';
    size_t end = joint ? break_end(text, at + 1) : at;
    return joint && end > at + 1 && (text.at[at + 1] == '\n' || text.at[at + 1] == '\r') ? end : at;
}

/* Length in the source and in the value of the escape of a double-quoted text at AT; false when it
 * isn't known. */
static bool escape_lengths(struct text text, size_t at, size_t *source, size_t *value)
{
    static const char one[] = "0abt\tnvfre \"/\\"; /* each stands for one byte */
    if (at + 1 >= text.length) {
        return false;
    }
    char c = text.at[at + 1];
    *source = 2;
    *value = 1;
    if (c != '\0' && strchr(one, c) != NULL) {
        return true;
    }
    size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    unsigned long code = 0;
    for (size_t i = 0; i < digits; i++) {
        char digit = at + 2 + i < text.length ? text.at[at + 2 + i] : 0;
        const char *place = digit ? strchr("00112233445566778899aAbBcCdDeEfF", digit) : NULL;
        if (place == NULL) {
            return false;
        }
        code = code << 4 | (unsigned long)(place - "00112233445566778899aAbBcCdDeEfF") / 2;
    }
    *source = 2 + digits;
    *value = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    return digits > 0;
}

/* Walks until TARGET bytes of the value are behind; false when source and value part. */
static bool walk_to(struct walk *walk, size_t target)
{
    while (walk->done < target) {
        size_t end = break_end(walk->text, walk->at);
        if (end > walk->at) {
            walk->at = end;
            while (walk->done < walk->value.length && is_blank(walk->value.at[walk->done])) {
                walk->done++;
            }
            continue;
        }
        end = joint_end(walk->text, walk->style, walk->at);
        if (end > walk->at) {
            walk->at = end;
            continue;
        }
        size_t source = 1;
        size_t value = 1;
        if (walk->at >= walk->text.length) {
            return false;
        }
        char c = walk->text.at[walk->at];
        if (walk->style == STYLE_DOUBLE && c == '\\') {
            if (!escape_lengths(walk->text, walk->at, &source, &value)) {
                return false;
            }
        } else if (c != walk->value.at[walk->done]) {
            return false;
        } else if (walk->style == STYLE_SINGLE && c == '\'') {
            source = 2;
        }
        walk->at += source;
        walk->done += value;
    }
    return true;
}

/* Where the value's first byte stands, but for blanks before it. */
static size_t content_start(const struct node *scalar, struct text text)
{
    size_t at = scalar->mark.start;
    if (scalar->style == STYLE_SINGLE || scalar->style == STYLE_DOUBLE) {
        return at + 1;
    }
    if (scalar->style == STYLE_LITERAL || scalar->style == STYLE_FOLDED) {
        const char *newline = memchr(text.at + at, '\n', text.length - at);
        return newline == NULL ? text.length : (size_t)(newline - text.at);
    }
    return at;
}

struct mark node_mark_at(const struct node *scalar, size_t offset, size_t length)
{
    struct text text = source_text(scalar->mark.source);
    struct walk walk = {text, scalar->style, content_start(scalar, text), scalar->text, 0};
    if (offset > scalar->text.length || !walk_to(&walk, offset)) {
        return scalar->mark;
    }
    /* The value goes on behind a line end. */
    if (offset < scalar->text.length && !is_blank(scalar->text.at[offset])) {
        walk.at = break_end(text, walk.at);
        walk.at = joint_end(text, walk.style, walk.at);
    }
    struct mark mark = {scalar->mark.source, (uint32_t)walk.at, (uint32_t)walk.at + 1};
    size_t end = length < scalar->text.length - offset ? offset + length : scalar->text.length;
    if (walk_to(&walk, end) && walk.at > mark.start) {
        mark.end = (uint32_t)walk.at;
    }
    return mark;
}
