#include "estate/import.h"
#include "estate/ops.h"
#include "op/home.h"

#include <sys/stat.h>

enum {
    SOURCE_NAME_MAX = 200,
    PENDING_MAX = 20, /* imports of which a list says what they wait for */
    TRIED_DAYS = 7,   /* for how long, under a name that never became a source */
};

const ar_column ar_import_columns[] = {
    { "run", AR_INT, 0, "number of the import; 0 after a dry run" },
    { "state", AR_TEXT, 0, "ok, held or dry" },
    { "source", AR_TEXT, 0, "whose rows they are" },
    { "kind", AR_TEXT, 0, "what they are" },
    { "rows", AR_INT, 0, "how many came" },
    { "new", AR_INT, 0, "how many of them were not known" },
    { "changed", AR_INT, 0, "how many differ from before" },
    { "gone", AR_INT, 0, "how many are not among them any more" },
    { "skipped", AR_INT, AR_COLUMN_QUIET, "how many could not be read and were left out" },
    { 0 },
};

static const ar_param import_params[] = {
    { "connector", AR_PARAM_TEXT, AR_POSITIONAL, "how to read the file", NULL },
    { "file", AR_PARAM_FILE, AR_POSITIONAL, "the payload; - is standard input", NULL },
    { "kind", AR_PARAM_TEXT, 0, "what the rows are, for a connector that does not say", NULL },
    { "source", AR_PARAM_TEXT, 0, "whose rows they are; the connector's name unless said", NULL },
    { "delta", AR_PARAM_FLAG, 0, "rows only add and replace; nothing is gone", NULL },
    { "dry_run", AR_PARAM_FLAG, 0, "say what would change and store nothing", NULL },
    { "confirm", AR_PARAM_INT, 0, "release the held import of this number", NULL },
    { 0 },
};

static void note_clock(ar_ctx *ctx, ar_reply *reply, ar_time at)
{
    ar_auto(ar_buf) now = { 0 }, then = { 0 };

    ar_value_print(&now, ar_at(ctx->now)), ar_value_print(&then, ar_at(at));
    ar_reply_note(
        reply,
        "The clock says %s, and there is an import of %s: this one is entered as of then. "
        "Set the clock.",
        now.ptr, then.ptr);
}

static ar_err reply_import(ar_ctx *ctx, ar_reply *reply, const ar_import_spec *spec,
                           const ar_import_result *r)
{
    ar_value row[] = { ar_int(r->run),        ar_textz(ar_import_state_name(r->state)),
                       ar_text(spec->source), ar_text(spec->kind->name),
                       ar_int(r->rows),       ar_int(r->added),
                       ar_int(r->changed),    ar_int(r->gone),
                       ar_int(r->skipped) };

    ar_audit_add(ctx, "run", ar_int(r->run));
    ar_audit_add(ctx, "source", ar_text(spec->source));
    ar_audit_add(ctx, "kind", ar_text(spec->kind->name));
    ar_audit_add(ctx, "state", ar_textz(ar_import_state_name(r->state)));
    ar_audit_add(ctx, "rows", ar_int(r->rows));
    if (r->skipped > 0) ar_audit_add(ctx, "skipped", ar_int(r->skipped));
    if (r->state == AR_IMPORT_HELD)
        ar_reply_note(reply,
                      "Held: %lld rows are under half of what %.*s showed before. Nothing has "
                      "changed. `aright import --confirm %lld` releases it.",
                      (long long)r->rows, AR_FMT(spec->source), (long long)r->run);
    if (r->at > ctx->now) note_clock(ctx, reply, r->at);
    return ar_reply_row(reply, row, AR_COUNT(row));
}

static ar_err check_source_name(ar_str name)
{
    if (name.len > SOURCE_NAME_MAX)
        return ar_fail(AR_LIMIT, "the source's name has %zu bytes, %d is the most", name.len,
                       (int)SOURCE_NAME_MAX);
    for (size_t i = 0; i < name.len; i++)
        if ((unsigned char)name.ptr[i] <= ' ' || name.ptr[i] == ',' || name.ptr[i] == 0x7f)
            return ar_fail(AR_INVALID, "'%.*s' is not a source's name (want no blanks and commas)",
                           AR_FMT(name));
    return ar_ok();
}

