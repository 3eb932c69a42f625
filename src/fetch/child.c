#include "fetch/child.h"

#include "fetch/errand.h"
#include "fetch/http.h"
#include "fetch/message.h"
#include "fetch/page.h"
#include "form/json.h"
#include "form/utf.h"
#include "sys/clock.h"
#include "sys/file.h"
#include "sys/sandbox.h"
#include "sys/secret.h"
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

typedef struct job {
    ar_arena arena; /* lives as long as the job */
    ar_errand e;
    ar_secret secret, token;
    int64_t token_until_ms;
    ar_http *http;
    ar_map seen;     /* cursors */
    bool begun_anew; /* at most once */
    int64_t until_ms;
} job;

/* What an answer means. */
enum meaning {
    GOOD,
    THROTTLED,    /* ask again after what the server says */
    FAILED,       /* ask again after a while, some times */
    TOKEN_IS_OLD, /* ask again with a new one */
    CURSOR_IS_OLD /* begin anew */
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
static ar_str without_secrets(const job *j, ar_str text, ar_arena *arena)
{
    ar_auto(ar_buf) encoded = { 0 };

    add_encoded(&encoded, ar_secret_str(&j->secret));
    text = without(text, ar_secret_str(&j->token), arena);
    text = without(text, ar_secret_str(&j->secret), arena);
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

static ar_err check_time(const job *j, int64_t wait_ms)
{
    if (ar_ticks_ms() + wait_ms < j->until_ms) return ar_ok();
    if (wait_ms == 0)
        return ar_fail(AR_UNAVAILABLE,
                       "it took longer than %lld s; what came is kept, and the next fetch goes on "
                       "behind it",
                       (long long)j->e.seconds_max);
    return ar_fail(AR_UNAVAILABLE,
                   "the server asks to wait %lld s, longer than the %lld s that a fetch may take; "
                   "what came is kept, and the next one goes on behind it",
                   (long long)(wait_ms / 1000), (long long)j->e.seconds_max);
}

static ar_err wait_ms(const job *j, int64_t ms, ar_str why)
{
    ar_auto(ar_buf) said = { 0 };
    struct timespec left = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

    AR_TRY(check_time(j, ms));
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
    static const ar_str paths[] = { AR_LIT("error_description"), AR_LIT("error.message"),
                                    AR_LIT("message"), AR_LIT("detail"), AR_LIT("error") };

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

static ar_err refusal(const job *j, const ar_http_answer *answer, ar_arena *arena)
{
    ar_node *root;
    ar_str said = { 0 }, shown = ar_http_shown(answer->url);

    if (ar_json_parse(AR_LIT("answer"), ar_buf_str(&answer->body), NULL, arena, &root).code ==
        AR_OK)
        said = ar_utf8_cut(without_secrets(j, sentence_in(root), arena), SAID_MAX);
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

static ar_err keep_token(job *j, const ar_http_answer *answer, ar_arena *arena)
{
    ar_str shown = ar_http_shown(j->e.token_url);
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
    j->token_until_ms = ar_ticks_ms() + span * 1000;
    ar_secret_set(&j->token, token->text);
    return ar_ok();
}

static enum meaning read_token(job *j, ar_arena *arena, ar_http_answer *answer, ar_err *out_err)
{
    ar_auto(ar_secret) form = { 0 };

    add_form(&form, "grant_type", AR_LIT("client_credentials"));
    add_form(&form, "client_id", j->e.user);
    add_form(&form, "client_secret", ar_secret_str(&j->secret));
    if (j->e.scope.len > 0) add_form(&form, "scope", j->e.scope);

    ar_http_question q = {
        .url = j->e.token_url, .body = ar_secret_str(&form), .form = true, .max = TOKEN_BYTES_MAX
    };

    *out_err = ar_http_ask(j->http, &q, arena, answer);
    if (out_err->code == AR_UNAVAILABLE) return FAILED;
    if (out_err->code != AR_OK) return GOOD;
    if (answer->status == 200) return *out_err = keep_token(j, answer, arena), GOOD;
    *out_err = refusal(j, answer, arena);
    if (answer->wait_s > 0) return THROTTLED;
    if (out_err->code == AR_INVALID) /* 400 is how RFC 6749 refuses a client */
        *out_err = ar_fail(AR_DENIED, "%.*s", AR_FMT(ar_err_text(*out_err)));
    return out_err->code == AR_UNAVAILABLE ? FAILED : GOOD;
}

/* ---- one page ---- */

static const char *proof_line(const job *j, ar_secret *line)
{
    ar_auto(ar_buf) text = { 0 };

    if (j->e.proof == AR_PROOF_OAUTH)
        ar_buf_addf(&text, "Authorization: Bearer %s", j->token.ptr);
    else if (j->e.proof == AR_PROOF_HEADER)
        ar_buf_addf(&text, "%.*s: %.*s%s", AR_FMT(j->e.proof_header), AR_FMT(j->e.proof_prefix),
                    j->secret.ptr);
    else
        return NULL;
    ar_secret_set(line, ar_buf_str(&text));
    explicit_bzero(text.ptr, text.len);
    return line->ptr;
}

static const char *const *list_headers(const job *j, ar_arena *arena, ar_secret *line)
{
    ar_str rest = j->e.headers, header;
    const char **list = ar_make_n(arena, const char *, j->e.headers.len + 3);
    size_t n = 0;

    while (rest.len > 0 && ar_str_split(&rest, '\n', &header))
        if (header.len > 0) list[n++] = ar_arena_cstr(arena, header);
    list[n] = proof_line(j, line);
    return list;
}

static ar_str first_url(const ar_errand *e)
{
    return e->delta_url.len > 0 ? e->delta_url : e->url;
}

static ar_err put_in_body(const job *j, ar_str token, ar_arena *arena, ar_str *out_body)
{
    ar_auto(ar_buf) text = { 0 };
    ar_node *body;

    AR_TRY(ar_json_parse(AR_LIT("body"), j->e.body, NULL, arena, &body));
    AR_TRY(ar_page_put(body, j->e.page_field, token, arena));
    ar_json_node(&text, body);
    *out_body = ar_arena_copy(arena, ar_buf_str(&text));
    return ar_ok();
}

static int64_t number_of(const job *j)
{
    int64_t n = j->e.from;

    return j->e.cursor.len > 0 && ar_str_int(j->e.cursor, &n) ? n : j->e.from;
}

static ar_err make_question(const job *j, ar_arena *arena, ar_http_question *q)
{
    const ar_errand *e = &j->e;
    ar_str number = { 0 };

    q->url = first_url(e);
    if (e->body.len > 0) q->body = e->body;
    switch ((enum ar_paging)e->paging) {
    case AR_PAGING_NONE: return ar_ok();
    case AR_PAGING_NEXT:
    case AR_PAGING_LINK:
        if (e->cursor.len == 0) return ar_ok();
        return ar_http_join(first_url(e), e->cursor, arena, &q->url);
    case AR_PAGING_TOKEN:
        if (e->cursor.len == 0) return ar_ok();
        if (e->body.len > 0) return put_in_body(j, e->cursor, arena, &q->body);
        return ar_http_with(q->url, e->page_field, e->cursor, arena, &q->url);
    case AR_PAGING_PAGE:
    case AR_PAGING_OFFSET:
        number = ar_arena_printf(arena, "%lld", (long long)number_of(j));
        if (e->body.len > 0) return put_in_body(j, number, arena, &q->body);
        return ar_http_with(q->url, e->page_field, number, arena, &q->url);
    }
    return ar_ok();
}

static size_t room_for(const job *j)
{
    int64_t left = j->e.bytes_max - j->e.bytes;
    int64_t most = j->e.paging == AR_PAGING_NONE ? AR_MESSAGE_RAW_MAX : AR_ERRAND_PAGE_BYTES;

    return (size_t)(left < most ? left : most);
}

static ar_err check_type(const job *j, const ar_http_answer *answer)
{
    ar_str shown = ar_http_shown(answer->url);
    bool json = ar_str_contains(answer->type, AR_LIT("json"));
    bool html = ar_str_contains(answer->type, AR_LIT("html"));

    if (html)
        return ar_fail(AR_INVALID,
                       "%.*s answers with a page of HTML, as one that asks to sign in does (want "
                       "%s; see the source's 'auth')",
                       AR_FMT(shown), j->e.json ? "JSON" : "the payload");
    if (j->e.json && !json)
        return ar_fail(AR_INVALID, "%.*s answers with %s%.*s (want JSON: application/json)",
                       AR_FMT(shown), answer->type.len > 0 ? "" : "no type at all",
                       AR_FMT(answer->type));
    return ar_ok();
}

/* GitHub and others say in headers of their own when to come again. */
static int64_t wait_of(job *j, const ar_http_answer *answer)
{
    int64_t left, reset, now = ar_clock_now() / AR_SECOND;

    if (answer->wait_s > 0) return answer->wait_s;
    if (answer->status != 403 && answer->status != 429) return 0;
    if (!ar_str_int(ar_http_header(j->http, "x-ratelimit-remaining", 0), &left) || left > 0 ||
        !ar_str_int(ar_http_header(j->http, "x-ratelimit-reset", 0), &reset))
        return 0;
    if (reset <= now) return 1;
    return reset - now > AR_HTTP_WAIT_MAX ? AR_HTTP_WAIT_MAX : reset - now;
}

static enum meaning read_status(job *j, ar_http_answer *answer, ar_arena *arena, ar_err *out_err)
{
    bool goes_on = j->e.cursor.len > 0 && !j->begun_anew;
    int status = answer->status;

    *out_err = refusal(j, answer, arena);
    answer->wait_s = wait_of(j, answer);
    if (status == 401 && j->e.proof == AR_PROOF_OAUTH) return TOKEN_IS_OLD;
    if (answer->wait_s > 0 && (status == 429 || status == 503 || status == 403)) return THROTTLED;
    if (goes_on && (status == 410 || status == 404 || status == 400)) return CURSOR_IS_OLD;
    return out_err->code == AR_UNAVAILABLE ? FAILED : GOOD;
}

/* Asks once. GOOD with an error: asking again will not help. */
static enum meaning ask(job *j, ar_arena *arena, ar_http_answer *answer, ar_node **out_root,
                        ar_err *out_err)
{
    static const ar_form_limits limits = { .bytes_max = AR_MESSAGE_RAW_MAX, .nodes_max = 20000000 };
    ar_auto(ar_secret) line = { 0 };
    ar_http_question q = { .max = room_for(j), .headers = list_headers(j, arena, &line) };

    if (j->e.proof == AR_PROOF_BASIC) {
        q.user = j->e.user;
        q.password = ar_secret_str(&j->secret);
    }
    *out_err = make_question(j, arena, &q);
    if (out_err->code == AR_OK) *out_err = ar_http_ask(j->http, &q, arena, answer);
    if (out_err->code == AR_UNAVAILABLE) return FAILED;
    if (out_err->code != AR_OK) return GOOD;
    if (answer->status < 200 || answer->status > 299) return read_status(j, answer, arena, out_err);
    *out_err = check_type(j, answer);
    if (out_err->code != AR_OK || !j->e.json) return GOOD;
    *out_err = ar_json_parse(ar_http_shown(answer->url), ar_buf_str(&answer->body), &limits, arena,
                             out_root);
    return out_err->code == AR_INVALID ? FAILED : GOOD; /* cut short without a word */
}

static bool needs_token(const job *j)
{
    return j->e.proof == AR_PROOF_OAUTH && ar_ticks_ms() >= j->token_until_ms;
}

/* Asks until the answer is good or final. *out_anew: the server no longer knows the cursor. */
static ar_err ask_until(job *j, ar_arena *arena, ar_http_answer *answer, ar_node **out_root,
                        bool *out_anew)
{
    bool renewed = false;

    for (int64_t failures = 0;;) {
        bool for_token = needs_token(j);
        ar_err err;

        AR_TRY(check_time(j, 0));
        enum meaning meaning =
            for_token ? read_token(j, arena, answer, &err) : ask(j, arena, answer, out_root, &err);

        if (meaning == GOOD && err.code == AR_OK && for_token) continue;
        if (meaning == GOOD) return err;
        if (meaning == CURSOR_IS_OLD) return *out_anew = true, ar_ok();
        if (meaning == TOKEN_IS_OLD) {
            if (renewed) return err;
            renewed = true;
            j->token_until_ms = 0;
            continue;
        }
        if (meaning == THROTTLED) {
            int64_t jitter = (int64_t)(random_number() % THROTTLE_JITTER_MS);

            AR_TRY(wait_ms(j, answer->wait_s * 1000 + jitter, AR_LIT("throttled")));
            continue;
        }
        if (++failures >= j->e.attempts)
            return ar_context(err, "asked %lld times", (long long)failures);
        AR_TRY(wait_ms(j, ar_page_backoff_ms(failures, random_number()), ar_err_text(err)));
    }
}

/* ---- from page to page ---- */

static ar_err begin_anew(job *j)
{
    j->begun_anew = true;
    j->e.cursor = (ar_str){ 0 };
    j->e.delta = false;
    j->e.pages = j->e.bytes = 0;
    j->seen = (ar_map){ 0 };
    return ar_message_write(STDOUT_FILENO, 'R', (ar_str){ 0 });
}

static ar_str text_at(const ar_node *root, ar_str path)
{
    const ar_node *node = path.len > 0 ? ar_page_at(root, path) : NULL;
    bool scalar = node != NULL && (node->kind == AR_NODE_TEXT || node->kind == AR_NODE_INT);

    return scalar ? node->text : (ar_str){ 0 };
}

static ar_str link_in_headers(job *j)
{
    for (size_t i = 0;; i++) {
        ar_str header = ar_http_header(j->http, "Link", i);
        ar_str link = ar_page_link(header, j->e.page_path);

        if (header.len == 0 || link.len > 0) return link;
    }
}

/* Counted pages end with one that has nothing, or where the server says how many there are. */
static ar_err next_number(job *j, const ar_node *root, ar_arena *arena, ar_str *out_next)
{
    int64_t n = ar_page_count(root, j->e.items), total = INT64_MAX, next = number_of(j);

    if (n < 0)
        return ar_fail(AR_INVALID, "%.*s: no list at '%.*s'",
                       AR_FMT(ar_http_shown(first_url(&j->e))), AR_FMT(j->e.items));
    next += j->e.by > 0 ? j->e.by : n;
    if (j->e.total_header.len > 0)
        (void)ar_str_int(ar_http_header(j->http, ar_arena_cstr(arena, j->e.total_header), 0),
                         &total);
    if (n == 0 || (j->e.paging == AR_PAGING_OFFSET && next - j->e.from >= total)) return ar_ok();
    *out_next = ar_arena_printf(arena, "%lld", (long long)next);
    return ar_ok();
}

/* Empty: this was the last one. */
static ar_err find_next(job *j, const ar_http_answer *answer, const ar_node *root, ar_arena *arena,
                        ar_str *out_next)
{
    ar_str next = { 0 };

    switch ((enum ar_paging)j->e.paging) {
    case AR_PAGING_NONE: return ar_ok();
    case AR_PAGING_NEXT: next = text_at(root, j->e.page_path); break;
    case AR_PAGING_LINK: next = link_in_headers(j); break;
    case AR_PAGING_TOKEN: *out_next = text_at(root, j->e.page_path); return ar_ok();
    case AR_PAGING_PAGE:
    case AR_PAGING_OFFSET: return next_number(j, root, arena, out_next);
    }
    if (next.len == 0) return ar_ok();
    return ar_http_join(answer->url, next, arena, out_next);
}

/* What will tell what has changed is only a shorter way: where it cannot be gone, the next fetch
 * brings all. */
static ar_str find_delta(const job *j, const ar_http_answer *answer, const ar_node *root,
                         ar_arena *arena)
{
    ar_str link = text_at(root, j->e.delta_path), url = { 0 };

    if (link.len == 0 || ar_http_join(answer->url, link, arena, &url).code != AR_OK) return url;
    return url.len > AR_MESSAGE_CURSOR_MAX ? (ar_str){ 0 } : url;
}

/* A cursor that came before would go on for ever, and what came is not what it seems. */
static ar_err check_next(job *j, ar_str next)
{
    bool is_new = true;

    if (next.len > AR_MESSAGE_CURSOR_MAX)
        return ar_fail(AR_LIMIT, "the way to the next page has %zu bytes, %d are the most",
                       next.len, AR_MESSAGE_CURSOR_MAX);
    if (j->e.cursor.len > 0) ar_map_put(&j->seen, &j->arena, j->e.cursor, &is_new);
    ar_map_put(&j->seen, &j->arena, first_url(&j->e), &is_new);
    if (ar_map_get(&j->seen, next) == NULL) return ar_ok();
    AR_TRY(ar_message_write(STDOUT_FILENO, 'R', (ar_str){ 0 }));
    return ar_fail(AR_INVALID,
                   "page %lld of %.*s leads back to one that came before; the server goes in "
                   "circles, and nothing of it is kept",
                   (long long)j->e.pages + 1, AR_FMT(ar_http_shown(first_url(&j->e))));
}

/* Says the page and waits until it is kept. */
static ar_err hand_over(job *j, ar_str page, ar_str next)
{
    ar_auto(ar_buf) body = { 0 };
    uint32_t len = (uint32_t)next.len;
    char kept;

    ar_buf_add(&body, (ar_str){ .ptr = (const char *)&len, .len = sizeof len });
    ar_buf_add(&body, next);
    if (j->e.paging == AR_PAGING_NONE) {
        ar_buf_add(&body, page);
    } else {
        ar_page_line(&body, ar_str_starts(page, AR_LIT("\xef\xbb\xbf"))
                                ? ar_str_cut(page, 3, page.len)
                                : page);
        ar_buf_addc(&body, '\n');
    }
    j->e.bytes += (int64_t)(body.len - sizeof len - next.len);
    j->e.pages++;
    AR_TRY(ar_message_write(STDOUT_FILENO, 'P', ar_buf_str(&body)));
    if (read(STDIN_FILENO, &kept, 1) != 1) return ar_fail(AR_UNAVAILABLE, "the parent is gone");
    return ar_ok();
}

static ar_err check_room(const job *j)
{
    if (j->e.pages >= j->e.pages_max)
        return ar_fail(AR_LIMIT, "more than %lld pages (see the source's 'pages_max')",
                       (long long)j->e.pages_max);
    if (j->e.bytes >= j->e.bytes_max)
        return ar_fail(AR_LIMIT, "more than %lld bytes (see the source's 'mib_max')",
                       (long long)j->e.bytes_max);
    return ar_ok();
}

static ar_err fetch_page(job *j, bool *out_more, ar_str *out_delta)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_http_answer) answer = { 0 };
    ar_node *root = NULL;
    ar_str next = { 0 };
    bool anew = false;

    AR_TRY(check_room(j));
    AR_TRY(ask_until(j, &arena, &answer, &root, &anew));
    anew = anew || (j->e.delta && ar_page_removes(root, j->e.items, j->e.removed_path));
    if (anew) return *out_more = true, begin_anew(j);
    AR_TRY(find_next(j, &answer, root, &arena, &next));
    if (next.len > 0) AR_TRY(check_next(j, next));
    if (root != NULL && next.len == 0)
        *out_delta = ar_arena_copy(&j->arena, find_delta(j, &answer, root, &arena));
    AR_TRY(hand_over(j, ar_buf_str(&answer.body), next));
    j->e.cursor = ar_arena_copy(&j->arena, next);
    *out_more = next.len > 0;
    return ar_ok();
}

static ar_err fetch_all(job *j)
{
    ar_http_options options = { .plain = j->e.plain_http != 0,
                                .ca = j->e.ca,
                                .seconds = (int)j->e.request_seconds };
    ar_str delta = { 0 };
    bool more = true;

    j->until_ms = ar_ticks_ms() + j->e.seconds_max * 1000;
    AR_TRY(ar_http_new(&options, &j->http));
    while (more) AR_TRY(fetch_page(j, &more, &delta));
    return ar_message_write(STDOUT_FILENO, 'D', delta);
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

static ar_err hear(job *j)
{
    ar_auto(ar_buf) text = { 0 };
    char tag;

    AR_TRY(ar_message_read(STDIN_FILENO, NULL, AR_MESSAGE_MAX, &tag, &text));
    AR_TRY(ar_errand_parse(ar_buf_str(&text), &j->arena, &j->e));
    AR_TRY(ar_message_read(STDIN_FILENO, NULL, AR_SECRET_MAX, &tag, &text));
    ar_secret_set(&j->secret, ar_buf_str(&text));
    explicit_bzero(text.ptr, text.len);
    return ar_ok();
}

static ar_err run(job *j)
{
    AR_TRY(ar_http_load());
    AR_TRY(give_up_rights());
    AR_TRY(hear(j));
    return fetch_all(j);
}

static ar_err say_failure(job *j, ar_err failure)
{
    ar_auto(ar_buf) body = { 0 };
    ar_str text = without_secrets(j, ar_err_text(failure), &j->arena);

    ar_buf_addc(&body, (char)failure.code);
    ar_utf8_put(&body, ar_utf8_cut(text, AR_MESSAGE_SENTENCE_MAX));
    return ar_message_write(STDOUT_FILENO, 'E', ar_buf_str(&body));
}

int ar_fetch_main(const struct ar_tables *tables, int argc, char **argv)
{
    job j = { 0 };
    ar_err err = run(&j);

    (void)tables, (void)argc, (void)argv;
    if (err.code != AR_OK) err = say_failure(&j, err);
    ar_http_free(&j.http);
    ar_secret_done(&j.secret);
    ar_secret_done(&j.token);
    ar_arena_done(&j.arena);
    return ar_code_exit(err.code);
}
