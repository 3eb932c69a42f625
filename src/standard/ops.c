#include "standard/ops.h"

#include "op/home.h"
#include "standard/evaluate.h"
#include "standard/explain.h"
#include "standard/finding.h"
#include "standard/score.h"
#include "standard/tests.h"
#include "standard/waiver.h"
#include "sys/file.h"

static ar_err load(ar_ctx *ctx, ar_kinds *out_kinds, ar_standards *out_standards)
{
    AR_TRY(ar_kinds_load(ctx->place, ctx->arena, out_kinds));
    return ar_standards_load(ctx->place, out_kinds, ctx->arena, out_standards);
}

static ar_value span(ar_ctx *ctx, int64_t length)
{
    return length == 0 ? ar_null() : ar_text(ar_span_print(length, ctx->arena));
}

static void note_bad(const ar_standards *standards, const char *what, ar_reply *reply)
{
    for (size_t i = 0; i < standards->n_bad; i++)
        ar_reply_note(reply, "%.*s %s: %.*s", AR_FMT(standards->bad[i].name), what,
                      AR_FMT(standards->bad[i].error));
}

/* ---- standard list, standard show ---- */

static const ar_column list_columns[] = {
    { "id", AR_TEXT, 0, "the standard" },
    { "class", AR_TEXT, 0, "standard: one of the report's named ones; practice: another promise" },
    { "pillar", AR_TEXT, 0, "the pillar it belongs to" },
    { "kind", AR_TEXT, 0, "the kind of asset that it judges" },
    { "title", AR_TEXT, AR_COLUMN_BRIEF, "what it says, in short" },
    { "risk", AR_INT, 0, "1 to 5; times the asset's criticality it orders every queue" },
    { "owner", AR_TEXT, AR_COLUMN_QUIET, "who keeps the standard" },
    { "version", AR_INT, AR_COLUMN_QUIET, "of its text; none before the first evaluation" },
    { "shipped", AR_BOOL, AR_COLUMN_QUIET, "whether it came with the program" },
    { "error", AR_TEXT, AR_COLUMN_QUIET, "why its file cannot be read; none: it can" },
    { 0 },
};

/* What is known of them from when they could be read. */
static ar_err list_bad(ar_ctx *ctx, const ar_standards *standards, ar_reply *reply)
{
    for (size_t i = 0; i < standards->n_bad; i++) {
        const ar_definition_bad *bad = &standards->bad[i];
        ar_value args[] = { ar_text(bad->name), ar_bool(bad->shipped), ar_text(bad->error) };
        ar_own(ar_rows) rows = NULL;

        AR_TRY(ar_engine_query(ctx->engine,
                               AR_LIT("SELECT i.id, s.class, s.pillar, s.kind, s.title, s.risk,"
                                      " s.owner, s.version, $2, $3 FROM (SELECT $1 AS id) i"
                                      " LEFT JOIN ar.standard s ON s.id = i.id"),
                               args, 3, &rows));
        AR_TRY(ar_reply_rows(reply, rows));
    }
    note_bad(standards, "cannot be read", reply);
    return ar_ok();
}

static ar_err read_versions(ar_ctx *ctx, ar_map *out_versions)
{
    ar_own(ar_rows) rows = NULL;

    AR_TRY(ar_engine_query(ctx->engine, AR_LIT("SELECT id, version FROM ar.standard"), NULL, 0,
                           &rows));
    while (ar_rows_next(rows)) {
        ar_str id = ar_arena_copy(ctx->arena, ar_rows_get(rows, 0).s);

        ar_map_put(out_versions, ctx->arena, id, NULL)->n = ar_rows_get(rows, 1).i;
    }
    return ar_ok();
}