static ar_err confirm(ar_ctx *ctx, const ar_kinds *kinds, const ar_args *args, ar_reply *reply)
{
    ar_import_result result;
    ar_import_spec spec;

    if (ar_arg_has(args, "connector"))
        return ar_fail(AR_INVALID, "--confirm releases a held import; it takes no connector");
    AR_TRY(ar_import_confirm(ctx, kinds, ar_arg_int(args, "confirm", 0), &spec, &result));
    return reply_import(ctx, reply, &spec, &result);
}

/* What an export that failed leaves behind must not pass for a source that has nothing any more; a
 * delta may well be without rows. */
static ar_err check_not_empty(int fd, ar_str name, const ar_import_spec *spec)
{
    struct stat st;

    if (spec->delta) return ar_ok();
    if (fstat(fd, &st) != 0) return ar_fail_errno("%.*s", AR_FMT(name));
    if (st.st_size > 0) return ar_ok();
    return ar_fail(AR_INVALID,
                   "%.*s is empty (want rows; of a source that has none any more: [] as JSON, an "
                   "empty line as NDJSON, the header alone as CSV)",
                   AR_FMT(name));
}

/* What the arguments ask for. */
static ar_err choose(ar_ctx *ctx, const ar_args *args, const ar_kinds *kinds,
                     const ar_connector **out_connector, ar_import_spec *out_spec)
{
    ar_import_spec spec = { .delta = ar_arg_flag(args, "delta"),
                            .dry_run = ar_arg_flag(args, "dry_run"),
                            .source = ar_arg_text(args, "source") };
    const ar_connector *connector;
    ar_connectors connectors;

    if (!ar_arg_has(args, "connector") || !ar_arg_has(args, "file"))
        return ar_fail(AR_INVALID,
                       "want a connector and a file (`aright import generic apps.csv --kind "
                       "app`), or --confirm with a number");
    AR_TRY(ar_connectors_load(ctx->place, ctx->arena, &connectors));
    AR_TRY(ar_connectors_find(&connectors, ar_arg_text(args, "connector"), &connector));
    AR_TRY(ar_connector_kind(connector, kinds, ar_arg_text(args, "kind"), &spec.kind));
    AR_TRY(check_source_name(spec.source));
    spec.connector = connector->name;
    spec.delta = spec.delta || !connector->snapshot;
    spec.role = connector->role;
    if (spec.source.len == 0) spec.source = connector->name;
    *out_connector = connector;
    *out_spec = spec;
    return ar_ok();
}

/* What the feed said at its end. */
static void note_feed(ar_reply *reply, const ar_import_spec *spec, const ar_import_result *r,
                      const ar_feed *feed)
{
    ar_str rest = feed->bad_rows, sentence;

    if (feed->ignored.len > 0)
        ar_reply_note(reply, "Fields that are no columns of kind %.*s were left out: %.*s",
                      AR_FMT(spec->kind->name), AR_FMT(feed->ignored));
    if (r->skipped > 0)
        ar_reply_note(reply, "Skipped: %lld row%s could not be read%s", (long long)r->skipped,
                      r->skipped == 1 ? "" : "s",
                      spec->delta ? ":" : "; because of that nothing is declared gone:");
    while (r->skipped > 0 && ar_str_split(&rest, '\n', &sentence))
        ar_reply_note(reply, "  %.*s", AR_FMT(sentence));
    if (r->partial && !spec->delta)
        ar_reply_note(reply,
                      "The payload says that its source has more: nothing is declared gone.");
}

/* Failures that name no line of the payload name the payload. */
static ar_err of_payload(ar_str payload, ar_err err)
{
    if (err.code == AR_OK || ar_str_starts(ar_err_text(err), payload)) return err;
    return ar_context(err, "%.*s", AR_FMT(payload));
}

ar_err ar_ops_import(ar_ctx *ctx, const ar_kinds *kinds, const ar_connector *connector,
                     const ar_import_spec *spec, ar_str payload, int fd, ar_reply *reply)
{
    ar_own(ar_intake_child) child = NULL;
    ar_own(ar_intake) intake = NULL;
    ar_import_spec used = *spec;
    ar_import_result result;
    const ar_feed *feed;
    ar_plan plan;

    used.latest = connector->latest;
    ar_plan_make(connector, spec->kind, payload, ctx->arena, &plan);
    AR_TRY(ar_ops_feed(ctx, &plan, fd, &intake, &child, &feed));
    AR_TRY(of_payload(plan.payload, ar_import(ctx, kinds, &used, feed, &result)));
    note_feed(reply, spec, &result, feed);
    return reply_import(ctx, reply, spec, &result);
}

