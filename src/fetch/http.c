#include "fetch/http.h"

#include "fetch/curl.h"

#include <stdlib.h>

enum {
    REDIRECTS_MAX = 5,
    CONNECT_SECONDS = 30,
};

/* ---- urls ---- */

typedef CURLU *url_handle;

static void url_handle_done(url_handle *u)
{
    ar_curl.url_cleanup(*u);
}

static ar_err no_url(ar_str url, CURLUcode code)
{
    ar_str shown = ar_http_shown(url);

    return ar_fail(AR_INVALID, "'%.*s' is no url (%s)", AR_FMT(shown), ar_curl.url_strerror(code));
}

static ar_err parse_url(ar_str url, ar_arena *arena, url_handle *out)
{
    ar_auto(url_handle) u = ar_curl.url();

    if (u == NULL) abort();

    CURLUcode code = ar_curl.url_set(u, CURLUPART_URL, ar_arena_cstr(arena, url), 0);

    if (code != CURLUE_OK) return no_url(url, code);
    *out = ar_move(u);
    return ar_ok();
}

/* A part, empty when there is none. */
static ar_str part(url_handle u, CURLUPart which, ar_arena *arena)
{
    char *text = NULL;
    unsigned flags = which == CURLUPART_PORT ? CURLU_DEFAULT_PORT : 0;

    if (ar_curl.url_get(u, which, &text, flags) != CURLUE_OK) return (ar_str){ 0 };

    ar_str copy = ar_arena_copy(arena, ar_str_of(text));

    ar_curl.free(text);
    return copy;
}

/* Also an empty one: https://@host/ names a user. */
static bool has_part(url_handle u, CURLUPart which)
{
    char *text = NULL;
    bool has = ar_curl.url_get(u, which, &text, 0) == CURLUE_OK;

    if (has) ar_curl.free(text);
    return has;
}

static bool same_part(url_handle a, url_handle b, CURLUPart which, ar_arena *arena)
{
    return ar_str_same(part(a, which, arena), part(b, which, arena));
}

ar_err ar_http_join(ar_str base, ar_str link, ar_arena *arena, ar_str *out_url)
{
    ar_auto(url_handle) from = NULL;
    ar_auto(url_handle) to = NULL;

    AR_TRY(parse_url(base, arena, &from));
    AR_TRY(parse_url(base, arena, &to));

    CURLUcode code = ar_curl.url_set(to, CURLUPART_URL, ar_arena_cstr(arena, link), 0);

    if (code != CURLUE_OK) return no_url(link, code);

    ar_str url = part(to, CURLUPART_URL, arena), shown = ar_http_shown(url);
    ar_str scheme = part(from, CURLUPART_SCHEME, arena), host = part(from, CURLUPART_HOST, arena);

    if (has_part(to, CURLUPART_USER) || has_part(to, CURLUPART_PASSWORD))
        return ar_fail(AR_DENIED, "a link that names a user is not followed");
    if (!same_part(from, to, CURLUPART_SCHEME, arena) ||
        !same_part(from, to, CURLUPART_HOST, arena) || !same_part(from, to, CURLUPART_PORT, arena))
        return ar_fail(AR_DENIED,
                       "%.*s leads elsewhere than to %.*s://%.*s; it is not followed, what proves "
                       "who we are would go there",
                       AR_FMT(shown), AR_FMT(scheme), AR_FMT(host));
    *out_url = url;
    return ar_ok();
}

ar_err ar_http_with(ar_str url, ar_str name, ar_str value, ar_arena *arena, ar_str *out_url)
{
    ar_auto(url_handle) u = NULL;
    const char *pair = ar_arena_printf(arena, "%.*s=%.*s", AR_FMT(name), AR_FMT(value)).ptr;

    AR_TRY(parse_url(url, arena, &u));

    CURLUcode code = ar_curl.url_set(u, CURLUPART_QUERY, pair, CURLU_APPENDQUERY | CURLU_URLENCODE);

    if (code != CURLUE_OK) return no_url(url, code);
    *out_url = part(u, CURLUPART_URL, arena);
    return ar_ok();
}

ar_str ar_http_shown(ar_str url)
{
    size_t end = ar_str_find(url, '?');

    return ar_str_cut(url, 0, end < 300 ? end : 300);
}

static bool is_loopback(ar_str host)
{
    return ar_str_same(host, AR_LIT("localhost")) || ar_str_starts(host, AR_LIT("127.")) ||
           ar_str_eq(host, AR_LIT("[::1]"));
}

