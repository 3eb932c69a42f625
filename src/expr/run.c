/* run: the steps of a program over a batch, block by block. Each step is one tight loop; a loop
 * over 64 rows makes 64 bytes and packs them to one word, which the compiler turns into vector
 * code. Rows without a value are computed like the others and their bits dropped: their data may be
 * anything, except that texts are looked at only where there is one. */
#include "expr/program.h"

#include <float.h>
#include <math.h>
#include <stdalign.h>
#include <stdlib.h>

/* Where a register lies in this block. */
struct column {
    union {
        const void *view;
        void *data;
        bool *b;
        int64_t *i;
        double *d;
        ar_str *s;
    };
    union {
        const uint64_t *known_view;
        uint64_t *known;
    };
    uint64_t *truth;
};

struct frame {
    const ar_program *program;
    struct column *columns;
    const uint64_t **valid; /* of each input, in this block */
    size_t n, words;        /* rows and words of this block */
    uint64_t last;          /* which bits of the last word are rows */
    ar_arena *arena;
    void *heap; /* where it lies when the stack is too small */
};

/* ---- bits ---- */

/* Eight bytes of 0 or 1 to eight bits, the first byte to the lowest. */
static inline uint64_t pack8(const uint8_t *bytes)
{
    uint64_t x;

    memcpy(&x, bytes, sizeof x);
    return (x & UINT64_C(0x0101010101010101)) * UINT64_C(0x0102040810204080) >> 56;
}

static inline uint64_t pack64(const uint8_t bytes[64])
{
    uint64_t word = 0;

    for (unsigned i = 0; i < 8; i++) word |= pack8(bytes + (size_t)i * 8) << (i * 8);
    return word;
}

static inline void unpack8(uint64_t bits, uint8_t *bytes)
{
    uint64_t x = (bits & 0xff) * UINT64_C(0x0101010101010101) & UINT64_C(0x8040201008040201);

    x = (x + UINT64_C(0x7f7f7f7f7f7f7f7f)) >> 7 & UINT64_C(0x0101010101010101);
    memcpy(bytes, &x, sizeof x);
}

static inline bool bit(const uint64_t *plane, size_t row)
{
    return (plane[row / 64] >> (row % 64) & 1) != 0;
}

/* One bit a row: `test` of row i. Whole words in a loop of fixed length, the rest one by one. */
#define PACK_ROWS(n, bits, test)                                                                  \
    do {                                                                                          \
        size_t rows_ = (n), word_ = 0;                                                            \
        uint8_t bytes_[64];                                                                       \
        for (; (word_ + 1) * 64 <= rows_; word_++) {                                              \
            for (size_t j_ = 0, i = word_ * 64; j_ < 64; j_++, i++) bytes_[j_] = (uint8_t)(test); \
            (bits)[word_] = pack64(bytes_);                                                       \
        }                                                                                         \
        if (word_ * 64 < rows_) {                                                                 \
            uint64_t last_ = 0;                                                                   \
            for (size_t i = word_ * 64; i < rows_; i++) last_ |= (uint64_t)(test) << (i % 64);    \
            (bits)[word_] = last_;                                                                \
        }                                                                                         \
    } while (0)

/* `body` for each row i of frame f whose bit is set. */
#define EACH_ROW(plane, body)                                                                   \
    for (size_t word_ = 0; word_ < f->words; word_++)                                           \
        for (uint64_t left_ = (plane)[word_] & (word_ + 1 < f->words ? ~UINT64_C(0) : f->last); \
             left_ != 0; left_ &= left_ - 1) {                                                  \
            size_t i = word_ * 64 + (size_t)__builtin_ctzll(left_);                             \
            body;                                                                               \
        }

static void clear_row(uint64_t *plane, size_t row)
{
    plane[row / 64] &= ~(UINT64_C(1) << (row % 64));
}

static inline void set_row(uint64_t *plane, size_t row, bool yes)
{
    plane[row / 64] |= (uint64_t)yes << (row % 64);
}

static void keep(uint64_t *known, const uint64_t *bits, size_t words)
{
    for (size_t w = 0; w < words; w++) known[w] &= bits[w];
}

static void both_known(const struct frame *f, uint64_t *to, const struct column *a,
                       const struct column *b)
{
    for (size_t w = 0; w < f->words; w++) to[w] = a->known[w] & b->known[w];
}

