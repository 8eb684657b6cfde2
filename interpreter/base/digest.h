/* digest: SHA-256 as text. The one place that knows libcrypto. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "base/text.h"

enum { DIGEST_TEXT = 65 }; /* 64 hex digits and a NUL */

/* The SHA-256 (FIPS 180-4) of TEXT as lower-case hex. */
void digest_text(struct text text, char hex[DIGEST_TEXT]);

#endif