/* "127.evil.example" is a name and no address. */
static bool is_address(ar_str host)
{
    for (size_t i = 0; i < host.len; i++)
        if (host.ptr[i] != '.' && (host.ptr[i] < '0' || host.ptr[i] > '9')) return false;
    return true;
}

static ar_err check_scheme(const ar_http_options *options, ar_str url, ar_arena *arena)
{
    ar_auto(url_handle) u = NULL;

    AR_TRY(parse_url(url, arena, &u));

    ar_str scheme = part(u, CURLUPART_SCHEME, arena), host = part(u, CURLUPART_HOST, arena);
    ar_str shown = ar_http_shown(url);
    bool near = is_loopback(host) && (host.ptr[0] != '1' || is_address(host));

    if (ar_str_eq(scheme, AR_LIT("https"))) return ar_ok();
    if (ar_str_eq(scheme, AR_LIT("http")) && (near || options->plain)) return ar_ok();
    return ar_fail(AR_DENIED,
                   "%.*s would be asked without encryption (want https://, or 'plain_http: true' "
                   "in the source)",
                   AR_FMT(shown));
}

/* ---- one exchange ---- */

struct ar_http {
    ar_http_options options;
    CURL *easy;
    struct curl_slist *headers;
    char said[CURL_ERROR_SIZE];
    ar_buf *body;
    size_t max;
    bool too_large;
};

ar_err ar_http_new(const ar_http_options *options, ar_http **out_http)
{
    ar_own(ar_http) h = calloc(1, sizeof *h);

    if (h == NULL) abort();
    h->options = *options;
    h->easy = ar_curl.easy_init();
    if (h->easy == NULL) return ar_fail(AR_UNAVAILABLE, "libcurl does not start");
    *out_http = ar_move(h);
    return ar_ok();
}

void ar_http_free(ar_http **http)
{
    if (*http == NULL) return;
    ar_curl.slist_free_all((*http)->headers);
    ar_curl.easy_cleanup((*http)->easy);
    free(*http);
    *http = NULL;
}

void ar_http_answer_done(ar_http_answer *answer)
{
    ar_buf_done(&answer->body);
}

/* Unpacked bytes: what a few packed ones become is bounded too. */
static size_t take(char *bytes, size_t size, size_t n, void *self)
{
    ar_http *h = self;

    h->too_large |= size * n > h->max - h->body->len;
    if (h->too_large) return 0;
    ar_buf_add(h->body, (ar_str){ .ptr = bytes, .len = size * n });
    return size * n;
}

static void add_header(ar_http *h, const char *line)
{
    struct curl_slist *longer = ar_curl.slist_append(h->headers, line);

    if (longer == NULL) abort();
    h->headers = longer;
}

static bool names(const char *const *headers, ar_str name)
{
    for (; headers != NULL && *headers != NULL; headers++)
        if (ar_str_same(ar_str_cut(ar_str_of(*headers), 0, ar_str_find(ar_str_of(*headers), ':')),
                        name))
            return true;
    return false;
}

static void set_headers(ar_http *h, const ar_http_question *q)
{
    ar_curl.slist_free_all(h->headers);
    h->headers = NULL;
    if (!names(q->headers, AR_LIT("Accept"))) add_header(h, "Accept: application/json, */*;q=0.1");
    if (q->body.ptr != NULL && !names(q->headers, AR_LIT("Content-Type")))
        add_header(h, q->form ? "Content-Type: application/x-www-form-urlencoded"
                              : "Content-Type: application/json");
    for (const char *const *line = q->headers; line != NULL && *line != NULL; line++)
        add_header(h, *line);
}

static bool set_all(ar_http *h, const ar_http_question *q, ar_str url)
{
    struct curl_blob ca = { .data = (void *)(uintptr_t)h->options.ca.ptr,
                            .len = h->options.ca.len };
    CURL *e = h->easy;
    bool ok = true;

    ar_curl.easy_reset(e);
#define SET(option, value) ok = ok && ar_curl.easy_setopt(e, option, value) == CURLE_OK
    SET(CURLOPT_URL, url.ptr);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_ERRORBUFFER, h->said);
    SET(CURLOPT_USERAGENT, "aright");
    SET(CURLOPT_ACCEPT_ENCODING, "gzip");
    SET(CURLOPT_HTTPHEADER, h->headers);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
    SET(CURLOPT_TIMEOUT, (long)h->options.seconds);
    SET(CURLOPT_WRITEFUNCTION, take);
    SET(CURLOPT_WRITEDATA, h);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (ca.len > 0) SET(CURLOPT_CAINFO_BLOB, &ca);
    if (q->user.ptr != NULL) {
        SET(CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        SET(CURLOPT_USERNAME, q->user.ptr);
        SET(CURLOPT_PASSWORD, q->password.ptr);
    }
    if (q->body.ptr != NULL) {
        SET(CURLOPT_POST, 1L);
        SET(CURLOPT_POSTFIELDS, q->body.ptr);
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)q->body.len);
    }
    if (q->method != NULL) SET(CURLOPT_CUSTOMREQUEST, q->method);
    if (q->once) SET(CURLOPT_FRESH_CONNECT, 1L);
