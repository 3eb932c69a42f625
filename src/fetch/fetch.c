#include "fetch/fetch.h"

#include "fetch/line.h"
#include "fetch/message.h"
#include "form/hash.h"
#include "form/utf.h"

#include <unistd.h>

enum {
    DATA_BYTES = 1 << 30,  /* a page of the largest size, as a tree */
    PATIENCE_SECONDS = 60, /* beyond what the child allows itself */
};

typedef struct run {
    const ar_fetch *fetch;
    ar_arena *arena;
    ar_kept kept;
    ar_line line;
    ar_fd payload;
} run;

static void run_done(run *r)
{
    ar_line_done(&r->line);
    ar_fd_done(&r->payload);
}

/* ---- where to begin ---- */

/* Limits may change on the way. */
static ar_str errand_hash(const ar_errand *errand, ar_arena *arena)
{
    ar_auto(ar_buf) text = { 0 };
    ar_errand e = *errand;

    e.pages_max = e.bytes_max = e.seconds_max = e.request_seconds = e.attempts = 0;
    e.ca = (ar_str){ 0 };
    ar_errand_print(&e, &text);
    return ar_sha256(ar_buf_str(&text), arena);
}

static bool is_of(const run *r, const ar_kept *kept)
{
    ar_time age = r->fetch->now - kept->began;

    return ar_str_eq(kept->errand, r->kept.errand) && age >= 0 && age < AR_KEPT_AGE_MAX;
}

/* What is kept and is not to be gone on with counts as nothing; so does a record that is none. */
static ar_err find_beginning(run *r)
{
    const ar_fetch *f = r->fetch;
    ar_kept_link link;
    ar_kept kept;

    r->kept = (ar_kept){ .errand = errand_hash(f->errand, r->arena), .began = f->now };
    if (!f->anew && ar_kept_read(f->folder, r->arena, &kept).code == AR_OK && is_of(r, &kept)) {
        r->kept = kept;
        r->kept.problem = (ar_str){ 0 };
        r->kept.code = AR_OK;
        return ar_ok();
    }
    if (!f->anew && ar_kept_link_read(f->folder, r->arena, &link).code == AR_OK &&
        ar_str_eq(link.errand, r->kept.errand)) {
        r->kept.delta = true;
        r->kept.base = link.base;
        r->kept.cursor = link.link;
    }
    return ar_kept_drop(f->folder);
}

/* ---- the child ---- */

static ar_err start(run *r)
{
    const ar_fetch *f = r->fetch;
    ar_errand errand = *f->errand;
    ar_line_plan plan = { .program = f->program,
                          .process = "fetch",
                          .errand = &errand,
                          .secret = f->secret,
                          .data_bytes = DATA_BYTES,
                          .seconds =
                              errand.seconds_max + errand.request_seconds + PATIENCE_SECONDS };

    errand.cursor = r->kept.cursor;
    errand.delta = r->kept.delta;
    errand.pages = r->kept.pages;
    errand.bytes = r->kept.bytes;
    return ar_line_open(&plan, &r->line);
}

static void show(const run *r, const char *what)
{
    if (r->fetch->progress != NULL) r->fetch->progress(r->fetch->self, what, r->kept.pages);
}

static ar_err keep_page(run *r)
{
    ar_str body = ar_buf_str(&r->line.body);
    uint32_t len;

    if (body.len < sizeof len) return ar_line_nonsense("a short page");
    memcpy(&len, body.ptr, sizeof len);
    body = ar_str_cut(body, sizeof len, body.len);
    if (len > body.len || len > AR_MESSAGE_CURSOR_MAX)
        return ar_line_nonsense("a cursor that is too long");

    ar_str cursor = ar_str_cut(body, 0, len), page = ar_str_cut(body, len, body.len);

    if (ar_utf8_valid(cursor) != cursor.len) return ar_line_nonsense("a cursor that is not UTF-8");
    /* it may go over by the line end of the last page */
    if (r->kept.pages >= r->fetch->errand->pages_max ||
        (int64_t)page.len - 1 > r->fetch->errand->bytes_max - r->kept.bytes)
        return ar_line_nonsense("more than it may");
    AR_TRY_WITH(ar_fd_write_all(ar_fd_n(r->payload), page), "keeping a page");
    if (fdatasync(ar_fd_n(r->payload)) != 0) return ar_fail_errno("keeping a page");
    r->kept.pages++;
    r->kept.bytes += (int64_t)page.len;
    r->kept.cursor = ar_arena_copy(r->arena, cursor);
    AR_TRY(ar_kept_write(r->fetch->folder, &r->kept));
    show(r, "pages fetched");
    return ar_fd_write_all(ar_fd_n(r->line.to_child), AR_LIT("k"));
}

static ar_err keep_nothing(run *r)
{
    r->kept = (ar_kept){ .errand = r->kept.errand, .began = r->fetch->now };
    ar_fd_done(&r->payload);
    AR_TRY(ar_kept_drop(r->fetch->folder));
    return ar_kept_open(r->fetch->folder, &r->kept, &r->payload);
}

static ar_err keep_end(run *r)
{
    ar_str link = ar_buf_str(&r->line.body);

    if (link.len > AR_MESSAGE_CURSOR_MAX || ar_utf8_valid(link) != link.len)
        return ar_line_nonsense("a link that is none");
    r->kept.delta_link = ar_arena_copy(r->arena, link);
    r->kept.cursor = (ar_str){ 0 };
    r->kept.whole = true;
    return ar_kept_write(r->fetch->folder, &r->kept);
}

/* One message; *out_more is false after the last. */
static ar_err hear(run *r, bool *out_more)
{
    char tag = 0;

    AR_TRY(ar_line_hear(&r->line, AR_MESSAGE_MAX, &tag));
    switch (tag) {
    case 'P': return keep_page(r);
    case 'W': show(r, r->line.body.ptr); return ar_ok();
    case 'R': return keep_nothing(r);
    case 'D': *out_more = false; return keep_end(r);
    default: return ar_line_nonsense("an unknown message");
    }
}

static ar_err bring(run *r)
{
    bool more = true;

    AR_TRY(ar_kept_open(r->fetch->folder, &r->kept, &r->payload));
    AR_TRY(start(r));
    while (more) AR_TRY(hear(r, &more));
    return ar_line_close(&r->line);
}

/* The failure is recorded beside what came; that it cannot be is no worse. */
static ar_err record_failure(run *r, ar_err failure)
{
    ar_str problem = ar_arena_copy(r->arena, ar_err_text(failure));

    r->kept.problem = problem;
    r->kept.code = (int64_t)failure.code;

    ar_err err = ar_kept_write(r->fetch->folder, &r->kept);

    (void)err;
    return ar_fail(failure.code, "%.*s", AR_FMT(problem));
}

ar_err ar_fetch_run(const ar_fetch *fetch, ar_arena *arena, ar_kept *out_kept)
{
    __attribute__((cleanup(run_done))) run r = { .fetch = fetch, .arena = arena };

    AR_TRY(find_beginning(&r));
    if (!r.kept.whole) {
        ar_err err = bring(&r);

        if (err.code != AR_OK) return record_failure(&r, err);
    }
    *out_kept = r.kept;
    return ar_ok();
}
