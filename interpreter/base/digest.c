#include "base/digest.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdlib.h>

static void write_hex(const unsigned char sum[SHA256_DIGEST_LENGTH], char hex[DIGEST_TEXT])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < SHA256_DIGEST_LENGTH; i++) {
        hex[2 * i] = digits[sum[i] >> 4];
        hex[2 * i + 1] = digits[sum[i] & 15];
    }
    hex[DIGEST_TEXT - 1] = '\0';
}

void digest_text(struct text text, char hex[DIGEST_TEXT])
{
    unsigned char sum[SHA256_DIGEST_LENGTH];
    SHA256((const unsigned char *)(text.at ? text.at : ""), text.length, sum);
    write_hex(sum, hex);
}

/* libcrypto refuses these only when memory is out, for which arena.c's rule holds: the end. */
static void must(int good)
{
    if (good != 1)
        abort();
}

struct digest *digest_new(void)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    must(context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1);
    return (struct digest *)context;
}

void digest_add(struct digest *digest, struct text piece)
{
    must(EVP_DigestUpdate((EVP_MD_CTX *)digest, piece.at, piece.length));
}

void digest_end(struct digest *digest, char hex[DIGEST_TEXT])
{
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    if (hex != NULL) {
        must(EVP_DigestFinal_ex((EVP_MD_CTX *)digest, sum, &length) == 1 &&
             length == SHA256_DIGEST_LENGTH);
        write_hex(sum, hex);
    }
    EVP_MD_CTX_free((EVP_MD_CTX *)digest);
}