static ar_err run_list(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_kinds kinds;
    ar_standards standards;
    ar_map versions = { 0 };

    (void)args;
    AR_TRY(load(ctx, &kinds, &standards));
    AR_TRY(read_versions(ctx, &versions));
    for (size_t i = 0; i < standards.n; i++) {
        const ar_standard *s = &standards.list[i];
        const ar_map_value *version = ar_map_get(&versions, s->id);
        ar_value row[] = {
            ar_text(s->id),      ar_textz(s->practice ? "practice" : "standard"),
            ar_text(s->pillar),  ar_text(s->kind->name),
            ar_text(s->title),   ar_int(s->risk),
            ar_text(s->owner),   version == NULL ? ar_null() : ar_int(version->n),
            ar_bool(s->shipped), ar_null(),
        };

        AR_TRY(ar_reply_row(reply, row, AR_COUNT(row)));
    }
    return list_bad(ctx, &standards, reply);
}

static const ar_column show_columns[] = {
    { "id", AR_TEXT, 0, "the standard" },
    { "class", AR_TEXT, 0, "standard or practice" },
    { "title", AR_TEXT, 0, "what it says, in short" },
    { "statement", AR_TEXT, 0, "what must hold" },
    { "pillar", AR_TEXT, 0, "the pillar it belongs to" },
    { "kind", AR_TEXT, 0, "the kind of asset that it judges" },
    { "where", AR_TEXT, 0, "which of them; empty: all" },
    { "pass", AR_TEXT, 0, "the condition they must meet" },
    { "params", AR_TEXT, 0, "its numbers" },
    { "share", AR_TEXT, 0, "what is counted instead of assets" },
    { "right", AR_TEXT, 0, "what would be right, for who must act" },
    { "stale_after", AR_TEXT, 0, "facts older than this are unknown" },
    { "risk", AR_INT, 0, "1 to 5" },
    { "owner", AR_TEXT, 0, "who keeps the standard" },
    { "issued", AR_TIME, 0, "conditions on birth bind what is born after" },
    { "due", AR_TEXT, 0, "how long there is to get it right" },
    { "action", AR_TEXT, 0, "what gets it right" },
    { "template", AR_TEXT, 0, "what makes new ones right" },
    { "gates", AR_TEXT, 0, "what keeps them right" },
    { "waiver_max", AR_TEXT, 0, "how long a waiver may last; empty: there are none" },
    { "tests", AR_INT, 0, "rows of its own tests" },
    { "version", AR_INT, 0, "of its text; none before the first evaluation" },
    { "file", AR_TEXT, 0, "where it stands" },
    { "sql", AR_TEXT, 0, "the same for `aright query`: 0 out, 1 pass, 2 fail, 3 unknown" },
    { 0 },
};

static ar_str share_text(const ar_standard *s, ar_arena *arena)
{
    if (s->numerator == NULL) return (ar_str){ 0 };

    ar_str part = ar_standard_expr_text(s->numerator, arena);
    ar_str whole = ar_standard_expr_text(s->denominator, arena);

    return ar_arena_printf(arena, "%.*s / %.*s", AR_FMT(part), AR_FMT(whole));
}

static ar_str gates_text(const ar_standard *s, ar_arena *arena)
{
    ar_auto(ar_buf) out = { 0 };

    for (size_t i = 0; i < s->n_gates; i++)
        ar_buf_addf(&out, "%s%.*s", i > 0 ? ", " : "", AR_FMT(s->gates[i]));
    if (s->n_gates > 0)
        ar_buf_addf(&out, " (%.*s, on error %.*s)", AR_FMT(s->mode), AR_FMT(s->on_error));
    return ar_arena_copy(arena, ar_buf_str(&out));
}

static ar_str sql_text(ar_ctx *ctx, const ar_standard *s)
{
    ar_auto(ar_buf) out = { 0 };

    ar_buf_addz(&out, "SELECT a.\"id\", ");
    ar_standard_sql(s, AR_SQL_SHOWN, ctx->asof, !s->kind->view, ctx->arena, &out);
    ar_buf_addz(&out, " AS state\nFROM ");
    ar_sql_name(&out, s->kind->name);
    ar_buf_addz(&out, " a");
    return ar_arena_copy(ctx->arena, ar_buf_str(&out));
}

