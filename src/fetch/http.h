/* http: one question to one server and its answer, bounded in time and size, with its certificate
 * checked (fetch/curl.h). */
#pragma once

#include "base/base.h"

enum {
    AR_HTTP_WAIT_MAX = 30 * 24 * 3600
}; /* seconds; a server that asks for more asks for so much */

typedef struct ar_http ar_http;

typedef struct ar_http_options {
    bool plain;  /* http may lead to other hosts than this one */
    ar_str ca;   /* PEM; empty: the system's */
    int seconds; /* for one answer */
} ar_http_options;

ar_err ar_http_new(const ar_http_options *options, ar_http **out_http);
void ar_http_free(ar_http **http);

/* Texts end with a NUL. */
typedef struct ar_http_question {
    ar_str url;
    const char *method;         /* NULL: GET, or POST where there is a body */
    ar_str body;                /* ptr NULL: none */
    bool form;                  /* the body is a form, else JSON, unless a header says what it is */
    bool once;                  /* sent once at most: libcurl by itself sends what got no answer
                                   on a connection from before again */
    ar_str user, password;      /* ptr NULL: none */
    const char *const *headers; /* NULL-ended "Name: value" */
    size_t max;                 /* bytes of the answer, unpacked */
} ar_http_question;

typedef struct ar_http_answer {
    int status;     /* 0: none came, */
    bool sent;      /* and whether the server may nevertheless have been asked */
    int64_t wait_s; /* what the server asks for before the next question; 0: nothing */
    ar_str type;    /* Content-Type, without parameters, in lower case */
    ar_str url;     /* that answered, after redirects */
    ar_buf body;
} ar_http_answer;

void ar_http_answer_done(ar_http_answer *answer);

/* Any status is an answer. Redirects of a plain GET are followed on the same host, five at most.
 *   AR_UNAVAILABLE  no connection, cut short, too slow: asking again may help
 *   AR_DENIED       the certificate is not trusted; http to another host; a redirect elsewhere
 *   AR_LIMIT        the answer is too large
 *   AR_INVALID      no url */
ar_err ar_http_ask(ar_http *http, const ar_http_question *question, ar_arena *arena,
                   ar_http_answer *out_answer);
/* A header of the last answer, the i-th of that name; empty when there is none. */
ar_str ar_http_header(ar_http *http, const char *name, size_t i);

/* `link` as it is meant on the page at `base`. AR_DENIED: it leads to another host, port or scheme,
 * or holds a user's name, and what proves who we are would go there. */
ar_err ar_http_join(ar_str base, ar_str link, ar_arena *arena, ar_str *out_url);
/* The url with one more parameter, encoded. */
ar_err ar_http_with(ar_str url, ar_str name, ar_str value, ar_arena *arena, ar_str *out_url);
/* For sentences: without what stands behind '?', which may be a key. */
ar_str ar_http_shown(ar_str url);
