#include "govern/catalog.h"
#include "govern/obligation.h"
#include "op/reply.h"

enum { NOTE_MIN = 10, NOTE_MAX = 400 };

/* The statement behind it sees ar_obligations_stand as o. */
static ar_err query(ar_ctx *ctx, const char *select, const char *rest, const ar_value *args,
                    size_t n, ar_rows **out_rows)
{
    ar_auto(ar_buf) sql = { 0 };

    ar_buf_addf(&sql, "%s FROM %s o %s", select, ar_obligations_stand, rest);
    return ar_engine_query(ctx->engine, ar_buf_str(&sql), args, n, out_rows);
}

/* ---- obligation list ---- */

static const ar_param list_params[] = {
    { "catalog", AR_PARAM_TEXT, 0, "only of this one: csrb, nist-800-53, or one of the home",
      NULL },
    { "gaps", AR_PARAM_FLAG, 0,
      "only what no standard answers, has no evidence, or is declared otherwise than it is", NULL },
    { 0 },
};

#define COLUMNS(aside)                                                                             \
    { "obligation", AR_TEXT, 0, "CATALOG/NUMBER" },                                                \
        { "text", AR_TEXT, AR_COLUMN_BRIEF, "what it asks for" },                                  \
        { "declared", AR_TEXT, 0, "what is said of it: complete, in progress, not applicable" },   \
        { "computed", AR_TEXT, 0,                                                                  \
          "complete: all that answers it is right, in four snapshots on end; met: it is right "    \
          "now; in progress; no evidence; no standard" },                                          \
        { "met", AR_TEXT, 0, "how many of the standards that answer it are right everywhere" },    \
        { "worst", AR_TEXT, 0, "the worst state of what they judge: fail, unknown or pass" },      \
        { "share", AR_DOUBLE, AR_COLUMN_SHARE, "the part of their checks that is right" },         \
        { "contradiction", AR_TEXT, 0, "what the numbers say against what is declared" },          \
        { "standards", AR_TEXT, AR_COLUMN_BRIEF, "those that answer it, with their shares" },      \
        { "category", AR_TEXT, aside, "where it stands in its catalog" },                          \
        { "owner", AR_TEXT, aside, "who answers for it" },                                         \
        { "declared_by", AR_TEXT, aside, "who said what is declared; empty: the catalog's file" }, \
        { "declared_at", AR_TIME, aside, "and when" }, { "note", AR_TEXT, aside, "and why" },      \
        { 0 },

static const ar_column list_columns[] = { COLUMNS(AR_COLUMN_QUIET) };
static const ar_column show_columns[] = { COLUMNS(0) };

#define ROW                                                                                   \
    "SELECT id, text, declared, computed, CASE WHEN standards > 0 THEN met || ' of ' ||"      \
    " standards END, worst, pass / nullif(scope, 0), contradiction, behind, category, owner," \
    " declared_by, declared_at, note"

static ar_err check_catalog(ar_ctx *ctx, ar_str name)
{
    const ar_catalog *catalogs;
    ar_auto(ar_buf) known = { 0 };
    size_t n;

    AR_TRY(ar_catalogs_load(ctx->place, ctx->arena, &catalogs, &n));
    for (size_t i = 0; i < n; i++) {
        if (ar_str_eq(catalogs[i].name, name)) return ar_ok();
        ar_buf_addf(&known, "%s%.*s", i > 0 ? ", " : "", AR_FMT(catalogs[i].name));
    }
    return ar_fail(AR_NOT_FOUND, "there is no catalog '%.*s'; there are %s", AR_FMT(name),
                   known.ptr);
}

/* What a standard answers and no catalog has: a slip in its file, or a catalog that is missing. */
static ar_err note_astray(ar_ctx *ctx, ar_reply *reply)
{
    ar_own(ar_rows) rows = NULL;

    AR_TRY(ar_engine_query(
        ctx->engine,
        AR_LIT("SELECT m.catalog || '/' || m.ref, string_agg(m.standard_id, ', ' ORDER BY"
               " m.standard_id) FROM ar.standard_map m WHERE NOT EXISTS (SELECT 1 FROM"
               " ar.catalog_item i WHERE i.catalog = m.catalog AND i.ref = m.ref)"
               " GROUP BY 1 ORDER BY 1"),
        NULL, 0, &rows));
    while (ar_rows_next(rows))
        ar_reply_note(reply, "%.*s answers %.*s, which no catalog has.",
                      AR_FMT(ar_rows_get(rows, 1).s), AR_FMT(ar_rows_get(rows, 0).s));
    return ar_ok();
}

static ar_err run_list(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_str catalog = ar_arg_text(args, "catalog");
    ar_value asked[] = { ar_null(), ar_text_or_null(catalog), ar_bool(ar_arg_flag(args, "gaps")) };
    ar_own(ar_rows) rows = NULL;

    if (catalog.len > 0) AR_TRY(check_catalog(ctx, catalog));
    AR_TRY(ar_obligations_sync(ctx));
    AR_TRY(query(ctx, ROW,
                 "WHERE ($2 IS NULL OR catalog = $2) AND (NOT $3 OR contradiction IS NOT NULL"
                 " OR (computed IN ('no standard', 'no evidence')"
                 " AND declared IS DISTINCT FROM 'not applicable')) ORDER BY catalog_place, place",
                 asked, AR_COUNT(asked), &rows));
    AR_TRY(ar_reply_rows(reply, rows));
    if (reply->rows == 0 && asked[2].b) ar_reply_note(reply, "There are no gaps.");
    return note_astray(ctx, reply);
}