static ar_err version_of(ar_ctx *ctx, ar_str id, ar_value *out)
{
    ar_value arg = ar_text(id);

    return ar_engine_value(ctx->engine, AR_LIT("SELECT version FROM ar.standard WHERE id = $1"),
                           &arg, 1, ctx->arena, out);
}

static ar_err run_show(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_arena *arena = ctx->arena;
    ar_kinds kinds;
    ar_standards standards;
    const ar_standard *s;
    ar_value version;

    AR_TRY(load(ctx, &kinds, &standards));
    AR_TRY(ar_standards_find(&standards, ar_arg_text(args, "id"), &s));
    AR_TRY(version_of(ctx, s->id, &version));
    ar_value row[] = {
        ar_text(s->id),
        ar_textz(s->practice ? "practice" : "standard"),
        ar_text(s->title),
        ar_text(s->statement),
        ar_text(s->pillar),
        ar_text(s->kind->name),
        ar_text_or_null(ar_standard_expr_text(s->where, arena)),
        ar_text(ar_standard_expr_text(s->pass, arena)),
        ar_text_or_null(ar_standard_params_text(s, arena)),
        ar_text_or_null(share_text(s, arena)),
        ar_text(s->right),
        span(ctx, s->stale_after),
        ar_int(s->risk),
        ar_text(s->owner),
        s->has_issued ? ar_at(s->issued) : ar_null(),
        span(ctx, s->due),
        ar_text_or_null(s->action),
        ar_text_or_null(s->template),
        ar_text_or_null(gates_text(s, arena)),
        span(ctx, s->waiver_max),
        ar_int((int64_t)s->n_tests),
        version,
        ar_text(s->file),
        ar_arg_flag(args, "sql") ? ar_text(sql_text(ctx, s)) : ar_null(),
    };
    return ar_reply_row(reply, row, AR_COUNT(row));
}

/* ---- standard check, standard test ---- */

static const ar_column test_columns[] = {
    { "id", AR_TEXT, 0, "the standard" },
    { "rows", AR_INT, 0, "of its tests" },
    { "right", AR_INT, 0, "of them judged as they say, by the evaluator, as SQL and in a scan" },
    { 0 },
};

static ar_err open_scans(ar_ctx *ctx, ar_engine **out_engine, ar_scans *out_scans)
{
    ar_engine_options options = { .threads = 1,
                                  .memory_bytes = ar_config_memory(&ctx->place->config, 10) };

    AR_TRY(ar_engine_open(&options, out_engine));
    AR_TRY(ar_expr_opened(*out_engine));
    return ar_scans_open(*out_engine, ctx->arena, out_scans);
}

static ar_err test_one(ar_ctx *ctx, const ar_standard *s, ar_scans *scans, ar_reply *reply,
                       int64_t *wrong)
{
    ar_standard_result *results;
    int64_t right = 0;

    AR_TRY_WITH(ar_standard_run_tests(s, scans, ctx->arena, &results), "%.*s", AR_FMT(s->id));
    for (size_t i = 0; i < s->n_tests; i++) {
        const ar_standard_result *r = &results[i];

        if (ar_standard_result_ok(r)) {
            right++;
            continue;
        }
        ar_reply_note(
            reply, "%.*s:%u: the row under '%s' is %s by the evaluator, %s as SQL, %s in a scan.",
            AR_FMT(s->file), r->test->row->line, ar_state_name(r->test->want),
            ar_state_name(r->row), ar_state_name(r->sql), ar_state_name(r->scan));
    }
    *wrong += (int64_t)s->n_tests - right;
    return ar_reply_row(
        reply, (ar_value[]){ ar_text(s->id), ar_int((int64_t)s->n_tests), ar_int(right) }, 3);
}

