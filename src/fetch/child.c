#include "fetch/child.h"

#include "fetch/ask.h"
#include "fetch/message.h"
#include "fetch/page.h"
#include "form/json.h"
#include "sys/ticks.h"

#include <unistd.h>

typedef struct job {
    ar_asker asker;
    ar_errand *e;    /* the asker's; its cursor and sums go on with the pages */
    ar_map seen;     /* cursors */
    bool begun_anew; /* at most once */
    ar_node *root;   /* of the last answer, where it is JSON */
    bool anew;       /* the server no longer knows the cursor */
} job;

/* ---- one page ---- */

static ar_str first_url(const ar_errand *e)
{
    return e->delta_url.len > 0 ? e->delta_url : e->url;
}

static ar_err put_in_body(const job *j, ar_str token, ar_arena *arena, ar_str *out_body)
{
    ar_auto(ar_buf) text = { 0 };
    ar_node *body;

    AR_TRY(ar_json_parse(AR_LIT("body"), j->e->body, NULL, arena, &body));
    AR_TRY(ar_page_put(body, j->e->page_field, token, arena));
    ar_json_node(&text, body);
    *out_body = ar_arena_copy(arena, ar_buf_str(&text));
    return ar_ok();
}

static int64_t number_of(const job *j)
{
    int64_t n = j->e->from;

    return j->e->cursor.len > 0 && ar_str_int(j->e->cursor, &n) ? n : j->e->from;
}

static ar_err make_question(const job *j, ar_arena *arena, ar_http_question *q)
{
    const ar_errand *e = j->e;
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
    int64_t left = j->e->bytes_max - j->e->bytes;
    int64_t most = j->e->paging == AR_PAGING_NONE ? AR_MESSAGE_RAW_MAX : AR_ERRAND_PAGE_BYTES;

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
                       AR_FMT(shown), j->e->json ? "JSON" : "the payload");
    if (j->e->json && !json)
        return ar_fail(AR_INVALID, "%.*s answers with %s%.*s (want JSON: application/json)",
                       AR_FMT(shown), answer->type.len > 0 ? "" : "no type at all",
                       AR_FMT(answer->type));
    return ar_ok();
}

static bool judge(void *self, const ar_http_answer *answer, ar_arena *arena, ar_err *err)
{
    static const ar_form_limits limits = { .bytes_max = AR_MESSAGE_RAW_MAX, .nodes_max = 20000000 };
    job *j = self;
    int status = answer->status;
    bool goes_on = j->e->cursor.len > 0 && !j->begun_anew;

    j->anew = goes_on && (status == 410 || status == 404 || status == 400);
    if (j->anew) *err = ar_ok();
    if (j->anew) return false;
    if (err->code != AR_OK) return err->code == AR_UNAVAILABLE;
    *err = check_type(j, answer);
    if (err->code != AR_OK || !j->e->json) return false;
    *err = ar_json_parse(ar_http_shown(answer->url), ar_buf_str(&answer->body), &limits, arena,
                         &j->root);
    return err->code == AR_INVALID; /* cut short without a word */
}

/* ---- from page to page ---- */

static ar_err begin_anew(job *j)
{
    j->begun_anew = true;
    j->e->cursor = (ar_str){ 0 };
    j->e->delta = false;
    j->e->pages = j->e->bytes = 0;
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
        ar_str header = ar_http_header(j->asker.http, "Link", i);
        ar_str link = ar_page_link(header, j->e->page_path);

        if (header.len == 0 || link.len > 0) return link;
    }
}

/* Counted pages end with one that has nothing, or where the server says how many there are. */
static ar_err next_number(job *j, const ar_node *root, ar_arena *arena, ar_str *out_next)
{
    int64_t n = ar_page_count(root, j->e->items), total = INT64_MAX, next = number_of(j);

    if (n < 0)
        return ar_fail(AR_INVALID, "%.*s: no list at '%.*s'",
                       AR_FMT(ar_http_shown(first_url(j->e))), AR_FMT(j->e->items));
    next += j->e->by > 0 ? j->e->by : n;
    if (j->e->total_header.len > 0)
        (void)ar_str_int(ar_http_header(j->asker.http, ar_arena_cstr(arena, j->e->total_header), 0),
                         &total);
    if (n == 0 || (j->e->paging == AR_PAGING_OFFSET && next - j->e->from >= total)) return ar_ok();
    *out_next = ar_arena_printf(arena, "%lld", (long long)next);
    return ar_ok();
}