/* ---- inputs ---- */

static void bool_in(const struct frame *f, struct column *to)
{
    const uint8_t *bytes = to->view;

    PACK_ROWS(f->n, to->truth, bytes[i] & 1);
    keep(to->truth, to->known, f->words);
}

static void time_in(const struct frame *f, struct column *to, const uint64_t *valid)
{
    const int64_t *t = to->i;

    PACK_ROWS(f->n, to->known,
              (uint64_t)t[i] - (uint64_t)AR_TIME_MIN <=
                  (uint64_t)AR_TIME_MAX - (uint64_t)AR_TIME_MIN);
    keep(to->known, valid, f->words);
}

static void double_in(const struct frame *f, struct column *to, const uint64_t *valid)
{
    const double *d = to->d;

    PACK_ROWS(f->n, to->known, fabs(d[i]) <= DBL_MAX);
    keep(to->known, valid, f->words);
}

/* ---- truth ---- */

static void not_of(const struct frame *f, struct column *to, const struct column *a)
{
    for (size_t w = 0; w < f->words; w++) {
        to->known[w] = a->known[w];
        to->truth[w] = a->known[w] & ~a->truth[w];
    }
}

/* Known when both are, or when one is false. */
static void and_of(const struct frame *f, struct column *to, const struct column *a,
                   const struct column *b)
{
    for (size_t w = 0; w < f->words; w++) {
        uint64_t no = (a->known[w] & ~a->truth[w]) | (b->known[w] & ~b->truth[w]);

        to->truth[w] = a->truth[w] & b->truth[w];
        to->known[w] = to->truth[w] | no;
    }
}

static void or_of(const struct frame *f, struct column *to, const struct column *a,
                  const struct column *b)
{
    for (size_t w = 0; w < f->words; w++) {
        uint64_t yes = a->truth[w] | b->truth[w];

        to->known[w] = (a->known[w] & b->known[w]) | yes;
        to->truth[w] = yes;
    }
}

static void is_null(const struct frame *f, struct column *to, const struct column *a)
{
    for (size_t w = 0; w < f->words; w++) {
        to->truth[w] = ~a->known[w];
        to->known[w] = ~UINT64_C(0);
    }
}

/* ---- comparisons ---- */

#define COMPARE_NUMBERS(field, k_value)                                       \
    do {                                                                      \
        const typeof(*a->field) *x = a->field, *y = b->field, z = (k_value);  \
        if (s->k) {                                                           \
            if (s->code == CODE_EQ) PACK_ROWS(f->n, to->truth, x[i] == z);    \
            if (s->code == CODE_LT) PACK_ROWS(f->n, to->truth, x[i] < z);     \
            if (s->code == CODE_LE) PACK_ROWS(f->n, to->truth, x[i] <= z);    \
        } else {                                                              \
            if (s->code == CODE_EQ) PACK_ROWS(f->n, to->truth, x[i] == y[i]); \
            if (s->code == CODE_LT) PACK_ROWS(f->n, to->truth, x[i] < y[i]);  \
            if (s->code == CODE_LE) PACK_ROWS(f->n, to->truth, x[i] <= y[i]); \
        }                                                                     \
    } while (0)

static void compare_texts(const struct frame *f, const struct ar_step *s, struct column *to,
                          const struct column *a, const struct column *b)
{
    memset(to->truth, 0, f->words * sizeof *to->truth);
    if (s->code == CODE_EQ && s->k) {
        EACH_ROW(to->known, set_row(to->truth, i, ar_str_eq(a->s[i], s->value.s)));
        return;
    }
    EACH_ROW(to->known, {
        int order = ar_str_cmp(a->s[i], s->k ? s->value.s : b->s[i]);
        bool yes = s->code == CODE_EQ ? order == 0 : s->code == CODE_LT ? order < 0 : order <= 0;

        set_row(to->truth, i, yes);
    });
}

static void compare_bools(const struct frame *f, const struct ar_step *s, struct column *to,
                          const struct column *a, const struct column *b)
{
    for (size_t w = 0; w < f->words; w++) {
        uint64_t x = a->truth[w], y = b->truth[w];

        to->truth[w] = s->code == CODE_EQ ? ~(x ^ y) : s->code == CODE_LT ? ~x & y : ~x | y;
    }
}

