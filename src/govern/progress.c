#include "govern/progress.h"

#include "govern/chapter.h"
#include "govern/obligation.h"
#include "govern/pdf.h"
#include "op/args.h"
#include "op/core.h"
#include "op/reply.h"
#include "standard/snapshot.h"

/* ---- which snapshots ---- */

/* By name, or the last one of that day or before it. */
static ar_err find_snapshot(ar_ctx *ctx, ar_str text, ar_value *out_id)
{
    ar_value before = ar_null();
    ar_err err = ar_snapshot_find(ctx->engine, text, ctx->arena, &out_id->i);

    if (err.code != AR_NOT_FOUND || ar_time_parse(text, &before.i).code != AR_OK) return err;
    before = ar_at(before.i - before.i % AR_DAY + AR_DAY);
    AR_TRY(ar_engine_value(ctx->engine,
                           AR_LIT("SELECT coalesce(max(id) FILTER (as_of < $1), min(id))"
                                  " FROM ar.snapshot"),
                           &before, 1, ctx->arena, out_id));
    return out_id->type == AR_INT ? ar_ok() : ar_snapshot_find(ctx->engine, text, ctx->arena, NULL);
}

static ar_err read_snapshot(ar_ctx *ctx, ar_value id, ar_str *out_name, ar_value *out_at,
                            ar_str *out_day, ar_str *out_hash)
{
    ar_own(ar_rows) rows = NULL;

    AR_TRY(ar_engine_query(ctx->engine,
                           AR_LIT("SELECT name, as_of, strftime(as_of, '%-d %B %Y'), hash"
                                  " FROM ar.snapshot WHERE id = $1"),
                           &id, 1, &rows));
    if (!ar_rows_next(rows)) return ar_fail(AR_NOT_FOUND, "there is no such snapshot");
    *out_name = ar_arena_copy(ctx->arena, ar_rows_get(rows, 0).s);
    *out_at = ar_rows_get(rows, 1);
    *out_day = ar_arena_copy(ctx->arena, ar_rows_get(rows, 2).s);
    *out_hash = ar_arena_copy(ctx->arena, ar_row_text(rows, 3, ""));
    return ar_ok();
}

static ar_err is_latest(const ar_chapter *c, bool *out_latest)
{
    ar_value latest;

    AR_TRY(ar_engine_value(c->ctx->engine,
                           AR_LIT("SELECT s.evaluation = (SELECT max(id) FROM ar.evaluation)"
                                  " FROM ar.snapshot s WHERE s.id = $1"),
                           &c->to, 1, c->ctx->arena, &latest));
    *out_latest = latest.type == AR_BOOL && latest.b;
    return ar_ok();
}

/* ---- the document ---- */

/* Of one day two snapshots are told apart by their names. */
static void name_days(ar_chapter *c)
{
    ar_arena *arena = c->ctx->arena;

    c->from_day = ar_arena_printf(arena, "%.*s (%.*s)", AR_FMT(c->from_day), AR_FMT(c->from_name));
    c->to_day = ar_arena_printf(arena, "%.*s (%.*s)", AR_FMT(c->to_day), AR_FMT(c->to_name));
}