#undef SET
    return ok;
}

static ar_err fail_to_ask(const ar_http *h, CURLcode code, ar_str url)
{
    ar_str shown = ar_http_shown(url);
    const char *why = h->said[0] != '\0' ? h->said : ar_curl.easy_strerror(code);

    if (h->too_large)
        return ar_fail(AR_LIMIT, "%.*s answers with more than %zu bytes", AR_FMT(shown), h->max);
    switch ((int)code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
        return ar_fail(AR_DENIED,
                       "%.*s: its certificate is not trusted: %s (where it is one of "
                       "your own, name its CA with ca_file)",
                       AR_FMT(shown), why);
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL: return ar_fail(AR_INVALID, "%.*s: %s", AR_FMT(shown), why);
    default: return ar_fail(AR_UNAVAILABLE, "%.*s: %s", AR_FMT(shown), why);
    }
}

/* The request may be on its way once there is a connection and all that TLS asks for. */
static bool may_be_sent(CURLcode code)
{
    switch ((int)code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL: return false;
    default: return true;
    }
}

static ar_err perform(ar_http *h, const ar_http_question *q, ar_str url, ar_arena *arena,
                      ar_http_answer *out)
{
    long status = 0;
    curl_off_t wait = 0;
    char *type = NULL;

    ar_buf_clear(&out->body);
    out->status = 0;
    out->sent = false;
    AR_TRY(check_scheme(&h->options, url, arena));
    h->body = &out->body;
    h->max = q->max;
    h->too_large = false;
    h->said[0] = '\0';
    set_headers(h, q);
    if (!set_all(h, q, url))
        return ar_fail(AR_UNAVAILABLE, "libcurl refuses an option (want 7.85 or newer)");

    CURLcode code = ar_curl.easy_perform(h->easy);

    out->sent = may_be_sent(code);
    if (code != CURLE_OK) return fail_to_ask(h, code, url);
    (void)ar_curl.easy_getinfo(h->easy, CURLINFO_RESPONSE_CODE, &status);
    (void)ar_curl.easy_getinfo(h->easy, CURLINFO_RETRY_AFTER, &wait);
    (void)ar_curl.easy_getinfo(h->easy, CURLINFO_CONTENT_TYPE, &type);
    out->status = (int)status;
    out->wait_s = wait < 0 ? 0 : wait > AR_HTTP_WAIT_MAX ? AR_HTTP_WAIT_MAX : (int64_t)wait;
    ar_str all = ar_str_of(type);

    out->type = ar_arena_lower(arena, ar_str_trim(ar_str_cut(all, 0, ar_str_find(all, ';'))));
    out->url = url;
    return ar_ok();
}

ar_str ar_http_header(ar_http *http, const char *name, size_t i)
{
    struct curl_header *header = NULL;

    if (ar_curl.easy_header(http->easy, name, i, CURLH_HEADER, -1, &header) != CURLHE_OK)
        return (ar_str){ 0 };
    return ar_str_of(header->value);
}

static bool is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

ar_err ar_http_ask(ar_http *http, const ar_http_question *question, ar_arena *arena,
                   ar_http_answer *out_answer)
{
    ar_str url = question->url;

    for (int i = 0;; i++) {
        AR_TRY(perform(http, question, url, arena, out_answer));
        if (!is_redirect(out_answer->status) || question->body.ptr != NULL ||
            question->method != NULL)
            return ar_ok();
        if (i == REDIRECTS_MAX)
            return ar_fail(AR_LIMIT, "%.*s redirects more than %d times",
                           AR_FMT(ar_http_shown(question->url)), (int)REDIRECTS_MAX);

        ar_str to = ar_arena_copy(arena, ar_http_header(http, "Location", 0));

        AR_TRY_WITH(ar_http_join(url, to, arena, &url), "a redirect");
    }
}