static void compare(const struct frame *f, const struct ar_step *s, struct column *to,
                    const struct column *a, const struct column *b)
{
    both_known(f, to->known, a, b);
    switch (s->type) {
    case AR_BOOL: compare_bools(f, s, to, a, b); break;
    case AR_DOUBLE: COMPARE_NUMBERS(d, s->value.d); break;
    case AR_TEXT: compare_texts(f, s, to, a, b); break;
    case AR_NULL:
    case AR_INT:
    case AR_TIME: COMPARE_NUMBERS(i, s->value.i); break;
    }
    for (size_t w = 0; w < f->words; w++)
        to->truth[w] = (s->negate ? ~to->truth[w] : to->truth[w]) & to->known[w];
}

/* ---- look-ups ---- */

/* Binary search: the first element not below the key, if it is the same. */
#define FIND(set, n_set, below, same)              \
    ({                                             \
        size_t from_ = 0, to_ = (n_set);           \
        while (from_ < to_) {                      \
            size_t at = from_ + (to_ - from_) / 2; \
            if (below)                             \
                from_ = at + 1;                    \
            else                                   \
                to_ = at;                          \
        }                                          \
        size_t at = from_;                         \
        at < (n_set) && (same);                    \
    })

static bool set_has(const struct ar_set *set, enum ar_type type, const struct column *a, size_t i)
{
    switch (type) {
    case AR_TEXT: {
        ar_str x = a->s[i];

        return FIND(set->s, set->n, ar_str_cmp(set->s[at], x) < 0, ar_str_eq(set->s[at], x));
    }
    case AR_DOUBLE: {
        double x = a->d[i];

        return FIND(set->d, set->n, set->d[at] < x, set->d[at] <= x);
    }
    case AR_NULL:
    case AR_BOOL:
    case AR_INT:
    case AR_TIME: break;
    }

    int64_t x = a->i[i];

    return FIND(set->i, set->n, set->i[at] < x, set->i[at] == x);
}

/* A short list of texts: most rows differ from most of it in length. */
enum { SET_SHORT = 8 };

static bool short_set_has(const struct ar_set *set, ar_str x)
{
    for (size_t k = 0; k < set->n; k++)
        if (ar_str_eq(set->s[k], x)) return true;
    return false;
}

static void in_set(const struct frame *f, const struct ar_step *s, struct column *to,
                   const struct column *a)
{
    memcpy(to->known, a->known, f->words * sizeof *to->known);
    memset(to->truth, 0, f->words * sizeof *to->truth);
    if (s->type == AR_TEXT && s->set.n <= SET_SHORT) {
        EACH_ROW(a->known, set_row(to->truth, i, short_set_has(&s->set, a->s[i])));
    } else {
        EACH_ROW(a->known, set_row(to->truth, i, set_has(&s->set, s->type, a, i)));
    }
}

static bool like_one(const struct ar_like *like, ar_str text)
{
    switch (like->shape) {
    case LIKE_EXACT: return ar_str_eq(text, like->text);
    case LIKE_PREFIX: return ar_str_starts(text, like->text);
    case LIKE_SUFFIX: return ar_str_ends(text, like->text);
    case LIKE_PART: return ar_str_contains(text, like->text);
    case LIKE_ANY: break;
    }
    return ar_like_match(text, like->text, like->escape);
}

static void like_constant(const struct frame *f, const struct ar_step *s, struct column *to,
                          const struct column *a)
{
    memcpy(to->known, a->known, f->words * sizeof *to->known);
    memset(to->truth, 0, f->words * sizeof *to->truth);
    EACH_ROW(a->known, set_row(to->truth, i, like_one(&s->like, a->s[i])));
}

static void like(const struct frame *f, const struct ar_step *s, struct column *to,
                 const struct column *a, const struct column *b)
{
    both_known(f, to->known, a, b);
    EACH_ROW(to->known, if (ar_like_broken(b->s[i], s->like.escape)) clear_row(to->known, i));
    memset(to->truth, 0, f->words * sizeof *to->truth);
    EACH_ROW(to->known, set_row(to->truth, i, ar_like_match(a->s[i], b->s[i], s->like.escape)));
}

/* ---- arithmetic ---- */