static ar_err begin(ar_ctx *ctx, const ar_args *args, ar_chapter *c)
{
    ar_document *doc = c->doc;
    ar_str from_hash, to_hash;

    AR_TRY(find_snapshot(ctx, ar_arg_text(args, "to"), &c->to));
    if (ar_arg_has(args, "from")) AR_TRY(find_snapshot(ctx, ar_arg_text(args, "from"), &c->from));
    if (c->from.i >= c->to.i)
        return ar_fail(AR_NOT_FOUND, "a report needs two snapshots, the first before the last");
    AR_TRY(read_snapshot(ctx, c->from, &c->from_name, &c->from_at, &c->from_day, &from_hash));
    AR_TRY(read_snapshot(ctx, c->to, &c->to_name, &c->to_at, &c->to_day, &to_hash));
    if (ar_str_eq(c->from_day, c->to_day)) name_days(c);
    AR_TRY(is_latest(c, &c->latest));
    AR_TRY(ar_kinds_load(ctx->place, ctx->arena, &c->kinds));
    doc->title = ctx->core != NULL && ctx->core->demo
                     ? AR_LIT("Security progress report of a made-up company (demo)")
                     : AR_LIT("Security progress report");
    doc->subtitle =
        ar_arena_printf(ctx->arena, "%.*s to %.*s", AR_FMT(c->from_day), AR_FMT(c->to_day));
    ar_doc_section(doc, 1, AR_LIT("About this report"));
    ar_doc_text(doc, ar_doc_source(doc, c->to_name, "aright snapshot check"),
                "Every figure is of the snapshot %.*s or %.*s, or of what was recorded between the "
                "two, and names the command that shows the same. 100 %% is the goal of each "
                "standard; what is not known, or waived for a time, counts as not right. The goal "
                "may not be reached in every case, as what there is to do changes with what there "
                "is.",
                AR_FMT(c->from_name), AR_FMT(c->to_name));
    ar_doc_figure(doc, "from", ar_text(c->from_name));
    ar_doc_figure(doc, "from_as_of", c->from_at);
    ar_doc_figure(doc, "from_hash", ar_text(from_hash));
    ar_doc_figure(doc, "to", ar_text(c->to_name));
    ar_doc_figure(doc, "to_as_of", c->to_at);
    ar_doc_figure(doc, "to_hash", ar_text(to_hash));
    return ar_ok();
}

static ar_err write_chapters(const ar_chapter *c)
{
    AR_TRY(ar_chapter_highlights(c));
    AR_TRY(ar_chapter_culture(c));
    AR_TRY(ar_chapter_governance(c));
    AR_TRY(ar_chapter_pillars(c));
    AR_TRY(ar_chapter_practices(c));
    AR_TRY(ar_chapter_numbers(c));
    return ar_chapter_obligations(c);
}

/* ---- report write ---- */

/* clang-format off */
#define ASKED                                                                                    \
    { "from", AR_PARAM_TEXT, 0,                                                                  \
      "the snapshot that it begins with, by name or day; the first when not given", NULL },      \
    { "to", AR_PARAM_TEXT, 0,                                                                    \
      "the snapshot that it ends with, by name or day; the last when not given", NULL },         \
    { "as", AR_PARAM_TEXT, 0, "how it is written; md when not given", "md html json" }
/* clang-format on */

static const ar_param write_params[] = { ASKED, { 0 } };

static const ar_column progress_columns[] = {
    { "report", AR_TEXT, 0, "the report" },
    { 0 },
};

static ar_err run_write(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_str as = ar_arg_text(args, "as");
    ar_document doc = { .arena = ctx->arena, .schema = "aright.progress/1" };
    ar_chapter c = { .ctx = ctx, .doc = &doc, .from = ar_int(1), .to = ar_int(0) };
    ar_auto(ar_buf) out = { 0 };

    AR_TRY(ar_obligations_sync(ctx));
    AR_TRY(begin(ctx, args, &c));
    AR_TRY(write_chapters(&c));
    if (ar_str_eq(as, AR_LIT("html")))
        ar_doc_html(&doc, &out);
    else if (ar_str_eq(as, AR_LIT("json")))
        ar_doc_json(&doc, &out);
    else
        ar_doc_markdown(&doc, &out);
    return ar_reply_row(reply, (ar_value[]){ ar_text(ar_buf_str(&out)) }, 1);
}

/* ---- report progress ---- */

static const ar_param progress_params[] = {
    ASKED,
    { "pdf", AR_PARAM_PATH, 0, "print it, by the Chromium of this machine, to this file", NULL },
    { 0 },
};