/* ---- one obligation ---- */

/* That there is one of that id. */
static ar_err find(ar_ctx *ctx, ar_str id)
{
    ar_auto(ar_arena) scratch = { 0 };
    ar_own(ar_rows) rows = NULL;
    ar_str *ids = NULL, near;
    size_t n = 0, cap = 0;

    AR_TRY(ar_obligations_sync(ctx));
    AR_TRY(ar_engine_query(ctx->engine, AR_LIT("SELECT id FROM ar.obligation"), NULL, 0, &rows));
    while (ar_rows_next(rows)) {
        ar_grow(&scratch, ids, n, cap);
        ids[n] = ar_arena_copy(&scratch, ar_rows_get(rows, 0).s);
        if (ar_str_eq(ids[n++], id)) return ar_ok();
    }
    near = ar_str_nearest(id, ids, n);
    if (near.len > 0)
        return ar_fail(AR_NOT_FOUND, "there is no obligation '%.*s'; did you mean '%.*s'?",
                       AR_FMT(id), AR_FMT(near));
    return ar_fail(AR_NOT_FOUND,
                   "there is no obligation '%.*s'; they look like csrb/6, and `aright obligation "
                   "list` names them",
                   AR_FMT(id));
}

static ar_err reply_one(ar_ctx *ctx, ar_str id, ar_reply *reply)
{
    ar_value asked[] = { ar_null(), ar_text(id) };
    ar_own(ar_rows) rows = NULL;

    AR_TRY(query(ctx, ROW, "WHERE id = $2", asked, AR_COUNT(asked), &rows));
    return ar_reply_rows(reply, rows);
}

static const ar_param show_params[] = {
    { "obligation", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "its id, csrb/6", NULL },
    { 0 },
};

static ar_err run_show(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_str id = ar_arg_text(args, "obligation");

    AR_TRY(find(ctx, id));
    return reply_one(ctx, id, reply);
}

static const ar_param declare_params[] = {
    { "obligation", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "its id, csrb/6", NULL },
    { "status", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "what holds of it",
      AR_OBLIGATION_STATUS_WORDS },
    { "note", AR_PARAM_TEXT, AR_REQUIRED, "why, for who reads the report", NULL },
    { 0 },
};

static ar_err run_declare(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_str id = ar_arg_text(args, "obligation"), note = ar_str_trim(ar_arg_text(args, "note"));
    size_t slash = ar_str_find(id, '/');

    if (note.len < NOTE_MIN || note.len > NOTE_MAX)
        return ar_fail(AR_INVALID, "--note has %zu characters; want %d to %d", note.len, NOTE_MIN,
                       NOTE_MAX);
    AR_TRY(find(ctx, id));
    ar_value row[] = { ar_text(ar_str_cut(id, 0, slash)),
                       ar_text(ar_str_cut(id, slash + 1, id.len)),
                       ar_text(ar_arg_text(args, "status")),
                       ar_text(note),
                       ar_text(ctx->who->name),
                       ar_at(ctx->now) };
    AR_TRY(ar_engine_run(ctx->engine,
                         AR_LIT("INSERT INTO ar.declaration VALUES ($1, $2, $3, $4, $5, $6)"), row,
                         AR_COUNT(row), NULL));
    ar_audit_add(ctx, "obligation", ar_text(id));
    ar_audit_add(ctx, "status", row[2]);
    ar_audit_add(ctx, "note", row[3]);
    return reply_one(ctx, id, reply);
}

/* ---- the rows ---- */

const ar_op ar_obligation_ops[] = {
    { .name = "obligation.list",
      .help = "list what is owed to regulators and frameworks, and how it stands",
      .more = "What is declared of each obligation stands beside what the standards that answer it "
              "come to, as of the last evaluation; where the numbers contradict a declaration they "
              "say so. What is waived or unknown is not right.",
      .example = "aright obligation list --catalog csrb",
      .grant = "obligation.read",
      .params = list_params,
      .columns = list_columns,
      .run = run_list },
    { .name = "obligation.show",
      .help = "show one obligation, who answers for it and what answers it",
      .example = "aright obligation show csrb/6",
      .shape = AR_SHAPE_RECORD,
      .grant = "obligation.read",
      .params = show_params,
      .columns = show_columns,
      .run = run_show },
    { .name = "obligation.declare",
      .help = "say what holds of an obligation, and why",
      .effect = AR_CHANGES,
      .shape = AR_SHAPE_RECORD,
      .grant = "obligation.declare",
      .event = "obligation.declared",
      .params = declare_params,
      .columns = show_columns,
      .run = run_declare },
    { 0 },
};
