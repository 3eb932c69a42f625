#include "form/hash.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

ar_str ar_sha256(ar_str text, ar_arena *arena)
{
    unsigned char sum[SHA256_DIGEST_LENGTH];
    char *hex = ar_arena_take(arena, 2 * sizeof sum + 1);

    SHA256((const unsigned char *)(text.len == 0 ? "" : text.ptr), text.len, sum);
    ar_hex(sum, sizeof sum, hex);
    return (ar_str){ hex, 2 * sizeof sum };
}

ar_str ar_sha256_base64(ar_str text, ar_arena *arena)
{
    unsigned char sum[SHA256_DIGEST_LENGTH];
    unsigned char *out = ar_arena_take(arena, 4 * ((sizeof sum + 2) / 3) + 1);

    SHA256((const unsigned char *)(text.len == 0 ? "" : text.ptr), text.len, sum);
    return (ar_str){ (char *)out, (size_t)EVP_EncodeBlock(out, sum, sizeof sum) };
}
