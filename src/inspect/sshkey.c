#include "inspect/sshkey.h"

#include "form/encoding.h"
#include "inspect/words.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

/* A length-prefixed string of the wire form (RFC 4251 section 5); *rest moves past it. */
static bool take_string(ar_str *rest, ar_str *out)
{
    const unsigned char *p = (const unsigned char *)rest->ptr;
    size_t len;

    if (rest->len < 4) return false;
    len = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
    if (len > rest->len - 4) return false;
    *out = ar_str_cut(*rest, 4, 4 + len);
    *rest = ar_str_cut(*rest, 4 + len, rest->len);
    return true;
}

static int64_t integer_bits(ar_str mpint)
{
    while (mpint.len > 0 && mpint.ptr[0] == 0) mpint = ar_str_cut(mpint, 1, mpint.len);
    if (mpint.len == 0) return 0;
    return (int64_t)mpint.len * 8 - __builtin_clz((unsigned char)mpint.ptr[0]) + 24;
}

static ar_str fingerprint(ar_str blob, ar_arena *arena)
{
    unsigned char sum[SHA256_DIGEST_LENGTH], text[4 * SHA256_DIGEST_LENGTH];

    SHA256((const unsigned char *)blob.ptr, blob.len, sum);
    (void)EVP_EncodeBlock(text, sum, sizeof sum);
    return ar_arena_printf(arena, "SHA256:%.43s", (const char *)text); /* padding off */
}

static const struct {
    const char *type;
    const char *algorithm;
    int64_t bits; /* 0: the length of an integer in it; `integer` says which */
    int integer;
} types[] = {
    { "ssh-ed25519", "ed25519", 256, 0 },
    { "ssh-rsa", "rsa", 0, 2 },
    { "ssh-dss", "dsa", 0, 1 },
    { "ecdsa-sha2-nistp256", "ecdsa", 256, 0 },
    { "ecdsa-sha2-nistp384", "ecdsa", 384, 0 },
    { "ecdsa-sha2-nistp521", "ecdsa", 521, 0 },
    { "sk-ssh-ed25519@openssh.com", "sk-ed25519", 256, 0 },
    { "sk-ecdsa-sha2-nistp256@openssh.com", "sk-ecdsa", 256, 0 },
};

bool ar_ssh_key_blob(ar_str blob, ar_arena *arena, ar_ssh_key *out_key)
{
    ar_str rest = blob, type;

    if (!take_string(&rest, &type)) return false;
    for (size_t i = 0; i < AR_COUNT(types); i++) {
        ar_ssh_key key = { .algorithm = ar_str_of(types[i].algorithm), .bits = types[i].bits };
        ar_str part = { 0 };

        if (!ar_str_eq(type, ar_str_of(types[i].type))) continue;
        for (int k = 0; k < types[i].integer; k++)
            if (!take_string(&rest, &part)) return false;
        if (types[i].integer > 0) key.bits = integer_bits(part);
        key.fingerprint = fingerprint(blob, arena);
        *out_key = key;
        return true;
    }
    return false;
}

static bool is_type(ar_str word)
{
    for (size_t i = 0; i < AR_COUNT(types); i++)
        if (ar_str_eq(word, ar_str_of(types[i].type))) return true;
    return false;
}

/* The length of the options at the start: up to the first blank outside of quotes. */
static size_t options_end(ar_str line)
{
    bool quoted = false;

    for (size_t i = 0; i < line.len; i++) {
        char byte = line.ptr[i];

        if (byte == '\\' && i + 1 < line.len && line.ptr[i + 1] == '"')
            i++;
        else if (byte == '"')
            quoted = !quoted;
        else if (!quoted && (byte == ' ' || byte == '\t'))
            return i;
    }
    return line.len;
}

