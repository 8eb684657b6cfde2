/* text: slices of bytes, and buffers that grow.
 * A slice owns nothing; a buffer owns its bytes (heap) until buffer_free.
 * Names and keys are plain NUL-terminated `const char *`; what may hold any byte is a slice. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
    const char *at; /* not necessarily NUL-terminated; never NULL when length > 0 */
    size_t length;  /* bytes */
};

/* The slice over a NUL-terminated string; it must outlive the slice. */
struct text text_of(const char *string);
bool text_equal(struct text a, struct text b);
/* Is it exactly this NUL-terminated string? */
bool text_is(struct text a, const char *string);
/* Byte order as memcmp; a shorter prefix comes first. */
int text_compare(struct text a, struct text b);
/* The candidate nearest to WORD by edit distance (transpositions count one), or NULL when none is
 * near enough to be meant. */
const char *text_nearest(const char *word, const char *const *candidates, size_t count);

/* Does it hold no control character, so that it can stand in a line of a protocol? */
bool text_is_line(struct text text);
/* Is all of it UTF-8? */
bool text_is_utf8(struct text text);
/* The bytes of the character at the front of TEXT (not empty), its code in *CODE; 0 when the front
 * is no UTF-8. */
size_t text_character(struct text text, uint32_t *code);
/* May this character be shown on a terminal as it is? */
bool character_printable(uint32_t code);

struct buffer {
    char *at;      /* NUL-terminated as soon as something was added; NULL before */
    size_t length; /* bytes, without the NUL */
    size_t room;
};

/* A zeroed struct buffer is an empty one. */
void buffer_add(struct buffer *buffer, const char *at, size_t length);
void buffer_text(struct buffer *buffer, const char *string);
void buffer_format(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Appends TEXT so that it is safe on a terminal: control characters (also those that turn the
 * direction of writing) and bytes that are no UTF-8 become '?'. */
void buffer_printable(struct buffer *buffer, struct text text);
/* The bytes as a slice, valid until the next change. */
struct text buffer_slice(const struct buffer *buffer);
void buffer_free(struct buffer *buffer);

#endif
