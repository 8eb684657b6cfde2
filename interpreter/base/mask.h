/* mask: the one place where secrets leave a text, before it is shown or kept.
 * A secret is found as it is, line by line and trimmed, and in the forms in which programs print
 * what they were given: base64 and base64url at any alignment, hex, percent-encoded, JSON, HTML,
 * quoted for a shell, for SQL, for libpq. What was reversed, compressed, cut in halves or encoded
 * twice can't be found.
 * Used by the shim's program too: may use nothing but libc. */
#ifndef BASE_MASK_H
#define BASE_MASK_H

#include <stdbool.h>
#include <stddef.h>

#define MASK_SHOWN "***" /* what stands in its place */

enum {
    MASK_LEAST = 6,        /* bytes of a secret: a shorter one would blot out half of any text */
    MASK_MOST = 64 * 1024, /* bytes: what is longer is a file, not a secret */
};

/* What is known to be secret; it only grows. */
struct mask;

/* Never NULL. The caller frees; what it holds is wiped then. */
struct mask *mask_new(void);
void mask_free(struct mask *mask); /* NULL is allowed */
/* From now on LENGTH bytes AT (copied) are a secret; MASK_LEAST to MASK_MOST of them. Again is
 * nothing. */
void mask_learn(struct mask *mask, const char *at, size_t length);
/* The secrets in the order in which they were learned; NULL past the last. */
const char *mask_secret(const struct mask *mask, size_t index, size_t *length);

/* The text with MASK_SHOWN for each secret in it, NUL-terminated, the caller's (free); NULL when
 * none is in it. MASK NULL: nothing is known. */
char *mask_text(const struct mask *mask, const char *at, size_t length, size_t *masked);

/* The same for what comes in pieces, wherever they are cut: what may be the beginning of a secret
 * is held back until the next piece, or the end, tells. */
struct mask_stream {
    const struct mask *mask; /* NULL: all is let through */
    char *held;
    size_t length, room;
    size_t covered; /* bytes at the front of `held` for which MASK_SHOWN was let through already */
    void (*keep)(void *data, const char *at, size_t length); /* what may be shown */
    void *data;
};
/* The rest of a zeroed struct is right as it is. */
void mask_stream_add(struct mask_stream *stream, const char *at, size_t length);
/* Lets the rest through and frees what was held. */
void mask_stream_end(struct mask_stream *stream);

#endif