static ar_err say_wrong(int64_t wrong, size_t n_bad)
{
    if (n_bad > 0)
        return ar_fail(AR_INVALID, "%zu standard%s cannot be read", n_bad, n_bad == 1 ? "" : "s");
    if (wrong == 0) return ar_ok();
    return ar_fail(AR_INVALID, "%lld test row%s judged otherwise than said", (long long)wrong,
                   wrong == 1 ? " is" : "s are");
}

static ar_err run_check(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_str name = ar_arg_text(args, "file"), text;
    ar_own(ar_engine) engine = NULL;
    ar_scans scans;
    ar_kinds kinds;
    ar_standard s;
    int64_t wrong = 0;

    AR_TRY(ar_kinds_load(ctx->place, ctx->arena, &kinds));
    AR_TRY(ar_fd_read_all(ar_arg_fd(args, "file"), name, AR_STANDARD_BYTES_MAX, ctx->arena, &text));
    AR_TRY(ar_standard_parse(name, (ar_str){ 0 }, text, &kinds, ctx->arena, &s));
    AR_TRY(open_scans(ctx, &engine, &scans));
    AR_TRY(test_one(ctx, &s, &scans, reply, &wrong));
    return say_wrong(wrong, 0);
}

static ar_err run_test(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_own(ar_engine) engine = NULL;
    ar_scans scans;
    ar_kinds kinds;
    ar_standards standards;
    const ar_standard *only = NULL;
    int64_t wrong = 0;

    AR_TRY(load(ctx, &kinds, &standards));
    if (ar_arg_has(args, "id"))
        AR_TRY(ar_standards_find(&standards, ar_arg_text(args, "id"), &only));
    AR_TRY(open_scans(ctx, &engine, &scans));
    for (size_t i = 0; i < standards.n; i++) {
        const ar_standard *s = &standards.list[i];

        if (only != NULL && only != s) continue;
        ar_reply_progress(reply, "testing standards", (int64_t)i, (int64_t)standards.n);
        AR_TRY(test_one(ctx, s, &scans, reply, &wrong));
    }
    if (only != NULL) return say_wrong(wrong, 0);
    note_bad(&standards, "cannot be read", reply);
    return say_wrong(wrong, standards.n_bad);
}

/* ---- status ---- */

ar_err ar_standard_status(ar_ctx *ctx, ar_reply *reply)
{
    ar_kinds kinds;
    ar_standards standards;
    ar_err err = load(ctx, &kinds, &standards);

    if (err.code != AR_OK) return ar_status_fact(reply, "estate", "kinds", ar_err_text(err), false);
    for (size_t i = 0; i < standards.n_bad; i++) {
        ar_str name = ar_arena_printf(ctx->arena, "standard %.*s", AR_FMT(standards.bad[i].name));

        AR_TRY(ar_status_fact(reply, "estate", name.ptr, standards.bad[i].error, false));
    }
    return ar_ok();
}

/* ---- evaluate ---- */

static const ar_column evaluate_columns[] = {
    { "kind", AR_TEXT, 0, "what was judged" },
    { "standards", AR_INT, 0, "that judge it, practices too" },
    { "assets", AR_INT, 0, "that were looked at" },
    { "pass", AR_INT, 0, "verdicts: right" },
    { "fail", AR_INT, 0, "verdicts: wrong" },
    { "unknown", AR_INT, 0, "verdicts: not known well enough to say" },
    { "opened", AR_INT, 0, "findings that opened" },
    { "closed", AR_INT, 0, "findings that closed" },
    { 0 },
};

static void tell(void *self, const ar_kind *kind, size_t done, size_t total)
{
    (void)kind;
    ar_reply_progress(self, "judging", (int64_t)done, (int64_t)total);
}

