#include "http/exchange.h"

#include "door/client.h"
#include "door/print.h"
#include "form/json.h"
#include "http/answer.h"
#include "http/api.h"
#include "http/front.h"
#include "http/stream.h"
#include "op/session.h"
#include "sys/clock.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <unistd.h>

enum { STREAM_BLOCK_BYTES = 16 << 10 };

static const char cookie_name[] = "aright";

typedef struct exchange {
    const ar_exchanges *all;
    struct MHD_Connection *connection;
    ar_str url;
    bool head, post;
    ar_arena arena;
    ar_buf body;
} exchange;

/* ---- answers ---- */

static void add_header(struct MHD_Response *response, const char *name, const char *value)
{
    /* it fails where there is no memory, and the answer without it would be less safe */
    if (MHD_add_response_header(response, name, value) != MHD_YES) abort();
}

static void add_common(const exchange *x, struct MHD_Response *response)
{
    static const char *const headers[][2] = {
        { "X-Content-Type-Options", "nosniff" },
        { "Referrer-Policy", "no-referrer" },
        { "Cross-Origin-Opener-Policy", "same-origin" },
        { "Cross-Origin-Resource-Policy", "same-origin" },
        { "X-Frame-Options", "DENY" },
        { "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()" },
    };

    for (size_t i = 0; i < AR_COUNT(headers); i++)
        add_header(response, headers[i][0], headers[i][1]);
    add_header(response, "Content-Security-Policy", x->all->site->policy.ptr);
}

static enum MHD_Result send_off(const exchange *x, unsigned status, struct MHD_Response *response)
{
    enum MHD_Result sent;

    add_common(x, response);
    sent = MHD_queue_response(x->connection, status, response);
    MHD_destroy_response(response);
    return sent;
}

/* MHD_RESPMEM_PERSISTENT: the bytes outlive the exchange; MHD_RESPMEM_MUST_COPY: they need not. */
static struct MHD_Response *response_of(ar_str bytes, enum MHD_ResponseMemoryMode mode)
{
    union {
        const char *from;
        void *to;
    } lent = { bytes.ptr }; /* never written to */
    struct MHD_Response *r = MHD_create_response_from_buffer(bytes.len, lent.to, mode);

    if (r == NULL) abort();
    return r;
}

static enum MHD_Result send_data(const exchange *x, unsigned status, const char *type, ar_str bytes)
{
    struct MHD_Response *r = response_of(bytes, MHD_RESPMEM_MUST_COPY);

    add_header(r, "Content-Type", type);
    add_header(r, "Cache-Control", "no-store");
    return send_off(x, status, r);
}

static enum MHD_Result send_answer(const exchange *x, unsigned status, ar_answer *answer,
                                   ar_err err)
{
    ar_answer_end(answer, err);
    return send_data(x, status, "application/json", ar_buf_str(&answer->body));
}

/* A failure of ours, before there are rows. */
static enum MHD_Result send_failure(const exchange *x, unsigned status, ar_err err)
{
    ar_auto(ar_answer) answer = { 0 };

    return send_answer(x, status, &answer, err);
}

/* ---- what a request must bring ---- */

static ar_str header(const exchange *x, const char *name)
{
    return ar_str_of(MHD_lookup_connection_value(x->connection, MHD_HEADER_KIND, name));
}

/* The name that the browser believes to speak to: another one that leads here is not ours. */
static bool is_our_host(const exchange *x, ar_str host)
{
    for (size_t i = 0; i < AR_COUNT(x->all->hosts); i++)
        if (ar_str_same(host, x->all->hosts[i])) return true;
    return false;
}

static ar_str token_of(const exchange *x)
{
    ar_str token =
        ar_str_of(MHD_lookup_connection_value(x->connection, MHD_COOKIE_KIND, cookie_name));

    return token.len == AR_TOKEN_LEN ? token : (ar_str){ 0 };
}

/* A browser says from where a page asks; what changes anything is asked by our own pages only, in a
 * way that no form and no link can. */