/* Empty: this was the last one. */
static ar_err find_next(job *j, const ar_http_answer *answer, const ar_node *root, ar_arena *arena,
                        ar_str *out_next)
{
    ar_str next = { 0 };

    switch ((enum ar_paging)j->e->paging) {
    case AR_PAGING_NONE: return ar_ok();
    case AR_PAGING_NEXT: next = text_at(root, j->e->page_path); break;
    case AR_PAGING_LINK: next = link_in_headers(j); break;
    case AR_PAGING_TOKEN: *out_next = text_at(root, j->e->page_path); return ar_ok();
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
    ar_str link = text_at(root, j->e->delta_path), url = { 0 };

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
    if (j->e->cursor.len > 0) ar_map_put(&j->seen, &j->asker.arena, j->e->cursor, &is_new);
    ar_map_put(&j->seen, &j->asker.arena, first_url(j->e), &is_new);
    if (ar_map_get(&j->seen, next) == NULL) return ar_ok();
    AR_TRY(ar_message_write(STDOUT_FILENO, 'R', (ar_str){ 0 }));
    return ar_fail(AR_INVALID,
                   "page %lld of %.*s leads back to one that came before; the server goes in "
                   "circles, and nothing of it is kept",
                   (long long)j->e->pages + 1, AR_FMT(ar_http_shown(first_url(j->e))));
}

/* Says the page and waits until it is kept. */
static ar_err hand_over(job *j, ar_str page, ar_str next)
{
    ar_auto(ar_buf) body = { 0 };
    uint32_t len = (uint32_t)next.len;
    char kept;

    ar_buf_add(&body, (ar_str){ .ptr = (const char *)&len, .len = sizeof len });
    ar_buf_add(&body, next);
    if (j->e->paging == AR_PAGING_NONE) {
        ar_buf_add(&body, page);
    } else {
        ar_page_line(&body, ar_str_starts(page, AR_LIT("\xef\xbb\xbf"))
                                ? ar_str_cut(page, 3, page.len)
                                : page);
        ar_buf_addc(&body, '\n');
    }
    j->e->bytes += (int64_t)(body.len - sizeof len - next.len);
    j->e->pages++;
    AR_TRY(ar_message_write(STDOUT_FILENO, 'P', ar_buf_str(&body)));
    if (read(STDIN_FILENO, &kept, 1) != 1) return ar_fail(AR_UNAVAILABLE, "the parent is gone");
    return ar_ok();
}

static ar_err check_room(const job *j)
{
    if (j->e->pages >= j->e->pages_max)
        return ar_fail(AR_LIMIT, "more than %lld pages (see the source's 'pages_max')",
                       (long long)j->e->pages_max);
    if (j->e->bytes >= j->e->bytes_max)
        return ar_fail(AR_LIMIT, "more than %lld bytes (see the source's 'mib_max')",
                       (long long)j->e->bytes_max);
    return ar_ok();
}

static ar_err fetch_page(job *j, bool *out_more, ar_str *out_delta)
{
    ar_auto(ar_arena) arena = { 0 };
    ar_auto(ar_http_answer) answer = { 0 };
    ar_asking asking = { .question = { .max = room_for(j) }, .judge = judge, .self = j };
    ar_str next = { 0 };

    j->root = NULL;
    j->anew = false;
    AR_TRY(check_room(j));
    AR_TRY(make_question(j, &arena, &asking.question));
    AR_TRY(ar_ask(&j->asker, &asking, &arena, &answer));
    if (j->anew || (j->e->delta && ar_page_removes(j->root, j->e->items, j->e->removed_path)))
        return *out_more = true, begin_anew(j);
    AR_TRY(find_next(j, &answer, j->root, &arena, &next));
    if (next.len > 0) AR_TRY(check_next(j, next));
    if (j->root != NULL && next.len == 0)
        *out_delta = ar_arena_copy(&j->asker.arena, find_delta(j, &answer, j->root, &arena));
    AR_TRY(hand_over(j, ar_buf_str(&answer.body), next));
    j->e->cursor = ar_arena_copy(&j->asker.arena, next);
    *out_more = next.len > 0;
    return ar_ok();
}

static ar_err run(job *j)
{
    ar_str delta = { 0 };
    bool more = true;

    AR_TRY(ar_asker_begin(&j->asker));
    j->asker.until_ms = ar_ticks_ms() + j->e->seconds_max * 1000;
    while (more) AR_TRY(fetch_page(j, &more, &delta));
    return ar_message_write(STDOUT_FILENO, 'D', delta);
}

int ar_fetch_main(const struct ar_tables *tables, int argc, char **argv)
{
    job j = { .asker.later = "; what came is kept, and the next fetch goes on behind it",
              .e = &j.asker.e };
    ar_err err = run(&j);

    (void)tables, (void)argc, (void)argv;
    if (err.code != AR_OK) err = ar_asker_say_failure(&j.asker, err);
    ar_asker_done(&j.asker);
    return ar_code_exit(err.code);
}
