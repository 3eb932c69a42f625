#include "gate/promote.h"

#include "form/json.h"
#include "form/yaml.h"
#include "op/reply.h"
#include "standard/tests.h"
#include "sys/file.h"

enum { DAYS = 30, DAYS_MAX = 366, REASON_MIN = 10, REASON_MAX = 400 };

const ar_migration ar_promote_migrations[] = {
    { 463, "what became of standards, by whom and why",
      "CREATE TABLE ar.standard_step (standard_id VARCHAR, was VARCHAR, now VARCHAR,"
      " reason VARCHAR, who VARCHAR, stepped_at TIMESTAMP);" },
    { 0 },
};

static ar_err take_reason(const ar_args *args, ar_str *out_reason)
{
    *out_reason = ar_str_trim(ar_arg_text(args, "reason"));
    if (out_reason->len < REASON_MIN || out_reason->len > REASON_MAX)
        return ar_fail(AR_INVALID, "--reason has %zu characters; want %d to %d", out_reason->len,
                       REASON_MIN, REASON_MAX);
    return ar_ok();
}

static ar_err find(ar_ctx *ctx, ar_str id, const ar_standard **out_one)
{
    ar_standards *standards = ar_make(ctx->arena, ar_standards);
    ar_kinds *kinds = ar_make(ctx->arena, ar_kinds);

    AR_TRY(ar_kinds_load(ctx->place, ctx->arena, kinds));
    AR_TRY(ar_standards_load(ctx->place, kinds, ctx->arena, standards));
    return ar_standards_find(standards, id, out_one);
}

/* ---- the home's own file ---- */

static ar_err read_text(ar_ctx *ctx, const ar_standard *s, ar_str *out_text)
{
    return ar_file_read(ar_arena_cstr(ctx->arena, s->file), AR_STANDARD_BYTES_MAX, ctx->arena,
                        out_text);
}

/* What is written is what would be read. */
static ar_err write_own(ar_ctx *ctx, ar_str id, ar_str text, const char **out_path)
{
    const char *folder = ar_path_join(ctx->arena, ctx->place->home, "standards");
    ar_str name = ar_arena_printf(ctx->arena, "%.*s.yaml", AR_FMT(id));
    const char *path = ar_path_join(ctx->arena, folder, name.ptr);
    ar_standard read;
    ar_kinds kinds;

    AR_TRY(ar_kinds_load(ctx->place, ctx->arena, &kinds));
    AR_TRY(ar_standard_parse(ar_str_of(path), id, text, &kinds, ctx->arena, &read));
    AR_TRY(ar_dir_make(folder, 0700));
    AR_TRY(ar_file_write(path, text, 0600));
    *out_path = path;
    return ar_ok();
}

static ar_err keep_step(ar_ctx *ctx, const ar_standard *s, const char *was, ar_str now,
                        ar_str reason)
{
    ar_value row[] = { ar_text(s->id),  ar_textz(was),           ar_text(now),
                       ar_text(reason), ar_text(ctx->who->name), ar_at(ctx->now) };

    ar_audit_add(ctx, "standard", row[0]);
    ar_audit_add(ctx, "was", row[1]);
    ar_audit_add(ctx, "now", row[2]);
    ar_audit_add(ctx, "reason", row[3]);
    return ar_engine_run(ctx->engine,
                         AR_LIT("INSERT INTO ar.standard_step VALUES ($1, $2, $3, $4, $5, $6)"),
                         row, AR_COUNT(row), NULL);
}

/* ---- standard promote ---- */

static const ar_param promote_params[] = {
    { "id", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "the standard", NULL },
    { "to", AR_PARAM_TEXT, AR_REQUIRED, "what it does at its gates from now on",
      "audit warn deny" },
    { "reason", AR_PARAM_TEXT, 0, "why now; required but with --dry-run", NULL },
    { "days", AR_PARAM_INT, 0, "how far back its decisions are shown; 30 when not given", NULL },
    { "dry_run", AR_PARAM_FLAG, 0, "only show what it would have denied", NULL },
    { 0 },
};

static const ar_column promote_columns[] = {
    { "standard", AR_TEXT, 0, "the standard" },
    { "was", AR_TEXT, 0, "what it did at its gates" },
    { "now", AR_TEXT, 0, "what it does" },
    { "decisions", AR_INT, 0, "in which it had a say in that time" },
    { "missed", AR_INT, 0, "of them that missed it, and would be denied under deny" },
    { "denied", AR_INT, 0, "of them that were denied" },
    { "right", AR_INT, 0, "of the missed that people called right" },
    { "wrong", AR_INT, 0, "of the missed that people called wrong" },
    { "file", AR_TEXT, AR_COLUMN_QUIET, "where it stands from now on" },
    { 0 },
};