static ar_err check_origin(const exchange *x)
{
    ar_str site = header(x, "Sec-Fetch-Site"), origin = header(x, "Origin");
    const ar_str scheme = AR_LIT("http://");

    if (site.len > 0 && !ar_str_eq(site, AR_LIT("same-origin")) &&
        !(ar_str_eq(site, AR_LIT("none")) && !x->post))
        return ar_fail(AR_DENIED, "asked from another site");
    if (!x->post) return ar_ok();
    if (origin.len > 0 && (!ar_str_starts(origin, scheme) ||
                           !is_our_host(x, ar_str_cut(origin, scheme.len, origin.len))))
        return ar_fail(AR_DENIED, "asked from another site");
    if (!ar_str_eq(header(x, "Aright-Door"), AR_LIT("page")))
        return ar_fail(AR_DENIED, "a change wants the header 'Aright-Door: page'");
    if (!ar_str_starts(header(x, "Content-Type"), AR_LIT("application/json")))
        return ar_fail(AR_INVALID, "a change wants a body of type application/json");
    return ar_ok();
}

static bool wants(const exchange *x, const char *name)
{
    return ar_str_eq(
        ar_str_of(MHD_lookup_connection_value(x->connection, MHD_GET_ARGUMENT_KIND, name)),
        AR_LIT("true"));
}

/* ---- operations ---- */

static ar_request request_of(const exchange *x, const ar_args *args, ar_str token, ar_time now)
{
    return (ar_request){
        .args = args, .now = now, .asof = now, .token = token, .kept = wants(x, "_kept")
    };
}

/* How long the other side may be silent; 0: it waits for us. */
static void set_patience(struct MHD_Connection *connection, unsigned seconds)
{
    (void)MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT, seconds);
}

/* Asks the core, for whoever's token it is. */
static ar_err ask(exchange *x, const ar_args *args, ar_str token, ar_time now, const ar_sink *sink)
{
    ar_auto(ar_client) client = { 0 };
    ar_request request = request_of(x, args, token, now);

    AR_TRY(ar_client_through(x->all->core, &client));
    set_patience(x->connection, 0);

    ar_err err = ar_client_run(&client, x->all->tables, &request, sink);
    set_patience(x->connection, AR_FRONT_SECONDS_MAX);
    return err;
}

/* What is told as events, and to whom. */
typedef struct telling {
    ar_stream *stream;
    struct MHD_Connection *connection;
} telling;

static ssize_t read_stream(void *self, uint64_t at, char *out, size_t max)
{
    const telling *t = self;
    size_t n = ar_stream_read(t->stream, out, max);

    (void)at;
    if (ar_stream_ended(t->stream)) set_patience(t->connection, AR_FRONT_SECONDS_MAX);
    return n == 0 ? MHD_CONTENT_READER_END_OF_STREAM : (ssize_t)n;
}

static void free_stream(void *self)
{
    telling *t = self;

    ar_stream_free(&t->stream);
    free(t);
}

/* How far it is, while it works. */
static enum MHD_Result send_stream(const exchange *x, const ar_args *args, ar_time now)
{
    ar_request request = request_of(x, args, token_of(x), now);
    telling *t = calloc(1, sizeof *t);
    struct MHD_Response *r = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK_BYTES,
                                                               read_stream, t, free_stream);

    if (t == NULL || r == NULL) abort();
    *t = (telling){ ar_stream_new(x->all->core, x->all->tables, &request), x->connection };
    set_patience(x->connection, 0);
    add_header(r, "Content-Type", "text/event-stream");
    add_header(r, "Cache-Control", "no-store");
    return send_off(x, MHD_HTTP_OK, r);
}

typedef struct query {
    ar_args *args;
    ar_time now;
    ar_err err;
} query;

/* A name that begins with '_' is of the answer, not of the operation. */
static enum MHD_Result on_query(void *self, enum MHD_ValueKind kind, const char *name,
                                size_t n_name, const char *value, size_t n_value)
{
    query *q = self;

    (void)kind;
    if (n_name > 0 && name[0] == '_') return MHD_YES;
    q->err = ar_api_add(q->args, (ar_str){ name, n_name },
                        (ar_str){ value == NULL ? "" : value, n_value }, q->now);
    return q->err.code == AR_OK ? MHD_YES : MHD_NO;
}