static ar_err run_import(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    const ar_connector *connector;
    ar_import_spec spec;
    ar_kinds kinds;

    AR_TRY(ar_estate_open(ctx, &kinds));
    if (ar_arg_has(args, "confirm")) return confirm(ctx, &kinds, args, reply);
    AR_TRY(choose(ctx, args, &kinds, &connector, &spec));
    AR_TRY(check_not_empty(ar_arg_fd(args, "file"), ar_arg_text(args, "file"), &spec));
    return ar_ops_import(ctx, &kinds, connector, &spec, ar_arg_text(args, "file"),
                         ar_arg_fd(args, "file"), reply);
}

/* What did not even name a source and its kind was no import. */
static ar_err import_failed(ar_ctx *ctx, const ar_args *args, ar_str problem)
{
    const ar_connector *connector;
    ar_import_spec spec;
    ar_kinds kinds;

    if (ar_arg_flag(args, "dry_run") || ar_arg_has(args, "confirm")) return ar_ok();
    if (ar_kinds_load(ctx->place, ctx->arena, &kinds).code != AR_OK) return ar_ok();
    if (choose(ctx, args, &kinds, &connector, &spec).code != AR_OK) return ar_ok();
    return ar_import_failed(ctx, &spec, problem);
}

static const ar_param remove_params[] = {
    { "source", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "its name", NULL },
    { "kind", AR_PARAM_TEXT, 0, "only what it says of this kind", NULL },
    { "dry_run", AR_PARAM_FLAG, 0, "say what would go and change nothing", NULL },
    { 0 },
};

static const ar_column remove_columns[] = {
    { "run", AR_INT, 0, "number of the removal; 0 after a dry run" },
    { "state", AR_TEXT, 0, "removed or dry" },
    { "source", AR_TEXT, 0, "whose rows went" },
    { "kind", AR_TEXT, 0, "what they were" },
    { "rows", AR_INT, 0, "how many" },
    { "live", AR_INT, 0, "how many of them it still showed" },
    { 0 },
};

static ar_err remove_of_kind(ar_ctx *ctx, const ar_kinds *kinds, const ar_import_spec *spec,
                             ar_reply *reply)
{
    ar_import_result r;

    AR_TRY(ar_import_remove(ctx, kinds, spec, &r));
    ar_value row[] = { ar_int(r.run),         ar_textz(ar_import_state_name(r.state)),
                       ar_text(spec->source), ar_text(spec->kind->name),
                       ar_int(r.rows),        ar_int(r.gone) };
    return ar_reply_row(reply, row, AR_COUNT(row));
}

static ar_err run_source_remove(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_import_spec spec = { .source = ar_arg_text(args, "source"),
                            .connector = AR_LIT("-"),
                            .dry_run = ar_arg_flag(args, "dry_run") };
    ar_value source = ar_text(spec.source), shows;
    ar_kinds kinds;

    AR_TRY(ar_estate_open(ctx, &kinds));
    ar_audit_add(ctx, "source", source);
    if (ar_arg_has(args, "kind")) {
        AR_TRY(ar_kinds_find(&kinds, ar_arg_text(args, "kind"), &spec.kind));
        return remove_of_kind(ctx, &kinds, &spec, reply);
    }
    AR_TRY(ar_engine_value(ctx->engine,
                           AR_LIT("SELECT string_agg(kind, ',' ORDER BY kind) FROM ar.source"
                                  " WHERE source = $1"),
                           &source, 1, ctx->arena, &shows));
    if (shows.type != AR_TEXT)
        return ar_fail(AR_NOT_FOUND, "no source is named '%.*s' (`aright source list` shows them)",
                       AR_FMT(spec.source));
    for (ar_str rest = shows.s, kind; ar_str_split(&rest, ',', &kind);) {
        AR_TRY(ar_kinds_find(&kinds, kind, &spec.kind));
        AR_TRY(remove_of_kind(ctx, &kinds, &spec, reply));
    }
    return ar_ok();
}

