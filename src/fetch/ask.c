#include "fetch/ask.h"

#include "fetch/curl.h"
#include "fetch/message.h"
#include "fetch/page.h"
#include "form/json.h"
#include "form/utf.h"
#include "sys/clock.h"
#include "sys/file.h"
#include "sys/sandbox.h"
#include "sys/ticks.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

enum {
    WHY_MAX = 160,             /* bytes of what a wait is for */
    TOKEN_BYTES_MAX = 1 << 20, /* of the answer that holds one */
    TOKEN_SECONDS = 300,       /* where the answer does not say how long it holds */
    TOKEN_SECONDS_MAX = 24 * 3600,
    HIDDEN_MIN = 4, /* bytes; less would be found everywhere */
    TOKEN_MARGIN_SECONDS = 60,
    THROTTLE_JITTER_MS = 250,
    SAID_MAX = 200, /* bytes of what a server says of its refusal */
};

/* What an answer means. */
enum meaning {
    FINAL,
    THROTTLED,    /* ask again after what the server says */
    FAILED,       /* ask again after a while, some times */
    TOKEN_IS_OLD, /* ask again with a new one */
};

/* ---- sentences without secrets ---- */

static void add_encoded(ar_buf *out, ar_str value)
{
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        char low = ar_lower((char)c);

        if ((low >= 'a' && low <= 'z') || (c >= '0' && c <= '9'))
            ar_buf_addc(out, (char)c);
        else
            ar_buf_addf(out, "%%%02X", c);
    }
}

static ar_str without(ar_str text, ar_str secret, ar_arena *arena)
{
    ar_auto(ar_buf) out = { 0 };

    if (secret.len < HIDDEN_MIN || !ar_str_contains(text, secret)) return text;
    for (size_t i = 0; i < text.len; i++) {
        if (!ar_str_starts(ar_str_cut(text, i, text.len), secret)) {
            ar_buf_addc(&out, text.ptr[i]);
            continue;
        }
        ar_buf_addz(&out, "…");
        i += secret.len - 1;
    }
    return ar_arena_copy(arena, ar_buf_str(&out));
}

/* A server may say back what it was told, and what it says goes into sentences and the log. */
ar_str ar_asker_hide(const ar_asker *a, ar_str text, ar_arena *arena)
{
    ar_auto(ar_buf) encoded = { 0 };

    add_encoded(&encoded, ar_secret_str(&a->secret));
    text = without(text, ar_secret_str(&a->token), arena);
    text = without(text, ar_secret_str(&a->secret), arena);
    text = without(text, ar_buf_str(&encoded), arena);
    if (encoded.len > 0) explicit_bzero(encoded.ptr, encoded.len);
    return text;
}

/* ---- waiting ---- */

static uint64_t random_number(void)
{
    uint64_t n = 0;

    if (getrandom(&n, sizeof n, 0) != sizeof n) abort();
    return n;
}

/* AR_UNAVAILABLE when the time is over, or will be after so long a wait. */
static ar_err check_time(const ar_asker *a, int64_t wait_ms)
{
    if (ar_ticks_ms() + wait_ms < a->until_ms) return ar_ok();
    if (wait_ms == 0)
        return ar_fail(AR_UNAVAILABLE, "it took longer than %lld s%s", (long long)a->e.seconds_max,
                       a->later);
    return ar_fail(AR_UNAVAILABLE,
                   "the server asks to wait %lld s, longer than the %lld s that it may take%s",
                   (long long)(wait_ms / 1000), (long long)a->e.seconds_max, a->later);
}