/* The arguments are those of `report.write`, but for where it goes. */
static ar_err ask_write(ar_ctx *ctx, const ar_args *args, ar_str as, const ar_sink *sink)
{
    static const ar_str as_name = AR_LIT("as"), pdf_name = AR_LIT("pdf");
    const ar_op *op = ar_tables_find(ctx->tables, AR_LIT("report.write"));
    ar_args asked = { .op = op, .arena = ctx->arena };

    for (size_t i = 0; i < args->n; i++) {
        ar_str name = ar_str_of(args->list[i].param->name);

        if (ar_str_eq(name, as_name) || ar_str_eq(name, pdf_name)) continue;
        AR_TRY(ar_args_add(&asked, ar_param_find(op, name), args->list[i].text, -1, ctx->now));
    }
    if (as.len > 0) AR_TRY(ar_args_add(&asked, ar_param_find(op, as_name), as, -1, ctx->now));
    return ctx->hooks->ask(ctx, &asked, sink);
}

typedef struct page {
    ar_arena *arena;
    ar_str html;
} page;

static ar_err take_page(void *self, const ar_value *values, size_t n)
{
    page *p = self;

    if (n != 1 || values[0].type != AR_TEXT)
        return ar_fail(AR_UNAVAILABLE, "the core answered something else than it was asked");
    p->html = ar_arena_copy(p->arena, values[0].s);
    return ar_ok();
}

static ar_err print_pdf(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    __attribute__((cleanup(ar_pdf_done))) ar_pdf pdf = { 0 };
    ar_str path = ar_arg_text(args, "pdf"), as = ar_arg_text(args, "as");
    page p = { .arena = ctx->arena };
    ar_receiver receiver = { .row = take_page, .self = &p, .reply = reply };
    ar_sink sink = ar_receiver_sink(&receiver);

    if (as.len > 0) return ar_fail(AR_INVALID, "want --as or --pdf, not both");
    AR_TRY(ar_pdf_start(ctx->place, path, &pdf));
    AR_TRY(ask_write(ctx, args, AR_LIT("html"), &sink));
    AR_TRY_WITH(ar_pdf_print(&pdf, p.html), "--pdf %.*s", AR_FMT(path));
    ar_reply_note(reply, "%.*s is written.", AR_FMT(path));
    return ar_ok();
}

static ar_err take_report(void *self, const ar_value *values, size_t n)
{
    return ar_reply_row(self, values, n);
}

static ar_err run_progress(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_receiver receiver = { .row = take_report, .self = reply, .reply = reply };
    ar_sink sink = ar_receiver_sink(&receiver);

    if (ctx->hooks == NULL || ctx->hooks->ask == NULL)
        return ar_fail(AR_UNAVAILABLE, "this program cannot ask for the estate");
    if (ar_arg_has(args, "pdf")) return print_pdf(ctx, args, reply);
    return ask_write(ctx, args, ar_arg_text(args, "as"), &sink);
}

const ar_op ar_progress_ops[] = {
    { .name = "report.progress",
      .help = "write the progress report between two snapshots",
      .more = "Highlights, culture, governance, the six pillars with every standard's progress in "
              "prose, what was learnt, practices, numbers and obligations; each figure with its "
              "snapshot and the command that shows the same. The same home and snapshots give the "
              "same report, as Markdown, as one page of HTML, or as JSON (docs/formats.md). With "
              "--pdf it is a tagged PDF, printed by the Chromium of this machine without network.",
      .shape = AR_SHAPE_TEXT,
      .runs_in = AR_IN_DOOR,
      .alone = true,
      .grant = "snapshot.read",
      .params = progress_params,
      .columns = progress_columns,
      .run = run_progress },
    { .name = "report.write",
      .help = "give the text of what `report progress` writes",
      .inner = true,
      .shape = AR_SHAPE_TEXT,
      .grant = "snapshot.read",
      .params = write_params,
      .columns = progress_columns,
      .run = run_write },
    { 0 },
};
