/* tree: what the parser makes, the checker types, and the compiler and the printers read. Only for
 * the files of this folder. */
#pragma once

#include "expr/expr.h"

/* ---- the text it came from ---- */

struct ar_origin {
    ar_expr_place place;
    ar_str text;
};

/* AR_INVALID with "file:line:column: " of byte `at` in front. */
ar_err ar_origin_fail(const struct ar_origin *source, enum ar_code code, size_t at, const char *fmt,
                      ...) __attribute__((format(printf, 4, 5)));

/* ---- tokens ---- */

enum ar_token_kind {
    TOK_END,
    TOK_NAME,
    TOK_INT,
    TOK_DOUBLE,
    TOK_TEXT,
    TOK_PARAM,
    TOK_OPEN,
    TOK_CLOSE,
    TOK_COMMA,
    TOK_PLUS,
    TOK_MINUS,
    TOK_STAR,
    TOK_SLASH,
    TOK_PERCENT,
    TOK_EQ,
    TOK_NE,
    TOK_LT,
    TOK_LE,
    TOK_GT,
    TOK_GE,
    TOK_AND, /* from here on: reserved words, in the order of the table in lex.c */
    TOK_OR,
    TOK_NOT,
    TOK_IS,
    TOK_NULL,
    TOK_IN,
    TOK_BETWEEN,
    TOK_LIKE,
    TOK_ESCAPE,
    TOK_CASE,
    TOK_WHEN,
    TOK_THEN,
    TOK_ELSE,
    TOK_END_CASE,
    TOK_EXISTS,
    TOK_WHERE,
    TOK_TRUE,
    TOK_FALSE,
    TOK_INTERVAL,
};

struct ar_token {
    enum ar_token_kind kind;
    uint32_t from, to; /* bytes of the source */
};

/* The token at or behind byte `at`. */
ar_err ar_lex(const struct ar_origin *source, size_t at, struct ar_token *out_token);

/* ---- nodes ---- */

enum ar_node {
    NODE_CONST,
    NODE_COLUMN,
    NODE_PARAM,
    NODE_LINK, /* args: the inner condition, or none */
    NODE_NOT,
    NODE_AND, /* two or more, none of them an AND itself */
    NODE_OR,
    NODE_IS_NULL,
    NODE_EQ,
    NODE_NE,
    NODE_LT,
    NODE_LE,
    NODE_GT,
    NODE_GE,
    NODE_IN, /* the value, then the list */
    NODE_BETWEEN,
    NODE_LIKE,
    NODE_ADD,
    NODE_SUB,
    NODE_MUL,
    NODE_DIV,
    NODE_MOD,
    NODE_NEG,
    NODE_TO_DOUBLE, /* of an int; the checker puts it in */
    NODE_SHIFT,     /* a time, a number of units */
    NODE_CASE,      /* [operand] (when then)… [else] */
    NODE_COALESCE,
    NODE_NULLIF,
    NODE_LEAST,
    NODE_GREATEST,
    NODE_LOWER,
    NODE_UPPER,
    NODE_LENGTH,
    NODE_ABS,
};

struct ar_expr {
    enum ar_node node;
    enum ar_type type;
    uint32_t from, to; /* bytes of the source */
    uint32_t depth;
    uint32_t n;
    size_t cap;
    ar_expr **args;
    ar_value value;           /* CONST */
    ar_str name;              /* COLUMN, PARAM, LINK */
    const ar_expr_link *link; /* LINK */
    bool exists;              /* LINK: EXISTS, else COUNT */
    uint8_t unit;             /* SHIFT: index into ar_units */
    bool minus;               /* SHIFT */
    bool has_operand;         /* CASE */
    bool has_else;            /* CASE */
    char escape;              /* LIKE; 0: none */
};

static inline bool ar_is_const(const ar_expr *e)
{
    return e->node == NODE_CONST;
}

static inline bool ar_is_null(const ar_expr *e)
{
    return e->node == NODE_CONST && e->value.type == AR_NULL;
}

extern const struct ar_unit {
    const char *name;
    int64_t length; /* microseconds */
} ar_units[];
enum { AR_UNITS = 4 };

extern const struct ar_function {
    const char *name;
    enum ar_node node;
    uint32_t least, most; /* arguments */
} ar_functions[];
enum { AR_FUNCTIONS = 8 };

/* Whether a NULL among the arguments always makes it NULL. */
bool ar_node_strict(enum ar_node node);
void ar_node_add(ar_expr *node, ar_arena *arena, ar_expr *arg);

/* Resolves names, gives every node its type, makes promotions explicit. */
ar_err ar_expr_check(const struct ar_origin *source, const ar_expr_scope *scope,
                     const ar_expr_param *params, size_t n_params, ar_arena *arena, ar_expr *tree);

/* A copy in which parameters are constants and what is constant is computed.
 * AR_INVALID when a parameter is missing or has another type than when it was parsed. */
ar_err ar_expr_bind(const ar_expr *tree, const ar_expr_param *params, size_t n_params,
                    ar_arena *arena, ar_expr **out_tree);

/* Compiles bound trees. */
ar_program *ar_program_build(const ar_expr *const *trees, size_t n_trees, ar_arena *arena);

/* ---- text ---- */

/* The length of the code point at `at`; 1 for a byte that begins none. */
size_t ar_utf8_step(ar_str text, size_t at);
/* Whether a LIKE pattern ends in the middle of an escape. */
bool ar_like_broken(ar_str pattern, char escape);
bool ar_like_match(ar_str text, ar_str pattern, char escape);