static ar_err wait_ms(const ar_asker *a, int64_t ms, ar_str why)
{
    ar_auto(ar_buf) said = { 0 };
    struct timespec left = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

    AR_TRY(check_time(a, ms));
    ar_buf_addf(&said, "asks again in %lld.%lld s: %.*s", (long long)(ms / 1000),
                (long long)(ms % 1000 / 100), AR_FMT(ar_utf8_cut(why, WHY_MAX)));
    AR_TRY(ar_message_write(STDOUT_FILENO, 'W', ar_buf_str(&said)));
    while (nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
    return ar_ok();
}

/* ---- what a server says of its refusal ---- */

static ar_str sentence_in(const ar_node *root)
{
    static const ar_str paths[] = {
        AR_LIT("error_description"), AR_LIT("error.message"), AR_LIT("message"),
        AR_LIT("errorMessages.0"),   AR_LIT("detail"),        AR_LIT("error")
    };

    for (size_t i = 0; i < AR_COUNT(paths); i++) {
        const ar_node *node = ar_node_at(root, paths[i]);

        if (node != NULL && node->kind == AR_NODE_TEXT && node->text.len > 0) return node->text;
    }
    return (ar_str){ 0 };
}

static enum ar_code code_of(int status)
{
    if (status == 401 || status == 403) return AR_DENIED;
    if (status == 404 || status == 410) return AR_NOT_FOUND;
    return status >= 300 && status < 500 && status != 429 && status != 408 ? AR_INVALID
                                                                           : AR_UNAVAILABLE;
}

static ar_err refusal(const ar_asker *a, const ar_http_answer *answer, ar_arena *arena)
{
    ar_node *root;
    ar_str said = { 0 }, shown = ar_http_shown(answer->url);

    if (ar_json_parse(AR_LIT("answer"), ar_buf_str(&answer->body), NULL, arena, &root).code ==
        AR_OK)
        said = ar_utf8_cut(ar_asker_hide(a, sentence_in(root), arena), SAID_MAX);
    return ar_fail(code_of(answer->status), "%.*s answers with status %d%s%.*s", AR_FMT(shown),
                   answer->status, said.len > 0 ? ": " : "", AR_FMT(said));
}

/* ---- tokens ---- */

static void add_form(ar_secret *form, const char *name, ar_str value)
{
    ar_auto(ar_buf) text = { 0 };

    ar_buf_addf(&text, "%.*s%s%s=", (int)form->len, form->ptr == NULL ? "" : form->ptr,
                form->len > 0 ? "&" : "", name);
    add_encoded(&text, value);
    ar_secret_set(form, ar_buf_str(&text));
    explicit_bzero(text.ptr, text.len);
}

/* RFC 6750, section 2.1: it has no blanks. A line end in it would begin a header of its own. */
static ar_err check_token(ar_str token)
{
    for (size_t i = 0; i < token.len; i++)
        if (token.ptr[i] <= ' ' || token.ptr[i] > '~')
            return ar_fail(AR_INVALID,
                           "the access_token has a byte 0x%02x (want letters, digits and signs)",
                           (unsigned char)token.ptr[i]);
    return ar_ok();
}

static ar_err keep_token(ar_asker *a, const ar_http_answer *answer, ar_arena *arena)
{
    ar_str shown = ar_http_shown(a->e.token_url);
    const ar_node *token, *seconds;
    int64_t span = TOKEN_SECONDS;
    ar_node *root;

    AR_TRY_WITH(ar_json_parse(AR_LIT("answer"), ar_buf_str(&answer->body), NULL, arena, &root),
                "%.*s", AR_FMT(shown));
    token = ar_node_get(root, AR_LIT("access_token"));
    seconds = ar_node_get(root, AR_LIT("expires_in"));
    if (token == NULL || token->kind != AR_NODE_TEXT || token->text.len == 0)
        return ar_fail(AR_INVALID, "%.*s answers without an access_token", AR_FMT(shown));
    AR_TRY_WITH(check_token(token->text), "%.*s", AR_FMT(shown));
    if (seconds != NULL && (!ar_str_int(seconds->text, &span) || span < 1)) span = TOKEN_SECONDS;
    if (span > TOKEN_SECONDS_MAX) span = TOKEN_SECONDS_MAX;
    span -= span > 2 * TOKEN_MARGIN_SECONDS ? TOKEN_MARGIN_SECONDS : span / 2;
    a->token_until_ms = ar_ticks_ms() + span * 1000;
    ar_secret_set(&a->token, token->text);
    return ar_ok();
}

static enum meaning read_token(ar_asker *a, ar_arena *arena, ar_http_answer *answer,
                               ar_err *out_err)
{
    ar_auto(ar_secret) form = { 0 };

    add_form(&form, "grant_type", AR_LIT("client_credentials"));
    add_form(&form, "client_id", a->e.user);
    add_form(&form, "client_secret", ar_secret_str(&a->secret));
    if (a->e.scope.len > 0) add_form(&form, "scope", a->e.scope);

    ar_http_question q = {
        .url = a->e.token_url, .body = ar_secret_str(&form), .form = true, .max = TOKEN_BYTES_MAX
    };

    *out_err = ar_http_ask(a->http, &q, arena, answer);
    if (out_err->code == AR_UNAVAILABLE) return FAILED;
    if (out_err->code != AR_OK) return FINAL;
    if (answer->status == 200) return *out_err = keep_token(a, answer, arena), FINAL;
    *out_err = refusal(a, answer, arena);
    if (answer->wait_s > 0) return THROTTLED;
    if (out_err->code == AR_INVALID) /* 400 is how RFC 6749 refuses a client */
        *out_err = ar_fail(AR_DENIED, "%.*s", AR_FMT(ar_err_text(*out_err)));
    return out_err->code == AR_UNAVAILABLE ? FAILED : FINAL;
}

/* ---- one question ---- */

static const char *proof_line(const ar_asker *a, ar_secret *line)
{
    ar_auto(ar_buf) text = { 0 };

    if (a->e.proof == AR_PROOF_OAUTH)
        ar_buf_addf(&text, "Authorization: Bearer %s", a->token.ptr);
    else if (a->e.proof == AR_PROOF_HEADER)
        ar_buf_addf(&text, "%.*s: %.*s%s", AR_FMT(a->e.proof_header), AR_FMT(a->e.proof_prefix),
                    a->secret.ptr);
    else
        return NULL;
    ar_secret_set(line, ar_buf_str(&text));
    explicit_bzero(text.ptr, text.len);
    return line->ptr;
}

static size_t add_lines(const char **list, size_t n, ar_str lines, ar_arena *arena)
{
    ar_str header;

    while (lines.len > 0 && ar_str_split(&lines, '\n', &header))
        if (header.len > 0) list[n++] = ar_arena_cstr(arena, header);
    return n;
}

static const char *const *list_headers(const ar_asker *a, ar_str more, ar_arena *arena,
                                       ar_secret *line)
{
    const char **list = ar_make_n(arena, const char *, a->e.headers.len + more.len + 3);
    size_t n = add_lines(list, 0, a->e.headers, arena);

    n = add_lines(list, n, more, arena);
    list[n] = proof_line(a, line);
    return list;
}

/* GitHub and others say in headers of their own when to come again. */
static int64_t wait_of(ar_asker *a, const ar_http_answer *answer)
{
    int64_t left, reset, now = ar_clock_now() / AR_SECOND;

    if (answer->wait_s > 0) return answer->wait_s;
    if (answer->status != 403 && answer->status != 429) return 0;
    if (!ar_str_int(ar_http_header(a->http, "x-ratelimit-remaining", 0), &left) || left > 0 ||
        !ar_str_int(ar_http_header(a->http, "x-ratelimit-reset", 0), &reset))
        return 0;
    if (reset <= now) return 1;
    return reset - now > AR_HTTP_WAIT_MAX ? AR_HTTP_WAIT_MAX : reset - now;
}

static enum meaning read_status(ar_asker *a, const ar_asking *asking, ar_http_answer *answer,
                                ar_arena *arena, ar_err *out_err)
{
    int status = answer->status;

    *out_err = refusal(a, answer, arena);
    answer->wait_s = wait_of(a, answer);
    if (status == 401 && a->e.proof == AR_PROOF_OAUTH) return TOKEN_IS_OLD;
    if (answer->wait_s > 0 && (status == 429 || status == 503 || status == 403)) return THROTTLED;
    return asking->judge(asking->self, answer, arena, out_err) ? FAILED : FINAL;
}

/* Asks once. FINAL with an error: asking again will not help. */
static enum meaning ask(ar_asker *a, ar_asking *asking, ar_arena *arena, ar_http_answer *answer,
                        ar_err *out_err)
{
    ar_auto(ar_secret) line = { 0 };
    ar_http_question *q = &asking->question;

    q->once = asking->once;
    q->headers = list_headers(a, asking->headers, arena, &line);
    if (a->e.proof == AR_PROOF_BASIC) {
        q->user = a->e.user;
        q->password = ar_secret_str(&a->secret);
    }
    *out_err = ar_http_ask(a->http, q, arena, answer);
    if (out_err->code == AR_UNAVAILABLE) return asking->once && answer->sent ? FINAL : FAILED;
    if (out_err->code != AR_OK) return FINAL;
    if (answer->status < 200 || answer->status > 299)
        return read_status(a, asking, answer, arena, out_err);
    return asking->judge(asking->self, answer, arena, out_err) ? FAILED : FINAL;
}

static bool needs_token(const ar_asker *a)
{
    return a->e.proof == AR_PROOF_OAUTH && ar_ticks_ms() >= a->token_until_ms;
}

ar_err ar_ask(ar_asker *a, ar_asking *asking, ar_arena *arena, ar_http_answer *answer)
{
    bool renewed = false;

    for (int64_t failures = 0;;) {
        bool for_token = needs_token(a);
        ar_err err;

        AR_TRY(check_time(a, 0));
        enum meaning meaning =
            for_token ? read_token(a, arena, answer, &err) : ask(a, asking, arena, answer, &err);

        if (for_token) answer->status = 0; /* it is not the answer to what is asked */
        if (meaning == FINAL && err.code == AR_OK && for_token) continue;
        if (meaning == FINAL) return err;
        if (meaning == TOKEN_IS_OLD) {
            if (renewed) return err;
            renewed = true;
            a->token_until_ms = 0;
            continue;
        }
        if (meaning == THROTTLED) {
            int64_t jitter = (int64_t)(random_number() % THROTTLE_JITTER_MS);

            AR_TRY(wait_ms(a, answer->wait_s * 1000 + jitter, AR_LIT("throttled")));
            continue;
        }
        if (++failures >= a->e.attempts)
            return ar_context(err, "asked %lld times", (long long)failures);
        AR_TRY(wait_ms(a, ar_page_backoff_ms(failures, random_number()), ar_err_text(err)));
    }
}

/* ---- the process ---- */

static ar_err give_up_rights(void)
{
    static const char *const names_and_certificates[] = { "/etc/hosts",
                                                          "/etc/resolv.conf",
                                                          "/etc/nsswitch.conf",
                                                          "/etc/host.conf",
                                                          "/etc/gai.conf",
                                                          "/etc/services",
                                                          "/etc/ld.so.cache",
                                                          "/etc/ssl/certs",
                                                          "/etc/localtime",
                                                          "/etc/ssl/openssl.cnf",
                                                          "/usr/lib",
                                                          "/lib",
                                                          "/usr/share/ca-certificates",
                                                          "/usr/local/share/ca-certificates",
                                                          NULL };
    static const ar_sandbox box = { .read_paths = names_and_certificates,
                                    .network = true,
                                    .netlink = true };
    ar_sandbox_state state;

    return ar_sandbox_enter(&box, &state);
}

static ar_err hear(ar_asker *a)
{
    ar_auto(ar_buf) text = { 0 };
    char tag;

    AR_TRY(ar_message_read(STDIN_FILENO, NULL, AR_MESSAGE_MAX, &tag, &text));
    AR_TRY(ar_errand_parse(ar_buf_str(&text), &a->arena, &a->e));
    AR_TRY(ar_message_read(STDIN_FILENO, NULL, AR_SECRET_MAX, &tag, &text));
    ar_secret_set(&a->secret, ar_buf_str(&text));
    explicit_bzero(text.ptr, text.len);
    return ar_ok();
}

ar_err ar_asker_begin(ar_asker *a)
{
    AR_TRY(ar_curl_load());
    AR_TRY(give_up_rights());
    AR_TRY(hear(a));

    ar_http_options options = { .plain = a->e.plain_http != 0,
                                .ca = a->e.ca,
                                .seconds = (int)a->e.request_seconds };

    return ar_http_new(&options, &a->http);
}

void ar_asker_done(ar_asker *a)
{
    ar_http_free(&a->http);
    ar_secret_done(&a->secret);
    ar_secret_done(&a->token);
    ar_arena_done(&a->arena);
}

ar_err ar_asker_say_failure(const ar_asker *a, ar_err failure)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_buf) body = { 0 };
    ar_str text = ar_asker_hide(a, ar_err_text(failure), &arena);

    ar_buf_addc(&body, (char)failure.code);
    ar_utf8_put(&body, ar_utf8_cut(text, AR_MESSAGE_SENTENCE_MAX));
    return ar_message_write(STDOUT_FILENO, 'E', ar_buf_str(&body));
}

static ar_err serve(ar_asker *a, ar_err (*answer)(ar_asker *asker, ar_str message))
{
    ar_auto(ar_buf) message = { 0 };
    char tag;

    AR_TRY(ar_asker_begin(a));
    while (ar_message_read(STDIN_FILENO, NULL, AR_MESSAGE_CALL_MAX, &tag, &message).code == AR_OK)
        AR_TRY(answer(a, ar_buf_str(&message)));
    return ar_ok();
}

int ar_asker_main(ar_err (*answer)(ar_asker *asker, ar_str message))
{
    ar_asker asker = { .later = "" };
    ar_err err = serve(&asker, answer);

    if (err.code != AR_OK) err = ar_asker_say_failure(&asker, err);
    ar_asker_done(&asker);
    return ar_code_exit(err.code);
}
