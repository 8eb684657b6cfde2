#include "base/digest.h"

#include <openssl/sha.h>

void digest_text(struct text text, char hex[DIGEST_TEXT])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char sum[SHA256_DIGEST_LENGTH];
    SHA256((const unsigned char *)(text.at ? text.at : ""), text.length, sum);
    for (size_t i = 0; i < sizeof sum; i++) {
        hex[2 * i] = digits[sum[i] >> 4];
        hex[2 * i + 1] = digits[sum[i] & 15];
    }
    hex[DIGEST_TEXT - 1] = '\0';
}
