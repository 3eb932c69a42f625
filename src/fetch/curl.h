/* curl: libcurl, found at run time, and only by the children that have the network. */
#pragma once

#include "base/base.h"

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#define AR_CURL_FUNCTIONS(X)                                                        \
    X(global_init)                                                                  \
    X(easy_init)                                                                    \
    X(easy_cleanup)                                                                 \
    X(easy_reset)                                                                   \
    X(easy_setopt)                                                                  \
    X(easy_perform) X(easy_getinfo) X(easy_strerror) X(easy_header) X(slist_append) \
        X(slist_free_all) X(url) X(url_cleanup) X(url_set) X(url_get) X(free) X(url_strerror)

typedef struct ar_curl_functions {
#define X(name) __typeof__(&curl_##name) name;
    AR_CURL_FUNCTIONS(X)
#undef X
} ar_curl_functions;

extern ar_curl_functions ar_curl;

/* Before the process gives up its rights. AR_UNAVAILABLE: it is not there. */
ar_err ar_curl_load(void);