static ar_err read_args(exchange *x, ar_args *args, ar_time now)
{
    query q = { .args = args, .now = now };

    if (args->op->effect == AR_CHANGES) {
        AR_TRY(ar_api_add_body(args, ar_buf_str(&x->body), now));
    } else {
        (void)MHD_get_connection_values_n(x->connection, MHD_GET_ARGUMENT_KIND, on_query, &q);
        AR_TRY(q.err);
    }
    return ar_args_complete(args);
}

/* Rows as the command line prints them, for who takes them away. */
static enum MHD_Result send_printed(exchange *x, const ar_args *args, enum ar_format format,
                                    ar_time now)
{
    static const char *const types[] = { [AR_FORMAT_TABLE] = "text/plain; charset=utf-8",
                                         [AR_FORMAT_JSON] = "application/json",
                                         [AR_FORMAT_NDJSON] = "application/x-ndjson",
                                         [AR_FORMAT_CSV] = "text/csv; charset=utf-8" };
    ar_auto(ar_printer) printer = { 0 };
    ar_auto(ar_fd) file = { 0 };
    ar_auto(ar_fd) side = { 0 };
    ar_err err = ar_fd_holding((ar_str){ 0 }, &file);

    if (err.code == AR_OK) err = ar_fd_holding((ar_str){ 0 }, &side);
    if (err.code != AR_OK) return send_failure(x, MHD_HTTP_INTERNAL_SERVER_ERROR, err);
    ar_printer_init(&printer, format, args->op->shape, ar_fd_n(file), ar_fd_n(side));

    ar_sink sink = ar_printer_sink(&printer);

    err = ask(x, args, token_of(x), now, &sink);
    if (err.code == AR_OK) err = ar_printer_finish(&printer);
    if (err.code != AR_OK) return send_failure(x, (unsigned)ar_code_http(err.code), err);

    ar_str text;

    (void)lseek(ar_fd_n(file), 0, SEEK_SET);
    err = ar_fd_read_all(ar_fd_n(file), AR_LIT("answer"), AR_ANSWER_MAX, &x->arena, &text);
    if (err.code != AR_OK) return send_failure(x, (unsigned)ar_code_http(err.code), err);
    return send_data(x, MHD_HTTP_OK, types[format], text);
}

static enum MHD_Result run_op(exchange *x, const ar_op *op)
{
    ar_auto(ar_answer) answer = { .op = op };
    ar_args args = { .op = op, .arena = &x->arena };
    ar_sink sink = ar_answer_sink(&answer);
    ar_time now = ar_clock_now();
    const char *format =
        MHD_lookup_connection_value(x->connection, MHD_GET_ARGUMENT_KIND, "_format");
    enum ar_format printed;
    ar_err err = read_args(x, &args, now);

    if (err.code == AR_OK && format != NULL) err = ar_format_parse(ar_str_of(format), &printed);
    if (err.code != AR_OK) return send_failure(x, (unsigned)ar_code_http(err.code), err);
    if (format != NULL) return send_printed(x, &args, printed, now);
    if (ar_str_eq(header(x, "Accept"), AR_LIT("text/event-stream")))
        return send_stream(x, &args, now);
    err = ask(x, &args, token_of(x), now, &sink);
    return send_answer(x, (unsigned)ar_code_http(err.code), &answer, err);
}

static enum MHD_Result on_api(exchange *x, ar_str path)
{
    const ar_op *op = ar_api_find(x->all->tables, path);
    ar_err err = check_origin(x);

    if (err.code != AR_OK) return send_failure(x, (unsigned)ar_code_http(err.code), err);
    if (op == NULL)
        return send_failure(x, MHD_HTTP_NOT_FOUND,
                            ar_fail(AR_NOT_FOUND, "there is no such operation; "
                                                  "/api/openapi.json names those there are"));
    if (x->post != (op->effect == AR_CHANGES))
        return send_failure(
            x, MHD_HTTP_METHOD_NOT_ALLOWED,
            ar_fail(AR_INVALID, "%s is asked with %s", op->name, x->post ? "GET" : "POST"));
    if (token_of(x).len == 0)
        return send_failure(
            x, MHD_HTTP_UNAUTHORIZED,
            ar_fail(AR_DENIED, "nobody has come in here; `aright web link` makes a link"));
    return run_op(x, op);
}