static void add_ints(const struct frame *f, struct column *to, const int64_t *a, const int64_t *b)
{
    uint64_t fits[AR_BLOCK_WORDS];
    int64_t *r = to->i;

    for (size_t i = 0; i < f->n; i++) r[i] = (int64_t)((uint64_t)a[i] + (uint64_t)b[i]);
    PACK_ROWS(f->n, fits, ((a[i] ^ r[i]) & (b[i] ^ r[i])) >= 0);
    keep(to->known, fits, f->words);
}

static void subtract_ints(const struct frame *f, struct column *to, const int64_t *a,
                          const int64_t *b)
{
    uint64_t fits[AR_BLOCK_WORDS];
    int64_t *r = to->i;

    for (size_t i = 0; i < f->n; i++) r[i] = (int64_t)((uint64_t)a[i] - (uint64_t)b[i]);
    PACK_ROWS(f->n, fits, ((a[i] ^ b[i]) & (a[i] ^ r[i])) >= 0);
    keep(to->known, fits, f->words);
}

static void multiply_ints(const struct frame *f, struct column *to, const int64_t *a,
                          const int64_t *b)
{
    uint64_t fits[AR_BLOCK_WORDS];
    int64_t *r = to->i;

    PACK_ROWS(f->n, fits, !__builtin_mul_overflow(a[i], b[i], &r[i]));
    keep(to->known, fits, f->words);
}

static void modulo_ints(const struct frame *f, struct column *to, const int64_t *a,
                        const int64_t *b)
{
    for (size_t i = 0; i < f->n; i++) {
        if (b[i] == 0) clear_row(to->known, i);
        to->i[i] = b[i] == 0 || b[i] == -1 ? 0 : a[i] % b[i]; /* INT64_MIN % -1 traps */
    }
}

static void arithmetic_ints(const struct frame *f, const struct ar_step *s, struct column *to,
                            const struct column *a, const struct column *b)
{
    both_known(f, to->known, a, b);
    if (s->code == CODE_ADD) add_ints(f, to, a->i, b->i);
    if (s->code == CODE_SUB) subtract_ints(f, to, a->i, b->i);
    if (s->code == CODE_MUL) multiply_ints(f, to, a->i, b->i);
    if (s->code == CODE_MOD) modulo_ints(f, to, a->i, b->i);
}

static void arithmetic_doubles(const struct frame *f, const struct ar_step *s, struct column *to,
                               const struct column *a, const struct column *b)
{
    uint64_t finite[AR_BLOCK_WORDS];
    const double *x = a->d, *y = b->d;
    double *r = to->d;
    size_t n = f->n;

    if (s->code == CODE_ADD)
        for (size_t i = 0; i < n; i++) r[i] = x[i] + y[i];
    if (s->code == CODE_SUB)
        for (size_t i = 0; i < n; i++) r[i] = x[i] - y[i];
    if (s->code == CODE_MUL)
        for (size_t i = 0; i < n; i++) r[i] = x[i] * y[i];
    if (s->code == CODE_DIV)
        for (size_t i = 0; i < n; i++) r[i] = x[i] / y[i];
    both_known(f, to->known, a, b);
    PACK_ROWS(n, finite, fabs(r[i]) <= DBL_MAX);
    keep(to->known, finite, f->words);
}

static void absolute(const struct frame *f, const struct ar_step *s, struct column *to,
                     const struct column *a)
{
    memcpy(to->known, a->known, f->words * sizeof *to->known);
    for (size_t i = 0; i < f->n; i++) {
        if (s->type == AR_DOUBLE)
            to->d[i] = fabs(a->d[i]);
        else if (a->i[i] == INT64_MIN)
            clear_row(to->known, i);
        else
            to->i[i] = a->i[i] < 0 ? -a->i[i] : a->i[i];
    }
}

static void to_double(const struct frame *f, struct column *to, const struct column *a)
{
    memcpy(to->known, a->known, f->words * sizeof *to->known);
    for (size_t i = 0; i < f->n; i++) to->d[i] = (double)a->i[i];
}

static bool in_time(int64_t t)
{
    return t >= AR_TIME_MIN && t <= AR_TIME_MAX;
}