/* Reads `from="…",command="…",cert-authority,restrict,expiry-time="…"`. */
static void read_options(ar_ssh_key *key)
{
    ar_str rest = key->options;

    while (rest.len > 0) {
        bool quoted = false;
        size_t end = 0;

        for (; end < rest.len && (quoted || rest.ptr[end] != ','); end++)
            if (rest.ptr[end] == '"' && (end == 0 || rest.ptr[end - 1] != '\\')) quoted = !quoted;
        ar_str option = ar_str_cut(rest, 0, end), name = ar_before(option, '=');
        ar_str value = ar_str_cut(option, name.len, option.len);

        rest = ar_str_cut(rest, end < rest.len ? end + 1 : end, rest.len);
        if (ar_str_same(name, AR_LIT("from")) || ar_str_same(name, AR_LIT("command")) ||
            ar_str_same(name, AR_LIT("cert-authority")))
            key->restricted = true;
        if (ar_str_same(name, AR_LIT("expiry-time")) && value.len >= 3)
            key->expires = ar_str_cut(value, 2, value.len - 1);
    }
}

bool ar_ssh_key_line(ar_str line, ar_arena *arena, ar_ssh_key *out_key)
{
    ar_str rest = ar_str_trim(line), options = { 0 }, blob;
    ar_ssh_key key;

    if (rest.len == 0 || rest.ptr[0] == '#') return false;
    if (!is_type(ar_str_cut(rest, 0, options_end(rest)))) {
        options = ar_str_cut(rest, 0, options_end(rest));
        rest = ar_str_cut(rest, options.len, rest.len);
    }
    if (!is_type(ar_word(&rest))) return false;
    if (!ar_base64(ar_word(&rest), arena, &blob) || !ar_ssh_key_blob(blob, arena, &key))
        return false;
    key.comment = ar_str_trim(rest);
    key.options = options;
    read_options(&key);
    *out_key = key;
    return true;
}

/* "openssh-key-v1\0", cipher, kdf, kdf options, count, public key; the private part after it is
 * not looked at. */
static bool open_ssh_head(ar_str body, ar_arena *arena, ar_ssh_private *out)
{
    ar_auto(ar_buf) packed = { 0 };
    ar_str bytes, cipher, skip, blob;

    for (size_t i = 0; i < body.len && body.ptr[i] != '-'; i++)
        if (strchr(" \t\r\n", body.ptr[i]) == NULL) ar_buf_addc(&packed, body.ptr[i]);
    packed.len -= packed.len % 4; /* the head may be cut anywhere */
    if (!ar_base64(ar_buf_str(&packed), arena, &bytes)) return false;
    if (!ar_str_starts(bytes, (ar_str){ "openssh-key-v1", 15 })) return false;
    bytes = ar_str_cut(bytes, 15, bytes.len);
    if (!take_string(&bytes, &cipher) || !take_string(&bytes, &skip) ||
        !take_string(&bytes, &skip) || bytes.len < 4)
        return false;
    bytes = ar_str_cut(bytes, 4, bytes.len);
    out->encrypted = !ar_str_eq(cipher, AR_LIT("none"));
    if (out->encrypted) out->cipher = cipher;
    out->has_public = take_string(&bytes, &blob) && ar_ssh_key_blob(blob, arena, &out->key);
    return true;
}

bool ar_ssh_private_head(ar_str head, ar_arena *arena, ar_ssh_private *out_private)
{
    ar_ssh_private p = { 0 };
    ar_str line, rest = head;

    if (!ar_line(&rest, &line)) return false;
    line = ar_str_trim(line);
    if (!ar_str_starts(line, AR_LIT("-----BEGIN ")) ||
        !ar_str_ends(line, AR_LIT("PRIVATE KEY-----")))
        return false;
    if (ar_str_contains(line, AR_LIT("OPENSSH"))) {
        if (!open_ssh_head(rest, arena, &p)) return false;
    } else {
        ar_str dek = { 0 };

        p.encrypted = ar_str_contains(line, AR_LIT("ENCRYPTED"));                  /* PKCS #8 */
        if (ar_line(&rest, &line) && ar_str_contains(line, AR_LIT("ENCRYPTED"))) { /* PEM */
            p.encrypted = true;
            if (ar_line(&rest, &dek) && ar_str_starts(dek, AR_LIT("DEK-Info: ")))
                p.cipher = ar_before(ar_str_cut(dek, 10, dek.len), ',');
        }
    }
    *out_private = p;
    return true;
}
