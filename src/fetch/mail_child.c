#include "fetch/ask.h"
#include "fetch/curl.h"
#include "fetch/mail.h"
#include "fetch/message.h"
#include "form/json.h"

#include <stdlib.h>
#include <unistd.h>

enum { SAID_MAX = 300, CONNECT_SECONDS = 30 };

/* One letter under way. */
typedef struct posting {
    const ar_asker *asker;
    ar_str from, to, text;
    size_t given; /* of the text */
    char said[CURL_ERROR_SIZE];
    char answer[SAID_MAX]; /* what the server refused with */
} posting;

static size_t give(char *to, size_t size, size_t n, void *self)
{
    posting *p = self;
    size_t left = p->text.len - p->given, take = size * n < left ? size * n : left;

    if (take > 0) memcpy(to, p->text.ptr + p->given, take);
    p->given += take;
    return take;
}

static int hear(CURL *easy, curl_infotype type, char *bytes, size_t n, void *self)
{
    posting *p = self;
    ar_str line = ar_str_trim((ar_str){ .ptr = bytes, .len = n });

    (void)easy;
    if (type != CURLINFO_HEADER_IN || line.len == 0 || (line.ptr[0] != '4' && line.ptr[0] != '5'))
        return 0;
    (void)snprintf(p->answer, sizeof p->answer, "%.*s", AR_FMT(line));
    return 0;
}

static bool is_near(ar_str url)
{
    static const ar_str near[] = { AR_LIT("smtp://127.0.0.1:"), AR_LIT("smtp://127.0.0.1/"),
                                   AR_LIT("smtp://localhost:"), AR_LIT("smtp://localhost/"),
                                   AR_LIT("smtp://[::1]:"),     AR_LIT("smtp://[::1]/") };

    for (size_t i = 0; i < AR_COUNT(near); i++)
        if (ar_str_starts(url, near[i])) return true;
    return false;
}

static bool set_all(CURL *e, posting *p, struct curl_slist *to, ar_arena *arena)
{
    const ar_errand *errand = &p->asker->e;
    struct curl_blob ca = { .data = (void *)(uintptr_t)errand->ca.ptr, .len = errand->ca.len };
    bool plain = is_near(errand->url) || errand->plain_http != 0;
    bool ok = true;

#define SET(option, value) ok = ok && ar_curl.easy_setopt(e, option, value) == CURLE_OK
    SET(CURLOPT_URL, ar_arena_cstr(arena, errand->url));
    SET(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_ERRORBUFFER, p->said);
    SET(CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
    SET(CURLOPT_TIMEOUT, (long)errand->request_seconds);
    SET(CURLOPT_USE_SSL, plain ? (long)CURLUSESSL_TRY : (long)CURLUSESSL_ALL);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (ca.len > 0) SET(CURLOPT_CAINFO_BLOB, &ca);
    if (errand->user.len > 0) {
        SET(CURLOPT_USERNAME, ar_arena_cstr(arena, errand->user));
        SET(CURLOPT_PASSWORD, p->asker->secret.ptr);
    }
    SET(CURLOPT_MAIL_FROM, ar_arena_printf(arena, "<%.*s>", AR_FMT(p->from)).ptr);
    SET(CURLOPT_MAIL_RCPT, to);
    SET(CURLOPT_UPLOAD, 1L);
    SET(CURLOPT_READFUNCTION, give);
    SET(CURLOPT_READDATA, p);
    SET(CURLOPT_VERBOSE, 1L);
    SET(CURLOPT_DEBUGFUNCTION, hear);
    SET(CURLOPT_DEBUGDATA, p);
#undef SET
    return ok;
}

/* A server that says 5xx will say it again, of the same letter or of who we are. */
static ar_err judge(const posting *p, CURLcode code, long status)
{
    ar_str shown = ar_http_shown(p->asker->e.url);
    const char *why = p->said[0] != '\0' ? p->said : ar_curl.easy_strerror(code);
    enum ar_code sort = code == CURLE_LOGIN_DENIED || code == CURLE_PEER_FAILED_VERIFICATION ||
                                code == CURLE_USE_SSL_FAILED
                            ? AR_DENIED
                        : status >= 500 && status <= 599 ? AR_INVALID
                                                         : AR_UNAVAILABLE;

    if (code == CURLE_OK) return ar_ok();
    return ar_fail(sort, "%.*s: %s%s%s", AR_FMT(shown), why, p->answer[0] != '\0' ? ": " : "",
                   p->answer);
}

static ar_err post(posting *p, ar_arena *arena)
{
    struct curl_slist *to =
        ar_curl.slist_append(NULL, ar_arena_printf(arena, "<%.*s>", AR_FMT(p->to)).ptr);
    CURL *easy = ar_curl.easy_init();
    long status = 0;

    if (to == NULL || easy == NULL) abort();

    bool set = set_all(easy, p, to, arena);
    CURLcode code = set ? ar_curl.easy_perform(easy) : CURLE_FAILED_INIT;

    (void)ar_curl.easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);

    ar_err err = judge(p, code, status);

    ar_curl.easy_cleanup(easy);
    ar_curl.slist_free_all(to);
    return err;
}

static ar_err answer_letter(ar_asker *asker, ar_str text)
{
    static const ar_str file = AR_LIT("letter");
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_buf) answer = { 0 };
    posting p = { .asker = asker };
    ar_node *root;

    AR_TRY(ar_json_parse(file, text, NULL, &arena, &root));
    AR_TRY(ar_node_text(file, root, "from", true, &p.from));
    AR_TRY(ar_node_text(file, root, "to", true, &p.to));
    AR_TRY(ar_node_text(file, root, "text", true, &p.text));

    ar_err err = post(&p, &arena);
    ar_str problem =
        err.code == AR_OK ? (ar_str){ 0 } : ar_asker_hide(asker, ar_err_text(err), &arena);

    ar_buf_addf(&answer, "{\"code\":%d,\"problem\":", (int)err.code);
    ar_json_text(&answer, problem);
    ar_buf_addc(&answer, '}');
    return ar_message_write(STDOUT_FILENO, 'M', ar_buf_str(&answer));
}

int ar_mail_main(const struct ar_tables *tables, int argc, char **argv)
{
    (void)tables, (void)argc, (void)argv;
    return ar_asker_main(answer_letter);
}
