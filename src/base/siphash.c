#include "base/siphash.h"

typedef struct state {
    uint64_t v[4];
    uint64_t word; /* the bytes that do not make eight yet */
    size_t len;
} state;

static void mix_in(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    ar_siphash_round(v), ar_siphash_round(v);
    v[0] ^= word;
}

static void begin(state *s, const uint64_t key[2])
{
    *s = (state){
        .v = { key[0] ^ UINT64_C(0x736f6d6570736575), key[1] ^ UINT64_C(0x646f72616e646f6d) ^ 0xee,
               key[0] ^ UINT64_C(0x6c7967656e657261), key[1] ^ UINT64_C(0x7465646279746573) }
    };
}

static void add(state *s, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++, s->len++) {
        s->word |= (uint64_t)(unsigned char)bytes[i] << 8 * (s->len % 8);
        if (s->len % 8 != 7) continue;
        mix_in(s->v, s->word);
        s->word = 0;
    }
}

static uint64_t folded(uint64_t v[4])
{
    for (int i = 0; i < 4; i++) ar_siphash_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static ar_siphash finish(state *s)
{
    ar_siphash hash;

    mix_in(s->v, s->word | (uint64_t)s->len << 56);
    s->v[2] ^= 0xee;
    hash.low = folded(s->v);
    s->v[1] ^= 0xdd;
    hash.high = folded(s->v);
    return hash;
}

ar_siphash ar_siphash_of(const uint64_t key[2], const ar_str *texts, size_t n)
{
    state s;

    begin(&s, key);
    for (size_t i = 0; i < n; i++) {
        add(&s, texts[i].ptr, texts[i].len);
        add(&s, "", 1);
    }
    return finish(&s);
}

ar_siphash ar_siphash_text(const uint64_t key[2], ar_str text)
{
    state s;

    begin(&s, key);
    add(&s, text.ptr, text.len);
    return finish(&s);
}