static const ar_column import_list_columns[] = {
    { "run", AR_INT, 0, "number of the import" },
    { "state", AR_TEXT, 0,
      "ok, held, dropped when a later import took a held one's place, removed, or failed" },
    { "connector", AR_TEXT, 0, "how it was read" },
    { "source", AR_TEXT, 0, "whose rows they are" },
    { "kind", AR_TEXT, 0, "what they are" },
    { "started", AR_TIME, 0, "when" },
    { "who", AR_TEXT, AR_COLUMN_QUIET, "who asked for it" },
    { "delta", AR_BOOL, AR_COLUMN_QUIET, "whether it was a delta" },
    { "rows", AR_INT, 0, "how many came" },
    { "new", AR_INT, 0, "how many of them were not known" },
    { "changed", AR_INT, 0, "how many differed from before" },
    { "gone", AR_INT, 0, "how many were not among them any more" },
    { "problem", AR_TEXT, AR_COLUMN_BRIEF, "why it failed, or what was wrong with skipped rows" },
    { "skipped", AR_INT, AR_COLUMN_QUIET, "how many could not be read and were left out" },
    { 0 },
};

/* The imports that wait for someone, and what for; not what a later one has put right, nor for long
 * what was tried under a name that never became a source. */
static ar_err find_pending(ar_ctx *ctx, ar_rows **out_rows)
{
    ar_value args[] = { ar_int(PENDING_MAX), ar_at(ctx->now - TRIED_DAYS * AR_DAY) };

    return ar_engine_query(
        ctx->engine,
        AR_LIT("SELECT run, CASE WHEN state = 'failed' THEN 'failed: ' || problem"
               " ELSE 'is held; `aright import --confirm ' || run || '` releases it.' END"
               " FROM (SELECT *, max(run) OVER (PARTITION BY source, kind) AS latest FROM ar.run)"
               " WHERE run = latest AND state IN ('failed', 'held') AND (started > $2"
               "  OR (source, kind) IN (SELECT (source, kind) FROM ar.source))"
               " ORDER BY run DESC LIMIT $1"),
        args, AR_COUNT(args), out_rows);
}

/* The table is too narrow for what was wrong. */
static ar_err note_pending(ar_ctx *ctx, ar_reply *reply)
{
    ar_own(ar_rows) rows = NULL;

    AR_TRY(find_pending(ctx, &rows));
    while (ar_rows_next(rows))
        ar_reply_note(reply, "%lld %.*s", (long long)ar_rows_get(rows, 0).i,
                      AR_FMT(ar_rows_get(rows, 1).s));
    return ar_ok();
}

ar_err ar_import_status(ar_ctx *ctx, ar_reply *reply)
{
    ar_own(ar_rows) rows = NULL;

    AR_TRY(find_pending(ctx, &rows));
    while (ar_rows_next(rows)) {
        ar_str name = ar_arena_printf(ctx->arena, "import %lld", (long long)ar_rows_get(rows, 0).i);

        AR_TRY(ar_status_fact(reply, "estate", name.ptr, ar_rows_get(rows, 1).s, false));
    }
    return ar_ok();
}

static ar_err run_import_list(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_own(ar_rows) rows = NULL;

    (void)args;
    AR_TRY(ar_engine_query(ctx->engine,
                           AR_LIT("SELECT run, state, connector, source, kind, started, who, delta,"
                                  " rows, new, changed, gone, problem, coalesce(skipped, 0) FROM "
                                  "ar.run ORDER BY run DESC"),
                           NULL, 0, &rows));
    AR_TRY(ar_reply_rows(reply, rows));
    return note_pending(ctx, reply);
}

const ar_op ar_import_ops[] = {
    { .name = "import",
      .help = "bring in what a source says of its assets",
      .more = "A file is all that its source shows: what is not in it is gone, and so unknown. "
              "With --delta it only adds and replaces. A file of under half the last size is held "
              "and changes nothing until it is confirmed. One bad value refuses the whole file, "
              "unless its connector says bad_rows: skip.",
      .example = "aright import generic apps.csv --kind app --source cmdb",
      .effect = AR_CHANGES,
      .grant = "estate.write",
      .event = "estate.imported",
      .params = import_params,
      .columns = ar_import_columns,
      .run = run_import,
      .failed = import_failed },
    { .name = "source.remove",
      .help = "take away all that a source says",
      .more =
          "For what was imported under a wrong name. Its rows go, and with them the assets that "
          "no other source shows; the others keep their ids. --dry-run counts them first.",
      .example = "aright source remove crm --dry-run",
      .effect = AR_CHANGES,
      .grant = "estate.write",
      .event = "source.removed",
      .params = remove_params,
      .columns = remove_columns,
      .run = run_source_remove },
    { .name = "import.list",
      .help = "list imports, latest first",
      .none = "There was no such import.",
      .example = "aright import list",
      .effect = AR_READS,
      .grant = "estate.read",
      .columns = import_list_columns,
      .run = run_import_list },
    { 0 },
};
