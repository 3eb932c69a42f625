#include "fetch/curl.h"

#include <dlfcn.h>

ar_curl_functions ar_curl;

ar_err ar_curl_load(void)
{
    static const char *const names[] = { "libcurl.so.4", "libcurl-gnutls.so.4" };
    void *library = NULL;

    for (size_t i = 0; i < AR_COUNT(names) && library == NULL; i++)
        library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    if (library == NULL)
        return ar_fail(AR_UNAVAILABLE,
                       "libcurl.so.4 is not there (the Debian package libcurl4 holds it)");
#define X(name)                                                                              \
    *(void **)&ar_curl.name = dlsym(library, "curl_" #name);                                 \
    if (ar_curl.name == NULL)                                                                \
        return ar_fail(AR_UNAVAILABLE, "libcurl is too old: it has no curl_" #name " (want " \
                                       "7.85)");
    AR_CURL_FUNCTIONS(X)
#undef X
    if (ar_curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return ar_fail(AR_UNAVAILABLE, "libcurl does not start");
    return ar_ok();
}
