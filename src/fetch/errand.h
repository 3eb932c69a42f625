/* errand: one way to fetch: where to ask, how pages follow each other, what proves who we are. A
 * connector holds it with names in braces (docs/formats.md, "Fetching"); filled in it goes to the
 * child that fetches. No secret is in it. */
#pragma once

#include "form/node.h"

enum ar_paging {
    AR_PAGING_NONE,   /* one document, in whatever format */
    AR_PAGING_NEXT,   /* the url of the next page is in the body */
    AR_PAGING_LINK,   /* it is in the header Link */
    AR_PAGING_TOKEN,  /* what asks for the next page is in the body */
    AR_PAGING_PAGE,   /* pages are counted */
    AR_PAGING_OFFSET, /* items are counted */
};

enum ar_proof { AR_PROOF_NONE, AR_PROOF_OAUTH, AR_PROOF_HEADER, AR_PROOF_BASIC };

/* Its texts, in one list: they are filled in, printed and read alike. */
#define AR_ERRAND_TEXTS(X)                                                                      \
    X(url)          /* of the first page */                                                     \
    X(body)         /* JSON that is posted; empty: GET */                                       \
    X(headers)      /* "Name: value" lines */                                                   \
    X(token_url)    /* OAuth: where tokens are had, */                                          \
    X(scope)        /* and for what */                                                          \
    X(proof_header) /* the header that holds the secret, */                                     \
    X(proof_prefix) /* and what stands before it: "Bearer " */                                  \
    X(page_path)    /* in the body: the next url, or the token */                               \
    X(page_field)   /* what carries token or number: a parameter of the url, or, with a body, a \
                       path in it */                                                            \
    X(total_header) /* the header that tells how many items there are */                        \
    X(delta_url)    /* of the first page when what has changed is to be asked for later */      \
    X(delta_path)   /* in the last page: the url that tells what has changed since */           \
    X(removed_path) /* in an item of it: that it is no longer there */                          \
    X(items)        /* where the items are in a page */                                         \
    X(user)         /* the client id, or the user's name */                                     \
    X(ca)           /* certificates that are trusted, PEM; empty: the system's */               \
    X(cursor)       /* where to go on; empty: at the beginning */

#define AR_ERRAND_NUMBERS(X)                                                                   \
    X(proof)                                                                                   \
    X(paging)                                                                                  \
    X(from)       /* the first page's number, or offset */                                     \
    X(by)         /* what is added for the next; 0: as many as came */                         \
    X(json)       /* the answer must be JSON */                                                \
    X(plain_http) /* http may lead to other hosts than this one */                             \
    X(pages_max)                                                                               \
    X(bytes_max)       /* of all pages */                                                      \
    X(seconds_max)     /* for all of it */                                                     \
    X(request_seconds) /* for one answer */                                                    \
    X(attempts)        /* of one page, where the server fails; a server that says when to come \
                          again may say so as often as the time allows */                      \
    X(delta)           /* the cursor begins or goes on with what has changed */                \
    X(pages)           /* that came before the cursor, */                                      \
    X(bytes)           /* and how large they are */

typedef struct ar_errand {
#define X(name) ar_str name;
    AR_ERRAND_TEXTS(X)
#undef X
#define X(name) int64_t name;
    AR_ERRAND_NUMBERS(X)
#undef X
} ar_errand;

enum {
    AR_ERRAND_PAGES_MAX = 100000,
    AR_ERRAND_COUNT_MAX = 1000000000, /* where counting begins, and what a page adds */
    AR_ERRAND_PAGE_BYTES = 16 << 20,  /* of one page: what a line of the payload may have */
};

typedef struct ar_setting {
    ar_str name, value;
} ar_setting;

/* The `fetch:` of a connector. AR_INVALID with file, line and column. */
ar_err ar_errand_read(ar_str file, const ar_node *node, ar_arena *arena, ar_errand *out_errand);
/* What takes the place of names in braces; used[i] tells that there was one for settings[i]. */
typedef struct ar_settings {
    const ar_setting *list;
    size_t n;
    bool *used;
    ar_time now;
} ar_settings;

/* Puts the settings in the place of their names, and for `today-7d` the midnight (UTC) before `now`
 * by so much. In a url they are percent-encoded, but for one at its very beginning. AR_INVALID
 * names a setting that is missing. */
ar_err ar_errand_fill(ar_errand *errand, const ar_settings *settings, ar_arena *arena);

/* JSON, and back. AR_INVALID: not what was printed. */
void ar_errand_print(const ar_errand *errand, ar_buf *out);
ar_err ar_errand_parse(ar_str text, ar_arena *arena, ar_errand *out_errand);