static void shift(const struct frame *f, const struct ar_step *s, struct column *to,
                  const struct column *a, const struct column *b)
{
    both_known(f, to->known, a, b);
    for (size_t i = 0; i < f->n; i++) {
        int64_t by, t = 0;

        if (__builtin_mul_overflow(b->i[i], s->n, &by) || __builtin_add_overflow(a->i[i], by, &t) ||
            !in_time(t))
            clear_row(to->known, i);
        to->i[i] = t;
    }
}

/* A known time and a step within the range of times cannot overflow; other rows may. */
static void shift_constant(const struct frame *f, const struct ar_step *s, struct column *to,
                           const struct column *a)
{
    uint64_t fits[AR_BLOCK_WORDS];
    const int64_t *t = a->i;
    int64_t *r = to->i;

    for (size_t i = 0; i < f->n; i++) r[i] = (int64_t)((uint64_t)t[i] + (uint64_t)s->n);
    PACK_ROWS(f->n, fits, in_time(r[i]));
    for (size_t w = 0; w < f->words; w++) to->known[w] = a->known[w] & fits[w];
}

/* ---- text ---- */

static inline char other_case(char c, char first, char last)
{
    return c >= first && c <= last ? (char)(c ^ 0x20) : c;
}

static void change_case(const struct frame *f, struct column *to, const struct column *a,
                        char first, char last)
{
    size_t total = 0;

    memcpy(to->known, a->known, f->words * sizeof *to->known);
    EACH_ROW(to->known, total += a->s[i].len);

    char *room = ar_arena_take(f->arena, total + 1);

    EACH_ROW(to->known, {
        for (size_t k = 0; k < a->s[i].len; k++) room[k] = other_case(a->s[i].ptr[k], first, last);
        to->s[i].ptr = room;
        to->s[i].len = a->s[i].len;
        room += to->s[i].len;
    });
}

static void length(const struct frame *f, struct column *to, const struct column *a)
{
    memcpy(to->known, a->known, f->words * sizeof *to->known);
    EACH_ROW(a->known, {
        int64_t n = 0;

        for (size_t k = 0; k < a->s[i].len; k++)
            n += ((unsigned char)a->s[i].ptr[k] & 0xc0) != 0x80;
        to->i[i] = n;
    });
}

/* ---- choice ---- */

#define SELECT_ROWS(field)            \
    for (size_t i = 0; i < f->n; i++) \
    to->field[i] = bit(when->truth, i) ? then->field[i] : otherwise->field[i]

static void choose(const struct frame *f, const struct ar_step *s, struct column *to,
                   const struct column *when, const struct column *then,
                   const struct column *otherwise)
{
    for (size_t w = 0; w < f->words; w++) {
        uint64_t yes = when->truth[w];

        to->known[w] = (yes & then->known[w]) | (~yes & otherwise->known[w]);
        if (s->type == AR_BOOL)
            to->truth[w] = (yes & then->truth[w]) | (~yes & otherwise->truth[w]);
    }
    if (s->type == AR_TEXT) SELECT_ROWS(s);
    if (s->type == AR_INT || s->type == AR_TIME) SELECT_ROWS(i);
    if (s->type == AR_DOUBLE) SELECT_ROWS(d);
}

/* ---- results ---- */

static void column_out(const struct frame *f, const struct column *from, ar_vector_out *to,
                       size_t row)
{
    const ar_vector_out at = *to;

    for (size_t w = 0; w < f->words; w++)
        at.valid[row / 64 + w] = from->known[w] | (w + 1 < f->words ? 0 : ~f->last);
    switch (at.type) {
    case AR_NULL: break;
    case AR_BOOL:
        for (size_t i = 0; i + 8 <= f->n; i += 8)
            unpack8(from->truth[i / 64] >> (i % 64), (uint8_t *)at.data + row + i);
        for (size_t i = f->n - f->n % 8; i < f->n; i++) at.b[row + i] = bit(from->truth, i);
        break;
    case AR_TEXT: memcpy(at.s + row, from->s, f->n * sizeof *at.s); break;
    case AR_DOUBLE: memcpy(at.d + row, from->d, f->n * sizeof *at.d); break;
    case AR_INT:
    case AR_TIME: memcpy(at.i + row, from->i, f->n * sizeof *at.i); break;
    }
}