static ar_err reply_evaluated(const ar_evaluation *e, ar_reply *reply)
{
    for (size_t i = 0; i < e->n; i++) {
        const ar_evaluated *k = &e->kinds[i];

        if (k->assets == 0 && k->closed == 0) continue;
        AR_TRY(
            ar_reply_row(reply,
                         (ar_value[]){ ar_text(k->kind->name), ar_int(k->standards),
                                       ar_int(k->assets), ar_int(k->pass), ar_int(k->fail),
                                       ar_int(k->unknown), ar_int(k->opened), ar_int(k->closed) },
                         8));
    }
    return ar_ok();
}

static ar_err run_evaluate(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_kinds kinds;
    ar_standards standards;
    ar_evaluation e;
    char asof[AR_TIME_LEN], last[AR_TIME_LEN];

    (void)args;
    AR_TRY(load(ctx, &kinds, &standards));
    if (ctx->hooks != NULL && ctx->hooks->judging != NULL) AR_TRY(ctx->hooks->judging(ctx));
    AR_TRY(ar_evaluate(ctx->engine, &kinds, &standards, ctx->now, ctx->asof, tell, reply,
                       ctx->arena, &e));
    AR_TRY(reply_evaluated(&e, reply));
    note_bad(&standards, "was not judged, and what was judged of it last stands", reply);
    ar_audit_add(ctx, "asof", ar_at(ctx->asof));
    ar_audit_add(ctx, "evaluation", ar_int(e.id));
    if (e.id == 0 && ctx->asof > ctx->now)
        ar_reply_note(reply, "Nothing was stored: %s is yet to come.",
                      ar_time_print(ar_time_to_second(ctx->asof), asof));
    else if (e.id == 0)
        ar_reply_note(reply, "Nothing was stored: %s is before the last evaluation, as of %s.",
                      ar_time_print(ar_time_to_second(ctx->asof), asof),
                      ar_time_print(ar_time_to_second(e.last), last));
    return ar_ok();
}

/* ---- the rows ---- */

static const ar_param one_standard[] = {
    { "id", AR_PARAM_TEXT, AR_POSITIONAL, "the standard; all when not given", NULL },
    { 0 },
};
static const ar_param show_params[] = {
    { "id", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "the standard", NULL },
    { "sql", AR_PARAM_FLAG, 0, "also the SQL that judges the same, for `aright query`", NULL },
    { 0 },
};
static const ar_param check_params[] = {
    { "file", AR_PARAM_FILE, AR_REQUIRED | AR_POSITIONAL, "the standard's file", NULL },
    { 0 },
};
static const ar_param explain_params[] = {
    { "finding", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "STANDARD/KIND:ID, passing or not",
      NULL },
    { 0 },
};
static const ar_param grant_params[] = {
    { "finding", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "what is allowed, STANDARD/KIND:ID",
      NULL },
    { "until", AR_PARAM_TIME, AR_REQUIRED, "through when it holds", NULL },
    { "reason", AR_PARAM_TEXT, AR_REQUIRED, "why, in 10 to 400 characters", NULL },
    { "compensating", AR_PARAM_TEXT, 0, "what lowers the risk in the meantime", NULL },
    { 0 },
};
static const ar_param waiver_list_params[] = {
    { "all", AR_PARAM_FLAG, 0, "also those that are over", NULL },
    { 0 },
};
static const ar_param end_params[] = {
    { "id", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "the waiver, W-NUMBER", NULL },
    { "reason", AR_PARAM_TEXT, AR_REQUIRED, "why, in 10 to 400 characters", NULL },
    { 0 },
};