/* $1 the standard, $2 since when, $3 whether what cannot be told is denied. */
static const char history_sql[] =
    "SELECT count(*), count(*) FILTER (missed), count(*) FILTER (effect = 'deny'),"
    " count(*) FILTER (missed AND was_right), count(*) FILTER (missed AND NOT was_right) FROM"
    " (SELECT split_part(v, ':', 3) AS effect, d.was_right, split_part(v, ':', 2) = 'fail'"
    "  OR ($3 AND split_part(v, ':', 2) = 'unknown') AS missed FROM ar.gate_decision d,"
    "  unnest(string_split(d.verdicts, ' ')) u(v) WHERE d.decided_at > $2"
    "  AND split_part(v, ':', 1) = $1)";

enum { DECISIONS, MISSED, DENIED, RIGHT, WRONG, HISTORY };

static ar_err read_history(ar_ctx *ctx, const ar_standard *s, int64_t days, ar_value *out)
{
    ar_value args[] = { ar_text(s->id), ar_at(ctx->now - days * AR_DAY),
                        ar_bool(!ar_str_eq(s->on_error, AR_LIT("open"))) };
    ar_own(ar_rows) rows = NULL;

    AR_TRY(ar_engine_query(ctx->engine, ar_str_of(history_sql), args, AR_COUNT(args), &rows));
    if (!ar_rows_next(rows)) return ar_ok();
    for (size_t i = 0; i < HISTORY; i++) out[i] = ar_rows_get(rows, i);
    return ar_ok();
}

/* The rows of its own tests are judged as they say. */
static ar_err check_tests(ar_ctx *ctx, const ar_standard *s)
{
    ar_engine_options options = { .threads = 1,
                                  .memory_bytes = ar_config_memory(&ctx->place->config, 10) };
    ar_own(ar_engine) engine = NULL;
    ar_standard_result *results;
    ar_scans scans;
    size_t wrong = 0;

    AR_TRY(ar_engine_open(&options, &engine));
    AR_TRY(ar_expr_opened(engine));
    AR_TRY(ar_scans_open(engine, ctx->arena, &scans));
    AR_TRY_WITH(ar_standard_run_tests(s, &scans, ctx->arena, &results), "%.*s", AR_FMT(s->id));
    for (size_t i = 0; i < s->n_tests; i++) wrong += !ar_standard_result_ok(&results[i]);
    if (wrong == 0) return ar_ok();
    return ar_fail(AR_CONFLICT,
                   "%zu of its %zu test rows %s judged otherwise than said, and it stays as it is; "
                   "`aright standard test %.*s` names them",
                   wrong, s->n_tests, wrong == 1 ? "is" : "are", AR_FMT(s->id));
}

static ar_err check_step(const ar_standard *s, ar_str to)
{
    if (s->mode.len == 0)
        return ar_fail(AR_CONFLICT, "%.*s names no gate under 'stay'; there is nothing to promote",
                       AR_FMT(s->id));
    if (ar_str_eq(s->mode, to))
        return ar_fail(AR_CONFLICT, "%.*s does that already: %.*s", AR_FMT(s->id), AR_FMT(to));
    return ar_ok();
}

/* The file's text with another word for the mode. */
static ar_err with_mode(ar_ctx *ctx, const ar_standard *s, ar_str to, ar_str *out_text)
{
    ar_auto(ar_buf) out = { 0 };
    const ar_node *mode;
    ar_node *root;
    ar_str text;
    size_t at = 0;

    AR_TRY(read_text(ctx, s, &text));
    AR_TRY(ar_yaml_parse(s->file, text, NULL, ctx->arena, &root));
    mode = ar_node_at(root, AR_LIT("stay.mode"));
    for (uint32_t line = 1; line < mode->line; line++)
        at += ar_str_find(ar_str_cut(text, at, text.len), '\n') + 1;
    at += mode->column - 1;
    if (!ar_str_starts(ar_str_cut(text, at, text.len), mode->text))
        return ar_node_fail(s->file, mode, "want the mode as a plain word, without quotes");
    ar_buf_add(&out, ar_str_cut(text, 0, at));
    ar_buf_add(&out, to);
    ar_buf_add(&out, ar_str_cut(text, at + mode->text.len, text.len));
    *out_text = ar_arena_copy(ctx->arena, ar_buf_str(&out));
    return ar_ok();
}

static void note_history(const ar_value *history, int64_t days, ar_str to, ar_reply *reply)
{
    if (ar_str_eq(to, AR_LIT("audit"))) return;
    if (history[DECISIONS].i == 0)
        ar_reply_note(reply,
                      "No gate asked it in the last %lld days: nobody knows what it would deny.",
                      (long long)days);
    else if (ar_str_eq(to, AR_LIT("deny")))
        ar_reply_note(reply,
                      "In the last %lld days it would have denied %lld of %lld; people called %lld "
                      "of those right and %lld wrong (`aright gate answer G-12 yes|no`).",
                      (long long)days, (long long)history[MISSED].i,
                      (long long)history[DECISIONS].i, (long long)history[RIGHT].i,
                      (long long)history[WRONG].i);
}