static ar_value value_out(const struct column *from, enum ar_type type)
{
    if (!bit(from->known, 0)) return ar_null();
    switch (type) {
    case AR_NULL: break;
    case AR_BOOL: return ar_bool(bit(from->truth, 0));
    case AR_INT: return ar_int(from->i[0]);
    case AR_DOUBLE: return ar_double(from->d[0]);
    case AR_TEXT: return ar_text(from->s[0]);
    case AR_TIME: return ar_at(from->i[0]);
    }
    return ar_null();
}

/* ---- a block ---- */

static void run_step(const struct frame *f, const struct ar_step *s)
{
    struct column *columns = f->columns, *to = &columns[s->to];
    const struct column *a = &columns[s->a], *b = &columns[s->b], *c = &columns[s->c];
    uint32_t input = f->program->registers[s->a].input;

    switch (s->code) {
    case CODE_BOOL_IN: bool_in(f, to); break;
    case CODE_TIME_IN: time_in(f, to, f->valid[input]); break;
    case CODE_DOUBLE_IN: double_in(f, to, f->valid[input]); break;
    case CODE_NOT: not_of(f, to, a); break;
    case CODE_AND: and_of(f, to, a, b); break;
    case CODE_OR: or_of(f, to, a, b); break;
    case CODE_IS_NULL: is_null(f, to, a); break;
    case CODE_EQ:
    case CODE_LT:
    case CODE_LE: compare(f, s, to, a, b); break;
    case CODE_IN_SET: in_set(f, s, to, a); break;
    case CODE_LIKE: like(f, s, to, a, b); break;
    case CODE_LIKE_K: like_constant(f, s, to, a); break;
    case CODE_ADD:
    case CODE_SUB:
    case CODE_MUL:
    case CODE_DIV:
    case CODE_MOD:
        if (s->type == AR_DOUBLE)
            arithmetic_doubles(f, s, to, a, b);
        else
            arithmetic_ints(f, s, to, a, b);
        break;
    case CODE_ABS: absolute(f, s, to, a); break;
    case CODE_TO_DOUBLE: to_double(f, to, a); break;
    case CODE_SHIFT: shift(f, s, to, a, b); break;
    case CODE_SHIFT_K: shift_constant(f, s, to, a); break;
    case CODE_LOWER: change_case(f, to, a, 'A', 'Z'); break;
    case CODE_UPPER: change_case(f, to, a, 'a', 'z'); break;
    case CODE_LENGTH: length(f, to, a); break;
    case CODE_SELECT: choose(f, s, to, a, b, c); break;
    case CODE_OUT: break; /* the two callers differ in where it goes */
    }
}

/* ---- memory of a call ---- */

static const uint64_t all_known[AR_BLOCK_WORDS] = { [0 ... AR_BLOCK_WORDS - 1] = ~UINT64_C(0) };
static const uint64_t none_known[1];

static void fill_constant(const struct ar_register *r, struct column *to, size_t rows)
{
    size_t words = (rows + 63) / 64;
    bool known = r->value.type != AR_NULL;

    memset(to->known, known ? 0xff : 0, words * sizeof *to->known);
    if (r->type == AR_BOOL)
        memset(to->truth, known && r->value.b ? 0xff : 0, words * sizeof *to->truth);
    for (size_t i = 0; i < rows && r->type == AR_TEXT; i++) to->s[i] = r->value.s;
    for (size_t i = 0; i < rows && r->type == AR_DOUBLE; i++) to->d[i] = r->value.d;
    for (size_t i = 0; i < rows && (r->type == AR_INT || r->type == AR_TIME); i++)
        to->i[i] = r->value.i;
}