/* ---- coming in ---- */

typedef struct entry {
    ar_arena *arena;
    ar_str token;
} entry;

static ar_err take_token(void *self, const ar_value *values, size_t n)
{
    entry *e = self;

    if (n > 0 && values[0].type == AR_TEXT) e->token = ar_arena_copy(e->arena, values[0].s);
    return ar_ok();
}

static enum MHD_Result send_elsewhere(const exchange *x, const char *where, ar_str token)
{
    struct MHD_Response *r = response_of(AR_LIT(""), MHD_RESPMEM_PERSISTENT);

    add_header(r, "Location", where);
    add_header(r, "Cache-Control", "no-store");
    if (token.len > 0) {
        ar_auto(ar_arena) arena = { 0 };

        add_header(r, "Set-Cookie",
                   ar_arena_printf(&arena, "%s=%.*s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%d",
                                   cookie_name, AR_FMT(token), AR_SESSION_HOURS * 3600)
                       .ptr);
    }
    return send_off(x, MHD_HTTP_SEE_OTHER, r);
}

static enum MHD_Result on_enter(exchange *x)
{
    entry e = { .arena = &x->arena };
    ar_args args = { .op = ar_tables_find(x->all->tables, AR_LIT("web.enter")),
                     .arena = &x->arena };
    ar_receiver receiver = { .row = take_token, .self = &e };
    ar_sink sink = ar_receiver_sink(&receiver);
    ar_str link =
        ar_str_of(MHD_lookup_connection_value(x->connection, MHD_GET_ARGUMENT_KIND, "link"));
    ar_err err = check_origin(x);

    if (err.code != AR_OK) return send_failure(x, (unsigned)ar_code_http(err.code), err);
    if (link.len != AR_TOKEN_LEN) return send_elsewhere(x, "/?link=none", (ar_str){ 0 });
    err = ask(x, &args, link, ar_clock_now(), &sink);
    if (err.code != AR_OK || e.token.len != AR_TOKEN_LEN)
        return send_elsewhere(x, "/?link=ended", (ar_str){ 0 });
    return send_elsewhere(x, "/", e.token);
}

/* ---- what is the same for everybody ---- */

static enum MHD_Result send_file(const exchange *x, const ar_site_file *file)
{
    struct MHD_Response *r = response_of(file->bytes, MHD_RESPMEM_PERSISTENT);

    add_header(r, "Content-Type", file->type);
    add_header(r, "Content-Encoding", "gzip");
    add_header(r, "Cache-Control", "public, max-age=31536000, immutable");
    return send_off(x, MHD_HTTP_OK, r);
}

static enum MHD_Result send_document(const exchange *x)
{
    bool known = ar_str_eq(header(x, "If-None-Match"), x->all->site->tag);
    struct MHD_Response *r =
        response_of(known ? AR_LIT("") : x->all->site->document, MHD_RESPMEM_PERSISTENT);

    add_header(r, "Content-Type", "text/html; charset=utf-8");
    add_header(r, "Cache-Control", "no-cache");
    add_header(r, "ETag", x->all->site->tag.ptr);
    return send_off(x, known ? MHD_HTTP_NOT_MODIFIED : MHD_HTTP_OK, r);
}

static enum MHD_Result on_path(exchange *x)
{
    const ar_str api = AR_LIT("/api/v1/"), assets = AR_LIT("/assets/");
    const ar_site_file *file = ar_site_find(x->all->site, x->url);

