/* A link that a server gives leads to the same server or nowhere: whatever is written in it, the
 * url that is asked for begins with the scheme, host and port of the page that it was on. */
#include "fetch/curl.h"
#include "fetch/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_at(ar_str url, ar_str server, ar_str port)
{
    ar_str rest;

    if (url.len < server.len || !ar_str_same(ar_str_cut(url, 0, server.len), server)) return false;
    rest = ar_str_cut(url, server.len, url.len);
    if (ar_str_starts(rest, port)) rest = ar_str_cut(rest, port.len, rest.len);
    return rest.len == 0 || rest.ptr[0] == '/' || rest.ptr[0] == '?' || rest.ptr[0] == '#';
}

static void check(ar_str base, ar_str server, ar_str port, ar_str text)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_str url = { 0 }, again = { 0 }, with = { 0 };

    if (ar_http_join(base, text, &arena, &url).code == AR_OK) {
        assert(is_at(url, server, port));
        assert(ar_http_join(base, url, &arena, &again).code == AR_OK);
        assert(is_at(again, server, port));
    }
    if (ar_http_with(base, AR_LIT("n"), text, &arena, &with).code == AR_OK) {
        assert(is_at(with, server, port));
        assert(ar_str_starts(with, base));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static enum { UNKNOWN, THERE, MISSING } library;
    ar_str text = { (const char *)data, size };

    if (library == UNKNOWN) library = ar_curl_load().code == AR_OK ? THERE : MISSING;
    if (library == MISSING) return 0;
    check(AR_LIT("https://api.example.org/v1/items?x=1"), AR_LIT("https://api.example.org"),
          AR_LIT(":443"), text);
    check(AR_LIT("http://127.0.0.1:8080/a"), AR_LIT("http://127.0.0.1:8080"), AR_LIT(""), text);
    return 0;
}