/* Lays out registers for blocks of up to `rows`, in `room` when they fit there. */
static void frame_init(struct frame *f, const ar_program *p, size_t rows, void *room,
                       size_t room_size, ar_arena *arena)
{
    size_t words = (rows + 63) / 64;
    size_t n_planes = p->n_planes * words, n_narrow = p->n_narrow * rows;
    size_t n_wide = p->n_wide * rows;
    size_t size = p->n_registers * sizeof(struct column) + p->n_inputs * sizeof(uint64_t *) +
                  n_planes * sizeof(uint64_t) + n_narrow * sizeof(int64_t) +
                  n_wide * sizeof(ar_str);
    void *heap = size > room_size ? malloc(size) : NULL;

    if (size > room_size && heap == NULL) abort();

    struct column *columns = heap != NULL ? heap : room;
    ar_str *wide = (ar_str *)(void *)(columns + p->n_registers);
    int64_t *narrow = (int64_t *)(void *)(wide + n_wide);
    uint64_t *planes = (uint64_t *)(void *)(narrow + n_narrow);

    *f = (struct frame){ .program = p,
                         .columns = columns,
                         .valid = (const uint64_t **)(void *)(planes + n_planes),
                         .arena = arena,
                         .heap = heap };
    for (size_t i = 0; i < p->n_registers; i++) {
        const struct ar_register *r = &p->registers[i];
        struct column *to = &columns[i];

        to->known = planes + r->known * words;
        to->truth = planes + r->truth * words;
        if (r->type == AR_TEXT)
            to->s = wide + r->data * rows;
        else
            to->i = narrow + r->data * rows;
        if (r->is_const && r->is_read) fill_constant(r, to, rows);
    }
}

static void frame_enter(struct frame *f, size_t n)
{
    f->n = n;
    f->words = (n + 63) / 64;
    f->last = n % 64 == 0 ? ~UINT64_C(0) : (UINT64_C(1) << (n % 64)) - 1;
}

static void frame_point(struct frame *f, size_t n_register, const void *data)
{
    const struct ar_register *r = &f->program->registers[n_register];
    struct column *to = &f->columns[n_register];

    to->view = data;
    if (!r->owns_known) to->known_view = f->valid[r->input];
}

/* ---- the two calls ---- */

static size_t width(enum ar_type type)
{
    return type == AR_TEXT ? sizeof(ar_str) : type == AR_BOOL ? sizeof(bool) : sizeof(int64_t);
}

static void run_block(struct frame *f, const ar_vector *inputs, size_t row, ar_vector_out *results)
{
    const ar_program *p = f->program;

    for (size_t i = 0; i < p->n_inputs; i++)
        f->valid[i] = inputs[i].valid == NULL ? all_known : inputs[i].valid + row / 64;
    for (size_t i = 0; i < p->n_registers; i++) {
        const ar_vector *in = &inputs[p->registers[i].input];

        if (p->registers[i].is_input)
            frame_point(f, i, (const char *)in->data + row * width(in->type));
    }
    for (size_t i = 0; i < p->n_steps; i++) {
        const struct ar_step *s = &p->steps[i];

        if (s->code == CODE_OUT)
            column_out(f, &f->columns[s->a], &results[s->to], row);
        else
            run_step(f, s);
    }
}

void ar_program_run(const ar_program *program, const ar_vector *inputs, size_t n_rows,
                    ar_arena *arena, ar_vector_out *results)
{
    alignas(max_align_t) char room[4096];
    struct frame f;

    for (size_t i = 0; i < program->n_inputs; i++)
        assert(inputs[i].type == program->inputs[i].type);
    for (size_t i = 0; i < program->n_results; i++)
        assert(results[i].type == program->result_types[i]);
    frame_init(&f, program, n_rows < AR_BLOCK ? n_rows : AR_BLOCK, room, sizeof room, arena);
    for (size_t row = 0; row < n_rows; row += AR_BLOCK) {
        frame_enter(&f, n_rows - row < AR_BLOCK ? n_rows - row : AR_BLOCK);
        run_block(&f, inputs, row, results);
    }
    free(f.heap);
}

void ar_program_row(const ar_program *program, const ar_value *inputs, ar_arena *arena,
                    ar_value *results)
{
    alignas(max_align_t) char room[32 * 1024];
    struct frame f;

    frame_init(&f, program, 1, room, sizeof room, arena);
    frame_enter(&f, 1);
    for (size_t i = 0; i < program->n_inputs; i++) {
        assert(inputs[i].type == program->inputs[i].type || inputs[i].type == AR_NULL);
        f.valid[i] = inputs[i].type == AR_NULL ? none_known : all_known;
    }
    for (size_t i = 0; i < program->n_registers; i++)
        if (program->registers[i].is_input)
            frame_point(&f, i, &inputs[program->registers[i].input].s);
    for (size_t i = 0; i < program->n_steps; i++) {
        const struct ar_step *s = &program->steps[i];

        if (s->code == CODE_OUT)
            results[s->to] = value_out(&f.columns[s->a], s->type);
        else
            run_step(&f, s);
    }
    free(f.heap);
}