    if (ar_str_starts(x->url, api)) return on_api(x, ar_str_cut(x->url, api.len, x->url.len));
    if (x->post)
        return send_failure(x, MHD_HTTP_METHOD_NOT_ALLOWED,
                            ar_fail(AR_INVALID, "nothing is posted here"));
    if (ar_str_eq(x->url, AR_LIT("/api/openapi.json")))
        return send_data(x, MHD_HTTP_OK, "application/json", x->all->openapi);
    if (ar_str_eq(x->url, AR_LIT("/enter")))
        return x->head ? send_elsewhere(x, "/", (ar_str){ 0 }) : on_enter(x);
    if (file != NULL) return send_file(x, file);
    if (ar_str_starts(x->url, assets) || ar_str_starts(x->url, AR_LIT("/api/")))
        return send_failure(x, MHD_HTTP_NOT_FOUND, ar_fail(AR_NOT_FOUND, "nothing lies here"));
    return send_document(x); /* what page that is, the page itself knows */
}

static enum MHD_Result on_whole(exchange *x)
{
    if (!is_our_host(x, header(x, "Host")))
        return send_failure(x, MHD_HTTP_MISDIRECTED_REQUEST,
                            ar_fail(AR_DENIED, "this is not the host that you asked for"));
    return on_path(x);
}

/* ---- as it comes ---- */

static bool knows_method(const char *method)
{
    return strcmp(method, MHD_HTTP_METHOD_GET) == 0 || strcmp(method, MHD_HTTP_METHOD_HEAD) == 0 ||
           strcmp(method, MHD_HTTP_METHOD_POST) == 0;
}

static enum MHD_Result on_header(void *self, enum MHD_ValueKind kind, const char *name,
                                 const char *value)
{
    ar_str header = ar_str_of(name);
    int *n = self;

    (void)kind, (void)value;
    *n += ar_str_same(header, AR_LIT("Content-Length")) ||
          ar_str_same(header, AR_LIT("Transfer-Encoding"));
    return MHD_YES;
}

/* How long the body is may be said once: whoever stands between believes another word than we. */
static ar_err check_length(const exchange *x)
{
    ar_str length = header(x, "Content-Length");
    int64_t bytes = 0;
    int said = 0;

    (void)MHD_get_connection_values(x->connection, MHD_HEADER_KIND, on_header, &said);
    if (said > 1) return ar_fail(AR_INVALID, "how long the body is, is said twice");
    if (length.len > 0 && (!ar_str_int(length, &bytes) || bytes > AR_EXCHANGE_BODY_MAX))
        return ar_fail(AR_LIMIT, "a body of more than %d bytes", (int)AR_EXCHANGE_BODY_MAX);
    return ar_ok();
}

static enum MHD_Result begin(const ar_exchanges *all, struct MHD_Connection *connection,
                             const char *url, const char *method, void **out_exchange)
{
    exchange *x = calloc(1, sizeof *x);

    if (x == NULL) abort();
    *out_exchange = x;
    x->all = all;
    x->connection = connection;
    x->url = ar_arena_copy(&x->arena, ar_str_of(url));
    x->head = strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
    x->post = strcmp(method, MHD_HTTP_METHOD_POST) == 0;
    if (!knows_method(method))
        return send_failure(x, MHD_HTTP_METHOD_NOT_ALLOWED,
                            ar_fail(AR_INVALID, "want GET or POST"));

    ar_err err = check_length(x);

    if (err.code == AR_OK) return MHD_YES;
    return send_failure(x, (unsigned)ar_code_http(err.code), err);
}

int ar_exchange_on(void *all, struct MHD_Connection *connection, const char *url,
                   const char *method, const char *version, const char *data, size_t *size,
                   void **exchange_at)
{
    exchange *x = *exchange_at;

    (void)version;
    if (x == NULL) return (int)begin(all, connection, url, method, exchange_at);
    if (*size == 0) return (int)on_whole(x);
    if (x->body.len + *size > AR_EXCHANGE_BODY_MAX) return MHD_NO; /* it did not say so before */
    ar_buf_add(&x->body, (ar_str){ data, *size });
    *size = 0;
    return MHD_YES;
}

void ar_exchange_free(void **exchange_at)
{
    exchange *x = *exchange_at;

    if (x == NULL) return;
    ar_buf_done(&x->body);
    ar_arena_done(&x->arena);
    free(x);
    *exchange_at = NULL;
}
