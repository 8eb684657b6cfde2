/* digest: SHA-256 as text. The one place that knows libcrypto. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "base/text.h"

enum { DIGEST_TEXT = 65 }; /* 64 hex digits and a NUL */

/* The SHA-256 (FIPS 180-4) of TEXT as lower-case hex. */
void digest_text(struct text text, char hex[DIGEST_TEXT]);

/* The same of what comes in pieces: digest_new, digest_add for each, digest_end, which frees it
 * too; HEX may be NULL then. */
struct digest;
struct digest *digest_new(void);
void digest_add(struct digest *digest, struct text piece);
void digest_end(struct digest *digest, char hex[DIGEST_TEXT]);

#endif
