/* program: the steps that compile makes and run takes. Only for the files of this folder.
 *
 * A register holds one column of a block of rows: data, and two planes of one bit a row: `known`
 * (has a value) and, for a bool in place of data, `truth`. truth is a subset of known. */
#pragma once

#include "expr/tree.h"

/* Rows of a block: a few dozen registers of it stay in the second-level cache. */
enum { AR_BLOCK = 1024, AR_BLOCK_WORDS = AR_BLOCK / 64 };

enum ar_step_code {
    CODE_BOOL_IN,   /* bytes of input a to bits */
    CODE_TIME_IN,   /* input a; what is out of range is not known */
    CODE_DOUBLE_IN, /* input a; what is not finite is not known */
    CODE_NOT,
    CODE_AND,
    CODE_OR,
    CODE_IS_NULL,
    CODE_EQ, /* by type of a; with `k` against the constant; with `negate` the opposite */
    CODE_LT,
    CODE_LE,
    CODE_IN_SET,
    CODE_LIKE,
    CODE_LIKE_K,
    CODE_ADD,
    CODE_SUB,
    CODE_MUL,
    CODE_DIV,
    CODE_MOD,
    CODE_ABS,
    CODE_TO_DOUBLE,
    CODE_SHIFT,   /* time a by int b × n */
    CODE_SHIFT_K, /* time a by n */
    CODE_LOWER,
    CODE_UPPER,
    CODE_LENGTH,
    CODE_SELECT, /* where a is true b, else c */
    CODE_OUT,    /* a is result `to` */
};

/* A constant list, sorted, without doubles. */
struct ar_set {
    size_t n;
    union {
        const int64_t *i;
        const double *d;
        const ar_str *s;
    };
};

struct ar_like {
    enum { LIKE_EXACT, LIKE_PREFIX, LIKE_SUFFIX, LIKE_PART, LIKE_ANY } shape;
    ar_str text; /* the part that is not %; for LIKE_ANY the pattern */
    char escape;
};

struct ar_step {
    enum ar_step_code code;
    enum ar_type type; /* of what it works on */
    bool negate, k;
    uint32_t to, a, b, c; /* registers */
    int64_t n;
    ar_value value;
    struct ar_set set;
    struct ar_like like;
};

struct ar_register {
    enum ar_type type; /* never AR_NULL */
    bool is_input, is_const;
    uint32_t input; /* data (and known, unless a step makes it) lie in this input */
    ar_value value; /* is_const */
    uint32_t data;  /* slots; meaningless where the register has no such part */
    uint32_t known, truth;
    bool owns_data, owns_known;
    bool is_read;
    uint32_t last_use; /* index of a step */
};

struct ar_program {
    struct ar_step *steps;
    size_t n_steps;
    struct ar_register *registers;
    size_t n_registers;
    ar_program_input *inputs;
    size_t n_inputs;
    enum ar_type *result_types;
    size_t n_results;
    uint32_t n_planes, n_narrow, n_wide; /* slots of bits, of 8 bytes, of 16 bytes a row */
};