const ar_op ar_standard_ops[] = {
    { .name = "standard.list",
      .help = "list the standards and practices",
      .example = "aright standard list",
      .grant = "standard.read",
      .columns = list_columns,
      .run = run_list },
    { .name = "standard.show",
      .help = "show one standard",
      .example = "aright standard show TN-3 --sql",
      .shape = AR_SHAPE_RECORD,
      .grant = "standard.read",
      .params = show_params,
      .columns = show_columns,
      .run = run_show },
    { .name = "standard.check",
      .help = "check a standard's file and run its tests",
      .example = "aright standard check OWN-1.yaml",
      .more = "Reads the file, checks every key, type and expression, and judges the rows under "
              "tests in three ways: by the evaluator, as SQL, and in a scan as evaluate does.",
      .runs_in = AR_IN_DOOR,
      .grant = "standard.read",
      .params = check_params,
      .columns = test_columns,
      .run = run_check },
    { .name = "standard.test",
      .help = "run the tests that the standards carry",
      .example = "aright standard test TN-3",
      .runs_in = AR_IN_DOOR,
      .grant = "standard.read",
      .params = one_standard,
      .columns = test_columns,
      .run = run_test },
    { .name = "evaluate",
      .help = "judge the estate by all standards",
      .more = "Each asset comes to pass, fail, unknown or out of scope under each standard of its "
              "kind. What changed since the last evaluation opens and closes findings. With --asof "
              "before the last evaluation, or in the future, nothing is stored.",
      .example = "aright evaluate",
      .effect = AR_CHANGES,
      .judges = true,
      .grant = "standard.evaluate",
      .event = "standard.evaluated",
      .columns = evaluate_columns,
      .run = run_evaluate },
    { .name = "score",
      .help = "show how much of the scope is right",
      .more = "A share is pass divided by scope; unknown and waived stay in the scope, so nothing "
              "but what is so lifts it. Where nothing is in scope there is no share. With --by "
              "owner, team, division or domain each asset counts in one row, so the rows sum to "
              "the whole; with --owner, to what that person, team or division answers for, "
              "themselves and through those below.",
      .example = "aright score --by pillar",
      .grant = "standard.read",
      .params = ar_score_params,
      .run = ar_score_run },
    { .name = "finding.list",
      .help = "list what does not meet a standard, the worst first",
      .example = "aright finding list --state fail",
      .grant = "finding.read",
      .params = ar_finding_list_params,
      .columns = ar_finding_list_columns,
      .run = ar_finding_list },
    { .name = "finding.explain",
      .help = "say why an asset meets a standard or not",
      .example = "aright finding explain TN-3/app:payroll",
      .shape = AR_SHAPE_RECORD,
      .grant = "finding.read",
      .params = explain_params,
      .columns = ar_explain_columns,
      .run = ar_explain_run },
    { .name = "waiver.grant",
      .help = "allow one asset to miss one standard for a while",
      .more = "The one who grants is the approver, and must be accountable for the asset's domain: "
              "its Deputy CISO; if that one has left or owns the asset, whom they report to. While "
              "no domain has a Deputy CISO, anybody may who is neither the asset's owner nor of "
              "the team or division that owns it. A waiver always ends; the standard says how long "
              "one may last.",
      .example = "aright waiver grant TN-3/app:payroll --until +30d --reason 'replaced in May'",
      .effect = AR_CHANGES,
      .grant = "waiver.grant",
      .event = "waiver.granted",
      .params = grant_params,
      .columns = ar_waiver_columns,
      .run = ar_waiver_run_grant },
    { .name = "waiver.list",
      .help = "list the waivers in force, soonest to end first",
      .none = "There is no such waiver.",
      .example = "aright waiver list --all",
      .grant = "waiver.read",
      .params = waiver_list_params,
      .columns = ar_waiver_columns,
      .run = ar_waiver_run_list },
    { .name = "waiver.end",
      .help = "end a waiver before its time",
      .example = "aright waiver end W-1 --reason 'it was replaced'",
      .effect = AR_CHANGES,
      .grant = "waiver.end",
      .event = "waiver.ended",
      .params = end_params,
      .columns = ar_waiver_columns,
      .run = ar_waiver_run_end },
    { 0 },
};
