/* err: a failure as a small value that the compiler will not let you drop. */
#pragma once

#include "base/str.h"

/* clang-format off */
/*    code            exit http  said when no better sentence is at hand */
#define AR_CODES(X) \
    X(AR_OK,          0,   200,  "done") \
    X(AR_INVALID,     2,   400,  "the input is not well formed") \
    X(AR_DENIED,      3,   403,  "not allowed") \
    X(AR_NOT_FOUND,   4,   404,  "no such thing") \
    X(AR_LIMIT,       5,   413,  "larger than the limit") \
    X(AR_UNAVAILABLE, 6,   503,  "something we depend on did not answer") \
    X(AR_CONFLICT,    7,   409,  "it does not fit what is already there") \
    X(AR_IO,          8,   500,  "a file or the system failed")
/* clang-format on */

enum ar_code {
#define X(code, exit, http, text) code,
    AR_CODES(X)
#undef X
};

typedef struct [[nodiscard]] ar_err {
    enum ar_code code;
    uint32_t note; /* ticket for the sentence kept in this thread; may expire */
} ar_err;

static inline ar_err ar_ok(void)
{
    return (ar_err){ .code = AR_OK };
}

/* A failure with its sentence: what was wrong, with what, and what would be right. */
ar_err ar_fail(enum ar_code code, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* AR_IO with the text of errno behind the sentence. */
ar_err ar_fail_errno(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The same failure with "context: " in front of its sentence. */
ar_err ar_context(ar_err err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The sentence; valid until 16 newer failures of this thread. */
ar_str ar_err_text(ar_err err);
const char *ar_code_name(enum ar_code code); /* "AR_LIMIT" */
int ar_code_exit(enum ar_code code);
int ar_code_http(enum ar_code code);

#define AR_TRY(call)                         \
    do {                                     \
        ar_err try_ = (call);                \
        if (try_.code != AR_OK) return try_; \
    } while (0)

#define AR_TRY_WITH(call, ...)                                        \
    do {                                                              \
        ar_err try_ = (call);                                         \
        if (try_.code != AR_OK) return ar_context(try_, __VA_ARGS__); \
    } while (0)