static ar_err run_promote(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_str id = ar_arg_text(args, "id"), to = ar_arg_text(args, "to"), reason, text;
    int64_t days = ar_arg_int(args, "days", DAYS);
    ar_value history[HISTORY] = { 0 };
    const char *path = NULL;
    const ar_standard *s;

    if (days < 1 || days > DAYS_MAX)
        return ar_fail(AR_LIMIT, "--days is %lld; want 1 to %d", (long long)days, DAYS_MAX);
    AR_TRY(find(ctx, id, &s));
    AR_TRY(check_step(s, to));
    AR_TRY(check_tests(ctx, s));
    AR_TRY(read_history(ctx, s, days, history));
    if (!ar_arg_flag(args, "dry_run")) {
        AR_TRY(take_reason(args, &reason));
        AR_TRY(with_mode(ctx, s, to, &text));
        AR_TRY(keep_step(ctx, s, ar_arena_cstr(ctx->arena, s->mode), to, reason));
        AR_TRY(write_own(ctx, id, text, &path));
    }
    ar_value row[] = {
        ar_text(id),        ar_text(s->mode), path == NULL ? ar_text(s->mode) : ar_text(to),
        history[DECISIONS], history[MISSED],  history[DENIED],
        history[RIGHT],     history[WRONG],   path == NULL ? ar_text(s->file) : ar_textz(path)
    };
    AR_TRY(ar_reply_row(reply, row, AR_COUNT(row)));
    note_history(history, days, to, reply);
    return ar_ok();
}

/* ---- standard retire ---- */

static const ar_param retire_params[] = {
    { "id", AR_PARAM_TEXT, AR_REQUIRED | AR_POSITIONAL, "the standard", NULL },
    { "reason", AR_PARAM_TEXT, AR_REQUIRED, "why nobody has to meet it any more", NULL },
    { 0 },
};

static const ar_column retire_columns[] = {
    { "standard", AR_TEXT, 0, "the standard" },
    { "open", AR_INT, 0, "findings that close with the next evaluation" },
    { "file", AR_TEXT, 0, "what says so; without it the shipped one holds again" },
    { 0 },
};

static ar_err run_retire(ar_ctx *ctx, const ar_args *args, ar_reply *reply)
{
    ar_value id = ar_text(ar_arg_text(args, "id")), open;
    ar_auto(ar_buf) out = { 0 };
    const ar_standard *s;
    const char *path;
    ar_str reason, text;
    char at[AR_TIME_LEN];

    AR_TRY(take_reason(args, &reason));
    AR_TRY(find(ctx, id.s, &s));
    AR_TRY(read_text(ctx, s, &text));
    ar_buf_add(&out, text);
    ar_buf_addf(&out,
                "%sretired: {at: %.10s, because: ", ar_str_ends(text, AR_LIT("\n")) ? "" : "\n",
                ar_time_print(ctx->now, at));
    ar_json_text(&out, reason);
    ar_buf_addz(&out, "}\n");
    AR_TRY(ar_engine_value(ctx->engine,
                           AR_LIT("SELECT count(*) FROM ar.open_finding WHERE standard_id = $1"),
                           &id, 1, ctx->arena, &open));
    AR_TRY(keep_step(ctx, s, s->mode.len > 0 ? ar_arena_cstr(ctx->arena, s->mode) : "judged",
                     AR_LIT("retired"), reason));
    AR_TRY(write_own(ctx, id.s, ar_buf_str(&out), &path));
    AR_TRY(ar_reply_row(reply, (ar_value[]){ id, open, ar_textz(path) }, 3));
    ar_reply_note(reply, "The next evaluation closes them as standard_removed; a bridge tells what "
                         "it counted as 'new version', and sums.");
    return ar_ok();
}

/* ---- the rows ---- */

const ar_op ar_promote_ops[] = {
    { .name = "standard.promote",
      .help = "change what a standard does at its gates: audit, warn or deny",
      .more = "Shows what it would have denied, and what people said of that. A standard whose own "
              "test rows are judged otherwise than said is not promoted. The home gets a file of "
              "its own in place of the shipped one, with the text of today; what it judges is the "
              "same version.",
      .effect = AR_CHANGES,
      .grant = "standard.promote",
      .event = "standard.promoted",
      .params = promote_params,
      .columns = promote_columns,
      .run = run_promote },
    { .name = "standard.retire",
      .help = "end a standard: nobody has to meet it any more",
      .more = "The home gets a file of its own that says so, with the reason; its history stays.",
      .effect = AR_CHANGES,
      .grant = "standard.retire",
      .event = "standard.retired",
      .params = retire_params,
      .columns = retire_columns,
      .run = run_retire },
    { 0 },
};
